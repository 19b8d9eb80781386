//! `record-backslash`: backslashes were stored as part of the record.

use super::Rule;
use super::announcement::{faults, set_right_value};
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-backslash",
    area: Area::Record,
    severity: Severity::Problem,
    title: "backslashes are part of the record",
    doc: include_str!("record_backslash.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| matches!(kind, RecordFaultKind::Backslash)) {
        let fix = format!("Remove the backslashes. {}", set_right_value(case));
        findings.report(case.facts.domain.mta_sts_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_record, silent, unseen};

    #[test]
    fn a_backslash_before_the_semicolon_is_found() {
        let finding = fires(&RULE, |facts| set_record(facts, &[r"v=STSv1\; id=1"]));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert!(
            finding
                .evidence
                .contains("backslashes are part of the record"),
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
    fn a_plain_semicolon_is_left_alone() {
        silent(&RULE, |facts| set_record(facts, &["v=STSv1;id=1"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_backslash() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
