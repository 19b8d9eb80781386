//! `policy-duplicate-field`: a field other than mx occurs twice in the policy file.

use super::Rule;
use super::policy_file::{evidence, faults};
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
    let faults = faults(case, |kind| {
        matches!(kind, PolicyFaultKind::DuplicateField { .. })
    });
    if faults.is_empty() {
        return;
    }
    let fix = format!(
        "Keep one line of each name, upload the file, and then give {} a new id.",
        case.facts.domain.mta_sts_record_name()
    );
    findings.report(
        case.facts.domain.policy_host(),
        evidence(case, &faults),
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fetch, fires, set_policy, silent, unseen};

    #[test]
    fn a_second_mode_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: testing\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("“mode” is there twice"),
            "{}",
            finding.evidence
        );
        assert!(
            finding.fix.contains("_mta-sts.example.com"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn mx_may_be_there_as_often_as_needed() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmx: mx.example.net\nmax_age: 604800\n",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_has_nothing_twice() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
