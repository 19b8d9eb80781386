//! What the TLS reports of all senders together say of a domain: what failed, why, and whether
//! enforce mode would have held back any mail.

mod advice;
mod held;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

pub use held::HeldPolicy;
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};

use crate::report::Headline;
use crate::rules::finding::Severity;
use crate::text::date_style::day;
use crate::text::escape::escaped;
use crate::text::tls_report::{
    FailureResult, PolicyType, ReportedFailure, ReportedPolicy, TlsReport,
};

/// How long reports must be without a failure. RFC 8461 gives no number; in two weeks every
/// regular sender is seen once.
const WEEKS_OF_PROOF: i64 = 2;
/// So many days are shown one by one.
const DAYS_SHOWN: i64 = 30;
/// After so many days without a report, something is wrong with the reports themselves (RFC 8460
/// 4.2.1: they are sent daily, failures or not).
const DAYS_OF_SILENCE: i64 = 7;
/// The most senders, addresses or patterns that a sentence names.
const MAX_NAMES: usize = 5;
/// The most reasons that a sentence names.
const MAX_REASONS: usize = 20;

/// Reports, each once.
///
/// ```
/// use mta_sts_core::{EnforceProof, TlsReport, TlsReports};
///
/// let report = TlsReport::read(
///     br#"{ "organization-name": "Sender", "report-id": "7",
///           "date-range": { "start-datetime": "2026-11-23T00:00:00Z",
///                           "end-datetime": "2026-11-23T23:59:59Z" },
///           "policies": [ {
///             "policy": { "policy-type": "sts", "policy-domain": "example.com" },
///             "summary": { "total-successful-session-count": 40 } } ] }"#,
/// )?;
/// let mut reports = TlsReports::default();
/// assert!(reports.add(report.clone()));
/// assert!(!reports.add(report), "a copy");
///
/// let now = time::macros::datetime!(2026-11-24 12:00 UTC);
/// let sessions = reports.sessions_of("example.com", now);
/// assert_eq!(sessions.successful, 40);
/// assert_eq!(sessions.proof, EnforceProof::TooEarly);
/// # Ok::<(), mta_sts_core::TlsReportError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<TlsReport>", into = "Vec<TlsReport>")]
pub struct TlsReports {
    reports: Vec<TlsReport>,
    /// Organization and id of each report that has an id.
    known: HashSet<(String, String)>,
}

/// What senders report of the sessions with the mail servers of one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedSessions {
    /// The domain, as A-labels in lower case; empty where reports name none.
    pub domain: String,
    /// Whether enforce mode is safe, as far as reports can tell.
    pub proof: EnforceProof,
    /// When the first reported time began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub begin: Option<OffsetDateTime>,
    /// When the last one ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub end: Option<OffsetDateTime>,
    /// Days up to the last one without a failed session.
    pub days_without_failure: i64,
    /// Sessions, not messages, that were negotiated well.
    pub successful: u64,
    /// Sessions that were not.
    pub failed: u64,
    /// The last 30 days of which reports tell, the oldest first; every day once.
    #[serde(skip)]
    pub days: Vec<ReportedDay>,
    /// Who reports, the busiest first.
    pub senders: Vec<ReportingSender>,
    /// What failed, the most frequent first.
    pub failures: Vec<SessionFailures>,
    /// Who still goes by a policy that was replaced: [`TlsReports::older_policies`].
    pub older_policies: Vec<HeldPolicy>,
}

/// Whether reports show that enforce mode is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnforceProof {
    /// No report says anything of the domain.
    NoReports,
    /// Sessions are reported, and no sender has applied an MTA-STS policy to one.
    PolicyNotSeen,
    /// Sessions failed in the last two weeks that are reported.
    Failing,
    /// The policy could not be used in that time: nothing is held back, and nothing protected.
    PolicyNotUsed,
    /// The last report is more than a week old.
    Silent,
    /// No failure, for less than two weeks.
    TooEarly,
    /// No failure for two weeks.
    Safe,
}

/// The sessions of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedDay {
    /// The day, in UTC.
    pub on: Date,
    /// Sessions that were negotiated well.
    pub successful: u64,
    /// Sessions that were not.
    pub failed: u64,
}

/// A sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportingSender {
    /// What it calls itself.
    pub organization: String,
    /// Reports of it.
    pub reports: u64,
    /// Sessions that were negotiated well.
    pub successful: u64,
    /// Sessions that were not.
    pub failed: u64,
}

