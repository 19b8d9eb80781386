//! `policy-max-age-long`: the policy's `max_age` is valid, but above 31536000.

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::policy::MaxAge;

rule! {
    code: POLICY_MAX_AGE_LONG,
    severity: Note,
    title: "max_age is longer than a year of 365 days",
    page: "policy_max_age_long.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(policy) = case
        .policy
        .as_ref()
        .and_then(|reading| reading.policy.as_ref())
    else {
        return;
    };
    if policy.max_age() <= MaxAge::LONGEST_WRITTEN {
        return;
    }
    let domain = &case.facts.domain;
    findings.report(
        Subject::policy_host(domain),
        format!(
            "The policy at {} says “max_age: {}”.",
            domain.policy_url(),
            policy.max_age().secs()
        ),
        format!(
            "Write “max_age: {}” in the policy file, publish it, and then give {} a new id.",
            MaxAge::LONGEST_WRITTEN.secs(),
            domain.mta_sts_record_name()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Facts;
    use crate::rules::testing::{assert_has, fires, not_fetched, set_policy, silent, unseen};

    fn set(facts: &mut Facts, max_age: u32) {
        let text =
            format!("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: {max_age}\n");
        set_policy(facts, &text);
    }

    #[test]
    fn a_second_more_than_a_year_is_found() {
        let finding = fires(&RULE, |facts| set(facts, 31_536_001));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“max_age: 31536001”");
        assert_has(&finding.fix, "“max_age: 31536000”");
    }

    #[test]
    fn a_year_of_365_days_is_fine() {
        silent(&RULE, |facts| set(facts, 31_536_000));
    }

    #[test]
    fn more_than_the_standard_allows_is_left_to_another_rule() {
        silent(&RULE, |facts| set(facts, 31_557_601));
    }

    #[test]
    fn a_policy_that_was_not_fetched_is_not_long() {
        unseen(&RULE, not_fetched);
    }
}
