//! The folder with the saved work: a folder for each domain with `work.json` and, if there are any,
//! `reports.json`; next to them `settings.json`. Every file is written whole and is readable only
//! by its owner. Only one window at a time has the lock.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use mta_sts_core::{Domain, TlsReports};
use mta_sts_save::write_private;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::file::{FileError, open_lock, read_bounded};
use crate::practice::PracticeWorld;
use crate::work::Work;

/// The largest work file of one domain, in bytes, for writing and reading. The largest possible
/// check is smaller.
pub(crate) const MAX_WORK_BYTES: u64 = 32 * 1024 * 1024;
/// The largest reports file of one domain, in bytes, for writing and reading.
pub(crate) const MAX_REPORTS_BYTES: u64 = 16 * 1024 * 1024;
/// The largest file of settings, in bytes.
const MAX_SETTINGS_BYTES: u64 = 1024 * 1024;
/// More than anybody has. Further folders are not read.
const MAX_DOMAINS: usize = 10_000;

/// The file that is there while the window opens saved work, until it has drawn it.
const STARTING: &str = "starting";
/// The name of what is set aside after a crash.
const CRASHED: &str = "crashed";

const WORK_FORMAT: &str = "mta-sts-work/1";
const REPORTS_FORMAT: &str = "mta-sts-saved-reports/1";
const SETTINGS_FORMAT: &str = "mta-sts-settings/1";

/// The platform's folder for saved work. Practice mode has its own, so that it never touches real
/// work.
#[must_use]
pub fn data_folder(practice: bool) -> Option<PathBuf> {
    let name = if practice { "practice" } else { "work" };
    Some(program_folder()?.join(name))
}

/// The platform's folder for everything that this program saves automatically.
#[must_use]
pub fn program_folder() -> Option<PathBuf> {
    Some(folders()?.data_dir().to_owned())
}

/// The one file in which versions before 0.2 saved all work.
#[must_use]
pub fn legacy_file(practice: bool) -> Option<PathBuf> {
    let name = if practice {
        "practice.json"
    } else {
        "wizard.json"
    };
    Some(program_folder()?.join(name))
}

fn folders() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "mta-sts-wizard")
}

/// Settings that belong to no domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The domain that was open.
    #[serde(default)]
    pub open: Option<Domain>,
    /// The display settings, in the format of the window.
    #[serde(default)]
    pub display: Value,
    /// What was done to the practice internet.
    #[serde(default)]
    pub practice: PracticeWorld,
    /// What a newer version of this program saved.
    #[serde(flatten)]
    newer: Map<String, Value>,
}

impl Settings {
    /// With this domain open.
    #[must_use]
    pub fn new(open: Option<Domain>, display: Value, practice: PracticeWorld) -> Self {
        Self {
            open,
            display,
            practice,
            newer: Map::new(),
        }
    }
}

/// Everything that was read, and what could not be.
#[derive(Debug, Default)]
pub struct Read {
    /// One entry for each domain, by name.
    pub domains: Vec<Work>,
    /// Settings that belong to no domain.
    pub settings: Settings,
    /// A sentence for each file that could not be read. The file is left alone or set aside, never
    /// overwritten. Safe to show.
    pub remarks: Vec<String>,
    /// The files that the remarks are about.
    unread: BTreeSet<PathBuf>,
}

