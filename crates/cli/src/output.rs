//! Writing to standard output and standard error. Colours are taken out where they do not belong.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// Colour only on a terminal, whatever else the environment asks for.
fn colours(is_terminal: bool, automatic: ColorChoice) -> ColorChoice {
    if is_terminal {
        automatic
    } else {
        ColorChoice::Never
    }
}

/// Writes text to standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let stdout = io::stdout();
    let choice = colours(stdout.is_terminal(), AutoStream::choice(&stdout));
    let mut stream = AutoStream::new(stdout.lock(), choice);
    quietly(
        stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush()),
    )
}

/// Writes one JSON object to standard output.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    let mut stdout = io::stdout().lock();
    quietly(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// Writes one remark to standard error; there is nowhere left to tell when that fails.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tells why the command ends, with the causes behind it.
pub(crate) fn complain(error: &anyhow::Error) {
    let stderr = io::stderr();
    let choice = colours(stderr.is_terminal(), AutoStream::choice(&stderr));
    let mut stream = AutoStream::new(stderr.lock(), choice);
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let text = crate::text::safe(&format!("{error:#}"));
    let _ = writeln!(stream, "{red}error:{red:#} {text}");
}

/// A reader that has seen enough, as `head` does, is no error.
fn quietly(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
