//! The verdict of a report in sentences, for whoever shows one to a person.

use crate::{Mode, Published, ReadyMailServers, Report, Severity};

/// Where a domain stands, in two sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How bad the headline is; `None` where all is well.
    pub severity: Option<Severity>,
    /// On the mail servers, or on the domain itself.
    pub headline: String,
    /// On what is published.
    pub published: &'static str,
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
    /// assert_eq!(verdict.severity, Some(Severity::NotChecked));
    /// assert_eq!(verdict.headline, "Not everything could be checked from here.");
    /// # Ok::<(), mta_sts_core::DomainError>(())
    /// ```
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let (severity, headline) = headline(self);
        Verdict {
            severity,
            headline,
            published: published(self),
        }
    }
}

fn headline(report: &Report) -> (Option<Severity>, String) {
    let domain = report.domain.to_unicode();
    let found = |code| {
        report
            .findings
            .iter()
            .any(|finding| finding.rule.code == code)
    };
    if found("domain-not-found") {
        return (
            Some(Severity::Problem),
            format!("There is no domain {domain} in the DNS."),
        );
    }
    match report.readiness.mail_servers {
        ReadyMailServers::NoMail => (
            None,
            format!("{domain} takes no mail, so there is nothing to protect."),
        ),
        ReadyMailServers::Ready => (None, "Your mail servers are ready.".to_owned()),
        ReadyMailServers::Attention => (
            Some(Severity::Attention),
            "Your mail servers work, with something to look after.".to_owned(),
        ),
        ReadyMailServers::NotReady => (
            Some(Severity::Problem),
            "Your mail servers are not ready: in enforce mode, mail would be refused.".to_owned(),
        ),
        ReadyMailServers::Undetermined => (
            Some(Severity::NotChecked),
            if is_blocked(report) {
                "We could not reach port 25 from your network.".to_owned()
            } else {
                "Not everything could be checked from here.".to_owned()
            },
        ),
    }
}

fn is_blocked(report: &Report) -> bool {
    report
        .not_checked
        .iter()
        .any(|entry| entry.rule.code == "port-25-blocked-here")
}

fn published(report: &Report) -> &'static str {
    match (report.readiness.published, report.readiness.effective_mode) {
        (Published::None, _) => "MTA-STS is not set up yet.",
        (Published::Broken, _) => {
            "What is published has a fault: senders ignore it, or refuse mail because of it."
        }
        (Published::Undetermined, _) => "What is published could not be checked completely.",
        (_, Some(Mode::Enforce)) => "MTA-STS is live in enforce mode.",
        (_, Some(Mode::Testing)) => "MTA-STS is live in testing mode. Nothing is refused yet.",
        (_, Some(Mode::None)) => "MTA-STS is switched off by its policy.",
        (_, None) => "What is published has no effect yet.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Answer, FailureKind, Observed, Session};
    use crate::judge;
    use crate::rules::testing::{failed, healthy, leaf, session};

    #[test]
    fn a_right_domain_is_told_so() {
        let verdict = judge(&healthy()).verdict();
        assert_eq!(verdict.severity, None);
        assert_eq!(verdict.headline, "Your mail servers are ready.");
        assert!(verdict.published.starts_with("MTA-STS is live in "));
    }

    #[test]
    fn a_wrong_mail_server_comes_first() {
        let mut facts = healthy();
        leaf(&mut facts, 0).not_after = facts.checked_at - time::Duration::days(1);
        let verdict = judge(&facts).verdict();
        assert_eq!(verdict.severity, Some(Severity::Problem));
        assert!(verdict.headline.contains("not ready"), "{verdict:?}");
    }

    #[test]
    fn a_domain_that_does_not_exist_has_no_mail_servers_to_speak_of() {
        let mut facts = healthy();
        facts.mx = Observed::Seen(Answer::no_such_name());
        let verdict = judge(&facts).verdict();
        assert_eq!(
            verdict.headline,
            "There is no domain example.com in the DNS."
        );
        assert_eq!(verdict.severity, Some(Severity::Problem));
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
        assert_eq!(verdict.severity, Some(Severity::NotChecked));
    }
}