/// Work cannot be saved in this folder.
#[derive(Debug)]
pub enum StoreError {
    /// Another window is using it.
    InUse,
    /// The system refused.
    Refused(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse => f.write_str("another window already has this work open"),
            Self::Refused(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for StoreError {}

/// The folder, locked by this program until it is dropped.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Files that could not be read. Each is set aside before a new one is written.
    unread: BTreeSet<PathBuf>,
    _lock: FolderLock,
}

/// The lock of a folder, until it is dropped. The system releases it however the program ends.
#[derive(Debug)]
pub(crate) struct FolderLock(fs::File);

impl FolderLock {
    /// Locks a folder without waiting. Creates it if it is missing.
    pub(crate) fn of(folder: &Path) -> Result<Self, StoreError> {
        let refused = |error: io::Error| StoreError::Refused(mta_sts_save::not_written(&error));
        private_folder(folder).map_err(refused)?;
        let path = folder.join("lock");
        let lock =
            open_lock(&path).map_err(|error| StoreError::Refused(not_written(&path, &error)))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self(lock)),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(fs::TryLockError::Error(error)) => Err(refused(error)),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // A process that was started meanwhile may still have the same file open.
        let _ = self.0.unlock();
    }
}

#[derive(Serialize, Deserialize)]
struct Saved<T> {
    format: String,
    #[serde(flatten)]
    value: T,
}

impl Store {
    /// Locks the folder without waiting. Creates it if it is missing.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another window has it.
    pub fn lock(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            folder: folder.to_owned(),
            unread: BTreeSet::new(),
            _lock: FolderLock::of(folder)?,
        })
    }

    /// Reads all domains and the settings. What cannot be read will not be overwritten.
    pub fn read_all(&mut self) -> Read {
        let read = Self::read(&self.folder);
        self.unread.clone_from(&read.unread);
        read
    }

    /// Reads all domains and the settings, with or without the lock. Nothing is changed.
    #[must_use]
    pub fn read(folder: &Path) -> Read {
        let mut read = Read::default();
        let path = folder.join("settings.json");
        let settings = match read_bounded(&path, MAX_SETTINGS_BYTES) {
            Ok(bytes) => parse(&bytes, SETTINGS_FORMAT),
            Err(FileError::Missing) => Ok(Settings::default()),
            Err(error) => Err(format!("couldn’t be read: {error}")),
        };
        match settings {
            Ok(settings) => read.settings = settings,
            Err(reason) => {
                read.remarks
                    .push(format!("The settings of this window {reason}."));
                read.unread.insert(path);
            }
        }
        for (name, path) in domain_folders(folder) {
            let path = path.join("work.json");
            let work = match read_bounded(&path, MAX_WORK_BYTES) {
                Ok(bytes) => parse(&bytes, WORK_FORMAT),
                // The folder of a domain, still empty.
                Err(FileError::Missing) => continue,
                Err(error) => Err(format!("couldn’t be read: {error}")),
            };
            match work {
                Ok(work) => read.domains.push(work),
                Err(reason) => {
                    let name = mta_sts_core::escaped(&name, 253);
                    read.remarks
                        .push(format!("The saved work on {name} {reason}."));
                    read.unread.insert(path);
                }
            }
        }
        read.domains
            .sort_by(|a: &Work, b: &Work| a.domain.cmp(&b.domain));
        read
    }

    /// Moves all work out of the way if the last start with it died before it could be drawn, so
    /// that it can’t keep the window from opening. Returns what happened, in sentences.
    pub fn set_aside_after_crash(&mut self) -> Option<String> {
        if !self.folder.join(STARTING).exists() {
            return None;
        }
        self.mark_start(false);
        let work = self.folder.join("domains");
        if !work.exists() {
            return None;
        }
        let crash = "MTA-STS Wizard crashed while it opened your saved work";
        let settings = self.folder.join("settings.json");
        let moved = move_aside(&work, CRASHED, |why| {
            self.folder.join(format!("domains.{why}"))
        });
        if settings.exists() {
            // The display settings, and which domain was open: no loss.
            let _ = set_aside(&settings, CRASHED);
        }
        Some(match moved {
            Ok(aside) => format!(
                "{crash}. Nothing is lost: the work is now in {}. To try it again, close this \
                 window and rename that folder to domains.",
                aside.display()
            ),
            Err(reason) => format!("{crash}, which may happen again: {reason}."),
        })
    }

    /// Notes on the disk that the window is about to show the work, or that it has.
    pub(crate) fn mark_start(&self, begins: bool) {
        let path = self.folder.join(STARTING);
        // A disk that refuses says so as soon as there is something to save.
        let _ = if begins {
            fs::File::create_new(path).map(drop)
        } else {
            fs::remove_file(path)
        };
    }

    /// Writes the file of one domain.
    ///
    /// # Errors
    /// Why, with the name of the file. The old file is unchanged.
    pub fn write(&mut self, work: &Work) -> Result<(), String> {
        let path = self.folder_of(&work.domain).join("work.json");
        self.make_room(&path)?;
        write(&path, WORK_FORMAT, work, MAX_WORK_BYTES)
    }

    /// Writes the reports of one domain. If they are too large for one file, the oldest are left
    /// out; returns how many.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_reports(
        &mut self,
        domain: &Domain,
        reports: &TlsReports,
    ) -> Result<usize, String> {
        let path = self.folder_of(domain).join("reports.json");
        // Reports are read only when their domain is opened, so this is checked here.
        if path.exists() && Self::read_reports(&self.folder, domain).is_err() {
            set_aside(&path, "unread")?;
        }
        if reports.is_empty() {
            return match fs::remove_file(&path) {
                Ok(()) => Ok(0),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
                Err(error) => Err(not_written(&path, &error)),
            };
        }
        let all = reports.len();
        let mut saved = SavedReports {
            reports: reports.clone(),
        };
        loop {
            let kept = saved.reports.len();
            match write(&path, REPORTS_FORMAT, &saved, MAX_REPORTS_BYTES) {
                Err(reason) if reason.ends_with(TOO_LARGE) && kept > 1 => {
                    saved.reports.keep_newest(kept - kept.div_ceil(8));
                }
                done => return done.map(|()| all - kept),
            }
        }
    }

    /// Writes the settings.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_settings(&mut self, settings: &Settings) -> Result<(), String> {
        let path = self.folder.join("settings.json");
        self.make_room(&path)?;
        write(&path, SETTINGS_FORMAT, settings, MAX_SETTINGS_BYTES)
    }

    /// Deletes what was saved for one domain.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn remove(&mut self, domain: &Domain) -> Result<(), String> {
        let folder = self.folder_of(domain);
        match fs::remove_dir_all(&folder) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(not_written(&folder, &error)),
        }
    }

    /// Whether its work file exists, whatever it contains.
    pub(crate) fn has_work(&self, domain: &Domain) -> bool {
        self.folder_of(domain).join("work.json").exists()
    }

    /// The same for its reports.
    pub(crate) fn has_reports(&self, domain: &Domain) -> bool {
        self.folder_of(domain).join("reports.json").exists()
    }

    /// The same for the settings.
    pub(crate) fn has_settings(&self) -> bool {
        self.folder.join("settings.json").exists()
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The reports of one domain, with or without the lock; none where there is no file.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn read_reports(folder: &Path, domain: &Domain) -> Result<TlsReports, String> {
        let path = folder_of(folder, domain).join("reports.json");
        match read_bounded(&path, MAX_REPORTS_BYTES) {
            Ok(bytes) => parse::<SavedReports>(&bytes, REPORTS_FORMAT)
                .map(|saved| saved.reports)
                .map_err(|reason| format!("The saved TLS reports of {domain} {reason}.")),
            Err(FileError::Missing) => Ok(TlsReports::default()),
            Err(error) => Err(format!(
                "The saved TLS reports of {domain} couldn’t be read: {error}."
            )),
        }
    }

    /// Renames a file that could not be read, so that nothing in it is lost.
    fn make_room(&mut self, path: &Path) -> Result<(), String> {
        if self.unread.remove(path) {
            set_aside(path, "unread")?;
        }
        Ok(())
    }

    fn folder_of(&self, domain: &Domain) -> PathBuf {
        folder_of(&self.folder, domain)
    }
}

