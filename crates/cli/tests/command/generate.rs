//! `mta-sts generate`: the files byte for byte, and everything that is refused.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::{Ran, mta_sts};

/// Runs `generate` into a folder.
fn generate(folder: &Path, args: &[&str]) -> Ran {
    mta_sts(&[&["generate", "--out", folder.to_str().unwrap()], args].concat())
}

fn policy(folder: &Path) -> String {
    fs::read_to_string(folder.join(".well-known/mta-sts.txt")).unwrap()
}

#[test]
fn the_live_mail_servers_make_a_policy_in_testing_mode() {
    let folder = tempfile::tempdir().unwrap();
    let ran = generate(folder.path(), &["--practice", "healthy.example"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(
        policy(folder.path()),
        "version: STSv1\r\nmode: testing\r\nmx: mx1.healthy.example\r\n\
         mx: mx2.healthy.example\r\nmax_age: 604800\r\n"
    );
    assert!(ran.stdout.contains("_mta-sts.healthy.example"), "{ran:?}");
}

#[test]
fn given_mail_servers_need_no_network_and_json_says_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let ran = generate(
        folder.path(),
        &[
            "Example.COM",
            "--mx",
            "*.Mail.example.net",
            "--mx",
            "mx.example.com",
            "--mode",
            "none",
            "--max-age",
            "86400",
            "--rua",
            "tls@example.net",
            "--id",
            "abc1",
            "--json",
        ],
    );
    assert_eq!(ran.status, 0, "{ran:?}");
    let written = ran.json();
    let files = written["files"].as_array().unwrap();
    for file in files {
        let path = folder.path().join(file["path"].as_str().unwrap());
        assert_eq!(
            fs::metadata(path).unwrap().len(),
            file["size"].as_u64().unwrap()
        );
    }
    assert_eq!(files[0]["path"], ".well-known/mta-sts.txt");
    assert_eq!(
        policy(folder.path()),
        "version: STSv1\r\nmode: none\r\nmx: *.mail.example.net\r\nmx: mx.example.com\r\n\
         max_age: 86400\r\n"
    );
    assert_eq!(
        (
            &written["format"],
            &written["record"],
            &written["tls_report"],
            &written["id"]
        ),
        (
            &json!("mta-sts-generate/1"),
            &json!("v=STSv1; id=abc1;"),
            &json!("v=TLSRPTv1; rua=mailto:tls@example.net"),
            &json!("abc1"),
        )
    );
    assert_eq!(written.as_object().unwrap().len(), 5);
    let records = fs::read_to_string(folder.path().join("dns-records.txt")).unwrap();
    assert!(records.contains("v=STSv1; id=abc1;"), "{records}");
}

#[test]
fn what_was_written_passes_lint() {
    let folder = tempfile::tempdir().unwrap();
    let ran = generate(
        folder.path(),
        &["--practice", "nothing-published.example", "--json"],
    );
    let file = folder.path().join(".well-known/mta-sts.txt");
    assert_eq!(
        mta_sts(&["lint", "policy", file.to_str().unwrap()]).status,
        0
    );
    let written = ran.json();
    assert_eq!(
        mta_sts(&["lint", "record", written["record"].as_str().unwrap()]).status,
        0
    );
    assert_eq!(written["tls_report"], json!(null));
    assert_eq!(
        written["id"].as_str().unwrap().len(),
        "20261123120000Z".len()
    );
}

#[test]
fn a_policy_that_stays_the_same_keeps_its_id() {
    let report = mta_sts(&["check", "--practice", "healthy.example", "--json"]).json();
    let published = &report["record"]["id"];
    let max_age = report["policy"]["max_age_secs"].to_string();
    let id_after = |args: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let args = [
            &[
                "--practice",
                "healthy.example",
                "--mode",
                "enforce",
                "--json",
            ],
            args,
        ]
        .concat();
        generate(folder.path(), &args).json()["id"].clone()
    };
    assert!(published.is_string());
    assert_eq!(id_after(&["--max-age", &max_age]), *published);
    assert_ne!(id_after(&["--max-age", "700000"]), *published);
}

