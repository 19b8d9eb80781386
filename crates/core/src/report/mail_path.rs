//! The way of a message from a sender to the mail servers of a domain, stop by stop, with the break
//! where it is.

use crate::report::delivery::Delivery;
use crate::report::{Published, Report};
use crate::rules::finding::{Area, Severity};
use crate::text::escape::{escaped, sentence};
use crate::text::policy::Mode;
use crate::text::wording::duration;

/// What a message passes on its way, and how it fares there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What it is.
    pub name: &'static str,
    /// How it is.
    pub state: StopState,
    /// The same in a word or two.
    pub word: String,
    /// What was seen, in a sentence. Safe to show.
    pub detail: String,
}

/// How a stop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopState {
    /// The sender, whoever that is.
    Unjudged,
    /// Nothing is published there yet, which is neither right nor wrong.
    NotThere,
    /// What was found, `None` where all is right.
    Judged(Option<Severity>),
}

impl Report {
    /// The stops in their order: the sender, the MTA-STS record, the policy file, the mail servers.
    ///
    /// ```
    /// use mta_sts_core::{Domain, Facts, judge};
    ///
    /// let domain = Domain::parse("example.com")?;
    /// let facts = Facts::new(domain, time::macros::datetime!(2026-11-23 12:00 UTC));
    /// let stops = judge(&facts).mail_path();
    /// assert_eq!(stops[1].name, "MTA-STS record");
    /// assert_eq!(stops[1].word, "not checked");
    /// # Ok::<(), mta_sts_core::DomainError>(())
    /// ```
    #[must_use]
    pub fn mail_path(&self) -> [Stop; 4] {
        let sender = Stop {
            name: "Sender",
            state: StopState::Unjudged,
            word: "has mail for you".to_owned(),
            detail: "Any server that sends mail to this domain and supports MTA-STS.".to_owned(),
        };
        let id = self.record.id.as_ref();
        let record = id.map(|id| format!("It has the id {}.", escaped(id, 40)));
        let policy = self.policy.mode.map(|mode| {
            let time = duration(self.policy.max_age_secs.unwrap_or_default());
            format!("Mode {mode}. Senders may rely on it for {time}.")
        });
        let is_record = |area| area == Area::Record;
        let is_policy = |area| matches!(area, Area::PolicyHost | Area::PolicyFile | Area::Coverage);
        [
            sender,
            self.published_stop("MTA-STS record", record, is_record),
            self.published_stop("Policy file", policy, is_policy),
            self.mail_server_stop(),
        ]
    }

    fn published_stop(
        &self,
        name: &'static str,
        seen: Option<String>,
        counts: impl Fn(Area) -> bool,
    ) -> Stop {
        let mut findings = self.findings.iter();
        let worst = findings.find(|it| counts(it.rule.area) && it.severity <= Severity::Attention);
        let (state, word, detail) = match (worst, seen) {
            _ if self.readiness.published == Published::None => (
                StopState::NotThere,
                "not there yet",
                "Nothing is published yet.".to_owned(),
            ),
            (Some(finding), _) => (
                StopState::Judged(Some(finding.severity)),
                match finding.severity {
                    Severity::Problem => "problem",
                    _ => "attention",
                },
                format!("{}.", sentence(finding.rule.title)),
            ),
            (None, Some(seen)) => (StopState::Judged(None), "found", seen),
            (None, None) => (
                StopState::Judged(Some(Severity::NotChecked)),
                "not checked",
                "We couldn’t see whether it is there.".to_owned(),
            ),
        };
        Stop {
            name,
            state,
            word: word.to_owned(),
            detail,
        }
    }

    /// The last stop: as bad as the worst mail server, with what becomes of the mail.
    fn mail_server_stop(&self) -> Stop {
        let of = |wanted: Delivery| {
            let hosts = self.delivery.iter();
            hosts.filter(|host| host.enforce.delivery == wanted).count()
        };
        let (all, refused, unknown) = (
            self.delivery.len(),
            of(Delivery::Refused),
            of(Delivery::Unknown),
        );
        let mut findings = self.findings.iter();
        let worst = findings
            .find(|it| it.rule.area.is_mail_servers() && it.severity <= Severity::Attention)
            .map(|finding| finding.severity);
        let (state, word, detail) = match (all, refused, unknown) {
            (0, _, _) => {
                let seen = worst.unwrap_or(Severity::NotChecked);
                let (word, detail) = match worst {
                    Some(Severity::Problem) => ("none", "This domain has no mail server."),
                    _ => ("not checked", "We couldn’t see the mail servers."),
                };
                (Some(seen), word.to_owned(), detail.to_owned())
            }
            (1, 0, 0) => {
                let detail = "It is ready for enforce mode.".to_owned();
                (worst, "passes".to_owned(), detail)
            }
            (_, 0, 0) => {
                let detail = "All of them are ready for enforce mode.".to_owned();
                (worst, format!("all {all} pass"), detail)
            }
            (_, 0, _) => (
                Some(Severity::NotChecked),
                if all == 1 {
                    "not checked".to_owned()
                } else {
                    format!("{unknown} of {all} unknown")
                },
                "We couldn’t see whether senders would deliver.".to_owned(),
            ),
            _ => {
                let fails = if self.readiness.effective_mode == Some(Mode::Enforce) {
                    "Senders won’t deliver to"
                } else {
                    "In enforce mode, senders wouldn’t deliver to"
                };
                let (word, which) = match all {
                    1 => ("fails".to_owned(), "it".to_owned()),
                    _ => (
                        format!("{refused} of {all} fail"),
                        format!("{refused} of {all}"),
                    ),
                };
                (Some(Severity::Problem), word, format!("{fails} {which}."))
            }
        };
        Stop {
            name: "Mail servers",
            state: StopState::Judged(state),
            word,
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::{Answer, Facts, Observed};
    use crate::judge::judge;
    use crate::rules::testing::{failed, healthy, leaf, session};

    fn words(change: impl FnOnce(&mut Facts)) -> Vec<String> {
        let mut facts = healthy();
        change(&mut facts);
        let stops = judge(&facts).mail_path();
        stops.into_iter().skip(1).map(|stop| stop.word).collect()
    }

    #[test]
    fn each_stop_says_how_the_message_fares() {
        assert_eq!(words(|_| ()), ["found", "found", "all 2 pass"]);
        let expired = words(|facts| {
            leaf(facts, 0).not_after = facts.checked_at - time::Duration::days(1);
        });
        assert_eq!(expired, ["found", "found", "1 of 2 fail"]);
        let missing = words(|facts| facts.record = Observed::Seen(Answer::no_such_name()));
        assert_eq!(missing, ["problem", "found", "all 2 pass"]);
        let nothing = words(|facts| {
            facts.record = Observed::Seen(Answer::no_such_name());
            facts.policy_host = Observed::Seen(Answer::no_such_name());
            facts.policy = Observed::NotAsked;
        });
        assert_eq!(nothing, ["not there yet", "not there yet", "all 2 pass"]);
        let silent = words(|facts| {
            session(facts, 0).connected = failed(crate::FailureKind::TimedOut);
        });
        assert_eq!(silent, ["found", "found", "1 of 2 unknown"]);
    }
}
