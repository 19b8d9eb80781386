//! `record-id-invalid`: the id is not 1 to 32 letters or digits.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::sts_record::IdFault;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_ID_INVALID,
    severity: Problem,
    title: "the id isn’t 1 to 32 letters and digits",
    page: "record_id_invalid.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(
        case,
        findings,
        "Use 1 to 32 letters and digits as the id, and nothing behind it.",
        |kind| matches!(kind, RecordFaultKind::Field(fault) if *fault != IdFault::Missing),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires_on_record, record_is, silent, unseen};

    #[test]
    fn hyphens_in_the_id_are_found_and_quoted() {
        fires_on_record(&RULE, "v=STSv1; id=2026-11-23", "“2026-11-23”");
    }

    #[test]
    fn thirty_two_letters_and_digits_are_an_id() {
        silent(
            &RULE,
            record_is(&["v=STSv1; id=abcdefghijklmnopqrstuvwxyzABCDEF"]),
        );
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_id() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
