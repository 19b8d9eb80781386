//! `tlsrpt-rua-invalid`: the report addresses are not what RFC 8460 allows.

use super::tls_rpt_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::tls_rpt_record::RuaFault;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: TLSRPT_RUA_INVALID,
    severity: Attention,
    title: "the address for TLS reports is invalid",
    page: "tlsrpt_rua_invalid.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, |kind, begins_right| {
        matches!(kind, RecordFaultKind::Field(RuaFault::Invalid { .. }))
            || begins_right
                && matches!(
                    kind,
                    RecordFaultKind::Quoted
                        | RecordFaultKind::Backslash
                        | RecordFaultKind::Syntax { .. }
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
    fn an_address_without_its_scheme_is_found_and_fixed() {
        let finding = fires(&RULE, tls_rpt_is(&["v=TLSRPTv1; rua=a@example.net"]));
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_has(&finding.evidence, "must begin with mailto:");
        assert_ends(&finding.fix, "v=TLSRPTv1; rua=mailto:a@example.net");
    }

    #[test]
    fn a_semicolon_between_two_addresses_is_found_and_fixed() {
        let finding = fires(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; rua=mailto:a@example.net; mailto:b@example.net"]),
        );
        assert_ends(
            &finding.fix,
            "rua=mailto:a@example.net,mailto:b@example.net",
        );
    }

    #[test]
    fn an_address_that_cannot_be_fixed_is_left_to_its_owner() {
        let finding = fires(&RULE, tls_rpt_is(&["v=TLSRPTv1; rua=http://example.net/"]));
        assert_has(&finding.fix, "your own address");
    }

    #[test]
    fn two_addresses_with_a_comma_are_fine() {
        silent(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; rua=mailto:a@example.net , https://example.net/"]),
        );
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_address() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
