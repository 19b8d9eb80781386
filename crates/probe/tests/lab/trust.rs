//! Which chains lead where.

use mta_sts_core::facts::Trust;

use crate::practice::{facts_of, only_session};

async fn trust(name: &str) -> Trust {
    let facts = facts_of(name).await;
    only_session(&facts).chain.seen().unwrap().trust.clone()
}

#[tokio::test]
async fn time_and_name_do_not_touch_trust() {
    for name in [
        "expired-certificate",
        "not-yet-valid",
        "wrong-name",
        "no-san",
    ] {
        let trust = trust(name).await;
        assert!(
            matches!(&trust, Trust::Trusted { root } if !root.is_empty()),
            "{name}: {trust:?}"
        );
    }
}

#[tokio::test]
async fn an_expired_certificate_is_told_by_its_dates() {
    let facts = facts_of("expired-certificate").await;
    let chain = only_session(&facts).chain.seen().unwrap();
    assert!(chain.leaf().unwrap().not_after < facts.checked_at);
}

#[tokio::test]
async fn a_missing_intermediate_is_named() {
    let facts = facts_of("missing-intermediate").await;
    let chain = only_session(&facts).chain.seen().unwrap();
    assert_eq!(chain.certificates.len(), 1);
    let issuer = chain.leaf().unwrap().issuer.clone();
    assert_eq!(chain.trust, Trust::IssuerMissing { issuer });
}

#[tokio::test]
async fn a_certificate_signed_by_itself_is_no_unknown_root() {
    assert_eq!(trust("self-signed").await, Trust::SelfSigned);
}

#[tokio::test]
async fn an_unknown_root_is_named() {
    let facts = facts_of("unknown-root").await;
    let chain = only_session(&facts).chain.seen().unwrap();
    let root = chain.certificates.last().unwrap().subject.clone();
    assert_eq!(chain.trust, Trust::UnknownRoot { root });
}
