//! `record-quoted`: the record contains quotation marks.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_QUOTED,
    severity: Problem,
    title: "the record contains quotation marks",
    page: "record_quoted.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, "Remove the quotes.", |kind| {
        matches!(kind, RecordFaultKind::Quoted)
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, fires_on_record, record_is, silent, unseen};

    #[test]
    fn quotes_around_the_record_are_found() {
        fires_on_record(&RULE, "\"v=STSv1; id=1\"", "quotes are part of the record");
    }

    #[test]
    fn curly_quotes_around_a_value_are_found() {
        fires(&RULE, record_is(&["v=STSv1; id=“1”"]));
    }

    #[test]
    fn a_record_without_quotes_is_left_alone() {
        silent(&RULE, record_is(&["v=STSv1; id=1;"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_quotes() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
