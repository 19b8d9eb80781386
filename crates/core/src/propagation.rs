//! What a look at the publication saw: every authoritative name server, the system's resolver, and
//! the policy host. Observations only; [`crate::Progress`] compares them with a setup.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::facts::{Answer, Observed, PolicyFetch, Zone};

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
}

impl fmt::Display for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameServer { name, ip } => write!(f, "{} ({ip})", crate::escaped(name, 80)),
            Self::SystemResolver => f.write_str("this computer's resolver"),
        }
    }
}

/// What one observer answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerView {
    /// Who was asked.
    pub observer: Observer,
    /// The TXT texts at `_mta-sts.DOMAIN`.
    pub record: Observed<Answer<String>>,
    /// The TXT texts at `_smtp._tls.DOMAIN`.
    pub tls_rpt: Observed<Answer<String>>,
    /// The addresses of `mta-sts.DOMAIN`.
    pub policy_host: Observed<Answer<IpAddr>>,
}

/// One look at the publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propagation {
    /// When the look began, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub asked_at: OffsetDateTime,
    /// The zone and its name servers.
    pub zone: Observed<Zone>,
    /// One entry for each observer, in the order in which they answered first.
    pub views: Vec<ServerView>,
    /// What came of fetching the policy.
    pub policy: Observed<PolicyFetch>,
}

/// One observation of a look, sent as soon as it is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Sighting {
    /// The zone and its name servers.
    Zone(Observed<Zone>),
    /// The answers of one observer.
    View(Box<ServerView>),
    /// The policy fetch.
    Policy(Observed<PolicyFetch>),
}

impl Propagation {
    /// A look at which nothing has been seen yet.
    #[must_use]
    pub fn new(asked_at: OffsetDateTime) -> Self {
        Self {
            asked_at,
            zone: Observed::NotAsked,
            views: Vec::new(),
            policy: Observed::NotAsked,
        }
    }

    /// Takes in one observation. A later one of the same observer replaces the earlier.
    pub fn fold(&mut self, sighting: Sighting) {
        match sighting {
            Sighting::Zone(zone) => self.zone = zone,
            Sighting::Policy(policy) => self.policy = policy,
            Sighting::View(view) => {
                match self
                    .views
                    .iter_mut()
                    .find(|known| known.observer == view.observer)
                {
                    Some(known) => *known = *view,
                    None => self.views.push(*view),
                }
            }
        }
    }
}
