//! `record-space-before-semicolon`: the announcement begins with `v=STSv1 ;`.

use super::Rule;
use super::announcement::{faults, set_right_value};
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-space-before-semicolon",
    area: Area::Record,
    severity: Severity::Attention,
    title: "a space stands before the first semicolon of the record",
    doc: include_str!("record_space_before_semicolon.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| {
        matches!(kind, RecordFaultKind::SpaceBeforeSemicolon)
    }) {
        let fix = format!("Remove the space. {}", set_right_value(case));
        findings.report(case.facts.domain.mta_sts_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_record, silent, unseen};

    #[test]
    fn a_space_before_the_semicolon_is_found() {
        let finding = fires(&RULE, |facts| set_record(facts, &["v=STSv1 ; id=1"]));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert!(
            finding
                .evidence
                .contains("space before the first semicolon"),
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
    fn a_space_after_the_semicolon_is_fine() {
        silent(&RULE, |facts| set_record(facts, &["v=STSv1;  id=1 ; "]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_space() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
