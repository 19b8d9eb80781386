//! Writing the artifacts to a folder: each file whole or not at all, and never silently over
//! another one.
//!
//! ```
//! use mta_sts_core::Artifact;
//! use mta_sts_save::{Existing, plan, write};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let artifacts = [Artifact { path: "dns-records.txt", contents: b"...".to_vec() }];
//! assert!(matches!(plan(folder.path(), &artifacts)[0].existing, Existing::None));
//! write(folder.path(), &artifacts, false)?;
//! assert!(matches!(plan(folder.path(), &artifacts)[0].existing, Existing::Same { .. }));
//! # Ok(())
//! # }
//! ```

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mta_sts_core::Artifact;

/// A file that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// Where it goes.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: usize,
    /// What is there now.
    pub existing: Existing,
}

/// What stands at the path of a planned file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Nothing.
    None,
    /// The same bytes.
    Same {
        /// When it was written, where the system tells.
        modified: Option<SystemTime>,
    },
    /// Other bytes, which would be lost.
    Other {
        /// When it was written, where the system tells.
        modified: Option<SystemTime>,
    },
}

/// A file that was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Another file is there, and overwriting was not allowed.
    #[error("{} exists and has other contents", .0.display())]
    WouldOverwrite(PathBuf),
    /// The system refused: no right, no space, no such drive.
    #[error("{} could not be written: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Says what writing the artifacts into a folder would do, without touching anything.
#[must_use]
pub fn plan(folder: &Path, artifacts: &[Artifact]) -> Vec<PlannedFile> {
    artifacts
        .iter()
        .map(|artifact| {
            let path = place(folder, artifact);
            PlannedFile {
                existing: existing(&path, &artifact.contents),
                size: artifact.contents.len(),
                path,
            }
        })
        .collect()
}

/// Writes the artifacts into a folder, which is made where it is missing.
///
/// Nothing is written at all when a file with other contents is in the way and `overwrite` is
/// false. A file that has the same contents is left alone.
///
/// # Errors
/// [`SaveError`] names the file. Files written before it stay.
pub fn write(
    folder: &Path,
    artifacts: &[Artifact],
    overwrite: bool,
) -> Result<Vec<PathBuf>, SaveError> {
    let planned = plan(folder, artifacts);
    if !overwrite
        && let Some(file) = planned
            .iter()
            .find(|file| matches!(file.existing, Existing::Other { .. }))
    {
        return Err(SaveError::WouldOverwrite(file.path.clone()));
    }
    for (file, artifact) in planned.iter().zip(artifacts) {
        match file.existing {
            Existing::Same { .. } => {}
            Existing::Other { .. } => write_whole(&file.path, &artifact.contents)?,
            Existing::None => write_new(&file.path, &artifact.contents)?,
        }
    }
    Ok(planned.into_iter().map(|file| file.path).collect())
}

/// Writes one file so that a reader, or a crash, sees the old contents or the new, never a part:
/// a temporary file beside it, flushed to the disk, then renamed.
///
/// # Errors
/// [`SaveError::Io`] with what the system said; the old file is untouched then.
pub fn write_whole(path: &Path, contents: &[u8]) -> Result<(), SaveError> {
    let file = beside(path, contents)?;
    match file.persist(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(SaveError::io(path, error.error)),
    }
}

/// The same, but only where nothing is in the way, also nothing that appeared a moment ago.
fn write_new(path: &Path, contents: &[u8]) -> Result<(), SaveError> {
    let file = beside(path, contents)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(SaveError::WouldOverwrite(path.to_owned()))
        }
        Err(error) => Err(SaveError::io(path, error.error)),
    }
}

/// A temporary file with these contents in the same folder, flushed to the disk.
fn beside(path: &Path, contents: &[u8]) -> Result<tempfile::NamedTempFile, SaveError> {
    let written = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".mta-sts-")
            .permissions_if_supported()
            .tempfile_in(folder)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    written().map_err(|error| SaveError::io(path, error))
}

impl SaveError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// A temporary file is private to its owner; these files are meant to be read by a web server.
trait ReadableByOthers {
    fn permissions_if_supported(&mut self) -> &mut Self;
}

impl ReadableByOthers for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_if_supported(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt as _;
        self.permissions(fs::Permissions::from_mode(0o644))
    }

    #[cfg(not(unix))]
    fn permissions_if_supported(&mut self) -> &mut Self {
        self
    }
}

fn place(folder: &Path, artifact: &Artifact) -> PathBuf {
    artifact
        .path
        .split('/')
        .fold(folder.to_owned(), |path, part| path.join(part))
}

fn existing(path: &Path, contents: &[u8]) -> Existing {
    // A link is not followed here: one that leads nowhere is in the way too.
    if fs::symlink_metadata(path).is_err() {
        return Existing::None;
    }
    let Ok(metadata) = fs::metadata(path) else {
        return Existing::Other { modified: None };
    };
    let modified = metadata.modified().ok();
    if metadata.len() == contents.len() as u64 && holds(path, contents) {
        Existing::Same { modified }
    } else {
        Existing::Other { modified }
    }
}

fn holds(path: &Path, contents: &[u8]) -> bool {
    let mut found = Vec::with_capacity(contents.len());
    let limit = contents.len() as u64 + 1;
    fs::File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut found))
        .is_ok()
        && found == contents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifacts() -> Vec<Artifact> {
        vec![
            Artifact {
                path: ".well-known/mta-sts.txt",
                contents: b"version\r\n".to_vec(),
            },
            Artifact {
                path: "dns-records.txt",
                contents: b"records".to_vec(),
            },
        ]
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_written_byte_for_byte_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/deep");
        let written = write(&target, &artifacts(), false).unwrap();
        assert_eq!(fs::read(&written[0]).unwrap(), b"version\r\n");
        assert_eq!(names(&target), [".well-known", "dns-records.txt"]);
        assert_eq!(names(&target.join(".well-known")), ["mta-sts.txt"]);
    }

    #[test]
    fn a_file_with_other_contents_stops_everything_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("dns-records.txt"), "mine").unwrap();
        let error = write(folder.path(), &artifacts(), false).unwrap_err();
        assert!(
            matches!(error, SaveError::WouldOverwrite(path) if path.ends_with("dns-records.txt"))
        );
        assert_eq!(names(folder.path()), ["dns-records.txt"]);
        assert_eq!(
            fs::read(folder.path().join("dns-records.txt")).unwrap(),
            b"mine"
        );
    }

    #[test]
    fn overwriting_needs_to_be_allowed_and_then_replaces_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("dns-records.txt"),
            "mine, and much longer",
        )
        .unwrap();
        write(folder.path(), &artifacts(), true).unwrap();
        assert_eq!(
            fs::read(folder.path().join("dns-records.txt")).unwrap(),
            b"records"
        );
    }

    #[test]
    fn the_same_file_again_is_no_reason_to_ask() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &artifacts(), false).unwrap();
        assert!(write(folder.path(), &artifacts(), false).is_ok());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = write(&file, &artifacts(), false).unwrap_err().to_string();
        assert!(error.contains("mta-sts.txt"), "{error}");
    }
}
