//! What one observer shows of the publication: the answers at the three names of a domain, from an
//! authoritative name server or from a resolver.

use std::future::pending;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use mta_sts_core::facts::{Answer, FailureKind, Observed, ProbeFailure, Zone};
use mta_sts_core::{Domain, Observer, ServerView};
use time::OffsetDateTime;

use crate::dns::NameServers;
use crate::endpoints::OpenResolver;
use crate::run::Run;

/// An authoritative name server at one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameServer {
    pub(crate) name: String,
    pub(crate) ip: IpAddr,
}

/// Every address of every name server of a zone; the first of each server before the second of
/// any, so that a few of them still are different servers.
pub(crate) fn each_address(zone: &Zone) -> Vec<NameServer> {
    let most = zone
        .servers
        .iter()
        .map(|server| server.addresses.len())
        .max();
    (0..most.unwrap_or_default())
        .flat_map(|place| {
            zone.servers.iter().filter_map(move |server| {
                let ip = *server.addresses.get(place)?;
                let name = server.name.clone();
                Some(NameServer { name, ip })
            })
        })
        .collect()
}

/// Queries the name servers of a domain, and detects whether another device answered.
pub(crate) struct NameServerViews<'a> {
    run: &'a Run<'a>,
    /// Something answered at an address without a name server.
    intercepted: AtomicBool,
}

impl<'a> NameServerViews<'a> {
    pub(crate) fn new(run: &'a Run<'a>) -> Self {
        Self {
            run,
            intercepted: AtomicBool::new(false),
        }
    }

    /// Runs the work, and meanwhile queries an address without a name server. A device that answers
    /// there is nearer than any name server, so its answer arrives first.
    pub(crate) async fn watched(&self, work: impl Future<Output = ()>) {
        let watch = async {
            let nobody = self.run.network.nobody(self.run.options.timeouts.dns);
            if nobody.answers(self.run.options.domain.as_str()).await {
                self.intercepted.store(true, Ordering::Relaxed);
            }
            pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = watch => {}
            () = work => {}
        }
    }

    /// The answers of an authoritative name server. It shows an alias but not its target in another
    /// zone, so the resolver looks that up.
    pub(crate) async fn of(&self, name_server: NameServer) -> ServerView {
        let NameServer { name, ip } = name_server;
        let observer = Observer::NameServer { name, ip };
        let server = match self.run.authoritative(ip) {
            Ok(server) => server,
            Err(not_public) => return without_answers(observer, &not_public),
        };
        let domain = &self.run.options.domain;
        let (mut view, mx) = tokio::join!(
            view(domain, &server, observer, Names::ALL),
            server.mx(domain.as_str())
        );
        view.mx = mx;
        if self.is_intercepted() {
            return from_somebody_else(view.observer);
        }
        beyond_aliases(view, self.run.resolvers).await
    }

    /// The answers of a public resolver.
    pub(crate) async fn of_public(
        &self,
        resolver: &OpenResolver,
        names: Names,
    ) -> Option<ServerView> {
        let observer = public_observer(resolver)?;
        let within = self.run.options.timeouts.dns;
        let server = self.run.network.public(resolver, within);
        let seen = view(&self.run.options.domain, &server, observer.clone(), names).await;
        if !self.is_intercepted() {
            return Some(seen);
        }
        Some(match self.run.network.public_over_https(resolver, within) {
            Some(server) => view(&self.run.options.domain, &server, observer, names).await,
            None => from_somebody_else(observer),
        })
    }

    fn is_intercepted(&self) -> bool {
        self.intercepted.load(Ordering::Relaxed)
    }
}

/// The observer for a public resolver.
pub(crate) fn public_observer(resolver: &OpenResolver) -> Option<Observer> {
    let ip = resolver.addresses.first()?.ip();
    let name = resolver.name.clone();
    Some(Observer::PublicResolver { name, ip })
}

/// The view of a name server when a device answered instead.
fn from_somebody_else(observer: Observer) -> ServerView {
    let failure = ProbeFailure::new(
        FailureKind::DnsIntercepted,
        "an address without a name server also answers",
    );
    without_answers(observer, &failure)
}

