//! `record-id-invalid`: the id is not 1 to 32 letters or digits.

use super::Rule;
use super::announcement::{faults, set_right_value};
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-id-invalid",
    area: Area::Record,
    severity: Severity::Problem,
    title: "the id of the record holds other signs than letters and digits",
    doc: include_str!("record_id_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| {
        matches!(kind, RecordFaultKind::IdInvalid { .. })
    }) {
        let fix = format!(
            "Write the id with letters and digits alone. {}",
            set_right_value(case)
        );
        findings.report(case.facts.domain.mta_sts_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_record, silent, unseen};

    #[test]
    fn hyphens_in_the_id_are_found_and_quoted() {
        let finding = fires(&RULE, |facts| {
            set_record(facts, &["v=STSv1; id=2026-11-23"]);
        });
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert!(
            finding.evidence.contains("“2026-11-23”"),
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
    fn thirty_two_letters_and_digits_are_an_id() {
        silent(&RULE, |facts| {
            set_record(facts, &["v=STSv1; id=abcdefghijklmnopqrstuvwxyzABCDEF"]);
        });
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_id() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
