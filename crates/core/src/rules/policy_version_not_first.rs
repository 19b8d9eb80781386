//! `policy-version-not-first`: another line of the policy file comes before the version.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-version-not-first",
    area: Area::PolicyFile,
    severity: Severity::Attention,
    title: "the version is not the first line of the policy",
    doc: include_str!("policy_version_not_first.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| {
        matches!(kind, PolicyFaultKind::VersionNotFirst)
    });
    if faults.is_empty() {
        return;
    }
    let fix =
        "Move the line “version: STSv1” to the top of the file, and upload it again.".to_owned();
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
    fn a_version_on_the_second_line_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "mode: enforce\nversion: STSv1\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(finding.evidence.contains("line 2"), "{}", finding.evidence);
        assert!(finding.fix.contains("to the top"), "{}", finding.fix);
    }

    #[test]
    fn the_order_of_the_other_lines_is_free() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmax_age: 604800\nmx: *.example.com\nmode: enforce\n",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_order() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
