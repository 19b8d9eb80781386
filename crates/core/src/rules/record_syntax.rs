//! `record-syntax`: the announcement is outside its grammar in a way without a name of its own.

use super::Rule;
use super::announcement::{faults, set_right_value};
use crate::RecordFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "record-syntax",
    area: Area::Record,
    severity: Severity::Problem,
    title: "the record holds something that does not belong there",
    doc: include_str!("record_syntax.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| matches!(kind, RecordFaultKind::Syntax { .. })) {
        let fix = format!("Replace the whole value. {}", set_right_value(case));
        findings.report(case.facts.domain.mta_sts_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, seen, set_record, silent, unseen};

    #[test]
    fn a_missing_semicolon_is_found() {
        let finding = fires(&RULE, |facts| set_record(facts, &["v=STSv1 id=1"]));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert!(
            finding.evidence.contains("does not belong there"),
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
    fn several_strange_pieces_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            set_record(facts, &["v=STSv1; id=1; TTL 3600;; x"]);
        });
        assert!(
            finding.evidence.contains("“TTL 3600”"),
            "{}",
            finding.evidence
        );
        assert!(finding.evidence.contains("“x”"), "{}", finding.evidence);
    }

    #[test]
    fn a_record_behind_an_alias_is_mended_where_it_is_kept() {
        let finding = fires(&RULE, |facts| {
            set_record(facts, &["v=STSv1; id=1; x"]);
            seen(&mut facts.record).aliases = vec!["sts.provider.example".into()];
        });
        assert!(
            finding.fix.contains("sts.provider.example"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_semicolon_at_the_end_is_fine() {
        silent(&RULE, |facts| set_record(facts, &["v=STSv1; id=1;"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_syntax() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