/// The view of an observer of whom nothing was learned.
fn without_answers(observer: Observer, failure: &ProbeFailure) -> ServerView {
    ServerView {
        observer,
        asked_at: Some(OffsetDateTime::now_utc()),
        record: Observed::Failed(failure.clone()),
        tls_rpt: Observed::Failed(failure.clone()),
        policy_host: Observed::Failed(failure.clone()),
        mx: Observed::Failed(failure.clone()),
    }
}

/// Which of the three names are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) record: bool,
    pub(crate) tls_rpt: bool,
    pub(crate) policy_host: bool,
}

impl Names {
    pub(crate) const ALL: Self = Self {
        record: true,
        tls_rpt: true,
        policy_host: true,
    };

    /// The names that every name server has which answered. A resolver that is queried earlier
    /// caches that nothing is there (RFC 2308 5), and everybody behind it waits for that to expire.
    /// Where no name server answered, nothing else than the resolvers can tell.
    pub(crate) fn on_all(views: &[ServerView]) -> Self {
        fn has<T>(answer: &Observed<Answer<T>>) -> Option<bool> {
            let answer = answer.seen()?;
            Some(!answer.records.is_empty() || !answer.aliases.is_empty())
        }
        let all =
            |has: &dyn Fn(&ServerView) -> Option<bool>| views.iter().filter_map(has).all(|it| it);
        Self {
            record: all(&|view| has(&view.record)),
            tls_rpt: all(&|view| has(&view.tls_rpt)),
            policy_host: all(&|view| has(&view.policy_host)),
        }
    }
}

/// The answers at these names.
pub(crate) async fn view(
    domain: &Domain,
    servers: &NameServers,
    observer: Observer,
    names: Names,
) -> ServerView {
    let asked_at = Some(OffsetDateTime::now_utc());
    let (record_name, tls_rpt_name, host) = (
        domain.mta_sts_record_name(),
        domain.tls_rpt_record_name(),
        domain.policy_host(),
    );
    let texts = async |name: &str, wanted: bool| {
        if wanted {
            servers.txt(name).await
        } else {
            Observed::NotAsked
        }
    };
    let addresses = async {
        if names.policy_host {
            servers.addresses(&host).await
        } else {
            Observed::NotAsked
        }
    };
    let (record, tls_rpt, policy_host) = tokio::join!(
        texts(&record_name, names.record),
        texts(&tls_rpt_name, names.tls_rpt),
        addresses
    );
    ServerView {
        observer,
        asked_at,
        record,
        tls_rpt,
        policy_host,
        mx: Observed::NotAsked,
    }
}

async fn beyond_aliases(view: ServerView, resolvers: &NameServers) -> ServerView {
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
        asked_at: view.asked_at,
        record,
        tls_rpt,
        policy_host,
        mx: view.mx,
    }
}

/// The last alias of an answer without records.
fn open_alias<T>(answer: &Observed<Answer<T>>) -> Option<String> {
    let answer = answer.seen().filter(|answer| answer.records.is_empty())?;
    answer.aliases.last().cloned()
}

/// The aliases of one answer with the target that another found.
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
    use mta_sts_core::facts::ZoneServer;

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

    #[test]
    fn the_first_address_of_each_server_comes_before_the_second_of_any() {
        let server = |name: &str, addresses: &[&str]| ZoneServer {
            name: name.into(),
            addresses: addresses.iter().map(|ip| ip.parse().unwrap()).collect(),
        };
        let zone = Zone {
            apex: "example.com".into(),
            servers: vec![
                server("ns1", &["192.0.2.1", "2001:db8::1"]),
                server("ns2", &[]),
                server("ns3", &["192.0.2.3"]),
            ],
        };
        let asked: Vec<_> = each_address(&zone)
            .into_iter()
            .map(|server| format!("{} {}", server.name, server.ip))
            .collect();
        assert_eq!(asked, ["ns1 192.0.2.1", "ns3 192.0.2.3", "ns1 2001:db8::1"]);
    }
}
