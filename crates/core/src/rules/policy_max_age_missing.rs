//! `policy-max-age-missing`: the policy file has no `max_age` line.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-max-age-missing",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the policy file has no max_age line",
    doc: include_str!("policy_max_age_missing.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::MaxAgeMissing));
    if faults.is_empty() {
        return;
    }
    let fix = "Add the line “max_age: 604800” (one week), and upload the file again.".to_owned();
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
    fn a_file_without_max_age_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(facts, "version: STSv1\nmode: enforce\nmx: *.example.com\n");
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("the max_age line is missing"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("“max_age: 604800”"), "{}", finding.fix);
    }

    #[test]
    fn a_wrong_max_age_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: week\n",
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
