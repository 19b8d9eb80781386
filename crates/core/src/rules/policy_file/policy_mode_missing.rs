//! `policy-mode-missing`: the policy file has no mode line.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_MODE_MISSING,
    severity: Problem,
    title: "the policy file has no mode line",
    page: "policy_mode_missing.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::ModeMissing),
        |_| "Add the line “mode: testing”, and upload the file again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_file_without_a_mode_is_found() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmx: *.example.com\nmax_age: 604800\n",
            "the mode line is missing",
            "“mode: testing”",
        );
    }

    #[test]
    fn a_wrong_mode_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: on\nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_misses_nothing() {
        unseen(&RULE, not_fetched);
    }
}
