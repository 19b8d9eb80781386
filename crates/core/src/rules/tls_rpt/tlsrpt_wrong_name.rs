//! `tlsrpt-wrong-name`: the TLS-RPT record is at a name where no sender looks.

use super::tls_rpt_record::{any_value, meant_value, with_own_address};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::misplaced::{evidence, misplaced_tls_rpt, moving};
use crate::rules::record::txt_record::is_there;
use crate::text::tls_rpt_record::{TlsRptRecord, TlsRptSelection};

rule! {
    code: TLSRPT_WRONG_NAME,
    severity: Attention,
    title: "the TLS-RPT record is at the wrong name",
    page: "tlsrpt_wrong_name.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let found = misplaced_tls_rpt(facts);
    let is_absent = matches!(case.tls_rpt, Some(TlsRptSelection::None))
        && !is_there::<TlsRptRecord>(&facts.tls_rpt);
    if found.is_empty() || !is_absent || facts.has_no_use_for_a_policy() {
        return;
    }
    let name = facts.domain.tls_rpt_record_name();
    let fix = match found
        .iter()
        .find_map(|misplaced| meant_value(misplaced.text))
    {
        Some(value) => moving(case, &name, &found, &value),
        None => format!(
            "{} {}",
            with_own_address(),
            moving(case, &name, &found, &any_value())
        ),
    };
    findings.report(
        Subject::tls_rpt_record(&case.facts.domain),
        evidence(&name, &found),
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind};
    use crate::rules::testing::{
        assert_ends, assert_has, assert_starts, failed, fires, no_name, silent, stands_at,
        tls_rpt_is, unseen,
    };

    fn found_at(name: &str, text: &str) -> impl FnOnce(&mut Facts) {
        move |facts| {
            facts.tls_rpt = no_name();
            stands_at(facts, name, text);
        }
    }

    #[test]
    fn a_name_without_its_second_underscore_is_found() {
        let text = "v=TLSRPTv1; rua=mailto:a@example.net";
        let finding = fires(&RULE, found_at("_smtp.tls.example.com", text));
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_has(&finding.evidence, "at _smtp.tls.example.com");
        assert_starts(&finding.fix, "An underscore is missing");
        assert_has(&finding.fix, "enter just _smtp._tls as the name.");
        assert_ends(
            &finding.fix,
            "Its value: v=TLSRPTv1; rua=mailto:a@example.net",
        );
    }

    #[test]
    fn a_text_without_address_gets_one_to_replace() {
        let finding = fires(&RULE, found_at("_tlsrpt.example.com", "v=TLSRPTv1;"));
        assert_starts(
            &finding.fix,
            "Replace you@example.net with your own address",
        );
        assert_ends(&finding.fix, "rua=mailto:you@example.net");
    }

    #[test]
    fn beside_a_record_in_the_right_place_another_does_no_harm() {
        let text = "v=TLSRPTv1; rua=mailto:a@example.net";
        silent(&RULE, |facts| stands_at(facts, "_tls.example.com", text));
        silent(&RULE, |facts| {
            tls_rpt_is(&["v=TLSRPv1; rua=mailto:a@example.net"])(facts);
            stands_at(facts, "_tls.example.com", text);
        });
        silent(&RULE, found_at("_tls.example.com", "v=spf1 -all"));
    }

    #[test]
    fn where_the_right_name_was_not_answered_nothing_is_misplaced() {
        unseen(&RULE, |facts| {
            found_at("_tls.example.com", "v=TLSRPTv1; rua=mailto:a@b.example")(facts);
            facts.tls_rpt = failed(FailureKind::TimedOut);
        });
    }
}
