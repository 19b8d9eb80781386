//! `record-id-missing`: the MTA-STS record has no id.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::sts_record::IdFault;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_ID_MISSING,
    severity: Problem,
    title: "the record has no id",
    page: "record_id_missing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, "Add an id.", |kind| {
        matches!(
            kind,
            RecordFaultKind::Field(IdFault::Missing) | RecordFaultKind::KeyInCapitals { .. }
        )
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires_on_record, record_is, silent, unseen};

    #[test]
    fn a_field_in_capitals_is_no_id() {
        fires_on_record(
            &RULE,
            "v=STSv1; ID=1",
            "“ID” must be written in lower case: id",
        );
    }

    #[test]
    fn a_record_without_an_id_is_found() {
        fires_on_record(&RULE, "v=STSv1; note=hello", "id is missing");
    }

    #[test]
    fn an_id_that_is_not_the_first_field_counts() {
        silent(&RULE, record_is(&["v=STSv1; note=hello; id=1"]));
    }

    #[test]
    fn a_lookup_that_failed_does_not_lack_an_id() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
