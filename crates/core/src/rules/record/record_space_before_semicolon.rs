//! `record-space-before-semicolon`: the MTA-STS record begins with `v=STSv1 ;`.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_SPACE_BEFORE_SEMICOLON,
    severity: Attention,
    title: "the record has a space before its first semicolon",
    page: "record_space_before_semicolon.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, "Remove the space.", |kind| {
        matches!(kind, RecordFaultKind::SpaceBeforeSemicolon)
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires_on_record, record_is, silent, unseen};

    #[test]
    fn a_space_before_the_semicolon_is_found() {
        fires_on_record(&RULE, "v=STSv1 ; id=1", "space before the first semicolon");
    }

    #[test]
    fn a_space_after_the_semicolon_is_fine() {
        silent(&RULE, record_is(&["v=STSv1;  id=1 ; "]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_space() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
