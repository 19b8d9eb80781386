//! Writes one file whole. A link stays a link: the file that it leads to is replaced. A pipe or a
//! device is written to, because a file in its place would break whatever uses it.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::SaveError;

/// More links in a row than any system follows.
const MAX_LINKS: usize = 40;

/// Writes one file atomically: a temporary file next to it is flushed to the disk, then renamed. A
/// reader, or a crash, sees the old contents or the new ones, never a part. The new file may be
/// read and written by whoever could read and write the old one; where there was none, everybody
/// can read it.
///
/// A link is followed. What is neither a file nor a folder, such as `/dev/stdout`, is written to.
///
/// # Errors
/// [`SaveError::Io`] with what the system said. The old file is then unchanged.
pub fn write_whole(path: &Path, contents: &[u8]) -> Result<(), SaveError> {
    replace(path, contents, Readers::Everybody).map_err(|error| SaveError::io(path, error))
}

/// The same for what is nobody else’s business: a new file can be read only by its owner.
///
/// # Errors
/// As [`write_whole`].
pub fn write_private(path: &Path, contents: &[u8]) -> Result<(), SaveError> {
    replace(path, contents, Readers::Owner).map_err(|error| SaveError::io(path, error))
}

/// Writes a public file atomically, but never replaces one, not even one that appeared a moment
/// ago.
pub(crate) fn write_new(path: &Path, contents: &[u8]) -> Result<(), SaveError> {
    let written = || {
        fs::create_dir_all(folder_of(path))?;
        let file = beside(path, contents, Readers::Everybody)?;
        file.persist_noclobber(path).map_err(|error| error.error)
    };
    match written() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(SaveError::WouldOverwrite(path.to_owned()))
        }
        Err(error) => Err(SaveError::io(path, error)),
    }
}

/// Who may read a new file. A policy is meant to be read by a web server.
#[derive(Clone, Copy)]
enum Readers {
    Owner,
    Everybody,
}

fn replace(path: &Path, contents: &[u8], readers: Readers) -> io::Result<()> {
    let old = match fs::metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let place = behind_links(path)?;
    match &old {
        Some(old) if old.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Some(old) if !old.is_file() || is_stream(&place) => return append(path, contents),
        _ => {}
    }
    if place == path {
        fs::create_dir_all(folder_of(path))?;
    }
    let file = beside(&place, contents, readers)?;
    if let Some(old) = &old {
        take_over(file.as_file(), old)?;
    }
    file.persist(&place).map_err(|error| error.error)?;
    Ok(())
}

/// Whether the path names something that a program has open, such as standard output. If it is a
/// file, it must not be replaced either: whoever opened it goes on writing to the old one.
fn is_stream(path: &Path) -> bool {
    let streams = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"];
    cfg!(unix) && streams.iter().any(|it| path.starts_with(it))
}

/// Writes to what is there, without emptying or replacing it.
fn append(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut open = File::options().append(true).open(path)?;
    open.write_all(contents)?;
    open.flush()
}

/// The path that a link leads to, or else the path itself. The file need not exist. A stream is
/// not followed further.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&place) {
            Ok(metadata) if metadata.is_symlink() && !is_stream(&place) => {
                place = folder_of(&place).join(fs::read_link(&place)?);
            }
            _ => return Ok(place),
        }
    }
    Err(io::Error::other("the link leads back to itself"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// A temporary file with these contents in the same folder, flushed to the disk.
fn beside(path: &Path, contents: &[u8], readers: Readers) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mta-sts-");
    // A temporary file is private to its owner.
    if let Readers::Everybody = readers {
        readable_by_others(&mut builder);
    }
    let mut file = builder.tempfile_in(folder_of(path))?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(unix)]
fn readable_by_others(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn readable_by_others(_: &mut tempfile::Builder<'_, '_>) {}

/// Gives a new file the owner and the permissions of the one that it replaces.
#[cfg(unix)]
fn take_over(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Only an administrator may give files away. The file of anybody else becomes their own.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(fs::Permissions::from_mode(old.mode() & 0o777))
}

/// A new file gets its permissions from its folder.
#[cfg(not(unix))]
fn take_over(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn file_with_mode(path: &Path, mode: u32) {
        fs::write(path, "old").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn is_link(path: &Path) -> bool {
        fs::symlink_metadata(path).unwrap().is_symlink()
    }

    #[test]
    fn a_link_stays_and_the_file_that_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let behind = folder.path().join("deep/behind.txt");
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(&behind, "old").unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        symlink("deep/behind.txt", &second).unwrap();
        symlink(&second, &first).unwrap();
        write_whole(&first, b"new").unwrap();
        assert!(is_link(&first) && is_link(&second));
        assert_eq!(fs::read(&behind).unwrap(), b"new");
        let around = fs::read_dir(folder.path().join("deep")).unwrap();
        assert_eq!(around.count(), 1);
    }

    #[test]
    fn a_link_to_a_file_that_is_missing_creates_it_but_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("missing.txt", &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert!(is_link(&link));
        assert_eq!(fs::read(folder.path().join("missing.txt")).unwrap(), b"new");
        let astray = folder.path().join("astray");
        symlink("removed drive/file", &astray).unwrap();
        let error = write_whole(&astray, b"new").unwrap_err().to_string();
        assert!(
            error.contains("the folder or the drive doesn’t exist"),
            "{error}"
        );
        assert!(!folder.path().join("removed drive").exists());
    }

    #[test]
    fn links_that_lead_in_a_circle_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        symlink(&a, &b).unwrap();
        symlink(&b, &a).unwrap();
        assert!(write_whole(&a, b"new").is_err());
        assert!(is_link(&a) && is_link(&b));
    }

    #[test]
    fn a_device_is_written_to_and_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("/dev/null", &link).unwrap();
        for path in [Path::new("/dev/null"), &link] {
            write_whole(path, b"new").unwrap();
            write_private(path, b"new").unwrap();
        }
        assert!(is_link(&link));
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_pipe_is_written_to_and_stays_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut text = String::new();
                File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            }
        });
        write_whole(&pipe, b"whole").unwrap();
        assert_eq!(reader.join().unwrap(), "whole");
        assert!(!fs::metadata(&pipe).unwrap().is_file());
    }

    #[test]
    fn a_file_that_a_program_has_open_is_appended_to() {
        use std::os::fd::AsRawFd as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.txt");
        let mut output = File::create(&path).unwrap();
        output.write_all(b"report\n").unwrap();
        let stream = format!("/dev/fd/{}", output.as_raw_fd());
        let link = folder.path().join("link");
        symlink(&stream, &link).unwrap();
        write_whole(Path::new(&stream), b"facts\n").unwrap();
        write_whole(&link, b"page\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "report\nfacts\npage\n");
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_whole(folder.path(), b"new").unwrap_err().to_string();
        assert!(error.contains("already a folder with this name"), "{error}");
        assert!(folder.path().is_dir());
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for wanted in [0o600, 0o640, 0o644, 0o666, 0o700] {
            file_with_mode(&path, wanted);
            write_whole(&path, b"new").unwrap();
            assert_eq!(mode(&path), wanted);
            write_private(&path, b"newer").unwrap();
            assert_eq!(mode(&path), wanted);
            assert_eq!(fs::read(&path).unwrap(), b"newer");
        }
    }

    #[test]
    fn a_new_private_file_can_be_read_only_by_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let (public, private) = (folder.path().join("public"), folder.path().join("private"));
        write_whole(&public, b"policy").unwrap();
        write_private(&private, b"work").unwrap();
        assert_eq!(mode(&private), 0o600);
        assert_ne!(mode(&public) & 0o400, 0);
    }
}
