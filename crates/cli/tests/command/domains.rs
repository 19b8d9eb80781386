//! `mta-sts domains`: what the window saved, for a terminal and for a script.

use std::path::Path;

use mta_sts_core::{Domain, Facts};
use mta_sts_domains::{Store, Work};

use crate::schema::{faults, validator};
use crate::{Ran, mta_sts_at};

/// Runs the command where the window saved its work in this folder.
fn domains(home: &Path, args: &[&str]) -> Ran {
    mta_sts_at(home, &[&["domains"], args].concat())
}

/// A healthy domain and one that was never checked, as the window saves them.
fn saved(home: &Path) {
    let mut store = Store::lock(&home.join("mta-sts-wizard/work")).unwrap();
    let recorded = include_str!("../../../core/tests/recorded/healthy.json");
    let facts = Facts::from_json(recorded).unwrap();
    let mut healthy = Work::new(facts.domain.clone());
    healthy.take_facts(facts);
    store.write(&healthy).unwrap();
    store
        .write(&Work::new(Domain::parse("unchecked.example").unwrap()))
        .unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn the_table_has_a_line_a_domain_and_its_json_is_as_the_schema_says_and_good_for_a_batch() {
    let home = tempfile::tempdir().unwrap();
    let nothing = domains(home.path(), &[]);
    assert_eq!(nothing.status, 0, "{nothing:?}");
    assert!(nothing.stdout.contains("No domain yet"), "{nothing:?}");

    saved(home.path());
    let text = domains(home.path(), &[]);
    assert_eq!(text.status, 2, "one is not checked: {text:?}");
    let lines: Vec<&str> = text.stdout.lines().collect();
    assert!(lines[0].starts_with("Domain"), "{text:?}");
    assert!(lines[1].contains("unchecked.example") && lines[1].contains("Not checked yet"));
    assert!(lines[2].contains("Enforced"), "{text:?}");

    let json = domains(home.path(), &["--json"]);
    assert_eq!(faults(&validator("domains-v1"), &json.json()), "");
    let file = home.path().join("table.json");
    let practised = json.stdout.replace("unchecked.example", "null-mx.example");
    std::fs::write(&file, practised).unwrap();
    let batch = crate::mta_sts(&["check", "--practice", "--batch", file.to_str().unwrap()]);
    assert_eq!(batch.stdout.lines().count(), 2, "{batch:?}");
    let practice = domains(home.path(), &["--practice"]);
    assert!(practice.stdout.contains("No domain yet"), "{practice:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_named_and_the_others_are_listed() {
    let home = tempfile::tempdir().unwrap();
    saved(home.path());
    let work = home
        .path()
        .join("mta-sts-wizard/work/domains/d-unchecked.example/work.json");
    std::fs::write(work, "{").unwrap();
    let ran = domains(home.path(), &["--json"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(
        ran.stderr.contains("unchecked.example is damaged"),
        "{ran:?}"
    );
    assert_eq!(ran.json()["domains"].as_array().unwrap().len(), 1);
}
