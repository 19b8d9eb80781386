//! `record-id-missing`: the announcement has no id.

use super::Rule;
use super::announcement::{faults, set_right_value};
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-id-missing",
    area: Area::Record,
    severity: Severity::Problem,
    title: "the record has no id",
    doc: include_str!("record_id_missing.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| matches!(kind, RecordFaultKind::IdMissing)) {
        let fix = format!("Add an id. {}", set_right_value(case));
        findings.report(case.facts.domain.mta_sts_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_record, silent, unseen};

    #[test]
    fn a_record_without_an_id_is_found() {
        let finding = fires(&RULE, |facts| set_record(facts, &["v=STSv1; note=hello"]));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert!(
            finding.evidence.contains("id is missing"),
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
    fn an_id_that_is_not_the_first_field_counts() {
        silent(&RULE, |facts| {
            set_record(facts, &["v=STSv1; note=hello; id=1"]);
        });
    }

    #[test]
    fn a_lookup_that_failed_does_not_lack_an_id() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
