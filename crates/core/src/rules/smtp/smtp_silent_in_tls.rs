//! `smtp-silent-in-tls`: the handshake is done, and then the server doesn't answer.

use super::alike::alike;
use crate::facts::{ProbeFailure, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::tls::handshake::is_of_the_server;
use crate::text::wording::shown;

rule! {
    code: SMTP_SILENT_IN_TLS,
    severity: NotChecked,
    title: "the mail server didn’t answer after the handshake",
    page: "smtp_silent_in_tls.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, silence, |failure| failure.kind) {
            let reason = format!(
                "At {}, {} encrypted the connection, but didn’t answer EHLO then: {}. Its encryption \
                 and its certificate were seen; whether it goes on to take mail was not. Check again \
                 in a few minutes.",
                group.address_list(),
                shown(&server.host),
                group.example
            );
            findings.report(Subject::mail_server(&server.host), reason, "");
        }
    }
}

/// Breaking off is a failed handshake, and a reply that is not SMTP has its own rule.
fn silence(session: &Session) -> Option<&ProbeFailure> {
    session.tls.seen()?;
    let failure = session.ehlo_in_tls.failed()?;
    let is_told = is_of_the_server(failure.kind) || failure.kind == crate::FailureKind::Garbled;
    (!is_told).then_some(failure)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, not_checked, session, silent, unseen};

    #[test]
    fn silence_after_the_handshake_says_what_was_seen() {
        for kind in [FailureKind::TimedOut, FailureKind::Incomplete] {
            let reason = not_checked(&RULE, |facts| session(facts, 0).ehlo_in_tls = failed(kind));
            assert_has(&reason, "Its encryption and its certificate were seen");
        }
    }

    #[test]
    fn a_server_that_hangs_up_is_left_to_the_rule_of_the_handshake() {
        silent(&RULE, |facts| {
            session(facts, 0).ehlo_in_tls = failed(FailureKind::Closed);
        });
    }

    #[test]
    fn a_handshake_that_was_not_made_is_not_followed_by_silence() {
        unseen(&RULE, |facts| {
            let session = session(facts, 0);
            session.tls = Observed::NotAsked;
            session.ehlo_in_tls = Observed::NotAsked;
        });
    }
}
