//! What is written is read back as it was, and reading holds for whatever comes: generated values,
//! noise, and good texts with a few changes. The cases are the same in every run; `fuzz/` is for
//! finding new ones.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a case that cannot be built fails the test"
)]

mod properties;

use std::fs;
use std::path::Path;

use mta_sts_core::{
    Domain, Facts, MaxAge, Mode, MxPattern, Policy, PolicyId, PolicyReading, ReportUri, StsRecord,
    StsRecordReading, TlsRptRecord, TlsRptRecordReading,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngSeed, TestRunner};
use time::{OffsetDateTime, UtcOffset};

/// The seconds of the Unix clock from the year -9999 to the year 9999.
const CALENDAR: std::ops::Range<i64> = -377_705_116_800..253_402_300_799;

/// Runs `test` on so many values of `strategy`.
#[track_caller]
fn for_all<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value)) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x8461),
        ..ProptestConfig::default()
    };
    let result = TestRunner::new(config).run(&strategy, |value| {
        test(value);
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

fn label() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?"
}

fn host() -> impl Strategy<Value = String> {
    vec(label(), 1..5).prop_map(|labels| labels.join("."))
}

fn domain() -> impl Strategy<Value = Domain> {
    (host(), "[a-z]{2,10}").prop_filter_map("no domain", |(host, last)| {
        Domain::parse(&format!("{host}.{last}")).ok()
    })
}

fn pattern() -> impl Strategy<Value = MxPattern> {
    (any::<bool>(), host()).prop_filter_map("no pattern", |(is_wildcard, host)| {
        let star = if is_wildcard { "*." } else { "" };
        MxPattern::parse(&format!("{star}{host}")).ok()
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let mode = prop_oneof![Just(Mode::Enforce), Just(Mode::Testing), Just(Mode::None)];
    let max_age = 0..=MaxAge::LONGEST_WRITTEN.secs();
    (mode, max_age, vec(pattern(), 0..20)).prop_filter_map("no policy", |(mode, secs, mx)| {
        Policy::new(mode, MaxAge::new(secs).ok()?, mx).ok()
    })
}

/// What a person may type as the user of a mail address; a question mark begins the headers.
fn user() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9!#$%&'*+/=^_`{|}~ü例-]{1,10}([.][a-zA-Z0-9!#$%&'*+/=^_`{|}~,;ü例-]{1,9}){0,2}"
}

fn report_uri() -> impl Strategy<Value = ReportUri> {
    let mail = (user(), domain()).prop_map(|(user, domain)| format!("{user}@{domain}"));
    let web = (
        domain(),
        "(:[0-9]{1,5})?(/[a-z0-9%._~!,;-]{0,10}){0,3}([?][a-z=&]{0,10})?",
    )
        .prop_map(|(domain, rest)| format!("https://{domain}{rest}"));
    prop_oneof![mail, web].prop_filter_map("no address", |text| ReportUri::from_person(&text).ok())
}

#[test]
fn a_policy_is_read_back_as_it_was_written() {
    for_all(300, policy(), |policy| {
        let text = policy.write();
        let reading = PolicyReading::read(text.as_bytes());
        assert!(reading.valid && reading.faults.is_empty(), "{text}");
        assert_eq!(reading.policy, Some(policy), "{text}");
    });
}

#[test]
fn the_records_are_read_back_as_they_were_written() {
    for_all(300, "[a-zA-Z0-9]{1,32}", |id| {
        let id = PolicyId::parse(&id).unwrap();
        let record = StsRecord { id };
        let reading = StsRecordReading::read(&record.write());
        assert_eq!(reading.faults, []);
        assert_eq!(reading.record, Some(record));
    });
    for_all(300, vec(report_uri(), 1..6), |rua| {
        let record = TlsRptRecord { rua };
        let reading = TlsRptRecordReading::read(&record.write());
        assert_eq!(reading.faults, []);
        assert_eq!(reading.record, Some(record));
    });
}

/// Any moment of the calendar, its last hours as often as all others, on any clock.
fn moment() -> impl Strategy<Value = OffsetDateTime> {
    let second = prop_oneof![
        Just(CALENDAR.start),
        Just(CALENDAR.end),
        CALENDAR.start..=CALENDAR.start + 100_000,
        CALENDAR.end - 100_000..=CALENDAR.end,
        CALENDAR.start..=CALENDAR.end,
    ];
    (second, -1_439_i32..=1_439).prop_map(|(second, minutes)| {
        let clock = OffsetDateTime::from_unix_timestamp(second).unwrap();
        clock.replace_offset(UtcOffset::from_whole_seconds(60 * minutes).unwrap())
    })
}

#[test]
fn facts_of_any_time_are_judged_and_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    for name in ["healthy.json", "policy-over-both-families.json"] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let facts = Facts::from_json(&text).unwrap();
        for_all(150, vec(moment(), 1..12), |times| {
            properties::times::hold(facts.clone(), &times);
        });
    }
}

