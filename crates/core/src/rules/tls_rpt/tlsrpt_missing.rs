//! `tlsrpt-missing`: there is no TLS-RPT record.

use super::tls_rpt_record::{any_value, with_own_address};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::misplaced::misplaced_tls_rpt;
use crate::rules::record::txt_record::{is_there, what_is_there};
use crate::text::tls_rpt_record::{TlsRptRecord, TlsRptSelection};

rule! {
    code: TLSRPT_MISSING,
    severity: Attention,
    title: "you aren’t receiving TLS reports yet",
    page: "tlsrpt_missing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let (Some(TlsRptSelection::None), Some(answer)) = (&case.tls_rpt, case.facts.tls_rpt.seen())
    else {
        return;
    };
    if is_there::<TlsRptRecord>(&case.facts.tls_rpt)
        || case.facts.has_no_use_for_a_policy()
        || !misplaced_tls_rpt(case.facts).is_empty()
    {
        return;
    }
    let name = case.facts.domain.tls_rpt_record_name();
    // A name can’t have both (RFC 1034 3.6.2).
    let first = if answer.aliases.is_empty() {
        "A".to_owned()
    } else {
        format!("Delete the CNAME record {name}, unless a service gave it to you. Then a")
    };
    findings.report(
        Subject::tls_rpt_record(&case.facts.domain),
        what_is_there(&name, answer),
        format!(
            "{} {first}dd a TXT record with the name {name} and this value: {}",
            with_own_address(),
            any_value()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, MxRecord, Observed};
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, no_name, silent, stands_at, tls_rpt_is, unseen,
    };

    #[test]
    fn a_missing_record_is_found_with_the_one_to_add() {
        let finding = fires(&RULE, |facts| {
            facts.tls_rpt = no_name();
        });
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_has(&finding.fix, "_smtp._tls.example.com");
        assert_ends(&finding.fix, "v=TLSRPTv1; rua=mailto:you@example.net");
    }

    #[test]
    fn a_near_miss_is_left_to_another_rule() {
        silent(&RULE, tls_rpt_is(&["v=TLSRPv1; rua=mailto:a@example.net"]));
    }

    #[test]
    fn a_record_at_a_wrong_name_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            facts.tls_rpt = no_name();
            let text = "v=TLSRPTv1; rua=mailto:a@example.net";
            stands_at(facts, "_smtp.tls.example.com", text);
        });
    }

    #[test]
    fn a_domain_that_receives_no_mail_needs_no_reports() {
        silent(&RULE, |facts| {
            facts.tls_rpt = no_name();
            facts.mx = Observed::Seen(Answer::of([MxRecord {
                preference: 0,
                exchange: String::new(),
            }]));
        });
    }

    #[test]
    fn a_lookup_that_failed_is_not_a_missing_record() {
        unseen(&RULE, |facts| facts.tls_rpt = failed(FailureKind::ServFail));
    }

    #[test]
    fn beside_an_alias_no_text_can_be_added() {
        let finding = fires(&RULE, |facts| {
            let mut answer = Answer::no_data();
            answer.aliases = vec!["reports.example.net".into()];
            facts.tls_rpt = Observed::Seen(answer);
        });
        assert_has(
            &finding.fix,
            "Delete the CNAME record _smtp._tls.example.com",
        );
        assert_has(&finding.fix, "Then add a TXT record");
    }
}
