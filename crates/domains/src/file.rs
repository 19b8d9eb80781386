//! Reads files that anybody may have put there: only plain files, and only up to a limit. A pipe
//! may never end, and a device may contain more than fits into memory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Why a file could not be read.
#[derive(Debug)]
pub enum FileError {
    /// There is no such file.
    Missing,
    /// It is not a plain file, or it is too large. It is left alone.
    NotOurs {
        /// The file.
        path: PathBuf,
        /// Why, as the rest of a sentence.
        reason: String,
    },
    /// The system refused.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    /// Why, without the name of the file.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Missing => "the file doesn’t exist".to_owned(),
            Self::NotOurs { reason, .. } => format!("it {reason}"),
            Self::Io { source, .. } => mta_sts_save::not_read(source),
        }
    }
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str(&self.reason()),
            Self::NotOurs { path, reason } => write!(f, "{} {reason}", path.display()),
            Self::Io { path, source } => {
                let reason = mta_sts_save::not_read(source);
                write!(f, "{}: {reason}", path.display())
            }
        }
    }
}

impl std::error::Error for FileError {}

/// Reads a plain file of at most `max_bytes`. A link to one is followed. A pipe, a device or a
/// folder is refused.
///
/// # Errors
/// [`FileError`], which names the file.
pub fn read_bounded(path: &Path, max_bytes: u64) -> Result<Vec<u8>, FileError> {
    let io = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => FileError::Missing,
        _ => FileError::Io {
            path: path.to_owned(),
            source,
        },
    };
    let refused = |reason: &str| FileError::NotOurs {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    // Before it is opened, because opening a device can do something.
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err(refused("isn’t a plain file"));
    }
    let mut options = File::options();
    without_waiting(options.read(true), Links::Followed);
    let file = options.open(path).map_err(io)?;
    // And afterwards, because it may have been replaced meanwhile.
    if !file.metadata().map_err(io)?.is_file() {
        return Err(refused("isn’t a plain file"));
    }
    let mut bytes = Vec::new();
    file.take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > max_bytes {
        return Err(refused("is too large"));
    }
    Ok(bytes)
}

/// Opens a lock file, or creates it. Nothing is written to it, and it is not emptied. A link, a
/// pipe or a device is refused.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let not_plain = || io::Error::other("it isn’t a plain file");
    if fs::symlink_metadata(path).is_ok_and(|it| !it.is_file()) {
        return Err(not_plain());
    }
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    without_waiting(&mut options, Links::Refused);
    let lock = options.open(path)?;
    if lock.metadata()?.is_file() {
        Ok(lock)
    } else {
        Err(not_plain())
    }
}

/// Whether a link may be opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

/// Opening a pipe waits for its other end, unless the system is told otherwise.
#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions, links: Links) {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;
    let mut flags = OFlags::NONBLOCK;
    flags.set(OFlags::NOFOLLOW, links == Links::Refused);
    options.custom_flags(flags.bits().cast_signed());
}

#[cfg(not(unix))]
fn without_waiting(_: &mut OpenOptions, _: Links) {}
