//! `mta-sts plan`: the stages of a change, for a terminal and for a script.

use std::path::Path;

use mta_sts_core::Facts;
use mta_sts_core::facts::{Observed, PolicyFetch};
use mta_sts_domains::{Store, Work};
use serde_json::Value;

use crate::schema::{faults, validator};
use crate::{Ran, mta_sts, mta_sts_at};

const RECORDED: &str = include_str!("../../../core/tests/recorded/healthy.json");

/// Runs the command with the recorded facts of healthy.example, where the window saved its work in
/// this folder.
fn plan(home: &Path, args: &[&str]) -> Ran {
    let facts = home.join("facts.json");
    std::fs::write(&facts, RECORDED).unwrap();
    let args = [
        &["plan", "healthy.example"],
        args,
        &["--facts", facts.to_str().unwrap()],
    ]
    .concat();
    mta_sts_at(home, &args)
}

fn stage<'a>(plan: &'a Value, id: &str) -> &'a Value {
    let stages = plan["stages"].as_array().unwrap();
    stages.iter().find(|it| it["id"] == id).unwrap()
}

#[test]
fn every_plan_is_as_the_schema_says() {
    let home = tempfile::tempdir().unwrap();
    let validator = validator("plan-v1");
    for (args, status) in [
        (&["enforce"][..], 0),
        (
            &["move", "--new-mx", "mx.new.example", "--new-mx-checked"],
            0,
        ),
        (&["move", "--new-mx", "mx1.healthy.example"], 0),
        (
            &["move", "--new-mx", "healthy-example.o-v1.mx.microsoft"],
            2,
        ),
        (&["off"], 0),
        (&["off", "--today", "2030-01-01"], 2),
    ] {
        let ran = plan(home.path(), &[args, &["--json"]].concat());
        assert_eq!(ran.status, status, "{ran:?}");
        assert_eq!(faults(&validator, &ran.json()), "", "{args:?}");
        let text = plan(home.path(), args);
        assert_eq!(text.status, status, "{text:?}");
        assert!(
            !text.stdout.is_empty() && text.stderr.is_empty(),
            "{text:?}"
        );
    }
}

#[test]
fn a_move_names_both_in_the_policy_and_changes_the_mx_records_a_max_age_later() {
    let home = tempfile::tempdir().unwrap();
    let args = ["move", "--new-mx", "mx.new.example", "--new-mx-checked"];
    let json = plan(home.path(), &[&args[..], &["--json"]].concat()).json();
    let published = stage(&json, "list-both")["actions"][0]["text"]
        .as_str()
        .unwrap();
    assert!(
        published.contains("mx: mx1.healthy.example\r\n"),
        "{published}"
    );
    assert!(published.contains("mx: mx.new.example\r\n"), "{published}");
    let today = json["today"].as_str().unwrap();
    let changed = stage(&json, "change-mx")["earliest"]["at"]
        .as_str()
        .unwrap();
    let time = |text| {
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap()
    };
    // The recorded policy has a max_age of two weeks.
    assert_eq!((time(changed) - time(today)).whole_seconds(), 1_209_600);

    let text = plan(home.path(), &args).stdout;
    for line in [
        "2. List the old and the new mail servers  now",
        "       10 mx.new.example",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_window_saw_earlier_counts() {
    let home = tempfile::tempdir().unwrap();
    let mut facts = Facts::from_json(RECORDED).unwrap();
    let file = b"version: STSv1\nmode: enforce\nmx: mx1.healthy.example\nmax_age: 31536000\n";
    facts.policy = Observed::Seen(PolicyFetch::of_file(file));
    facts.checked_at -= time::Duration::DAY;
    let mut work = Work::new(facts.domain.clone());
    work.take_facts(facts);
    let mut store = Store::lock(&home.path().join("mta-sts-wizard/work")).unwrap();
    store.write(&work).unwrap();
    let json = plan(home.path(), &["off", "--json"]).json();
    assert_eq!(json["known_versions"], 2);
    let removed = stage(&json, "remove-record")["earliest"]["at"]
        .as_str()
        .unwrap();
    assert!(
        removed.starts_with("2027-11-"),
        "a year after it was replaced: {removed}"
    );
}

#[test]
fn a_move_checks_the_new_mail_servers_over_the_network() {
    let args = [
        "plan",
        "healthy.example",
        "move",
        "--practice",
        "--json",
        "--new-mx",
    ];
    // Another practice domain’s mail server passes its check; one that doesn’t exist doesn’t.
    let known = mta_sts(&[&args[..], &["mx2.healthy.example"]].concat());
    assert_eq!(
        stage(&known.json(), "check-new")["status"],
        "done",
        "{known:?}"
    );
    let unknown = mta_sts(&[&args[..], &["nowhere.healthy.example"]].concat());
    assert_eq!(unknown.status, 1, "{unknown:?}");
    let unknown = unknown.json();
    let seen = &stage(&unknown, "check-new")["requirements"][0]["seen"];
    assert_eq!(*seen, "nowhere.healthy.example has no address in the DNS.");
}

#[test]
fn what_makes_no_plan_is_said() {
    let home = tempfile::tempdir().unwrap();
    for (args, status, said) in [
        (&["move"][..], 64, "--new-mx"),
        (
            &["move", "--new-mx", "10 mx"],
            64,
            "the number in front belongs to the MX record",
        ),
        (
            &["off", "--today", "31.12.2026"],
            64,
            "enter a date such as 2026-12-31",
        ),
        (&["sideways"], 64, "enforce, move, off, leave"),
        (&["leave"], 1, "no service to leave"),
    ] {
        let ran = plan(home.path(), args);
        assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{ran:?}");
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
}
