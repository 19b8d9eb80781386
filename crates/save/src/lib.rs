//! Writes the artifacts to a folder or into one ZIP file. Each file is written whole or not at all,
//! and never silently replaces another. A link, a pipe or a device stays what it is.
//!
//! ```
//! use mta_sts_core::Artifact;
//! use mta_sts_save::{Existing, Target, plan, write};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let target = Target::Folder(folder.path().to_owned());
//! let artifacts = [Artifact { path: "dns-records.txt", contents: b"...".to_vec() }];
//! let plan = plan(&target, &artifacts)?;
//! assert!(matches!(plan.files[0].existing, Existing::None));
//! write(&target, &artifacts, Some(&plan), |_| false)?;
//! # Ok(())
//! # }
//! ```

mod refusal;
mod whole;

pub use refusal::{not_read, not_written};
pub use whole::{write_private, write_whole};

use std::borrow::Cow;
use std::fs;
use std::io::{self, Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mta_sts_core::Artifact;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Where the artifacts go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Into a folder, each at its own path. A missing folder is created.
    Folder(PathBuf),
    /// Into one uncompressed ZIP file at this path. The same artifacts give the same bytes.
    Zip(PathBuf),
}

/// What writing would do, and what it found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavePlan {
    /// Whether the folder already exists.
    pub folder_exists: bool,
    /// The files, in order.
    pub files: Vec<PlannedFile>,
}

/// A file that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    /// Where it goes.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: usize,
    /// What is there now.
    pub existing: Existing,
    /// What a ZIP file contains: paths and sizes in bytes.
    pub members: Vec<(&'static str, usize)>,
}

/// What is at the path of a planned file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Nothing.
    None,
    /// The same bytes.
    Same {
        /// When it was written, if the system knows.
        modified: Option<SystemTime>,
    },
    /// Different bytes, which would be lost.
    Other {
        /// When it was written, if the system knows.
        modified: Option<SystemTime>,
    },
}

/// A file that was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// A different file is there, and overwriting was not allowed.
    #[error("{} already exists with different contents", .0.display())]
    WouldOverwrite(PathBuf),
    /// The files on the disk are no longer those that were shown.
    #[error("{} changed on the disk after it was shown here. Nothing was written", .0.display())]
    ChangedSince(PathBuf),
    /// The folder that was there is gone.
    #[error(
        "the folder {} is gone. If it is on a drive that was removed, connect the drive again. \
         Nothing was written",
        .0.display()
    )]
    Gone(PathBuf),
    /// A folder, a pipe or a device is where a file should go.
    #[error("{} isn’t a plain file, so it can’t be replaced. Nothing was written", .0.display())]
    NotAFile(PathBuf),
    /// The ZIP file could not be made.
    #[error("{} could not be made: {source}. Nothing was written", path.display())]
    Zip {
        /// The ZIP file.
        path: PathBuf,
        /// What is wrong.
        source: zip::result::ZipError,
    },
    /// The system refused: no permission, no space, no such drive.
    #[error("{} could not be written: {}", path.display(), not_written(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Target {
    /// The folder that files are written to.
    fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
            Self::Zip(path) => path.parent().unwrap_or(Path::new(".")),
        }
    }

    /// Every file with its bytes.
    fn files<'a>(&self, artifacts: &'a [Artifact]) -> Result<Files<'a>, SaveError> {
        Ok(match self {
            Self::Folder(folder) => artifacts
                .iter()
                .map(|artifact| (place(folder, artifact), Cow::from(&artifact.contents)))
                .collect(),
            Self::Zip(path) => {
                let bytes = zip(artifacts).map_err(|source| SaveError::Zip {
                    path: path.clone(),
                    source,
                })?;
                vec![(path.clone(), Cow::from(bytes))]
            }
        })
    }
}

/// The paths of files and their contents.
type Files<'a> = Vec<(PathBuf, Cow<'a, [u8]>)>;

/// Says what writing the artifacts would do, without touching anything.
///
/// # Errors
/// [`SaveError::Zip`] if the ZIP file can’t be made.
pub fn plan(target: &Target, artifacts: &[Artifact]) -> Result<SavePlan, SaveError> {
    Ok(plan_files(target, artifacts, &target.files(artifacts)?))
}

