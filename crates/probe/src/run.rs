//! One run: what all parts of a check or a look share.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mta_sts_core::Scope;
use mta_sts_core::facts::{Answer, FailureKind, Observed, ProbeFailure};
use time::OffsetDateTime;

use crate::CheckOptions;
use crate::dns::NameServers;
use crate::network::Network;
use crate::prompt::PromptStream;

/// A check or a look that is under way.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) network: &'a Network,
    pub(crate) options: &'a CheckOptions,
    /// The resolvers of this machine, or those that were given.
    pub(crate) resolvers: &'a NameServers,
    /// The moment at which certificates are judged, UTC.
    pub(crate) at: OffsetDateTime,
}

/// So many aliases into other zones are followed.
const MAX_ZONES: usize = 4;

impl Run<'_> {
    /// Whether an address that the DNS gave may be connected to. No sender gets to any other, and a
    /// hostile DNS could point us at ourselves.
    pub(crate) fn allows(&self, ip: IpAddr) -> Result<(), ProbeFailure> {
        match Scope::of(ip) {
            Scope::Public => Ok(()),
            Scope::Internal if self.options.internal => Ok(()),
            scope => Err(ProbeFailure::new(FailureKind::NotPublic, scope.in_words())),
        }
    }

    /// Connects over TCP to an address that the DNS gave.
    pub(crate) async fn connect(
        &self,
        ip: IpAddr,
        port: u16,
        within: Duration,
    ) -> Result<PromptStream, ProbeFailure> {
        self.allows(ip)?;
        let address = SocketAddr::new(ip, port);
        self.network.routes.connect(address, within).await
    }

    /// An authoritative name server at an address that the DNS gave, queried without recursion.
    pub(crate) fn authoritative(&self, ip: IpAddr) -> Result<NameServers, ProbeFailure> {
        self.allows(ip)?;
        Ok(self.network.authoritative(ip, self.options.timeouts.dns))
    }

    /// The addresses of a host as its own name servers give them, aliases into other zones included.
    pub(crate) async fn authoritative_addresses(&self, host: &str) -> Observed<Answer<IpAddr>> {
        let mut name = host.to_owned();
        for _ in 0..MAX_ZONES {
            let zone = match self.resolvers.zone(&name).await {
                Observed::Seen(zone) => zone,
                Observed::Failed(failure) => return Observed::Failed(failure),
                Observed::NotAsked => return Observed::NotAsked,
            };
            let mut answer = Observed::NotAsked;
            for ip in zone.servers.iter().flat_map(|server| &server.addresses) {
                answer = match self.authoritative(*ip) {
                    Ok(server) => server.addresses(&name).await,
                    Err(failure) => Observed::Failed(failure),
                };
                if answer.seen().is_some() {
                    break;
                }
            }
            match answer.seen().filter(|seen| seen.records.is_empty()) {
                Some(seen) if !seen.aliases.is_empty() => {
                    name = seen.aliases.last().cloned().unwrap_or_default();
                }
                _ => return answer,
            }
        }
        Observed::NotAsked
    }
}
