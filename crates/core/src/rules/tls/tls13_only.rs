//! `tls13-only`: the server has switched TLS 1.2 off.

use crate::facts::{Session, TlsVersion};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::shown;

rule! {
    code: TLS13_ONLY,
    severity: Note,
    title: "TLS 1.3 is the only version accepted",
    page: "tls13_only.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, refuses_tls12, |()| ()) {
            let host = shown(&server.host);
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} agreed on TLS 1.3 but rejected a second connection that offered \
                     only TLS 1.2.",
                    group.address_list()
                ),
                format!(
                    "Switch on TLS 1.2 in addition to TLS 1.3 on {host}, unless you want to turn \
                     away senders that have nothing newer."
                ),
            );
        }
        for group in alike(
            server,
            |session| session.tls12.failed(),
            |failure| failure.kind,
        ) {
            findings.not_checked(
                Subject::mail_server(&server.host),
                format!(
                    "The test of {} with TLS 1.2 alone failed: {}.",
                    group.address_list(),
                    group.example
                ),
            );
        }
    }
}

fn refuses_tls12(session: &Session) -> Option<()> {
    let agreed = session.tls.seen()?;
    let tls12_works = session.tls12.seen()?;
    (agreed.version == TlsVersion::Tls13 && !tls12_works).then_some(())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, TlsVersion};
    use crate::rules::testing::{
        add_address, assert_has, failed, fires, not_checked, seen, session, silent, unseen,
    };

    #[test]
    fn a_server_without_tls_1_2_is_found() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).tls12 = Observed::Seen(false);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "offered only TLS 1.2");
    }

    #[test]
    fn two_addresses_of_a_host_are_one_finding() {
        fires(&RULE, |facts| {
            session(facts, 0).tls12 = Observed::Seen(false);
            add_address(facts, 0, "192.0.2.7");
        });
    }

    #[test]
    fn a_server_with_both_versions_is_fine() {
        silent(&RULE, |facts| {
            session(facts, 0).tls12 = Observed::Seen(true);
        });
    }

    #[test]
    fn a_server_that_agreed_on_tls_1_2_has_it() {
        silent(&RULE, |facts| {
            seen(&mut session(facts, 0).tls).version = TlsVersion::Tls12;
            session(facts, 0).tls12 = Observed::Seen(false);
        });
    }

    #[test]
    fn a_second_connection_that_was_not_made_proves_nothing() {
        unseen(&RULE, |facts| session(facts, 0).tls12 = Observed::NotAsked);
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).tls12 = failed(FailureKind::TimedOut);
        });
        assert_has(&reason, "192.0.2.1 with TLS 1.2 alone");
    }
}
