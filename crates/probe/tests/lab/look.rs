//! Looks at the publication, before and after.

use std::sync::Mutex;

use mta_sts_core::Sighting;
use mta_sts_core::facts::{Observed, PolicyFetch};
use mta_sts_lab::Publication;
use time::Duration;

use crate::practice::{BRIEFLY, Practice};

const RECORD: &str = "v=STSv1; id=20261123T120000Z;";
const POLICY: &[u8] = b"version: STSv1\r\nmode: testing\r\nmax_age: 86400\r\n";

#[tokio::test]
async fn a_publication_is_seen_by_everyone() {
    let practice = Practice::of("nothing-published").await;
    let before = practice.look().await;
    assert_eq!(
        before.views.len(),
        9,
        "two name servers, the resolver and six public ones"
    );
    for view in &before.views {
        if view.observer.is_cache() {
            // It would remember that nothing is there.
            assert!(view.record.is_not_asked(), "{view:?}");
            assert!(view.tls_rpt.is_not_asked(), "{view:?}");
            assert!(view.policy_host.is_not_asked(), "{view:?}");
        } else {
            assert!(view.record.seen().unwrap().records.is_empty(), "{view:?}");
            let addresses = &view.policy_host.seen().unwrap().records;
            assert!(addresses.is_empty(), "{view:?}");
        }
    }
    assert!(before.policy.is_not_asked());

    let publication = Publication {
        record: Some(vec![RECORD.to_owned()]),
        tls_rpt: Some(vec![
            "v=TLSRPTv1; rua=mailto:reports@example.com".to_owned(),
        ]),
        policy: Some(POLICY.to_vec()),
        ..Publication::default()
    };
    practice
        .lab
        .publish(practice.options.domain.as_str(), &publication)
        .unwrap();
    let after = practice.look().await;
    assert_eq!(
        after.zone.seen().unwrap().apex,
        practice.options.domain.as_str()
    );
    assert_eq!(after.views.len(), 9);
    for view in &after.views {
        assert_eq!(view.record.seen().unwrap().records, [RECORD], "{view:?}");
        assert_eq!(view.tls_rpt.seen().unwrap().records.len(), 1, "{view:?}");
        assert!(
            !view.policy_host.seen().unwrap().records.is_empty(),
            "{view:?}"
        );
    }
    let response = after.policy.seen().unwrap().response.seen().unwrap();
    assert_eq!(response.body.0, POLICY);
}

#[tokio::test]
async fn name_servers_that_disagree_are_told_apart() {
    let practice = Practice::of("half-propagated").await;
    let seen = tokio::spawn(async move { practice.look().await })
        .await
        .unwrap();
    let counts: Vec<_> = seen
        .views
        .iter()
        .filter(|view| !view.observer.is_cache())
        .map(|view| view.record.seen().unwrap().records.len())
        .collect();
    assert!(counts.contains(&0) && counts.contains(&1), "{counts:?}");
    // A resolver might meet the one that has nothing, and remember that.
    let mut caches = seen.views.iter().filter(|view| view.observer.is_cache());
    assert!(caches.all(|view| view.record.is_not_asked()));
}

#[tokio::test]
async fn an_answer_too_large_for_a_packet_comes_whole() {
    let practice = Practice::of("nothing-published").await;
    let texts: Vec<_> = (0..20)
        .map(|number| format!("{number} {}", "x".repeat(200)))
        .collect();
    let publication = Publication {
        record: Some(texts.clone()),
        ..Publication::default()
    };
    practice
        .lab
        .publish(practice.options.domain.as_str(), &publication)
        .unwrap();
    let record = practice.check().await.record;
    let mut records = record.seen().unwrap().records.clone();
    records.sort_by_key(|text| texts.iter().position(|published| published == text));
    assert_eq!(records, texts);
}

#[tokio::test]
async fn what_a_cache_must_still_say_is_not_asked_again() {
    let practice = Practice::of("healthy").await;
    let first = practice.look().await;
    let asked_at = first.asked_at + Duration::seconds(1);
    let known = first.again(asked_at).views;
    assert_eq!(known.len(), 7, "all but the name servers");
    let asked = Mutex::new(Vec::new());
    let tell = |sighting| {
        if let Sighting::View(view) = sighting {
            asked.lock().unwrap().push(view.observer);
        }
    };
    practice.probe.look(&practice.options, &known, tell).await;
    let asked = asked.into_inner().unwrap();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked.iter().all(|observer| !observer.is_cache()));
}

/// Where the network lets nobody but its own resolver be asked, the policy host is what that
/// resolver said, for as long as it must say it.
#[tokio::test]
async fn a_second_look_behind_a_closed_port_53_still_fetches_the_file() {
    let mut practice = Practice::of("healthy").await;
    let mut routes = practice.lab.routes();
    routes.retain(|address, _| address.port() != 53);
    practice.options.timeouts.dns = BRIEFLY;
    practice.probe = practice.probe_with(routes);
    let first = practice.look().await;
    assert!(first.policy.seen().is_some());
    let known = first.again(first.asked_at + Duration::seconds(1)).views;
    assert!(known.iter().all(|view| view.observer.is_cache()));
    let policy = Mutex::new(None);
    let tell = |sighting| {
        if let Sighting::Policy(seen) = sighting {
            *policy.lock().unwrap() = Some(seen);
        }
    };
    practice.probe.look(&practice.options, &known, tell).await;
    let policy = policy.into_inner().unwrap();
    assert!(matches!(policy, Some(Observed::Seen(_))), "{policy:?}");
}

#[tokio::test]
async fn the_policy_is_fetched_over_each_family_of_its_host() {
    let both = Practice::of("policy-ipv6-other").await.look().await;
    let body = |fetch: &Observed<PolicyFetch>| {
        let fetch = fetch.seen().unwrap();
        (
            fetch.ip.unwrap().is_ipv6(),
            fetch.response.seen().unwrap().body.clone(),
        )
    };
    let (over_ipv4, over_ipv6) = (body(&both.policy), body(&both.policy_over_ipv6));
    assert!(!over_ipv4.0 && over_ipv6.0);
    assert_ne!(over_ipv4.1, over_ipv6.1);
    let ipv4_alone = Practice::of("nothing-published").await;
    assert!(ipv4_alone.look().await.policy_over_ipv6.is_not_asked());
}

#[tokio::test]
async fn a_record_that_is_missing_is_looked_for_where_it_ends_up_by_mistake() {
    let seen = Practice::of("misplaced-record").await.look().await;
    let found: Vec<_> = seen
        .near_misses
        .iter()
        .filter(|near_miss| {
            let texts = near_miss.texts.seen();
            texts.is_some_and(|answer| !answer.records.is_empty())
        })
        .map(|near_miss| near_miss.name.as_str())
        .collect();
    let doubled = "_mta-sts.misplaced-record.example.misplaced-record.example";
    assert_eq!(found, [doubled]);
    assert_eq!(
        seen.near_misses.len(),
        7,
        "the report record is in its place"
    );
    let healthy = Practice::of("healthy").await.look().await;
    assert!(healthy.near_misses.is_empty());
}
