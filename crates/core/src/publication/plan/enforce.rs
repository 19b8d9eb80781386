//! From testing to enforce mode.

use time::Duration;

use super::{Planner, policy};
use crate::publication::plan::stage::{PlanStage, Requirement};
use crate::publication::reported_sessions::EnforceProof;
use crate::text::date_style::day;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{MaxAge, Mode, Policy};

/// How long testing mode should be live. In two weeks of daily reports, every regular sender should
/// appear once. RFC 8461 gives no number.
pub(crate) const TESTING: Duration = Duration::weeks(2);

impl Planner<'_> {
    pub(super) fn enforce(&mut self, reports: Option<EnforceProof>) {
        let hosts: Vec<String> = self
            .facts
            .mail_servers
            .iter()
            .map(|it| it.host.clone())
            .collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let published = self.published();
        let mode = published.as_ref().map(Policy::mode);
        let is_tested = matches!(mode, Some(Mode::Testing | Mode::Enforce));
        let max_age = published.as_ref().map(Policy::max_age);
        let max_age = max_age.filter(|_| is_tested).or(MaxAge::new(604_800).ok());
        let Some(max_age) = max_age else { return };
        let mut mx: Vec<MxPattern> = published.iter().flat_map(|it| it.mx().to_vec()).collect();
        let exact = hosts
            .iter()
            .filter_map(|host| MxPattern::of_host(host).ok());
        for pattern in exact {
            if !mx.iter().any(|it| it.matches(pattern.as_str())) {
                mx.push(pattern);
            }
        }
        let (Some(testing), Some(enforced)) = (
            policy(Mode::Testing, max_age, mx.clone()),
            policy(Mode::Enforce, max_age, mx),
        ) else {
            self.remarks
                .push("No mail server is known that a policy could list.".into());
            return;
        };

        let stage = PlanStage {
            text: "In testing mode senders deliver as before, and report what enforce mode would \
                   have held back."
                .into(),
            way_back: "Nothing is held back in testing mode. Correct the file or the record, and \
                       publish it again with a new id."
                .into(),
            ..PlanStage::new(
                "testing",
                "Publish the policy in testing mode",
                self.at_once(""),
            )
        };
        self.publish(stage, testing, is_tested && self.is_announced());

        let since = self
            .history
            .mode_since(Mode::Testing)
            .filter(|_| mode == Some(Mode::Testing));
        let since = since.unwrap_or(self.at);
        let earliest = self.not_before(
            Some(since.saturating_add(TESTING)),
            format!(
                "In two weeks of testing, from {}, every regular sender should report once.",
                day(since)
            ),
        );
        let stage = PlanStage {
            text: "From then on, senders that support MTA-STS deliver only to your mail servers, over \
                   authenticated TLS."
                .into(),
            requirements: [Some(self.receive_or_reported(&hosts, reports)), reports.map(reported)]
                .into_iter()
                .flatten()
                .collect(),
            way_back: format!(
                "Publish the policy in testing mode again, with a new id. Senders that look at the \
                 record deliver again at once. One that doesn’t may hold mail back for {}.",
                crate::text::wording::duration(max_age.secs())
            ),
            ..PlanStage::new("enforce", "Switch to enforce mode", earliest)
        };
        let is_done = mode == Some(Mode::Enforce) && self.is_announced();
        self.publish(stage, enforced, is_done);
    }
}

impl Planner<'_> {
    /// Where port 25 can’t be reached from here, senders’ reports say as much.
    fn receive_or_reported(&self, hosts: &[&str], reports: Option<EnforceProof>) -> Requirement {
        let mut receive = self.receive(hosts);
        if receive.is_met.is_none() && reports == Some(EnforceProof::Safe) {
            receive.is_met = Some(true);
        }
        receive
    }
}

/// What TLS reports say about enforce mode.
fn reported(proof: EnforceProof) -> Requirement {
    let (is_met, seen) = match proof {
        EnforceProof::Safe => (true, "The reports of two weeks show no failure."),
        EnforceProof::Failing => (
            false,
            "Some connections failed in the last two weeks of reports.",
        ),
        EnforceProof::PolicyNotUsed => (false, "Senders report that they couldn’t use the policy."),
        EnforceProof::PolicyNotSeen => (false, "No sender reports having used the policy yet."),
        EnforceProof::Silent => (false, "The last report is more than a week old."),
        EnforceProof::TooEarly => (false, "The reports cover less than two weeks."),
        EnforceProof::NoReports => (false, "No TLS reports were read."),
    };
    Requirement {
        text: "TLS reports of two weeks without a failure".into(),
        is_met: Some(is_met),
        seen: seen.into(),
    }
}
