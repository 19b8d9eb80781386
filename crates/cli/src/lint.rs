//! `mta-sts lint`: checks one text without the network.

use std::fmt::Write as _;
use std::path::Path;

use mta_sts_core::{Lint, PolicyReading, lint};
use time::OffsetDateTime;

use crate::args::{LintArgs, LintText};
use crate::exit::Exit;
use crate::text::{STRONG, safe, write_finding};
use crate::{input, output};

/// The longest possible text in a DNS answer.
const MAX_RECORD_BYTES: usize = 65_535;

pub(crate) fn run(args: &LintArgs, json: bool) -> anyhow::Result<Exit> {
    let (name, lint) = match &args.text {
        LintText::Policy { file, mx } => {
            let name = match file.file_name() {
                Some(name) if file != Path::new("-") => name.to_string_lossy().into_owned(),
                _ => "standard input".to_owned(),
            };
            let bytes = input::read(file, PolicyReading::MAX_BYTES)?;
            let lint = lint::policy(&name, &bytes, mx);
            (name, lint)
        }
        LintText::Record { text } => (
            "MTA-STS record".to_owned(),
            lint::record(&record(text)?, OffsetDateTime::now_utc()),
        ),
        LintText::Tlsrpt { text } => ("TLS-RPT record".to_owned(), lint::tlsrpt(&record(text)?)),
    };
    if json {
        output::print_json(&lint)?;
    } else {
        output::print(&verdict(&name, &lint))?;
    }
    Ok(exit(&lint))
}

/// Findings are advice. The status depends on whether senders accept the text, and whether it
/// covers the named hosts.
fn exit(lint: &Lint) -> Exit {
    if lint.valid && !lint.leaves_a_host_out() {
        Exit::Fine
    } else {
        Exit::Found
    }
}

/// The text itself, or standard input for `-`, without the final line break.
fn record(text: &str) -> anyhow::Result<String> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let piped = input::read_text(Path::new(text), MAX_RECORD_BYTES)?;
    let line = piped.strip_suffix('\n').unwrap_or(&piped);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// The verdict on one text.
fn verdict(name: &str, lint: &Lint) -> String {
    let mut text = String::new();
    let verdict = match (lint.valid, lint.leaves_a_host_out()) {
        (true, false) => "valid",
        (true, true) => "valid, but it doesn’t cover every mail server you named",
        (false, _) => "invalid, so senders may ignore it",
    };
    let _ = writeln!(text, "{STRONG}{}: {verdict}{STRONG:#}", safe(name));
    for finding in &lint.findings {
        write_finding(&mut text, finding);
    }
    text
}