/// Failures of one kind with one MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionFailures {
    /// Of which kind.
    pub result: FailureResult,
    /// What was met, in a sentence without its full stop.
    pub title: &'static str,
    /// What to do, with the names of the domain; escaped.
    pub advice: String,
    /// The host, where senders name one.
    pub mx: Option<String>,
    /// The `mx` patterns of the policy that a sender used, as in the newest report, where none of
    /// them covers the host.
    pub policy_mx: Vec<String>,
    /// Failed sessions. Kinds can overlap: they need not add up to the whole (RFC 8460 4.4).
    pub sessions: u64,
    /// When it was reported last; the end of that report.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last: Option<OffsetDateTime>,
    /// The addresses of the host, as senders wrote them.
    pub addresses: BTreeSet<String>,
    /// Who met it.
    pub senders: BTreeSet<String>,
    /// What senders add, as they wrote it.
    pub reasons: BTreeSet<String>,
}

impl IntoIterator for TlsReports {
    type Item = TlsReport;
    type IntoIter = std::vec::IntoIter<TlsReport>;

    fn into_iter(self) -> Self::IntoIter {
        self.reports.into_iter()
    }
}

impl From<Vec<TlsReport>> for TlsReports {
    fn from(reports: Vec<TlsReport>) -> Self {
        let known = reports.iter().filter_map(identity).collect();
        Self { reports, known }
    }
}

impl From<TlsReports> for Vec<TlsReport> {
    fn from(reports: TlsReports) -> Self {
        reports.reports
    }
}

/// What copies of a report have in common (RFC 8460 5.3). A report without an id has no copies.
fn identity(report: &TlsReport) -> Option<(String, String)> {
    let id = &report.report_id;
    (!id.is_empty()).then(|| (report.organization.clone(), id.clone()))
}

impl TlsReports {
    /// Adds a report, unless it is a copy: senders repeat what they could not deliver (RFC 8460
    /// 5.3). A report without an id has no copies. Says whether it was added.
    pub fn add(&mut self, report: TlsReport) -> bool {
        if identity(&report).is_some_and(|identity| !self.known.insert(identity)) {
            return false;
        }
        self.reports.push(report);
        true
    }

