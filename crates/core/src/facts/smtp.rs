//! Mail servers: the one connection that was made to each address, step by step.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::{Answer, Chain, FailureKind, Observed, ProbeFailure, TlsaAnswer};

/// As few letters X as no keyword of SMTP is made of.
const SHORTEST_MASK: usize = 6;

/// One MX host with what was seen at each of its addresses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MailServer {
    /// The name that the MX record gives, lower case, no trailing dot.
    pub host: String,
    /// The preference of the MX record; 0 for the domain itself where there is no MX record.
    pub preference: u16,
    /// Its IPv4 addresses.
    pub ipv4: Observed<Answer<Ipv4Addr>>,
    /// Its IPv6 addresses.
    pub ipv6: Observed<Answer<Ipv6Addr>>,
    /// Its TLSA records.
    #[serde(default)]
    pub tlsa: Observed<TlsaAnswer>,
    /// One entry for each address that was connected to, in order of address.
    pub sessions: Vec<Session>,
    /// Ports on which users hand in mail; asked only where port 25 is closed to this network. What
    /// is seen there is a hint, and says nothing about port 25.
    #[serde(default)]
    pub submission: Vec<SubmissionPort>,
}

impl MailServer {
    /// A host of which nothing else is known yet.
    pub fn named(host: impl Into<String>, preference: u16) -> Self {
        Self {
            host: host.into(),
            preference,
            ipv4: Observed::NotAsked,
            ipv6: Observed::NotAsked,
            tlsa: Observed::NotAsked,
            sessions: Vec::new(),
            submission: Vec::new(),
        }
    }

    /// Every address that the DNS gave, IPv4 first.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let ipv4 = self.ipv4.seen().map_or(&[][..], |answer| &answer.records);
        let ipv6 = self.ipv6.seen().map_or(&[][..], |answer| &answer.records);
        ipv4.iter()
            .copied()
            .map(IpAddr::from)
            .chain(ipv6.iter().copied().map(IpAddr::from))
    }
}

/// A port on which users of a mail host hand in mail (RFC 6409, RFC 8314 3.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubmissionPort {
    /// 465, encrypted from the first byte, or 587, with STARTTLS.
    pub port: u16,
    /// The address.
    pub ip: IpAddr,
    /// The certificates as served.
    pub chain: Observed<Chain>,
}

/// One connection to port 25 of one address.
///
/// The steps follow each other: each is [`Observed::NotAsked`] unless the one before it was seen
/// and allowed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The address.
    pub ip: IpAddr,
    /// Milliseconds until the connection stood.
    pub connected: Observed<u64>,
    /// The first reply of the server.
    pub greeting: Observed<Reply>,
    /// Milliseconds from connection to the end of the greeting.
    pub greeting_millis: Option<u64>,
    /// The reply to EHLO.
    pub ehlo: Observed<Reply>,
    /// The reply to STARTTLS; not asked where EHLO did not offer it.
    pub starttls: Observed<Reply>,
    /// Bytes that came after the 220 to STARTTLS and before the handshake. They are discarded,
    /// never interpreted (RFC 3207 6).
    pub injected_bytes: u64,
    /// The TLS session that was agreed on with the MX host as server name.
    pub tls: Observed<Tls>,
    /// The certificates as served, also where the handshake failed later.
    pub chain: Observed<Chain>,
    /// The reply to EHLO inside the encrypted connection: only there does a server turn away a
    /// client whose certificate, or lack of one, it does not like.
    pub ehlo_in_tls: Observed<Reply>,
    /// Whether a handshake with TLS 1.2 alone works. Costs a connection, so asked only on demand.
    pub tls12: Observed<bool>,
    /// The certificates served without a server name. Costs a connection as well.
    pub chain_without_sni: Observed<Chain>,
    /// What the server agrees to when it is offered every version and suite there ever was. Asked
    /// only where the handshake failed, with a connection of its own.
    #[serde(default)]
    pub anything_goes: Observed<Tls>,
    /// The versions below TLS 1.2 that the server accepts as well. Costs connections, so asked only
    /// on demand.
    #[serde(default)]
    pub legacy_versions: Observed<Vec<TlsVersion>>,
}

impl Session {
    /// A session of which nothing is known yet.
    #[must_use]
    pub fn to(ip: IpAddr) -> Self {
        Self {
            ip,
            connected: Observed::NotAsked,
            greeting: Observed::NotAsked,
            greeting_millis: None,
            ehlo: Observed::NotAsked,
            starttls: Observed::NotAsked,
            injected_bytes: 0,
            tls: Observed::NotAsked,
            chain: Observed::NotAsked,
            ehlo_in_tls: Observed::NotAsked,
            tls12: Observed::NotAsked,
            chain_without_sni: Observed::NotAsked,
            anything_goes: Observed::NotAsked,
            legacy_versions: Observed::NotAsked,
        }
    }

    /// Whether EHLO offered STARTTLS; `None` where EHLO was not answered with 250. A server that
    /// doesn't know EHLO offers nothing.
    #[must_use]
    pub fn offers_starttls(&self) -> Option<bool> {
        if self.knows_no_extensions() {
            return Some(false);
        }
        self.ehlo.seen().and_then(Reply::offers_starttls)
    }

