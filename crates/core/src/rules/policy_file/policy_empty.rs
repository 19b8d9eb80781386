//! `policy-empty`: the policy file is empty.

use super::faults::{report_faults, whole_file};
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_EMPTY,
    severity: Problem,
    title: "the policy file is empty",
    page: "policy_empty.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::Empty),
        |_| {
            format!(
                "Upload the policy file again, with these lines: {}.",
                whole_file(case)
            )
        },
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_file_of_nothing_is_found_with_the_lines_to_upload() {
        fires_on_policy(&RULE, "", "the file is empty", "“mx: mx1.example.com”");
    }

    #[test]
    fn a_file_of_blanks_is_empty() {
        fires_on_policy(&RULE, " \r\n\r\n", "the file is empty", "“mode: testing”");
    }

    #[test]
    fn a_file_with_anything_in_it_is_not_empty() {
        silent(&RULE, policy_is("x"));
    }

    #[test]
    fn a_file_that_was_not_fetched_is_not_empty() {
        unseen(&RULE, not_fetched);
    }
}
