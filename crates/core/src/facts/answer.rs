//! The shape of an observation, and answers from the DNS.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A question and what became of it. "No such name" is an answer, and so [`Observed::Seen`];
/// no answer at all is [`Observed::Failed`]. The two are never mixed up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observed<T> {
    /// The question was not asked, or not yet.
    #[default]
    NotAsked,
    /// The question was asked and not answered.
    Failed(ProbeFailure),
    /// The answer.
    Seen(T),
}

impl<T> Observed<T> {
    /// The answer, if there is one.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(answer) => Some(answer),
            Self::NotAsked | Self::Failed(_) => None,
        }
    }

    /// Why there is no answer, if the question was asked.
    pub fn failed(&self) -> Option<&ProbeFailure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::NotAsked | Self::Seen(_) => None,
        }
    }

    /// The same with another answer.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::NotAsked => Observed::NotAsked,
            Self::Failed(failure) => Observed::Failed(failure),
            Self::Seen(answer) => Observed::Seen(make(answer)),
        }
    }

    /// True while the question has neither an answer nor a failure.
    pub fn is_not_asked(&self) -> bool {
        matches!(self, Self::NotAsked)
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeFailure {
    /// The kind of failure, on which rules decide.
    pub kind: FailureKind,
    /// What was seen, for the evidence: an error text or an excerpt. Bounded, not escaped.
    pub detail: String,
}

impl ProbeFailure {
    /// A failure with its evidence.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for ProbeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() {
            write!(f, "{}", self.kind)
        } else {
            write!(f, "{} ({})", self.kind, crate::escaped(&self.detail, 200))
        }
    }
}

/// The kinds of failure that rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureKind {
    /// No answer, or no whole answer, within the limit.
    TimedOut,
    /// A part of an answer within the limit.
    Incomplete,
    /// The connection was refused.
    Refused,
    /// The system of this computer forbids the connection, as a firewall on it does.
    Forbidden,
    /// No route to the address (also: this machine has no such address family).
    Unreachable,
    /// The other side closed or reset the connection.
    Closed,
    /// A name server answered SERVFAIL.
    ServFail,
    /// The resolver answers SERVFAIL, and answers properly when told not to check DNSSEC.
    DnssecBroken,
    /// Aliases (CNAME) lead back to a name they came through; the detail names each.
    AliasLoop,
    /// A name server refused the question, or answered with another error.
    DnsRefused,
    /// A device in this network answers instead of every name server.
    DnsIntercepted,
    /// A reply that is not SMTP: no code, over-long line, endless lines.
    Garbled,
    /// The server speaks only versions below TLS 1.2.
    TlsTooOld,
    /// The TLS handshake failed for another reason.
    TlsHandshake,
    /// The certificate can’t be read: nobody can tell whom it is for.
    UnreadableCertificate,
    /// The program that made the check can’t do what this takes. Senders may.
    Unsupported,
    /// A reply that is not HTTP.
    Http,
    /// An answer that ended before the length that it had announced.
    CutShort,
    /// Not tried: no sender on the internet gets to such an address.
    NotPublic,
    /// This computer has no more sockets or ports to give.
    Exhausted,
    /// Anything else; the detail says what.
    Other,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "no answer in time",
            Self::Incomplete => "the answer wasn’t complete in time",
            Self::Refused => "connection refused",
            Self::Forbidden => "blocked by this computer",
            Self::Unreachable => "no route to this address",
            Self::Closed => "the other side closed the connection",
            Self::ServFail => "the name server reported a failure (SERVFAIL)",
            Self::DnssecBroken => "the zone’s DNSSEC signatures are broken",
            Self::AliasLoop => "the aliases (CNAME) form a loop",
            Self::DnsRefused => "the name server refused the query",
            Self::DnsIntercepted => "this network answers instead of the name server",
            Self::Garbled => "the reply isn’t SMTP",
            Self::TlsTooOld => "only TLS versions below 1.2",
            Self::TlsHandshake => "the TLS handshake failed",
            Self::UnreadableCertificate => "the certificate can’t be read",
            Self::Unsupported => "this program doesn’t support it",
            Self::Http => "the reply isn’t HTTP",
            Self::CutShort => "the answer broke off",
            Self::NotPublic => "not tried, because this address isn’t public",
            Self::Exhausted => "this computer has no more connections to give",
            Self::Other => "failed",
        })
    }
}

/// An answer from the DNS, the empty ones included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer<T> {
    /// False for NXDOMAIN. True with no records is NODATA.
    pub name_exists: bool,
    /// The records of the asked type, after following aliases.
    pub records: Vec<T>,
    /// The smallest TTL of the records, in seconds; absent where there are none.
    pub ttl_secs: Option<u32>,
    /// How long a cache may go on saying that there is nothing, in seconds (RFC 2308 5); absent
    /// where there are records, or where the server did not say.
    #[serde(default)]
    pub negative_ttl_secs: Option<u32>,
    /// Whether the resolver vouches for the answer with DNSSEC (the AD bit, RFC 4035 3.2.3).
    #[serde(default)]
    pub authenticated: bool,
    /// The names that aliases (CNAME) led through, the first target first.
    pub aliases: Vec<String>,
}

impl<T> Answer<T> {
    /// Records with a TTL of 300 seconds and no alias.
    pub fn of(records: impl IntoIterator<Item = T>) -> Self {
        Self {
            name_exists: true,
            records: records.into_iter().collect(),
            ttl_secs: Some(300),
            negative_ttl_secs: None,
            authenticated: false,
            aliases: Vec::new(),
        }
    }

    /// The name exists and has no record of this type.
    #[must_use]
    pub fn no_data() -> Self {
        Self {
            name_exists: true,
            records: Vec::new(),
            ttl_secs: None,
            negative_ttl_secs: None,
            authenticated: false,
            aliases: Vec::new(),
        }
    }

    /// The name does not exist (NXDOMAIN).
    #[must_use]
    pub fn no_such_name() -> Self {
        Self {
            name_exists: false,
            ..Self::no_data()
        }
    }
}

/// One MX record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MxRecord {
    /// Lower is tried first.
    pub preference: u16,
    /// The host, lower case, no trailing dot; empty for the root name of a null MX (RFC 7505).
    pub exchange: String,
}

impl MxRecord {
    /// True for the null MX, which says: this domain receives no mail.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.exchange.is_empty()
    }
}

/// A zone and the name servers that answer for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Where the zone begins: the domain itself or a parent of it.
    pub apex: String,
    /// Its name servers.
    pub servers: Vec<ZoneServer>,
}

/// One authoritative name server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneServer {
    /// Its host name, lower case, no trailing dot.
    pub name: String,
    /// Its addresses; empty where they could not be looked up.
    pub addresses: Vec<IpAddr>,
}