    /// A keyword that a device on the way has overwritten, such as `XXXXXXXA`, in a reply to EHLO
    /// without STARTTLS.
    #[must_use]
    pub(crate) fn masked_keyword(&self) -> Option<&str> {
        let is_masked = |keyword: &&str| {
            keyword.len() >= SHORTEST_MASK
                && keyword.ends_with(|last: char| last.is_ascii_uppercase())
                && keyword[..keyword.len() - 1]
                    .bytes()
                    .all(|byte| byte == b'X')
        };
        let ehlo = self
            .ehlo
            .seen()
            .filter(|_| self.offers_starttls() == Some(false))?;
        ehlo.keywords().find(is_masked)
    }

    /// True when the server doesn't know the command EHLO, and so no extension (RFC 5321 4.2.4).
    #[must_use]
    pub(crate) fn knows_no_extensions(&self) -> bool {
        let ehlo = self.ehlo.seen();
        ehlo.is_some_and(|reply| matches!(reply.code, 500 | 502))
    }

    /// True when a firewall on the way overwrites the greeting with asterisks.
    #[must_use]
    pub(crate) fn is_greeting_masked(&self) -> bool {
        let greeting = self.greeting.seen();
        greeting.is_some_and(|reply| {
            let text = reply.lines.concat();
            let asterisks = text.matches('*').count();
            asterisks > 8 && asterisks * 2 > text.len()
        })
    }

    /// True when the server went along up to where a sender would hand over mail.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.tls.seen().is_some()
            && self.chain.seen().is_some()
            && self
                .ehlo_in_tls
                .seen()
                .is_some_and(|reply| reply.code == 250)
    }
}

/// One SMTP reply (RFC 5321 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The text of each line, without code and line end.
    pub lines: Vec<String>,
}

impl Reply {
    /// A reply of these lines.
    #[must_use]
    pub fn new(code: u16, lines: &[&str]) -> Self {
        Self {
            code,
            lines: lines.iter().map(|&line| line.to_owned()).collect(),
        }
    }

    /// The keywords of an EHLO reply: the first word of every line but the first.
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.lines
            .iter()
            .skip(1)
            .filter_map(|line| line.split_ascii_whitespace().next())
    }

    /// Whether this reply to EHLO offers STARTTLS; `None` where it is not a 250.
    #[must_use]
    pub fn offers_starttls(&self) -> Option<bool> {
        (self.code == 250).then(|| {
            self.keywords()
                .any(|keyword| keyword.eq_ignore_ascii_case("STARTTLS"))
        })
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.code,
            crate::escaped(&self.lines.join(" / "), 300)
        )
    }
}

/// What was agreed on in a handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// The version.
    pub version: TlsVersion,
    /// The cipher suite by its registered name.
    pub cipher: String,
    /// The key exchange group by its registered name, where known.
    pub key_exchange: Option<String>,
}

/// The versions of TLS, the oldest first. Senders want 1.2 or newer (RFC 8461 7.2, RFC 8996).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TlsVersion {
    /// SSL 3.0 (RFC 6101).
    #[serde(rename = "SSL 3.0")]
    Ssl3,
    /// TLS 1.0 (RFC 2246).
    #[serde(rename = "1.0")]
    Tls10,
    /// TLS 1.1 (RFC 4346).
    #[serde(rename = "1.1")]
    Tls11,
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "1.2")]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "1.3")]
    Tls13,
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ssl3 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// Whether port 25 of unrelated operators can be reached from this network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controls {
    /// Mail servers of other operators, each asked for its greeting and its EHLO reply alone.
    pub hosts: Vec<ControlHost>,
    /// Whether a web server of another operator answered a connection on port 443.
    pub web: Observed<()>,
}

impl Controls {
    /// True when the web works and no mail server of any operator can be reached: then silence on
    /// port 25 says nothing about the server that was asked.
    #[must_use]
    pub fn port_25_blocked(&self) -> bool {
        self.web.seen().is_some() && greeted(&self.hosts).next().is_none() && self.any_failed()
    }

    /// How port 25 is closed to this network over one address family; `None` where it is open, or
    /// where nothing proves that it is closed: a machine without IPv6 reaches nobody over IPv6.
    #[must_use]
    pub fn block(&self, family: Family) -> Option<Block> {
        let hosts = || self.hosts.iter().filter(|host| host.is_of(family));
        if self.web.seen().is_none() || greeted(hosts()).next().is_some() {
            return None;
        }
        let failures: Vec<FailureKind> = hosts()
            .filter_map(|host| host.greeting.failed())
            .map(|failure| failure.kind)
            .collect();
        let all = |kinds: &[FailureKind]| failures.iter().all(|kind| kinds.contains(kind));
        if failures.is_empty() || family == Family::Ipv6 && all(&[FailureKind::Unreachable]) {
            None
        } else if all(&[FailureKind::Forbidden]) {
            Some(Block::OnThisComputer)
        } else if all(&[
            FailureKind::Forbidden,
            FailureKind::Refused,
            FailureKind::Unreachable,
        ]) {
            Some(Block::Refused)
        } else {
            Some(Block::Silent)
        }
    }

