//! The status of a domain in a word or two, for the table of many domains.

use mta_sts_core::code;
use mta_sts_core::{Domain, Mode, Published, ReadyMailServers, Report, Severity, day, judge};
use time::{Date, OffsetDateTime};

use crate::work::Work;

/// The status of a domain. The worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Enforce mode is on, and no mail server meets the policy. Senders that support MTA-STS
    /// deliver nothing.
    Refused,
    /// The same for some mail servers. The others receive mail.
    PartlyRefused,
    /// MTA-STS is published, but senders ignore it because of a mistake.
    Ignored,
    /// The domain does not exist.
    NoSuchDomain,
    /// What is published could not be checked.
    Undetermined,
    /// The domain was never checked.
    Unchecked,
    /// MTA-STS is not published.
    NotSetUp,
    /// MTA-STS is switched off, but senders may still use an earlier policy.
    SwitchingOff {
        /// Until when, if known.
        until: Option<OffsetDateTime>,
    },
    /// Testing mode is on.
    Testing {
        /// Since when, if this program saw it go live.
        since: Option<OffsetDateTime>,
    },
    /// Enforce mode is on, and mail arrives.
    Enforced {
        /// Since when, if this program saw it go live.
        since: Option<OffsetDateTime>,
    },
    /// The domain states that it doesn’t receive mail.
    NoMail,
}

impl Standing {
    /// Its severity.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Refused | Self::PartlyRefused | Self::Ignored | Self::NoSuchDomain => {
                Some(Severity::Problem)
            }
            Self::Undetermined | Self::Unchecked => Some(Severity::NotChecked),
            Self::NotSetUp | Self::SwitchingOff { .. } => Some(Severity::Attention),
            Self::Testing { .. } | Self::Enforced { .. } | Self::NoMail => None,
        }
    }

    /// Its name for programs, in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::PartlyRefused => "partly-refused",
            Self::Ignored => "ignored",
            Self::NoSuchDomain => "no-such-domain",
            Self::Undetermined => "undetermined",
            Self::Unchecked => "unchecked",
            Self::NotSetUp => "not-set-up",
            Self::SwitchingOff { .. } => "switching-off",
            Self::Testing { .. } => "testing",
            Self::Enforced { .. } => "enforced",
            Self::NoMail => "no-mail",
        }
    }

    /// Since when it has this status, if known.
    #[must_use]
    pub fn since(self) -> Option<OffsetDateTime> {
        match self {
            Self::Testing { since } | Self::Enforced { since } => since,
            _ => None,
        }
    }

    /// Until when it has this status, if known.
    #[must_use]
    pub fn until(self) -> Option<OffsetDateTime> {
        match self {
            Self::SwitchingOff { until } => until,
            _ => None,
        }
    }

    /// The status in words, for people.
    #[must_use]
    pub fn to_text(self) -> String {
        let dated = |words: &str, at: Option<OffsetDateTime>, join: &str| match at {
            Some(at) => format!("{words} {join} {}", day(at)),
            None => words.to_owned(),
        };
        match self {
            Self::Refused => "Mail is being refused".into(),
            Self::PartlyRefused => "Mail partly refused".into(),
            Self::Ignored => "Senders ignore it".into(),
            Self::NoSuchDomain => "The domain doesn’t exist".into(),
            Self::Undetermined => "Couldn’t be checked".into(),
            Self::Unchecked => "Not checked yet".into(),
            Self::NotSetUp => "Not set up".into(),
            Self::SwitchingOff { until } => dated("Switching off", until, "until"),
            Self::Testing { since } => dated("Testing", since, "since"),
            Self::Enforced { since } => dated("Enforced", since, "since"),
            Self::NoMail => "Doesn’t receive mail".into(),
        }
    }
}

/// The line of a domain in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The domain.
    pub domain: Domain,
    /// Its status.
    pub standing: Standing,
    /// The worst severity, including findings that don’t change the status.
    pub severity: Option<Severity>,
    /// The day of the next step, if it has one.
    pub next_on: Option<Date>,
    /// The next step.
    pub next: String,
    /// When it was last checked.
    pub checked_at: Option<OffsetDateTime>,
}

