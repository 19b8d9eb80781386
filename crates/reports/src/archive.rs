//! Reports in a ZIP file: a mailbox that was exported, or a folder that somebody sent on.

use std::io::Cursor;

use mta_sts_core::{TlsReport, escaped};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Opened, read_at_most};

/// The most entries that are looked at.
const MOST_ENTRIES: usize = 2_000;
/// The most that all entries together may unpack to, in bytes.
const MOST_UNPACKED_BYTES: usize = 256 * 1024 * 1024;

pub(crate) fn open(opened: &mut Opened, name: &str, bytes: &[u8], layers: usize) {
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return opened.remark(name, not_unpacked(&error)),
    };
    if archive.len() > MOST_ENTRIES {
        return opened.remark(name, format!("it holds more than {MOST_ENTRIES} files"));
    }
    let mut left = MOST_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(error) => {
                opened.remark(
                    &format!("{name}, entry {}", index + 1),
                    not_unpacked(&error),
                );
                continue;
            }
        };
        let file = match entry.name() {
            Ok(file) => file.into_owned(),
            Err(_) => format!("entry {}", index + 1),
        };
        if entry.is_dir() || is_of_the_system(&file) {
            continue;
        }
        let inner = format!("{name}, {}", escaped(&file, 200));
        // RFC 8460 6.3: such a name is meant to do harm.
        if entry.enclosed_name().is_none() {
            opened.remark(&inner, "its name leads out of the archive; it was not read");
            continue;
        }
        match read_at_most(entry, TlsReport::MOST_BYTES.min(left)) {
            Ok(unpacked) => {
                left -= unpacked.len();
                opened.layer(&inner, &unpacked, layers);
            }
            Err(reason) => opened.remark(&inner, reason),
        }
    }
}

/// What macOS adds to every archive.
fn is_of_the_system(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.ends_with(".DS_Store")
}

fn not_unpacked(error: &ZipError) -> String {
    let reason = escaped(&error.to_string(), 200);
    format!("it cannot be unpacked: {reason}")
}
