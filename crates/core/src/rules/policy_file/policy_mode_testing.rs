//! `policy-mode-testing`: the policy's mode is testing.

use crate::rules::case::Case;
use crate::rules::coverage::covered::policy_in_use;
use crate::rules::finding::{Findings, Subject};
use crate::text::policy::Mode;

rule! {
    code: POLICY_MODE_TESTING,
    severity: Note,
    title: "the policy is in testing mode",
    page: "policy_mode_testing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    if policy_in_use(case).is_none_or(|policy| policy.mode() != Mode::Testing) {
        return;
    }
    let domain = &case.facts.domain;
    findings.report(
        Subject::policy_host(domain),
        format!(
            "The policy at {} says “mode: testing”. Senders that follow the standard refuse nothing yet.",
            domain.policy_url()
        ),
        format!(
            "Once two weeks of TLS reports show no failures, write “mode: enforce” in the policy \
             file, publish it, and then give {} a new id.",
            domain.mta_sts_record_name()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{
        POLICY, assert_has, fires, not_fetched, policy_is, set_policy, silent, unseen,
    };

    #[test]
    fn testing_mode_is_found_with_the_way_on() {
        let finding = fires(&RULE, |facts| {
            set_policy(facts, &POLICY.replace("enforce", "testing"));
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“mode: testing”");
        assert_has(&finding.fix, "“mode: enforce”");
    }

    #[test]
    fn a_policy_that_is_switched_off_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            set_policy(facts, &POLICY.replace("enforce", "none"));
        });
    }

    #[test]
    fn a_file_that_senders_ignore_has_no_mode() {
        silent(&RULE, policy_is("mode: testing\n"));
    }

    #[test]
    fn a_policy_that_was_not_fetched_is_in_no_mode() {
        unseen(&RULE, not_fetched);
    }
}
