//! `policy-indented`: a line of the policy file begins with white space.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-indented",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "lines of the policy file begin with spaces",
    doc: include_str!("policy_indented.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::Indented));
    if faults.is_empty() {
        return;
    }
    let fix =
        "Remove the spaces and tabs at the beginning of every line, and upload the file again."
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
    fn an_indented_line_is_found_with_its_number() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\n  mode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(finding.evidence.contains("line 2"), "{}", finding.evidence);
        assert!(
            finding.fix.contains("beginning of every line"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn spaces_behind_the_colon_and_at_the_end_are_fine() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode:   enforce  \nmx: *.example.com\nmax_age: 604800\n",
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
