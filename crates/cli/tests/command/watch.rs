//! `mta-sts watch`: what it says, when it is silent, what it saves, and its daily job.

use std::fs;
use std::path::Path;
use std::process::Command;

use mta_sts_domains::WatchFolder;

use crate::schema::{faults, validator};
use crate::{command, ran};

/// The command of a person whose home is this folder and who has no desktop.
fn at_home(home: &Path, args: &[&str]) -> Command {
    let mut command = command(&[&["watch"], args].concat());
    command
        .env("HOME", home)
        .env("XDG_DATA_HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_RUNTIME_DIR", home)
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("FLATPAK_ID")
        // No program of the system that this runs on is started.
        .env("PATH", home.join("bin"));
    command
}

fn practice(state: &Path, args: &[&str]) -> Command {
    let state_args = ["--practice", "--state", state.to_str().unwrap()];
    at_home(state, &[&state_args[..], args].concat())
}

fn file_of(state: &Path, domain: &str) -> std::path::PathBuf {
    state.join(format!("d-{domain}.json"))
}

#[test]
fn the_first_run_says_a_line_a_domain_and_the_second_nothing() {
    let place = tempfile::tempdir().unwrap();
    let domains = ["healthy.example", "expired-certificate.example"];
    let first = ran(&mut practice(place.path(), &domains));
    assert_eq!(first.status, 0, "{first:?}");
    let lines: Vec<&str> = first.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{first:?}");
    assert!(lines[0].contains("healthy.example"), "{first:?}");
    assert!(
        lines[1].contains("expired-certificate.example"),
        "{first:?}"
    );
    let second = ran(&mut practice(place.path(), &domains));
    assert_eq!(
        (second.status, second.stdout.as_str()),
        (0, ""),
        "{second:?}"
    );
    assert_eq!(second.stderr, "");
    // Some more of them, from a file.
    let list = place.path().join("list.txt");
    fs::write(&list, "# all\nhealthy.example\nnull-mx.example\n").unwrap();
    let third = ran(&mut practice(
        place.path(),
        &["healthy.example", "--file", list.to_str().unwrap()],
    ));
    assert_eq!(third.status, 0, "{third:?}");
    assert_eq!(third.stdout.lines().count(), 1, "{third:?}");
    assert!(third.stdout.contains("null-mx.example"), "{third:?}");
}

#[test]
fn the_json_is_as_the_schema_says_whether_something_changed_or_not() {
    let place = tempfile::tempdir().unwrap();
    let validator = validator("watch-v1");
    let args = [
        "--json",
        "expired-certificate.example",
        "rate-limited.example",
    ];
    let first = ran(&mut practice(place.path(), &args));
    assert_eq!(first.status, 2, "{first:?}");
    let json = first.json();
    assert_eq!(faults(&validator, &json), "");
    let domains = json["domains"].as_array().unwrap();
    assert_eq!(domains[0]["domain"], "expired-certificate.example");
    assert_eq!(domains[0]["state"]["severity"], "problem");
    assert_eq!(domains[0]["messages"][0]["kind"], "first-run");
    // As if the certificate had been good at the last run.
    let file = file_of(place.path(), "expired-certificate.example");
    let known = fs::read_to_string(&file).unwrap();
    let mut state: serde_json::Value = serde_json::from_str(&known).unwrap();
    state["faults"] = serde_json::json!([]);
    fs::write(&file, state.to_string()).unwrap();
    let worse = ran(&mut practice(place.path(), &args));
    assert_eq!(worse.status, 1, "{worse:?}");
    let json = worse.json();
    assert_eq!(faults(&validator, &json), "");
    let message = &json["domains"][0]["messages"][0];
    assert_eq!(message["kind"], "new");
    assert_eq!(message["code"], "cert-expired");
    assert_eq!(message["worse"], true);
    // What couldn’t be checked was said at the first run.
    assert_eq!(json["domains"][1]["messages"], serde_json::json!([]));
    let silent = ran(&mut practice(place.path(), &args));
    assert_eq!(silent.status, 2, "{silent:?}");
    assert_eq!(faults(&validator, &silent.json()), "");
}

