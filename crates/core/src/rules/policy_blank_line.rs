//! `policy-blank-line`: an empty line stands in the policy file.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-blank-line",
    area: Area::PolicyFile,
    severity: Severity::Attention,
    title: "the policy file holds an empty line",
    doc: include_str!("policy_blank_line.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::BlankLine));
    if faults.is_empty() {
        return;
    }
    let fix =
        "Delete every empty line, also at the end of the file, and upload it again.".to_owned();
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
    fn an_empty_line_is_found_with_its_number() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\n\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(finding.evidence.contains("line 2"), "{}", finding.evidence);
        assert!(
            finding.fix.contains("Delete every empty line"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn an_empty_line_at_the_end_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n\r\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(finding.evidence.contains("line 5"), "{}", finding.evidence);
        assert!(finding.fix.contains("at the end"), "{}", finding.fix);
    }

    #[test]
    fn one_line_break_at_the_end_is_fine() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
    }

    #[test]
    fn none_at_the_end_is_fine() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_lines() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
