//! The `mta-sts` command: the pipeline of the wizard for a terminal, a script and a test.

mod args;
mod check;
mod exit;
mod expected;
mod generate;
mod input;
mod lint;
mod output;
mod practice;
mod progress;
mod text;
mod world;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::of_clap(&error).into(),
    };
    let done = match args.command {
        Command::Check(check) => check::run(&check, args.json),
        Command::Lint(lint) => lint::run(&lint, args.json),
        Command::Generate(generate) => generate::run(&generate, args.json),
    };
    done.unwrap_or_else(|error| {
        output::complain(&error);
        Exit::of_error(&error)
    })
    .into()
}
