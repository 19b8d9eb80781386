//! Plain sentences for the errors of files: what is wrong and what to do.

use std::io::{self, ErrorKind};

/// Why a file could not be read, as the rest of a sentence.
#[must_use]
pub fn not_read(error: &io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::NotFound => "there is no such file",
        ErrorKind::PermissionDenied => "you aren’t allowed to read it",
        ErrorKind::IsADirectory => "it is a folder, not a file",
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        _ => return without_number(error),
    };
    known.to_owned()
}

/// What the system said, without its error number.
fn without_number(error: &io::Error) -> String {
    let said = error.to_string();
    let words = said.split(" (os error").next().unwrap_or_default();
    words.to_owned()
}

/// Why a file could not be written, as the rest of a sentence.
#[must_use]
pub fn not_written(error: &io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full. The old file is unchanged. Free some space, or choose another folder"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "this drive is read-only. Choose a folder on another drive"
        }
        ErrorKind::PermissionDenied => {
            "you aren’t allowed to write there. Choose another folder, such as one in your \
             documents"
        }
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        ErrorKind::IsADirectory => "there is already a folder with this name",
        ErrorKind::NotFound => "the folder or the drive doesn’t exist",
        ErrorKind::InvalidFilename => "this system doesn’t allow this name",
        _ => return without_number(error),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_refusals_say_what_to_do_and_others_what_the_system_said() {
        let told = |kind: ErrorKind| not_written(&kind.into());
        assert!(told(ErrorKind::StorageFull).contains("Free some space"));
        assert!(told(ErrorKind::ReadOnlyFilesystem).contains("another drive"));
        assert!(told(ErrorKind::PermissionDenied).contains("aren’t allowed"));
        assert_eq!(told(ErrorKind::TimedOut), "timed out");
        let numbered = io::Error::from_raw_os_error(5);
        for text in [not_written(&numbered), not_read(&numbered)] {
            assert!(!text.contains("os error"), "{text}");
        }
    }
}
