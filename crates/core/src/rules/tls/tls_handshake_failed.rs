//! `tls-handshake-failed`: the handshake failed although the versions fit.

use super::handshake::{Cause, FailedHandshake, failed_handshake, is_of_the_server};
use crate::facts::{FailureKind, ProbeFailure, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::shown;

rule! {
    code: TLS_HANDSHAKE_FAILED,
    severity: Problem,
    title: "the TLS handshake failed",
    page: "tls_handshake_failed.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        let host = shown(&server.host);
        for group in alike(server, failure, |failure| failure.kind) {
            let seen = format!(
                "At {}, {host} offered encryption, but it couldn’t be established: {}.",
                group.address_list(),
                group.example
            );
            if is_of_the_server(group.example.kind) {
                findings.report(
                    Subject::mail_server(&server.host),
                    seen,
                    format!(
                        "Look in the log of the mail server {host} for the time of the check. Make \
                         sure that its certificate and private key belong together, that it \
                         doesn’t ask senders for a certificate, and that it offers TLS 1.3, or TLS \
                         1.2 with ECDHE and AES-GCM or ChaCha20."
                    ),
                );
            } else {
                let what_now = if group.example.kind == FailureKind::Unsupported {
                    "Senders may support it."
                } else {
                    "This says nothing about its encryption. Check again in a few minutes."
                };
                findings.not_checked(
                    Subject::mail_server(&server.host),
                    format!("{seen} {what_now}"),
                );
            }
        }
    }
}

/// Old versions and weak suites have their own rules.
fn failure(session: &Session) -> Option<&ProbeFailure> {
    let FailedHandshake { failure, cause } = failed_handshake(session)?;
    matches!(cause, Cause::Unexplained).then_some(failure)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, ProbeFailure, TlsVersion};
    use crate::rules::testing::{
        add_address, agreed, assert_has, failed, fires, not_checked, session, silent,
    };

    #[test]
    fn an_alert_is_told_by_its_name() {
        let alert = ProbeFailure::new(FailureKind::TlsHandshake, "alert: handshake_failure");
        let finding = fires(&RULE, |facts| {
            session(facts, 0).tls = Observed::Failed(alert);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "alert: handshake_failure");
    }

    #[test]
    fn the_same_failure_at_two_addresses_is_one_finding() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::Closed);
            add_address(facts, 0, "192.0.2.7").tls = failed(FailureKind::Closed);
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn a_server_that_breaks_off_after_the_handshake_is_found_too() {
        let alert = ProbeFailure::new(FailureKind::TlsHandshake, "alert: certificate_required");
        let finding = fires(&RULE, |facts| {
            session(facts, 0).ehlo_in_tls = Observed::Failed(alert);
        });
        assert_has(&finding.evidence, "certificate_required");
    }

    #[test]
    fn old_versions_are_another_matter() {
        silent(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TlsTooOld);
        });
    }

    #[test]
    fn weak_suites_and_versions_that_a_second_look_shows_are_told_by_other_rules() {
        for version in [TlsVersion::Tls11, TlsVersion::Tls12] {
            silent(&RULE, |facts| {
                let session = session(facts, 0);
                session.tls = failed(FailureKind::TlsHandshake);
                session.anything_goes = agreed(version, "TLS_RSA_WITH_AES_128_CBC_SHA");
            });
        }
    }

    #[test]
    fn a_good_suite_at_a_second_look_explains_nothing() {
        fires(&RULE, |facts| {
            let session = session(facts, 0);
            session.tls = failed(FailureKind::TlsHandshake);
            session.anything_goes =
                agreed(TlsVersion::Tls12, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        });
    }

    #[test]
    fn a_handshake_that_took_too_long_proves_nothing() {
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TimedOut);
        });
        assert_has(&reason, "no answer in time");
    }

    #[test]
    fn a_handshake_that_is_beyond_this_program_proves_nothing() {
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::Unsupported);
        });
        assert_has(&reason, "this program doesn’t support it");
        assert_has(&reason, "Senders may support it.");
    }

    #[test]
    fn a_handshake_that_was_never_begun_did_not_fail() {
        silent(&RULE, |facts| session(facts, 0).tls = Observed::NotAsked);
    }
}
