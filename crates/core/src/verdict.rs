//! The verdict of a report in sentences, for whoever shows one to a person.

use crate::{Mode, Published, Readiness, ReadyMailServers, Report, Severity};

/// Where a domain stands, in two sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// On the mail servers, or on the domain itself: the headline.
    pub mail_servers: Sentence,
    /// On what is published.
    pub published: Sentence,
}

/// A sentence, and how bad it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// `None` where all is well.
    pub severity: Option<Severity>,
    /// What to show; escaped.
    pub text: String,
}

impl Report {
    /// The readiness in sentences.
    ///
    /// ```
    /// use mta_sts_core::{Domain, Facts, Severity, judge};
    ///
    /// let domain = Domain::parse("example.com")?;
    /// let facts = Facts::new(domain, time::macros::datetime!(2026-11-23 12:00 UTC));
    /// let verdict = judge(&facts).verdict();
    /// assert_eq!(verdict.mail_servers.severity, Some(Severity::NotChecked));
    /// assert_eq!(verdict.published.text, "What is published could not be checked completely.");
    /// # Ok::<(), mta_sts_core::DomainError>(())
    /// ```
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict {
            mail_servers: mail_servers(self),
            published: published(self),
        }
    }

    fn tells(&self, code: &str) -> bool {
        let findings = self.findings.iter().map(|finding| finding.rule);
        let not_checked = self.not_checked.iter().map(|entry| entry.rule);
        findings.chain(not_checked).any(|rule| rule.code == code)
    }
}

fn mail_servers(report: &Report) -> Sentence {
    let domain = report.domain.to_unicode();
    if report.tells("domain-not-found") {
        return Sentence {
            severity: Some(Severity::Problem),
            text: format!("There is no domain {domain} in the DNS."),
        };
    }
    let is_enforced = report.readiness.effective_mode == Some(Mode::Enforce);
    let (severity, text) = match report.readiness.mail_servers {
        ReadyMailServers::NoMail => {
            let text = format!("{domain} takes no mail, so there is nothing to protect.");
            return Sentence {
                severity: None,
                text,
            };
        }
        ReadyMailServers::Ready => (None, "The mail servers are ready for enforce mode."),
        ReadyMailServers::Attention => (
            Some(Severity::Attention),
            "The mail servers are ready for enforce mode, with something to look after.",
        ),
        ReadyMailServers::NotReady if report.mail_servers.is_empty() => {
            (Some(Severity::Problem), "No mail server was found.")
        }
        ReadyMailServers::NotReady if is_enforced => (
            Some(Severity::Problem),
            "The mail servers are not ready: senders that obey the policy do not deliver to one \
             with a problem.",
        ),
        ReadyMailServers::NotReady => (
            Some(Severity::Problem),
            "The mail servers are not ready: in enforce mode, mail to one with a problem would be \
             refused.",
        ),
        ReadyMailServers::Undetermined if report.tells("port-25-blocked-here") => (
            Some(Severity::NotChecked),
            "We could not reach port 25 from your network.",
        ),
        ReadyMailServers::Undetermined => (
            Some(Severity::NotChecked),
            "Whether the mail servers are ready could not be found out completely.",
        ),
    };
    Sentence {
        severity,
        text: text.to_owned(),
    }
}

fn published(report: &Report) -> Sentence {
    let Readiness {
        published,
        effective_mode,
        ..
    } = report.readiness;
    let (severity, text) = match (published, effective_mode) {
        (Published::None, _) => (None, "MTA-STS is not set up yet."),
        (Published::Undetermined, _) => (
            Some(Severity::NotChecked),
            "What is published could not be checked completely.",
        ),
        (Published::Broken, None) => (
            Some(Severity::Problem),
            "MTA-STS is published with a fault for which senders ignore it.",
        ),
        (Published::Broken, Some(Mode::Enforce)) => (
            Some(Severity::Problem),
            "MTA-STS is in enforce mode with a problem, and mail may be refused.",
        ),
        (Published::Broken, Some(Mode::Testing | Mode::None)) => (
            Some(Severity::Problem),
            "MTA-STS is published with a problem. Nothing is refused yet.",
        ),
        (_, None) => (None, "What is published has no effect yet."),
        (_, Some(Mode::None)) => (None, "MTA-STS is switched off by its policy."),
        (Published::Attention, Some(Mode::Enforce)) => (
            Some(Severity::Attention),
            "MTA-STS is live in enforce mode, with something to look after.",
        ),
        (Published::Attention, Some(Mode::Testing)) => (
            Some(Severity::Attention),
            "MTA-STS is live in testing mode, with something to look after. Nothing is refused \
             yet.",
        ),
        (Published::Ok, Some(Mode::Enforce)) => (None, "MTA-STS is live in enforce mode."),
        (Published::Ok, Some(Mode::Testing)) => (
            None,
            "MTA-STS is live in testing mode. Nothing is refused yet.",
        ),
    };
    Sentence {
        severity,
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Answer, FailureKind, Observed, Session};
    use crate::judge;
    use crate::rules::testing::{failed, healthy, leaf, response, session};

    #[test]
    fn a_right_domain_is_told_so() {
        let verdict = judge(&healthy()).verdict();
        assert_eq!(verdict.mail_servers.severity, None);
        assert_eq!(
            verdict.mail_servers.text,
            "The mail servers are ready for enforce mode."
        );
        assert_eq!(verdict.published.severity, None);
        assert_eq!(verdict.published.text, "MTA-STS is live in enforce mode.");
    }

    #[test]
    fn a_wrong_mail_server_comes_first() {
        let mut facts = healthy();
        leaf(&mut facts, 0).not_after = facts.checked_at - time::Duration::days(1);
        let verdict = judge(&facts).verdict();
        assert_eq!(verdict.mail_servers.severity, Some(Severity::Problem));
        assert!(
            verdict.mail_servers.text.contains("not ready"),
            "{verdict:?}"
        );
    }

    #[test]
    fn a_policy_that_works_with_a_blemish_does_not_pass_for_right() {
        let mut facts = healthy();
        response(&mut facts).content_type = Some("text/html".into());
        let verdict = judge(&facts).verdict();
        assert_eq!(verdict.mail_servers.severity, None);
        assert_eq!(verdict.published.severity, Some(Severity::Attention));
        assert!(
            verdict.published.text.contains("something to look after"),
            "{verdict:?}"
        );
    }

    #[test]
    fn a_domain_that_does_not_exist_has_no_mail_servers_to_speak_of() {
        let mut facts = healthy();
        facts.mx = Observed::Seen(Answer::no_such_name());
        let verdict = judge(&facts).verdict();
        assert_eq!(
            verdict.mail_servers.text,
            "There is no domain example.com in the DNS."
        );
        assert_eq!(verdict.mail_servers.severity, Some(Severity::Problem));
    }

    #[test]
    fn what_was_not_reached_is_no_fault() {
        let mut facts = healthy();
        let ip = session(&mut facts, 0).ip;
        *session(&mut facts, 0) = Session {
            connected: failed(FailureKind::TimedOut),
            ..Session::to(ip)
        };
        let verdict = judge(&facts).verdict();
        assert_eq!(verdict.mail_servers.severity, Some(Severity::NotChecked));
    }
}
