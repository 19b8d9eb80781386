//! Names, mail servers and controls.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use mta_sts_core::facts::{
    Block, FailureKind, Family, Interception, Observed, ProbeFailure, Session, TlsVersion, Trust,
};
use mta_sts_core::{Fact, Facts, ReadyMailServers, judge};
use mta_sts_lab::Scenario;
use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::practice::{BRIEFLY, Practice, facts_of, only_session};

fn smtp(ip: IpAddr) -> SocketAddr {
    SocketAddr::new(ip, 25)
}

#[tokio::test]
async fn of_a_healthy_domain_everything_is_seen() {
    let facts = facts_of("healthy").await;
    assert_eq!(facts.zone.seen().unwrap().apex, "healthy.example");
    assert_eq!(facts.zone.seen().unwrap().servers.len(), 2);
    assert_eq!(facts.record.seen().unwrap().records.len(), 1);
    assert_eq!(facts.tls_rpt.seen().unwrap().records.len(), 1);
    assert_eq!(
        facts.policy.seen().unwrap().response.seen().unwrap().status,
        200
    );
    assert!(facts.domain_addresses.is_not_asked());
    assert!(facts.controls.is_not_asked());

    let preferences: Vec<_> = facts
        .mail_servers
        .iter()
        .map(|server| server.preference)
        .collect();
    assert_eq!(preferences, [10, 20]);
    assert_eq!(
        facts.mail_servers[0].sessions.len(),
        2,
        "one for each address family"
    );
    for session in facts
        .mail_servers
        .iter()
        .flat_map(|server| &server.sessions)
    {
        assert!(session.is_complete(), "{session:?}");
        let tls = session.tls.seen().unwrap();
        assert_eq!(tls.version, TlsVersion::Tls13);
        assert!(tls.cipher.starts_with("TLS_"), "{}", tls.cipher);
        assert!(matches!(
            session.chain.seen().unwrap().trust,
            Trust::Trusted { .. }
        ));
        assert!(session.tls12.is_not_asked() && session.chain_without_sni.is_not_asked());
        assert_eq!(session.injected_bytes, 0);
    }

    assert_eq!(facts.name_servers.len(), 2);
    for view in &facts.name_servers {
        assert_eq!(view.record.seen().unwrap().records.len(), 1, "{view:?}");
        assert_eq!(view.tls_rpt.seen().unwrap().records.len(), 1, "{view:?}");
        assert_eq!(view.policy_host.seen().unwrap().records.len(), 1);
    }
    let random = facts.random_name.seen().unwrap();
    assert!(random.name.ends_with(".healthy.example"), "{random:?}");
    assert!(!random.texts.name_exists);
    assert!(facts.near_misses.is_empty() && facts.stray_policies.is_empty());
    assert!(facts.policy_over_ipv6.is_not_asked());
}

#[tokio::test]
async fn each_address_is_connected_to_once() {
    let practice = Practice::of("healthy").await;
    let facts = practice.check().await;
    for session in facts
        .mail_servers
        .iter()
        .flat_map(|server| &server.sessions)
    {
        assert_eq!(
            practice.lab.connections(smtp(session.ip)),
            1,
            "{}",
            session.ip
        );
    }
}

