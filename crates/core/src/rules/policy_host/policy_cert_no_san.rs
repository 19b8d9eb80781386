//! `policy-cert-no-san`: the policy host's certificate has no DNS name, at best a common name.

use crate::rules::certificate::chain::{no_san, of_policy_host};

rule! {
    code: POLICY_CERT_NO_SAN,
    severity: Problem,
    title: "the policy host’s certificate lists no host name",
    page: "policy_cert_no_san.md",
    check: |case, findings| of_policy_host(case, findings, no_san),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_name_only_in_the_common_name_is_found() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].dns_names.clear();
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "“mta-sts.example.com” as its common name",
        );
    }

    #[test]
    fn a_common_name_is_not_needed() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].common_name = None;
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_does_not_lack_a_name() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
