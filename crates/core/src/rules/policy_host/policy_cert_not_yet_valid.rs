//! `policy-cert-not-yet-valid`: the policy host's certificate isn't valid yet.

use crate::rules::certificate::chain::{not_yet_valid, of_policy_host};

rule! {
    code: POLICY_CERT_NOT_YET_VALID,
    severity: Problem,
    title: "the policy host’s certificate isn’t valid yet",
    page: "policy_cert_not_yet_valid.md",
    check: |case, findings| of_policy_host(case, findings, not_yet_valid),
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_certificate_of_tomorrow_is_found_with_its_date() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_before = facts.checked_at + Duration::days(1);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "24 November 2026");
    }

    #[test]
    fn a_certificate_that_begins_this_moment_is_valid() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_before = facts.checked_at;
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_too_early() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
