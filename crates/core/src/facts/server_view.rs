//! What one observer of the DNS answers about a publication: a name server, or a resolver.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{Answer, MxRecord, Observed};
use crate::text::escape::escaped;
use crate::text::moment;

/// Who was asked, in the order in which a change arrives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observer {
    /// An authoritative name server of the zone.
    NameServer {
        /// Its host name.
        name: String,
        /// The address that was asked.
        ip: IpAddr,
    },
    /// The resolver that this machine uses.
    SystemResolver,
    /// A resolver that answers everybody.
    PublicResolver {
        /// The name that people know.
        name: String,
        /// Its first address.
        ip: IpAddr,
    },
}

impl Observer {
    /// Whether it keeps answers for a while, right or wrong.
    #[must_use]
    pub fn is_cache(&self) -> bool {
        !matches!(self, Self::NameServer { .. })
    }
}

impl fmt::Display for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameServer { name, ip } | Self::PublicResolver { name, ip } => {
                write!(f, "{} ({ip})", escaped(name, 80))
            }
            Self::SystemResolver => f.write_str("this computer’s resolver"),
        }
    }
}

/// What one observer answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerView {
    /// Who was asked.
    pub observer: Observer,
    /// When, UTC; absent in facts of earlier versions.
    #[serde(
        default,
        serialize_with = "time::serde::rfc3339::option::serialize",
        deserialize_with = "moment::read_option"
    )]
    pub asked_at: Option<OffsetDateTime>,
    /// The TXT texts at `_mta-sts.DOMAIN`.
    pub record: Observed<Answer<String>>,
    /// The TXT texts at `_smtp._tls.DOMAIN`.
    pub tls_rpt: Observed<Answer<String>>,
    /// The addresses of `mta-sts.DOMAIN`.
    pub policy_host: Observed<Answer<IpAddr>>,
    /// The MX records of the domain; asked of name servers only.
    #[serde(default)]
    pub mx: Observed<Answer<MxRecord>>,
}

impl ServerView {
    /// From when on it can answer otherwise: a cache gives the same answers until the first of them
    /// has run out (RFC 1035 3.2.1, RFC 2308 5). `None` where that is at any time.
    #[must_use]
    pub(crate) fn unchanged_until(&self) -> Option<OffsetDateTime> {
        let asked_at = self.asked_at.filter(|_| self.observer.is_cache())?;
        let secs = ttl_secs(&self.record)?
            .min(ttl_secs(&self.tls_rpt)?)
            .min(ttl_secs(&self.policy_host)?);
        Some(asked_at.saturating_add(Duration::seconds(secs.into())))
    }
}

/// How long a cache keeps an answer, whether there is something in it or nothing.
fn ttl_secs<T>(answer: &Observed<Answer<T>>) -> Option<u32> {
    let answer = answer.seen()?;
    answer.ttl_secs.or(answer.negative_ttl_secs)
}
