//! One look at the publication: what each authoritative name server, the resolver of this machine
//! and the policy host show at this moment.

use std::net::IpAddr;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use mta_sts_core::facts::Observed;
use mta_sts_core::{Observer, ServerView, Sighting};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use crate::Plan;
use crate::dns::NameServers;
use crate::network::Network;
use crate::policy::Fetch;
use crate::view::{NameServerViews, each_address, view};

/// One look.
pub(crate) struct Look<'a> {
    pub(crate) network: &'a Network,
    pub(crate) plan: &'a Plan,
    pub(crate) asked_at: OffsetDateTime,
    /// Takes in each sighting.
    pub(crate) tell: &'a (dyn Fn(Sighting) + Send + Sync),
}

impl Look<'_> {
    pub(crate) async fn run(&self) {
        let resolvers = self.network.resolvers(self.plan.timeouts.dns);
        // Addresses of the policy host, by who knows them.
        let (resolved, by_resolver) = oneshot::channel();
        let (served, mut by_name_server) = mpsc::channel(1);
        tokio::join!(
            async {
                let observer = Observer::SystemResolver;
                let view = view(&self.plan.domain, &resolvers, observer).await;
                let _ = resolved.send(addresses(&view));
                (self.tell)(Sighting::View(Box::new(view)));
            },
            self.name_servers(&resolvers, served),
            async {
                // Where the resolver still holds the old answer, the first name server that knows
                // better helps out; that is what senders will see a little later.
                let mut addresses: Vec<IpAddr> = by_resolver.await.unwrap_or_default();
                if addresses.is_empty() {
                    addresses = by_name_server.recv().await.unwrap_or_default();
                }
                self.policy(&addresses).await;
            }
        );
    }

    /// Asks every authoritative name server at each of its addresses.
    async fn name_servers(&self, resolvers: &NameServers, known: mpsc::Sender<Vec<IpAddr>>) {
        let views = NameServerViews::new(self.network, self.plan, resolvers);
        let look = async {
            let zone = resolvers.zone(self.plan.domain.as_str()).await;
            (self.tell)(Sighting::Zone(zone.clone()));
            let name_servers = zone.seen().map(each_address).unwrap_or_default();
            let mut views: FuturesUnordered<_> = name_servers
                .into_iter()
                .map(|name_server| views.of(name_server))
                .collect();
            while let Some(view) = views.next().await {
                let addresses = addresses(&view);
                if !addresses.is_empty() {
                    // Only the first is waited for.
                    let _ = known.try_send(addresses);
                }
                (self.tell)(Sighting::View(Box::new(view)));
            }
            // Nobody waits for more addresses than there are.
            drop(known);
        };
        views.watched(look).await;
    }

    async fn policy(&self, addresses: &[IpAddr]) {
        if addresses.is_empty() {
            (self.tell)(Sighting::Policy(Observed::NotAsked));
            return;
        }
        let fetch = Fetch {
            network: self.network,
            timeouts: &self.plan.timeouts,
            checked_at: self.asked_at,
        };
        let fetched = fetch.from(&self.plan.domain.policy_url(), addresses).await;
        (self.tell)(Sighting::Policy(Observed::Seen(fetched)));
    }
}

fn addresses(view: &ServerView) -> Vec<IpAddr> {
    view.policy_host
        .seen()
        .map(|answer| answer.records.clone())
        .unwrap_or_default()
}
