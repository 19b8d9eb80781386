//! `tlsrpt-rua-missing`: the TLS report record has no rua.

use super::Rule;
use super::tls_rpt::faults;
use crate::TlsRptFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "tlsrpt-rua-missing",
    area: Area::TlsRpt,
    severity: Severity::Attention,
    title: "the TLS report record names no address",
    doc: include_str!("tlsrpt_rua_missing.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some((evidence, fix)) =
        faults(case, |kind, _| matches!(kind, TlsRptFaultKind::RuaMissing))
    {
        findings.report(case.facts.domain.tls_rpt_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_tls_rpt, silent, unseen};

    #[test]
    fn a_record_without_an_address_is_found() {
        let finding = fires(&RULE, |facts| set_tls_rpt(facts, &["v=TLSRPTv1;"]));
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert!(
            finding.evidence.contains("(rua) is missing"),
            "{}",
            finding.evidence
        );
        assert!(
            finding
                .fix
                .ends_with("v=TLSRPTv1; rua=mailto:you@example.net"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_web_address_is_an_address() {
        silent(&RULE, |facts| {
            set_tls_rpt(facts, &["v=TLSRPTv1; rua=https://example.net/reports"]);
        });
    }

    #[test]
    fn a_lookup_that_failed_does_not_lack_an_address() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
