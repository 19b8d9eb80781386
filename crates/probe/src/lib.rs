//! Observes a mail domain over real DNS, SMTP and HTTPS, and sends each fact as soon as it is
//! known. It judges nothing; `mta-sts-core` does that.
//!
//! Network trouble is a fact. Errors are faults of this machine or program.
//!
//! ```
//! use std::sync::Mutex;
//!
//! use mta_sts_core::Facts;
//! use mta_sts_lab::{Lab, scenarios};
//! use mta_sts_probe::{Endpoints, CheckOptions, Probe};
//! use time::OffsetDateTime;
//!
//! # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // `Endpoints::internet()` is all it takes outside an example.
//! let lab = Lab::start(scenarios()).await?;
//! let endpoints = Endpoints::practice(
//!     lab.resolver(),
//!     lab.routes(),
//!     lab.trust_root_der(),
//!     lab.control_hosts(),
//!     lab.control_web_host(),
//! );
//! let probe = Probe::new(endpoints)?;
//!
//! let options = CheckOptions::new("healthy.example".parse()?);
//! let checked_at = OffsetDateTime::now_utc();
//! let facts = Mutex::new(Facts::new(options.domain.clone(), checked_at));
//! probe.check(&options, checked_at, |fact| facts.lock().unwrap().fold(fact)).await;
//!
//! let facts = facts.into_inner()?;
//! assert!(facts.mail_servers[0].sessions[0].tls.seen().is_some());
//! # Ok(()) }
//! ```

mod check;
mod checks;
mod client_hello;
mod controls;
mod dns;
mod domain_connect;
mod endpoints;
mod failure;
mod https;
mod look;
mod network;
mod policy;
mod prompt;
mod publication;
mod run;
mod session;
mod smtp;
mod tls;
mod trust;
mod view;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mta_sts_core::{Domain, Fact, Facts, ServerView, Sighting};
use time::OffsetDateTime;
use tokio::time::{Instant, timeout_at};

pub use checks::Checks;
pub use endpoints::{DnsOverHttps, Endpoints, OpenResolver};

use check::Check;
use look::Look;
use network::Network;
use run::Run;

/// What to check, and how long to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOptions {
    /// The mail domain.
    pub domain: Domain,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// The name given in EHLO. Without one, or with one that is no single word of printable
    /// ASCII, the local address is given as a literal (RFC 5321 4.1.3).
    pub ehlo_name: Option<String>,
    /// Whether to find out, for up to five more connections to each address where the usual
    /// handshake works, about TLS 1.2 alone, about the certificate without a server name, and about
    /// TLS 1.1 and older.
    pub legacy: bool,
    /// Whether the mail system lives inside a network: private addresses are what its senders see.
    pub internal: bool,
    /// Hosts of a move, checked as if they were mail servers of the domain already.
    pub planned: Vec<String>,
}

impl CheckOptions {
    /// Facts of a check about which nothing has been asked yet.
    #[must_use]
    pub fn facts(&self, checked_at: OffsetDateTime) -> Facts {
        let mut facts = Facts::new(self.domain.clone(), checked_at);
        facts.internal = self.internal;
        facts
    }

    /// The usual questions with the usual patience.
    #[must_use]
    pub fn new(domain: Domain) -> Self {
        Self {
            domain,
            timeouts: Timeouts::default(),
            ehlo_name: None,
            legacy: false,
            internal: false,
            planned: Vec::new(),
        }
    }
}

/// How long each step may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// One TCP connection; with TLS for the policy host, whose addresses share it.
    pub connect: Duration,
    /// The greeting of a mail server, from the connection to its last line.
    pub greeting: Duration,
    /// The reply to one SMTP command.
    pub reply: Duration,
    /// One TLS handshake with a mail server.
    pub handshake: Duration,
    /// One whole conversation with a mail server, from the connection to QUIT. Overrides the other
    /// limits.
    pub conversation: Duration,
    /// One DNS lookup with its second attempt.
    pub dns: Duration,
    /// The whole policy fetch (RFC 8461 3.3).
    pub policy: Duration,
    /// The whole check. Ends the policy fetch a little early, so that it ends with an answer.
    pub check: Duration,
}

impl Default for Timeouts {
    /// 10 s to connect, 20 s for the greeting, 10 s for each reply and for the handshake, 30 s for
    /// a conversation in all, 8 s for each lookup, 60 s for the policy and for the whole check.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            greeting: Duration::from_secs(20),
            reply: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            conversation: Duration::from_secs(30),
            dns: Duration::from_secs(8),
            policy: Duration::from_mins(1),
            check: Duration::from_mins(1),
        }
    }
}

/// A fault of this machine or program, without which nothing can be observed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// This machine has no usable resolver.
    #[error("no DNS resolver was found on this computer: {0}")]
    NoResolver(String),
    /// A trust root could not be read.
    #[error("this root certificate can’t be used: {0}")]
    TrustRoot(String),
    /// TLS could not be set up.
    #[error("TLS can’t be set up on this computer")]
    Tls(#[from] rustls::Error),
}

/// Observes domains. Built once for its endpoints and used for many domains; clones share
/// everything.
#[derive(Clone)]
pub struct Probe {
    network: Arc<Network>,
    left_out: Arc<BTreeSet<String>>,
}

impl Probe {
    /// A probe for these endpoints. Contacts nothing yet.
    ///
    /// # Errors
    /// [`ProbeError`] when this machine has no resolver, or a trust root cannot be used.
    pub fn new(endpoints: Endpoints) -> Result<Self, ProbeError> {
        Ok(Self {
            network: Arc::new(Network::new(endpoints)?),
            left_out: Arc::default(),
        })
    }

    /// The same probe without the public resolvers of these names.
    #[must_use]
    pub fn without_public_resolvers(&self, names: &BTreeSet<String>) -> Self {
        Self {
            left_out: Arc::new(names.clone()),
            ..self.clone()
        }
    }

    /// Checks a domain and sends every fact as soon as it is known, at the latest when the limits
    /// of the options have passed. `checked_at` (UTC) is the moment at which certificates are judged.
    ///
    /// Dropping the future stops the check at once and closes every connection. It has to be
    /// polled inside a tokio runtime with time and I/O.
    pub async fn check(
        &self,
        options: &CheckOptions,
        checked_at: OffsetDateTime,
        facts: impl Fn(Fact) + Send + Sync,
    ) {
        let until = Instant::now() + options.timeouts.check;
        let resolvers = self.network.resolvers(options.timeouts.dns);
        let run = Run {
            network: &self.network,
            options,
            resolvers: &resolvers,
            at: checked_at,
        };
        let check = Check {
            run,
            until,
            tell: &facts,
        };
        // Boxed, because it contains the state of all lookups at once.
        if timeout_at(until, Box::pin(check.run())).await.is_err() {
            facts(Fact::OutOfTime);
        }
    }

    /// Looks once at what is published: at every authoritative name server, the resolver of this
    /// machine, public resolvers and the policy host. The caches that `known` quotes are skipped
    /// because their answers have not expired yet. Stops as [`Probe::check`] does.
    pub async fn look(
        &self,
        options: &CheckOptions,
        known: &[ServerView],
        sightings: impl Fn(Sighting) + Send + Sync,
    ) {
        let resolvers = self.network.resolvers(options.timeouts.dns);
        let run = Run {
            network: &self.network,
            options,
            resolvers: &resolvers,
            at: OffsetDateTime::now_utc(),
        };
        let look = Look {
            run,
            known,
            left_out: &self.left_out,
            tell: &sightings,
        };
        Box::pin(look.run()).await;
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}
