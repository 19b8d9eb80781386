//! What is kept between two runs: one small file in the platform's folder, written whole by a
//! thread of its own, so that a slow disk never holds up the window.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::{fs, io};

use directories::ProjectDirs;
use serde_json::Value;

use crate::state::{Kept, State};

/// The largest state file that is read, in bytes. A larger one is not ours.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The number of the format that is written.
const FORMAT: u32 = 2;

/// Writes the state whenever it changed. Dropping it waits until the last state is on the disk.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    states: Option<Sender<String>>,
    failures: Receiver<String>,
    thread: Option<JoinHandle<()>>,
    last: String,
    /// Held as long as this keeper lives; the system lets go of it however the program ends.
    lock: fs::File,
}

/// How the state file of the last run was found.
#[derive(Debug)]
pub enum Opened {
    /// Nothing there, or what was kept.
    Kept(Box<Option<Kept>>),
    /// Something else; it was put aside under this name.
    SetAside(PathBuf),
    /// It could not be read or put aside, or another window has it; the sentence says why. It is
    /// left alone.
    Unreadable(String),
}

/// The state file of the platform: practice has its own, so that it never touches real work.
#[must_use]
pub fn default_path(practice: bool) -> Option<PathBuf> {
    let name = if practice {
        "practice.json"
    } else {
        "wizard.json"
    };
    ProjectDirs::from("", "", "mta-sts-wizard").map(|folders| folders.data_dir().join(name))
}

/// Reads the state file. A damaged one is set aside, never overwritten.
#[must_use]
pub fn open(path: &Path) -> Opened {
    let text = match read_bounded(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Opened::Kept(None.into()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return set_aside(path),
        Err(error) => {
            return Opened::Unreadable(format!("{} could not be read: {error}", path.display()));
        }
    };
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else {
        return set_aside(path);
    };
    match value.get("format").and_then(format_number) {
        Some(number) if number > FORMAT => Opened::Unreadable(format!(
            "{} was written by a newer version of this program",
            path.display()
        )),
        Some(number) => {
            migrate(&mut value, number);
            match serde_json::from_value(value) {
                Ok(kept) => Opened::Kept(Some(kept).into()),
                Err(_) => set_aside(path),
            }
        }
        None => set_aside(path),
    }
}

/// The number in `mta-sts-wizard/2`.
fn format_number(format: &Value) -> Option<u32> {
    format
        .as_str()?
        .strip_prefix("mta-sts-wizard/")?
        .parse()
        .ok()
}

/// Brings what an older version kept into the present format.
fn migrate(value: &mut Value, from: u32) {
    if from < FORMAT {
        // Format 2 only has more: what is absent is as at the first start.
        value["format"] = format!("mta-sts-wizard/{FORMAT}").into();
    }
}

fn read_bounded(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "too large"));
    }
    fs::read_to_string(path)
}

fn set_aside(path: &Path) -> Opened {
    for number in 1..1000 {
        let aside = path.with_extension(format!("damaged-{number}.json"));
        if aside.exists() {
            continue;
        }
        return match fs::rename(path, &aside) {
            Ok(()) => Opened::SetAside(aside),
            Err(error) => Opened::Unreadable(format!(
                "{} is damaged and could not be set aside: {error}",
                path.display()
            )),
        };
    }
    Opened::Unreadable(format!("{} is damaged", path.display()))
}

impl Keeper {
    /// A keeper for this file, the only one.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] while another window keeps the same file. Otherwise when the
    /// system gives no thread, or nothing can be written beside the file.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        let lock = lock(&path)?;
        let (states, waiting) = channel::<String>();
        let (failed, failures) = channel();
        let target = path.clone();
        let thread = std::thread::Builder::new()
            .name("keeper".into())
            .spawn(move || {
                while let Ok(mut state) = waiting.recv() {
                    // Only the newest matters.
                    while let Ok(newer) = waiting.try_recv() {
                        state = newer;
                    }
                    if let Err(error) = mta_sts_save::write_whole(&target, state.as_bytes()) {
                        let _ = failed.send(error.to_string());
                    }
                }
            })?;
        Ok(Self {
            path,
            states: Some(states),
            failures,
            thread: Some(thread),
            last: String::new(),
            lock,
        })
    }

    /// Where the state is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a state, if it differs from the one kept last.
    pub fn keep(&mut self, state: &State) {
        let Ok(text) = serde_json::to_string(&state.to_keep()) else {
            return;
        };
        if text != self.last {
            if let Some(states) = &self.states {
                let _ = states.send(text.clone());
            }
            self.last = text;
        }
    }

    /// Why the last state could not be written, told once.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failures.try_iter().last()
    }
}

