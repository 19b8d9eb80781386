//! `smtp-garbled`: a reply on port 25 is not SMTP.

use super::alike::alike;
use crate::facts::{FailureKind, Observed, Reply, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_quotes, shown};

rule! {
    code: SMTP_GARBLED,
    severity: Problem,
    title: "the mail server’s answer is not SMTP",
    page: "smtp_garbled.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, garbled, |(step, _)| *step) {
            let (step, excerpt) = group.example;
            let host = shown(&server.host);
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} {step} with something that isn’t SMTP, the language of mail \
                     servers: {}.",
                    group.address_list(),
                    in_quotes(excerpt, 200)
                ),
                format!(
                    "Find out which program answers on port 25 of {host}, and let the mail server \
                     answer there. If the reply is too long, shorten the greeting text."
                ),
            );
        }
    }
}

/// The step that got such an answer, and an excerpt of the answer.
fn garbled(session: &Session) -> Option<(&'static str, &str)> {
    let excerpt = |reply| garbled_reply(reply).map(String::as_str);
    excerpt(&session.greeting)
        .map(|text| ("greets", text))
        .or_else(|| excerpt(&session.ehlo).map(|text| ("answers the command EHLO", text)))
        .or_else(|| excerpt(&session.starttls).map(|text| ("answers the command STARTTLS", text)))
        .or_else(|| excerpt(&session.ehlo_in_tls).map(|text| ("answers the command EHLO", text)))
}

fn garbled_reply(reply: &Observed<Reply>) -> Option<&String> {
    let failure = reply
        .failed()
        .filter(|failure| failure.kind == FailureKind::Garbled)?;
    Some(&failure.detail)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, ProbeFailure};
    use crate::rules::testing::{add_address, assert_has, failed, fires, session, silent, unseen};

    fn garbled<T>(text: &str) -> Observed<T> {
        Observed::Failed(ProbeFailure::new(FailureKind::Garbled, text))
    }

    #[test]
    fn a_web_server_on_port_25_is_quoted() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).greeting = garbled("HTTP/1.1 400 Bad Request\r\n");
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert!(
            finding.evidence.contains("greets with") && finding.evidence.contains("“HTTP/1.1 400"),
            "{}",
            finding.evidence
        );
        assert!(!finding.evidence.contains('\n'));
    }

    #[test]
    fn a_garbled_answer_counts_at_every_step() {
        let finding = fires(&RULE, |facts| session(facts, 0).ehlo = garbled("?"));
        assert_has(&finding.evidence, "the command EHLO");
        let finding = fires(&RULE, |facts| session(facts, 0).starttls = garbled("?"));
        assert_has(&finding.evidence, "the command STARTTLS");
    }

    #[test]
    fn two_addresses_that_answer_so_are_one_finding() {
        fires(&RULE, |facts| {
            session(facts, 0).greeting = garbled("one");
            add_address(facts, 0, "192.0.2.7").greeting = garbled("two");
        });
    }

    #[test]
    fn a_refusal_in_good_smtp_is_another_matter() {
        silent(&RULE, |facts| {
            session(facts, 0).greeting = Observed::Seen(crate::facts::Reply::new(554, &["no"]));
        });
    }

    #[test]
    fn a_reply_that_never_came_is_not_called_garbled() {
        unseen(&RULE, |facts| {
            session(facts, 0).greeting = failed(FailureKind::TimedOut);
        });
        unseen(&RULE, |facts| {
            session(facts, 0).ehlo = failed(FailureKind::Closed);
        });
    }
}
