//! Opens the wizard's window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
#[cfg(target_os = "linux")]
use mta_sts_wizard::clipboard;
use mta_sts_wizard::window;

/// Sets up MTA-STS and TLS reporting for a mail domain, step by step.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Use the built-in practice internet; nothing leaves this computer.
    #[arg(long)]
    practice: bool,
    /// Open a check that was saved elsewhere with `mta-sts check --save-facts`.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
}

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if std::env::args_os().skip(1).eq([clipboard::HOLD]) {
        clipboard::hold();
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error,wgpu=off"))
        .init();
    match window::open(arguments.practice, arguments.facts.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; then there is nowhere left to report it.
            let _ = writeln!(std::io::stderr(), "mta-sts-wizard: {error}");
            ExitCode::FAILURE
        }
    }
}
