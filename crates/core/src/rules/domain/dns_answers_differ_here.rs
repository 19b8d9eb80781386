//! `dns-answers-differ-here`: the DNS of this network gives a host an address that senders outside don't
//! get, so the host can't be checked from here.

use std::net::IpAddr;

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::mx::scope::{OutOfReach, account};
use crate::text::wording::shown;

rule! {
    code: DNS_ANSWERS_DIFFER_HERE,
    severity: NotChecked,
    title: "this network’s DNS gives other addresses than the public one",
    page: "dns_answers_differ_here.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let mut tell = |subject: Subject, addresses: Vec<IpAddr>| {
        let Some(host) = OutOfReach::of(facts, subject.name(), addresses.into_iter()) else {
            return;
        };
        // An address that the public DNS has too is told as a fault of the host.
        let instead = match host.in_public_dns() {
            Some(public) if !public.is_empty() => return,
            Some(_) => match host.instead() {
                Some(instead) => format!("Its own name servers say {instead}."),
                None => "Its own name servers know no address.".to_owned(),
            },
            None => "Its own name servers couldn’t be asked.".to_owned(),
        };
        let reason = format!(
            "Here {} has the addresses of this network. {} {instead} So this says nothing about what \
             senders outside see. Check from another network, or with a public resolver.",
            shown(host.host),
            account(&host.here),
        );
        findings.report(subject, reason, "");
    };
    for server in case.mail_servers() {
        tell(
            Subject::mail_server(&server.host),
            server.addresses().collect(),
        );
    }
    if let Some(answer) = facts.policy_host.seen() {
        tell(Subject::policy_host(&facts.domain), answer.records.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::testing::{
        addresses_are, assert_has, failed, not_checked, public_dns_says, silent,
    };

    #[test]
    fn an_answer_of_the_office_is_not_that_of_the_public_dns() {
        let reason = not_checked(&RULE, |facts| {
            addresses_are(facts, 0, &["192.168.1.25"]);
            public_dns_says(facts, "mx1.example.com", &["192.0.2.1"]);
        });
        assert_has(&reason, "192.168.1.25 is an address of a private network");
        assert_has(&reason, "Its own name servers say 192.0.2.1");
    }

    #[test]
    fn a_resolver_that_blocks_the_policy_host_is_told() {
        let reason = not_checked(&RULE, |facts| {
            facts.policy_host = Observed::Seen(Answer::of(["0.0.0.0".parse().unwrap()]));
            public_dns_says(facts, "mta-sts.example.com", &["192.0.2.80"]);
        });
        assert_has(&reason, "leads to no other computer");
    }

    #[test]
    fn without_an_answer_of_the_name_servers_it_stays_open() {
        let reason = not_checked(&RULE, |facts| addresses_are(facts, 0, &["10.0.0.1"]));
        assert_has(&reason, "couldn’t be asked");
    }

    #[test]
    fn an_address_in_the_public_dns_is_told_elsewhere() {
        silent(&RULE, |facts| {
            addresses_are(facts, 0, &["10.0.0.1"]);
            public_dns_says(facts, "mx1.example.com", &["10.0.0.1"]);
        });
        silent(&RULE, |facts| {
            facts.mail_servers[0].ipv4 = failed(FailureKind::TimedOut);
        });
    }
}
