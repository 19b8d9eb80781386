//! `policy-version-not-first`: another line of the policy file comes before the version.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_VERSION_NOT_FIRST,
    severity: Attention,
    title: "the version isn’t the first line of the policy",
    page: "policy_version_not_first.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::VersionNotFirst),
        |_| "Move the line “version: STSv1” to the top of the file, and upload it again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_version_on_the_second_line_is_found() {
        fires_on_policy(
            &RULE,
            "mode: enforce\nversion: STSv1\nmx: *.example.com\nmax_age: 604800\n",
            "line 2",
            "to the top",
        );
    }

    #[test]
    fn the_order_of_the_other_lines_is_free() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmax_age: 604800\nmx: *.example.com\nmode: enforce\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_order() {
        unseen(&RULE, not_fetched);
    }
}
