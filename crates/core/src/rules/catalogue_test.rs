//! What must be true of all rules.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]

use std::collections::BTreeSet;
use std::path::Path;

use super::testing::{healthy, run};
use super::{MODULES, all};

#[test]
fn the_module_the_page_and_the_code_are_one_word() {
    let modules = MODULES
        .iter()
        .flat_map(|(area, modules)| modules.iter().map(move |it| (area, it)));
    for ((area, module), rule) in modules.zip(all()) {
        assert_eq!(module.replace('_', "-"), rule.code);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/rules")
            .join(area);
        let page = std::fs::read_to_string(folder.join(format!("{module}.md"))).unwrap();
        assert_eq!(page, rule.doc, "{} includes another page", rule.code);
    }
}

#[test]
fn codes_are_unique() {
    let codes: BTreeSet<_> = all().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), all().count());
}

#[test]
fn every_page_says_what_why_and_how() {
    for rule in all() {
        let headings: Vec<&str> = rule
            .doc
            .lines()
            .filter(|line| line.starts_with('#'))
            .collect();
        assert_eq!(
            headings,
            ["## What it checks", "## Why it matters", "## How to fix"],
            "{}",
            rule.code
        );
        assert!(
            rule.doc.lines().all(|line| line.len() <= 110),
            "{}: long line",
            rule.code
        );
    }
}

#[test]
fn titles_are_plain_words() {
    for rule in all() {
        let first = rule.title.chars().next().unwrap();
        let proper = [
            "DANE ",
            "MX ",
            "TLS ",
            "STARTTLS ",
            "IPv6 ",
            "DNS ",
            "MTA-STS ",
        ];
        assert!(
            first.is_lowercase() || proper.iter().any(|word| rule.title.starts_with(word)),
            "{}: {}",
            rule.code,
            rule.title
        );
        assert!(
            !rule.title.ends_with('.') && rule.title.len() <= 72,
            "{}",
            rule.code
        );
    }
}

#[test]
fn a_healthy_domain_gives_every_rule_nothing_to_say() {
    for rule in all() {
        let findings = run(rule, |_| ());
        assert_eq!(findings.found, [], "{}", rule.code);
        assert_eq!(findings.not_checked, [], "{}", rule.code);
    }
}

#[test]
fn facts_that_were_never_asked_accuse_nobody() {
    for rule in all() {
        let findings = run(rule, |facts| {
            *facts = crate::Facts::new(healthy().domain, healthy().checked_at);
        });
        assert_eq!(findings.found, [], "{}", rule.code);
    }
}

#[test]
fn the_book_of_findings_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/findings.md");
    let written = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    assert!(
        written == super::book(),
        "regenerate it: cargo run --package mta-sts-core --example findings > docs/findings.md"
    );
}
