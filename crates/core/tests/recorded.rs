//! Facts of domains as they were recorded, each with what the rules must say of it: beside every
//! `NAME.json` in `recorded/` stands `NAME.codes`, one code a line, findings and doubts alike.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mta_sts_core::{Facts, judge};

#[test]
fn each_recorded_domain_is_judged_as_it_was_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let recorded = files(&folder, "json");
    assert!(recorded.len() > 1, "nothing recorded in {folder:?}");
    let mut wrong = Vec::new();
    for path in &recorded {
        let facts = Facts::from_json(&fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let report = judge(&facts);
        let findings = report.findings.iter().map(|finding| finding.rule.code);
        let doubts = report.not_checked.iter().map(|entry| entry.rule.code);
        let mut codes: Vec<&str> = findings.chain(doubts).collect();
        codes.sort_unstable();
        let told = fs::read_to_string(path.with_extension("codes")).unwrap_or_default();
        let expected: Vec<&str> = told.lines().collect();
        if codes != expected {
            let evidence: Vec<&String> = report.findings.iter().map(|f| &f.evidence).collect();
            wrong.push(format!(
                "{path:?}: {codes:?}, not {expected:?}: {evidence:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn facts_and_codes_stand_side_by_side() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    assert_eq!(names(&folder, "json"), names(&folder, "codes"));
}

fn names(folder: &Path, extension: &str) -> BTreeSet<PathBuf> {
    let paths = files(folder, extension).into_iter();
    paths.map(|path| path.with_extension("")).collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}
