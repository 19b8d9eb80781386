//! `starttls-refused`: STARTTLS was offered and then refused.

use crate::facts::{FailureKind, ProbeFailure, Reply, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::{in_quotes, shown};

rule! {
    code: STARTTLS_REFUSED,
    severity: Problem,
    title: "STARTTLS is offered and then refused",
    page: "starttls_refused.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        let host = shown(&server.host);
        for group in alike(server, refused, |_| ()) {
            let answer = match group.example {
                Refused::Reply(reply) => {
                    format!(
                        "answers the command with {}",
                        in_quotes(&reply.to_string(), 300)
                    )
                }
                Refused::HungUp => "closes the connection when asked to start".to_owned(),
            };
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} offers STARTTLS but {answer}.",
                    group.address_list()
                ),
                format!(
                    "Look in the log of the mail server {host}: usually it can’t read its \
                     certificate or its private key. Fix that and reload the server."
                ),
            );
        }
        for group in alike(server, unanswered, |failure| failure.kind) {
            findings.not_checked(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} offers STARTTLS but didn’t answer the command: {}. Check again \
                     in a few minutes.",
                    group.address_list(),
                    group.example
                ),
            );
        }
    }
}

/// What the server did instead of saying 220.
enum Refused<'a> {
    Reply(&'a Reply),
    HungUp,
}

fn refused(session: &Session) -> Option<Refused<'_>> {
    if let Some(reply) = session.starttls.seen() {
        return (reply.code != 220).then_some(Refused::Reply(reply));
    }
    let failure = session.starttls.failed()?;
    (failure.kind == FailureKind::Closed).then_some(Refused::HungUp)
}

/// Silence proves nothing. A reply that is not SMTP has its own rule.
fn unanswered(session: &Session) -> Option<&ProbeFailure> {
    let is_told_elsewhere = |kind| matches!(kind, FailureKind::Closed | FailureKind::Garbled);
    session
        .starttls
        .failed()
        .filter(|failure| !is_told_elsewhere(failure.kind))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, Reply};
    use crate::rules::testing::{
        add_address, assert_has, failed, fires, not_checked, session, silent,
    };

    fn refusing() -> Observed<Reply> {
        Observed::Seen(Reply::new(
            454,
            &["TLS not available due to temporary reason"],
        ))
    }

    #[test]
    fn a_refused_starttls_is_quoted() {
        let finding = fires(&RULE, |facts| session(facts, 0).starttls = refusing());
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "“454 TLS not available");
    }

    #[test]
    fn a_host_that_refuses_at_all_addresses_is_one_finding() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).starttls = refusing();
            add_address(facts, 0, "192.0.2.7").starttls = failed(FailureKind::Closed);
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn a_server_that_hangs_up_refuses_too() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).starttls = failed(FailureKind::Closed);
        });
        assert_has(&finding.evidence, "closes the connection");
    }

    #[test]
    fn a_command_that_was_not_answered_proves_nothing() {
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).starttls = failed(FailureKind::TimedOut);
        });
        assert_has(&reason, "no answer in time");
    }

    #[test]
    fn other_troubles_have_other_rules() {
        silent(&RULE, |facts| {
            session(facts, 0).starttls = failed(FailureKind::Garbled);
        });
        silent(&RULE, |facts| {
            session(facts, 0).starttls = Observed::NotAsked;
        });
        silent(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TlsHandshake);
        });
    }
}
