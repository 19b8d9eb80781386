//! Reports in a ZIP file: an exported mailbox, or a folder that somebody passed on.

use std::io::Cursor;

use mta_sts_core::{TlsReport, escaped};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Opened, read_at_most};

/// Entries beyond this are not read.
const MOST_ENTRIES: usize = 2_000;
/// The limit for all unpacked entries together, in bytes.
const MOST_UNPACKED_BYTES: usize = 256 * 1024 * 1024;

pub(crate) fn open(opened: &mut Opened, name: &str, bytes: &[u8], layers: usize) {
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return opened.remark(name, not_unpacked(&error)),
    };
    if archive.len() > MOST_ENTRIES {
        return opened.remark(name, format!("it contains more than {MOST_ENTRIES} files"));
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
        // Such a name is an attack (RFC 8460 6.3).
        if entry.enclosed_name().is_none() {
            opened.remark(
                &inner,
                "its name points outside the archive, so it was not read",
            );
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

fn not_unpacked(error: &ZipError) -> &'static str {
    match error {
        ZipError::UnsupportedArchive(text) if *text == ZipError::PASSWORD_REQUIRED => {
            "it is protected with a password"
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            "it is packed in a way that this program can’t read"
        }
        _ => "it can’t be unpacked because it is damaged",
    }
}
