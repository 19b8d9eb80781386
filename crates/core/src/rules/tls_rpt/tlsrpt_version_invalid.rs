//! `tlsrpt-version-invalid`: a text meant as the TLS-RPT record doesn't begin as senders require.

use super::tls_rpt_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: TLSRPT_VERSION_INVALID,
    severity: Attention,
    title: "the TLS-RPT record doesn’t begin with v=TLSRPTv1;",
    page: "tlsrpt_version_invalid.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, |kind, begins_right| {
        matches!(
            kind,
            RecordFaultKind::VersionInvalid { .. } | RecordFaultKind::VersionNotFirst
        ) || !begins_right
            && matches!(
                kind,
                RecordFaultKind::Quoted
                    | RecordFaultKind::Backslash
                    | RecordFaultKind::SpaceBeforeSemicolon
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
    fn a_version_without_its_t_is_found_and_the_address_kept() {
        let finding = fires(&RULE, tls_rpt_is(&["v=TLSRPv1; rua=mailto:a@example.net"]));
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_has(&finding.evidence, "“v=TLSRPv1;");
        assert_ends(&finding.fix, "v=TLSRPTv1; rua=mailto:a@example.net");
    }

    #[test]
    fn whatever_spoils_the_beginning_is_found() {
        for text in [
            "\"v=TLSRPTv1; rua=mailto:a@example.net\"",
            "v=TLSRPTv1\\; rua=mailto:a@example.net",
            "v=TLSRPTv1 ; rua=mailto:a@example.net",
            "v=TLSRPTv1 rua=mailto:a@example.net",
        ] {
            let finding = fires(&RULE, tls_rpt_is(&[text]));
            assert_ends(&finding.fix, "v=TLSRPTv1; rua=mailto:a@example.net");
        }
    }

    #[test]
    fn another_text_at_the_name_is_no_record() {
        silent(&RULE, tls_rpt_is(&["v=spf1 -all"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_version() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
