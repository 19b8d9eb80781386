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
    let text = inert(&serde_json::to_string_pretty(value)?);
    let mut stdout = io::stdout().lock();
    quietly(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// Writes one JSON object to standard output as a line of its own.
pub(crate) fn print_json_line(value: &impl Serialize) -> anyhow::Result<()> {
    let text = inert(&serde_json::to_string(value)?);
    let mut stdout = io::stdout().lock();
    quietly(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// The same JSON, with what a terminal or a reader's eye could be misled by written as `\\uXXXX`:
/// control characters, and marks that turn the direction of text or have no width. Outside of
/// strings JSON has none of them.
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
        assert!(quietly(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert!(quietly(Err(io::ErrorKind::StorageFull.into())).is_err());
    }
}
