//! The `mta-sts` command: the wizard's checks for terminals, scripts and tests.
//!
//! ```
//! let command = mta_sts_cli::command();
//! assert!(command.find_subcommand("check").is_some());
//! ```

mod args;
mod batch;
mod check;
mod domains;
mod exit;
mod expected;
mod explain;
mod generate;
mod input;
mod lint;
mod open_files;
mod output;
mod plan;
mod practice;
mod progress;
mod report;
mod source;
mod text;
mod usage;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use time::UtcOffset;

use crate::args::{Args, Command};
use crate::exit::Exit;

/// The command line, for manual pages and completions.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the command with the arguments of this process.
#[must_use]
pub fn run() -> ExitCode {
    // The time zone can only be read safely before a second thread starts.
    let offset = UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC);
    open_files::raise_limit();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::of_clap(error).into(),
    };
    let done = match args.command {
        Command::Check(check) => check::run(&check, args.json),
        Command::Verify(verify) => verify::run(&verify, args.json, offset),
        Command::Lint(lint) => lint::run(&lint, args.json),
        Command::Generate(generate) => generate::run(&generate, args.json),
        Command::Domains(domains) => domains::run(&domains, args.json),
        Command::Plan(plan) => plan::run(&plan, args.json),
        Command::Report(report) => report::run(&report, args.json),
        Command::Explain(explain) => explain::run(&explain, args.json),
        Command::Watch(watch) => watch::run(&watch, args.json),
    };
    done.unwrap_or_else(|error| {
        output::error(&error);
        Exit::of_error(&error)
    })
    .into()
}
