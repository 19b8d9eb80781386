//! Writes to standard output and standard error. Colours are removed where they do not belong.

use std::io::{self, Write as _};

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::text;

/// Writes text to standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    silent(write(io::stdout(), text))
}

/// Writes text to standard output. Unlike for [`print()`], a reader that went away is an error.
pub(crate) fn deliver(text: &str) -> anyhow::Result<()> {
    Ok(write(io::stdout(), text)?)
}

/// Writes one JSON object to standard output.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = json(value)?;
    let mut stdout = io::stdout().lock();
    silent(write!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// One JSON object as text, with a line end.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(inert(&serde_json::to_string_pretty(value)?) + "\n")
}

/// Writes one JSON object to standard output on one line.
pub(crate) fn print_json_line(value: &impl Serialize) -> anyhow::Result<()> {
    let text = inert(&serde_json::to_string(value)?);
    let mut stdout = io::stdout().lock();
    silent(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// The same JSON with misleading characters written as `\\uXXXX`: control characters, and marks
/// that change the direction of text or have no width. JSON has none of them outside of strings.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        let misleads = matches!(
            character,
            '\u{7f}'..='\u{9f}'
                | '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        );
        if misleads {
            let _ = std::fmt::Write::write_fmt(
                &mut text,
                format_args!("\\u{:04x}", u32::from(character)),
            );
        } else {
            text.push(character);
        }
    }
    text
}

/// Writes text to standard error. A failure is ignored: there is nowhere left to report it.
pub(crate) fn warn(text: &str) {
    let _ = write(io::stderr(), text);
}

/// Prints why the command failed, with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let causes: Vec<String> = error
        .chain()
        .map(|cause| match cause.downcast_ref::<io::Error>() {
            Some(error) => mta_sts_save::not_written(error),
            None => cause.to_string(),
        })
        .collect();
    let reason = text::safe(&causes.join(": "));
    let reason = reason.trim_end_matches('.');
    warn(&format!("{red}error:{red:#} {reason}.\n"));
}

fn write(stream: impl RawStream + AsLockedWrite, text: &str) -> io::Result<()> {
    let choice = colours(stream.is_terminal(), AutoStream::choice(&stream));
    let mut stream = AutoStream::new(stream, choice);
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// Colour only on a terminal, whatever the environment asks for. There, the environment may switch
/// it off.
fn colours(is_terminal: bool, wanted: ColorChoice) -> ColorChoice {
    if is_terminal {
        wanted
    } else {
        ColorChoice::Never
    }
}

/// A reader that stops early, as `head` does, is not an error.
fn silent(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if is_without_reader(&error) => Ok(()),
        other => Ok(other?),
    }
}

fn is_without_reader(error: &io::Error) -> bool {
    /// `ERROR_PIPE_NOT_CONNECTED`, for which the standard library has no kind.
    const NOT_CONNECTED: i32 = 233;
    error.kind() == io::ErrorKind::BrokenPipe
        || cfg!(windows) && error.raw_os_error() == Some(NOT_CONNECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_for_a_terminal_means_the_same_and_moves_nothing() {
        let text = "a\u{202e}b\u{9b}31m\u{7f}\u{200b}é";
        let json = serde_json::to_string(text).unwrap();
        let inert = inert(&json);
        assert_eq!(inert, "\"a\\u202eb\\u009b31m\\u007f\\u200bé\"");
        assert_eq!(serde_json::from_str::<String>(&inert).unwrap(), text);
    }

    #[test]
    fn colour_needs_a_terminal_and_no_objection() {
        assert_eq!(colours(false, ColorChoice::Always), ColorChoice::Never);
        assert_eq!(colours(true, ColorChoice::Never), ColorChoice::Never);
        assert_eq!(colours(true, ColorChoice::Always), ColorChoice::Always);
    }

    #[test]
    fn only_a_reader_that_went_away_is_forgiven() {
        assert!(silent(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert!(silent(Err(io::ErrorKind::StorageFull.into())).is_err());
    }
}
