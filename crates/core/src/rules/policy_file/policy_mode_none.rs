//! `policy-mode-none`: the policy's mode is none.

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::policy::Mode;

rule! {
    code: POLICY_MODE_NONE,
    severity: Attention,
    title: "the policy is switched off",
    page: "policy_mode_none.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let policy = case
        .policy
        .as_ref()
        .and_then(|reading| reading.policy.as_ref());
    if policy.is_none_or(|policy| policy.mode() != Mode::None) {
        return;
    }
    let domain = &case.facts.domain;
    findings.report(
        Subject::policy_host(domain),
        format!(
            "The policy at {} says “mode: none”. It protects nothing.",
            domain.policy_url()
        ),
        format!(
            "If you don’t mean to remove MTA-STS, write “mode: testing” in the policy file, \
             publish it, and then give {} a new id.",
            domain.mta_sts_record_name()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{POLICY, fires_on_policy, not_fetched, set_policy, silent, unseen};

    #[test]
    fn a_policy_that_is_switched_off_is_found() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: none\nmax_age: 86400\n",
            "“mode: none”",
            "_mta-sts.example.com",
        );
    }

    #[test]
    fn testing_mode_is_not_switched_off() {
        silent(&RULE, |facts| {
            set_policy(facts, &POLICY.replace("enforce", "testing"));
        });
    }

    #[test]
    fn a_policy_that_was_not_fetched_is_not_switched_off() {
        unseen(&RULE, not_fetched);
    }
}
