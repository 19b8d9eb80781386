//! What a domain has published: both records and the policy. If one is missing, the usual wrong
//! places are checked too.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use mta_sts_core::facts::{
    Answer, HostView, NearMiss, Observed, PolicyFetch, RandomName, StrayPolicy, Zone,
};
use mta_sts_core::{Fact, PolicyReading, looks_like_sts, looks_like_tls_rpt};
use reqwest::Url;
use tokio::time::Instant;

use crate::domain_connect;
use crate::policy::fetch;
use crate::run::Run;
use crate::view::{NameServerViews, each_address};

/// More addresses of name servers than this are not queried.
const MAX_NAME_SERVERS: usize = 8;
/// The longest fetch from a wrong place. Nobody but us waits for it.
const MAX_STRAY_FETCH: Duration = Duration::from_secs(10);
/// The longest wait for what the DNS provider says of itself.
const MAX_DOMAIN_CONNECT: Duration = Duration::from_secs(10);

/// The time that a check reserves to report how its longest step ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The part of a check that covers what is published.
pub(crate) struct Publication<'a> {
    pub(crate) run: Run<'a>,
    /// When the check as a whole ends.
    pub(crate) until: Instant,
    /// Takes in each fact.
    pub(crate) tell: &'a (dyn Fn(Fact) + Send + Sync),
}

impl Publication<'_> {
    pub(crate) async fn observe(&self) {
        tokio::join!(
            self.zone(),
            self.record(),
            self.tls_rpt(),
            self.policy(),
            self.dns_provider()
        );
    }

    /// What the DNS provider says of itself. A help for people, on which nothing rests.
    async fn dns_provider(&self) {
        let left = self.until.saturating_duration_since(Instant::now());
        let within = MAX_DOMAIN_CONNECT.min(left.saturating_sub(LAST_WORDS));
        let provider = domain_connect::observe(&self.run, within).await;
        (self.tell)(Fact::DomainConnect(provider));
    }

    /// The zone, then what each of its name servers says.
    async fn zone(&self) {
        let views = NameServerViews::new(&self.run);
        let look = async {
            let zone = self
                .run
                .resolvers
                .zone(self.run.options.domain.as_str())
                .await;
            (self.tell)(Fact::Zone(zone.clone()));
            if let Observed::Seen(zone) = zone {
                self.name_servers(&zone, &views).await;
            }
        };
        views.watched(look).await;
    }

    async fn name_servers(&self, zone: &Zone, views: &NameServerViews<'_>) {
        let name_servers = each_address(zone).into_iter().take(MAX_NAME_SERVERS);
        join_all(name_servers.map(async |name_server| {
            let view = views.of(name_server).await;
            (self.tell)(Fact::NameServer(Box::new(view)));
        }))
        .await;
    }

    async fn record(&self) {
        let domain = &self.run.options.domain;
        let record = self.run.resolvers.txt(&domain.mta_sts_record_name()).await;
        (self.tell)(Fact::Record(record.clone()));
        let Observed::Seen(answer) = record else {
            return;
        };
        tokio::join!(
            async {
                if !answer.records.is_empty() || !answer.aliases.is_empty() {
                    self.random_name().await;
                }
            },
            async {
                if !holds(&answer, looks_like_sts) {
                    self.near_misses(domain.record_near_misses()).await;
                }
            }
        );
    }

    async fn tls_rpt(&self) {
        let domain = &self.run.options.domain;
        let tls_rpt = self.run.resolvers.txt(&domain.tls_rpt_record_name()).await;
        (self.tell)(Fact::TlsRpt(tls_rpt.clone()));
        if let Observed::Seen(answer) = tls_rpt
            && !holds(&answer, looks_like_tls_rpt)
        {
            self.near_misses(domain.tls_rpt_near_misses()).await;
        }
    }

    async fn near_misses(&self, names: Vec<String>) {
        join_all(names.into_iter().map(async |name| {
            let texts = self.run.resolvers.txt(&name).await;
            (self.tell)(Fact::NearMiss(NearMiss { name, texts }));
        }))
        .await;
    }

    /// Queries a random name that nobody can have created: if it answers, a wildcard does.
    async fn random_name(&self) {
        // The keys of a hash table are random enough: this name need not be secret.
        let random = RandomState::new().hash_one(()) & 0xFFFF_FFFF;
        let name = format!(
            "mta-sts-wildcard-test-{random:08x}.{}",
            self.run.options.domain
        );
        let answer = match self.run.resolvers.txt(&name).await {
            Observed::Seen(texts) => Observed::Seen(RandomName { name, texts }),
            Observed::Failed(failure) => Observed::Failed(failure),
            Observed::NotAsked => Observed::NotAsked,
        };
        (self.tell)(Fact::RandomName(answer));
    }

    async fn policy(&self) {
        let host = self
            .run
            .resolvers
            .addresses(&self.run.options.domain.policy_host())
            .await;
        (self.tell)(Fact::PolicyHost(host.clone()));
        let Observed::Seen(answer) = host else { return };
        let addresses = answer.records;
        if addresses.is_empty() {
            self.stray_policies().await;
            return;
        }
        tokio::join!(
            async {
                if addresses.iter().any(|ip| self.run.allows(*ip).is_err()) {
                    let host = self.run.options.domain.policy_host();
                    let addresses = self.run.authoritative_addresses(&host).await;
                    (self.tell)(Fact::HostView(HostView { host, addresses }));
                }
            },
            async {
                let fetched = self.fetched(&addresses).await;
                let elsewhere = may_be_elsewhere(&fetched);
                (self.tell)(Fact::Policy(Observed::Seen(fetched)));
                if elsewhere {
                    self.stray_policies().await;
                }
            },
            async {
                let (ipv6, ipv4): (Vec<IpAddr>, Vec<IpAddr>) =
                    addresses.iter().partition(|ip| ip.is_ipv6());
                if !ipv6.is_empty() && !ipv4.is_empty() {
                    let fetched = self.fetched(&ipv6).await;
                    (self.tell)(Fact::PolicyOverIpv6(Observed::Seen(fetched)));
                }
            }
        );
    }

    /// The fetch ends a little before the check does, so that its end can be reported.
    async fn fetched(&self, addresses: &[IpAddr]) -> PolicyFetch {
        let left = self.until.saturating_duration_since(Instant::now());
        let within = self.run.options.timeouts.policy;
        let within = within.min(left.saturating_sub(LAST_WORDS));
        let url = self.run.options.domain.policy_url();
        fetch(&self.run, &url, addresses, within).await
    }

    /// Fetches from the usual wrong places. Each host is looked up once. A host without an address
    /// has no policy and is not reported.
    async fn stray_policies(&self) {
        let within = self.run.options.timeouts.policy.min(MAX_STRAY_FETCH);
        let urls = self.run.options.domain.policy_near_misses();
        let hosts: BTreeSet<String> = urls.iter().filter_map(|url| host_of(url)).collect();
        join_all(hosts.iter().map(async |host| {
            let addresses = self.run.resolvers.addresses(host).await;
            let here = urls
                .iter()
                .filter(|url| host_of(url).as_ref() == Some(host));
            join_all(here.map(async |url| {
                let fetched = match &addresses {
                    Observed::Seen(answer) if answer.records.is_empty() => return,
                    Observed::Seen(answer) => {
                        Observed::Seen(fetch(&self.run, url, &answer.records, within).await)
                    }
                    Observed::Failed(failure) => Observed::Failed(failure.clone()),
                    Observed::NotAsked => return,
                };
                (self.tell)(Fact::StrayPolicy(StrayPolicy {
                    url: url.clone(),
                    fetch: fetched,
                }));
            }))
            .await;
        }))
        .await;
    }
}

fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

pub(crate) fn holds(answer: &Answer<String>, looks_right: impl Fn(&str) -> bool) -> bool {
    answer.records.iter().any(|text| looks_right(text))
}

/// Whether the web host answered with something that is neither a policy nor a redirect to one.
fn may_be_elsewhere(fetched: &PolicyFetch) -> bool {
    fetched.response.seen().is_some_and(|response| {
        let reads_as_policy = || !PolicyReading::read(&response.body.0).fields.is_empty();
        match response.status {
            200 => !reads_as_policy(),
            300..400 => false,
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use mta_sts_core::facts::{Body, FailureKind, ProbeFailure, Response};

    use super::*;

    fn fetched(status: u16, body: &str) -> PolicyFetch {
        PolicyFetch {
            ip: None,
            chain: Observed::NotAsked,
            response: Observed::Seen(Response {
                status,
                content_type: None,
                location: None,
                age_secs: None,
                cache_control: None,
                content_encoding: None,
                body: Body(body.as_bytes().to_vec()),
                too_large: false,
            }),
            millis: 0,
        }
    }

    #[test]
    fn a_policy_is_looked_for_elsewhere_where_the_right_place_answers_with_something_else() {
        let policy = "version: STSv1\r\nmode: none\r\n";
        assert!(!may_be_elsewhere(&fetched(200, policy)));
        assert!(!may_be_elsewhere(&fetched(301, "")));
        assert!(may_be_elsewhere(&fetched(200, "<!DOCTYPE html>")));
        assert!(may_be_elsewhere(&fetched(404, policy)));
        let silent = PolicyFetch {
            response: Observed::Failed(ProbeFailure::new(FailureKind::TimedOut, "60 s")),
            ..fetched(200, "")
        };
        assert!(!may_be_elsewhere(&silent));
    }

    #[test]
    fn a_host_is_read_out_of_an_address() {
        let host = host_of("https://www.example.com/.well-known/mta-sts.txt");
        assert_eq!(host.as_deref(), Some("www.example.com"));
    }
}
