//! The TLS reports in a folder: its files, and those of a Maildir. Links are not followed, and other
//! folders in it are not opened.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::{Budget, MAX_FILE_BYTES, Opened, open_in_folder};

/// The most files and folders that are looked at.
const MAX_FILES: usize = 100_000;
/// The most bytes that are read, all files together.
const MAX_BYTES: usize = 1024 * 1024 * 1024;
/// Where a Maildir has its mails.
const MAILDIR: [&str; 2] = ["cur", "new"];

/// Reads every report in the files of a folder, and of the folders of a Maildir in it.
///
/// # Errors
/// When the folder itself can't be read. For whatever else can't, there is a remark.
pub fn open_folder(folder: &Path, budget: &mut Budget<'_>) -> io::Result<Opened> {
    let mut opened = Opened::default();
    let mut paths = paths(folder)?;
    for mails in MAILDIR.map(|name| folder.join(name)) {
        if mails.symlink_metadata().is_ok_and(|it| it.is_dir()) {
            paths.retain(|path| *path != mails && *path != folder.join("tmp"));
            match self::paths(&mails) {
                Ok(mut mails) => paths.append(&mut mails),
                Err(error) => not_read(&mut opened, &mails, &error),
            }
        }
    }
    let mut left = MAX_BYTES;
    for (count, path) in paths.iter().enumerate() {
        if count == MAX_FILES || left == 0 || budget.is_spent() {
            let reason = "it has more than can be read at once, so the rest was left out";
            opened.append(Opened::not_read(&folder.display().to_string(), reason));
            break;
        }
        match read(path, MAX_FILE_BYTES.min(left)) {
            Ok(Entry::File(bytes)) => {
                left = left.saturating_sub(bytes.len());
                let name = path.display().to_string();
                opened.append(open_in_folder(&name, &bytes, budget));
            }
            Ok(Entry::Folder) => opened.others.folders += 1,
            Ok(Entry::Device) => opened.others.files += 1,
            Err(error) => not_read(&mut opened, path, &error),
        }
    }
    Ok(opened)
}

/// What is in a folder, but for hidden files, in the order of the names; one more than may be read
/// at most.
fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)?.take(MAX_FILES + 1) {
        let entry = entry?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden || entry.file_type()?.is_dir() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

enum Entry {
    /// At most so many bytes, and one more where there are more.
    File(Vec<u8>),
    Folder,
    /// Such as a pipe, which might never end.
    Device,
}

fn read(path: &Path, limit: usize) -> io::Result<Entry> {
    let kind = path.symlink_metadata()?.file_type();
    if kind.is_symlink() {
        return Err(io::Error::other("it is a link"));
    }
    if kind.is_dir() {
        return Ok(Entry::Folder);
    }
    if !kind.is_file() {
        return Ok(Entry::Device);
    }
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Entry::File(bytes))
}

fn not_read(opened: &mut Opened, path: &Path, error: &io::Error) {
    let reason = mta_sts_save::not_read(error);
    opened.append(Opened::not_read(&path.display().to_string(), &reason));
}
