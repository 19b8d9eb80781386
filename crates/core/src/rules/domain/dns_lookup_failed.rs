//! `dns-lookup-failed`: a DNS lookup got no answer, which is not the same as "no record".

use crate::facts::{FailureKind, MailServer, ProbeFailure};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::policy_host::policy_host_missing::alias_circle;
use crate::rules::record::absence::absence;
use crate::text::wording::shown;

rule! {
    code: DNS_LOOKUP_FAILED,
    severity: NotChecked,
    title: "a DNS lookup failed",
    page: "dns_lookup_failed.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let domain = &facts.domain;
    // Reported by dnssec-broken or, for the MTA-STS record, by record-cname-dangling.
    let is_told_elsewhere = |subject: &Subject, failure: &ProbeFailure| match failure.kind {
        FailureKind::DnssecBroken => true,
        FailureKind::AliasLoop => match subject {
            Subject::Record(_) => absence(case).is_some(),
            Subject::PolicyHost(_) => alias_circle(case).is_some(),
            Subject::MailServer(_) => true,
            _ => false,
        },
        _ => false,
    };
    let mut unanswered = |subject: Subject, records: &str, failure: Option<&ProbeFailure>| {
        if let Some(failure) = failure.filter(|failure| !is_told_elsewhere(&subject, failure)) {
            let reason = reason(subject.name(), records, failure);
            findings.report(subject, reason, "");
        }
    };
    unanswered(Subject::domain(domain), "MX records", facts.mx.failed());
    unanswered(
        Subject::domain(domain),
        "addresses",
        facts.domain_addresses.failed(),
    );
    for server in case.mail_servers() {
        if let Some((records, failure)) = addresses(server) {
            unanswered(Subject::mail_server(&server.host), records, Some(failure));
        }
    }
    unanswered(
        Subject::record(domain),
        "TXT records",
        facts.record.failed(),
    );
    unanswered(
        Subject::tls_rpt_record(domain),
        "TXT records",
        facts.tls_rpt.failed(),
    );
    unanswered(
        Subject::policy_host(domain),
        "addresses",
        facts.policy_host.failed(),
    );
}

/// One entry for a host, even if both of its lookups failed.
fn addresses(server: &MailServer) -> Option<(&'static str, &ProbeFailure)> {
    match (server.ipv4.failed(), server.ipv6.failed()) {
        (Some(failure), Some(_)) => Some(("addresses", failure)),
        (Some(failure), None) => Some(("IPv4 addresses", failure)),
        (None, Some(failure)) => Some(("IPv6 addresses", failure)),
        (None, None) => None,
    }
}

fn reason(name: &str, records: &str, failure: &ProbeFailure) -> String {
    format!(
        "The {records} of {} couldn’t be looked up: {failure}. That doesn’t mean there are none. \
         Check again in a few minutes.",
        shown(name)
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, not_checked, run, silent};

    #[test]
    fn a_failed_lookup_is_told_with_the_name_that_was_asked() {
        let findings = run(&RULE, |facts| {
            facts.record = failed(FailureKind::TimedOut);
            facts.tls_rpt = failed(FailureKind::ServFail);
            facts.policy_host = failed(FailureKind::DnsRefused);
        });
        assert_eq!(findings.found, []);
        let subjects: Vec<_> = findings
            .not_checked
            .iter()
            .map(|entry| entry.subject.name())
            .collect();
        assert_eq!(
            subjects,
            [
                "_mta-sts.example.com",
                "_smtp._tls.example.com",
                "mta-sts.example.com"
            ]
        );
    }

    #[test]
    fn a_server_failure_is_quoted_and_not_called_a_missing_record() {
        let reason = not_checked(&RULE, |facts| {
            facts.mx = failed(FailureKind::ServFail);
            facts.mail_servers.clear();
        });
        assert_has(&reason, "MX records of example.com");
        assert!(
            reason.contains("SERVFAIL") && reason.contains("doesn’t mean"),
            "{reason}"
        );
    }

    #[test]
    fn both_lookups_of_one_host_are_one_entry() {
        let reason = not_checked(&RULE, |facts| {
            facts.mail_servers[0].ipv4 = failed(FailureKind::TimedOut);
            facts.mail_servers[0].ipv6 = failed(FailureKind::TimedOut);
        });
        assert!(
            reason.starts_with("The addresses of mx1.example.com"),
            "{reason}"
        );
    }

    #[test]
    fn one_of_two_lookups_is_named() {
        let reason = not_checked(&RULE, |facts| {
            facts.mail_servers[1].ipv6 = failed(FailureKind::TimedOut);
        });
        assert!(
            reason.starts_with("The IPv6 addresses of mx2.example.com"),
            "{reason}"
        );
    }

    #[test]
    fn what_other_rules_tell_is_not_told_twice() {
        silent(&RULE, |facts| {
            facts.mx = failed(FailureKind::DnssecBroken);
            facts.mail_servers[0].ipv4 = failed(FailureKind::DnssecBroken);
            facts.record = failed(FailureKind::AliasLoop);
        });
    }

    #[test]
    fn a_circle_at_another_name_than_the_announcement_is_told() {
        let reason = not_checked(&RULE, |facts| {
            facts.tls_rpt = failed(FailureKind::AliasLoop);
        });
        assert_has(&reason, "the aliases (CNAME) form a loop");
    }

    #[test]
    fn an_answer_without_records_is_an_answer() {
        silent(&RULE, |facts| {
            facts.record = Observed::Seen(Answer::no_such_name());
            facts.mail_servers[0].ipv4 = Observed::Seen(Answer::no_data());
        });
    }
}
