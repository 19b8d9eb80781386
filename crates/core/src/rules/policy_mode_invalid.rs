//! `policy-mode-invalid`: the mode in the policy file is none of `enforce`, `testing`, `none`.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};
use crate::{Mode, PolicyFault, PolicyFaultKind};

pub(super) static RULE: Rule = Rule {
    code: "policy-mode-invalid",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the mode is none of the three words",
    doc: include_str!("policy_mode_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| {
        matches!(kind, PolicyFaultKind::ModeInvalid { .. })
    });
    if faults.is_empty() {
        return;
    }
    let fix = match meant(&faults) {
        Some(mode) => format!("Write the line as “mode: {mode}”, and upload the file again."),
        None => "Write the line as “mode: testing”, “mode: enforce” or “mode: none”, and upload \
                 the file again."
            .to_owned(),
    };
    findings.report(
        case.facts.domain.policy_host(),
        evidence(case, &faults),
        fix,
    );
}

/// The mode that the owner probably had in mind.
fn meant(faults: &[&PolicyFault]) -> Option<Mode> {
    faults.iter().find_map(|fault| match fault.kind {
        PolicyFaultKind::ModeInvalid { meant } => meant,
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fetch, fires, set_policy, silent, unseen};

    #[test]
    fn a_word_near_enforce_is_found_with_the_right_one() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: Enforced\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("line 2 at “Enforced”"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("“mode: enforce”"), "{}", finding.fix);
    }

    #[test]
    fn a_word_near_testing_is_found_with_the_right_one() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: report\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("“report”"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("“mode: testing”"), "{}", finding.fix);
    }

    #[test]
    fn a_word_like_nothing_else_is_found_with_all_three() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: 1\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(finding.evidence.contains("“1”"), "{}", finding.evidence);
        assert!(finding.fix.contains("“mode: none”"), "{}", finding.fix);
    }

    #[test]
    fn each_of_the_three_words_is_right() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: none\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_mode() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