#[test]
fn files_for_a_web_host_are_written_beside_the_others_and_named() {
    let args = [
        "example.com",
        "--mx",
        "mx.example.com",
        "--id",
        "1",
        "--hosting",
        "nginx",
        "--hosting",
        "github-pages",
        "--hosting",
        "nginx",
    ];
    let folder = tempfile::tempdir().unwrap();
    let written = generate(folder.path(), &[&args[..], &["--json"]].concat()).json();
    let paths: Vec<&str> = written["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            ".well-known/mta-sts.txt",
            "upload/mta-sts.txt",
            "dns-records.txt",
            "zone-snippet.txt",
            "hosting/nginx/README.txt",
            "hosting/nginx/site/.well-known/mta-sts.txt",
            "hosting/nginx/mta-sts.conf",
            "hosting/github-pages/README.txt",
            "hosting/github-pages/site/.well-known/mta-sts.txt",
            "hosting/github-pages/site/.nojekyll",
            "hosting/github-pages/site/CNAME",
            "hosting/github-pages/site/.gitattributes",
        ]
    );
    let served = folder
        .path()
        .join("hosting/nginx/site/.well-known/mta-sts.txt");
    assert_eq!(fs::read_to_string(served).unwrap(), policy(folder.path()));

    let said = generate(folder.path(), &args).stdout;
    assert!(
        said.contains("with GitHub Pages: follow hosting/github-pages/README.txt"),
        "{said}"
    );
    assert_eq!(said.matches("with nginx:").count(), 1, "{said}");
}

#[test]
fn the_help_lists_every_way_to_serve_the_policy_and_no_other_is_taken() {
    let help = mta_sts(&["generate", "--help"]).stdout;
    for hosting in mta_sts_core::Hosting::ALL {
        assert!(help.contains(hosting.id()), "{hosting} is not in\n{help}");
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let ran = generate(&target, &["example.com", "--hosting", "geocities"]);
    assert_eq!(ran.status, 64, "{ran:?}");
    assert!(ran.stderr.contains("github-pages"), "{ran:?}");
    assert!(!target.exists());
}

#[test]
fn another_file_in_the_way_is_not_replaced_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dns-records.txt");
    fs::write(&file, "mine").unwrap();
    let args = ["example.com", "--mx", "mx.example.com", "--id", "1"];
    let ran = generate(folder.path(), &args);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("dns-records.txt") && ran.stderr.contains("--overwrite"),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(!folder.path().join(".well-known").exists());

    let ran = generate(folder.path(), &[&args[..], &["--overwrite"]].concat());
    assert_eq!(ran.status, 0);
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .contains("v=STSv1; id=1;")
    );
}

#[test]
fn what_known_senders_see_differently_is_told_before_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    for (options, told) in [
        (&["--max-age", "0"][..], "chasquid drops a policy"),
        (
            &["--mx", "ab--cd.example.com"],
            "mox drops the whole policy",
        ),
        (&["--rua", "a%b@example.net"], "don’t decode %"),
        (
            &["--rua", "a=b@example.net"],
            "Stalwart takes the equals sign",
        ),
        (
            &["--rua", "https://example.net/r"],
            "mox never reports to https",
        ),
    ] {
        let usual = ["example.com", "--mx", "mx.example.com", "--overwrite"];
        let ran = generate(folder.path(), &[&usual[..], options].concat());
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(ran.stdout.contains(told), "{options:?}: {ran:?}");
    }
    let usual = [
        "example.com",
        "--mx",
        "mx.example.com",
        "--rua",
        "a&b@example.net",
    ];
    let ran = generate(folder.path(), &[&usual[..], &["--overwrite"]].concat());
    assert!(!ran.stdout.contains("attention"), "{ran:?}");
}