    /// True when a mail server of another operator answered over this address family.
    #[must_use]
    pub(crate) fn port_25_open(&self, family: Family) -> bool {
        greeted(self.hosts.iter().filter(|host| host.is_of(family)))
            .next()
            .is_some()
    }

    /// Why the network between here and the control hosts cannot be trusted with mail, if so: a
    /// device on the way answers in their place, or takes STARTTLS out of what they say.
    #[must_use]
    pub fn interception(&self) -> Option<Interception> {
        let mut greetings = greeted(&self.hosts);
        if let Some((host, first)) = greetings.next() {
            let others: Vec<_> = greetings.collect();
            let same = others.iter().all(|(_, other)| *other == first);
            if same && others.iter().any(|(other, _)| other.host != host.host) {
                return Some(Interception::OneGreetingForAll);
            }
        }
        let mut offers = self
            .hosts
            .iter()
            .filter_map(|host| host.ehlo.seen())
            .filter_map(Reply::offers_starttls)
            .peekable();
        (offers.peek().is_some() && offers.all(|offers| !offers))
            .then_some(Interception::StarttlsMissing)
    }

    /// True when neither mail servers nor the web can be reached: this machine is offline.
    #[must_use]
    pub fn offline(&self) -> bool {
        self.web.failed().is_some() && greeted(&self.hosts).next().is_none()
    }

    /// How this network answers DNS questions itself, where the control hosts show that it does: they
    /// are known to exist, and belong to unrelated operators.
    #[must_use]
    pub(crate) fn dns_interception(&self) -> Option<DnsInterception> {
        let no_address = |failure: Option<&ProbeFailure>| {
            failure.is_some_and(|failure| failure.kind == FailureKind::Other)
        };
        let denied = |host: &ControlHost| host.ip.is_none() && no_address(host.greeting.failed());
        if self.hosts.len() > 1 && self.hosts.iter().all(denied) && no_address(self.web.failed()) {
            return Some(DnsInterception::EveryNameDenied);
        }
        let is_same = |family: Family| {
            let of_family =
                |host: &&ControlHost| host.ip.is_some_and(|ip| Family::of(ip) == family);
            let mut hosts = self.hosts.iter().filter(of_family);
            let first = hosts.next()?;
            let others: Vec<_> = hosts.filter(|host| host.host != first.host).collect();
            Some(!others.is_empty() && others.iter().all(|host| host.ip == first.ip))
        };
        let families = Family::BOTH.into_iter().filter_map(is_same);
        families
            .reduce(|one, other| one && other)
            .filter(|same| *same)
            .map(|_| DnsInterception::OneAddressForAll)
    }

    fn any_failed(&self) -> bool {
        self.hosts
            .iter()
            .any(|host| host.greeting.failed().is_some())
    }
}

fn greeted<'a>(
    hosts: impl IntoIterator<Item = &'a ControlHost>,
) -> impl Iterator<Item = (&'a ControlHost, &'a Reply)> {
    let greeting = |host: &'a ControlHost| Some((host, host.greeting.seen()?));
    hosts.into_iter().filter_map(greeting)
}

/// One control host over one address family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlHost {
    /// Its name.
    pub host: String,
    /// The address that was asked; absent where none was found.
    #[serde(default)]
    pub ip: Option<IpAddr>,
    /// Its greeting.
    pub greeting: Observed<Reply>,
    /// Its reply to EHLO. Every control host is known to offer STARTTLS.
    #[serde(default)]
    pub ehlo: Observed<Reply>,
}

impl ControlHost {
    /// Whether it was asked over this family; one without an address counts as asked over IPv4,
    /// which every control host has.
    fn is_of(&self, family: Family) -> bool {
        self.ip.map_or(Family::Ipv4, Family::of) == family
    }
}

/// The two families of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Of 32 bits.
    Ipv4,
    /// Of 128 bits.
    Ipv6,
}

impl Family {
    /// Both, the older first.
    pub const BOTH: [Self; 2] = [Self::Ipv4, Self::Ipv6];

    /// That of an address.
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv6() { Self::Ipv6 } else { Self::Ipv4 }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

/// How port 25 is closed to the network of this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Nothing ever comes back, as where the internet provider drops mail connections.
    Silent,
    /// Every connection is turned away at once, as by a firewall nearby.
    Refused,
    /// The system of this computer itself forbids the connection.
    OnThisComputer,
}

/// How a network that answers DNS questions itself gives itself away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsInterception {
    /// It says of every name that it has no address.
    EveryNameDenied,
    /// It gives one address for all names, as a sign-in page of a hotel does.
    OneAddressForAll,
}

/// How a device on the way gives itself away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interception {
    /// Unrelated operators greet with the very same words.
    OneGreetingForAll,
    /// No control host offers STARTTLS, although each is known to.
    StarttlsMissing,
}
