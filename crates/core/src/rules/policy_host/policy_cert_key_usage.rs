//! `policy-cert-key-usage`: the key usage of a certificate of the policy host rules out what it is
//! used for.

use crate::rules::certificate::chain::{key_usage, of_policy_host};

rule! {
    code: POLICY_CERT_KEY_USAGE,
    severity: Attention,
    title: "some senders refuse the key usage in the policy host’s chain",
    page: "policy_cert_key_usage.md",
    check: |case, findings| of_policy_host(case, findings, key_usage),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{KeyUsage, Observed};
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn an_intermediate_that_may_not_sign_certificates_is_named() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[1].key_usage = Some(KeyUsage {
                handshake: true,
                certificates: false,
            });
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "CN=Example Intermediate");
    }

    #[test]
    fn a_certificate_that_does_not_say_may_be_used_for_all() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].key_usage = None;
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_has_no_wrong_usage() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
