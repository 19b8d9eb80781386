//! The folder with what is known between runs: a file for each domain, written whole, readable only by
//! its owner. Only one run at a time has the lock.

use std::path::{Path, PathBuf};

use mta_sts_core::{Domain, History};

use super::Watched;
use crate::file::{FileError, read_bounded};
use crate::store::{FolderLock, PREFIX, StoreError, move_aside, parse, write};

/// The largest file of one domain, in bytes, for writing and reading.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
const FORMAT: &str = "mta-sts-watch-state/1";

/// The folder, locked by this run until it is dropped.
#[derive(Debug)]
pub struct WatchFolder {
    folder: PathBuf,
    _lock: FolderLock,
}

impl WatchFolder {
    /// Locks the folder without waiting. Creates it if it is missing.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another run has it.
    pub fn lock(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            folder: folder.to_owned(),
            _lock: FolderLock::of(folder)?,
        })
    }

    /// What earlier runs saw published for a domain, without a lock; nothing if that can’t be read.
    #[must_use]
    pub fn history(folder: &Path, domain: &Domain) -> History {
        let bytes = read_bounded(&path_in(folder, domain), MAX_BYTES).ok();
        let watched = bytes.and_then(|bytes| parse::<Watched>(&bytes, FORMAT).ok());
        watched.map(|it| it.history).unwrap_or_default()
    }

    /// What is known of a domain; nothing before its first run. A damaged file is set aside, and the
    /// sentence beside it says so.
    ///
    /// # Errors
    /// A sentence for the person, if the file can be neither read nor set aside.
    pub fn read(&self, domain: &Domain) -> Result<(Option<Watched>, Option<String>), String> {
        let path = self.path_of(domain);
        let read = match read_bounded(&path, MAX_BYTES) {
            Ok(bytes) => parse::<Watched>(&bytes, FORMAT),
            Err(FileError::Missing) => return Ok((None, None)),
            Err(FileError::NotOurs { reason, .. }) => Err(reason),
            Err(error) => return Err(error.to_string()),
        };
        let reason = match read {
            Ok(watched) if watched.domain == *domain => return Ok((Some(watched), None)),
            Ok(_) => "is about another domain".to_owned(),
            Err(reason) => reason,
        };
        let aside = move_aside(&path, "damaged", |why| {
            let mut name = path.clone().into_os_string();
            name.push(format!(".{why}"));
            name.into()
        })?;
        let remark = format!(
            "{} {reason}. It is now {}, and {domain} counts as watched for the first time.",
            path.display(),
            aside.display()
        );
        Ok((None, Some(remark)))
    }

    /// Writes what is known of a domain. A crash leaves the old file or the new one.
    ///
    /// # Errors
    /// Why, with the name of the file. The old file is unchanged.
    pub fn write(&self, watched: &Watched) -> Result<(), String> {
        write(&self.path_of(&watched.domain), FORMAT, watched, MAX_BYTES)
    }

    fn path_of(&self, domain: &Domain) -> PathBuf {
        path_in(&self.folder, domain)
    }
}

fn path_in(folder: &Path, domain: &Domain) -> PathBuf {
    folder.join(format!("{PREFIX}{domain}.json"))
}
