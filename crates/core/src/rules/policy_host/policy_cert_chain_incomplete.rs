//! `policy-cert-chain-incomplete`: the policy host does not send the intermediate certificate.

use crate::rules::certificate::chain::{chain_incomplete, of_policy_host};

rule! {
    code: POLICY_CERT_CHAIN_INCOMPLETE,
    severity: Problem,
    title: "the policy host doesn’t send its intermediate certificate",
    page: "policy_cert_chain_incomplete.md",
    check: |case, findings| of_policy_host(case, findings, chain_incomplete),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Observed, Trust};
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_missing_intermediate_is_found_and_named() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).trust = Trust::IssuerMissing {
                issuer: "CN=Example Intermediate".into(),
            };
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“CN=Example Intermediate”");
        assert_has(&finding.fix, "mta-sts.example.com");
    }

    #[test]
    fn a_certificate_signed_by_itself_misses_no_other() {
        silent(&RULE, |facts| {
            policy_chain(facts).trust = Trust::SelfSigned;
        });
    }

    #[test]
    fn a_chain_that_was_not_seen_is_not_incomplete() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
