//! Bounces and log lines written for this test, in the shape of what senders write: what each is
//! taken for. A new one is a file in `bounces/mapped` or `bounces/declined` and a line in
//! `bounces.tsv`.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mta_sts_core::rules::rule;
use mta_sts_core::{Bounce, BounceVerdict, Domain, SenderRule, read_bounce};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestRunner};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The columns of `bounces.tsv` after the name of the file.
fn columns(bounce: &Bounce) -> [String; 5] {
    let (verdict, what) = match &bounce.verdict {
        BounceVerdict::Refused(refused) => {
            let rule = match refused.rule() {
                SenderRule::MtaSts => "mta-sts",
                SenderRule::Dane => "dane",
                SenderRule::Tls => "tls",
            };
            (rule, refused.finding())
        }
        BounceVerdict::Other(other) => ("other", Some(other.id.as_str())),
        BounceVerdict::Unknown => ("unknown", None),
        BounceVerdict::NoFailure => ("no-failure", None),
    };
    let domain = bounce.recipient_domain.as_ref().map(Domain::as_str);
    let software = bounce.software.map(|it| it.id.as_str());
    [
        Some(verdict),
        what,
        software,
        domain,
        bounce.mx_host.as_deref(),
    ]
    .map(|it| it.unwrap_or("-").to_owned())
}

#[test]
fn each_bounce_is_taken_for_what_it_is() {
    let table = fs::read_to_string(tests().join("bounces.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut listed = BTreeSet::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (file, expected) = line.split_once('\t').unwrap();
        listed.insert(file.to_owned());
        let bounce = read_bounce(&fs::read(tests().join("bounces").join(file)).unwrap());
        let found = columns(&bounce).join("\t");
        if found != expected {
            wrong.push(format!("{file}\n  {expected}\n  {found}"));
        }
        let is_mapped = matches!(bounce.verdict, BounceVerdict::Refused(_));
        assert_eq!(file.starts_with("mapped/"), is_mapped, "{file}: {bounce:?}");
        let failed = bounce.verdict != BounceVerdict::NoFailure;
        assert_eq!(bounce.excerpt.is_some(), failed, "{file}: {bounce:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut files = BTreeSet::new();
    for folder in ["mapped", "declined"] {
        for file in fs::read_dir(tests().join("bounces").join(folder)).unwrap() {
            let name = file.unwrap().file_name();
            files.insert(format!("{folder}/{}", name.to_string_lossy()));
        }
    }
    assert_eq!(files, listed);
}

#[test]
fn every_code_of_the_catalogue_is_that_of_a_finding() {
    let catalogue = include_str!("../../../assets/catalogue/bounces.toml");
    let codes = catalogue.lines().filter_map(|line| {
        let code = line.strip_prefix("finding = \"")?;
        code.strip_suffix('"')
    });
    let mut count = 0;
    for code in codes {
        count += 1;
        assert!(rule(code).is_some(), "{code}");
    }
    assert!(count > 60, "{count}");
}

#[test]
fn a_long_text_is_cut_and_says_so() {
    let line = "550 5.4.8 MX hosts of example.com failed MTA-STS validation\n";
    let filler = "x\n\n".repeat(Bounce::MAX_BYTES / 3);
    let bounce = read_bounce(format!("{filler}\n{line}").as_bytes());
    assert!(bounce.cut);
    assert_eq!(bounce.verdict, BounceVerdict::NoFailure);
    let bounce = read_bounce(format!("{line}\n{filler}").as_bytes());
    assert!(bounce.cut && matches!(bounce.verdict, BounceVerdict::Refused(_)));
}

#[test]
fn hostile_text_is_shown_escaped() {
    let bounce = read_bounce(b"550 5.4.8 failed MTA-STS validation \x1b[2J\xe2\x80\xae");
    let excerpt = bounce.excerpt.unwrap();
    assert!(excerpt.ends_with("\\u{1b}[2J\\u{202e}"), "{excerpt}");
}

/// What is told of any text whatever is bounded, and can be shown and used.
fn holds(text: &[u8]) {
    let bounce = read_bounce(text);
    let failed = bounce.verdict != BounceVerdict::NoFailure;
    assert_eq!(bounce.excerpt.is_some(), failed, "{bounce:?}");
    if let Some(excerpt) = &bounce.excerpt {
        assert!(excerpt.chars().count() <= 400, "{bounce:?}");
        assert!(!excerpt.contains(char::is_control), "{bounce:?}");
    }
    if let Some(host) = &bounce.mx_host {
        assert!(Domain::parse(host).is_ok(), "{bounce:?}");
    }
    if let Some(status) = &bounce.status {
        let parts: Vec<&str> = status.split('.').collect();
        assert!(matches!(parts[..], ["4" | "5", _, _]), "{bounce:?}");
    }
}

#[test]
fn any_bytes_are_read() {
    const PIECES: [&str; 24] = [
        "\n",
        "\n\n",
        "\r\n ",
        "\n> ",
        " ",
        ".",
        "@",
        "[",
        "'",
        "Nov 28 09:12:13 ",
        "2026-11-28 09:12:13 ",
        "Diagnostic-Code: smtp; ",
        "Final-Recipient: rfc822; ",
        "Content-Type: message/rfc822\n",
        "550 ",
        "5.7.5",
        "4.4.",
        "MTA-STS",
        "failed MTA-STS validation",
        "Server certificate not verified",
        "relay=",
        "host ",
        "mx1.example.com",
        "ü例\u{202e}",
    ];
    let config = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x3464),
        ..ProptestConfig::default()
    };
    let noise = vec(any::<u8>(), 0..2_000);
    let pieces = vec(select(&PIECES[..]), 0..200).prop_map(|it| it.concat().into_bytes());
    let result = TestRunner::new(config).run(&prop_oneof![noise, pieces], |text| {
        holds(&text);
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

/// The same piece over and over takes a moment, and would take minutes if each place were looked at
/// again for every other.
#[test]
fn repetition_is_read_in_a_moment() {
    for piece in [
        "5.7.5 ",
        "5.",
        "4",
        "550 ",
        "host ",
        "host a.b [",
        "relay=a",
        "x\n",
        "x\n\n",
        "a@",
        "@",
        " ",
        "\n ",
        ">",
        "mta-sts.",
        "Status: 5.7.5\n",
        "Remote-MTA: dns; a.example\n",
    ] {
        holds(piece.repeat(Bounce::MAX_BYTES / 4 / piece.len()).as_bytes());
    }
}
