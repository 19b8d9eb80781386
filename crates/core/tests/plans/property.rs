//! No mail is refused at any moment of a followed plan that wasn’t refused before it began.

use mta_sts_core::facts::MxRecord;
use mta_sts_core::{Change, Domain, History, Move, MxPattern};
use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::follow::{file_lines, follow, mx};
use crate::model::{File, Internet, Kind, Sender, Timeline};

const START: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);
/// The 10,000 histories that the project promises.
const HISTORIES: u32 = 10_000;

const OLD: [&str; 3] = ["mx1.old.example", "mx2.old.example", "deep.mx.old.example"];
const NEW: [&str; 3] = ["mx1.new.example", "a.b.new.example", "mx2.old.example"];
const MAX_AGES: [u32; 7] = [0, 300, 86_400, 604_800, 1_209_600, 2_592_000, 31_536_000];
const TTLS: [i64; 4] = [60, 300, 3_600, 86_400];

/// A version that was once published.
#[derive(Clone, Debug)]
struct Version {
    /// Days before the plan begins, and how it came about.
    days_ago: u16,
    text: String,
    record_first: bool,
    has_new_id: bool,
}

fn version() -> impl Strategy<Value = Version> {
    let mode = prop_oneof![4 => Just("enforce"), 2 => Just("testing"), 1 => Just("none")];
    let patterns = prop_oneof![
        4 => Just(vec!["mx1.old.example", "mx2.old.example", "deep.mx.old.example"]),
        2 => Just(vec!["*.old.example", "*.mx.old.example"]),
        1 => Just(vec!["mx1.old.example"]),
        1 => Just(vec!["*.old.example", "*.mx.old.example", "*.new.example"]),
        1 => Just(vec!["mx1.new.example"]),
    ];
    let repeated = prop_oneof![
        6 => Just(""),
        1 => Just("mode: enforce\n"),
        1 => Just("max_age: 2592000\n"),
    ];
    let max_age = prop::sample::select(MAX_AGES.to_vec());
    (
        1..500_u16,
        mode,
        patterns,
        max_age,
        repeated,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.85),
    )
        .prop_map(
            |(days_ago, mode, patterns, max_age, repeated, record_first, has_new_id)| {
                let mx = file_lines(&patterns);
                Version {
                    days_ago,
                    text: format!(
                        "version: STSv1\nmode: {mode}\n{mx}max_age: {max_age}\n{repeated}"
                    ),
                    record_first,
                    has_new_id,
                }
            },
        )
}

#[derive(Clone, Debug)]
struct Story {
    versions: Vec<Version>,
    /// Whether the record, and whether the file, was taken away just before the plan.
    removed: (bool, bool),
    mx_now: Vec<MxRecord>,
    change: u8,
    to: Vec<&'static str>,
    ttls: (i64, i64),
    delays: Vec<u32>,
    /// Senders: when they first send, in hours around the plan, and how they go on.
    arrivals: Vec<(u8, u16, u32)>,
}

