//! `policy-bom`: a byte order mark stands at the beginning of the policy file.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-bom",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "an invisible mark stands before the first line",
    doc: include_str!("policy_bom.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::Bom));
    if faults.is_empty() {
        return;
    }
    let fix =
        "Save the file as UTF-8 without a byte order mark (BOM), and upload it again.".to_owned();
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
    use crate::rules::testing::{POLICY, failed, fetch, fires, set_policy, silent, unseen};

    #[test]
    fn a_mark_before_the_first_line_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(facts, &format!("\u{feff}{POLICY}"));
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("byte order mark"),
            "{}",
            finding.evidence
        );
        assert!(
            finding.fix.contains("without a byte order mark"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_file_without_the_mark_is_fine() {
        silent(&RULE, |facts| set_policy(facts, POLICY));
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_mark() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
