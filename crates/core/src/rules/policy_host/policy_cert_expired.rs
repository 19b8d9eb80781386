//! `policy-cert-expired`: the policy host's certificate has expired.

use crate::rules::certificate::chain::{expired, of_policy_host};

rule! {
    code: POLICY_CERT_EXPIRED,
    severity: Problem,
    title: "the policy host’s certificate has expired",
    page: "policy_cert_expired.md",
    check: |case, findings| of_policy_host(case, findings, expired),
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn an_expired_certificate_is_found_with_its_date() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_after = facts.checked_at - Duration::days(1);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "192.0.2.80");
        assert_has(&finding.evidence, "22 November 2026");
    }

    #[test]
    fn a_certificate_that_ends_this_moment_has_not_expired() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_after = facts.checked_at;
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_called_expired() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