#[test]
fn two_runs_at_once_do_not_race() {
    let place = tempfile::tempdir().unwrap();
    let lock = WatchFolder::lock(place.path()).unwrap();
    let second = ran(&mut practice(place.path(), &["healthy.example"]));
    assert_eq!(second.status, 2, "{second:?}");
    assert!(
        second.stderr.contains("another run is at work"),
        "{second:?}"
    );
    drop(lock);
    assert_eq!(
        ran(&mut practice(place.path(), &["healthy.example"])).status,
        0
    );
}

#[test]
fn a_damaged_file_is_named_and_set_aside_and_the_domain_begins_anew() {
    let place = tempfile::tempdir().unwrap();
    let file = file_of(place.path(), "healthy.example");
    fs::write(&file, "{").unwrap();
    let ran_again = ran(&mut practice(place.path(), &["healthy.example"]));
    assert_eq!(ran_again.status, 0, "{ran_again:?}");
    assert!(
        ran_again.stderr.contains("d-healthy.example.json.damaged"),
        "{ran_again:?}"
    );
    assert_eq!(ran_again.stdout.lines().count(), 1);
    let aside = place.path().join("d-healthy.example.json.damaged");
    assert_eq!(fs::read_to_string(aside).unwrap(), "{");
    assert_eq!(
        ran(&mut practice(place.path(), &["healthy.example"])).stdout,
        ""
    );
}

/// Nothing is known before it was said: a message may come twice, but none is lost.
#[cfg(target_os = "linux")]
#[test]
fn what_could_not_be_said_is_said_the_next_time() {
    let place = tempfile::tempdir().unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let failed = ran(practice(place.path(), &["healthy.example"]).stdout(full));
    assert_eq!(failed.status, 70, "{failed:?}");
    assert!(
        failed.stderr.contains("the next run will say them again"),
        "{failed:?}"
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let failed = ran(practice(place.path(), &["healthy.example"]).stdout(writer));
    assert_eq!(failed.status, 70, "{failed:?}");
    assert!(!file_of(place.path(), "healthy.example").exists());
    let said = ran(&mut practice(place.path(), &["healthy.example"]));
    assert_eq!(said.stdout.lines().count(), 1, "{said:?}");
}

/// Whenever a run is killed, each domain has been said and saved, or neither is lost.
#[cfg(unix)]
#[test]
fn a_run_that_is_killed_loses_nothing() {
    use std::process::Stdio;
    let place = tempfile::tempdir().unwrap();
    let domains = ["healthy.example", "healthy-1.example", "healthy-2.example"];
    let began = std::time::Instant::now();
    let whole = tempfile::tempdir().unwrap();
    ran(&mut practice(whole.path(), &domains));
    let takes = began.elapsed();
    let mut said = String::new();
    for part in 1..=12_u32 {
        let mut child = practice(place.path(), &domains)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(takes * part / 10);
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        said += &String::from_utf8(output.stdout).unwrap();
        for domain in domains {
            let is_saved = file_of(place.path(), domain).exists();
            assert!(!is_saved || said.contains(domain), "{domain}: {said}");
        }
    }
    let last = ran(&mut practice(place.path(), &domains));
    said += &last.stdout;
    for domain in domains {
        assert!(said.contains(domain), "{domain}: {said}");
    }
    assert_eq!(ran(&mut practice(place.path(), &domains)).stdout, "");
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_name_the_domains_in_the_window_are_watched() {
    use mta_sts_core::{Change, Facts};
    use mta_sts_domains::{Store, Work};
    let home = tempfile::tempdir().unwrap();
    let nothing = ran(&mut at_home(home.path(), &["--practice"]));
    assert_eq!(nothing.status, 64, "{nothing:?}");
    assert!(nothing.stderr.contains("no domain to watch"), "{nothing:?}");
    let mut store = Store::lock(&home.path().join("mta-sts-wizard/practice")).unwrap();
    let recorded = include_str!("../../../core/tests/recorded/healthy.json");
    let facts = Facts::from_json(recorded).unwrap();
    let mut work = Work::new(facts.domain.clone());
    work.plan = Some(Change::Off);
    store.write(&work).unwrap();
    let first = ran(&mut at_home(home.path(), &["--practice"]));
    assert_eq!(first.status, 0, "{first:?}");
    assert!(first.stdout.contains("healthy.example: Due: "), "{first:?}");
    let state = home.path().join("mta-sts-wizard/watch-practice");
    assert!(file_of(&state, "healthy.example").exists());
    let second = ran(&mut at_home(home.path(), &["--practice"]));
    assert_eq!(
        (second.status, second.stdout.as_str()),
        (0, ""),
        "{second:?}"
    );
}

fn report(id: u8, failed: u8) -> String {
    format!(
        r#"{{ "organization-name": "Sender", "report-id": "{id}",
            "date-range": {{ "start-datetime": "2026-11-23T00:00:00Z",
                             "end-datetime": "2026-11-23T23:59:59Z" }},
            "policies": [ {{ "policy": {{ "policy-type": "sts", "policy-domain": "healthy.example" }},
              "summary": {{ "total-successful-session-count": 1,
                            "total-failure-session-count": {failed} }},
              "failure-details": [ {{ "result-type": "certificate-expired",
                "receiving-mx-hostname": "mx1.healthy.example",
                "failed-session-count": {failed} }} ] }} ] }}"#
    )
}

