//! Silence has a reason: whatever part of a check fails, and however, the report says so before it says
//! that something is not known. Each case is the recorded check of a healthy domain in which one fact
//! failed.

use mta_sts_core::facts::{FailureKind, Observed, ProbeFailure, Session};
use mta_sts_core::{Facts, Report, judge};

const KINDS: [FailureKind; 17] = [
    FailureKind::TimedOut,
    FailureKind::Refused,
    FailureKind::Forbidden,
    FailureKind::Unreachable,
    FailureKind::Closed,
    FailureKind::ServFail,
    FailureKind::DnssecBroken,
    FailureKind::AliasLoop,
    FailureKind::DnsRefused,
    FailureKind::DnsIntercepted,
    FailureKind::Garbled,
    FailureKind::TlsTooOld,
    FailureKind::TlsHandshake,
    FailureKind::UnreadableCertificate,
    FailureKind::Unsupported,
    FailureKind::Http,
    FailureKind::Other,
];

/// A failure takes the place of what was seen at one address.
type Change = fn(&mut Session, ProbeFailure);

/// What follows a step that failed was not tried.
const STEPS: [(&str, Change); 7] = [
    ("connected", |session, failure| {
        let ip = session.ip;
        *session = Session::to(ip);
        session.connected = Observed::Failed(failure);
    }),
    ("greeting", |session, failure| {
        *session = Session {
            connected: session.connected.clone(),
            greeting: Observed::Failed(failure),
            ..Session::to(session.ip)
        };
    }),
    ("ehlo", |session, failure| {
        *session = Session {
            connected: session.connected.clone(),
            greeting: session.greeting.clone(),
            ehlo: Observed::Failed(failure),
            ..Session::to(session.ip)
        };
    }),
    ("starttls", |session, failure| {
        session.starttls = Observed::Failed(failure);
        session.tls = Observed::NotAsked;
        session.chain = Observed::NotAsked;
        session.ehlo_in_tls = Observed::NotAsked;
    }),
    ("tls", |session, failure| {
        session.tls = Observed::Failed(failure);
        session.chain = Observed::NotAsked;
        session.ehlo_in_tls = Observed::NotAsked;
    }),
    ("chain", |session, failure| {
        session.chain = Observed::Failed(failure);
    }),
    ("ehlo_in_tls", |session, failure| {
        session.ehlo_in_tls = Observed::Failed(failure);
    }),
];

/// These cost a connection of their own, and the others stand without them.
const EXTRAS: [(&str, Change); 4] = [
    ("tls12", |session, failure| {
        session.tls12 = Observed::Failed(failure);
    }),
    ("chain_without_sni", |session, failure| {
        session.chain_without_sni = Observed::Failed(failure);
    }),
    ("legacy_versions", |session, failure| {
        session.legacy_versions = Observed::Failed(failure);
    }),
    ("anything_goes", |session, failure| {
        session.tls = Observed::Failed(ProbeFailure::new(FailureKind::TlsHandshake, ""));
        session.chain = Observed::NotAsked;
        session.ehlo_in_tls = Observed::NotAsked;
        session.anything_goes = Observed::Failed(failure);
    }),
];

fn healthy() -> Facts {
    Facts::from_json(include_str!("recorded/healthy.json")).unwrap()
}

#[track_caller]
fn assert_told(what: &str, kind: FailureKind, report: &Report) {
    assert!(
        !report.findings.is_empty() || !report.not_checked.is_empty(),
        "{what} failed ({kind:?}), and no rule says so: {:?}",
        report.readiness
    );
}

#[test]
fn a_healthy_domain_has_nothing_to_tell() {
    let report = judge(&healthy());
    assert!(report.findings.is_empty() && report.not_checked.is_empty());
    assert!(!report.readiness.is_undetermined());
}

#[test]
fn a_step_that_failed_at_a_mail_server_is_told() {
    for (step, change) in STEPS.into_iter().chain(EXTRAS) {
        for kind in KINDS {
            let mut facts = healthy();
            let sessions = facts
                .mail_servers
                .iter_mut()
                .flat_map(|server| &mut server.sessions);
            for session in sessions {
                change(session, ProbeFailure::new(kind, "in a test"));
            }
            assert_told(step, kind, &judge(&facts));
        }
    }
}

#[test]
fn a_policy_fetch_that_failed_is_told() {
    for kind in KINDS {
        let failure = || ProbeFailure::new(kind, "in a test");
        let mut facts = healthy();
        facts.policy = Observed::Failed(failure());
        assert_told("policy", kind, &judge(&facts));

        let mut facts = healthy();
        if let Observed::Seen(fetch) = &mut facts.policy {
            fetch.response = Observed::Failed(failure());
        }
        assert_told("the response of the policy host", kind, &judge(&facts));

        let mut facts = healthy();
        if let Observed::Seen(fetch) = &mut facts.policy {
            fetch.chain = Observed::Failed(failure());
        }
        assert_told("the chain of the policy host", kind, &judge(&facts));
    }
}

#[test]
fn a_hint_that_failed_leaves_nothing_undetermined() {
    for kind in KINDS {
        let mut facts = healthy();
        for server in &mut facts.mail_servers {
            server.tlsa = Observed::Failed(ProbeFailure::new(kind, "in a test"));
        }
        let report = judge(&facts);
        if report.readiness.is_undetermined() {
            assert_told("tlsa", kind, &report);
        }
    }
}
