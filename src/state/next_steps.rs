//! What comes after the wizard: what to do, and when.

use mta_sts_core::{Mode, ReadyMailServers, day, escaped};
use time::{Date, Duration, OffsetDateTime};

use super::State;
use super::draft::published_policy;
use super::guard::enforce_is_proven;

/// How long before its end a certificate should be renewed.
const RENEW_BEFORE: Duration = Duration::days(14);

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// The day, where there is one.
    pub on: Option<Date>,
    /// What to do, in a line.
    pub title: String,
    /// How and why.
    pub text: String,
}

/// Whether enforce mode can be chosen without a leap in the dark, and what is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnforceLock {
    /// Nothing is in the way.
    Open,
    /// What is, in a sentence.
    Locked(String),
}

impl State {
    /// The day to come back: two weeks after testing mode went live (RFC 8461 gives no number; two
    /// weeks of daily reports are enough to see every regular sender once).
    #[must_use]
    pub fn come_back_on(&self) -> Option<OffsetDateTime> {
        self.draft
            .as_ref()
            .filter(|draft| draft.mode == Mode::Testing)?;
        self.live_since().map(|since| since + Duration::weeks(2))
    }

    /// What to do next, the first first.
    #[must_use]
    pub fn next_steps(&self) -> Vec<NextStep> {
        let Some(setup) = self.setup() else {
            return Vec::new();
        };
        let domain = setup.domain.to_unicode();
        let mut steps = vec![match (setup.policy.mode(), self.live_since()) {
            (Mode::Testing | Mode::Enforce, None) => NextStep {
                on: None,
                title: "Finish step 3".into(),
                text: "This version has not been seen everywhere yet. Once step 3 shows \
                       everything as correct, the date to come back stands here."
                    .into(),
            },
            (Mode::Testing, Some(_)) => NextStep {
                on: self.come_back_on().map(OffsetDateTime::date),
                title: format!("Switch {domain} to enforce mode"),
                text: "MTA-STS is live in testing mode. Nothing is blocked. Open the TLS reports \
                       below until then. When they show no failures, come back, check again and choose \
                       enforce mode."
                    .into(),
            },
            (Mode::Enforce, Some(_)) => NextStep {
                on: None,
                title: "Keep it working".into(),
                text: "Come back before you change mail servers: add the new server to the \
                       policy first, publish file and id, wait a day, and only then change the \
                       MX records."
                    .into(),
            },
            (Mode::None, since) => self.removal(&domain, since),
        }];
        steps.extend(self.renewals());
        steps
    }

    fn removal(&self, domain: &str, since: Option<OffsetDateTime>) -> NextStep {
        let facts = self.check.facts();
        let earlier = facts.and_then(published_policy);
        let earlier = earlier.filter(|policy| policy.mode() != Mode::None);
        let remembered = earlier.map(|policy| Duration::seconds(policy.max_age().secs().into()));
        NextStep {
            on: since
                .zip(remembered)
                .map(|(since, time)| (since + time).date()),
            title: format!("Remove MTA-STS of {domain}"),
            text: "Leave record, file and web address in place until every sender has forgotten \
                   the earlier policy: as long as its max_age said. Then remove the record first, \
                   then the file and the web address."
                .into(),
        }
    }

    /// The certificates on which mail depends: those of the mail servers and of the policy host.
    fn renewals(&self) -> Vec<NextStep> {
        let Some(facts) = self.check.facts() else {
            return Vec::new();
        };
        let servers = facts.mail_servers.iter().filter_map(|server| {
            let leaves = server.sessions.iter();
            let leaves = leaves.filter_map(|session| session.chain.seen()?.leaf());
            let end = leaves.map(|leaf| leaf.not_after).min()?;
            Some((escaped(&server.host, 253), end))
        });
        let policy_host = facts.policy.seen().and_then(|fetch| {
            let end = fetch.chain.seen()?.leaf()?.not_after;
            Some((facts.domain.policy_host(), end))
        });
        let mut ends: Vec<(String, OffsetDateTime)> = servers.chain(policy_host).collect();
        ends.sort_by_key(|(_, end)| *end);
        let step = |(host, end): (String, OffsetDateTime)| NextStep {
            on: Some((end - RENEW_BEFORE).date()),
            title: format!("Renew the certificate of {host}"),
            text: format!(
                "It ends on {}. In enforce mode, mail is kept back from then on. If it is renewed \
                 by itself, see that it has been.",
                day(end)
            ),
        };
        ends.into_iter().map(step).collect()
    }

    /// Whether enforce mode can be chosen now.
    #[must_use]
    pub fn enforce_lock(&self, now: OffsetDateTime) -> EnforceLock {
        let locked = |text: String| EnforceLock::Locked(text);
        let (Some(facts), Some(report)) = (self.check.facts(), self.check.report()) else {
            return locked("The mail servers have not been checked.".into());
        };
        if let Some(text) = self.reported_failures() {
            return locked(text);
        }
        match self.come_back_on() {
            None => return locked("Testing mode has not been seen live everywhere yet.".into()),
            Some(date) if now < date => {
                return locked(format!(
                    "Wait for two weeks of reports: until {}.",
                    day(date)
                ));
            }
            Some(_) => {}
        }
        if enforce_is_proven(facts, report, self.reports_vouch()) {
            return EnforceLock::Open;
        }
        locked(
            match report.readiness.mail_servers {
                ReadyMailServers::NotReady => {
                    "The last check found a mail server that is not ready."
                }
                _ => {
                    "The last check could not see whether the mail servers are ready. Two weeks of \
                     TLS reports without a failure can show it."
                }
            }
            .into(),
        )
    }

    /// The setup in a few lines, to paste into a message.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let setup = self.setup()?;
        let artifacts = setup.artifacts().ok()?;
        let sheet = artifacts.iter().find(|it| it.path == "dns-records.txt")?;
        let sheet = String::from_utf8_lossy(&sheet.contents).replace("\r\n", "\n");
        let mut lines = Vec::new();
        if let Some(report) = self.check.report() {
            let verdict = report.verdict();
            lines.extend([verdict.mail_servers.text, verdict.published.text]);
        }
        for step in self.next_steps() {
            let on = step.on.map_or_else(String::new, |date| {
                format!(" on {}", day(date.midnight().assume_utc()))
            });
            lines.push(format!("Next: {}{on}.", step.title));
        }
        Some(format!(
            "{}\n\n{sheet}\nPolicy file:\n{}",
            lines.join("\n"),
            setup.policy.write()
        ))
    }
}
