//! One look at the publication: what each authoritative name server, the resolver of this machine,
//! public resolvers and the policy host show at this moment.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use mta_sts_core::facts::{Answer, NearMiss, Observed, PolicyFetch};
use mta_sts_core::{Observer, ServerView, Sighting, looks_like_sts, looks_like_tls_rpt};
use tokio::sync::mpsc;

use crate::dns::NameServers;
use crate::endpoints::OpenResolver;
use crate::policy::fetch;
use crate::publication::holds;
use crate::run::Run;
use crate::view::{NameServerViews, Names, each_address, public_observer, view};

/// One look.
pub(crate) struct Look<'a> {
    pub(crate) run: Run<'a>,
    /// What caches said that are not checked again yet.
    pub(crate) known: &'a [ServerView],
    /// Names of public resolvers that are skipped.
    pub(crate) left_out: &'a BTreeSet<String>,
    /// Takes in each sighting.
    pub(crate) tell: &'a (dyn Fn(Sighting) + Send + Sync),
}

impl Look<'_> {
    pub(crate) async fn run(&self) {
        let views = NameServerViews::new(&self.run);
        // Addresses of the policy host, by who knows them.
        let (found, mut known) = mpsc::channel(1);
        let observers = async {
            let names = self.name_servers(&views, &found).await;
            tokio::join!(
                self.system_resolver(&found, names),
                self.public_resolvers(&views, names),
            );
            // Nobody waits for more addresses than there are.
            drop(found);
        };
        tokio::join!(views.watched(observers), async {
            // The first who knows them counts: a resolver may still have the old answer, and the
            // name server says what senders will see a little later. Where nobody is asked who
            // knows them, they are what a cache must still say.
            let said = || self.known.iter().map(addresses).find(|it| !it.is_empty());
            let addresses = known.recv().await.or_else(said).unwrap_or_default();
            self.policy(&addresses).await;
        });
    }

    async fn system_resolver(&self, found: &mpsc::Sender<Vec<IpAddr>>, names: Names) {
        let observer = Observer::SystemResolver;
        if self.is_known(&observer) {
            return;
        }
        let view = view(
            &self.run.options.domain,
            self.run.resolvers,
            observer,
            names,
        )
        .await;
        self.tell(view, found);
    }

    /// Queries every authoritative name server at each of its addresses. Says which names the
    /// resolvers can be asked for.
    async fn name_servers(
        &self,
        views: &NameServerViews<'_>,
        found: &mpsc::Sender<Vec<IpAddr>>,
    ) -> Names {
        let zone = self
            .run
            .resolvers
            .zone(self.run.options.domain.as_str())
            .await;
        (self.tell)(Sighting::Zone(zone.clone()));
        let name_servers = zone.seen().map(each_address).unwrap_or_default();
        let answered = AtomicBool::new(false);
        let seen = join_all(name_servers.into_iter().map(async |name_server| {
            let ip = name_server.ip;
            let view = views.of(name_server).await;
            let astray = self.names_astray(&view);
            self.tell(view.clone(), found);
            // One is enough: they all have the same zone.
            if !astray.is_empty()
                && !answered.swap(true, Ordering::Relaxed)
                && let Ok(server) = self.run.authoritative(ip)
            {
                self.near_misses(&server, astray).await;
            }
            view
        }))
        .await;
        Names::on_all(&seen)
    }

    /// The wrong names at which a missing record is often found.
    fn names_astray(&self, view: &ServerView) -> Vec<String> {
        let is_missing = |answer: &Observed<Answer<String>>, is_it: fn(&str) -> bool| {
            answer.seen().is_some_and(|answer| !holds(answer, is_it))
        };
        let mut names = Vec::new();
        if is_missing(&view.record, looks_like_sts) {
            names.extend(self.run.options.domain.record_near_misses());
        }
        if is_missing(&view.tls_rpt, looks_like_tls_rpt) {
            names.extend(self.run.options.domain.tls_rpt_near_misses());
        }
        names
    }

    /// Queries a name server, not a resolver, which would cache that nothing is there.
    async fn near_misses(&self, server: &NameServers, names: Vec<String>) {
        join_all(names.into_iter().map(async |name| {
            let texts = server.txt(&name).await;
            (self.tell)(Sighting::NearMiss(NearMiss { name, texts }));
        }))
        .await;
    }

    async fn public_resolvers(&self, views: &NameServerViews<'_>, names: Names) {
        let is_due = |resolver: &&OpenResolver| {
            !self.left_out.contains(&resolver.name)
                && public_observer(resolver).is_some_and(|observer| !self.is_known(&observer))
        };
        let due = self.run.network.public_resolvers.iter().filter(is_due);
        join_all(due.map(async |resolver| {
            if let Some(view) = views.of_public(resolver, names).await {
                (self.tell)(Sighting::View(Box::new(view)));
            }
        }))
        .await;
    }

    fn is_known(&self, observer: &Observer) -> bool {
        self.known.iter().any(|view| view.observer == *observer)
    }

    fn tell(&self, view: ServerView, found: &mpsc::Sender<Vec<IpAddr>>) {
        let addresses = addresses(&view);
        if !addresses.is_empty() {
            // Only the first one is awaited.
            let _ = found.try_send(addresses);
        }
        (self.tell)(Sighting::View(Box::new(view)));
    }

    /// Fetches the policy over each family that its host has.
    async fn policy(&self, addresses: &[IpAddr]) {
        if addresses.is_empty() {
            (self.tell)(Sighting::Policy(Observed::NotAsked));
            return;
        }
        let (ipv4, ipv6): (Vec<IpAddr>, Vec<IpAddr>) =
            addresses.iter().partition(|ip| ip.is_ipv4());
        let (first, second) = if ipv4.is_empty() {
            (ipv6, Vec::new())
        } else {
            (ipv4, ipv6)
        };
        tokio::join!(
            async {
                let fetched = self.fetched(&first).await;
                (self.tell)(Sighting::Policy(Observed::Seen(fetched)));
            },
            async {
                if !second.is_empty() {
                    let fetched = self.fetched(&second).await;
                    (self.tell)(Sighting::PolicyOverIpv6(Observed::Seen(fetched)));
                }
            }
        );
    }

    async fn fetched(&self, addresses: &[IpAddr]) -> PolicyFetch {
        let within = self.run.options.timeouts.policy;
        fetch(
            &self.run,
            &self.run.options.domain.policy_url(),
            addresses,
            within,
        )
        .await
    }
}

fn addresses(view: &ServerView) -> Vec<IpAddr> {
    view.policy_host
        .seen()
        .map(|answer| answer.records.clone())
        .unwrap_or_default()
}
