//! Killed at any moment, the program leaves an old file or a new one, never a part. Two hundred
//! times a process of this test writes state and files without a pause, and is killed.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use mta_sts_core::Artifact;
use mta_sts_save::Target;
use mta_sts_wizard::kept::{self, Keeper, Opened};
use mta_sts_wizard::state::State;

const FOLDER: &str = "MTA_STS_KILLED_FOLDER";
const TIMES: u32 = 200;

#[test]
fn a_kill_at_any_moment_leaves_old_or_new_and_never_half() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_for_ever(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("wizard.json");
    let (mut seen, mut torn) = (0, Vec::new());
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
        if state.exists() {
            seen += 1;
            match kept::open(&state) {
                Opened::Kept(kept) if kept.is_some() => {}
                other => torn.push(format!("turn {turn}: {other:?}")),
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
    assert!(
        seen > TIMES / 2,
        "the state file was there only {seen} times"
    );
}

const SIZE: usize = 300_000;

/// Writes the state and two files over and over, each time with other contents.
fn write_for_ever(folder: &Path) {
    let target = Target::Folder(folder.join("files"));
    let mut keeper = Keeper::new(folder.join("wizard.json")).unwrap();
    let mut state = State::new(false);
    for round in 0_u8.. {
        state.check.domain_text = format!("round-{round}.example").repeat(2_000);
        keeper.keep(&state);
        let file = |path| Artifact {
            path,
            contents: vec![b'0' + round % 64; SIZE],
        };
        let files = [file("a.txt"), file("b.txt")];
        mta_sts_save::write(&target, &files, None, |_| true).unwrap();
        if round == u8::MAX {
            return write_for_ever(folder);
        }
    }
}
