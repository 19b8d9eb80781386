//! `mta-sts verify`: one look, and waiting until all is visible.

use serde_json::Value;

use crate::schema::{faults, validator};
use crate::{Ran, mta_sts};

fn verify(domain: &str, options: &[&str]) -> Ran {
    mta_sts(&[&["verify", "--practice", domain][..], options].concat())
}

/// The stages of a thing, sorted, each once.
fn stages(look: &Value, thing: &str) -> Vec<String> {
    let rows = look["rows"].as_array().unwrap().iter();
    let mut stages: Vec<String> = rows
        .filter(|row| row["thing"] == thing)
        .map(|row| row["stage"].as_str().unwrap().to_owned())
        .collect();
    stages.sort();
    stages.dedup();
    stages
}

#[test]
fn what_is_visible_everywhere_is_complete() {
    let ran = verify("healthy.example", &["--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let look = ran.json();
    assert_eq!(faults(&validator("verify-v1"), &look), "");
    assert_eq!(look["complete"], true);
    let rows = look["rows"].as_array().unwrap();
    assert_eq!(
        rows.len(),
        3 * 9 + 1,
        "nine observers of three names, and the file"
    );
    let text = verify("healthy.example", &[]);
    assert!(
        text.stdout
            .starts_with("healthy.example: Everything is published and visible everywhere"),
        "{text:?}"
    );
}

#[test]
fn a_name_server_that_lags_behind_is_named() {
    let ran = verify("half-propagated.example", &["--json"]);
    assert_eq!(ran.status, 1);
    let look = ran.json();
    assert_eq!(faults(&validator("verify-v1"), &look), "");
    assert_eq!(stages(&look, "announcement"), ["correct", "not-yet"]);
    assert_eq!(stages(&look, "policy-file"), ["correct"]);
    let text = verify("half-propagated.example", &[]).stdout;
    let behind = "not there yet: No MTA-STS record yet.\n    ns2.practice-dns.example";
    assert!(text.contains(behind), "{text}");
}

#[test]
fn without_anything_published_there_is_nothing_to_compare_with() {
    let ran = verify("nothing-published.example", &[]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("--expect"), "{ran:?}");
}

#[test]
fn a_name_server_that_never_answers_is_no_verdict() {
    let ran = verify("dns-silent.example", &["--timeout", "1"]);
    assert_eq!(ran.status, 2, "{ran:?}");
}

#[test]
fn the_watch_ends_when_the_files_are_visible_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let domain = "nothing-published.example";
    let rua = "tls@healthy.example";
    let generated = mta_sts(&["generate", "--practice", domain, "--out", out, "--rua", rua]);
    assert_eq!(generated.status, 0, "{generated:?}");
    let watched = verify(domain, &["--expect", out, "--watch", "--json"]);
    assert_eq!(watched.status, 0, "{watched:?}");
    let looks: Vec<Value> = watched
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let schema = validator("verify-v1");
    for look in &looks {
        assert_eq!(faults(&schema, look), "");
    }
    let (last, earlier) = looks.split_last().unwrap();
    assert_eq!(last["complete"], true);
    assert!(!earlier.is_empty() && earlier.iter().all(|look| look["complete"] == false));
    let remembers = |look: &Value| {
        let mut rows = look["rows"].as_array().unwrap().iter();
        rows.any(|row| row["stage"] == "not-yet" && row["until"].is_string())
    };
    // Asked before the name servers have it, a resolver would remember that nothing is there. Other
    // people ask it, too, so that it may remember that nevertheless.
    assert!(!remembers(&earlier[0]), "{}", earlier[0]);
    assert!(earlier.iter().any(remembers));
}

#[test]
fn a_public_resolver_that_does_not_exist_is_refused_with_the_known_ones() {
    let ran = mta_sts(&["verify", "example.com", "--without", "quad8"]);
    assert_eq!(ran.status, 64);
    assert!(ran.stderr.contains("quad9"), "{ran:?}");
}

#[test]
fn a_policy_that_takes_longer_than_two_seconds_names_who_gives_up() {
    let look = verify("policy-late.example", &["--json"]).json();
    assert_eq!(look["complete"], true);
    let senders = look["sender_compatibility"].as_array().unwrap();
    assert!(!senders.is_empty(), "{look}");
    for sender in senders {
        let reason = sender["reason"].as_str().unwrap();
        assert!(
            reason.contains("seconds") || reason.contains("milliseconds"),
            "{sender}"
        );
    }
}

#[test]
fn an_old_file_out_of_a_cache_names_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let domain = "policy-cached.example";
    let mode = ["--mode", "enforce", "--mx", "mx9.policy-cached.example"];
    let asked = [&["generate", "--practice", domain, "--out", out][..], &mode].concat();
    assert_eq!(mta_sts(&asked).status, 0);
    // The web host plays its part late, so that the first look meets the cache.
    let look = verify(domain, &["--expect", out, "--json"]).json();
    let rows = look["rows"].as_array().unwrap();
    let file = rows
        .iter()
        .find(|row| row["thing"] == "policy-file")
        .unwrap();
    let saw = file["saw"].as_str().unwrap();
    assert!(
        saw.contains("It came from a cache and is 2 hours old (Age header)."),
        "{saw}"
    );
}
