//! What the system said when it refused to write, in words that say what to do.

use std::io::{self, ErrorKind};

/// The reason as the rest of a sentence; the system's own words where there are no better ones.
pub(crate) fn told(error: &io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full. What was there before is untouched. Free some space, or choose \
             another folder"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "this drive can only be read. Choose a folder on another one"
        }
        ErrorKind::PermissionDenied => {
            "you are not allowed to write there. Choose another folder, such as one of your own \
             documents"
        }
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        ErrorKind::IsADirectory => "a folder of this name is there",
        ErrorKind::NotFound => "the folder or the drive is not there",
        ErrorKind::InvalidFilename => "this system allows no such name",
        _ => return error.to_string(),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_refusals_say_what_to_do_and_others_what_the_system_said() {
        let told = |kind: ErrorKind| told(&kind.into());
        assert!(told(ErrorKind::StorageFull).contains("Free some space"));
        assert!(told(ErrorKind::ReadOnlyFilesystem).contains("another one"));
        assert!(told(ErrorKind::PermissionDenied).contains("not allowed"));
        assert_eq!(told(ErrorKind::TimedOut), "timed out");
    }
}
