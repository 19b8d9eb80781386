//! Writing to standard output and standard error. Colours are taken out where they do not belong.

use std::io::{self, Write as _};

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::text;

/// Writes text to standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    quietly(write(io::stdout(), text))
}

/// Writes one JSON object to standard output.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    let mut stdout = io::stdout().lock();
    quietly(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// Writes text to standard error; there is nowhere left to tell when that fails.
pub(crate) fn remark(text: &str) {
    let _ = write(io::stderr(), text);
}

/// Tells why the command ends, with the causes behind it.
pub(crate) fn complain(error: &anyhow::Error) {
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let reason = text::safe(&format!("{error:#}"));
    remark(&format!("{red}error:{red:#} {reason}\n"));
}

fn write(stream: impl RawStream + AsLockedWrite, text: &str) -> io::Result<()> {
    let choice = colours(stream.is_terminal(), AutoStream::choice(&stream));
    let mut stream = AutoStream::new(stream, choice);
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// Colour only on a terminal, whatever else the environment asks for; there, the environment may
/// ask for none.
fn colours(is_terminal: bool, wanted: ColorChoice) -> ColorChoice {
    if is_terminal {
        wanted
    } else {
        ColorChoice::Never
    }
}

/// A reader that has seen enough, as `head` does, is no error.
fn quietly(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_needs_a_terminal_and_no_objection() {
        assert_eq!(colours(false, ColorChoice::Always), ColorChoice::Never);
        assert_eq!(colours(true, ColorChoice::Never), ColorChoice::Never);
        assert_eq!(colours(true, ColorChoice::Always), ColorChoice::Always);
    }

    #[test]
    fn only_a_reader_that_went_away_is_forgiven() {
        assert!(quietly(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert!(quietly(Err(io::ErrorKind::StorageFull.into())).is_err());
    }
}
