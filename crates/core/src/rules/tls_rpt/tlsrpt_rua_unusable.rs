//! `tlsrpt-rua-unusable`: no sender can report to one of the addresses.

use super::tls_rpt_record::{any_value, faults, record, with_own_address};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::txt_record::set_value;
use crate::text::tls_rpt_record::{ReportUri, RuaFault, TlsRptRecord};
use crate::text::txt_record::RecordFaultKind;
use crate::text::wording::in_quotes;

rule! {
    code: TLSRPT_RUA_UNUSABLE,
    severity: Attention,
    title: "reports can’t be sent to one of the addresses",
    page: "tlsrpt_rua_unusable.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let (Some(record), Some(answer)) = (record(case), case.facts.tls_rpt.seen()) else {
        return;
    };
    let is_ignored =
        |kind: &_| matches!(kind, RecordFaultKind::Field(RuaFault::OtherScheme { .. }));
    let name = case.facts.domain.tls_rpt_record_name();
    let mut told: Vec<String> = faults(case, is_ignored).into_iter().collect();
    let told_of = |(uri, why): (&ReportUri, &str)| {
        let address = in_quotes(uri.as_str(), 100);
        format!("The TXT record at {name} names {address}. {why}")
    };
    let unusable = || {
        record
            .rua
            .iter()
            .filter_map(|uri| Some((uri, why_unusable(uri)?)))
    };
    told.extend(unusable().map(told_of));
    if told.is_empty() {
        return;
    }
    let rua: Vec<ReportUri> = record.rua.iter().filter_map(usable).collect();
    let fix = if rua.is_empty() {
        let value = set_value(&name, answer, &any_value());
        format!("{} {value}", with_own_address())
    } else {
        set_value(&name, answer, &TlsRptRecord { rua }.write())
    };
    findings.report(
        Subject::tls_rpt_record(&case.facts.domain),
        told.join(" "),
        fix,
    );
}

/// Why no mail reaches an address that the grammar allows.
fn why_unusable(uri: &ReportUri) -> Option<&'static str> {
    let host = uri.host();
    if !uri.is_mail() {
        None
    } else if host.ends_with('.') {
        Some("A mail address can’t end with a dot (RFC 5321 section 4.1.2).")
    } else if !host.contains('.') {
        Some("Its domain has no dot, so no sender can find a mail server for it.")
    } else {
        None
    }
}

/// The address itself, or as it was meant.
fn usable(uri: &ReportUri) -> Option<ReportUri> {
    let meant = uri.as_str().trim_end_matches('.');
    let meant = ReportUri::parse(meant).ok()?;
    why_unusable(&meant).is_none().then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, silent, tls_rpt_is, unseen,
    };

    #[test]
    fn a_dot_behind_the_domain_is_found() {
        let finding = fires(
            &RULE,
            tls_rpt_is(&["v=TLSRPTv1; rua=mailto:a@example.net."]),
        );
        assert_has(&finding.evidence, "can’t end with a dot");
        assert_ends(&finding.fix, "rua=mailto:a@example.net");
    }

    #[test]
    fn a_domain_of_one_label_is_found() {
        let finding = fires(&RULE, tls_rpt_is(&["v=TLSRPTv1; rua=mailto:root@mail"]));
        assert_has(&finding.evidence, "no dot");
        assert_has(&finding.fix, "you@example.net");
    }

    #[test]
    fn another_scheme_beside_a_good_address_is_found_and_the_good_one_kept() {
        let texts = ["v=TLSRPTv1; rua=ftp://example.net/r,mailto:a@example.net"];
        let finding = fires(&RULE, tls_rpt_is(&texts));
        assert_has(&finding.evidence, "senders ignore “ftp://example.net/r”");
        assert_ends(&finding.fix, "v=TLSRPTv1; rua=mailto:a@example.net");
    }

    #[test]
    fn usual_addresses_are_fine() {
        let texts = ["v=TLSRPTv1; rua=mailto:a@example.net,https://reports.example/r"];
        silent(&RULE, tls_rpt_is(&texts));
    }

    #[test]
    fn a_lookup_that_failed_says_nothing() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }
}