fn plan_files(
    target: &Target,
    artifacts: &[Artifact],
    files: &[(PathBuf, Cow<'_, [u8]>)],
) -> SavePlan {
    let members = match target {
        Target::Folder(_) => Vec::new(),
        Target::Zip(_) => artifacts
            .iter()
            .map(|artifact| (artifact.path, artifact.contents.len()))
            .collect(),
    };
    SavePlan {
        folder_exists: target.folder().is_dir(),
        files: files
            .iter()
            .map(|(path, contents)| PlannedFile {
                existing: existing(path, contents),
                size: contents.len(),
                path: path.clone(),
                members: members.clone(),
            })
            .collect(),
    }
}

/// Writes the artifacts.
///
/// Nothing is written at all if `may_replace` does not allow replacing a different file, or if the
/// disk no longer matches what was `shown`. A file with the same contents is left alone.
///
/// # Errors
/// [`SaveError`] names the file. Files written before it remain.
pub fn write(
    target: &Target,
    artifacts: &[Artifact],
    shown: Option<&SavePlan>,
    may_replace: impl Fn(&PlannedFile) -> bool,
) -> Result<Vec<PathBuf>, SaveError> {
    let files = target.files(artifacts)?;
    let now = plan_files(target, artifacts, &files);
    if let Some(shown) = shown {
        if shown.folder_exists && !now.folder_exists {
            return Err(SaveError::Gone(target.folder().to_owned()));
        }
        let mut both = now.files.iter().zip(&shown.files);
        if let Some((file, _)) = both.find(|(now, shown)| now != shown) {
            return Err(SaveError::ChangedSince(file.path.clone()));
        }
    }
    let is_in_the_way =
        |file: &&PlannedFile| matches!(file.existing, Existing::Other { .. }) && !may_replace(file);
    if let Some(file) = now.files.iter().find(is_in_the_way) {
        return Err(SaveError::WouldOverwrite(file.path.clone()));
    }
    let is_no_file =
        |file: &&PlannedFile| fs::metadata(&file.path).is_ok_and(|metadata| !metadata.is_file());
    if let Some(file) = now.files.iter().find(is_no_file) {
        // Writing to a pipe would wait for a reader.
        return Err(SaveError::NotAFile(file.path.clone()));
    }
    for (file, (path, contents)) in now.files.iter().zip(&files) {
        match file.existing {
            Existing::Same { .. } => {}
            Existing::Other { .. } => write_whole(path, contents)?,
            Existing::None => whole::write_new(path, contents)?,
        }
    }
    Ok(now.files.into_iter().map(|file| file.path).collect())
}

/// One ZIP file with all artifacts. Its dates are fixed, so that the same artifacts give the same
/// bytes.
fn zip(artifacts: &[Artifact]) -> zip::result::ZipResult<Vec<u8>> {
    let mut file = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for artifact in artifacts {
        file.start_file(artifact.path, options)?;
        file.write_all(&artifact.contents)?;
    }
    Ok(file.finish()?.into_inner())
}

impl SaveError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

fn place(folder: &Path, artifact: &Artifact) -> PathBuf {
    artifact
        .path
        .split('/')
        .fold(folder.to_owned(), |path, part| path.join(part))
}

fn existing(path: &Path, contents: &[u8]) -> Existing {
    // Links are not followed: a broken link is in the way too.
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

    fn into(folder: &Path) -> Target {
        Target::Folder(folder.to_owned())
    }

    fn save(folder: &Path, overwrite: bool) -> Result<Vec<PathBuf>, SaveError> {
        write(&into(folder), &artifacts(), None, |_| overwrite)
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
        let written = save(&target, false).unwrap();
        assert_eq!(fs::read(&written[0]).unwrap(), b"version\r\n");
        assert_eq!(names(&target), [".well-known", "dns-records.txt"]);
        assert_eq!(names(&target.join(".well-known")), ["mta-sts.txt"]);
    }

    #[test]
    fn a_file_with_other_contents_stops_everything_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("dns-records.txt"), "mine").unwrap();
        let error = save(folder.path(), false).unwrap_err();
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
        save(folder.path(), true).unwrap();
        assert_eq!(
            fs::read(folder.path().join("dns-records.txt")).unwrap(),
            b"records"
        );
    }

    #[test]
    fn the_same_file_again_is_no_reason_to_ask() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), false).unwrap();
        assert!(save(folder.path(), false).is_ok());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = save(&file, false).unwrap_err().to_string();
        assert!(error.contains("mta-sts.txt"), "{error}");
    }

    #[test]
    fn a_zip_file_holds_every_file_and_is_the_same_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Zip(folder.path().join("new/all.zip"));
        let planned = plan(&target, &artifacts()).unwrap();
        assert_eq!(planned.files.len(), 1);
        assert_eq!(planned.files[0].members[0], (".well-known/mta-sts.txt", 9));
        write(&target, &artifacts(), Some(&planned), |_| false).unwrap();
        let again = plan(&target, &artifacts()).unwrap();
        assert!(matches!(again.files[0].existing, Existing::Same { .. }));
        let file = fs::File::open(folder.path().join("new/all.zip")).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        for artifact in artifacts() {
            let mut found = Vec::new();
            let mut member = archive.by_name(artifact.path).unwrap();
            member.read_to_end(&mut found).unwrap();
            assert_eq!(found, artifact.contents);
        }
    }

    #[test]
    fn what_is_not_as_it_was_shown_stops_everything() {
        let folder = tempfile::tempdir().unwrap();
        let target = into(folder.path());
        let shown = plan(&target, &artifacts()).unwrap();
        fs::write(folder.path().join("dns-records.txt"), "somebody else's").unwrap();
        let error = write(&target, &artifacts(), Some(&shown), |_| true).unwrap_err();
        assert!(
            matches!(&error, SaveError::ChangedSince(path) if path.ends_with("dns-records.txt"))
        );
        assert_eq!(names(folder.path()), ["dns-records.txt"]);
    }

    #[test]
    fn a_folder_that_was_there_and_is_gone_is_not_made_anew() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("stick");
        fs::create_dir(&folder).unwrap();
        let shown = plan(&into(&folder), &artifacts()).unwrap();
        fs::remove_dir(&folder).unwrap();
        let error = write(&into(&folder), &artifacts(), Some(&shown), |_| false).unwrap_err();
        assert!(error.to_string().contains("is gone"), "{error}");
        assert!(!folder.exists());
    }
    #[test]
    fn a_zip_file_that_cannot_be_made_is_an_error_and_not_an_empty_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Zip(folder.path().join("all.zip"));
        let twice = [artifacts(), artifacts()].concat();
        for error in [
            plan(&target, &twice).unwrap_err(),
            write(&target, &twice, None, |_| true).unwrap_err(),
        ] {
            assert!(
                error.to_string().contains("all.zip could not be made"),
                "{error}"
            );
        }
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_way_of_a_file_stops_everything_and_nobody_waits_for_its_reader() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("dns-records.txt");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = save(folder.path(), true).unwrap_err();
        assert!(
            matches!(&error, SaveError::NotAFile(path) if *path == pipe),
            "{error}"
        );
        assert_eq!(names(folder.path()), ["dns-records.txt"]);
    }
}