fn story() -> impl Strategy<Value = Story> {
    let mx_now = prop_oneof![
        4 => Just(mx(&OLD[..2])),
        2 => Just(mx(&OLD)),
        1 => Just(mx(&["mx1.old.example", "mx1.new.example"])),
        1 => Just(mx(&["mx1.new.example"])),
    ];
    let to = prop::sample::subsequence(NEW.to_vec(), 1..=3);
    let ttl = || prop::sample::select(TTLS.to_vec());
    (
        prop::collection::vec(version(), 0..5),
        (prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
        mx_now,
        0..6_u8,
        to,
        (ttl(), ttl()),
        prop::collection::vec(0..200_000_u32, 1..8),
        prop::collection::vec((any::<u8>(), any::<u16>(), any::<u32>()), 12),
    )
        .prop_map(
            |(versions, removed, mx_now, change, to, ttls, delays, arrivals)| Story {
                versions,
                removed,
                mx_now,
                change,
                to,
                ttls,
                delays,
                arrivals,
            },
        )
}

/// The internet before the plan, and what the program saw of it.
fn past(story: &Story) -> (Internet, History) {
    let begin = START - Duration::days(1_000);
    let mut internet = Internet {
        domain: Domain::parse("example.com").unwrap(),
        mx: Timeline::new(begin, story.mx_now.clone()),
        mx_ttl: Duration::seconds(story.ttls.0),
        file: Timeline::new(begin, None),
        id: Timeline::new(begin, None),
        record_ttl: Duration::seconds(story.ttls.1),
    };
    let mut versions = story.versions.clone();
    versions.sort_by_key(|it| std::cmp::Reverse(it.days_ago));
    versions.dedup_by_key(|it| it.days_ago);
    let mut id = 0;
    let mut seen = Vec::new();
    for version in &versions {
        let at = START - Duration::days(version.days_ago.into());
        id += u32::from(version.has_new_id || id == 0);
        let (file, record) = if version.record_first {
            (600, 0)
        } else {
            (0, 600)
        };
        let file_at = at + Duration::seconds(file);
        internet
            .file
            .set(file_at, Some(File::new(version.text.as_str())));
        internet
            .id
            .set(at + Duration::seconds(record), Some(format!("old{id}")));
        seen.push(at + Duration::hours(1));
    }
    let just_before = START - Duration::hours(1);
    if story.removed.0 {
        internet.id.set(just_before, None);
    }
    if story.removed.1 {
        internet.file.set(just_before, None);
    }
    let mut history = History::default();
    for at in seen {
        history.note(&internet.facts(at, &[]));
    }
    (internet, history)
}

fn change(story: &Story, internet: &Internet) -> Change {
    match story.change {
        0 => Change::Enforce { reports: None },
        1 | 2 => Change::Off,
        _ => {
            let hosts: Vec<String> = story.to.iter().map(|it| (*it).to_owned()).collect();
            Change::Move(Move::to_hosts(&hosts, &internet.facts(START, &[])))
        }
    }
}

/// The mail servers that some sender may have refused before the plan began.
fn refused_before(internet: &Internet, history: &History) -> Vec<String> {
    let mx = internet.mx.at(START).iter().map(|it| it.exchange.as_str());
    let is_refused = |host: &&str| {
        let until = history.refused_until(&[host], START);
        until.is_some_and(|until| until >= START)
    };
    mx.filter(is_refused).map(str::to_owned).collect()
}

/// Sends mail around every change. Gives the first that is refused.
fn first_refused(
    story: &Story,
    internet: &Internet,
    kinds: &[Kind],
    but: &[String],
) -> Option<String> {
    let mut changes = internet.changes();
    changes.retain(|at| *at > START - Duration::days(600));
    changes.push(START);
    changes.sort();
    let mut moments: Vec<OffsetDateTime> = Vec::new();
    for at in &changes {
        for ttl in [Duration::ZERO, internet.mx_ttl, internet.record_ttl] {
            moments.extend([-1, 0, 1].map(|secs| *at + ttl + Duration::seconds(secs)));
        }
    }
    moments.push(*changes.last()? + Duration::days(400));
    moments.sort();
    for (kind, first, seed) in &story.arrivals {
        let kind = kinds[usize::from(*kind) % kinds.len()];
        let mut sender = Sender::new(kind);
        let first = usize::from(*first) % moments.len();
        let mut seed = *seed;
        let mut last = START - Duration::days(1_000);
        for at in &moments[first..] {
            // A sender that sends at every moment never holds an old policy for long.
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if seed >> 30 == 0 {
                continue;
            }
            let at = last.max(*at + Duration::seconds(i64::from(seed >> 24) % 3));
            last = at;
            if let Some(host) = sender.send(internet, at)
                && at >= START
                && !but.contains(&host)
            {
                return Some(format!("{kind:?} refuses {host} at {at}"));
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_followed_plan_loses_no_mail(story in story()) {
        let (mut internet, mut history) = past(&story);
        let change = change(&story, &internet);
        let mut known = history.clone();
        known.note(&internet.facts(START, &[]));
        let before = refused_before(&internet, &known);
        let mut delays = story.delays.iter().cycle();
        let mut delay = || Duration::seconds((*delays.next().unwrap()).into());
        let done = follow(&mut internet, &mut history, &change, START, &mut delay);
        let done = done.map_err(TestCaseError::fail)?;
        if change == Change::Off {
            // Whoever has switched MTA-STS off is free to move.
            let end = internet.changes().last().copied().unwrap().max(START) + delay();
            internet.mx.set(end, mx(&["elsewhere.test"]));
        }
        let refused = first_refused(&story, &internet, &Kind::PROMISED, &before);
        prop_assert_eq!(refused, None, "{:#?}", done);
    }
}

#[test]
fn the_patterns_of_the_stories_are_patterns() {
    for host in OLD.iter().chain(&NEW) {
        assert!(MxPattern::of_host(host).is_ok(), "{host}");
    }
}
