//! Reports in a ZIP file: an exported mailbox, or a folder that somebody passed on.

use std::io::Cursor;

use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::Opening;
use crate::budget::MAX_PARTS;
use crate::origin::{Expected, Origin};

/// The archive that a sender attaches contains one file. One with more than this, in an e-mail that
/// says nothing of a report, is something else.
const MAX_FILES_OF_OTHERS: usize = 100;
/// What each entry of the list at the end of an archive begins with.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";

pub(crate) fn open(opening: &mut Opening<'_, '_>, origin: &Origin, bytes: &[u8], layers: usize) {
    // The list is read as a whole, so it is bounded before.
    if memmem::find_iter(bytes, ENTRY_MARK).count() > MAX_PARTS {
        return opening.not_read(origin, "it contains more than 200,000 files");
    }
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return opening.not_read(origin, reason(&error)),
    };
    if origin.expected == Expected::Hardly && archive.len() > MAX_FILES_OF_OTHERS {
        return opening.opened.others.files += 1;
    }
    // Files that share bytes are how a small archive becomes a large one.
    if archive.has_overlapping_entries().unwrap_or(false) {
        return opening.not_read(origin, "its files overlap, so it was not unpacked");
    }
    for index in 0..archive.len() {
        if !opening.budget.takes_part() {
            return;
        }
        let entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(error) => {
                let inner = origin.numbered(index + 1);
                opening.not_read(&inner, reason(&error));
                continue;
            }
        };
        let file = match entry.name() {
            Ok(file) => file.into_owned(),
            Err(_) => format!("file {}", index + 1),
        };
        if entry.is_dir() || is_of_the_system(&file) {
            continue;
        }
        let inner = origin.entry(&file);
        // Such a name is an attack (RFC 8460 6.3).
        if entry.enclosed_name().is_none() {
            opening.opened.remark(
                &inner.name,
                "its name points outside the archive, so it was not read",
            );
            continue;
        }
        opening.unpack(&inner, entry, layers);
    }
}

/// What macOS adds to every archive.
fn is_of_the_system(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.ends_with(".DS_Store")
}

fn reason(error: &ZipError) -> &'static str {
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
