//! What people hand in by mistake, in the forms that real mailboxes and web forms give it: each is told
//! for what it is, with the value to write.

use std::path::Path;

use crate::{Ran, mta_sts, mta_sts_reading};

/// What a person must read, or must not.
struct Told {
    status: i32,
    /// Parts of standard output and standard error.
    parts: &'static [&'static str],
    absent: &'static [&'static str],
}

const fn told(status: i32, parts: &'static [&'static str]) -> Told {
    Told {
        status,
        parts,
        absent: &[],
    }
}

/// The words of programs and libraries that nobody but their authors knows.
const WORDS_OF_PROGRAMS: [&str; 6] = [
    "struct ",
    "u64",
    "usize",
    "docs.rs",
    "invalid type",
    "Option<",
];

#[track_caller]
fn assert_told(name: &str, ran: &Ran, told: &Told) {
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.status, told.status, "{name}: {said}");
    for part in told.parts {
        assert!(said.contains(part), "{name} lacks {part:?}: {said}");
    }
    for part in told.absent.iter().chain(&WORDS_OF_PROGRAMS) {
        assert!(!said.contains(part), "{name} says {part:?}: {said}");
    }
}

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    folder.join(name).display().to_string()
}

#[test]
fn reports_as_senders_write_them_are_read() {
    for (name, told) in [
        (
            "mx-not-in-policy.json",
            told(1, &["It lists example.com.", "“mx: mail.example.com”"]),
        ),
        (
            "wildcard-too-shallow.json",
            told(
                1,
                &[
                    "covers exactly one label",
                    "“mx: example-com.h-v1.mx.microsoft”",
                ],
            ),
        ),
        (
            "time-without-zone.json",
            told(0, &["20 November 2026", "1 report read"]),
        ),
        (
            "time-with-space.json",
            told(0, &["20 November 2026", "1 report read"]),
        ),
        (
            "domain-in-mail.eml",
            told(0, &["example.com: ", "1 report read"]),
        ),
        (
            "statuses.json",
            told(
                1,
                &["mta-sts.example.com", "404", "500", "there is no such file"],
            ),
        ),
        (
            "two-policies.json",
            Told {
                absent: &["4 connections"],
                ..told(0, &["2 connections encrypted"])
            },
        ),
        (
            "null-summary.json",
            told(0, &["example.com", "1 report read"]),
        ),
        (
            "quoted-numbers.json",
            told(1, &["14 connections encrypted, 2 failed"]),
        ),
        ("number-as-id.json", told(0, &["1 report read"])),
        ("no-results.json", told(0, &["1 report has no results"])),
        ("dmarc.xml", told(0, &["1 DMARC report was skipped"])),
        (
            "empty-texts.json",
            Told {
                absent: &["with  ", "()", "somebody"],
                ..told(1, &["1 connection, last on"])
            },
        ),
        (
            "two-mails.mbox",
            told(0, &["6 connections encrypted", "2 reports read"]),
        ),
        ("outlook.msg", told(64, &["Outlook", ".eml"])),
        ("utf-16.json", told(0, &["3 connections encrypted"])),
        (
            "list-of-reports.json",
            told(0, &["6 connections encrypted", "2 reports read"]),
        ),
        (
            "zero-count.json",
            told(0, &["5 connections encrypted, 0 failed"]),
        ),
    ] {
        let ran = mta_sts(&["report", &file(name)]);
        assert_told(name, &ran, &told);
    }
    let international = mta_sts(&["--json", "report", &file("international.json")]);
    let told = told(0, &["\"xn--bcher-kva.example\""]);
    assert_told("international.json", &international, &told);
}

#[test]
fn policy_files_as_other_programs_leave_them_are_told_for_what_they_are() {
    for (name, told) in [
        (
            "comment-behind-value.txt",
            Told {
                absent: &["list"],
                ..told(1, &["comment", "“mx: mx1.example.com”"])
            },
        ),
        (
            "literal-line-ends.txt",
            Told {
                absent: &["[policy-mode-missing]", "[policy-mx-missing]"],
                ..told(
                    1,
                    &[
                        "\\n as two characters",
                        "“mode: enforce”",
                        "“max_age: 1296000”",
                    ],
                )
            },
        ),
        (
            "record-as-policy.txt",
            told(
                1,
                &[
                    "the text of a DNS record",
                    "“version: STSv1”",
                    "“mx: mx1.example.com”",
                ],
            ),
        ),
        ("short-name.txt", told(0, &["can’t match any mail server"])),
        ("template.txt", told(1, &["placeholder"])),
        (
            "other-hyphen.txt",
            Told {
                absent: &["xn--"],
                ..told(1, &["“mx: mx-1.example.com”"])
            },
        ),
        ("word-processor.txt", told(1, &["RTF", "plain text"])),
    ] {
        let ran = mta_sts(&["lint", "policy", &file(name)]);
        assert_told(name, &ran, &told);
    }
}

