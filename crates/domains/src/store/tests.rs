//! The folder as it is found again: whole, damaged, of a newer version, or of somebody else.

use mta_sts_core::{Facts, TlsReport};
use time::macros::datetime;

use super::*;

fn work(name: &str) -> Work {
    let domain = Domain::parse(name).unwrap();
    let mut work = Work::new(domain.clone());
    work.take_facts(Facts::new(domain, datetime!(2026-11-23 12:00 UTC)));
    work
}

#[test]
fn what_was_written_is_read_again_each_domain_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(&folder.path().join("deep/work")).unwrap();
    let (a, b) = (work("b.example"), work("a.example"));
    store.write(&a).unwrap();
    store.write(&b).unwrap();
    let settings = Settings::new(Some(a.domain.clone()), Value::from(1));
    store.write_settings(&settings).unwrap();
    let read = Store::read(store.folder());
    assert_eq!(read.domains, [b.clone(), a.clone()]);
    assert_eq!(read.settings, settings);
    assert_eq!(read.remarks, Vec::<String>::new());
    store.remove(&a.domain).unwrap();
    assert_eq!(Store::read(store.folder()).domains, [b]);
}

#[test]
fn a_damaged_file_costs_its_own_domain_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(folder.path()).unwrap();
    store.write(&work("good.example")).unwrap();
    store.write(&work("bad.example")).unwrap();
    let path = folder.path().join("domains/d-bad.example/work.json");
    for (damage, reason) in [
        ("{", "is damaged"),
        ("", "is damaged"),
        ("[]", "is damaged"),
        (r#"{"format":"holiday/1"}"#, "is damaged"),
        (r#"{"format":"mta-sts-work/1"}"#, "is damaged"),
        (r#"{"format":"mta-sts-work/2"}"#, "newer version"),
    ] {
        fs::write(&path, damage).unwrap();
        let read = Store::read(folder.path());
        assert_eq!(read.domains.len(), 1, "{damage}");
        assert!(
            read.remarks[0].contains("bad.example"),
            "{:?}",
            read.remarks
        );
        assert!(read.remarks[0].contains(reason), "{:?}", read.remarks);
        assert_eq!(fs::read_to_string(&path).unwrap(), damage);
    }
    // Worked on again, it is set aside before.
    store.read_all();
    store.write(&work("bad.example")).unwrap();
    assert_eq!(Store::read(folder.path()).domains.len(), 2);
    let aside = path.with_file_name("work.unread.json");
    assert!(fs::read_to_string(aside).unwrap().contains("work/2"));
}

#[test]
fn a_second_window_gets_no_lock_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::lock(folder.path()).unwrap();
    assert!(matches!(Store::lock(folder.path()), Err(StoreError::InUse)));
    drop(first);
    assert!(Store::lock(folder.path()).is_ok());
}

#[test]
fn reports_are_read_again_and_the_oldest_make_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(folder.path()).unwrap();
    let domain = Domain::parse("example.com").unwrap();
    let report = |number: u32| TlsReport {
        organization: "x".repeat(50_000),
        report_id: number.to_string(),
        contact: None,
        begin: Some(datetime!(2026-11-01 0:00 UTC) + time::Duration::hours(number.into())),
        end: None,
        policies: Vec::new(),
    };
    let mut reports = TlsReports::default();
    reports.add(report(1));
    store.write_reports(&domain, &reports).unwrap();
    assert_eq!(
        Store::read_reports(folder.path(), &domain).unwrap(),
        reports
    );
    for number in 2..500 {
        reports.add(report(number));
    }
    store.write_reports(&domain, &reports).unwrap();
    let read = Store::read_reports(folder.path(), &domain).unwrap();
    assert!(!read.is_empty() && read.len() < reports.len());
    let path = folder.path().join("domains/d-example.com/reports.json");
    fs::write(&path, "{").unwrap();
    store.write_reports(&domain, &reports).unwrap();
    assert_eq!(
        fs::read_to_string(path.with_extension("unread.json")).unwrap(),
        "{"
    );
    store
        .write_reports(&domain, &TlsReports::default())
        .unwrap();
    assert!(
        Store::read_reports(folder.path(), &domain)
            .unwrap()
            .is_empty()
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("work");
    let mut store = Store::lock(&root).unwrap();
    store.write(&work("example.com")).unwrap();
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("domains/d-example.com"), 0o700);
    assert_eq!(mode("domains/d-example.com/work.json"), 0o600);
}

#[cfg(unix)]
#[test]
fn a_pipe_an_endless_device_and_a_link_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(folder.path()).unwrap();
    store.write(&work("example.com")).unwrap();
    let file = folder.path().join("domains/d-example.com/work.json");
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    let read = Store::read(folder.path());
    assert!(
        read.remarks[0].contains("isn’t a plain file"),
        "{:?}",
        read.remarks
    );
    fs::remove_file(&file).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.unwrap().success());
    let read = Store::read(folder.path());
    assert!(
        read.remarks[0].contains("isn’t a plain file"),
        "{:?}",
        read.remarks
    );
    drop(store);
    // A lock that leads to somebody's file leaves it as it is.
    let mine = folder.path().join("mine.txt");
    fs::write(&mine, "mine").unwrap();
    fs::remove_file(folder.path().join("lock")).unwrap();
    std::os::unix::fs::symlink(&mine, folder.path().join("lock")).unwrap();
    assert!(matches!(
        Store::lock(folder.path()),
        Err(StoreError::Refused(_))
    ));
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
}