    /// Lets go of the oldest, so that at most `most` are left. Says how many went.
    pub fn keep_newest(&mut self, most: usize) -> usize {
        let surplus = self.reports.len().saturating_sub(most);
        if surplus > 0 {
            self.reports.sort_by_key(|report| report.end);
            self.reports.drain(..surplus);
            self.known = self.reports.iter().filter_map(identity).collect();
        }
        surplus
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reports.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

    /// Every domain that a report is about.
    #[must_use]
    pub fn domains(&self) -> BTreeSet<&str> {
        let policies = self.reports.iter().flat_map(|report| &report.policies);
        policies.map(|policy| policy.domain.as_str()).collect()
    }

    /// What they say of a domain, given as A-labels in lower case, at a time.
    #[must_use]
    pub fn sessions_of(&self, domain: &str, now: OffsetDateTime) -> ReportedSessions {
        let about = self.reports.iter().map(|report| {
            let policies = report.policies.iter();
            (report, policies.filter(|it| it.domain == domain).collect())
        });
        let about = about.filter(|(_, policies): &About<'_>| !policies.is_empty());
        ReportedSessions::of(domain, about.collect(), now)
    }

    /// What they say of each domain that one is about, at a time; in the order of the names.
    #[must_use]
    pub fn sessions(&self, now: OffsetDateTime) -> Vec<ReportedSessions> {
        let mut domains: BTreeMap<&str, Vec<About<'_>>> = BTreeMap::new();
        for report in &self.reports {
            for policy in &report.policies {
                let about = domains.entry(&policy.domain).or_default();
                match about.last_mut() {
                    Some((last, policies)) if std::ptr::eq(*last, report) => policies.push(policy),
                    _ => about.push((report, vec![policy])),
                }
            }
        }
        let domains = domains.into_iter();
        domains
            .map(|(domain, about)| ReportedSessions::of(domain, about, now))
            .collect()
    }
}

/// A report, and what in it is about one domain.
type About<'a> = (&'a TlsReport, Vec<&'a ReportedPolicy>);

impl ReportedSessions {
    fn of(domain: &str, about: Vec<About<'_>>, now: OffsetDateTime) -> Self {
        let mut senders = BTreeMap::new();
        let mut failures = Counted::new();
        let mut days: BTreeMap<Date, ReportedDay> = BTreeMap::new();
        let (mut begin, mut end) = (None, None);
        let mut policy_seen = false;
        for (report, policies) in about {
            begin = earlier(begin, report.begin);
            end = end.max(report.end);
            let name = &report.organization;
            let sender = senders.entry(name).or_insert_with(|| ReportingSender {
                organization: name.clone(),
                reports: 0,
                successful: 0,
                failed: 0,
            });
            sender.reports += 1;
            policy_seen |= policies.iter().any(|it| it.policy_type == PolicyType::Sts);
            let (successful, failed) = count(&mut failures, report, &policies);
            sender.successful = sender.successful.saturating_add(successful);
            sender.failed = sender.failed.saturating_add(failed);
            if let Some(on) = report.end.map(last_day) {
                let day = days.entry(on).or_insert(ReportedDay {
                    on,
                    successful: 0,
                    failed: 0,
                });
                day.successful = day.successful.saturating_add(successful);
                day.failed = day.failed.saturating_add(failed);
            }
        }
        let mut senders: Vec<ReportingSender> = senders.into_values().collect();
        senders.sort_by_key(|it| std::cmp::Reverse(it.successful.saturating_add(it.failed)));
        let failures = failures.into_iter().map(|(key, it)| it.told(domain, key));
        let mut failures: Vec<SessionFailures> = failures.collect();
        failures.sort_by_key(|it| std::cmp::Reverse(it.sessions));
        let total =
            |of: fn(&ReportingSender) -> u64| senders.iter().map(of).fold(0, u64::saturating_add);
        let mut sessions = Self {
            domain: domain.to_owned(),
            proof: EnforceProof::NoReports,
            begin,
            end,
            days_without_failure: days_without_failure(begin, end, &failures),
            successful: total(|it| it.successful),
            failed: total(|it| it.failed),
            days: last_days(&days),
            senders,
            failures,
            older_policies: Vec::new(),
        };
        sessions.proof = sessions.proof_at(now, policy_seen);
        sessions
    }
}

fn earlier(known: Option<OffsetDateTime>, other: Option<OffsetDateTime>) -> Option<OffsetDateTime> {
    match (known, other) {
        (Some(known), Some(other)) => Some(known.min(other)),
        (known, other) => known.or(other),
    }
}

/// The last 30 days up to the last that is reported, those without a report included.
fn last_days(days: &BTreeMap<Date, ReportedDay>) -> Vec<ReportedDay> {
    let (Some(first), Some(last)) = (days.keys().next(), days.keys().next_back()) else {
        return Vec::new();
    };
    let back = (*last - *first).whole_days().clamp(0, DAYS_SHOWN - 1);
    let on = (0..=back)
        .rev()
        .filter_map(|ago| last.checked_sub(Duration::days(ago)));
    on.map(|on| {
        days.get(&on).cloned().unwrap_or(ReportedDay {
            on,
            successful: 0,
            failed: 0,
        })
    })
    .collect()
}

/// Failed sessions of which a report gives the number alone.
fn without_reason(sessions: u64) -> ReportedFailure {
    ReportedFailure {
        result: FailureResult::Other(String::new()),
        receiving_mx: None,
        receiving_ip: None,
        sessions,
        reason_code: None,
    }
}

/// Failures by kind and MX host.
type Counted<'a> = BTreeMap<(FailureResult, Option<String>), Failures<'a>>;

/// Failures of one kind with one MX host, while they are counted.
#[derive(Default)]
struct Failures<'a> {
    sessions: u64,
    last: Option<OffsetDateTime>,
    addresses: BTreeSet<String>,
    senders: BTreeSet<String>,
    reasons: BTreeSet<String>,
    /// The MTA-STS policy that was used, as in the newest report, and by whom.
    used: Option<(&'a TlsReport, &'a ReportedPolicy)>,
}

/// Counts the sessions of a report, both those that were negotiated well and those that were not.
fn count<'a>(
    failures: &mut Counted<'a>,
    report: &'a TlsReport,
    policies: &[&'a ReportedPolicy],
) -> (u64, u64) {
    let (mut all, mut failed) = (Overlapping::default(), Overlapping::default());
    let mut sessions: BTreeMap<_, Overlapping> = BTreeMap::new();
    for policy in policies {
        let whole = policy
            .successful_sessions
            .saturating_add(policy.failed_sessions);
        all.add(policy, whole);
        failed.add(policy, policy.failed_sessions);
        let has_reason = policy.failures.iter().any(|it| it.sessions > 0);
        let without_reason = (!has_reason).then(|| without_reason(policy.failed_sessions));
        let told = policy.failures.iter().chain(&without_reason);
        for failure in told.filter(|it| it.sessions > 0) {
            let key = (failure.result.clone(), failure.receiving_mx.clone());
            failures
                .entry(key.clone())
                .or_default()
                .note(report, policy, failure);
            sessions
                .entry(key)
                .or_default()
                .add(policy, failure.sessions);
        }
    }
    for (key, sessions) in sessions {
        let failures = failures.entry(key).or_default();
        failures.sessions = failures.sessions.saturating_add(sessions.total());
    }
    let failed = failed.total();
    (all.total().saturating_sub(failed), failed)
}

/// Sessions of one report. A sender that applies MTA-STS and DANE to a session counts it under both
/// policies, so these don’t add up.
#[derive(Default)]
struct Overlapping {
    sts: u64,
    tlsa: u64,
    others: u64,
}

impl Overlapping {
    fn add(&mut self, policy: &ReportedPolicy, sessions: u64) {
        let sum = match policy.policy_type {
            PolicyType::Sts => &mut self.sts,
            PolicyType::Tlsa => &mut self.tlsa,
            PolicyType::NoPolicyFound | PolicyType::Other(_) => &mut self.others,
        };
        *sum = sum.saturating_add(sessions);
    }

