//! Domain Connect: what the DNS provider says of itself, and what is refused.

use mta_sts_core::HttpsAddress;
use mta_sts_core::facts::{DomainConnect, FailureKind, Observed};
use mta_sts_lab::Scenario;

use crate::practice::{BRIEFLY, Practice, facts_of};

/// A domain whose provider answers in this way.
async fn practice_of(answer: &str) -> Practice {
    let toml = format!(
        "story = \"Well.\"\ndomain = \"d.example\"\nexpected = []\n[dns]\ndomain_connect = \
         \"{answer}\"\n"
    );
    Practice::playing(Scenario::parse("d", &toml).unwrap()).await
}

async fn seen_of(answer: &str) -> Observed<DomainConnect> {
    practice_of(answer).await.check().await.domain_connect
}

#[tokio::test]
async fn the_provider_and_the_page_of_the_domain_are_seen() {
    let facts = facts_of("domain-connect").await;
    let page = "https://panel.practice-dns.example/zones/domain-connect.example";
    let seen = facts.domain_connect.seen().unwrap();
    assert_eq!(seen.provider, "Practice DNS");
    assert_eq!(seen.control_panel, HttpsAddress::parse(page).ok());
    assert!(!facts.cut_short);
}

#[tokio::test]
async fn without_a_record_that_names_a_host_nobody_is_asked() {
    // A wildcard answers for the name of the second one.
    for name in ["healthy", "wildcard-spf"] {
        let facts = facts_of(name).await;
        assert!(facts.domain_connect.is_not_asked(), "{name}");
    }
}

#[tokio::test]
async fn a_page_without_encryption_is_left_out() {
    let seen = seen_of("plain-http").await;
    let provider = seen.seen().unwrap();
    assert_eq!(provider.provider, "Practice DNS");
    assert_eq!(provider.control_panel, None);
}

#[tokio::test]
async fn settings_of_the_wrong_kind_too_large_or_elsewhere_are_refused() {
    for (answer, reason) in [
        ("wrong-type", "can’t be read"),
        ("too-large", "more than 64 KiB"),
        ("redirect", "status 301"),
    ] {
        let seen = seen_of(answer).await;
        let failure = seen.failed().unwrap();
        assert_eq!(failure.kind, FailureKind::Other, "{answer}");
        assert!(failure.detail.contains(reason), "{}", failure.detail);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_refused() {
    let seen = seen_of("unknown-root").await;
    assert_eq!(seen.failed().unwrap().kind, FailureKind::TlsHandshake);
}

#[tokio::test]
async fn a_host_that_is_not_public_is_not_contacted() {
    let toml = "story = \"Well.\"\ndomain = \"d.example\"\nexpected = []\n[dns]\nrecords = [\n\
                { name = \"_domainconnect\", type = \"TXT\", value = \"here.d.example\" },\n\
                { name = \"here\", type = \"A\", value = \"127.0.0.1\" },\n]\n";
    let practice = Practice::playing(Scenario::parse("d", toml).unwrap()).await;
    let facts = practice.check().await;
    let failure = facts.domain_connect.failed().unwrap();
    assert_eq!(failure.kind, FailureKind::NotPublic);
}

#[tokio::test]
async fn a_host_without_a_route_leaves_the_check_complete() {
    let mut practice = practice_of("settings").await;
    practice.options.timeouts.connect = BRIEFLY;
    let mut routes = practice.lab.routes();
    routes.retain(|address, _| address.port() != 443);
    practice.probe = practice.probe_with(routes);
    let facts = practice.check().await;
    assert!(facts.domain_connect.failed().is_some());
    assert!(!facts.cut_short);
}
