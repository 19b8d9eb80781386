//! `mx-ipv6-only`: no MX host can be reached over IPv4.

use std::net::Ipv6Addr;

use crate::facts::MailServer;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: MX_IPV6_ONLY,
    severity: Attention,
    title: "IPv6 is the only way to reach the mail servers",
    page: "mx_ipv6_only.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let ipv6_only = |server| addresses_if_ipv6_only(server).map(|addresses| (server, addresses));
    let Some(servers) = case
        .mail_servers()
        .map(ipv6_only)
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let with_address: Vec<_> = servers
        .into_iter()
        .filter(|(_, addresses)| !addresses.is_empty())
        .collect();
    let Some((first, _)) = with_address.first() else {
        return;
    };
    let seen = with_address
        .iter()
        .map(|(server, addresses)| format!("{} ({})", shown(&server.host), in_words(*addresses)));
    let domain = &case.facts.domain;
    findings.report(
        Subject::domain(domain),
        format!(
            "No mail server of {domain} has an IPv4 address, only IPv6: {}.",
            in_words(seen)
        ),
        format!(
            "Give at least one mail server an IPv4 address as well, with an A record for {}.",
            shown(&first.host)
        ),
    );
}

/// The IPv6 addresses of a host without an IPv4 address; `None` if it has one or if that is
/// unknown.
fn addresses_if_ipv6_only(server: &MailServer) -> Option<&[Ipv6Addr]> {
    server
        .ipv4
        .seen()
        .filter(|answer| answer.records.is_empty())?;
    server.ipv6.seen().map(|answer| answer.records.as_slice())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fires, silent, unseen};

    fn make_ipv6_only(facts: &mut Facts) {
        for server in &mut facts.mail_servers {
            server.ipv4 = Observed::Seen(Answer::no_data());
            server.ipv6 = Observed::Seen(Answer::of(["2001:db8::25".parse().unwrap()]));
        }
    }

    #[test]
    fn mail_servers_without_any_ipv4_address_are_found_once() {
        let finding = fires(&RULE, make_ipv6_only);
        assert_eq!(finding.subject, "example.com");
        assert_has(
            &finding.evidence,
            "mx1.example.com (2001:db8::25) and mx2.example.com",
        );
        assert_has(&finding.fix, "A record for mx1.example.com");
    }

    #[test]
    fn one_host_with_ipv4_is_enough() {
        silent(&RULE, |facts| {
            let ipv4 = facts.mail_servers[1].ipv4.clone();
            make_ipv6_only(facts);
            facts.mail_servers[1].ipv4 = ipv4;
        });
    }

    #[test]
    fn hosts_without_any_address_are_another_matter() {
        silent(&RULE, |facts| {
            make_ipv6_only(facts);
            for server in &mut facts.mail_servers {
                server.ipv6 = Observed::Seen(Answer::no_data());
            }
        });
    }

    #[test]
    fn a_lookup_that_failed_may_hide_an_ipv4_address() {
        unseen(&RULE, |facts| {
            make_ipv6_only(facts);
            facts.mail_servers[1].ipv4 = failed(FailureKind::TimedOut);
        });
    }
}
