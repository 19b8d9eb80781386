//! `tlsrpt-rua-invalid`: the report addresses are not what RFC 8460 allows.

use super::Rule;
use super::tls_rpt::faults;
use crate::TlsRptFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "tlsrpt-rua-invalid",
    area: Area::TlsRpt,
    severity: Severity::Attention,
    title: "the address for TLS reports cannot be used",
    doc: include_str!("tlsrpt_rua_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let found = faults(case, |kind, begins_right| {
        matches!(kind, TlsRptFaultKind::RuaInvalid { .. })
            || begins_right
                && matches!(
                    kind,
                    TlsRptFaultKind::Quoted
                        | TlsRptFaultKind::Backslash
                        | TlsRptFaultKind::Syntax { .. }
                )
    });
    if let Some((evidence, fix)) = found {
        findings.report(case.facts.domain.tls_rpt_record_name(), evidence, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires, set_tls_rpt, silent, unseen};

    #[test]
    fn an_address_without_its_scheme_is_found_and_mended() {
        let finding = fires(&RULE, |facts| {
            set_tls_rpt(facts, &["v=TLSRPTv1; rua=a@example.net"]);
        });
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert!(
            finding.evidence.contains("must begin with mailto:"),
            "{}",
            finding.evidence
        );
        assert!(
            finding
                .fix
                .ends_with("v=TLSRPTv1; rua=mailto:a@example.net"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_semicolon_between_two_addresses_is_found_and_mended() {
        let finding = fires(&RULE, |facts| {
            set_tls_rpt(
                facts,
                &["v=TLSRPTv1; rua=mailto:a@example.net; mailto:b@example.net"],
            );
        });
        assert!(
            finding
                .fix
                .ends_with("rua=mailto:a@example.net,mailto:b@example.net"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn an_address_that_cannot_be_mended_is_left_to_its_owner() {
        let finding = fires(&RULE, |facts| {
            set_tls_rpt(facts, &["v=TLSRPTv1; rua=http://example.net/"]);
        });
        assert!(finding.fix.contains("of your own"), "{}", finding.fix);
    }

    #[test]
    fn two_addresses_with_a_comma_are_fine() {
        silent(&RULE, |facts| {
            set_tls_rpt(
                facts,
                &["v=TLSRPTv1; rua=mailto:a@example.net , https://example.net/"],
            );
        });
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_address() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
