//! `mx-address-not-public`: the public DNS gives an MX host an address that no sender gets to.

use super::scope::{OutOfReach, account};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Severity, Subject};
use crate::text::wording::shown;

rule! {
    code: MX_ADDRESS_NOT_PUBLIC,
    severity: Problem,
    title: "the mail server has an address that senders can’t reach",
    page: "mx_address_not_public.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    for server in case.mail_servers() {
        let Some(host) = OutOfReach::of(facts, &server.host, server.addresses()) else {
            continue;
        };
        let Some(public) = host.in_public_dns().filter(|public| !public.is_empty()) else {
            // Told by dns-answers-differ-here.
            continue;
        };
        let name = shown(host.host);
        let (severity, rest) = if host.is_reachable(facts) {
            (
                Severity::Attention,
                " Senders that try it first deliver late, over another address.",
            )
        } else {
            (
                Severity::Problem,
                " No sender on the internet can deliver there.",
            )
        };
        findings.report_as(
            severity,
            Subject::mail_server(host.host),
            format!(
                "The public DNS gives {name} this address. {}{rest}",
                account(&public)
            ),
            format!(
                "Give {name} the address under which your mail server can be reached from the \
                 internet, and remove the other one from the public DNS."
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::finding::Severity;
    use crate::rules::testing::{
        addresses_are, assert_has, failed, fires, public_dns_says, silent, unseen,
    };

    #[test]
    fn a_private_address_in_the_public_dns_is_a_problem() {
        for ip in [
            "192.168.1.25",
            "10.1.2.3",
            "100.64.0.9",
            "127.0.0.1",
            "169.254.1.1",
        ] {
            let finding = fires(&RULE, |facts| {
                addresses_are(facts, 0, &[ip]);
                public_dns_says(facts, "mx1.example.com", &[ip]);
            });
            assert_eq!(finding.subject, "mx1.example.com");
            assert_eq!(finding.severity, Severity::Problem);
            assert_has(&finding.evidence, ip);
        }
    }

    #[test]
    fn beside_a_public_address_it_is_worth_attention() {
        let finding = fires(&RULE, |facts| {
            addresses_are(facts, 0, &["192.0.2.1", "10.0.0.1"]);
            public_dns_says(facts, "mx1.example.com", &["192.0.2.1", "10.0.0.1"]);
        });
        assert_eq!(finding.severity, Severity::Attention);
    }

    #[test]
    fn an_address_of_this_network_alone_is_no_fault_of_the_domain() {
        silent(&RULE, |facts| {
            addresses_are(facts, 0, &["192.168.1.25"]);
            public_dns_says(facts, "mx1.example.com", &["192.0.2.1"]);
        });
    }

    #[test]
    fn inside_a_network_private_addresses_are_as_they_should_be_and_loopback_is_not() {
        silent(&RULE, |facts| {
            facts.internal = true;
            addresses_are(facts, 0, &["192.168.1.25"]);
            public_dns_says(facts, "mx1.example.com", &["192.168.1.25"]);
        });
        fires(&RULE, |facts| {
            facts.internal = true;
            addresses_are(facts, 0, &["127.0.0.1"]);
            public_dns_says(facts, "mx1.example.com", &["127.0.0.1"]);
        });
    }

    #[test]
    fn without_an_answer_of_the_name_servers_nobody_is_accused() {
        unseen(&RULE, |facts| addresses_are(facts, 0, &["192.168.1.25"]));
        unseen(&RULE, |facts| {
            facts.mail_servers[0].ipv4 = failed(FailureKind::ServFail);
        });
    }
}
