//! `policy-indented`: a line of the policy file begins with white space.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_INDENTED,
    severity: Problem,
    title: "lines of the policy file begin with spaces",
    page: "policy_indented.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::Indented),
        |_| "Remove the spaces and tabs at the beginning of every line, and upload the file again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn an_indented_line_is_found_with_its_number() {
        fires_on_policy(
            &RULE,
            "version: STSv1\n  mode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            "line 2",
            "beginning of every line",
        );
    }

    #[test]
    fn spaces_behind_the_colon_and_at_the_end_are_fine() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode:   enforce  \nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_lines() {
        unseen(&RULE, not_fetched);
    }
}
