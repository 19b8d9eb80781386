//! DNS lookups: at one or several servers, with or without recursion, without a cache, each with
//! its own time limit. The caller knows the servers.

mod exchange;
mod name;
mod servfail;

use std::fmt::Write as _;
use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use mta_sts_core::facts::{
    Answer, FailureKind, MxRecord, Observed, ProbeFailure, Tlsa, TlsaAnswer, Zone, ZoneServer,
};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::{self, observed};

use exchange::{over_https, over_udp, refusal, request};
use name::{asked_name, host_text};

/// How often each server is queried. A resolver that was late the first time often has the answer
/// ready the second time.
const ATTEMPTS: u32 = 2;
/// Answers with more records are not judged: what is right in them may be anywhere. A message can hold
/// some thousands.
const MAX_RECORDS: usize = 1_000;
/// The most aliases followed within one answer.
const MAX_ALIASES: usize = 16;
/// The most bytes kept of one TLSA record: a large certificate.
const MAX_TLSA_BYTES: usize = 4 * 1024;
/// The most name servers of one zone; the root has as many.
const MAX_ZONE_SERVERS: usize = 13;

/// Whether a resolver should check signatures (the CD bit, RFC 4035 3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checking {
    AsUsual,
    Disabled,
}

/// How a query gets to a name server.
#[derive(Clone, Debug)]
pub(crate) enum Transport {
    /// Over UDP, or TCP if the answer is too large.
    Plain,
    /// Over HTTPS (RFC 8484).
    Https {
        /// The host that the certificate names.
        host: Arc<str>,
        /// The path.
        path: Arc<str>,
        /// Which certificates are accepted.
        tls: Arc<ClientConfig>,
    },
}

/// One or more name servers that are queried in the same way.
#[derive(Clone, Debug)]
pub(crate) struct NameServers {
    /// Queried in this order until one answers. If empty, a black hole.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Whether they are resolvers, which find the answer wherever it is.
    pub(crate) recursion: bool,
    pub(crate) transport: Transport,
    /// The limit for one whole lookup.
    pub(crate) within: Duration,
}

impl NameServers {
    /// The MX records of a name. Those with the root name (RFC 7505) have an empty exchange.
    pub(crate) async fn mx(&self, name: &str) -> Observed<Answer<MxRecord>> {
        self.lookup(name, RecordType::MX, |data| match data {
            RData::MX(mx) => Some(MxRecord {
                preference: mx.preference,
                exchange: host_text(&mx.exchange),
            }),
            _ => None,
        })
        .await
    }