#[tokio::test]
async fn every_step_of_a_session_is_told_when_it_is_over() {
    let practice = Practice::of("wrong-name").await;
    let steps = Mutex::new(Vec::new());
    let tell = |fact| {
        if let Fact::Session { session, .. } = fact {
            let seen = |step: bool| u8::from(step);
            steps.lock().unwrap().push(
                seen(session.connected.seen().is_some())
                    + seen(session.greeting.seen().is_some())
                    + seen(session.ehlo.seen().is_some())
                    + seen(session.starttls.seen().is_some())
                    + seen(session.tls.seen().is_some())
                    + seen(session.ehlo_in_tls.seen().is_some()),
            );
        }
    };
    practice
        .probe
        .check(&practice.options, OffsetDateTime::now_utc(), tell)
        .await;
    assert_eq!(steps.into_inner().unwrap(), [0, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_dropped_check_keeps_what_was_seen() {
    let practice = Practice::of("slow-greeting").await;
    let checked_at = OffsetDateTime::now_utc();
    let facts = Mutex::new(Facts::new(practice.options.domain.clone(), checked_at));
    let (record_seen, connected) = (Notify::new(), Notify::new());
    let fold = |fact: Fact| {
        match &fact {
            Fact::Record(_) => record_seen.notify_one(),
            Fact::Session { session, .. } if session.connected.seen().is_some() => {
                connected.notify_one();
            }
            _ => {}
        }
        facts.lock().unwrap().fold(fact);
    };
    tokio::select! {
        () = practice.probe.check(&practice.options, checked_at, &fold) => {
            panic!("the greeting of this server is late");
        }
        () = async { record_seen.notified().await; connected.notified().await } => {}
    }
    let facts = facts.into_inner().unwrap();
    assert!(facts.record.seen().is_some());
    let session = only_session(&facts);
    assert!(session.connected.seen().is_some() && session.greeting.is_not_asked());
}

#[tokio::test]
async fn a_check_can_be_spawned() {
    let practice = Practice::of("null-mx").await;
    let (probe, options) = (practice.probe.clone(), practice.options.clone());
    let spawned = tokio::spawn(async move {
        let facts = Mutex::new(Vec::new());
        let tell = |fact| facts.lock().unwrap().push(fact);
        probe.check(&options, OffsetDateTime::now_utc(), tell).await;
        facts.into_inner().unwrap()
    });
    assert!(
        spawned
            .await
            .unwrap()
            .iter()
            .any(|fact| matches!(fact, Fact::Mx(_)))
    );
}

#[tokio::test]
async fn a_domain_that_takes_no_mail_is_not_connected_to() {
    let facts = facts_of("null-mx").await;
    assert!(facts.takes_no_mail());
    assert!(facts.mail_servers.is_empty());
}

#[tokio::test]
async fn without_an_mx_record_the_domain_is_its_own_mail_server() {
    let facts = facts_of("implicit-mx").await;
    assert!(facts.mx.seen().unwrap().records.is_empty());
    assert!(!facts.domain_addresses.seen().unwrap().records.is_empty());
    assert_eq!(facts.mail_servers[0].host, "implicit-mx.example");
    assert_eq!(facts.mail_servers[0].preference, 0);
    assert!(only_session(&facts).is_complete());
}

#[tokio::test]
async fn without_an_mx_record_and_an_address_there_is_no_mail_server() {
    let facts = facts_of("no-mx").await;
    assert!(facts.domain_addresses.seen().unwrap().records.is_empty());
    assert!(facts.mail_servers.is_empty());
}

#[tokio::test]
async fn of_a_domain_that_does_not_exist_nothing_more_is_asked() {
    let facts = facts_of("no-such-domain").await;
    assert!(!facts.mx.seen().unwrap().name_exists);
    assert!(facts.domain_addresses.is_not_asked());
    assert!(facts.zone.is_not_asked());
    assert!(facts.mail_servers.is_empty());
}

#[tokio::test]
async fn an_mx_record_that_names_an_address_is_not_looked_up() {
    let facts = facts_of("mx-address").await;
    let server = facts
        .mail_servers
        .iter()
        .find(|server| server.host == "192.0.2.25")
        .unwrap();
    assert!(server.ipv4.is_not_asked() && server.ipv6.is_not_asked());
    assert!(server.sessions.is_empty());
}

#[tokio::test]
async fn a_failure_of_the_dns_is_no_empty_answer() {
    let facts = facts_of("dns-servfail").await;
    assert_eq!(facts.mx.failed().unwrap().kind, FailureKind::ServFail);
    assert_eq!(facts.record.failed().unwrap().kind, FailureKind::ServFail);
    assert_eq!(
        facts.policy_host.failed().unwrap().kind,
        FailureKind::ServFail
    );
    assert!(facts.policy.is_not_asked());
}

#[tokio::test]
async fn an_answer_that_the_resolver_does_not_trust_is_told_apart_from_a_failure() {
    let facts = facts_of("dnssec-broken").await;
    for failure in [
        facts.mx.failed(),
        facts.record.failed(),
        facts.policy_host.failed(),
        facts.zone.failed(),
    ] {
        assert_eq!(failure.unwrap().kind, FailureKind::DnssecBroken);
    }
}

#[tokio::test]
async fn aliases_in_a_circle_are_told_apart_from_a_failure() {
    let facts = facts_of("record-alias-loop").await;
    let failure = facts.record.failed().unwrap();
    assert_eq!(failure.kind, FailureKind::AliasLoop);
    assert_eq!(
        failure.detail,
        "_mta-sts.record-alias-loop.example → turn.record-alias-loop.example → \
         _mta-sts.record-alias-loop.example"
    );
    for view in &facts.name_servers {
        assert_eq!(
            view.record.failed().unwrap().kind,
            FailureKind::AliasLoop,
            "{view:?}"
        );
    }
}

#[tokio::test]
async fn silence_of_the_dns_ends_with_its_limit() {
    let mut practice = Practice::of("dns-silent").await;
    practice.options.timeouts.dns = BRIEFLY;
    let facts = practice.check().await;
    assert_eq!(facts.mx.failed().unwrap().kind, FailureKind::TimedOut);
    assert_eq!(facts.tls_rpt.failed().unwrap().kind, FailureKind::TimedOut);
}

#[tokio::test]
async fn aliases_of_the_record_are_told() {
    let facts = facts_of("record-alias").await;
    let record = facts.record.seen().unwrap();
    assert_eq!(record.aliases, ["policy.record-alias.example"]);
    assert_eq!(record.records.len(), 1);

    let facts = facts_of("record-alias-broken").await;
    let record = facts.record.seen().unwrap();
    assert_eq!(record.aliases, ["gone.record-alias-broken.example"]);
    assert!(record.records.is_empty());
}

#[tokio::test]
async fn without_starttls_no_handshake_is_tried() {
    let facts = facts_of("no-starttls").await;
    let session = only_session(&facts);
    assert_eq!(session.offers_starttls(), Some(false));
    assert!(session.starttls.is_not_asked() && session.tls.is_not_asked());
}

#[tokio::test]
async fn a_refused_starttls_is_a_reply() {
    let facts = facts_of("starttls-refused").await;
    let session = only_session(&facts);
    assert_eq!(session.starttls.seen().unwrap().code, 454);
    assert!(session.tls.is_not_asked());
}

#[tokio::test]
async fn injected_text_is_counted_and_the_handshake_goes_on() {
    let facts = facts_of("starttls-injection").await;
    let session = only_session(&facts);
    assert!(session.injected_bytes > 0);
    assert!(session.is_complete(), "{session:?}");
}

#[tokio::test]
async fn old_versions_and_other_failed_handshakes_are_told_apart() {
    let facts = facts_of("old-tls").await;
    assert_eq!(
        only_session(&facts).tls.failed().unwrap().kind,
        FailureKind::TlsTooOld
    );

    let facts = facts_of("failed-handshake").await;
    let failure = only_session(&facts).tls.failed().unwrap();
    assert_eq!(failure.kind, FailureKind::TlsHandshake);
    assert!(
        failure.detail.contains("handshake_failure"),
        "{}",
        failure.detail
    );
}

#[tokio::test]
async fn greetings_that_are_no_welcome_end_the_session() {
    let facts = facts_of("greeting-refused").await;
    let session = only_session(&facts);
    assert_eq!(session.greeting.seen().unwrap().code, 554);
    assert!(session.ehlo.is_not_asked());

    for name in ["not-a-mail-server", "endless-greeting"] {
        let facts = facts_of(name).await;
        let session = only_session(&facts);
        assert_eq!(
            session.greeting.failed().unwrap().kind,
            FailureKind::Garbled,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_check_as_a_whole_has_a_limit_and_says_so() {
    let mut practice = Practice::of("tarpit").await;
    practice.options.timeouts.check = BRIEFLY;
    let facts = practice.check().await;
    assert!(facts.cut_short && facts.mx.seen().is_some());
    assert!(only_session(&facts).greeting.is_not_asked());
    let readiness = judge(&facts).readiness;
    assert_eq!(readiness.mail_servers, ReadyMailServers::Undetermined);
}

/// A domain with so many mail servers, each with so many addresses.
fn crowd(hosts: usize, addresses: usize) -> Scenario {
    let host = format!("[[mx]]\nipv4 = [{}]\n", "\"serve\", ".repeat(addresses));
    let text = format!(
        "story = \"Many.\"\ndomain = \"crowd.example\"\nexpected = []\n{}",
        host.repeat(hosts)
    );
    Scenario::parse("crowd", &text).unwrap()
}

#[tokio::test]
async fn a_crowd_of_mail_servers_is_capped_and_told_so() {
    let practice = Practice::playing(crowd(100, 2)).await;
    let facts = practice.check().await;
    assert_eq!(facts.mail_servers.len(), 100);
    let told = |failure: Option<&ProbeFailure>| {
        failure.is_some_and(|failure| failure.detail.contains("more than 20 mail servers"))
    };
    let left_out = facts
        .mail_servers
        .iter()
        .filter(|it| told(it.ipv4.failed()));
    assert_eq!(left_out.count(), 80);
    let report = judge(&facts);
    assert_eq!(
        report.readiness.mail_servers,
        ReadyMailServers::Undetermined
    );
}

#[tokio::test]
async fn a_crowd_of_addresses_is_capped_and_told_so() {
    let practice = Practice::playing(crowd(2, 20)).await;
    let facts = practice.check().await;
    for server in &facts.mail_servers {
        let told = |session: &&Session| {
            let failure = session.connected.failed();
            failure.is_some_and(|failure| failure.detail.contains("more than 8 addresses"))
        };
        assert_eq!(server.sessions.len(), 20);
        assert_eq!(server.sessions.iter().filter(told).count(), 12);
    }
}

#[tokio::test]
async fn a_conversation_as_a_whole_has_a_limit_too() {
    let mut practice = Practice::of("tarpit").await;
    practice.options.timeouts.conversation = BRIEFLY;
    let facts = practice.check().await;
    let failure = only_session(&facts).greeting.failed().unwrap();
    assert_eq!(failure.kind, FailureKind::Incomplete, "{failure}");
}

#[tokio::test]
async fn a_server_that_refuses_is_compared_with_the_controls() {
    let facts = facts_of("mail-server-down").await;
    assert_eq!(
        only_session(&facts).connected.failed().unwrap().kind,
        FailureKind::Refused
    );
    let controls = facts.controls.seen().unwrap();
    assert_eq!(controls.hosts.len(), 6, "three over each family");
    for host in &controls.hosts {
        assert!(host.greeting.seen().is_some(), "{host:?}");
        assert_eq!(host.ehlo.seen().unwrap().offers_starttls(), Some(true));
    }
    assert!(!controls.port_25_blocked());
    assert_eq!(controls.interception(), None);
}

#[tokio::test]
async fn a_device_on_the_way_shows_in_the_controls() {
    for (name, interception) in [
        ("mail-answered-here", Interception::OneGreetingForAll),
        ("encryption-stripped-here", Interception::StarttlsMissing),
    ] {
        let facts = facts_of(name).await;
        let controls = facts.controls.seen().unwrap();
        assert_eq!(controls.interception(), Some(interception), "{controls:?}");
    }
}

#[tokio::test]
async fn a_blocked_port_25_shows_in_the_controls() {
    let mut practice = Practice::of("port-25-blocked").await;
    practice.options.timeouts.connect = BRIEFLY;
    let facts = practice.check().await;
    assert_eq!(
        only_session(&facts).connected.failed().unwrap().kind,
        FailureKind::TimedOut
    );
    let controls = facts.controls.seen().unwrap();
    assert!(controls.port_25_blocked(), "{controls:?}");
    for family in Family::BOTH {
        assert_eq!(controls.block(family), Some(Block::Silent), "{controls:?}");
    }
    assert_eq!(
        facts.policy.seen().unwrap().response.seen().unwrap().status,
        200
    );
}

#[tokio::test]
async fn behind_a_blocked_port_25_the_ports_for_users_are_asked_for_a_hint() {
    let mut practice = Practice::of("port-25-blocked").await;
    practice.options.timeouts.connect = BRIEFLY;
    let facts = practice.check().await;
    let server = &facts.mail_servers[0];
    let ports: Vec<u16> = server.submission.iter().map(|seen| seen.port).collect();
    assert_eq!(ports, [465, 587]);
    for seen in &server.submission {
        let leaf = seen.chain.seen().unwrap().leaf().unwrap();
        assert!(leaf.names(&server.host), "{seen:?}");
    }
}

#[tokio::test]
async fn the_ports_for_users_are_left_alone_where_port_25_is_open() {
    let facts = facts_of("mail-server-down").await;
    assert!(facts.mail_servers[0].submission.is_empty());
}

#[tokio::test]
async fn a_firewall_that_turns_connections_away_is_told_from_one_that_drops_them() {
    let facts = facts_of("port-25-refused").await;
    let controls = facts.controls.seen().unwrap();
    assert_eq!(controls.block(Family::Ipv4), Some(Block::Refused));
}

#[tokio::test]
async fn a_block_over_ipv6_alone_shows_in_the_controls() {
    let mut practice = Practice::of("port-25-blocked-over-ipv6").await;
    practice.options.timeouts.connect = BRIEFLY;
    let facts = practice.check().await;
    // The first address works, so nothing is in doubt before the second one has run out of time.
    let controls = facts.controls.seen().unwrap();
    assert_eq!(controls.block(Family::Ipv4), None);
    assert_eq!(controls.block(Family::Ipv6), Some(Block::Silent));
    assert!(!controls.port_25_blocked());
}

#[tokio::test]
async fn an_old_server_is_described_with_one_more_connection() {
    for (name, version, cipher) in [
        (
            "weak-suites",
            TlsVersion::Tls12,
            "TLS_RSA_WITH_AES_128_CBC_SHA",
        ),
        ("old-tls", TlsVersion::Tls11, "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("ssl3-only", TlsVersion::Ssl3, "TLS_RSA_WITH_RC4_128_SHA"),
    ] {
        let practice = Practice::of(name).await;
        let facts = practice.check().await;
        let session = only_session(&facts);
        let taken = session.anything_goes.seen().unwrap();
        assert_eq!((taken.version, taken.cipher.as_str()), (version, cipher));
        let chain = session.chain.seen().unwrap();
        assert!(matches!(chain.trust, Trust::Trusted { .. }), "{chain:?}");
        assert_eq!(practice.lab.connections(smtp(session.ip)), 2, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_gives_no_version_away_is_asked_once_more_and_left_alone() {
    let practice = Practice::of("failed-handshake").await;
    let facts = practice.check().await;
    let session = only_session(&facts);
    let failure = session.anything_goes.failed().unwrap();
    assert!(failure.detail.contains("handshake_failure"), "{failure}");
    assert_eq!(practice.lab.connections(smtp(session.ip)), 2);
}

#[tokio::test]
async fn old_versions_that_are_taken_too_are_found_on_demand() {
    let mut practice = Practice::of("legacy-too").await;
    practice.options.legacy = true;
    let facts = practice.check().await;
    let taken = only_session(&facts).legacy_versions.seen().unwrap();
    assert_eq!(taken, &[TlsVersion::Tls11, TlsVersion::Tls10]);
}

#[tokio::test]
async fn old_clients_are_played_only_on_demand() {
    let mut practice = Practice::of("newest-tls-only").await;
    practice.options.legacy = true;
    let facts = practice.check().await;
    let session = only_session(&facts);
    assert_eq!(session.tls12, Observed::Seen(false));
    assert_eq!(session.legacy_versions, Observed::Seen(Vec::new()));
    assert_eq!(practice.lab.connections(smtp(session.ip)), 4);

    let mut practice = Practice::of("needs-sni").await;
    practice.options.legacy = true;
    let facts = practice.check().await;
    let session = only_session(&facts);
    assert_eq!(session.tls12, Observed::Seen(true));
    let (with, without) = (&session.chain, &session.chain_without_sni);
    assert_ne!(with.seen().unwrap().leaf(), without.seen().unwrap().leaf());
}