#[test]
fn what_a_strict_sender_would_drop_is_refused_and_nothing_is_written() {
    let long = format!("{}.example.com", "a".repeat(64));
    let refused: [(&[&str], &str); 11] = [
        (&["example.com", "--mx", &long], "63 characters"),
        (
            &["example.com", "--mx", "xn--zzzzzz99999.example.com"],
            "can’t be decoded",
        ),
        (
            &["example.com", "--mx", "10 mx.example.com."],
            "--mx mx.example.com",
        ),
        (&["example.com", "--mx", "mx_1.example.com"], "underscore"),
        (&["example.com", "--mx", "*"], "wildcard"),
        (
            &[
                "example.com",
                "--mx",
                "mx.example.com",
                "--max-age",
                "31536001",
            ],
            "31536000",
        ),
        (
            &[
                "example.com",
                "--mx",
                "mx.example.com",
                "--max-age",
                "99999999999",
            ],
            "31536000",
        ),
        (
            &[
                "example.com",
                "--mx",
                "mx.example.com",
                "--id",
                "2026-11-23",
            ],
            "--id",
        ),
        (
            &[
                "example.com",
                "--mx",
                "mx.example.com",
                "--rua",
                "http://example.com/",
            ],
            "https",
        ),
        (&["--practice", "null-mx.example"], "doesn’t receive mail"),
        (&["--practice", "no-such-domain.example"], "doesn’t exist"),
    ];
    for (args, why) in refused {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        let ran = generate(&target, args);
        assert_eq!(ran.status, 1, "{args:?} {ran:?}");
        assert!(ran.stderr.contains(why), "{args:?} {ran:?}");
        assert_eq!(ran.stdout, "");
        assert!(!target.exists(), "{args:?}");
    }
}

#[test]
fn a_host_that_no_other_mail_server_can_find_is_left_out_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let ran = generate(folder.path(), &["--practice", "mx-address.example"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let told = "“192.0.2.25”, which was left out";
    assert!(ran.stdout.contains(told), "{ran:?}");
    let text = policy(folder.path());
    assert!(
        text.contains("mx: mx1.mx-address.example\r\nmax_age"),
        "{text}"
    );

    let facts = folder.path().join("facts.json");
    let recorded = include_str!("../../../core/tests/recorded/healthy.json");
    let mut saved: serde_json::Value = serde_json::from_str(recorded).unwrap();
    let mut generated = |hosts: &[&str]| {
        let record = |host: &&str| json!({"preference": 10, "exchange": host});
        saved["mx"]["seen"]["records"] = hosts.iter().map(record).collect();
        fs::write(&facts, saved.to_string()).unwrap();
        let args = ["healthy.example", "--json", "--overwrite", "--facts"];
        let facts = facts.to_str().unwrap();
        generate(folder.path(), &[&args[..], &[facts]].concat())
    };
    let hosts = ["*.healthy.example", "localhost", "mail", "mx_1.d.example"];
    let ran = generated(&[&hosts[..], &["mx1.healthy.example"]].concat());
    assert_eq!(ran.status, 0, "{ran:?}");
    for host in hosts {
        let told = format!("“{host}”, which was left out");
        assert!(ran.stderr.contains(&told), "{ran:?}");
    }
    let text = policy(folder.path());
    assert!(
        text.contains("mx: mx1.healthy.example\r\nmax_age"),
        "{text}"
    );

    let before = text;
    let ran = generated(&hosts);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("no mail server to list"), "{ran:?}");
    assert_eq!(policy(folder.path()), before);
}

#[test]
fn a_failed_lookup_is_not_taken_for_no_mail_server() {
    let folder = tempfile::tempdir().unwrap();
    let ran = generate(
        &folder.path().join("out"),
        &["--practice", "dns-servfail.example"],
    );
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.stderr.contains("couldn’t be looked up"), "{ran:?}");
}

#[test]
fn enforce_mode_with_unfit_mail_servers_is_written_with_a_caution() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "--practice",
        "expired-certificate.example",
        "--mode",
        "enforce",
    ];
    let ran = generate(folder.path(), &args);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("Your mail servers are not ready."),
        "{ran:?}"
    );
}

#[test]
fn a_domain_needs_a_folder_and_practice_alone_lists_the_domains() {
    let ran = mta_sts(&["generate", "example.com"]);
    assert_eq!(ran.status, 64);
    assert!(ran.stderr.contains("--out"), "{ran:?}");
    let listed = mta_sts(&["generate", "--practice"]);
    assert_eq!(listed.status, 0);
    assert!(listed.stdout.contains("healthy.example"));
}