/// Takes the lock that belongs to a state file, without waiting for it.
fn lock(path: &Path) -> io::Result<fs::File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = fs::File::create(path.with_extension("lock"))?;
    file.try_lock()?;
    Ok(file)
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.states = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // A process that was started meanwhile may still hold the same open file.
        let _ = self.lock.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/wizard.json");
        let mut keeper = Keeper::new(path.clone()).unwrap();
        let mut state = State::new(false);
        state.check.domain_text = "example.com".into();
        keeper.keep(&state);
        drop(keeper);
        let Opened::Kept(kept) = open(&path) else {
            panic!("not kept")
        };
        let restored = State::restored(false, kept.unwrap());
        assert_eq!(restored.check.domain_text, "example.com");
    }

    #[test]
    fn nothing_kept_is_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            matches!(open(&folder.path().join("none.json")), Opened::Kept(none) if none.is_none())
        );
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_its_bytes_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wizard.json");
        for damage in ["{", "", "{\"format\":\"mta-sts-wizard/2\"}", "[]"] {
            fs::write(&path, damage).unwrap();
            let Opened::SetAside(aside) = open(&path) else {
                panic!("{damage}")
            };
            assert_eq!(fs::read_to_string(aside).unwrap(), damage);
            assert!(!path.exists());
        }
        fs::write(&path, [0xFF, 0xFE]).unwrap();
        assert!(matches!(open(&path), Opened::SetAside(_)));
    }

    #[test]
    fn a_state_that_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wizard.json");
        let mut keeper = Keeper::new(path.clone()).unwrap();
        // A folder cannot be replaced by a file.
        fs::create_dir(&path).unwrap();
        keeper.keep(&State::new(false));
        keeper.states = None;
        keeper.thread.take().unwrap().join().unwrap();
        assert!(keeper.failure().unwrap().contains("wizard.json"));
        assert_eq!(keeper.failure(), None);
    }

    #[test]
    fn a_second_window_keeps_nothing_and_so_destroys_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wizard.json");
        let mut first = Keeper::new(path.clone()).unwrap();
        let second = Keeper::new(path.clone()).unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::WouldBlock);
        let mut state = State::new(false);
        state.check.domain_text = "first.example".into();
        first.keep(&state);
        drop(first);
        assert!(fs::read_to_string(&path).unwrap().contains("first.example"));
        assert!(Keeper::new(path).is_ok());
    }

    #[test]
    fn what_an_older_version_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wizard.json");
        fs::write(&path, include_str!("kept/format-1.json")).unwrap();
        let Opened::Kept(kept) = open(&path) else {
            panic!("not kept")
        };
        let state = State::restored(false, kept.unwrap());
        assert_eq!(state.check.domain_text, "example.com");
        let draft = state.draft.unwrap();
        assert_eq!(draft.report_address, "me@example.net");
        assert_eq!(state.finish.folder_text, "/home/me/mta-sts");
    }

    #[test]
    fn what_a_newer_version_kept_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wizard.json");
        let newer = r#"{"format":"mta-sts-wizard/3","more":[]}"#;
        fs::write(&path, newer).unwrap();
        let Opened::Unreadable(reason) = open(&path) else {
            panic!("taken over")
        };
        assert!(reason.contains("newer version"), "{reason}");
        assert_eq!(fs::read_to_string(&path).unwrap(), newer);
    }
}
