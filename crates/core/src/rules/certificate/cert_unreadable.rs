//! `cert-unreadable`: an MX host's certificate can't be read, so nobody can tell whom it is for.

use super::chain::{Server, unreadable};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::shown;

rule! {
    code: CERT_UNREADABLE,
    severity: Problem,
    title: "the certificate can’t be read",
    page: "cert_unreadable.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        let host = shown(&server.host);
        for group in alike(
            server,
            |session| session.chain.failed(),
            |failure| failure.kind,
        ) {
            let subject = Subject::mail_server(&server.host);
            let addresses = group.address_list();
            match unreadable(&server.host, Server::Mail, group.example) {
                Some(fault) => findings.report(
                    subject,
                    format!("On port 25, {host} ({addresses}) shows {}", fault.seen),
                    fault.fix,
                ),
                None => findings.not_checked(
                    subject,
                    format!(
                        "We couldn’t read the certificate of {host} ({addresses}) on port 25: {}.",
                        group.example
                    ),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, ProbeFailure};
    use crate::rules::testing::{
        add_address, assert_has, failed, fires, not_checked, session, silent, unseen,
    };

    #[test]
    fn a_date_that_does_not_exist_is_found() {
        let detail = "one of its dates doesn’t exist";
        let failure = ProbeFailure::new(FailureKind::UnreadableCertificate, detail);
        let finding = fires(&RULE, |facts| {
            session(facts, 0).chain = Observed::Failed(failure);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(
            &finding.evidence,
            "can’t be read: one of its dates doesn’t exist.",
        );
        assert_has(&finding.fix, "mx1.example.com");
    }

    #[test]
    fn two_addresses_with_the_same_certificate_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).chain = failed(FailureKind::UnreadableCertificate);
            add_address(facts, 0, "192.0.2.7");
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn a_certificate_that_only_this_program_cannot_read_is_not_checked() {
        for kind in [FailureKind::Unsupported, FailureKind::Other] {
            let reason = not_checked(&RULE, |facts| session(facts, 0).chain = failed(kind));
            assert_has(&reason, "mx1.example.com (192.0.2.1)");
        }
    }

    #[test]
    fn a_certificate_that_can_be_read_is_left_to_other_rules() {
        silent(&RULE, |_| ());
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_called_unreadable() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
