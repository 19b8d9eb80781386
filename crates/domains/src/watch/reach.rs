//! How far a check got with each part of a domain. A fault is gone only if a check that got as far as
//! the one that found it no longer finds it: what can’t be reached is neither well nor broken.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mta_sts_core::facts::{Observed, PolicyFetch, Session};
use mta_sts_core::rules::rule;
use mta_sts_core::{Area, Facts, Observer, code};
use serde::{Deserialize, Serialize};

use super::{Fault, own};

const MX: &str = "mx";
const RECORD: &str = "record";
const TLS_RPT: &str = "tls-rpt";
const POLICY_HOST: &str = "policy-host";
const POLICY: &str = "policy";
const POLICY_OVER_IPV6: &str = "policy-over-ipv6";
const RANDOM_NAME: &str = "random-name";
/// Before the name or the address of a place where people put things by mistake. They are looked at only
/// if the right place has nothing good.
const NEAR: &str = "near miss: ";
const STRAY: &str = "stray policy: ";
/// Before the name and the address of a name server.
const MX_AT: &str = "at name server: mx ";
const RECORD_AT: &str = "at name server: record ";
const AT: &str = "at name server: ";

/// The parts and how far the check got with each; 0 where it was tried in vain. Parts that were not
/// tried are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Reach(BTreeMap<String, u8>);

impl Reach {
    /// Of the whole domain.
    pub(super) fn of(facts: &Facts) -> Self {
        let mut reach = Self::default();
        reach.note(MX, step(&facts.mx));
        reach.note(RECORD, step(&facts.record));
        reach.note(TLS_RPT, step(&facts.tls_rpt));
        reach.note(POLICY_HOST, step(&facts.policy_host));
        reach.note(POLICY, fetched(&facts.policy));
        reach.note(POLICY_OVER_IPV6, fetched(&facts.policy_over_ipv6));
        reach.note(RANDOM_NAME, step(&facts.random_name));
        for near_miss in &facts.near_misses {
            reach.note(format!("{NEAR}{}", near_miss.name), step(&near_miss.texts));
        }
        for stray in &facts.stray_policies {
            reach.note(format!("{STRAY}{}", stray.url), fetched(&stray.fetch));
        }
        for view in &facts.name_servers {
            if let Observer::NameServer { name, ip } = &view.observer {
                reach.note(format!("{RECORD_AT}{name} {ip}"), step(&view.record));
                reach.note(format!("{MX_AT}{name} {ip}"), step(&view.mx));
            }
        }
        for server in &facts.mail_servers {
            let host = &server.host;
            let has_addresses = server.ipv4.seen().is_some() && server.ipv6.seen().is_some();
            reach.note(addresses_of(host), Some(has_addresses.into()));
            reach.note(format!("{host} tlsa"), step(&server.tlsa));
            for session in &server.sessions {
                reach.note(format!("{host} {}", session.ip), Some(steps(session)));
            }
        }
        reach
    }

    /// What a fault rests on.
    pub(super) fn about(&self, code: &str, subject: &str) -> Self {
        let parts = self.0.iter();
        let about = parts.filter(|(part, _)| rests_on(code, subject, part));
        Self(about.map(|(part, far)| (part.clone(), *far)).collect())
    }

    /// Whether this check got far enough to see that a fault, which it didn’t find, is gone.
    pub(super) fn shows_gone(&self, fault: &Fault, facts: &Facts) -> bool {
        let subject = &fault.subject;
        let is_mail_server = facts.mail_servers.iter().any(|it| it.host == *subject);
        let nothing_published = facts.nothing_published();
        let hosts = facts.policy_host.seen();
        let has_no_ipv6 = hosts.is_some_and(|hosts| hosts.records.iter().all(IpAddr::is_ipv4));
        let now = self.about(&fault.code, subject);
        let is_answered = |part: &String| {
            let then = fault.reach.far(part);
            match part.as_str() {
                POLICY | POLICY_OVER_IPV6 | POLICY_HOST if nothing_published => true,
                MX | RECORD | TLS_RPT | POLICY_HOST => now.far(part) == Some(1),
                POLICY_OVER_IPV6 if has_no_ipv6 => true,
                POLICY => now.far(part) >= then.max(Some(1)),
                part if *part == addresses_of(subject) => now.far(part) != Some(0),
                // A name server or an address that the DNS no longer names.
                part if now.far(part).is_none() && part.starts_with(AT) => {
                    facts.zone.seen().is_some()
                }
                part if now.far(part).is_none() => {
                    let is_misplaced = part.starts_with(NEAR) || part.starts_with(STRAY);
                    is_misplaced || is_part_of(subject, part)
                }
                part => now.far(part) >= then,
            }
        };
        let mut parts = now.0.keys().chain(fault.reach.0.keys());
        // Another address of the host must show as much as one that is gone.
        let needed = fault.reach.farthest_session(subject).map(|far| far.max(1));
        !facts.cut_short
            && parts.all(is_answered)
            && (!is_mail_server || now.farthest_session(subject) >= needed)
    }

