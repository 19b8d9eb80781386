//! `policy-blank-line`: the policy file contains an empty line.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_BLANK_LINE,
    severity: Attention,
    title: "the policy file contains an empty line",
    page: "policy_blank_line.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::BlankLine),
        |_| "Delete every empty line, including any at the end of the file, and upload it again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn an_empty_line_is_found_with_its_number() {
        fires_on_policy(
            &RULE,
            "version: STSv1\n\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            "line 2",
            "Delete every empty line",
        );
    }

    #[test]
    fn an_empty_line_at_the_end_is_found() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n\r\n",
            "line 5",
            "at the end",
        );
    }

    #[test]
    fn one_line_break_at_the_end_is_fine() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn none_at_the_end_is_fine() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_lines() {
        unseen(&RULE, not_fetched);
    }
}