#[test]
fn new_failures_in_a_folder_of_reports_are_told_once() {
    let place = tempfile::tempdir().unwrap();
    let reports = place.path().join("reports");
    fs::create_dir(&reports).unwrap();
    fs::write(reports.join("1.json"), report(1, 2)).unwrap();
    let state = place.path().join("state");
    let args = ["healthy.example", "--reports", reports.to_str().unwrap()];
    assert_eq!(ran(&mut practice(&state, &args)).status, 0);
    assert_eq!(ran(&mut practice(&state, &args)).stdout, "");
    fs::write(reports.join("2.json"), report(2, 5)).unwrap();
    let grown = ran(&mut practice(&state, &args));
    assert_eq!(grown.status, 1, "{grown:?}");
    assert!(
        grown
            .stdout
            .starts_with("healthy.example: Senders report 5 more connections"),
        "{grown:?}"
    );
    let again = ran(&mut practice(&state, &args));
    assert_eq!((again.status, again.stdout.as_str()), (0, ""), "{again:?}");
    // A folder that is gone is no reason for a message to come again.
    let aside = place.path().join("aside");
    fs::rename(&reports, &aside).unwrap();
    let missing = ran(&mut practice(&state, &args));
    assert_eq!(
        (missing.status, missing.stdout.as_str()),
        (2, ""),
        "{missing:?}"
    );
    assert!(missing.stderr.contains("couldn’t be read"), "{missing:?}");
    fs::rename(&aside, &reports).unwrap();
    assert_eq!(ran(&mut practice(&state, &args)).stdout, "");
}

#[cfg(target_os = "linux")]
#[test]
fn where_there_is_no_desktop_a_notice_is_a_warning_and_no_failure() {
    let place = tempfile::tempdir().unwrap();
    let args = ["healthy.example", "--notify"];
    let first = ran(&mut practice(place.path(), &args));
    assert_eq!(first.status, 0, "{first:?}");
    assert!(
        first.stderr.contains("No notice could be shown"),
        "{first:?}"
    );
    // Without a message there is no notice either.
    let second = ran(&mut practice(place.path(), &args));
    assert_eq!(second.stderr, "", "{second:?}");
}

