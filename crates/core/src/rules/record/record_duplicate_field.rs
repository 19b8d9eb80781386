//! `record-duplicate-field`: a field appears twice in the MTA-STS record.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_DUPLICATE_FIELD,
    severity: Attention,
    title: "a field appears twice in the record",
    page: "record_duplicate_field.md",
    check,
}

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
