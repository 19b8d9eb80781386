//! `policy-duplicate-field`: a field other than mx occurs twice in the policy file.

use super::faults::{is_two_files_in_one, report_faults};
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_DUPLICATE_FIELD,
    severity: Attention,
    title: "a field appears twice in the policy",
    page: "policy_duplicate_field.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    // Left to policy-syntax.
    if is_two_files_in_one(case) {
        return;
    }
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::DuplicateField { .. }),
        |duplicates| {
            let record_name = case.facts.domain.mta_sts_record_name();
            let second = duplicates.iter().find(|fault| is_of_version(&fault.kind));
            match second {
                Some(second) => format!(
                    "A second policy begins at line {}. Keep one of them, upload the file, and \
                     then give {record_name} a new id. Until then, the mx lines of both count.",
                    second.line
                ),
                None => format!(
                    "Keep one line for each field, upload the file, and then give {record_name} a \
                     new id."
                ),
            }
        },
    );
}

fn is_of_version(fault: &PolicyFaultKind) -> bool {
    matches!(fault, PolicyFaultKind::DuplicateField { key } if key == "version")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_second_mode_is_found() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: testing\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            "“mode” appears twice",
            "_mta-sts.example.com",
        );
    }

    #[test]
    fn two_policies_one_after_the_other_are_found_with_the_line_where_the_second_begins() {
        let policy = "version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 604800\n";
        fires_on_policy(
            &RULE,
            &policy.repeat(2),
            "line 5 at “version”",
            "A second policy begins at line 5. Keep one of them, upload the file, and then give \
             _mta-sts.example.com a new id. Until then, the mx lines of both count.",
        );
    }

    #[test]
    fn mx_may_be_there_as_often_as_needed() {
        silent(
            &RULE,
            policy_is(
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmx: mx.example.net\nmax_age: 604800\n",
            ),
        );
    }

    #[test]
    fn two_files_that_were_run_together_are_left_to_another_rule() {
        let once = "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800";
        silent(&RULE, policy_is(&format!("{once}{once}\n")));
    }

    #[test]
    fn a_file_that_was_not_fetched_has_nothing_twice() {
        unseen(&RULE, not_fetched);
    }
}