    fn far(&self, part: &str) -> Option<u8> {
        self.0.get(part).copied()
    }

    fn farthest_session(&self, host: &str) -> Option<u8> {
        let sessions = self.0.iter().filter(|(part, _)| {
            let ip = part
                .strip_prefix(host)
                .and_then(|rest| rest.strip_prefix(' '));
            ip.is_some_and(|ip| ip.parse::<IpAddr>().is_ok())
        });
        sessions.map(|(_, far)| *far).max()
    }

    fn note(&mut self, part: impl Into<String>, far: Option<u8>) {
        if let Some(far) = far {
            self.0.insert(part.into(), far);
        }
    }
}

fn addresses_of(host: &str) -> String {
    format!("{host} addresses")
}

fn is_part_of(host: &str, part: &str) -> bool {
    let rest = part.strip_prefix(host);
    rest.is_some_and(|rest| rest.starts_with(' '))
}

fn rests_on(code: &str, subject: &str, part: &str) -> bool {
    if code == own::MX_ANSWERS_DIFFER {
        return part.starts_with(MX_AT);
    }
    if code == own::POLICY_SLOWER {
        return part == POLICY;
    }
    let Some(rule) = rule(code) else {
        return false;
    };
    match rule.area {
        Area::Domain => [MX, RECORD, TLS_RPT, POLICY_HOST].contains(&part),
        Area::Mx | Area::Smtp | Area::Tls | Area::Certificate => {
            part == MX || is_part_of(subject, part)
        }
        Area::Record if code == code::RECORD_ID_NOT_BUMPED => {
            [RECORD, POLICY_HOST, POLICY].contains(&part)
        }
        Area::Record => {
            [RECORD, RANDOM_NAME].contains(&part)
                || part.starts_with(RECORD_AT)
                || part.starts_with(NEAR)
        }
        Area::PolicyHost | Area::PolicyFile => {
            let is_of_ipv6 = [code::POLICY_IPV6_BROKEN, code::POLICY_IPV6_ONLY].contains(&code);
            [RECORD, POLICY_HOST, POLICY].contains(&part)
                || part.starts_with(STRAY)
                || is_of_ipv6 && part == POLICY_OVER_IPV6
        }
        Area::Coverage => [MX, RECORD, POLICY_HOST, POLICY].contains(&part),
        Area::TlsRpt => [TLS_RPT, RANDOM_NAME].contains(&part) || part.starts_with(NEAR),
    }
}

/// One for an answer, zero for none.
fn step<T>(observed: &Observed<T>) -> Option<u8> {
    match observed {
        Observed::NotAsked => None,
        Observed::Failed(_) => Some(0),
        Observed::Seen(_) => Some(1),
    }
}

/// How far a fetch of the policy got: connected, a certificate, an answer.
fn fetched(fetch: &Observed<PolicyFetch>) -> Option<u8> {
    let fetch = match fetch {
        Observed::NotAsked => return None,
        Observed::Failed(_) => return Some(0),
        Observed::Seen(fetch) => fetch,
    };
    let steps = [
        fetch.ip.is_some(),
        fetch.chain.seen().is_some(),
        fetch.response.seen().is_some(),
    ];
    Some(farthest(&steps))
}

/// How far a session got, in the order of its steps.
fn steps(session: &Session) -> u8 {
    farthest(&[
        session.connected.seen().is_some(),
        session.greeting.seen().is_some(),
        session.ehlo.seen().is_some(),
        session.starttls.seen().is_some(),
        session.chain.seen().is_some(),
        session.tls.seen().is_some(),
        session.ehlo_in_tls.seen().is_some(),
    ])
}

/// The number of the last step that was reached, counted from one.
fn farthest(steps: &[bool]) -> u8 {
    let numbered = (1..).zip(steps).filter(|(_, is_reached)| **is_reached);
    numbered.map(|(number, _)| number).last().unwrap_or(0)
}
