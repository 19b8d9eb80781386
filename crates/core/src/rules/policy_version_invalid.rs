//! `policy-version-invalid`: the version in the policy file is not exactly `STSv1`.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-version-invalid",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the version in the policy file is not STSv1",
    doc: include_str!("policy_version_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::VersionInvalid));
    if faults.is_empty() {
        return;
    }
    let fix = "Write the line as “version: STSv1”, and upload the file again.".to_owned();
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
    fn a_version_in_small_letters_is_found_and_quoted() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: stsv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("line 1 at “stsv1”"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("“version: STSv1”"), "{}", finding.fix);
    }

    #[test]
    fn spaces_around_the_version_are_fine() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version:  STSv1 \nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_version() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
