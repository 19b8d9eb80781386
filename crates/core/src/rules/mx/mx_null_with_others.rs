//! `mx-null-with-others`: there is a null MX next to real MX records (RFC 7505 section 3).

use super::records::{mx_line, mx_value};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::in_words;

rule! {
    code: MX_NULL_WITH_OTHERS,
    severity: Problem,
    title: "there is a null MX next to other MX records",
    page: "mx_null_with_others.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    let Some(mx) = case.facts.mx.seen().filter(|mx| mx.records.len() > 1) else {
        return;
    };
    let nulls: Vec<String> = mx
        .records
        .iter()
        .filter(|record| record.is_null())
        .map(mx_value)
        .collect();
    if nulls.is_empty() {
        return;
    }
    let all = in_words(
        mx.records
            .iter()
            .map(|record| format!("“{}”", mx_value(record))),
    );
    let fix = if nulls.len() == mx.records.len() {
        format!("Keep a single record: {}", mx_line(domain, 0, ""))
    } else {
        format!(
            "If {domain} receives mail, delete its MX record “{}” and keep the others.",
            nulls.join("” and “")
        )
    };
    findings.report(
        Subject::domain(domain),
        format!(
            "The MX records of {domain} are {all}. A null MX, with a single dot instead of a host, \
             says that the domain doesn’t receive mail. It must be the only MX record."
        ),
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MxRecord, Observed};
    use crate::rules::testing::{assert_has, assert_starts, failed, fires, seen, silent, unseen};

    fn add_null(facts: &mut Facts) {
        seen(&mut facts.mx).records.push(MxRecord {
            preference: 0,
            exchange: String::new(),
        });
    }

    #[test]
    fn a_null_mx_among_real_ones_is_found() {
        let finding = fires(&RULE, add_null);
        assert_eq!(finding.subject, "example.com");
        assert_has(
            &finding.evidence,
            "“10 mx1.example.com”, “20 mx2.example.com” and “0 .”",
        );
        assert_has(&finding.fix, "delete its MX record “0 .”");
    }

    #[test]
    fn two_null_records_need_not_be_two() {
        let finding = fires(&RULE, |facts| {
            seen(&mut facts.mx).records.clear();
            add_null(facts);
            add_null(facts);
        });
        assert_starts(&finding.fix, "Keep a single record");
    }

    #[test]
    fn a_null_mx_alone_contradicts_nothing() {
        silent(&RULE, |facts| {
            facts.mx = Observed::Seen(Answer::of([]));
            add_null(facts);
        });
    }

    #[test]
    fn mx_records_that_were_not_seen_are_not_called_contradictory() {
        unseen(&RULE, |facts| facts.mx = failed(FailureKind::TimedOut));
    }
}
