//! `tls-too-old`: the server only has TLS versions below 1.2 (RFC 8461 section 7.2, RFC 8996).

use super::handshake::{Cause, FailedHandshake, failed_handshake};
use crate::facts::{ProbeFailure, Session, Tls};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::shown;

rule! {
    code: TLS_TOO_OLD,
    severity: Problem,
    title: "TLS 1.2 or newer is not supported",
    page: "tls_too_old.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, too_old, |(_, taken)| *taken) {
            let host = shown(&server.host);
            let (failure, taken) = group.example;
            let taken = taken.map_or(String::new(), |taken| {
                let suite = shown(&taken.cipher);
                format!(
                    " When offered every older version as well, it chose {} with the suite \
                     {suite}.",
                    taken.version
                )
            });
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} was offered TLS 1.2 and TLS 1.3 and accepted neither: \
                     {failure}.{taken}",
                    group.address_list()
                ),
                format!(
                    "Switch on TLS 1.2 and TLS 1.3 on the mail server {host}. If it has no such \
                     setting, its software or its TLS library is too old: update it."
                ),
            );
        }
    }
}

fn too_old(session: &Session) -> Option<(&ProbeFailure, Option<&Tls>)> {
    let FailedHandshake { failure, cause } = failed_handshake(session)?;
    match cause {
        Cause::OldVersion(taken) => Some((failure, taken)),
        Cause::WeakSuite(_) | Cause::Unexplained => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, TlsVersion};
    use crate::rules::testing::{
        add_address, agreed, assert_has, failed, fires, seen, session, silent, unseen,
    };

    #[test]
    fn a_server_that_speaks_only_old_versions_is_found() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TlsTooOld);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "only TLS versions below 1.2");
    }

    #[test]
    fn two_old_addresses_of_a_host_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TlsTooOld);
            add_address(facts, 0, "192.0.2.7").tls = failed(FailureKind::TlsTooOld);
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn what_the_server_takes_instead_is_named() {
        for kind in [FailureKind::TlsTooOld, FailureKind::TlsHandshake] {
            let finding = fires(&RULE, |facts| {
                let session = session(facts, 0);
                session.tls = failed(kind);
                session.anything_goes = agreed(TlsVersion::Tls10, "TLS_RSA_WITH_AES_128_CBC_SHA");
            });
            let taken = "it chose TLS 1.0 with the suite TLS_RSA_WITH_AES_128_CBC_SHA";
            assert_has(&finding.evidence, taken);
        }
    }

    #[test]
    fn a_server_that_takes_tls_1_2_after_all_is_not_too_old() {
        silent(&RULE, |facts| {
            let session = session(facts, 0);
            session.tls = failed(FailureKind::TlsHandshake);
            session.anything_goes = agreed(TlsVersion::Tls12, "TLS_RSA_WITH_AES_128_CBC_SHA");
        });
    }

    #[test]
    fn tls_1_2_is_new_enough() {
        silent(&RULE, |facts| {
            seen(&mut session(facts, 0).tls).version = TlsVersion::Tls12;
        });
    }

    #[test]
    fn another_failure_does_not_make_a_server_old() {
        silent(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TlsHandshake);
        });
    }

    #[test]
    fn a_handshake_that_was_not_seen_is_not_judged() {
        unseen(&RULE, |facts| session(facts, 0).tls = Observed::NotAsked);
        unseen(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TimedOut);
        });
    }
}
