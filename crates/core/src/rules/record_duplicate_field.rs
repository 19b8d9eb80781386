//! `record-duplicate-field`: a field occurs twice in the announcement.

use super::Rule;
use super::announcement::{faults, set_right_value};
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-duplicate-field",
    area: Area::Record,
    severity: Severity::Attention,
    title: "a field of the record is there twice",
    doc: include_str!("record_duplicate_field.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| {
        matches!(kind, RecordFaultKind::DuplicateField { .. })
    }) {
        let fix = format!("Keep one field of each name. {}", set_right_value(case));
        findings.report(case.facts.domain.mta_sts_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_record, silent, unseen};

    #[test]
    fn a_second_id_is_found() {
        let finding = fires(&RULE, |facts| set_record(facts, &["v=STSv1; id=1; id=2"]));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert!(
            finding.evidence.contains("“id” is there twice"),
            "{}",
            finding.evidence
        );
        assert!(
            finding
                .fix
                .contains("_mta-sts.example.com this value: v=STSv1; id=20261123120000Z;"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn fields_of_different_names_are_fine() {
        silent(&RULE, |facts| set_record(facts, &["v=STSv1; id=1; note=2"]));
    }

    #[test]
    fn a_lookup_that_failed_has_nothing_twice() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
