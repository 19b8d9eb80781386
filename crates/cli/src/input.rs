//! Reads files and standard input, always up to a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::exit::CliError;

/// Reads at most `limit` bytes of a file, or of standard input for `-`. One byte more means that
/// there was more.
pub(crate) fn read(path: &Path, limit: usize) -> anyhow::Result<Vec<u8>> {
    let read = if path == Path::new("-") {
        bounded(io::stdin().lock(), limit)
    } else {
        File::open(path).and_then(|file| bounded(file, limit))
    };
    read.map_err(|error| {
        let reason = mta_sts_save::not_read(&error);
        CliError::usage(format!("{} couldn’t be read: {reason}", path.display()))
    })
}

/// Reads a whole text of at most `limit` bytes.
pub(crate) fn read_text(path: &Path, limit: usize) -> anyhow::Result<String> {
    let bytes = read(path, limit)?;
    if bytes.len() > limit {
        return Err(CliError::usage(format!(
            "{} is longer than {limit} bytes, so it was not read",
            path.display()
        )));
    }
    String::from_utf8(bytes)
        .map_err(|_| CliError::usage(format!("{} isn’t UTF-8 text", path.display())))
}

fn bounded(source: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_stops_one_byte_behind_the_limit() {
        assert_eq!(bounded(&b"12345"[..], 9).unwrap(), b"12345");
        assert_eq!(bounded(io::repeat(b'x'), 3).unwrap(), b"xxxx");
    }
}
