//! `policy-empty`: the policy file is empty.

use super::Rule;
use super::policy_file::{evidence, faults, whole_file};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-empty",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the policy file is empty",
    doc: include_str!("policy_empty.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::Empty));
    if faults.is_empty() {
        return;
    }
    let fix = format!(
        "Upload the policy file again. It holds these lines: {}.",
        whole_file(case)
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
    fn a_file_of_nothing_is_found_with_the_lines_to_upload() {
        let finding = fires(&RULE, |facts| set_policy(facts, ""));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("the file is empty"),
            "{}",
            finding.evidence
        );
        assert!(
            finding.fix.contains("“mx: mx1.example.com”"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_file_of_blanks_is_empty() {
        let finding = fires(&RULE, |facts| set_policy(facts, " \r\n\r\n"));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("the file is empty"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("“mode: testing”"), "{}", finding.fix);
    }

    #[test]
    fn a_file_with_anything_in_it_is_not_empty() {
        silent(&RULE, |facts| set_policy(facts, "x"));
    }

    #[test]
    fn a_file_that_was_not_fetched_is_not_empty() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
