//! `cert-weak-key`: an MX host's certificate, or one that it depends on, has an RSA key below 2048 bits.

use super::chain::{of_mail_servers, weak_key};

rule! {
    code: CERT_WEAK_KEY,
    severity: Attention,
    title: "the certificate’s key is too short for some senders",
    page: "cert_weak_key.md",
    check: |case, findings| of_mail_servers(case, findings, weak_key),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fires, leaf, served_chain, session, silent, unseen};

    #[test]
    fn an_rsa_key_of_1024_bits_is_found() {
        let finding = fires(&RULE, |facts| leaf(facts, 0).key = "RSA 1024".into());
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "an RSA key of 1024 bits");
        assert_has(&finding.fix, "RSA with 2048 bits");
    }

    #[test]
    fn an_intermediate_with_a_short_key_is_named() {
        let finding = fires(&RULE, |facts| {
            served_chain(facts, 0).certificates[1].key = "RSA 1024".into();
        });
        assert_has(&finding.evidence, "CN=Example Intermediate");
    }

    #[test]
    fn long_keys_and_keys_on_curves_are_strong() {
        for key in ["RSA 2048", "RSA 16384", "EC 256", "EC 521", "1.3.101.112"] {
            silent(&RULE, |facts| leaf(facts, 0).key = key.into());
        }
    }

    #[test]
    fn a_certificate_that_was_not_seen_has_no_short_key() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
