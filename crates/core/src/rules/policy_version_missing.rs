//! `policy-version-missing`: the policy file has no version line.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-version-missing",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the policy file has no version line",
    doc: include_str!("policy_version_missing.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::VersionMissing));
    if faults.is_empty() {
        return;
    }
    let fix = "Add the line “version: STSv1” as the first one of the file, and upload it again."
        .to_owned();
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
    fn a_file_without_a_version_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(facts, "mode: enforce\nmx: *.example.com\nmax_age: 604800\n");
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("is missing"),
            "{}",
            finding.evidence
        );
        assert!(
            finding.fix.contains("“version: STSv1” as the first"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_wrong_version_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv2\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_misses_nothing() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
