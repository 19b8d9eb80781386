//! Reads the files that a person opens: saved checks, TLS reports and bounces. The contents decide which.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mta_sts_core::facts::FACTS_FORMAT;
use mta_sts_core::{Bounce, BounceVerdict, Facts, read_bounce};
use mta_sts_domains::read_bounded;
use mta_sts_reports::{Budget, MAX_FILE_BYTES, Opened};

use crate::event::OpenedFiles;

/// The largest saved check that is read, in bytes. No check gets close to this size.
const MAX_FACTS_BYTES: usize = 16 * 1024 * 1024;
/// A saved check names its format within so many bytes.
const HEAD_BYTES: usize = 256;

pub(super) async fn open(paths: Vec<PathBuf>) -> OpenedFiles {
    // Cancelling the task drops this, and then reading stops.
    let wanted = Arc::new(());
    let still_wanted = Arc::downgrade(&wanted);
    let read = move || {
        let is_cancelled = || still_wanted.strong_count() == 0;
        let mut files = OpenedFiles::default();
        for path in paths {
            open_one(&path, &mut files, &is_cancelled);
        }
        files
    };
    let done = tokio::task::spawn_blocking(read).await;
    done.unwrap_or_else(|error| OpenedFiles {
        refused: vec![format!("The files couldn’t be read: {error}.")],
        ..OpenedFiles::default()
    })
}

fn open_one(path: &Path, files: &mut OpenedFiles, is_cancelled: &dyn Fn() -> bool) {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy();
    let mut budget = Budget::new(is_cancelled);
    let opened = if path.is_dir() {
        mta_sts_reports::open_folder(path, &mut budget)
            .unwrap_or_else(|error| Opened::not_read(&name, &mta_sts_save::not_read(&error)))
    } else {
        match read_bounded(path, MAX_FILE_BYTES as u64) {
            Ok(bytes) if is_saved_check(&bytes) => {
                match facts(&bytes) {
                    Ok(facts) => files.checks.push(facts),
                    Err(reason) => {
                        let name = mta_sts_core::escaped(&path.display().to_string(), 1_000);
                        files.refused.push(format!("{name}: {reason}."));
                    }
                }
                return;
            }
            Ok(bytes) => {
                let opened = mta_sts_reports::open_with(&name, &bytes, &mut budget);
                if opened.reports.is_empty()
                    && let Some(text) = bounce(&bytes)
                {
                    files.bounce = Some(text);
                    return;
                }
                opened
            }
            Err(error) => Opened::not_read(&name, &error.reason()),
        }
    };
    files.reports.append(opened);
}

/// The text of a bounce or of a mail log with a failed delivery in it.
fn bounce(bytes: &[u8]) -> Option<String> {
    let text = mta_sts_reports::bounce_text(bytes);
    let text = text.get(..Bounce::MAX_BYTES).unwrap_or(&text);
    let fails = read_bounce(text).verdict != BounceVerdict::NoFailure;
    fails.then(|| String::from_utf8_lossy(text).into_owned())
}

/// Whether these are the bytes of a saved check, of this version or of another one.
fn is_saved_check(bytes: &[u8]) -> bool {
    let family = FACTS_FORMAT.split_inclusive('/').next().unwrap_or_default();
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    head.windows(family.len())
        .any(|found| found == family.as_bytes())
}

fn facts(bytes: &[u8]) -> Result<Facts, String> {
    if bytes.len() > MAX_FACTS_BYTES {
        return Err(format!(
            "the saved check is larger than {} MB",
            MAX_FACTS_BYTES >> 20
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it isn’t UTF-8 text".to_owned())?;
    Facts::from_json(text).map_err(|error| error.to_string())
}
