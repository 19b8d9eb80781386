//! What rules about the fit of policy and MX hosts share: which hosts count, and which policy.

use std::net::IpAddr;

use crate::case::Case;
use crate::facts::MailServer;
use crate::{Mode, Policy};

/// The policy whose mx lines senders go by: none where it is switched off.
pub(super) fn policy_in_use<'a>(case: &'a Case<'_>) -> Option<&'a Policy> {
    case.policy
        .as_ref()?
        .policy
        .as_ref()
        .filter(|policy| policy.mode() != Mode::None)
}

/// The names that the DNS gives for the mail servers of the domain: those of its MX records, or the
/// domain itself where mail goes there for want of any (RFC 5321 5.1). An address in place of a name
/// matches no policy and is left out.
pub(super) fn mx_hosts<'a>(case: &Case<'a>) -> Vec<&'a str> {
    let Some(mx) = case.facts.mx.seen() else {
        return Vec::new();
    };
    let named = mx.records.iter().map(|record| record.exchange.as_str());
    let implicit = case.mail_servers().map(|server| server.host.as_str());
    let all: Vec<&str> = if mx.records.is_empty() {
        implicit.collect()
    } else {
        named.collect()
    };
    let mut hosts = Vec::new();
    for host in all {
        let is_name = !host.is_empty() && host.parse::<IpAddr>().is_err();
        if is_name && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

/// Whether a host is known to have no address, so that no mail goes there at all.
pub(super) fn leads_nowhere(case: &Case<'_>, host: &str) -> bool {
    let has_none = |server: &MailServer| {
        server
            .ipv4
            .seen()
            .is_some_and(|answer| answer.records.is_empty())
            && server
                .ipv6
                .seen()
                .is_some_and(|answer| answer.records.is_empty())
    };
    case.mail_servers()
        .any(|server| server.host == host && has_none(server))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Answer, MxRecord, Observed};
    use crate::rules::testing::{healthy, seen};

    #[test]
    fn each_host_counts_once_and_addresses_and_the_root_do_not() {
        let mut facts = healthy();
        for exchange in ["mx1.example.com", "192.0.2.1", ""] {
            let record = MxRecord {
                preference: 30,
                exchange: exchange.into(),
            };
            seen(&mut facts.mx).records.push(record);
        }
        assert_eq!(
            mx_hosts(&Case::of(&facts)),
            ["mx1.example.com", "mx2.example.com"]
        );
    }

    #[test]
    fn without_mx_records_the_domain_itself_is_the_host() {
        let mut facts = healthy();
        facts.mx = Observed::Seen(Answer::no_data());
        facts.mail_servers.truncate(1);
        facts.mail_servers[0].host = "example.com".into();
        assert_eq!(mx_hosts(&Case::of(&facts)), ["example.com"]);
    }
}
