//! `record-space-before-semicolon`: the MTA-STS record begins with `v=STSv1 ;`.

use super::Rule;
use super::mta_sts_record::report_faults;
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-space-before-semicolon",
    area: Area::Record,
    severity: Severity::Attention,
    title: "the record has a space before its first semicolon",
    doc: include_str!("record_space_before_semicolon.md"),
    check,
};

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
