//! `tlsrpt-multiple`: there are several TLS-RPT records at `_smtp._tls`.

use super::tls_rpt_record::set_meant_value;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::txt_record::texts;
use crate::text::tls_rpt_record::TlsRptSelection;

rule! {
    code: TLSRPT_MULTIPLE,
    severity: Attention,
    title: "there is more than one TLS-RPT record",
    page: "tlsrpt_multiple.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let (Some(TlsRptSelection::Several(all)), Some(answer)) =
        (&case.tls_rpt, case.facts.tls_rpt.seen())
    else {
        return;
    };
    let name = case.facts.domain.tls_rpt_record_name();
    let evidence = format!(
        "{name} has {} records that begin with “v=TLSRPTv1;”: {}.",
        all.len(),
        texts(all)
    );
    let fix = format!(
        "Delete all but one of them. {}",
        set_meant_value(&name, answer, &all.join("; "))
    );
    findings.report(Subject::tls_rpt_record(&case.facts.domain), evidence, fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_ends, failed, fires, silent, tls_rpt_is, unseen};

    #[test]
    fn two_records_are_joined_to_one() {
        let finding = fires(
            &RULE,
            tls_rpt_is(&[
                "v=TLSRPTv1; rua=mailto:a@example.net",
                "v=TLSRPTv1; rua=mailto:b@example.org",
            ]),
        );
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_ends(
            &finding.fix,
            "v=TLSRPTv1; rua=mailto:a@example.net,mailto:b@example.org",
        );
    }

    #[test]
    fn unrelated_texts_beside_the_record_do_not_count() {
        silent(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; rua=mailto:a@example.net", "v=spf1 -all"]),
        );
    }

    #[test]
    fn a_lookup_that_failed_has_not_many_records() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::TimedOut));
    }
}
