//! `policy-duplicate-field`: a field other than mx occurs twice in the policy file.

use super::Rule;
use super::policy_file::{is_two_files_in_one, report_faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-duplicate-field",
    area: Area::PolicyFile,
    severity: Severity::Attention,
    title: "a field of the policy is there twice",
    doc: include_str!("policy_duplicate_field.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    // Told by policy-syntax.
    if is_two_files_in_one(case) {
        return;
    }
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::DuplicateField { .. }),
        |_| {
            format!(
                "Keep one line of each name, upload the file, and then give {} a new id.",
                case.facts.domain.mta_sts_record_name()
            )
        },
    );
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
            "“mode” is there twice",
            "_mta-sts.example.com",
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
    fn two_files_that_were_run_together_are_told_by_another_rule() {
        let once = "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800";
        silent(&RULE, policy_is(&format!("{once}{once}\n")));
    }

    #[test]
    fn a_file_that_was_not_fetched_has_nothing_twice() {
        unseen(&RULE, not_fetched);
    }
}
