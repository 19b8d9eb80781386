//! `record-unknown-field`: the MTA-STS record has a field with another name.

use super::mta_sts_record::faults;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_UNKNOWN_FIELD,
    severity: Note,
    title: "the record has a field that senders ignore",
    page: "record_unknown_field.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(evidence) = faults(case, |kind| {
        matches!(kind, RecordFaultKind::UnknownField { .. })
    }) {
        let fix =
            "You don’t need to change anything. If the field isn’t there on purpose, remove it.";
        findings.report(Subject::record(&case.facts.domain), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_has, failed, fires, record_is, silent, unseen};

    #[test]
    fn a_field_of_another_record_is_found() {
        let finding = fires(
            &RULE,
            record_is(&["v=STSv1; id=1; rua=mailto:a@example.net"]),
        );
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(&finding.evidence, "“rua” isn’t a field");
        assert_has(&finding.fix, "remove it");
    }

    #[test]
    fn version_and_id_are_known() {
        silent(&RULE, record_is(&["v=STSv1; id=1"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_field() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
