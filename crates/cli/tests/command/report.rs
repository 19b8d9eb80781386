//! `mta-sts report`: files of senders, good, failing and foreign.

use std::fs;

use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::schema::{faults, validator};
use crate::{mta_sts, mta_sts_reading};

/// A report of the day so many days before today.
fn report(days_ago: i64, failure: Option<&str>) -> String {
    let begin = OffsetDateTime::now_utc().date().midnight().assume_utc() - Duration::days(days_ago);
    let end = begin + Duration::days(1) - Duration::SECOND;
    let details: Vec<serde_json::Value> = failure
        .iter()
        .map(|code| {
            json!({
                "result-type": code,
                "receiving-mx-hostname": "mx1.a.example",
                "receiving-ip": "192.0.2.1",
                "failed-session-count": 2,
            })
        })
        .collect();
    json!({
        "organization-name": "Sender",
        "date-range": {
            "start-datetime": begin.format(&Rfc3339).unwrap(),
            "end-datetime": end.format(&Rfc3339).unwrap(),
        },
        "contact-info": "tls@sender.example",
        "report-id": days_ago.to_string(),
        "policies": [{
            "policy": { "policy-type": "sts", "policy-domain": "a.example" },
            "summary": {
                "total-successful-session-count": 40,
                "total-failure-session-count": 2 * details.len(),
            },
            "failure-details": details,
        }],
    })
    .to_string()
}

/// Runs the command over these files.
fn reported(files: &[String], options: &[&str]) -> crate::Ran {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["report".to_owned()];
    for (number, file) in files.iter().enumerate() {
        let path = folder.path().join(format!("{number}.json"));
        fs::write(&path, file).unwrap();
        arguments.push(path.to_str().unwrap().to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    mta_sts(&[&arguments, options].concat())
}

#[test]
fn two_weeks_without_a_failure_are_status_0_and_enforce_is_safe() {
    let files: Vec<String> = (1..=14).map(|ago| report(ago, None)).collect();
    let ran = reported(&files, &[]);
    assert_eq!(ran.status, 0, "{ran:?}");
    for part in [
        "a.example: 14 days without a failure. Enforce mode would not have held back any mail.",
        "Reported by Sender",
        "560 connections encrypted, 0 failed.",
        "14 reports read.",
        "Signatures were not checked",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn a_failure_is_status_1_with_where_it_was_and_what_to_do() {
    let files = [report(1, Some("certificate-expired")), report(2, None)];
    let ran = reported(&files, &[]);
    assert_eq!(ran.status, 1, "{ran:?}");
    for part in [
        "The certificate had expired",
        "2 connections with mx1.a.example (192.0.2.1)",
        "Renew it",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn too_little_to_tell_is_no_failure_and_what_cannot_be_read_is_status_2() {
    assert_eq!(reported(&[report(1, None)], &[]).status, 0);
    let mut files: Vec<String> = (1..=14).map(|ago| report(ago, None)).collect();
    files.push("no report".into());
    let ran = reported(&files, &[]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.stdout.contains("Files that need a look"),
        "{}",
        ran.stdout
    );
}

#[test]
fn neighbours_in_the_mailbox_are_a_count_and_status_0() {
    let dmarc = "<?xml version=\"1.0\"?>\n<feedback></feedback>";
    let mail = "From: a@b.example\nSubject: Hello\n\nHello\n";
    let ran = reported(&[dmarc.into(), mail.into()], &[]);
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (
            0,
            "1 DMARC report, 1 other e-mail were skipped: only TLS reports are read here.\n\
             No TLS report was found.\n"
        )
    );
    let ran = reported(&[report(1, None), dmarc.into()], &["--json"]);
    assert_eq!(ran.status, 0);
    assert_eq!(ran.json()["others"]["dmarc_reports"], 1);
}

#[test]
fn a_report_without_results_is_said_to_have_none() {
    let empty = "{\"organization-name\":\"Sender\",\"policies\":[]}";
    let ran = reported(&[empty.into()], &[]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.stdout.contains("1 report has no results."),
        "{}",
        ran.stdout
    );
}

#[test]
fn every_report_of_a_folder_and_of_a_maildir_is_read_and_no_link_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("9.json"), report(9, None)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["cur", "new", "tmp", ".Sent", "older"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let mail = format!(
        "From: a@b.example\nContent-Type: application/tlsrpt+json\n\n{}\n",
        report(2, None)
    );
    for (name, text) in [
        ("1.json", report(1, None)),
        ("cur/1700000000.1.host:2,S", mail.clone()),
        ("new/1700000000.2.host", mail.replace("\"2\"", "\"3\"")),
        ("tmp/1700000000.3.host", "half a mail".into()),
        ("older/4.json", report(4, None)),
        ("photo.jpg", "a picture".into()),
        (".DS_Store", "hidden".into()),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let ran = mta_sts(&["report", path, "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let json = ran.json();
    assert_eq!(faults(&validator("tls-reports-v1"), &json), "");
    assert_eq!(json["reports"], 3);
    assert_eq!(
        json["others"],
        json!({ "dmarc_reports": 0, "mails": 0, "files": 1, "folders": 2 })
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path().join("9.json"), folder.path().join("9.json"))
            .unwrap();
        let ran = mta_sts(&["report", path, "--json"]);
        assert_eq!((ran.status, &ran.json()["reports"]), (2, &json!(3)));
        let remark = &ran.json()["remarks"][0]["text"];
        assert_eq!(remark, "it couldn’t be read: it is a link");
    }
    let empty = tempfile::tempdir().unwrap();
    let ran = mta_sts(&["report", empty.path().to_str().unwrap()]);
    assert_eq!(ran.status, 64);
    assert!(ran.stderr.contains("nothing to read"), "{}", ran.stderr);
}

#[test]
fn what_is_no_report_is_status_64_with_name_and_reason() {
    let ran = mta_sts_reading(&["report", "-"], b"{\"policies\": 3}");
    assert_eq!((ran.status, ran.stdout.as_str()), (64, ""));
    assert!(
        ran.stderr
            .contains("-: this isn’t a TLS report: it has no list of “policies”"),
        "{}",
        ran.stderr
    );
    let missing = mta_sts(&["report", "not-there.json"]);
    assert_eq!(missing.status, 64);
    assert!(missing.stderr.contains("not-there.json couldn’t be read"));
    assert_eq!(mta_sts(&["report"]).status, 64);
}

#[test]
fn the_json_follows_its_schema_and_counts_copies_once() {
    let schema = validator("tls-reports-v1");
    let failing = report(1, Some("sts-policy-fetch-error"));
    let files = [failing.clone(), failing, report(2, None), "{".into()];
    let ran = reported(&files, &["--json"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let json = ran.json();
    assert_eq!(faults(&schema, &json), "");
    assert_eq!((&json["reports"], &json["copies"]), (&json!(2), &json!(1)));
    assert_eq!(json["domains"][0]["proof"], "policy-not-used");
    assert_eq!(json["remarks"].as_array().unwrap().len(), 1);
    assert_eq!(json["signatures_checked"], false);
}
