//! `mx-null`: the domain states that it doesn't receive mail (RFC 7505).

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: MX_NULL,
    severity: Note,
    title: "the domain doesn’t receive mail",
    page: "mx_null.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    if case.facts.takes_no_mail() {
        findings.report(
            Subject::domain(domain),
            format!(
                "The only MX record of {domain} names the root (“0 .”). This null MX tells senders \
                 that the domain doesn’t receive mail."
            ),
            format!(
                "If {domain} isn’t meant to receive mail, there is nothing to do, and MTA-STS has \
                 nothing to protect. If it should receive mail, replace the null MX with your mail \
                 provider’s MX records."
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MxRecord, Observed};
    use crate::rules::testing::{assert_has, failed, fires, silent, unseen};

    fn set_exchanges(facts: &mut Facts, exchanges: &[&str]) {
        let record = |&exchange: &&str| MxRecord {
            preference: 0,
            exchange: exchange.into(),
        };
        facts.mx = Observed::Seen(Answer::of(exchanges.iter().map(record)));
        facts.mail_servers.clear();
    }

    #[test]
    fn a_null_mx_alone_is_told() {
        let finding = fires(&RULE, |facts| set_exchanges(facts, &[""]));
        assert_eq!(finding.subject, "example.com");
        assert_has(&finding.evidence, "“0 .”");
    }

    #[test]
    fn a_null_mx_beside_a_real_one_is_another_matter() {
        silent(&RULE, |facts| set_exchanges(facts, &["", "mx.example.com"]));
    }

    #[test]
    fn no_mx_record_at_all_is_no_null_mx() {
        silent(&RULE, |facts| set_exchanges(facts, &[]));
    }

    #[test]
    fn mx_records_that_were_not_seen_promise_nothing() {
        unseen(&RULE, |facts| facts.mx = failed(FailureKind::TimedOut));
    }
}
