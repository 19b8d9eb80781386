//! `policy-cert-name-mismatch`: no DNS name in the certificate matches the policy host.

use crate::rules::certificate::chain::{name_mismatch, of_policy_host};

rule! {
    code: POLICY_CERT_NAME_MISMATCH,
    severity: Problem,
    title: "the policy host’s certificate is for another name",
    page: "policy_cert_name_mismatch.md",
    check: |case, findings| of_policy_host(case, findings, name_mismatch),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_certificate_for_another_site_is_found_with_both_names() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].dns_names = vec!["www.example.com".into()];
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "for www.example.com, not for mta-sts.example.com",
        );
        assert_has(&finding.fix, "web server");
    }

    #[test]
    fn a_wildcard_stands_for_the_policy_host() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].dns_names = vec!["*.example.com".into()];
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_has_no_wrong_name() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