/// Renames a file, so that it is not read again and nothing in it is lost.
pub(crate) fn set_aside(path: &Path, why: &str) -> Result<(), String> {
    let aside = move_aside(path, why, |why| path.with_extension(format!("{why}.json")))?;
    make_private(&aside);
    Ok(())
}

/// Renames a file or a folder after a reason, with a number if that name is taken.
pub(crate) fn move_aside(
    path: &Path,
    why: &str,
    named: impl Fn(&str) -> PathBuf,
) -> Result<PathBuf, String> {
    let mut aside = named(why);
    for number in 2..1000 {
        if fs::symlink_metadata(&aside).is_err() {
            break;
        }
        aside = named(&format!("{why}-{number}"));
    }
    fs::rename(path, &aside).map_err(|error| not_written(path, &error))?;
    Ok(aside)
}

/// Takes away what others may do with a file: earlier versions let everybody read their work.
#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    // The file may be missing, and a disk may have no permissions.
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}

#[derive(Serialize, Deserialize)]
struct SavedReports {
    reports: TlsReports,
}

/// Goes before every name, because some systems don't allow a file called `con.example`.
pub(crate) const PREFIX: &str = "d-";

fn folder_of(folder: &Path, domain: &Domain) -> PathBuf {
    folder.join("domains").join(format!("{PREFIX}{domain}"))
}

/// The folders of domains: their names and paths.
fn domain_folders(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder.join("domains")) else {
        return Vec::new();
    };
    let names = entries.flatten().take(MAX_DOMAINS).filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let domain = name.strip_prefix(PREFIX)?.to_owned();
        Some((domain, entry.path()))
    });
    names.collect()
}

/// Reads a value with its format. On failure, returns the rest of a sentence: "… is damaged".
pub(crate) fn parse<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    format: &str,
) -> Result<T, String> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: String,
    }
    let damaged = |error: serde_json::Error| format!("is damaged (line {})", error.line());
    let found: FormatOnly = serde_json::from_slice(bytes).map_err(damaged)?;
    if found.format != format {
        let is_ours =
            found.format.rsplit_once('/').map(|it| it.0) == format.rsplit_once('/').map(|it| it.0);
        return Err(if is_ours {
            "comes from a newer version of this program".to_owned()
        } else {
            format!("is damaged: its format isn’t {format}")
        });
    }
    let saved: Saved<T> = serde_json::from_slice(bytes).map_err(damaged)?;
    Ok(saved.value)
}

const TOO_LARGE: &str = "would be too large";

/// Writes a value with its format, readable only by its owner.
pub(crate) fn write<T: Serialize>(
    path: &Path,
    format: &str,
    value: &T,
    max_bytes: u64,
) -> Result<(), String> {
    let saved = Saved {
        format: format.to_owned(),
        value,
    };
    let text = serde_json::to_vec(&saved)
        .map_err(|_| format!("{} couldn’t be written", path.display()))?;
    if text.len() as u64 > max_bytes {
        return Err(format!("{} {TOO_LARGE}", path.display()));
    }
    if let Some(folder) = path.parent() {
        private_folder(folder).map_err(|error| not_written(folder, &error))?;
    }
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(format!("{} isn’t a plain file", path.display()));
    }
    make_private(path);
    write_private(path, &text).map_err(|error| error.to_string())
}

/// Why the system refused, with the name of the file.
fn not_written(path: &Path, error: &io::Error) -> String {
    format!("{}: {}", path.display(), mta_sts_save::not_written(error))
}

/// Creates a folder that only its owner can enter.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

#[cfg(test)]
pub(crate) use tests::large_reports;

#[cfg(test)]
mod tests;
