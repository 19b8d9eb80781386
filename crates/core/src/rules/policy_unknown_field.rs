//! `policy-unknown-field`: the policy file has a field of another name.

use super::Rule;
use super::policy_file::{evidence, faults};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-unknown-field",
    area: Area::PolicyFile,
    severity: Severity::Note,
    title: "the policy has a field that senders ignore",
    doc: include_str!("policy_unknown_field.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| {
        matches!(kind, PolicyFaultKind::UnknownField { .. })
    });
    if faults.is_empty() {
        return;
    }
    let fix = "Nothing has to change. If the line is not there on purpose, remove it.".to_owned();
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
    fn a_field_of_a_record_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\nid: 1\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("“id” is no field"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("remove it"), "{}", finding.fix);
    }

    #[test]
    fn a_misspelled_field_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmax-age: 604800\n",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_fields() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
