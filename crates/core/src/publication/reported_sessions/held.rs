//! Senders that still go by a policy that was replaced: the policy in their reports, compared with
//! those that were published.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::TlsReports;
use crate::publication::history::History;
use crate::text::date_style::day;
use crate::text::escape::escaped;
use crate::text::policy::{Mode, Policy};
use crate::text::tls_report::{PolicyType, ReportedPolicy, TlsReport};

/// A sender that still goes by a policy that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldPolicy {
    /// What the sender calls itself, as it wrote it.
    pub organization: String,
    /// The mode of that policy.
    pub mode: Mode,
    /// When it was replaced.
    #[serde(with = "time::serde::rfc3339")]
    pub replaced_at: OffsetDateTime,
    /// The end of the last report that shows it.
    #[serde(with = "time::serde::rfc3339")]
    pub reported_until: OffsetDateTime,
    /// Until when the sender may go by it (RFC 8461 3.2).
    #[serde(with = "time::serde::rfc3339")]
    pub held_until: OffsetDateTime,
}

impl HeldPolicy {
    /// In a sentence. Safe to show.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!(
            "{} still uses the policy in {} mode that was replaced on {}, as of its report of {}. It may \
             use it until {}.",
            escaped(&self.organization, 100),
            self.mode,
            day(self.replaced_at),
            day(self.reported_until),
            day(self.held_until)
        )
    }
}

impl TlsReports {
    /// The senders whose last report about a domain, given as A-labels in lower case, shows a policy
    /// that was replaced before the time of that report; by name. A policy that was never seen
    /// published is left out.
    #[must_use]
    pub fn older_policies(&self, domain: &str, history: &History) -> Vec<HeldPolicy> {
        let replaced = history.replaced_policies();
        let is_about = |policy: &&ReportedPolicy| {
            policy.domain == domain && policy.policy_type == PolicyType::Sts
        };
        let mut last: BTreeMap<&str, &TlsReport> = BTreeMap::new();
        for report in &self.reports {
            if report.policies.iter().any(|it| is_about(&it)) {
                let known = last.entry(&report.organization).or_insert(report);
                if report.end > known.end {
                    *known = report;
                }
            }
        }
        let held = last.into_values().filter_map(|report| {
            let (begin, end) = (report.begin?, report.end?);
            let mut policies = report.policies.iter().filter(is_about);
            policies.find_map(|reported| {
                let of_report = |(policy, at): &&(Policy, OffsetDateTime)| {
                    *at <= begin && is_same(reported, policy)
                };
                let (policy, replaced_at) = replaced.iter().find(of_report)?;
                let max_age = Duration::seconds(policy.max_age().secs().into());
                Some(HeldPolicy {
                    organization: report.organization.clone(),
                    mode: policy.mode(),
                    replaced_at: *replaced_at,
                    reported_until: end,
                    held_until: replaced_at.saturating_add(max_age),
                })
            })
        });
        held.collect()
    }
}

/// Whether a sender went by this policy. Senders write its lines in any order.
fn is_same(reported: &ReportedPolicy, policy: &Policy) -> bool {
    let mx: BTreeSet<String> = reported
        .mx()
        .iter()
        .map(|it| it.to_ascii_lowercase())
        .collect();
    let known: BTreeSet<String> = policy.mx().iter().map(ToString::to_string).collect();
    reported.mode() == Some(policy.mode())
        && reported.max_age() == Some(policy.max_age().secs())
        && mx == known
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::facts::KnownPolicy;

    fn history() -> History {
        let mut history = History::default();
        let mut seen = |at, mode: &str| {
            let text =
                format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: 604800\n");
            history.note_policy(&KnownPolicy {
                at,
                id: Some(mode.into()),
                text,
            });
        };
        seen(datetime!(2026-11-01 0:00 UTC), "testing");
        seen(datetime!(2026-11-10 0:00 UTC), "enforce");
        history
    }

    fn report(organization: &str, day: u8, mode: &str) -> TlsReport {
        let text = format!(
            r#"{{ "organization-name": "{organization}", "report-id": "{organization}{day}",
                  "date-range": {{ "start-datetime": "2026-11-{day:02}T00:00:00Z",
                                   "end-datetime": "2026-11-{day:02}T23:59:59Z" }},
                  "policies": [ {{
                    "policy": {{ "policy-type": "sts", "policy-domain": "example.com",
                      "policy-string": ["version: STSv1", "mode: {mode}", "max_age: 604800",
                                        "mx: MX.example.com"] }},
                    "summary": {{ "total-successful-session-count": 4 }} }} ] }}"#
        );
        TlsReport::read(text.as_bytes()).unwrap()
    }

    fn held(reports: &[TlsReport]) -> Vec<HeldPolicy> {
        TlsReports::from(reports.to_vec()).older_policies("example.com", &history())
    }

    #[test]
    fn a_sender_that_reports_a_replaced_policy_holds_it() {
        let held = held(&[report("Old", 12, "testing"), report("New", 12, "enforce")]);
        let [old] = &held[..] else { panic!("{held:?}") };
        assert_eq!(old.organization, "Old");
        assert_eq!(
            old.in_words(),
            "Old still uses the policy in testing mode that was replaced on 10 November 2026, as of its \
             report of 12 November 2026. It may use it until 17 November 2026."
        );
    }

    #[test]
    fn the_last_report_of_a_sender_counts_and_one_of_before_the_change_does_not() {
        assert_eq!(held(&[report("A", 9, "testing")]), []);
        assert_eq!(
            held(&[report("A", 12, "testing"), report("A", 13, "enforce")]),
            []
        );
        let back = [report("A", 13, "testing"), report("A", 12, "enforce")];
        assert_eq!(held(&back).len(), 1);
    }
}
