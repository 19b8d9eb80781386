//! `mta-sts check --batch`: many domains, one line each.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use serde_json::Value;

use crate::schema::{faults, validator};
use crate::{Ran, command, mta_sts, mta_sts_reading};

fn batch(domains: &str, options: &[&str]) -> Ran {
    let asked = ["check", "--practice", "--batch", "-"];
    mta_sts_reading(&[&asked[..], options].concat(), domains.as_bytes())
}

fn lines(ran: &Ran) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[cfg(unix)]
#[test]
fn no_more_domains_are_checked_at_once_than_the_system_has_connections_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("domains.txt");
    fs::write(&file, "# none\n").unwrap();
    let ran = |limit: &str, jobs: &str| {
        let program = env!("CARGO_BIN_EXE_mta-sts");
        let limited = format!("ulimit {limit} && exec \"$@\"");
        let ran = std::process::Command::new("sh")
            .args(["-c", &limited, "sh", program, "check", "--jobs", jobs])
            .args(["--resolver", "127.0.0.1:1", "--batch"])
            .arg(&file)
            .output()
            .unwrap();
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    };
    let (status, told) = ran("-n 256", "64");
    assert_eq!(status, Some(0), "{told}");
    assert!(
        told.contains("domains at once instead of 64, because this system"),
        "{told}"
    );
    // What may be raised is raised.
    assert_eq!(ran("-S -n 256", "64"), (Some(0), String::new()));
    assert_eq!(ran("-n 1024", "16"), (Some(0), String::new()));
}

/// What this computer lacks is never held against a domain. macOS lets a program have 256 files.
#[cfg(unix)]
#[test]
fn with_few_files_every_healthy_domain_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("domains.txt");
    let domains: Vec<String> = (1..=200).map(|n| format!("healthy-{n}.example")).collect();
    fs::write(&file, domains.join("\n")).unwrap();
    for limit in ["128", "256"] {
        let limited = format!("ulimit -n {limit} && exec \"$@\"");
        let ran = std::process::Command::new("sh")
            .args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_mta-sts")])
            .args(["check", "--practice", "--jobs", "256", "--batch"])
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        let reports = String::from_utf8(ran.stdout).unwrap();
        assert_eq!(reports.lines().count(), domains.len());
        let ready = r#""mail_servers":"ready","published":"ok","effective_mode":"enforce""#;
        assert!(reports.lines().all(|report| report.contains(ready)));
    }
}

#[test]
fn the_lines_stand_in_the_order_of_the_file_whoever_answers_first() {
    let domains = [
        "slow-greeting.example",
        "healthy.example",
        "null-mx.example",
        "healthy.example",
    ];
    let file = format!("# four\n{}\n\n{}\n", domains[0], domains[1..].join("\n"));
    let ran = batch(&file, &["--jobs", "2"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let reports = lines(&ran);
    let schema = validator("report-v1");
    for report in &reports {
        assert_eq!(faults(&schema, report), "");
    }
    let of: Vec<&str> = reports
        .iter()
        .map(|report| report["domain"].as_str().unwrap())
        .collect();
    assert_eq!(of, domains);
}

#[test]
fn the_status_is_the_worst_of_all() {
    let found = batch("healthy.example\nexpired-certificate.example\n", &[]);
    assert_eq!(found.status, 1, "{found:?}");
    let doubtful = batch("greeting-refused.example\nrate-limited.example\n", &[]);
    assert_eq!(doubtful.status, 1, "{doubtful:?}");
    let doubtful = batch("rate-limited.example\nhealthy.example\n", &[]);
    assert_eq!(doubtful.status, 2, "{doubtful:?}");
    assert_eq!(batch("", &[]).status, 0);
}

#[test]
fn a_line_that_is_no_domain_is_named_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("domains.txt");
    fs::write(&file, "healthy.example\n\nnot a domain\n").unwrap();
    let file = file.to_str().unwrap();
    let ran = mta_sts(&["check", "--practice", "--batch", file]);
    assert_eq!(ran.status, 64);
    assert!(ran.stderr.contains("domains.txt:3: "), "{ran:?}");
    assert_eq!(ran.stdout, "");
    for wrong in [
        &["check", "example.com", "--batch", file][..],
        &["check", "--practice", "--batch", file, "--jobs", "0"],
        &["check", "--practice", "healthy.example", "--jobs", "2"],
    ] {
        assert_eq!(mta_sts(wrong).status, 64, "{wrong:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_the_lines_that_are_finished() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("domains.txt");
    fs::write(&file, "healthy.example\ntarpit.example\n").unwrap();
    let asked = ["check", "--practice", "--batch", file.to_str().unwrap()];
    let mut child = command(&asked)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    output.read_line(&mut first).unwrap();
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(sent.unwrap().success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let report: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(report["domain"], "healthy.example");
    assert_eq!(rest, "");
}
