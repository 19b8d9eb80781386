//! `policy-max-age-missing`: the policy file has no `max_age` line.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_MAX_AGE_MISSING,
    severity: Problem,
    title: "the policy file has no max_age line",
    page: "policy_max_age_missing.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::MaxAgeMissing),
        |_| "Add the line “max_age: 604800” (one week), and upload the file again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_file_without_max_age_is_found() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\n",
            "the max_age line is missing",
            "“max_age: 604800”",
        );
    }

    #[test]
    fn a_wrong_max_age_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: week\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_misses_nothing() {
        unseen(&RULE, not_fetched);
    }
}