    fn total(&self) -> u64 {
        self.sts.max(self.tlsa).saturating_add(self.others)
    }
}

impl<'a> Failures<'a> {
    fn note(
        &mut self,
        report: &'a TlsReport,
        policy: &'a ReportedPolicy,
        failure: &ReportedFailure,
    ) {
        let is_newer = self.used.is_none_or(|(known, _)| report.end >= known.end);
        if policy.policy_type == PolicyType::Sts && is_newer {
            self.used = Some((report, policy));
        }
        self.last = self.last.max(report.end);
        self.addresses.extend(failure.receiving_ip.clone());
        self.senders.insert(report.organization.clone());
        self.reasons.extend(failure.reason_code.clone());
    }

    fn told(self, domain: &str, (result, mx): (FailureResult, Option<String>)) -> SessionFailures {
        let left_out = self.used.filter(|(_, policy)| {
            mx.as_deref().is_some_and(|mx| policy.leaves_out(mx))
                && advice::may_be_left_out(&result)
        });
        let mut failures = SessionFailures {
            title: "",
            advice: String::new(),
            policy_mx: left_out.map_or_else(Vec::new, |(_, policy)| {
                policy.mx().into_iter().map(str::to_owned).collect()
            }),
            result,
            mx,
            sessions: self.sessions,
            last: self.last,
            addresses: self.addresses,
            senders: self.senders,
            reasons: self.reasons,
        };
        (failures.title, failures.advice) = advice::advice(domain, &failures, self.used);
        failures
    }
}

/// The last day of which a time ending here tells; one that ends at midnight ends the day before.
fn last_day(end: OffsetDateTime) -> Date {
    date(end.saturating_sub(Duration::SECOND))
}

/// The day in UTC, in which reports count.
fn date(at: OffsetDateTime) -> Date {
    at.checked_to_offset(time::UtcOffset::UTC)
        .unwrap_or(at)
        .date()
}

/// A failure of which nobody says when it was may have been on the last day.
fn days_without_failure(
    begin: Option<OffsetDateTime>,
    end: Option<OffsetDateTime>,
    failures: &[SessionFailures],
) -> i64 {
    let (Some(begin), Some(end)) = (begin, end) else {
        return 0;
    };
    let whole = 1 + (last_day(end) - date(begin)).whole_days();
    let since = failures.iter().map(|failure| match failure.last {
        Some(last) => (last_day(end) - last_day(last)).whole_days(),
        None => 0,
    });
    since.fold(whole, i64::min).max(0)
}

impl ReportedSessions {
    fn proof_at(&self, now: OffsetDateTime, policy_seen: bool) -> EnforceProof {
        let recent: Vec<&SessionFailures> = self.recent_failures().collect();
        if self.successful == 0 && self.failed == 0 && self.failures.is_empty() {
            EnforceProof::NoReports
        } else if recent.iter().any(|it| !it.result.is_of_policy()) {
            EnforceProof::Failing
        } else if !recent.is_empty() {
            EnforceProof::PolicyNotUsed
        } else if !policy_seen {
            EnforceProof::PolicyNotSeen
        } else if self
            .end
            .is_some_and(|end| now - end > Duration::days(DAYS_OF_SILENCE))
        {
            EnforceProof::Silent
        } else if self.days_without_failure < 7 * WEEKS_OF_PROOF {
            EnforceProof::TooEarly
        } else {
            EnforceProof::Safe
        }
    }

