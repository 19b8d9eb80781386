//! `tlsrpt-version-invalid`: a text was meant as TLS report record and does not begin as senders demand.

use super::Rule;
use super::tls_rpt::faults;
use crate::TlsRptFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "tlsrpt-version-invalid",
    area: Area::TlsRpt,
    severity: Severity::Attention,
    title: "the TLS report record does not begin with v=TLSRPTv1;",
    doc: include_str!("tlsrpt_version_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let found = faults(case, |kind, begins_right| {
        matches!(kind, TlsRptFaultKind::VersionInvalid { .. })
            || !begins_right
                && matches!(
                    kind,
                    TlsRptFaultKind::Quoted
                        | TlsRptFaultKind::Backslash
                        | TlsRptFaultKind::SpaceBeforeSemicolon
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
    fn a_version_without_its_t_is_found_and_the_address_kept() {
        let finding = fires(&RULE, |facts| {
            set_tls_rpt(facts, &["v=TLSRPv1; rua=mailto:a@example.net"]);
        });
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert!(
            finding.evidence.contains("“v=TLSRPv1;"),
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
    fn whatever_spoils_the_beginning_is_found() {
        for text in [
            "\"v=TLSRPTv1; rua=mailto:a@example.net\"",
            "v=TLSRPTv1\\; rua=mailto:a@example.net",
            "v=TLSRPTv1 ; rua=mailto:a@example.net",
            "v=TLSRPTv1 rua=mailto:a@example.net",
        ] {
            let finding = fires(&RULE, |facts| set_tls_rpt(facts, &[text]));
            assert!(
                finding
                    .fix
                    .ends_with("v=TLSRPTv1; rua=mailto:a@example.net"),
                "{}",
                finding.fix
            );
        }
    }

    #[test]
    fn another_text_at_the_name_is_no_record() {
        silent(&RULE, |facts| set_tls_rpt(facts, &["v=spf1 -all"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_version() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
