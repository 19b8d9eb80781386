//! What stands beside the right names and places.

use std::net::SocketAddr;

use mta_sts_core::facts::{Facts, FailureKind};

use crate::practice::{Practice, facts_of};

/// The names beside the right one at which a text with this beginning stands.
fn found(facts: &Facts, beginning: &str) -> Vec<String> {
    facts
        .near_misses
        .iter()
        .filter(|near_miss| {
            let answer = near_miss.texts.seen();
            answer.is_some_and(|answer| {
                answer
                    .records
                    .iter()
                    .any(|text| text.starts_with(beginning))
            })
        })
        .map(|near_miss| near_miss.name.clone())
        .collect()
}

#[tokio::test]
async fn a_record_at_a_name_beside_the_right_one_is_found() {
    for (name, place) in [
        ("record-at-apex", "record-at-apex.example"),
        (
            "misplaced-record",
            "_mta-sts.misplaced-record.example.misplaced-record.example",
        ),
        (
            "record-without-underscore",
            "mta-sts.record-without-underscore.example",
        ),
    ] {
        let facts = facts_of(name).await;
        assert_eq!(found(&facts, "v=STSv1"), [place]);
        assert!(facts.random_name.is_not_asked(), "there was no answer");
    }
    let facts = facts_of("tls-reports-misplaced").await;
    let place = "_smtp.tls.tls-reports-misplaced.example";
    assert_eq!(found(&facts, "v=TLSRPTv1"), [place]);
}

#[tokio::test]
async fn a_wildcard_answers_for_a_name_that_nobody_has_made() {
    for (name, text) in [
        ("wildcard-record", "v=STSv1; id=20261101T000000Z"),
        ("wildcard-spf", "v=spf1 -all"),
    ] {
        let facts = facts_of(name).await;
        assert_eq!(facts.record.seen().unwrap().records, [text]);
        let random = facts.random_name.seen().unwrap();
        assert_eq!(random.texts.records, [text]);
    }
}

#[tokio::test]
async fn a_name_server_that_lags_behind_is_told_apart() {
    let facts = facts_of("half-propagated").await;
    let counts: Vec<_> = facts
        .name_servers
        .iter()
        .map(|view| view.record.seen().unwrap().records.len())
        .collect();
    assert_eq!(counts, [1, 0]);
}

#[tokio::test]
async fn a_policy_beside_the_right_place_is_found() {
    for (name, host_and_path) in [
        (
            "policy-at-apex",
            "policy-at-apex.example/.well-known/mta-sts.txt",
        ),
        (
            "policy-at-www",
            "www.policy-at-www.example/.well-known/mta-sts.txt",
        ),
        (
            "policy-outside-folder",
            "mta-sts.policy-outside-folder.example/mta-sts.txt",
        ),
        (
            "policy-doubled-ending",
            "mta-sts.policy-doubled-ending.example/.well-known/mta-sts.txt.txt",
        ),
    ] {
        let facts = facts_of(name).await;
        let found: Vec<_> = facts
            .stray_policies
            .iter()
            .filter(|stray| {
                let response = stray.fetch.seen().and_then(|fetch| fetch.response.seen());
                response.is_some_and(|response| response.status == 200)
            })
            .map(|stray| stray.url.clone())
            .collect();
        assert_eq!(found, [format!("https://{host_and_path}")]);
    }
}

#[tokio::test]
async fn without_an_address_of_the_policy_host_other_hosts_are_asked() {
    let facts = facts_of("no-policy-host").await;
    assert!(facts.policy.is_not_asked());
    // Neither the domain nor its www host has an address there.
    assert!(
        facts.stray_policies.is_empty(),
        "{:?}",
        facts.stray_policies
    );
}

#[tokio::test]
async fn a_policy_host_with_both_families_is_asked_over_each() {
    let facts = facts_of("policy-ipv6-broken").await;
    assert!(facts.policy.seen().unwrap().response.seen().is_some());
    let over_ipv6 = facts.policy_over_ipv6.seen().unwrap();
    assert_eq!(
        over_ipv6.response.failed().unwrap().kind,
        FailureKind::Refused
    );

    let facts = facts_of("policy-ipv6-other").await;
    let over_ipv4 = facts.policy.seen().unwrap();
    let over_ipv6 = facts.policy_over_ipv6.seen().unwrap();
    assert!(over_ipv4.ip.unwrap().is_ipv4() && over_ipv6.ip.unwrap().is_ipv6());
    let body = |fetch: &mta_sts_core::facts::PolicyFetch| {
        let response = fetch.response.seen().unwrap();
        String::from_utf8(response.body.0.clone()).unwrap()
    };
    assert!(body(over_ipv4).starts_with("version: STSv1"));
    assert!(body(over_ipv6).starts_with("<!DOCTYPE html>"));

    let facts = facts_of("policy-ipv6-only").await;
    assert!(facts.policy.seen().unwrap().ip.unwrap().is_ipv6());
    assert!(facts.policy_over_ipv6.is_not_asked());
}

#[tokio::test]
async fn a_web_host_that_turns_away_is_told_by_its_status() {
    for (name, status) in [
        ("policy-challenge", 403),
        ("policy-rate-limited", 429),
        ("policy-unavailable", 503),
    ] {
        let facts = facts_of(name).await;
        let response = facts.policy.seen().unwrap().response.seen().unwrap();
        assert_eq!(response.status, status);
    }
    let facts = facts_of("policy-old-tls").await;
    let response = &facts.policy.seen().unwrap().response;
    assert_eq!(response.failed().unwrap().kind, FailureKind::TlsTooOld);
}

#[tokio::test]
async fn a_name_server_without_a_route_does_not_silence_the_other() {
    let mut practice = Practice::of("healthy").await;
    practice.options.timeouts.dns = crate::practice::BRIEFLY;
    let mut routes = practice.lab.routes();
    let second: SocketAddr = "198.51.100.54:53".parse().unwrap();
    assert!(routes.remove(&second).is_some());
    practice.probe = practice.probe_with(routes);
    let facts = practice.check().await;
    let [first, second] = &facts.name_servers[..] else {
        panic!("{:?}", facts.name_servers)
    };
    assert!(first.record.seen().is_some(), "{first:?}");
    assert_eq!(second.record.failed().unwrap().kind, FailureKind::TimedOut);
}
