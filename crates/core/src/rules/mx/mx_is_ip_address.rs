//! `mx-is-ip-address`: an MX record contains an IP address instead of a host name.

use std::net::IpAddr;

use super::records::{mx_line, mx_value};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::shown;

rule! {
    code: MX_IS_IP_ADDRESS,
    severity: Problem,
    title: "the MX record contains an IP address instead of a name",
    page: "mx_is_ip_address.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    let Some(mx) = case.facts.mx.seen() else {
        return;
    };
    for record in &mx.records {
        let Some(ip) = address_in(&record.exchange) else {
            continue;
        };
        let record_type = if ip.is_ipv4() { "A" } else { "AAAA" };
        findings.report(
            Subject::mail_server(&record.exchange),
            format!(
                "An MX record of {domain} is “{}”. An MX record must name a host; senders look up \
                 {} as if it were a name and find nothing.",
                mx_value(record),
                shown(&record.exchange)
            ),
            format!(
                "Give the server a name and use it: “mail.{domain}. IN {record_type} {ip}” and {}",
                mx_line(domain, record.preference, &format!("mail.{domain}"))
            ),
        );
    }
}

/// The address that was written into an MX record, with or without brackets.
pub(crate) fn address_in(exchange: &str) -> Option<IpAddr> {
    let literal = exchange
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'));
    literal.unwrap_or(exchange).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MxRecord, Observed};
    use crate::rules::testing::{assert_ends, assert_has, failed, fires, silent, unseen};

    fn set_exchange(facts: &mut Facts, exchange: &str) {
        let record = MxRecord {
            preference: 5,
            exchange: exchange.into(),
        };
        facts.mx = Observed::Seen(Answer::of([record]));
        facts.mail_servers.clear();
    }

    #[test]
    fn an_ipv4_address_is_found() {
        let finding = fires(&RULE, |facts| set_exchange(facts, "192.0.2.1"));
        assert_eq!(finding.subject, "192.0.2.1");
        assert_has(&finding.evidence, "“5 192.0.2.1”");
        assert_has(&finding.fix, "mail.example.com. IN A 192.0.2.1");
        assert_ends(&finding.fix, "“example.com. IN MX 5 mail.example.com.”");
    }

    #[test]
    fn brackets_and_ipv6_make_no_difference() {
        for exchange in ["[192.0.2.1]", "2001:db8::1", "[2001:db8::1]"] {
            fires(&RULE, |facts| set_exchange(facts, exchange));
        }
    }

    #[test]
    fn names_with_digits_and_the_null_mx_are_no_addresses() {
        for exchange in ["1.2.0.192.example.net", "192.0.2", "mx1.example.com", ""] {
            silent(&RULE, |facts| set_exchange(facts, exchange));
        }
    }

    #[test]
    fn mx_records_that_were_not_seen_are_not_judged() {
        unseen(&RULE, |facts| facts.mx = failed(FailureKind::TimedOut));
    }
}