#[test]
fn whatever_a_person_types_as_user_reaches_the_record_and_nothing_more() {
    for_all(300, (user(), domain()), |(user, domain)| {
        let uri = ReportUri::from_person(&format!("{user}@{domain}")).unwrap();
        assert!(uri.is_mail(), "{uri}");
        assert_eq!(uri.host(), domain.as_str(), "{uri}");
        properties::rua::holds(uri.as_str().as_bytes());
    });
}

/// The property and the folder of its seeds.
type Target = (&'static str, fn(&[u8]) -> bool);

const TARGETS: [Target; 7] = [
    ("policy", properties::policy::holds),
    ("sts_record", properties::sts_record::holds),
    ("tls_rpt_record", properties::tls_rpt_record::holds),
    ("tls_report", properties::tls_report::holds),
    ("rua", properties::rua::holds),
    ("facts", properties::facts::holds),
    ("html_report", properties::html_report::holds),
];

#[test]
fn noise_upsets_no_reader() {
    for_all(
        100,
        (any::<String>(), vec(any::<u8>(), 0..200)),
        |(text, bytes)| {
            for (_, holds) in TARGETS {
                holds(text.as_bytes());
                holds(&bytes);
            }
        },
    );
}

/// One change of a text.
#[derive(Clone, Debug)]
enum Change {
    /// Puts the piece in.
    Insert(Index, &'static str),
    /// Takes out up to so many bytes.
    Remove(Index, usize),
    /// Turns one byte into another.
    Replace(Index, u8),
    /// Takes everything from there on out.
    CutOff(Index),
    /// Says everything from there on once more.
    Repeat(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop::sample::select(vec![
        ":", ";", "=", ",", " ", "\t", "\r", "\n", "\r\n", "\"", "\\", ".", "*", "*.", "-", "%",
        "!", "#", "@", "{", "<", "\u{feff}", "\u{a0}", "\u{202e}", "\0", "mx", "mode", "version",
        "id=", "rua=", "v=", "null", "[]", "0",
    ]);
    prop_oneof![
        4 => (any::<Index>(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
        2 => (any::<Index>(), 1..9_usize).prop_map(|(at, len)| Change::Remove(at, len)),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        1 => any::<Index>().prop_map(Change::CutOff),
        1 => any::<Index>().prop_map(Change::Repeat),
    ]
}

fn changed(mut text: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    let place = |at: &Index, text: &[u8]| at.index(text.len() + 1);
    for change in changes {
        match change {
            Change::Insert(at, piece) => {
                let at = place(at, &text);
                text.splice(at..at, piece.bytes());
            }
            Change::Remove(at, len) => {
                let at = place(at, &text);
                text.drain(at..(at + len).min(text.len()));
            }
            Change::Replace(at, new) => {
                let at = place(at, &text);
                text.get_mut(at).into_iter().for_each(|byte| *byte = *new);
            }
            Change::CutOff(at) => text.truncate(place(at, &text)),
            Change::Repeat(at) => {
                let at = place(at, &text);
                text.extend_from_within(at..);
            }
        }
    }
    text
}

#[test]
fn good_texts_with_a_few_changes_upset_no_reader() {
    for (target, holds) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
        let mut good: Vec<Vec<u8>> = fs::read_dir(folder.join(target))
            .unwrap()
            .map(|seed| fs::read(seed.unwrap().path()).unwrap())
            .filter(|seed| holds(seed))
            .collect();
        // The order of a folder is that of its disk.
        good.sort();
        let texts = (prop::sample::select(good), vec(change(), 1..4));
        for_all(150, texts, |(text, changes)| {
            holds(&changed(text, &changes));
        });
    }
}
