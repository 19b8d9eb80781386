//! `mta-sts lint`: good and bad texts, from a file, an argument, and standard input.

use std::fs;

use serde_json::json;

use crate::schema::{faults, validator};
use crate::{codes, mta_sts, mta_sts_reading};

const GOOD: &str = "version: STSv1\r\nmode: enforce\r\nmx: *.example.com\r\nmax_age: 1209600\r\n";

#[test]
fn a_good_policy_file_is_status_0() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("good.txt");
    fs::write(&path, GOOD).unwrap();
    let ran = mta_sts(&["lint", "policy", path.to_str().unwrap()]);
    assert_eq!(
        (ran.status, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "good.txt: valid\n", "")
    );
}

#[test]
fn a_bad_policy_names_the_file_the_word_and_the_mend() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.txt");
    fs::write(&path, GOOD.replace("enforce", "enforced")).unwrap();
    let ran = mta_sts(&["lint", "policy", path.to_str().unwrap()]);
    assert_eq!(ran.status, 1);
    for part in [
        "bad.txt: invalid",
        "[policy-mode-invalid]",
        "enforced",
        "mode: enforce",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn standard_input_is_read_for_a_hyphen() {
    let good = mta_sts_reading(&["lint", "policy", "-"], GOOD.as_bytes());
    assert_eq!(
        (good.status, good.stdout.as_str()),
        (0, "standard input: valid\n")
    );
    for (line_end, kind) in [("\n", "record"), ("\r\n", "record"), ("", "record")] {
        let text = format!("v=STSv1; id=1;{line_end}");
        assert_eq!(
            mta_sts_reading(&["lint", kind, "-"], text.as_bytes()).status,
            0
        );
    }
    let tlsrpt = b"v=TLSRPTv1; rua=mailto:tls@example.com\n";
    assert_eq!(mta_sts_reading(&["lint", "tlsrpt", "-"], tlsrpt).status, 0);
}

#[test]
fn more_than_a_policy_may_hold_is_not_read() {
    let endless = vec![b'x'; 4 * 1024 * 1024];
    let policy = mta_sts_reading(&["lint", "policy", "-", "--json"], &endless);
    assert_eq!(policy.status, 1);
    assert_eq!(codes(&policy.json()["findings"]), ["policy-too-large"]);
    let record = mta_sts_reading(&["lint", "record", "-"], &endless);
    assert_eq!(record.status, 64);
    assert!(
        record.stderr.contains("longer than 65535 bytes"),
        "{record:?}"
    );
}

#[test]
fn hosts_that_the_policy_leaves_out_are_status_1_though_it_is_valid() {
    let covered = mta_sts_reading(
        &[
            "lint",
            "policy",
            "-",
            "--mx",
            "mx1.example.com",
            "--mx",
            "MX2.example.com.",
        ],
        GOOD.as_bytes(),
    );
    assert_eq!(covered.status, 0, "{covered:?}");
    let left_out = mta_sts_reading(
        &[
            "lint",
            "policy",
            "-",
            "--mx",
            "mx1.example.com",
            "--mx",
            "a.b.example.com",
            "--json",
        ],
        GOOD.as_bytes(),
    );
    assert_eq!(left_out.status, 1);
    assert_eq!(left_out.json()["valid"], true);
    assert_eq!(
        codes(&left_out.json()["findings"]),
        ["policy-mx-wildcard-depth"]
    );
}

#[test]
fn every_kind_of_text_keeps_the_published_form() {
    let validator = validator("lint-v1");
    let runs: [(&[&str], &[u8], bool); 9] = [
        (&["lint", "policy", "-"], GOOD.as_bytes(), true),
        (
            &["lint", "policy", "-"],
            b"version: STSv1\nmode: none\nmax_age: 86400",
            true,
        ),
        (&["lint", "policy", "-"], b"\xff\xfe\0\0", false),
        (&["lint", "policy", "-"], b"", false),
        (
            &["lint", "policy", "-"],
            b"<!doctype html><title>hello</title>",
            false,
        ),
        (
            &["lint", "record", "v=STSv1; id=20261123120000Z;"],
            b"",
            true,
        ),
        (&["lint", "record", "v=STSv1; id=2026-11-23"], b"", false),
        (
            &[
                "lint",
                "tlsrpt",
                "v=TLSRPTv1; rua=mailto:a@example.com,https://example.com/r",
            ],
            b"",
            true,
        ),
        (
            &["lint", "tlsrpt", "v=TLSRPTv1; rua=a@example.com"],
            b"",
            false,
        ),
    ];
    for (args, stdin, valid) in runs {
        let args = [args, &["--json"]].concat();
        let ran = mta_sts_reading(&args, stdin);
        let lint = ran.json();
        assert_eq!(faults(&validator, &lint), "", "{args:?}");
        assert_eq!(lint["valid"], valid, "{args:?} {lint}");
        assert_eq!(ran.status, i32::from(!valid), "{args:?}");
    }
}

#[test]
fn the_value_is_what_the_text_says() {
    let value = |args: &[&str], stdin: &[u8]| mta_sts_reading(args, stdin).json()["value"].clone();
    assert_eq!(
        value(&["lint", "policy", "-", "--json"], GOOD.as_bytes()),
        json!({"mode": "enforce", "max_age_secs": 1_209_600, "mx": ["*.example.com"]})
    );
    assert_eq!(
        value(&["lint", "record", "v=STSv1; id=7", "--json"], b""),
        json!({"id": "7"})
    );
    assert_eq!(
        value(
            &[
                "lint",
                "tlsrpt",
                "v=TLSRPTv1;rua=mailto:a@example.com",
                "--json"
            ],
            b""
        ),
        json!({"rua": ["mailto:a@example.com"]})
    );
    assert_eq!(
        value(&["lint", "record", "nothing", "--json"], b""),
        json!(null)
    );
}

#[test]
fn a_file_that_is_not_there_is_status_64() {
    let ran = mta_sts(&["lint", "policy", "no/such/file.txt"]);
    assert_eq!(ran.status, 64);
    assert!(
        ran.stderr.contains("no/such/file.txt couldn’t be read"),
        "{ran:?}"
    );
}
