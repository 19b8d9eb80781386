//! `cert-untrusted`: an MX host's chain ends at a root that senders do not trust, or breaks a rule that
//! they check.

use super::chain::{of_mail_servers, untrusted, unverified_mail_servers};

rule! {
    code: CERT_UNTRUSTED,
    severity: Problem,
    title: "the certificate is not trusted",
    page: "cert_untrusted.md",
    check: |case, findings| {
        of_mail_servers(case, findings, untrusted);
        unverified_mail_servers(case, findings);
    },
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{ChainFault, Observed, Trust};
    use crate::rules::testing::{
        assert_has, fires, not_checked, served_chain, session, silent, unseen,
    };

    #[test]
    fn an_unknown_root_is_found_and_named() {
        let finding = fires(&RULE, |facts| {
            served_chain(facts, 0).trust = Trust::UnknownRoot {
                root: "CN=Office\u{202e}".into(),
            };
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "“CN=Office\\u{202e}”");
    }

    #[test]
    fn a_damaged_chain_is_found_with_the_words_of_the_verifier() {
        let finding = fires(&RULE, |facts| {
            served_chain(facts, 0).trust = Trust::Invalid {
                detail: "bad signature".into(),
            };
        });
        assert_has(&finding.evidence, "bad signature");
    }

    #[test]
    fn each_fault_of_a_chain_is_told_in_its_own_words() {
        for (fault, evidence, fix) in [
            (ChainFault::WrongPurpose, "isn’t meant for servers", "Get a"),
            (ChainFault::NameNotAllowed, "name constraints", "Get a"),
            (ChainFault::AuthorityAsServer, "as its own", "Get a"),
            (ChainFault::ServerAsAuthority, "can sign others", "Get a"),
            (ChainFault::BadSignature, "wrong signature", "Download the"),
            (ChainFault::WeakSignature, "SHA-1 or MD5", "Get a"),
            (
                ChainFault::UnknownCriticalExtension,
                "critical extension",
                "Get a",
            ),
            (
                ChainFault::PathTooLong,
                "authorities allows",
                "Download the",
            ),
            (ChainFault::OldVersion, "version 1 or 2", "Get a"),
            (ChainFault::InvalidDates, "before it becomes valid", "Get a"),
            (ChainFault::Damaged, "a damaged certificate", "Get a"),
        ] {
            let finding = fires(&RULE, |facts| {
                served_chain(facts, 0).trust = Trust::Faulty(fault);
            });
            assert_has(&finding.evidence, evidence);
            assert_has(&finding.fix, fix);
            assert!(
                !finding.evidence.contains("leads to"),
                "{fault:?} is no unknown authority"
            );
        }
    }

    #[test]
    fn a_chain_that_this_program_cannot_verify_is_not_called_untrusted() {
        let reason = not_checked(&RULE, |facts| {
            served_chain(facts, 0).trust = Trust::Unverified {
                detail: "this program can’t verify RSA keys of 1024 bits".into(),
            };
        });
        assert_has(&reason, "mx1.example.com (192.0.2.1)");
        assert_has(&reason, "RSA keys of 1024 bits. Senders may accept it.");
    }

    #[test]
    fn a_certificate_signed_by_itself_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            served_chain(facts, 0).trust = Trust::SelfSigned;
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_untrusted() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
