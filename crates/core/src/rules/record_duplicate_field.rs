//! `record-duplicate-field`: a field appears twice in the MTA-STS record.

use super::Rule;
use super::mta_sts_record::report_faults;
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-duplicate-field",
    area: Area::Record,
    severity: Severity::Attention,
    title: "a field appears twice in the record",
    doc: include_str!("record_duplicate_field.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, "Keep one field of each name.", |kind| {
        matches!(kind, RecordFaultKind::DuplicateField { .. })
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires_on_record, record_is, silent, unseen};

    #[test]
    fn a_second_id_is_found() {
        fires_on_record(&RULE, "v=STSv1; id=1; id=2", "“id” appears twice");
    }

    #[test]
    fn fields_of_different_names_are_fine() {
        silent(&RULE, record_is(&["v=STSv1; id=1; note=2"]));
    }

    #[test]
    fn a_lookup_that_failed_has_nothing_twice() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
