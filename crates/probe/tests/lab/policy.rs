//! The policy fetch.

use mta_sts_core::facts::{FailureKind, PolicyFetch, Trust};

use crate::practice::{BRIEFLY, Practice, facts_of};

async fn fetched(name: &str) -> PolicyFetch {
    facts_of(name).await.policy.seen().unwrap().clone()
}

#[tokio::test]
async fn a_healthy_policy_comes_whole() {
    let fetch = fetched("healthy").await;
    assert!(fetch.ip.is_some());
    assert!(matches!(
        fetch.chain.seen().unwrap().trust,
        Trust::Trusted { .. }
    ));
    let response = fetch.response.seen().unwrap();
    assert!(response.body.0.starts_with(b"version: STSv1\r\n"));
    assert_eq!(response.content_type.as_deref(), Some("text/plain"));
    assert!(!response.too_large);
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let fetch = fetched("redirecting-policy").await;
    let response = fetch.response.seen().unwrap();
    assert!((300..400).contains(&response.status));
    assert!(
        response
            .location
            .as_deref()
            .unwrap()
            .starts_with("https://")
    );
}

#[tokio::test]
async fn a_body_is_read_up_to_64_kib() {
    let fetch = fetched("policy-too-large").await;
    let response = fetch.response.seen().unwrap();
    assert!(response.too_large);
    assert_eq!(response.body.0.len(), 64 * 1024);
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_late() {
    for name in ["policy-timeout", "policy-drip"] {
        let mut practice = Practice::of(name).await;
        practice.options.timeouts.policy = BRIEFLY;
        let facts = practice.check().await;
        let fetch = facts.policy.seen().unwrap();
        assert_eq!(
            fetch.response.failed().unwrap().kind,
            FailureKind::TimedOut,
            "{name}"
        );
        assert!(
            fetch.ip.is_some() && fetch.chain.seen().is_some(),
            "the connection stood: {name}"
        );
    }
}

#[tokio::test]
async fn a_refused_connection_has_no_address_that_was_spoken_to() {
    let fetch = fetched("policy-host-down").await;
    assert_eq!(fetch.response.failed().unwrap().kind, FailureKind::Refused);
    assert_eq!(fetch.ip, None);
    assert!(fetch.chain.is_not_asked());
}

#[tokio::test]
async fn a_failed_handshake_is_told_with_its_alert() {
    let fetch = fetched("policy-handshake-failed").await;
    let failure = fetch.response.failed().unwrap();
    assert_eq!(failure.kind, FailureKind::TlsHandshake);
    assert!(
        failure.detail.contains("handshake_failure"),
        "{}",
        failure.detail
    );
    assert!(fetch.ip.is_some());
}

#[tokio::test]
async fn a_wrong_certificate_does_not_hide_the_policy() {
    for name in ["policy-wrong-certificate", "policy-certificate-expired"] {
        let fetch = fetched(name).await;
        assert!(
            matches!(fetch.chain.seen().unwrap().trust, Trust::Trusted { .. }),
            "{name}"
        );
        assert_eq!(fetch.response.seen().unwrap().status, 200, "{name}");
    }
}
