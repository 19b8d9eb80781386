//! The orders that people use. Each loses mail, which shows that the model can tell.

use mta_sts_core::{Domain, MaxAge, Mode, MxPattern, Policy};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::follow::mx;
use crate::model::{File, Internet, Kind, Sender, Timeline};

const START: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

fn file(mode: Mode, hosts: &[&str], max_age: u32) -> File {
    let mx = hosts
        .iter()
        .map(|host| MxPattern::parse(host).unwrap())
        .collect();
    File::new(
        Policy::new(mode, MaxAge::new(max_age).unwrap(), mx)
            .unwrap()
            .write(),
    )
}

/// Enforce mode with one mail server, for long.
fn enforced() -> Internet {
    let before = START - Duration::days(30);
    Internet {
        domain: Domain::parse("example.com").unwrap(),
        mx: Timeline::new(before, mx(&["old.example.com"])),
        mx_ttl: Duration::hours(1),
        file: Timeline::new(
            before,
            Some(file(Mode::Enforce, &["old.example.com"], 604_800)),
        ),
        id: Timeline::new(before, Some("1".into())),
        record_ttl: Duration::minutes(5),
    }
}

/// The first mail that is lost, as minutes after the start, with the kind of sender: each kind sends
/// first at one moment, and then every ten minutes.
fn first_lost(internet: &Internet) -> Option<(i64, Kind)> {
    let mut lost = Vec::new();
    for kind in Kind::PROMISED {
        for first in (-120..=0).step_by(10) {
            let mut sender = Sender::new(kind);
            for minute in (first..60 * 24 * 20).step_by(10) {
                if sender
                    .send(internet, START + Duration::minutes(minute))
                    .is_some()
                {
                    lost.push((minute, kind));
                    break;
                }
            }
        }
    }
    lost.into_iter().min_by_key(|(minute, _)| *minute)
}

#[test]
fn nothing_is_lost_while_nothing_changes() {
    assert_eq!(first_lost(&enforced()), None);
}

#[test]
fn mx_first_loses_mail_at_once() {
    let mut internet = enforced();
    internet.mx.set(START, mx(&["new.example.net"]));
    let both = file(
        Mode::Enforce,
        &["old.example.com", "new.example.net"],
        604_800,
    );
    internet.file.set(START + Duration::hours(1), Some(both));
    internet
        .id
        .set(START + Duration::hours(1), Some("2".into()));
    assert_eq!(first_lost(&internet), Some((0, Kind::Strict)));
}

#[test]
fn mx_and_policy_at_once_lose_the_mail_of_whoever_has_the_old_policy() {
    let mut internet = enforced();
    internet.mx.set(START, mx(&["new.example.net"]));
    let new = file(Mode::Enforce, &["new.example.net"], 604_800);
    internet.file.set(START, Some(new));
    internet.id.set(START, Some("2".into()));
    // It has the new policy, and a resolver that still has the old MX record.
    assert_eq!(first_lost(&internet), Some((0, Kind::Strict)));
}

#[test]
fn record_before_file_loses_the_mail_of_whoever_fetched_the_old_file_under_the_new_id() {
    let mut internet = enforced();
    internet.id.set(START, Some("2".into()));
    let both = file(
        Mode::Enforce,
        &["old.example.com", "new.example.net"],
        604_800,
    );
    internet.file.set(START + Duration::minutes(30), Some(both));
    // Even a wait of a day, far over every TTL, doesn’t help: no sender sees another id.
    internet
        .mx
        .set(START + Duration::DAY, mx(&["new.example.net"]));
    let minute = Duration::DAY.whole_minutes();
    assert_eq!(first_lost(&internet), Some((minute, Kind::Strict)));
}

#[test]
fn the_old_server_taken_out_of_policy_and_mx_at_once_loses_mail() {
    let mut internet = enforced();
    let hosts = ["old.example.com", "new.example.net"];
    internet.mx = Timeline::new(START - Duration::days(30), mx(&hosts));
    internet.file = Timeline::new(
        START - Duration::days(30),
        Some(file(Mode::Enforce, &hosts, 604_800)),
    );
    internet.mx.set(START, mx(&["new.example.net"]));
    internet.file.set(
        START,
        Some(file(Mode::Enforce, &["new.example.net"], 604_800)),
    );
    internet.id.set(START, Some("2".into()));
    assert_eq!(first_lost(&internet), Some((0, Kind::Strict)));
}

#[test]
fn removal_at_once_loses_mail_when_the_mail_servers_change_after_it() {
    let mut internet = enforced();
    internet.id.set(START, None);
    internet.file.set(START, None);
    internet
        .mx
        .set(START + Duration::days(2), mx(&["new.example.net"]));
    let minute = Duration::days(2).whole_minutes();
    assert_eq!(first_lost(&internet), Some((minute, Kind::Strict)));
}

#[test]
fn a_year_long_policy_is_held_for_a_year_by_some() {
    let mut internet = enforced();
    let year = file(Mode::Enforce, &["old.example.com"], 31_536_000);
    internet.file = Timeline::new(START - Duration::days(30), Some(year));
    let both = file(
        Mode::Enforce,
        &["old.example.com", "new.example.net"],
        604_800,
    );
    internet.file.set(START, Some(both));
    internet.id.set(START, Some("2".into()));
    // Two weeks later all who look at the record have the new policy.
    internet
        .mx
        .set(START + Duration::weeks(2), mx(&["new.example.net"]));
    let minute = Duration::weeks(2).whole_minutes();
    assert_eq!(first_lost(&internet), Some((minute, Kind::Sticky)));
}