impl Work {
    /// The line of this domain in a table.
    #[must_use]
    pub fn summary(&self, now: OffsetDateTime) -> Summary {
        let report = self.facts.as_deref().map(judge);
        let standing = self.standing(report.as_ref());
        let worst = report.as_ref().and_then(Report::worst);
        let undetermined = |report: &Report| report.readiness.is_undetermined();
        let attention = match worst {
            // A rule that couldn’t run isn’t the domain’s fault, unless the verdict depends on it.
            Some(Severity::Note | Severity::NotChecked) | None => report
                .as_ref()
                .filter(|it| undetermined(it))
                .map(|_| Severity::NotChecked),
            found => found,
        };
        let severity = worse(standing.severity(), attention);
        let (next_on, next) = self.next(standing, severity, now);
        Summary {
            domain: self.domain.clone(),
            standing,
            severity,
            next_on,
            next,
            checked_at: self.facts.as_ref().map(|facts| facts.checked_at),
        }
    }

    fn standing(&self, report: Option<&Report>) -> Standing {
        let Some(report) = report else {
            return Standing::Unchecked;
        };
        let missing = |it: &&mta_sts_core::Finding| it.rule.code == code::DOMAIN_NOT_FOUND;
        if report.findings.iter().any(|it| missing(&it)) {
            return Standing::NoSuchDomain;
        }
        let since = |mode: Mode| {
            self.history
                .live
                .as_ref()
                .filter(|it| it.mode == mode)
                .map(|it| it.since)
        };
        let readiness = report.readiness;
        match (readiness.published, readiness.effective_mode) {
            _ if readiness.mail_servers == ReadyMailServers::NoMail => Standing::NoMail,
            (Published::Undetermined, _) => Standing::Undetermined,
            (Published::Broken, None) => Standing::Ignored,
            (Published::None, _) | (_, None) => Standing::NotSetUp,
            (_, Some(Mode::None)) => Standing::SwitchingOff {
                until: self.held_until(),
            },
            (_, Some(Mode::Testing)) => Standing::Testing {
                since: since(Mode::Testing),
            },
            (_, Some(Mode::Enforce)) => match report.refusal() {
                Some(refusal) if refusal.is_of_all_mail() => Standing::Refused,
                Some(_) => Standing::PartlyRefused,
                None => Standing::Enforced {
                    since: since(Mode::Enforce),
                },
            },
        }
    }

    /// The next step for this status.
    fn next(
        &self,
        standing: Standing,
        severity: Option<Severity>,
        at: OffsetDateTime,
    ) -> (Option<Date>, String) {
        let now = |what: &str| (None, what.to_owned());
        match standing {
            Standing::Refused | Standing::PartlyRefused => now("Fix it now"),
            Standing::Ignored => now("Fix what is published"),
            Standing::NoSuchDomain => now("Check the spelling"),
            Standing::Undetermined => now("Check again"),
            Standing::Unchecked => now("Check it"),
            Standing::NoMail => now("Nothing to do"),
            Standing::NotSetUp if self.draft.is_none() && self.plan.is_none() => now("Set it up"),
            _ if severity == Some(Severity::Problem) => now("Fix a problem"),
            _ => match self.next_steps(at).into_iter().next() {
                Some(step) => (step.on, step.title),
                None => now("Nothing to do"),
            },
        }
    }
}

