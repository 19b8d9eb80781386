//! Silence has a reason: whatever part of a check fails, and however, the report says so before it says
//! that something is not known. Each case is the recorded check of a healthy domain in which one fact
//! failed.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]
#![expect(
    clippy::unwrap_used,
    reason = "facts that cannot be read fail the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

use mta_sts_core::facts::{
    CertificateError, Chain, ChainFault, FailureKind, Observed, ProbeFailure, Session, Trust,
};
use mta_sts_core::{Delivery, Facts, Published, ReadyMailServers, Report, Subject, judge};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Value, json};

const KINDS: [FailureKind; 21] = [
    FailureKind::TimedOut,
    FailureKind::Incomplete,
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
    FailureKind::CutShort,
    FailureKind::NotPublic,
    FailureKind::Exhausted,
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

/// Each way in which a chain can be wrong.
const CHAIN_FAULTS: [ChainFault; 11] = [
    ChainFault::WrongPurpose,
    ChainFault::NameNotAllowed,
    ChainFault::AuthorityAsServer,
    ChainFault::ServerAsAuthority,
    ChainFault::BadSignature,
    ChainFault::WeakSignature,
    ChainFault::UnknownCriticalExtension,
    ChainFault::PathTooLong,
    ChainFault::OldVersion,
    ChainFault::InvalidDates,
    ChainFault::Damaged,
];

/// Names of the field that look like names of types.
const PROPER_NAMES: [&str; 4] = ["OpenSSL", "GnuTLS", "ChaCha20", "KiB"];

/// Only programmers read such words: paths, types, and the addresses of their manuals.
#[track_caller]
fn assert_plain(text: &str) {
    for part in ["struct ", "enum ", "docs.rs", "u64", "usize"] {
        assert!(!text.contains(part), "{part:?} in {text:?}");
    }
    // An IPv6 address has two colons in a row, too, but a type begins with a capital behind them.
    for (at, _) in text.match_indices("::") {
        let is_type = text[at + 2..].starts_with(char::is_uppercase);
        assert!(!is_type, "a path in {text:?}");
    }
    let is_camel = |word: &str| {
        let letters: Vec<char> = word.chars().collect();
        letters
            .windows(2)
            .any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase())
    };
    let words = text.split(|character: char| !character.is_alphanumeric());
    for word in words.filter(|word| !PROPER_NAMES.contains(word)) {
        assert!(!is_camel(word), "{word:?} in {text:?}");
    }
}

fn assert_report_is_plain(report: &Report) {
    for finding in &report.findings {
        for text in [finding.rule.title, &finding.evidence, &finding.fix] {
            assert_plain(text);
        }
    }
    for entry in &report.not_checked {
        assert_plain(&entry.reason);
    }
    for host in &report.delivery {
        assert_plain(&host.enforce.because);
    }
}

/// The chain of every mail server and of the policy host.
fn chains(facts: &mut Facts) -> Vec<&mut Chain> {
    let sessions = facts
        .mail_servers
        .iter_mut()
        .flat_map(|server| &mut server.sessions)
        .map(|session| &mut session.chain);
    let policy_host = match &mut facts.policy {
        Observed::Seen(fetch) => Some(&mut fetch.chain),
        _ => None,
    };
    sessions
        .chain(policy_host)
        .filter_map(|chain| match chain {
            Observed::Seen(chain) => Some(chain),
            _ => None,
        })
        .collect()
}

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
    assert_report_is_plain(report);
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

#[test]
fn a_chain_that_senders_refuse_is_told_in_plain_words_wherever_it_is_shown() {
    let faults = CHAIN_FAULTS.map(Trust::Faulty).into_iter();
    let others = [
        Trust::SelfSigned,
        Trust::IssuerMissing {
            issuer: "CN=Office".into(),
        },
        Trust::UnknownRoot {
            root: "CN=Office".into(),
        },
    ];
    for trust in faults.chain(others) {
        let mut facts = healthy();
        for chain in chains(&mut facts) {
            chain.trust = trust.clone();
        }
        let report = judge(&facts);
        for area in ["cert-", "policy-cert-"] {
            let mut codes = report.findings.iter().map(|finding| finding.rule.code);
            assert!(codes.any(|code| code.starts_with(area)), "{area} {trust:?}");
        }
        let refused = report
            .delivery
            .iter()
            .all(|host| host.enforce.delivery == Delivery::Refused);
        assert!(refused, "{trust:?} {:#?}", report.delivery);
        assert_report_is_plain(&report);
    }
}

