//! `record-backslash`: the record contains backslashes.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_BACKSLASH,
    severity: Problem,
    title: "the record contains backslashes",
    page: "record_backslash.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, "Remove the backslashes.", |kind| {
        matches!(kind, RecordFaultKind::Backslash)
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires_on_record, record_is, silent, unseen};

    #[test]
    fn a_backslash_before_the_semicolon_is_found() {
        fires_on_record(
            &RULE,
            r"v=STSv1\; id=1",
            "backslashes are part of the record",
        );
    }

    #[test]
    fn a_plain_semicolon_is_left_alone() {
        silent(&RULE, record_is(&["v=STSv1;id=1"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_backslash() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
