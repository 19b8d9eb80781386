//! A running lab of one scenario, and a probe that knows nothing else.

#![expect(
    clippy::unwrap_used,
    reason = "a lab that does not start is a failed test"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use mta_sts_core::facts::{Facts, Session};
use mta_sts_core::{Fact, Propagation};
use mta_sts_lab::{Lab, Publishing, Scenario, scenarios};
use mta_sts_probe::{CheckOptions, Endpoints, OpenResolver, Probe};
use time::OffsetDateTime;

/// Short enough for what never answers, long enough for what does.
pub(crate) const BRIEFLY: Duration = Duration::from_millis(600);

pub(crate) struct Practice {
    pub(crate) lab: Lab,
    pub(crate) probe: Probe,
    pub(crate) options: CheckOptions,
}

impl Practice {
    /// The scenario of this name, with publications that show at once.
    pub(crate) async fn of(name: &str) -> Self {
        let scenario = scenarios().iter().find(|it| it.name == name).unwrap();
        Self::playing(scenario.clone()).await
    }

    /// This scenario, with publications that show at once.
    pub(crate) async fn playing(mut scenario: Scenario) -> Self {
        scenario.publishing = Publishing::AT_ONCE;
        let options = CheckOptions::new(scenario.domain.parse().unwrap());
        let lab = Lab::start(&[scenario]).await.unwrap();
        let probe = probe(&lab, &options, lab.routes());
        Self {
            lab,
            probe,
            options,
        }
    }

    /// A probe that knows only these routes.
    pub(crate) fn probe_with(&self, routes: BTreeMap<SocketAddr, SocketAddr>) -> Probe {
        probe(&self.lab, &self.options, routes)
    }

    pub(crate) async fn check(&self) -> Facts {
        let checked_at = OffsetDateTime::now_utc();
        let facts = Mutex::new(Facts::new(self.options.domain.clone(), checked_at));
        let fold = |fact: Fact| facts.lock().unwrap().fold(fact);
        self.probe.check(&self.options, checked_at, fold).await;
        facts.into_inner().unwrap()
    }

    pub(crate) async fn look(&self) -> Propagation {
        let seen = Mutex::new(Propagation::new(OffsetDateTime::now_utc()));
        self.probe
            .look(&self.options, &[], |sighting| {
                seen.lock().unwrap().fold(sighting);
            })
            .await;
        seen.into_inner().unwrap()
    }
}

fn probe(lab: &Lab, options: &CheckOptions, routes: BTreeMap<SocketAddr, SocketAddr>) -> Probe {
    let endpoints = Endpoints::practice(
        lab.resolver(),
        routes,
        lab.trust_root_der(),
        lab.control_hosts_for(options.domain.as_str()),
        lab.control_web_host(),
    )
    .with_public_resolvers(public_resolvers(lab));
    Probe::new(endpoints).unwrap()
}

fn public_resolvers(lab: &Lab) -> Vec<OpenResolver> {
    let resolvers = lab.public_resolvers().into_iter();
    resolvers
        .map(|it| OpenResolver::new(it.name, it.address, it.https_host, it.https_path))
        .collect()
}

/// What a check of this scenario sees with the usual options.
pub(crate) async fn facts_of(name: &str) -> Facts {
    Practice::of(name).await.check().await
}

/// The one session of a scenario with one mail server at one address.
pub(crate) fn only_session(facts: &Facts) -> &Session {
    let [server] = &facts.mail_servers[..] else {
        panic!("{:?}", facts.mail_servers)
    };
    let [session] = &server.sessions[..] else {
        panic!("{:?}", server.sessions)
    };
    session
}