/// A home with a `systemctl` that notes what it is told, and fails if there is no session.
#[cfg(target_os = "linux")]
fn with_systemctl(home: &Path, has_session: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    let program = home.join("bin/systemctl");
    fs::create_dir_all(home.join("bin")).unwrap();
    let end = if has_session {
        ""
    } else {
        "echo Failed to connect to bus: No medium found >&2\nexit 1\n"
    };
    let log = home.join("log");
    let text = format!("#!/bin/sh\necho \"$*\" >> '{}'\n{end}", log.display());
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn the_daily_job_is_installed_and_removed() {
    let home = tempfile::tempdir().unwrap();
    with_systemctl(home.path(), true);
    let install = ["example.com", "--timeout", "9", "--install"];
    let installed = ran(&mut at_home(home.path(), &install));
    assert_eq!(installed.status, 0, "{installed:?}");
    let units = home.path().join("config/systemd/user");
    let service = units.join("mta-sts-watch.service");
    let timer = units.join("mta-sts-watch.timer");
    for said in [
        service.to_str().unwrap(),
        timer.to_str().unwrap(),
        "mta-sts watch --uninstall",
    ] {
        assert!(installed.stdout.contains(said), "{said}: {installed:?}");
    }
    let text = fs::read_to_string(&service).unwrap();
    let line = format!(
        "ExecStart=:\"{}\" \"watch\" \"example.com\" \"--timeout\" \"9\" \"--notify\"\n",
        env!("CARGO_BIN_EXE_mta-sts")
    );
    assert!(text.contains(&line), "{text}");
    let log = || fs::read_to_string(home.path().join("log")).unwrap();
    assert_eq!(
        log(),
        "--user daemon-reload\n--user enable --now mta-sts-watch.timer\n"
    );
    // Again, with another domain.
    let again = ran(&mut at_home(home.path(), &["example.org", "--install"]));
    assert_eq!(again.status, 0, "{again:?}");
    assert!(
        fs::read_to_string(&service)
            .unwrap()
            .contains("example.org")
    );
    let removed = ran(&mut at_home(home.path(), &["--uninstall"]));
    assert_eq!(removed.status, 0, "{removed:?}");
    assert!(!service.exists() && !timer.exists());
    assert!(log().contains("--user disable --now mta-sts-watch.timer\n"));
    let nothing = ran(&mut at_home(home.path(), &["--uninstall"]));
    assert_eq!(
        nothing.stdout, "No daily job was installed.\n",
        "{nothing:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_session_or_systemd_the_files_stay_and_the_way_on_is_told() {
    let home = tempfile::tempdir().unwrap();
    let timer = home.path().join("config/systemd/user/mta-sts-watch.timer");
    let missing = ran(&mut at_home(home.path(), &["example.com", "--install"]));
    assert_eq!(missing.status, 1, "{missing:?}");
    assert!(timer.exists());
    for said in [
        "systemctl isn’t on this computer",
        "  systemctl --user daemon-reload\n  systemctl --user enable --now mta-sts-watch.timer\n",
        "crontab -e",
        " 9 * * * '",
    ] {
        assert!(missing.stdout.contains(said), "{said}: {missing:?}");
    }
    with_systemctl(home.path(), false);
    let no_session = ran(&mut at_home(home.path(), &["example.com", "--install"]));
    assert_eq!(no_session.status, 1, "{no_session:?}");
    assert!(
        no_session.stdout.contains("“Failed to connect to bus"),
        "{no_session:?}"
    );
    assert!(!no_session.stdout.contains("crontab"), "{no_session:?}");
    let removed = ran(&mut at_home(home.path(), &["--uninstall"]));
    assert_eq!(removed.status, 0, "{removed:?}");
    assert!(!timer.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_somebody_else_is_neither_replaced_nor_removed() {
    let home = tempfile::tempdir().unwrap();
    with_systemctl(home.path(), true);
    let units = home.path().join("config/systemd/user");
    fs::create_dir_all(&units).unwrap();
    let timer = units.join("mta-sts-watch.timer");
    fs::write(&timer, "[Timer]\nOnCalendar=hourly\n").unwrap();
    for args in [&["example.com", "--install"][..], &["--uninstall"]] {
        let refused = ran(&mut at_home(home.path(), args));
        assert_eq!(refused.status, 1, "{refused:?}");
        assert!(
            refused
                .stderr
                .contains("isn’t a file that this program wrote"),
            "{refused:?}"
        );
    }
    assert_eq!(
        fs::read_to_string(&timer).unwrap(),
        "[Timer]\nOnCalendar=hourly\n"
    );
    assert!(!units.join("mta-sts-watch.service").exists());
    assert!(
        !home.path().join("log").exists(),
        "nothing was started or stopped"
    );
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let place = tempfile::tempdir().unwrap();
    for args in [
        &["not a domain"][..],
        &["--install", "--uninstall"],
        &["--file", "missing.txt"],
        &["--install", "--file", "-", "example.com"],
    ] {
        let wrong = ran(&mut at_home(place.path(), args));
        assert_eq!(wrong.status, 64, "{args:?}: {wrong:?}");
    }
}
