//! What rules that compare the policy with the MX hosts share: which hosts count, and which policy.

use std::fmt::Display;
use std::net::IpAddr;

use crate::facts::MailServer;
use crate::knowledge::catalogue::mail_provider;
use crate::rules::case::Case;
use crate::rules::finding::Severity;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{Mode, Policy};
use crate::text::wording::{in_words, shown};

/// The policy whose mx lines senders apply; `None` if it is switched off.
pub(crate) fn policy_in_use<'a>(case: &'a Case<'_>) -> Option<&'a Policy> {
    case.policy
        .as_ref()?
        .policy
        .as_ref()
        .filter(|policy| policy.mode() != Mode::None)
}

/// How bad it is if the policy does not cover a host: mail is only refused in enforce mode.
pub(crate) fn severity_of_refusal(policy: &Policy) -> Severity {
    if policy.mode() == Mode::Enforce {
        Severity::Problem
    } else {
        Severity::Attention
    }
}

/// The names of the domain's mail servers in the DNS: those in its MX records, or the domain itself
/// if it has none (RFC 5321 5.1). An address instead of a name matches no policy and is left out.
pub(crate) fn mx_hosts<'a>(case: &Case<'a>) -> Vec<&'a str> {
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

/// Whether a host is known to have no address, so that no mail can go there.
pub(crate) fn leads_nowhere(case: &Case<'_>, host: &str) -> bool {
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

/// The live MX hosts that no mx line covers.
pub(crate) fn uncovered_hosts<'a>(case: &Case<'a>, policy: &Policy) -> Vec<&'a str> {
    let mut hosts = mx_hosts(case);
    hosts.retain(|host| !policy.covers(host) && !leads_nowhere(case, host));
    hosts
}

/// The line whose wildcard would cover the host if it matched two or more parts of a name; the
/// longest if there are several.
pub(crate) fn too_shallow_wildcard<'a>(policy: &'a Policy, host: &str) -> Option<&'a MxPattern> {
    let host = host.to_ascii_lowercase();
    let stands_above = |pattern: &&MxPattern| {
        let parent = pattern.as_str().strip_prefix('*');
        let parts = parent.and_then(|parent| host.strip_suffix(parent));
        parts.is_some_and(|parts| parts.contains('.'))
    };
    policy
        .mx()
        .iter()
        .filter(stands_above)
        .max_by_key(|pattern| pattern.as_str().len())
}

/// The mx values that cover these hosts and little else: what their provider documents, otherwise
/// the names themselves.
pub(crate) fn exact_values(hosts: &[&str]) -> Vec<String> {
    let mut values = Vec::new();
    for host in hosts {
        let documented = mail_provider(host).map_or(&[][..], |provider| &provider.policy_mx);
        let value = match documented.iter().find(|pattern| pattern.matches(host)) {
            Some(pattern) => pattern.as_str().to_owned(),
            None => shown(host),
        };
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Lines of a policy, each in quotation marks.
pub(crate) fn lines_with<T: Display>(values: &[T]) -> String {
    in_words(values.iter().map(|value| format!("“mx: {value}”")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Answer, MxRecord, Observed};
    use crate::rules::testing::{healthy, seen};
    use crate::text::policy::PolicyReading;

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
    fn a_wildcard_is_too_shallow_for_two_parts_and_more() {
        let policy = |mx: &str| {
            let text = format!("version: STSv1\nmode: enforce\n{mx}max_age: 604800\n");
            PolicyReading::read(text.as_bytes()).policy.unwrap()
        };
        let wildcard = |mx: &str, host: &str| {
            too_shallow_wildcard(&policy(mx), host).map(|pattern| pattern.as_str().to_owned())
        };
        let google = "mx: *.google.com\nmx: *.com\n";
        let both = wildcard(google, "Alt1.ASPMX.l.google.com");
        assert_eq!(both.as_deref(), Some("*.google.com"));
        for host in ["smtp.google.com", "google.com", "a.b.notgoogle.com"] {
            assert_eq!(wildcard("mx: *.google.com\n", host), None, "{host}");
        }
        assert_eq!(wildcard("mx: google.com\n", "a.b.google.com"), None);
    }

    #[test]
    fn a_documented_pattern_stands_for_its_hosts() {
        let hosts = [
            "a.mail.protection.outlook.com",
            "b.mail.protection.outlook.com",
            "mx.example",
        ];
        assert_eq!(
            exact_values(&hosts),
            ["*.mail.protection.outlook.com", "mx.example"]
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
