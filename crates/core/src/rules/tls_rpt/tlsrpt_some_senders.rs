//! `tlsrpt-some-senders`: some senders can’t report to one of the addresses.

use super::tls_rpt_record::record;
use crate::knowledge::report_address::who_cannot_report;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: TLSRPT_SOME_SENDERS,
    severity: Attention,
    title: "some senders can’t report to this address",
    page: "tlsrpt_some_senders.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(record) = record(case) else {
        return;
    };
    let told = who_cannot_report(&record.rua);
    if !told.is_empty() {
        let name = case.facts.domain.tls_rpt_record_name();
        findings.report(
            Subject::tls_rpt_record(&case.facts.domain),
            format!("The TXT record at {name}. {}", told.join(" ")),
            "Name a mailbox of letters, digits, dots and hyphens, such as \
             tls-reports@example.net, at a domain of your choice.",
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
    fn a_mailbox_with_an_encoded_character_is_found() {
        let finding = fires(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; rua=mailto:a%2Cb@example.net"]),
        );
        assert_has(&finding.evidence, "mox, Stalwart and tlsrpt-reporter");
        assert_ends(&finding.fix, "at a domain of your choice.");
    }

    #[test]
    fn an_equals_sign_in_a_mailbox_is_found() {
        let texts = ["v=TLSRPTv1; rua=mailto:a=b@example.net"];
        assert_has(&fires(&RULE, tls_rpt_is(&texts)).evidence, "Stalwart");
    }

    #[test]
    fn a_web_address_alone_is_found() {
        let texts = ["v=TLSRPTv1; rua=https://reports.example/r"];
        assert_has(&fires(&RULE, tls_rpt_is(&texts)).evidence, "mox never");
    }

    #[test]
    fn a_plain_mailbox_is_fine_with_everybody() {
        for rua in [
            "mailto:a+tls&x@example.net",
            "mailto:a@example.net?subject=a=b%20c",
            "https://reports.example/r?a=b%20c,mailto:a@example.net",
        ] {
            silent(&RULE, tls_rpt_is(&[&format!("v=TLSRPTv1; rua={rua}")]));
        }
    }

    #[test]
    fn a_lookup_that_failed_says_nothing() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
