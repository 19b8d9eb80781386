//! `record-version-invalid`: a record was meant as announcement and does not begin with `v=STSv1`.

use super::Rule;
use super::announcement::{faults, set_right_value};
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-version-invalid",
    area: Area::Record,
    severity: Severity::Problem,
    title: "the record does not begin with v=STSv1",
    doc: include_str!("record_version_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| {
        matches!(kind, RecordFaultKind::VersionInvalid { .. })
    }) {
        let fix = format!("Replace the whole value. {}", set_right_value(case));
        findings.report(case.facts.domain.mta_sts_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_record, silent, unseen};

    #[test]
    fn a_version_in_small_letters_is_found() {
        let finding = fires(&RULE, |facts| set_record(facts, &["v=stsv1; id=1"]));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert!(
            finding.evidence.contains("“v=stsv1; id=1”"),
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
    fn another_text_at_the_name_is_no_announcement() {
        silent(&RULE, |facts| set_record(facts, &["v=spf1 -all"]));
    }

    #[test]
    fn quotes_around_it_are_told_by_another_rule() {
        silent(&RULE, |facts| set_record(facts, &["\"v=STSv1; id=1\""]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_version() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
