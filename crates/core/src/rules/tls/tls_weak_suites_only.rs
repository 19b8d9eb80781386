//! `tls-weak-suites-only`: TLS 1.2 works only with suites that careful senders do not offer.

use super::handshake::{Cause, FailedHandshake, failed_handshake};
use crate::facts::{ProbeFailure, Session, Tls};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::shown;

rule! {
    code: TLS_WEAK_SUITES_ONLY,
    severity: Attention,
    title: "TLS works only with outdated cipher suites",
    page: "tls_weak_suites_only.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, weak, |(_, taken, seen)| {
            (taken.cipher.as_str(), *seen)
        }) {
            let host = shown(&server.host);
            let (failure, taken, certificate_seen) = group.example;
            let certificate = if certificate_seen {
                ""
            } else {
                " We didn’t see its certificate."
            };
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} and this check couldn’t agree on a cipher suite, the recipe for \
                     encryption: {failure}. When offered every older suite as well, it chose {} \
                     with the suite {}.{certificate}",
                    group.address_list(),
                    taken.version,
                    shown(&taken.cipher)
                ),
                format!(
                    "On the mail server {host}, allow suites with ECDHE and AES-GCM or \
                     ChaCha20-Poly1305: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 and \
                     TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 for a certificate with an RSA key, the \
                     same with ECDSA instead of RSA for one with an elliptic-curve key."
                ),
            );
        }
    }
}

/// The failure, what the server chose instead, and whether its certificate came unencrypted.
fn weak(session: &Session) -> Option<(&ProbeFailure, &Tls, bool)> {
    let FailedHandshake { failure, cause } = failed_handshake(session)?;
    match cause {
        Cause::WeakSuite(taken) => Some((failure, taken, session.chain.seen().is_some())),
        Cause::OldVersion(_) | Cause::Unexplained => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, Session, TlsVersion};
    use crate::rules::testing::{
        add_address, agreed, assert_has, failed, fires, session, silent, unseen,
    };

    const WEAK: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";

    fn weaken(session: &mut Session) {
        session.tls = failed(FailureKind::TlsHandshake);
        session.anything_goes = agreed(TlsVersion::Tls12, WEAK);
    }

    #[test]
    fn a_server_with_weak_suites_alone_is_found_and_the_suite_named() {
        let finding = fires(&RULE, |facts| weaken(session(facts, 0)));
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "TLS 1.2 with the suite TLS_RSA_WITH");
        assert_has(&finding.fix, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    }

    #[test]
    fn two_addresses_with_the_same_suite_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            weaken(session(facts, 0));
            weaken(add_address(facts, 0, "192.0.2.7"));
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn a_good_suite_and_an_old_version_are_other_matters() {
        for (version, cipher) in [
            (TlsVersion::Tls12, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            (TlsVersion::Tls13, "TLS_AES_128_GCM_SHA256"),
            (TlsVersion::Tls11, WEAK),
        ] {
            silent(&RULE, |facts| {
                session(facts, 0).tls = failed(FailureKind::TlsHandshake);
                session(facts, 0).anything_goes = agreed(version, cipher);
            });
        }
    }

    #[test]
    fn a_weak_suite_beside_a_good_handshake_is_no_matter() {
        silent(&RULE, |facts| {
            session(facts, 0).anything_goes = agreed(TlsVersion::Tls12, WEAK);
        });
    }

    #[test]
    fn without_a_second_look_no_suite_is_blamed() {
        unseen(&RULE, |facts| {
            weaken(session(facts, 0));
            session(facts, 0).anything_goes = Observed::NotAsked;
        });
        unseen(&RULE, |facts| {
            weaken(session(facts, 0));
            session(facts, 0).anything_goes = failed(FailureKind::Closed);
        });
        unseen(&RULE, |facts| {
            weaken(session(facts, 0));
            session(facts, 0).tls = failed(FailureKind::TimedOut);
        });
    }
}
