//! `tlsrpt-unknown-field`: the TLS-RPT record has a field with another name.

use super::tls_rpt_record::faults;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: TLSRPT_UNKNOWN_FIELD,
    severity: Note,
    title: "the TLS-RPT record has a field that senders ignore",
    page: "tlsrpt_unknown_field.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let is_unknown = |kind: &_| matches!(kind, RecordFaultKind::UnknownField { .. });
    if let Some(evidence) = faults(case, is_unknown) {
        findings.report(
            Subject::tls_rpt_record(&case.facts.domain),
            evidence,
            "You don’t need to change anything. If the field isn’t there on purpose, remove it.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, silent, tls_rpt_is, unseen,
    };

    #[test]
    fn a_field_of_another_record_is_found() {
        let finding = fires(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; p=none; rua=mailto:a@example.net"]),
        );
        assert_has(&finding.evidence, "“p” isn’t a field of this record");
        assert_ends(&finding.fix, "remove it.");
    }

    #[test]
    fn a_record_with_its_own_fields_is_fine() {
        silent(&RULE, tls_rpt_is(&["v=TLSRPTv1; rua=mailto:a@example.net"]));
    }

    #[test]
    fn a_lookup_that_failed_says_nothing() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
