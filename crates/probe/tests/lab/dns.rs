//! What is signed, what is remembered, and who really answers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use mta_sts_core::Observer;
use mta_sts_core::facts::FailureKind;

use crate::practice::{Practice, facts_of, only_session};

#[tokio::test]
async fn a_tlsa_record_is_compared_with_the_certificate_that_is_served() {
    for (name, fits) in [("dane", true), ("dane-mismatch", false)] {
        let facts = facts_of(name).await;
        let tlsa = facts.mail_servers[0].tlsa.seen().unwrap();
        assert!(tlsa.authenticated && facts.mx.seen().unwrap().authenticated);
        let chain = only_session(&facts).chain.seen().unwrap();
        assert_eq!(tlsa.records[0].matches(chain), Some(fits), "{tlsa:?}");
    }
}

#[tokio::test]
async fn an_answer_of_an_unsigned_zone_is_not_vouched_for() {
    let facts = facts_of("healthy").await;
    assert!(!facts.mx.seen().unwrap().authenticated);
    assert!(
        facts.mail_servers[0]
            .tlsa
            .seen()
            .unwrap()
            .records
            .is_empty()
    );
}

#[tokio::test]
async fn how_long_caches_remember_that_there_is_nothing_is_seen() {
    let facts = facts_of("nothing-published").await;
    let record = facts.record.seen().unwrap();
    assert!(record.records.is_empty() && record.ttl_secs.is_none());
    assert!(record.negative_ttl_secs.is_some(), "{record:?}");
    assert!(facts.mx.seen().unwrap().negative_ttl_secs.is_none());
}

/// The routes of a network in which one device answers in the place of all these name servers.
fn answered_by(
    device: SocketAddr,
    practice: &Practice,
    nobody: Option<IpAddr>,
) -> BTreeMap<SocketAddr, SocketAddr> {
    let mut routes = practice.lab.routes();
    for (address, server) in &mut routes {
        if address.port() == 53 && nobody.is_none() {
            *server = device;
        }
    }
    routes.extend(nobody.map(|ip| (SocketAddr::new(ip, 53), device)));
    routes
}

#[tokio::test]
async fn a_network_that_answers_for_every_name_server_is_found_out() {
    let nobody = IpAddr::from([192, 0, 2, 253]);
    for nobody in [None, Some(nobody)] {
        let mut practice = Practice::of("healthy").await;
        let routes = answered_by(practice.lab.resolver(), &practice, nobody);
        practice.probe = practice.probe_with(routes);
        let facts = practice.check().await;
        assert_eq!(facts.name_servers.len(), 2);
        for view in &facts.name_servers {
            let failure = view.record.failed().unwrap();
            assert_eq!(failure.kind, FailureKind::DnsIntercepted, "{nobody:?}");
        }
        assert!(
            facts.record.seen().is_some(),
            "the resolver is asked as ever"
        );
    }
}

/// The routes of a network that answers every question on port 53 itself.
fn behind_a_device(practice: &Practice) -> BTreeMap<SocketAddr, SocketAddr> {
    let device = practice.lab.resolver();
    let mut routes = answered_by(device, practice, None);
    routes.insert("192.0.2.253:53".parse().unwrap(), device);
    routes
}

#[tokio::test]
async fn where_port_53_is_answered_by_a_device_public_resolvers_are_asked_over_https() {
    let mut practice = Practice::of("healthy").await;
    practice.probe = practice.probe_with(behind_a_device(&practice));
    let seen = practice.look().await;
    for view in &seen.views {
        match &view.observer {
            Observer::NameServer { .. } => {
                let failure = view.record.failed().unwrap();
                assert_eq!(failure.kind, FailureKind::DnsIntercepted, "{view:?}");
            }
            _ => assert!(view.record.seen().is_some(), "{view:?}"),
        }
    }
    assert_eq!(seen.views.len(), 9);
}

#[tokio::test]
async fn over_https_a_resolver_has_to_prove_who_it_is() {
    let mut practice = Practice::of("healthy").await;
    let mut routes = behind_a_device(&practice);
    // Another web server stands where the resolvers should be.
    let foreign = routes[&"203.0.113.128:443".parse().unwrap()];
    for resolver in practice.lab.public_resolvers() {
        routes.insert(SocketAddr::new(resolver.address.ip(), 443), foreign);
    }
    practice.probe = practice.probe_with(routes);
    let seen = practice.look().await;
    let public = seen.views.iter().filter(|view| view.observer.is_cache());
    let failed = public.filter(|view| view.record.failed().is_some());
    assert_eq!(failed.count(), 6);
}
