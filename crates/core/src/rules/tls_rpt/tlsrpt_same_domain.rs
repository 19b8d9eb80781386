//! `tlsrpt-same-domain`: every report mailbox is inside the protected domain.

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::txt_record::set_value;
use crate::text::tls_rpt_record::TlsRptSelection;
use crate::text::wording::in_quotes;

rule! {
    code: TLSRPT_SAME_DOMAIN,
    severity: Note,
    title: "TLS reports go to the domain they are about",
    page: "tlsrpt_same_domain.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let (Some(TlsRptSelection::One(reading)), Some(answer)) =
        (&case.tls_rpt, case.facts.tls_rpt.seen())
    else {
        return;
    };
    let Some(record) = &reading.record else {
        return;
    };
    let domain = &case.facts.domain;
    if !record
        .rua
        .iter()
        .all(|uri| uri.is_mail() && uri.host() == domain.as_str())
    {
        return;
    }
    let name = domain.tls_rpt_record_name();
    let written = record.write();
    findings.report(
        Subject::tls_rpt_record(&case.facts.domain),
        format!(
            "The TXT record at {name} says {}. Every mailbox in it is at {domain} itself.",
            in_quotes(&written, 300)
        ),
        format!(
            "You don’t need to change anything. If you like, add a mailbox at another mail provider \
             instead of you@example.net. {}",
            set_value(&name, answer, &format!("{written},mailto:you@example.net"))
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_has, failed, fires, silent, tls_rpt_is, unseen};

    #[test]
    fn a_mailbox_in_the_domain_alone_is_found() {
        let finding = fires(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; rua=mailto:tls@Example.com"]),
        );
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_has(&finding.fix, "mailto:tls@Example.com,mailto:");
    }

    #[test]
    fn one_address_elsewhere_is_enough() {
        for rua in [
            "mailto:a@example.com,mailto:b@example.net",
            "https://example.com/reports",
        ] {
            silent(&RULE, tls_rpt_is(&[&format!("v=TLSRPTv1; rua={rua}")]));
        }
    }

    #[test]
    fn a_lookup_that_failed_names_no_mailbox() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