fn worse(one: Option<Severity>, other: Option<Severity>) -> Option<Severity> {
    let rank = |it: Option<Severity>| match it {
        Some(Severity::Problem) => 3,
        Some(Severity::Attention) => 2,
        Some(Severity::NotChecked) => 1,
        Some(Severity::Note) | None => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

impl Summary {
    /// The sort key of a table: the worst first, then the nearest date.
    #[must_use]
    pub fn urgency(&self) -> (u8, bool, Option<Date>, &Domain) {
        let rank = match self.severity {
            Some(Severity::Problem) => 0,
            Some(Severity::Attention) => 1,
            Some(Severity::NotChecked) => 2,
            Some(Severity::Note) | None => 3,
        };
        (rank, self.next_on.is_none(), self.next_on, &self.domain)
    }
}

#[cfg(test)]
mod tests {
    use mta_sts_core::facts::{Answer, MailServer, Observed};
    use mta_sts_core::{Fact, Facts, Live, PolicyId};
    use time::macros::{date, datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    /// A healthy domain with a policy in this mode, or with nothing published.
    fn work(mode: Option<&str>) -> Work {
        let recorded = include_str!("../../core/tests/recorded/healthy.json");
        let mut facts = Facts::from_json(recorded).unwrap();
        if let Some(mode) = mode {
            let Observed::Seen(fetch) = &mut facts.policy else {
                panic!("no policy")
            };
            let Observed::Seen(response) = &mut fetch.response else {
                panic!("no answer")
            };
            let text = String::from_utf8(response.body.0.clone()).unwrap();
            response.body.0 = text.replace("enforce", mode).into_bytes();
        } else {
            facts.record = Observed::Seen(Answer::of([]));
            facts.tls_rpt = Observed::Seen(Answer::of([]));
            facts.policy_host = Observed::Seen(Answer::of([]));
            facts.policy = Observed::NotAsked;
        }
        let mut work = Work::new(facts.domain.clone());
        work.take_facts(facts);
        work
    }

    #[test]
    fn a_domain_is_named_by_what_is_live() {
        assert_eq!(
            Work::new(Domain::parse("example.com").unwrap())
                .summary(NOW)
                .standing,
            Standing::Unchecked
        );
        assert_eq!(work(None).summary(NOW).standing, Standing::NotSetUp);
        let standing = work(Some("testing")).summary(NOW).standing;
        assert_eq!(standing, Standing::Testing { since: None });
        assert_eq!(standing.to_text(), "Testing");
        let mut live = work(Some("testing"));
        live.history.live = Some(Live {
            mode: Mode::Testing,
            id: PolicyId::from_utc(NOW),
            since: datetime!(2026-11-03 12:00 UTC),
        });
        assert_eq!(
            live.summary(NOW).standing.to_text(),
            "Testing since 3 November 2026"
        );
        let enforced = work(Some("enforce")).summary(NOW).standing;
        assert_eq!(enforced, Standing::Enforced { since: None });
    }

    #[test]
    fn a_mail_server_that_the_enforced_policy_does_not_name_is_refused() {
        let mut work = work(Some("enforce"));
        let mut facts = (**work.facts.as_ref().unwrap()).clone();
        let listed = facts.mail_servers.len();
        facts.fold(Fact::MailServer(MailServer::named("other.example.com", 20)));
        work.take_facts(facts.clone());
        assert_eq!(work.summary(NOW).standing, Standing::PartlyRefused);
        facts.mail_servers.drain(..listed);
        work.take_facts(facts);
        let summary = work.summary(NOW);
        assert_eq!(summary.standing, Standing::Refused);
        assert_eq!(summary.severity, Some(Severity::Problem));
        assert_eq!(summary.next, "Fix it now");
    }

    #[test]
    fn the_worst_and_the_nearest_come_first() {
        let line = |name: &str, severity, next_on| Summary {
            domain: Domain::parse(name).unwrap(),
            standing: Standing::Unchecked,
            severity,
            next_on,
            next: String::new(),
            checked_at: None,
        };
        let mut lines = [
            line("d.example", None, None),
            line("c.example", None, Some(date!(2027 - 01 - 02))),
            line("b.example", None, Some(date!(2027 - 01 - 01))),
            line("a.example", Some(Severity::NotChecked), None),
            line("z.example", Some(Severity::Problem), None),
        ];
        lines.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        let names = lines.map(|it| it.domain.to_string());
        assert_eq!(
            names,
            [
                "z.example",
                "a.example",
                "b.example",
                "c.example",
                "d.example"
            ]
        );
    }
}
