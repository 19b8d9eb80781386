//! Killed at any moment, the program leaves an old file or a new one, never a part. Two hundred
//! times a process of this test writes the work on several domains and files without a pause, and is
//! killed.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use mta_sts_core::{Artifact, Domain};
use mta_sts_domains::{PracticeWorld, Settings, StateWriter, Store, Work};
use mta_sts_save::Target;

const FOLDER: &str = "MTA_STS_KILLED_FOLDER";
const TIMES: u32 = 200;
const DOMAINS: [&str; 3] = ["a.example", "b.example", "c.example"];

#[test]
fn a_kill_at_any_moment_leaves_old_or_new_and_never_half() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_for_ever(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    let (mut seen, mut torn) = (0, Vec::new());
    let mut known: BTreeSet<Domain> = BTreeSet::new();
    for turn in 0..TIMES {
        let test = "a_kill_at_any_moment_leaves_old_or_new_and_never_half";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Spread over the time that a process needs to begin and to write some rounds.
        std::thread::sleep(Duration::from_micros(
            u64::from(turn) * 337 % 40_000 + 3_000,
        ));
        child.kill().unwrap();
        child.wait().unwrap();
        let read = Store::read(&work);
        torn.extend(read.remarks.iter().map(|it| format!("turn {turn}: {it}")));
        let now: BTreeSet<Domain> = read.domains.iter().map(|it| it.domain.clone()).collect();
        seen += u32::from(now.len() == DOMAINS.len());
        // What was there once is there for good, and of one round alone.
        torn.extend(
            known
                .difference(&now)
                .map(|it| format!("turn {turn}: {it} is gone")),
        );
        known.extend(now);
        for work in &read.domains {
            let round = work.folder_text.split(' ').next().unwrap_or_default();
            let whole = format!("{round} ").repeat(TEXTS);
            if work.folder_text != whole {
                torn.push(format!("turn {turn}: {} of two rounds", work.domain));
            }
        }
        for letter in ["a", "b"] {
            let file = folder.path().join(format!("files/{letter}.txt"));
            if let Ok(bytes) = std::fs::read(&file) {
                let first = bytes.first().copied().unwrap_or_default();
                let whole = bytes.len() == SIZE && bytes.iter().all(|byte| *byte == first);
                if !whole {
                    torn.push(format!(
                        "turn {turn}: {} of {} bytes",
                        file.display(),
                        bytes.len()
                    ));
                }
            }
        }
    }
    assert_eq!(torn, Vec::<String>::new());
    assert!(seen > TIMES / 2, "all domains were there only {seen} times");
}

const SIZE: usize = 300_000;
const TEXTS: usize = 2_000;

/// Writes the work on three domains and two files over and over, each time with other contents.
fn write_for_ever(folder: &Path) {
    let target = Target::Folder(folder.join("files"));
    // The one that was killed a moment ago may still hold the lock.
    let store = loop {
        if let Ok(store) = Store::lock(&folder.join("work")) {
            break store;
        }
        std::thread::yield_now();
    };
    let writer = StateWriter::new(store, || {}).unwrap();
    for round in (0_u8..=u8::MAX).cycle() {
        for name in DOMAINS {
            let mut work = Work::new(Domain::parse(name).unwrap());
            work.folder_text = format!("{name}-{round} ").repeat(TEXTS);
            writer.save(work);
        }
        let open = Domain::parse(DOMAINS[usize::from(round) % DOMAINS.len()]).unwrap();
        writer.save_settings(Settings::new(
            Some(open),
            round.into(),
            PracticeWorld::default(),
        ));
        let file = |path| Artifact {
            path,
            contents: vec![b'0' + round % 64; SIZE],
        };
        let files = [file("a.txt"), file("b.txt")];
        mta_sts_save::write(&target, &files, None, |_| true).unwrap();
    }
}
