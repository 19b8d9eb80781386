//! `cert-untrusted`: an MX host's chain ends at a root that senders do not trust, or is damaged.

use super::chain::{of_mail_servers, untrusted};

rule! {
    code: CERT_UNTRUSTED,
    severity: Problem,
    title: "the certificate comes from an unknown authority",
    page: "cert_untrusted.md",
    check: |case, findings| of_mail_servers(case, findings, untrusted),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Observed, Trust};
    use crate::rules::testing::{assert_has, fires, served_chain, session, silent, unseen};

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