    /// The texts of a name, the strings of each record joined without a space (RFC 8461 3.1).
    pub(crate) async fn txt(&self, name: &str) -> Observed<Answer<String>> {
        self.lookup(name, RecordType::TXT, |data| match data {
            RData::TXT(txt) => {
                let bytes: Vec<u8> = txt.txt_data.iter().flatten().copied().collect();
                Some(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => None,
        })
        .await
    }

    /// The IPv4 addresses of a name.
    pub(crate) async fn ipv4(&self, name: &str) -> Observed<Answer<Ipv4Addr>> {
        self.lookup(name, RecordType::A, |data| match data {
            RData::A(a) => Some(a.0),
            _ => None,
        })
        .await
    }

    /// The IPv6 addresses of a name.
    pub(crate) async fn ipv6(&self, name: &str) -> Observed<Answer<Ipv6Addr>> {
        self.lookup(name, RecordType::AAAA, |data| match data {
            RData::AAAA(aaaa) => Some(aaaa.0),
            _ => None,
        })
        .await
    }

    /// The TLSA records for port 25 of a host (RFC 7672 2.2).
    pub(crate) async fn tlsa(&self, host: &str) -> Observed<TlsaAnswer> {
        let name = format!("_25._tcp.{host}");
        let answer = self.lookup(&name, RecordType::TLSA, |data| match data {
            RData::TLSA(tlsa) => Some(Tlsa {
                usage: tlsa.cert_usage.into(),
                selector: tlsa.selector.into(),
                matching: tlsa.matching.into(),
                data: hex(&tlsa.cert_data[..tlsa.cert_data.len().min(MAX_TLSA_BYTES)]),
            }),
            _ => None,
        });
        answer.await.map(|answer| TlsaAnswer {
            authenticated: answer.authenticated,
            records: answer.records,
        })
    }

    /// The addresses of a name, IPv4 first.
    pub(crate) async fn addresses(&self, name: &str) -> Observed<Answer<IpAddr>> {
        let (ipv4, ipv6) = tokio::join!(self.ipv4(name), self.ipv6(name));
        both_families(ipv4, ipv6)
    }

    /// The zone of a domain: the nearest name upwards with name servers. Not asked if the domain
    /// does not exist.
    pub(crate) async fn zone(&self, domain: &str) -> Observed<Zone> {
        let mut apex = domain;
        loop {
            let servers = self
                .lookup(apex, RecordType::NS, |data| match data {
                    RData::NS(ns) => Some(host_text(&ns.0)),
                    _ => None,
                })
                .await;
            match servers {
                Observed::NotAsked => return Observed::NotAsked,
                Observed::Failed(failure) => return Observed::Failed(failure),
                Observed::Seen(answer) if !answer.name_exists => return Observed::NotAsked,
                // Name servers behind an alias are those of the alias' target.
                Observed::Seen(answer)
                    if answer.aliases.is_empty() && !answer.records.is_empty() =>
                {
                    let apex = apex.to_owned();
                    return Observed::Seen(Zone {
                        apex,
                        servers: self.located(answer).await,
                    });
                }
                Observed::Seen(_) => {}
            }
            match apex.split_once('.') {
                // A top-level domain is nobody's mail zone.
                Some((_, parent)) if parent.contains('.') => apex = parent,
                _ => {
                    return Observed::Failed(ProbeFailure::new(
                        FailureKind::Other,
                        format!("no name servers were found for {domain}"),
                    ));
                }
            }
        }
    }

    /// Name servers with their addresses, one of each family.
    async fn located(&self, names: Answer<String>) -> Vec<ZoneServer> {
        let mut names = names.records;
        names.sort();
        names.dedup();
        names.truncate(MAX_ZONE_SERVERS);
        futures_util::future::join_all(names.into_iter().map(async |name| {
            let (ipv4, ipv6) = tokio::join!(self.ipv4(&name), self.ipv6(&name));
            let first = |addresses: Option<IpAddr>| addresses.into_iter();
            let addresses = first(
                ipv4.seen()
                    .and_then(|a| a.records.first())
                    .map(|&ip| ip.into()),
            )
            .chain(first(
                ipv6.seen()
                    .and_then(|a| a.records.first())
                    .map(|&ip| ip.into()),
            ))
            .collect();
            ZoneServer { name, addresses }
        }))
        .await
    }

    /// Whether anything answers a query for this name. An answer at an address without a name
    /// server reveals a device that answers for all of them.
    pub(crate) async fn answers(&self, name: &str) -> bool {
        self.lookup(name, RecordType::NS, |_| Some(()))
            .await
            .seen()
            .is_some()
    }

    async fn lookup<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Observed<Answer<T>> {
        let question = match asked_name(name) {
            Ok(name) => Query::query(name, kind),
            Err(failure) => return Observed::Failed(failure),
        };
        let until = Instant::now() + self.within;
        let reply = match self.reply(&question, Checking::AsUsual, until).await {
            Err(failure) if failure.kind == FailureKind::ServFail && self.recursion => {
                self.behind_servfail(failure, &question, until).await
            }
            reply => reply,
        };
        observed(reply.and_then(|message| answer(&message, &question, read)))
    }

    /// The first conclusive reply: the name exists, or does not.
    async fn reply(
        &self,
        question: &Query,
        checking: Checking,
        until: Instant,
    ) -> Result<Message, ProbeFailure> {
        let asked_times = ATTEMPTS.saturating_mul(u32::try_from(self.addresses.len()).unwrap_or(1));
        let share = self.within / asked_times.max(1);
        let mut trouble = None;
        let rounds = async {
            if self.addresses.is_empty() {
                pending::<()>().await;
            }
            for _ in 0..ATTEMPTS {
                for &server in &self.addresses {
                    let asked = self.exchange(server, question, checking, share);
                    match timeout(share, asked).await {
                        Ok(Ok(message)) => match self.judged(message) {
                            Ok(message) => return Some(message),
                            Err(refusal) => trouble = Some(refusal),
                        },
                        Ok(Err(failure)) => trouble = Some(failure),
                        Err(_) => {}
                    }
                }
            }
            None
        };
        match timeout_at(until, rounds).await {
            Ok(Some(message)) => Ok(message),
            _ => Err(trouble.unwrap_or_else(|| failure::timed_out("no answer", self.within))),
        }
    }

    /// Asks one server once.
    async fn exchange(
        &self,
        server: SocketAddr,
        question: &Query,
        checking: Checking,
        within: Duration,
    ) -> Result<Message, ProbeFailure> {
        let request = request(question, self.recursion, checking, within);
        match &self.transport {
            Transport::Plain => over_udp(server, request, within).await,
            Transport::Https { host, path, tls } => {
                // Boxed: it is large, and seldom there.
                Box::pin(over_https(server, request, host, path, tls)).await
            }
        }
    }

    fn judged(&self, message: Message) -> Result<Message, ProbeFailure> {
        match message.response_code {
            // Without recursion, the server must know the answer itself. A server that refers to
            // others does not answer for the zone.
            ResponseCode::NoError | ResponseCode::NXDomain
                if !self.recursion && !message.authoritative && message.recursion_available =>
            {
                // A name server does not look up names for strangers; a resolver does.
                Err(ProbeFailure::new(
                    FailureKind::DnsIntercepted,
                    "a resolver answered instead of the name server",
                ))
            }
            ResponseCode::NoError | ResponseCode::NXDomain
                if !self.recursion && !message.authoritative =>
            {
                Err(ProbeFailure::new(
                    FailureKind::DnsRefused,
                    "the server is not authoritative for this name",
                ))
            }
            ResponseCode::NoError | ResponseCode::NXDomain => Ok(message),
            code => Err(refusal(code)),
        }
    }
}

/// The addresses of both families as one answer. A failed family does not hide the other. But if
/// there is no address at all, a failure stays a failure: it might have hidden one.
pub(crate) fn both_families(
    ipv4: Observed<Answer<Ipv4Addr>>,
    ipv6: Observed<Answer<Ipv6Addr>>,
) -> Observed<Answer<IpAddr>> {
    let ipv4 = each_as_ip(ipv4);
    let ipv6 = each_as_ip(ipv6);
    match (ipv4, ipv6) {
        (Observed::Seen(ipv4), Observed::Seen(ipv6)) => Observed::Seen(Answer {
            name_exists: ipv4.name_exists || ipv6.name_exists,
            ttl_secs: ipv4.ttl_secs.into_iter().chain(ipv6.ttl_secs).min(),
            negative_ttl_secs: ipv4
                .negative_ttl_secs
                .into_iter()
                .chain(ipv6.negative_ttl_secs)
                .max()
                .filter(|_| ipv4.records.is_empty() && ipv6.records.is_empty()),
            authenticated: ipv4.authenticated && ipv6.authenticated,
            aliases: if ipv4.aliases.is_empty() {
                ipv6.aliases
            } else {
                ipv4.aliases
            },
            records: ipv4.records.into_iter().chain(ipv6.records).collect(),
        }),
        (Observed::Seen(answer), other) | (other, Observed::Seen(answer)) => {
            if answer.records.is_empty() {
                other
            } else {
                Observed::Seen(answer)
            }
        }
        (failed, _) => failed,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

fn each_as_ip<T: Into<IpAddr>>(answer: Observed<Answer<T>>) -> Observed<Answer<IpAddr>> {
    answer.map(|answer| Answer {
        records: answer.records.into_iter().map(Into::into).collect(),
        name_exists: answer.name_exists,
        ttl_secs: answer.ttl_secs,
        negative_ttl_secs: answer.negative_ttl_secs,
        authenticated: answer.authenticated,
        aliases: answer.aliases,
    })
}

/// The records of an answer section at the end of its aliases.
fn answer<T>(
    message: &Message,
    question: &Query,
    read: impl Fn(&RData) -> Option<T>,
) -> Result<Answer<T>, ProbeFailure> {
    let mut owner = question.name();
    let mut passed = vec![owner];
    let mut ttl_secs = u32::MAX;
    while passed.len() <= MAX_ALIASES {
        let Some((target, ttl)) = alias(message, owner) else {
            break;
        };
        ttl_secs = ttl_secs.min(ttl);
        let looped = passed.contains(&target);
        passed.push(target);
        if looped {
            return Err(alias_loop(passed));
        }
        owner = target;
    }
    let mut records = Vec::new();
    for record in message
        .answers
        .iter()
        .filter(|record| record.name == *owner && record.dns_class == question.query_class())
    {
        if let Some(data) = read(&record.data) {
            if records.len() == MAX_RECORDS {
                let many = format!("the answer has more than {MAX_RECORDS} records");
                return Err(ProbeFailure::new(FailureKind::Other, many));
            }
            ttl_secs = ttl_secs.min(record.ttl);
            records.push(data);
        }
    }
    let is_empty = records.is_empty();
    Ok(Answer {
        name_exists: message.response_code != ResponseCode::NXDomain,
        ttl_secs: (!is_empty).then_some(ttl_secs),
        negative_ttl_secs: negative_ttl_secs(message).filter(|_| is_empty),
        authenticated: message.authentic_data,
        records,
        aliases: passed.into_iter().skip(1).map(host_text).collect(),
    })
}

/// The TTL of a negative answer: that of its SOA record, or the minimum within, whichever is less
/// (RFC 2308 5).
fn negative_ttl_secs(message: &Message) -> Option<u32> {
    message
        .authorities
        .iter()
        .find_map(|record| match &record.data {
            RData::SOA(soa) => Some(record.ttl.min(soa.minimum)),
            _ => None,
        })
}

/// Where the alias at a name leads, and its TTL in seconds.
fn alias<'a>(message: &'a Message, owner: &Name) -> Option<(&'a Name, u32)> {
    message
        .answers
        .iter()
        .find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *owner => Some((&target.0, record.ttl)),
            _ => None,
        })
}

/// Aliases of which the last leads back to one of the names before.
fn alias_loop<'a>(passed: impl IntoIterator<Item = &'a Name>) -> ProbeFailure {
    let names: Vec<_> = passed.into_iter().map(host_text).collect();
    ProbeFailure::new(FailureKind::AliasLoop, names.join(" → "))
}

#[cfg(test)]
mod tests;