#[test]
fn a_chain_that_this_program_cannot_verify_is_not_checked_and_not_refused() {
    let mut facts = healthy();
    for chain in chains(&mut facts) {
        chain.trust = Trust::Unverified {
            detail: "this program can’t verify RSA keys of 1024 bits".into(),
        };
    }
    let report = judge(&facts);
    assert!(report.readiness.is_undetermined());
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let codes: Vec<&str> = report
        .not_checked
        .iter()
        .map(|entry| entry.rule.code)
        .collect();
    assert!(codes.contains(&"cert-untrusted") && codes.contains(&"policy-cert-untrusted"));
    for host in &report.delivery {
        assert_eq!(host.enforce.delivery, Delivery::Unknown);
    }
}

#[test]
fn every_failure_has_plain_words() {
    for kind in KINDS {
        assert_plain(&kind.to_string());
    }
    for error in [CertificateError::InvalidDate, CertificateError::Malformed] {
        assert_plain(&error.to_string());
    }
}

/// The places of everything that a check may have failed to see, as JSON pointers.
fn observations(value: &Value, at: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if fields.len() == 1 && (fields.contains_key("seen") || fields.contains_key("failed")) {
                places.push(at.to_owned());
            }
            for (key, field) in fields {
                observations(field, &format!("{at}/{key}"), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                observations(item, &format!("{at}/{index}"), places);
            }
        }
        Value::String(text) if text == "not-asked" => places.push(at.to_owned()),
        _ => {}
    }
}

/// The facts of some recorded check, in which some of what was seen failed instead.
fn facts_with_failures() -> impl Strategy<Value = Facts> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect();
    // The order of a folder is that of its disk.
    files.sort();
    let recorded: Vec<Value> = files
        .iter()
        .map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
        .collect();
    let details = [
        "",
        "in a test",
        "no answer within 8 seconds",
        "\u{1b}[2J\u{202e}",
    ];
    let failure = (any::<Index>(), select(&KINDS[..]), select(details.to_vec()));
    (select(recorded), vec(failure, 1..6)).prop_map(|(mut facts, failures)| {
        for (place, kind, detail) in failures {
            let mut places = Vec::new();
            observations(&facts, "", &mut places);
            let seen = facts.pointer_mut(place.get::<String>(&places)).unwrap();
            *seen = json!({"failed": {"kind": kind, "detail": detail}});
        }
        Facts::from_json(&facts.to_string()).unwrap()
    })
}

#[test]
fn what_is_undetermined_has_a_reason_whatever_failed_together() {
    let config = ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x8461),
        ..ProptestConfig::default()
    };
    let held = TestRunner::new(config).run(&facts_with_failures(), |facts| {
        let report = judge(&facts);
        assert_report_is_plain(&report);
        let told = |is_mail_servers: bool| {
            let findings = report.findings.iter().map(|it| (it.rule, &it.subject));
            let doubts = report.not_checked.iter().map(|it| (it.rule, &it.subject));
            let mut all = findings.chain(doubts);
            all.any(|(rule, subject)| {
                // Broken signatures are told once for all names of the zone.
                let is_of_all =
                    matches!(subject, Subject::Domain(_)) || rule.code == "dnssec-broken";
                let is_of_mail = rule.area.is_mail_servers() && !subject.is_published();
                is_of_all || is_of_mail == is_mail_servers
            })
        };
        let readiness = report.readiness;
        prop_assert!(
            readiness.mail_servers != ReadyMailServers::Undetermined || told(true),
            "{:?}",
            report.not_checked
        );
        prop_assert!(
            readiness.published != Published::Undetermined || told(false),
            "{:?}",
            report.not_checked
        );
        Ok(())
    });
    assert!(held.is_ok(), "{}", held.unwrap_err());
}