    /// What failed in the last two weeks of which there are reports.
    pub(crate) fn recent_failures(&self) -> impl Iterator<Item = &SessionFailures> {
        let since = self
            .end
            .map(|end| end.saturating_sub(Duration::weeks(WEEKS_OF_PROOF)));
        let is_recent = move |failure: &&SessionFailures| match (failure.last, since) {
            (Some(last), Some(since)) => last > since,
            _ => true,
        };
        self.failures.iter().filter(is_recent)
    }

    /// The proof in a sentence.
    #[must_use]
    pub fn verdict(&self) -> Headline {
        let days = self.days_without_failure;
        let (severity, text) = match self.proof {
            EnforceProof::NoReports => (
                Some(Severity::NotChecked),
                "No report mentions a connection to this domain.".into(),
            ),
            EnforceProof::PolicyNotSeen => (
                Some(Severity::NotChecked),
                "Nothing failed, but no sender has seen your MTA-STS policy yet. Reports from \
                 before it was published don’t count."
                    .into(),
            ),
            EnforceProof::Failing => (
                Some(Severity::Problem),
                "Some connections failed in the last two weeks of reports. In enforce mode this mail \
                 would be held back. Fix this first."
                    .into(),
            ),
            EnforceProof::PolicyNotUsed => (
                Some(Severity::Attention),
                "Senders couldn’t use your policy in the last two weeks of reports. Mail still \
                 arrives, but nothing protects it. Fix this first."
                    .into(),
            ),
            EnforceProof::Silent => (
                Some(Severity::NotChecked),
                format!(
                    "Nothing failed, but the last report is from {}, more than a week ago. Open \
                     newer ones. If there are none, check the TLS-RPT record and its mailbox.",
                    self.end.map_or_else(String::new, day)
                ),
            ),
            EnforceProof::TooEarly => (
                Some(Severity::NotChecked),
                match days {
                    ..1 => {
                        "Nothing failed, but the reports don’t say which days they cover.".into()
                    }
                    1 => "One day without a failure so far. After two weeks you can switch to \
                          enforce mode."
                        .into(),
                    days => format!(
                        "{days} days without a failure so far. After two weeks you can switch to \
                         enforce mode."
                    ),
                },
            ),
            EnforceProof::Safe => (
                None,
                format!(
                    "{days} days without a failure. Enforce mode would not have held back any mail."
                ),
            ),
        };
        Headline { severity, text }
    }
}

impl ReportedSessions {
    /// Who tells of how many sessions, and of when; escaped.
    #[must_use]
    pub fn summary(&self) -> String {
        let names = self.senders.iter().map(|it| it.organization.as_str());
        let when = match (self.begin, self.end) {
            (Some(begin), Some(end)) => {
                let last = day(last_day(end).midnight().assume_utc());
                match day(begin) {
                    first if first == last => format!(", {last}"),
                    first => format!(", {first} to {last}"),
                }
            }
            _ => String::new(),
        };
        let well = sessions(self.successful);
        format!(
            "Reported by {}{when}: {well} encrypted, {} failed.",
            named(names),
            self.failed
        )
    }
}

impl SessionFailures {
    /// What senders met, how often, where and when; escaped.
    #[must_use]
    pub fn evidence(&self) -> String {
        let mut text = sessions(self.sessions);
        if let Some(mx) = &self.mx {
            let _ = write!(text, " with {}", escaped(mx, 100));
        }
        if !self.addresses.is_empty() {
            let _ = write!(
                text,
                " ({})",
                named(self.addresses.iter().map(String::as_str))
            );
        }
        if let Some(last) = self.last {
            let _ = write!(
                text,
                ", last on {}",
                day(last_day(last).midnight().assume_utc())
            );
        }
        let _ = write!(
            text,
            ". Reported by {}",
            named(self.senders.iter().map(String::as_str))
        );
        if !self.result.code().is_empty() {
            let _ = write!(text, " as {}", escaped(self.result.code(), 60));
        }
        text.push('.');
        if !self.reasons.is_empty() {
            let reasons = listed(self.reasons.iter().map(String::as_str), MAX_REASONS);
            let _ = write!(text, " They add: {reasons}.");
        }
        text
    }
}

fn sessions(count: u64) -> String {
    match count {
        1 => "1 connection".into(),
        count => format!("{count} connections"),
    }
}

/// The first few names, and how many more there are; escaped.
fn named<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    listed(
        names.map(|name| match name.trim() {
            "" => "an unnamed sender",
            name => name,
        }),
        MAX_NAMES,
    )
}

fn listed<'a>(texts: impl ExactSizeIterator<Item = &'a str>, max: usize) -> String {
    let more = texts.len().saturating_sub(max);
    let shown: Vec<String> = texts.take(max).map(|text| escaped(text, 80)).collect();
    let shown = shown.join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests;
