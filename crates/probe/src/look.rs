//! One look at the publication: what each authoritative name server, the resolver of this machine
//! and the policy host show at this moment.

use std::net::IpAddr;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use mta_sts_core::facts::{Answer, Observed};
use mta_sts_core::{Observer, ServerView, Sighting};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use crate::dns::NameServers;
use crate::network::Network;
use crate::{Plan, policy};

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
                let view = self.view(&resolvers, Observer::SystemResolver).await;
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
        let zone = resolvers.zone(self.plan.domain.as_str()).await;
        (self.tell)(Sighting::Zone(zone.clone()));
        let servers = zone.seen().map_or(&[][..], |zone| &zone.servers);
        let mut views: FuturesUnordered<_> = servers
            .iter()
            .flat_map(|server| server.addresses.iter().map(|&ip| (server.name.clone(), ip)))
            .map(async |(name, ip)| {
                let server = self.network.authoritative(ip, self.plan.timeouts.dns);
                let view = self.view(&server, Observer::NameServer { name, ip }).await;
                self.beyond_aliases(view, resolvers).await
            })
            .collect();
        while let Some(view) = views.next().await {
            let addresses = addresses(&view);
            if !addresses.is_empty() {
                // Only the first is waited for.
                let _ = known.try_send(addresses);
            }
            (self.tell)(Sighting::View(Box::new(view)));
        }
    }

    async fn view(&self, servers: &NameServers, observer: Observer) -> ServerView {
        let domain = &self.plan.domain;
        let (record_name, tls_rpt_name, host) = (
            domain.mta_sts_record_name(),
            domain.tls_rpt_record_name(),
            domain.policy_host(),
        );
        let (record, tls_rpt, policy_host) = tokio::join!(
            servers.txt(&record_name),
            servers.txt(&tls_rpt_name),
            servers.addresses(&host)
        );
        ServerView {
            observer,
            record,
            tls_rpt,
            policy_host,
        }
    }

    /// An authoritative server shows an alias, and not what stands behind it in another zone; the
    /// resolver is asked for that.
    async fn beyond_aliases(&self, view: ServerView, resolvers: &NameServers) -> ServerView {
        let texts = async |answer: Observed<Answer<String>>| match open_alias(&answer) {
            Some(target) => joined(answer, resolvers.txt(&target).await),
            None => answer,
        };
        let addresses = async |answer: Observed<Answer<IpAddr>>| match open_alias(&answer) {
            Some(target) => joined(answer, resolvers.addresses(&target).await),
            None => answer,
        };
        let (record, tls_rpt, policy_host) = tokio::join!(
            texts(view.record),
            texts(view.tls_rpt),
            addresses(view.policy_host)
        );
        ServerView {
            observer: view.observer,
            record,
            tls_rpt,
            policy_host,
        }
    }

    async fn policy(&self, addresses: &[IpAddr]) {
        if addresses.is_empty() {
            (self.tell)(Sighting::Policy(Observed::NotAsked));
            return;
        }
        let Plan {
            domain, timeouts, ..
        } = self.plan;
        let fetched = policy::fetch(self.network, timeouts, domain, addresses, self.asked_at).await;
        (self.tell)(Sighting::Policy(Observed::Seen(fetched)));
    }
}

fn addresses(view: &ServerView) -> Vec<IpAddr> {
    view.policy_host
        .seen()
        .map(|answer| answer.records.clone())
        .unwrap_or_default()
}

/// The last alias of an answer that ends there.
fn open_alias<T>(answer: &Observed<Answer<T>>) -> Option<String> {
    let answer = answer.seen().filter(|answer| answer.records.is_empty())?;
    answer.aliases.last().cloned()
}

/// The aliases of one answer with what another found behind them.
fn joined<T>(alias: Observed<Answer<T>>, behind: Observed<Answer<T>>) -> Observed<Answer<T>> {
    match (alias, behind) {
        (Observed::Seen(alias), Observed::Seen(behind)) => Observed::Seen(Answer {
            aliases: alias.aliases.into_iter().chain(behind.aliases).collect(),
            ..behind
        }),
        (_, behind) => behind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_and_what_stands_behind_it_are_one_answer() {
        let mut alias: Answer<String> = Answer::no_data();
        alias.aliases = vec!["records.provider.example".into()];
        let alias = Observed::Seen(alias);
        assert_eq!(
            open_alias(&alias).as_deref(),
            Some("records.provider.example")
        );
        let whole = joined(
            alias,
            Observed::Seen(Answer::of(["v=STSv1; id=1;".to_owned()])),
        );
        assert_eq!(open_alias(&whole), None);
        let whole = whole.seen().unwrap();
        assert_eq!(whole.aliases, ["records.provider.example"]);
        assert_eq!(whole.records, ["v=STSv1; id=1;"]);
    }
}
