//! `policy-cert-untrusted`: senders don't trust the root of the policy host's chain, or the chain
//! is damaged.

use crate::rules::certificate::chain::{of_policy_host, untrusted};

rule! {
    code: POLICY_CERT_UNTRUSTED,
    severity: Problem,
    title: "the policy host’s certificate comes from an unknown authority",
    page: "policy_cert_untrusted.md",
    check: |case, findings| of_policy_host(case, findings, untrusted),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Observed, Trust};
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn an_unknown_root_is_found_and_named() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).trust = Trust::UnknownRoot {
                root: "CN=Office".into(),
            };
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“CN=Office”");
        assert_has(&finding.fix, "mta-sts.example.com");
    }

    #[test]
    fn a_chain_with_a_gap_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            policy_chain(facts).trust = Trust::IssuerMissing {
                issuer: "CN=Example Root".into(),
            };
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_untrusted() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
