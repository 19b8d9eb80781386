//! `tlsrpt-rua-missing`: the TLS-RPT record has no rua.

use super::tls_rpt_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::tls_rpt_record::RuaFault;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: TLSRPT_RUA_MISSING,
    severity: Attention,
    title: "the TLS-RPT record has no report address",
    page: "tlsrpt_rua_missing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, |kind, _| {
        matches!(
            kind,
            RecordFaultKind::Field(RuaFault::Missing) | RecordFaultKind::KeyInCapitals { .. }
        )
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, silent, tls_rpt_is, unseen,
    };

    #[test]
    fn a_record_without_an_address_is_found() {
        let finding = fires(&RULE, tls_rpt_is(&["v=TLSRPTv1;"]));
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_has(&finding.evidence, "(rua) is missing");
        assert_ends(&finding.fix, "v=TLSRPTv1; rua=mailto:you@example.net");
    }

    #[test]
    fn a_web_address_is_an_address() {
        silent(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; rua=https://example.net/reports"]),
        );
    }

    #[test]
    fn a_lookup_that_failed_does_not_lack_an_address() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
