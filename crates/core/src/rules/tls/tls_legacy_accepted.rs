//! `tls-legacy-accepted`: the server accepts withdrawn TLS versions next to current ones.

use crate::facts::{ProbeFailure, Session, TlsVersion};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::{in_words, shown};

rule! {
    code: TLS_LEGACY_ACCEPTED,
    severity: Note,
    title: "TLS versions older than 1.2 are still accepted",
    page: "tls_legacy_accepted.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, legacy_versions, |(_, legacy)| legacy.clone()) {
            let host = shown(&server.host);
            let (agreed, legacy) = &group.example;
            let legacy = in_words(legacy);
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} agreed on {agreed}. When offered nothing newer, it accepted \
                     {legacy} too.",
                    group.address_list()
                ),
                format!(
                    "Nothing has to change for MTA-STS. When no sender needs it any more, switch \
                     off {legacy} on the mail server {host}."
                ),
            );
        }
        for group in alike(server, failed_test, |failure| failure.kind) {
            findings.not_checked(
                Subject::mail_server(&server.host),
                format!(
                    "The test of {} with old TLS versions failed: {}.",
                    group.address_list(),
                    group.example
                ),
            );
        }
    }
}

/// The version agreed on, and the older ones that are accepted too, the oldest first.
fn legacy_versions(session: &Session) -> Option<(TlsVersion, Vec<TlsVersion>)> {
    let agreed = session.tls.seen()?.version;
    let accepted = session.legacy_versions.seen()?.iter().copied();
    let mut legacy: Vec<TlsVersion> = accepted
        .filter(|version| *version < TlsVersion::Tls12)
        .collect();
    legacy.sort();
    legacy.dedup();
    (!legacy.is_empty()).then_some((agreed, legacy))
}

fn failed_test(session: &Session) -> Option<&ProbeFailure> {
    session.legacy_versions.failed()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, TlsVersion};
    use crate::rules::testing::{
        add_address, assert_has, failed, fires, not_checked, session, silent, unseen,
    };

    fn old() -> Observed<Vec<TlsVersion>> {
        Observed::Seen(vec![TlsVersion::Tls11, TlsVersion::Tls10])
    }

    #[test]
    fn old_versions_are_named() {
        let finding = fires(&RULE, |facts| session(facts, 0).legacy_versions = old());
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "agreed on TLS 1.3");
        assert_has(&finding.evidence, "accepted TLS 1.0 and TLS 1.1 too");
        assert_has(&finding.fix, "switch off TLS 1.0 and TLS 1.1");
    }

    #[test]
    fn two_addresses_with_the_same_versions_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).legacy_versions = old();
            add_address(facts, 0, "192.0.2.7").legacy_versions = old();
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn a_server_that_refuses_them_is_right() {
        silent(&RULE, |facts| {
            session(facts, 0).legacy_versions = Observed::Seen(Vec::new());
        });
    }

    #[test]
    fn a_server_that_has_nothing_newer_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            session(facts, 0).tls = failed(FailureKind::TlsTooOld);
            session(facts, 0).legacy_versions = old();
        });
    }

    #[test]
    fn versions_that_were_not_tried_are_not_accepted() {
        unseen(&RULE, |facts| {
            session(facts, 0).legacy_versions = Observed::NotAsked;
        });
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).legacy_versions = failed(FailureKind::TimedOut);
        });
        assert_has(&reason, "192.0.2.1 with old TLS versions");
    }
}
