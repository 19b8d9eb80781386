//! A disk that is full and a drive that can only be read, as the system makes them. They need the
//! right to mount, so they run only where they are asked for:
//!
//! ```sh
//! cargo test --test refused -- --ignored
//! ```

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use mta_sts_core::{Artifact, Domain};
use mta_sts_domains::{StateWriter, Store, Work};
use mta_sts_save::{Target, write};

/// A drive of its own; it is taken out at the end.
struct Drive(tempfile::TempDir);

impl Drive {
    fn of(options: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(
            "mount",
            &["-t", "tmpfs", "-o", options, "none"],
            folder.path(),
        );
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        run("umount", &[], self.0.path());
    }
}

fn run(program: &str, options: &[&str], place: &Path) {
    let done = Command::new(program)
        .args(options)
        .arg(place)
        .status()
        .unwrap();
    assert!(done.success(), "{program} {options:?}");
}

fn artifact(letter: u8) -> [Artifact; 1] {
    [Artifact {
        path: "dns-records.txt",
        contents: vec![letter; 40_000],
    }]
}

#[test]
#[ignore = "needs the right to mount"]
fn a_full_disk_is_named_and_the_old_file_stays() {
    let drive = Drive::of("size=64k");
    let target = Target::Folder(drive.path().to_owned());
    write(&target, &artifact(b'a'), None, |_| true).unwrap();
    let error = write(&target, &artifact(b'b'), None, |_| true)
        .unwrap_err()
        .to_string();
    assert!(error.contains("the disk is full"), "{error}");
    let names: Vec<_> = std::fs::read_dir(drive.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let kept = std::fs::read(drive.path().join("dns-records.txt")).unwrap();
    assert_eq!(kept, vec![b'a'; 40_000]);
}

#[test]
#[ignore = "needs the right to mount"]
fn work_that_finds_no_room_is_told_and_the_old_one_stays() {
    let drive = Drive::of("size=64k");
    let mut work = Work::new(Domain::parse("example.com").unwrap());
    work.folder_text = "first".into();
    let writer = || StateWriter::new(Store::lock(drive.path()).unwrap(), || {}).unwrap();
    writer().save(work.clone());
    let writer = writer();
    work.folder_text = "x".repeat(100_000);
    writer.save(work);
    let failure = loop {
        if let Some(failure) = writer.failure() {
            break failure;
        }
        std::thread::yield_now();
    };
    assert!(failure.contains("the disk is full"), "{failure}");
    let read = Store::read(drive.path());
    assert_eq!(read.domains[0].folder_text, "first");
}

#[test]
#[ignore = "needs the right to mount"]
fn a_drive_that_can_only_be_read_is_named() {
    let drive = Drive::of("ro");
    let target = Target::Folder(drive.path().to_owned());
    let error = write(&target, &artifact(b'a'), None, |_| true)
        .unwrap_err()
        .to_string();
    assert!(error.contains("read-only"), "{error}");
}

#[test]
#[ignore = "needs the right to mount"]
fn a_drive_that_was_taken_out_is_named_and_nothing_is_written_in_its_place() {
    let place = tempfile::tempdir().unwrap();
    let stick = place.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    run("mount", &["-t", "tmpfs", "none"], &stick);
    let folder = stick.join("mta-sts");
    std::fs::create_dir(&folder).unwrap();
    let target = Target::Folder(folder.clone());
    let shown = mta_sts_save::plan(&target, &artifact(b'a')).unwrap();
    run("umount", &[], &stick);
    let error = write(&target, &artifact(b'a'), Some(&shown), |_| true)
        .unwrap_err()
        .to_string();
    assert!(error.contains("is gone"), "{error}");
    assert!(!folder.exists());
}
