//! `policy-cert-expires-soon`: the policy host's certificate should have been renewed by now.

use crate::rules::certificate::chain::{expires_soon, of_policy_host};

rule! {
    code: POLICY_CERT_EXPIRES_SOON,
    severity: Attention,
    title: "the policy host’s certificate expires soon",
    page: "policy_cert_expires_soon.md",
    check: |case, findings| of_policy_host(case, findings, expires_soon),
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_certificate_with_one_day_left_is_found_with_its_date() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_after = facts.checked_at + Duration::days(1);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "24 November 2026, one day after this check",
        );
    }

    #[test]
    fn fourteen_days_are_enough() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_after = facts.checked_at + Duration::days(14);
        });
    }

    #[test]
    fn a_third_of_a_short_lifetime_is_enough() {
        silent(&RULE, |facts| {
            let checked_at = facts.checked_at;
            let leaf = &mut policy_chain(facts).certificates[0];
            leaf.not_before = checked_at - Duration::hours(100);
            leaf.not_after = checked_at + Duration::hours(60);
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_does_not_end_soon() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
