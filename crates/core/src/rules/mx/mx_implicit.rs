//! `mx-implicit`: without an MX record, mail goes to the address of the domain (RFC 5321 5.1).

use std::net::IpAddr;

use super::records::mx_line;
use crate::facts::{Answer, Facts};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::in_words;

rule! {
    code: MX_IMPLICIT,
    severity: Attention,
    title: "there is no MX record, only an address",
    page: "mx_implicit.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    let Some(addresses) =
        addresses_without_mx(case.facts).filter(|addresses| !addresses.records.is_empty())
    else {
        return;
    };
    findings.report(
        Subject::domain(domain),
        format!(
            "{domain} has no MX record. Senders then try the domain’s own address: {}.",
            in_words(&addresses.records)
        ),
        format!(
            "Publish an MX record that names your mail server, for example {}. Use the name in the \
             server’s certificate.",
            mx_line(domain, 10, &format!("mail.{domain}"))
        ),
    );
}

/// The answer about the domain's own addresses, if the domain exists and has no MX record.
pub(crate) fn addresses_without_mx(facts: &Facts) -> Option<&Answer<IpAddr>> {
    let mx = facts.mx.seen()?;
    let addresses = facts.domain_addresses.seen()?;
    (mx.name_exists && mx.records.is_empty()).then_some(addresses)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MailServer, Observed};
    use crate::rules::testing::{assert_has, failed, fires, silent, unseen};

    fn without_mx(facts: &mut Facts) {
        facts.mx = Observed::Seen(Answer::no_data());
        facts.mail_servers = vec![MailServer::named("example.com", 0)];
        facts.domain_addresses = Observed::Seen(Answer::of(["192.0.2.1".parse().unwrap()]));
    }

    #[test]
    fn a_domain_with_an_address_alone_is_told_to_publish_an_mx_record() {
        let finding = fires(&RULE, without_mx);
        assert_eq!(finding.subject, "example.com");
        assert_has(&finding.evidence, "192.0.2.1");
        assert_has(&finding.fix, "“example.com. IN MX 10 mail.example.com.”");
    }

    #[test]
    fn a_domain_without_any_address_is_another_matter() {
        silent(&RULE, |facts| {
            without_mx(facts);
            facts.domain_addresses = Observed::Seen(Answer::no_data());
        });
    }

    #[test]
    fn a_domain_with_mx_records_may_have_addresses_too() {
        silent(&RULE, |facts| {
            facts.domain_addresses = Observed::Seen(Answer::of(["192.0.2.1".parse().unwrap()]));
        });
    }

    #[test]
    fn unanswered_questions_are_not_taken_for_a_missing_record() {
        unseen(&RULE, |facts| {
            without_mx(facts);
            facts.mx = failed(FailureKind::ServFail);
        });
        unseen(&RULE, |facts| {
            without_mx(facts);
            facts.domain_addresses = failed(FailureKind::TimedOut);
        });
    }
}