#[test]
fn records_as_people_paste_them_are_told_for_what_they_are() {
    for (text, told) in [
        (
            "v=STSv1; id=YYYYMMDDHHMMSS",
            told(0, &["placeholder", "v=STSv1; id=20"]),
        ),
        (
            "_mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=20261123T120000\"",
            told(0, &["note", "in the quotes"]),
        ),
        (
            "v=STSv1; ID=20261123",
            Told {
                absent: &["[record-unknown-field]"],
                ..told(1, &["lower case: id", "v=STSv1; id=20"])
            },
        ),
        (
            "v=TLSRPTv1; rua=mailto:tls@example.net",
            told(1, &["the TLS-RPT record", "_smtp._tls."]),
        ),
        ("_mta-sts.mx.cloudflare.net.", told(1, &["CNAME"])),
        ("v=STSv1; id=20261123120000Z ", told(1, &["space"])),
        (
            "v=STSv1; id=0123456789012345678901234567890123",
            told(1, &["34 characters", "32"]),
        ),
        (
            "id=20261123; v=STSv1",
            Told {
                absent: &["twice"],
                ..told(1, &["must come first"])
            },
        ),
    ] {
        let ran = mta_sts_reading(&["lint", "record", "-"], text.as_bytes());
        assert_told(text, &ran, &told);
    }
    for (text, told) in [
        (
            "v=TLSRPTv1; rua=mailto:a@example.net; rua=mailto:b@example.org",
            told(0, &["rua=mailto:a@example.net,mailto:b@example.org"]),
        ),
        (
            "v=TLSRPTv1; rua=mailto:tls@example.net ruf=mailto:b@example.net",
            Told {
                absent: &["rua=mailto:tls@example.net,"],
                ..told(1, &["value: v=TLSRPTv1; rua=mailto:tls@example.net\n"])
            },
        ),
        (
            "v=TLSRPTv1; rua=mailto://tls@example.net",
            told(1, &["value: v=TLSRPTv1; rua=mailto:tls@example.net\n"]),
        ),
        (
            "v=TLSRPTv1; RUA=mailto:tls@example.net",
            told(1, &["value: v=TLSRPTv1; rua=mailto:tls@example.net\n"]),
        ),
        (
            "v=TLSRPTv1; rua=mailto:postmaster@example.net.",
            told(0, &["can’t end with a dot"]),
        ),
        (
            "v=TLSRPTv1; p=none; rua=mailto:tls@example.net",
            told(0, &["“p” isn’t a field of this record"]),
        ),
        (
            "v=STSv1; id=20261123",
            told(1, &["the MTA-STS record", "_mta-sts."]),
        ),
    ] {
        let ran = mta_sts_reading(&["lint", "tlsrpt", "-"], text.as_bytes());
        assert_told(text, &ran, &told);
    }
}

#[test]
fn names_and_addresses_as_people_type_them_are_understood() {
    for typed in [
        "_mta-sts.healthy.example",
        "https://mta-sts.healthy.example/.well-known/mta-sts.txt",
    ] {
        let ran = mta_sts(&["check", "--practice", typed]);
        let told = told(0, &["The domain healthy.example is meant."]);
        assert_told(typed, &ran, &told);
    }
    for (typed, value) in [
        (
            "TLS Reports <tls@example.net>",
            "rua=mailto:tls@example.net\n",
        ),
        ("rua=mailto:tls@example.net", "rua=mailto:tls@example.net\n"),
        (
            "a@example.net,b@example.net",
            "rua=mailto:a@example.net,mailto:b@example.net\n",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let args = [
            "generate",
            "example.com",
            "--mx",
            "mx1.example.com",
            "--rua",
            typed,
            "--out",
        ];
        let ran = mta_sts(&[&args[..], &[out.to_str().unwrap()]].concat());
        assert_eq!(ran.status, 0, "{typed}: {ran:?}");
        assert!(ran.stdout.contains(value), "{typed}: {ran:?}");
    }
}
