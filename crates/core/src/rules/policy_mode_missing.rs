//! `policy-mode-missing`: the policy file has no mode line.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-mode-missing",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the policy file has no mode line",
    doc: include_str!("policy_mode_missing.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::ModeMissing));
    if faults.is_empty() {
        return;
    }
    let fix = "Add the line “mode: testing”, and upload the file again.".to_owned();
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
    fn a_file_without_a_mode_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("the mode line is missing"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("“mode: testing”"), "{}", finding.fix);
    }

    #[test]
    fn a_wrong_mode_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: on\nmx: *.example.com\nmax_age: 604800\n",
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
