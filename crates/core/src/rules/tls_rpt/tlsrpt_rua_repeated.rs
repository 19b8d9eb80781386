//! `tlsrpt-rua-repeated`: the TLS-RPT record has more than one rua field.

use super::tls_rpt_record::{faults, record};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::txt_record::set_value;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: TLSRPT_RUA_REPEATED,
    severity: Note,
    title: "the TLS-RPT record has several rua fields",
    page: "tlsrpt_rua_repeated.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let is_again = |kind: &_| matches!(kind, RecordFaultKind::RepeatedKey);
    let (Some(evidence), Some(record), Some(answer)) = (
        faults(case, is_again),
        record(case),
        case.facts.tls_rpt.seen(),
    ) else {
        return;
    };
    let name = case.facts.domain.tls_rpt_record_name();
    let value = set_value(&name, answer, &record.write());
    findings.report(
        Subject::tls_rpt_record(&case.facts.domain),
        evidence,
        format!("Put all addresses into one rua field. {value}"),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, silent, tls_rpt_is, unseen,
    };

    #[test]
    fn two_fields_are_told_and_become_one() {
        let texts = ["v=TLSRPTv1; rua=mailto:a@example.net; rua=mailto:b@example.org"];
        let finding = fires(&RULE, tls_rpt_is(&texts));
        assert_has(&finding.evidence, "appears more than once");
        assert_ends(
            &finding.fix,
            "v=TLSRPTv1; rua=mailto:a@example.net,mailto:b@example.org",
        );
    }

    #[test]
    fn one_field_with_two_addresses_is_as_it_should_be() {
        let texts = ["v=TLSRPTv1; rua=mailto:a@example.net,mailto:b@example.org"];
        silent(&RULE, tls_rpt_is(&texts));
    }

    #[test]
    fn a_lookup_that_failed_says_nothing() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
