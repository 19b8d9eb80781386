//! `policy-cert-weak-key`: the policy host's certificate, or one that it depends on, has an RSA key
//! below 2048 bits.

use crate::rules::certificate::chain::{of_policy_host, weak_key};

rule! {
    code: POLICY_CERT_WEAK_KEY,
    severity: Attention,
    title: "the policy host’s key is too short for some senders",
    page: "policy_cert_weak_key.md",
    check: |case, findings| of_policy_host(case, findings, weak_key),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn an_rsa_key_of_1024_bits_is_found() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].key = "RSA 1024".into();
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "an RSA key of 1024 bits");
        assert_has(&finding.fix, "web server");
    }

    #[test]
    fn an_rsa_key_of_2048_bits_is_strong() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].key = "RSA 2048".into();
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_has_no_short_key() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
