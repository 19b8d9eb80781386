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
    let settings = Settings::new(
        Some(a.domain.clone()),
        Value::from(1),
        PracticeWorld::default(),
    );
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
    let reports = large_reports(7);
    assert_eq!(store.write_reports(&domain, &reports), Ok(0));
    assert_eq!(
        Store::read_reports(folder.path(), &domain).unwrap(),
        reports
    );
    let reports = large_reports(9);
    assert_eq!(store.write_reports(&domain, &reports), Ok(2));
    let read = Store::read_reports(folder.path(), &domain).unwrap();
    let ids: Vec<String> = read.into_iter().map(|report| report.report_id).collect();
    assert_eq!(ids, ["2", "3", "4", "5", "6", "7", "8"]);
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

/// Reports of 2 MiB each, an hour apart.
pub(crate) fn large_reports(count: u32) -> TlsReports {
    let mut reports = TlsReports::default();
    for number in 0..count {
        let begin = datetime!(2026-11-01 0:00 UTC) + time::Duration::hours(number.into());
        reports.add(TlsReport {
            organization: "x".repeat(2 * 1024 * 1024),
            report_id: number.to_string(),
            contact: None,
            begin: Some(begin),
            end: Some(begin + time::Duration::HOUR),
            policies: Vec::new(),
        });
    }
    reports
}

#[test]
fn work_with_which_the_last_start_died_is_moved_away_whole_and_can_be_moved_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(folder.path()).unwrap();
    store.write(&work("example.com")).unwrap();
    let open = Settings::new(
        Some(work("example.com").domain),
        Value::Null,
        PracticeWorld::default(),
    );
    store.write_settings(&open).unwrap();
    assert_eq!(store.set_aside_after_crash(), None);

    store.mark_start(true);
    let told = store.set_aside_after_crash().unwrap();
    let aside = folder.path().join("domains.crashed");
    assert!(told.contains(aside.to_str().unwrap()), "{told}");
    let read = store.read_all();
    assert_eq!((read.domains.len(), read.settings.open), (0, None));
    assert_eq!(store.set_aside_after_crash(), None, "it is told once");

    fs::rename(&aside, folder.path().join("domains")).unwrap();
    assert_eq!(store.read_all().domains, [work("example.com")]);
}

#[test]
fn nothing_is_set_aside_where_nothing_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(folder.path()).unwrap();
    store.mark_start(true);
    assert_eq!(store.set_aside_after_crash(), None);
}

#[cfg(unix)]
#[test]
fn files_that_others_could_read_are_private_once_they_are_written_or_set_aside() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(folder.path()).unwrap();
    store.write(&work("example.com")).unwrap();
    let file = folder.path().join("domains/d-example.com/work.json");
    let open_to_all = || fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    open_to_all();
    store.write(&work("example.com")).unwrap();
    assert_eq!(mode(&file), 0o600);
    open_to_all();
    set_aside(&file, "damaged").unwrap();
    assert_eq!(mode(&file.with_extension("damaged.json")), 0o600);
}

#[cfg(unix)]
#[test]
fn a_file_that_became_a_pipe_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::lock(folder.path()).unwrap();
    store.write(&work("example.com")).unwrap();
    let file = folder.path().join("domains/d-example.com/work.json");
    fs::remove_file(&file).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.unwrap().success());
    let refused = store.write(&work("example.com")).unwrap_err();
    assert!(refused.contains("isn’t a plain file"), "{refused}");
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_a_pipe_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("lock"))
        .status();
    assert!(made.unwrap().success());
    let refused = Store::lock(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("isn’t a plain file"), "{refused}");
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
