//! Opens the wizard's window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
#[cfg(target_os = "linux")]
use mta_sts_wizard::clipboard;
use mta_sts_wizard::handover;
use mta_sts_wizard::region;
use mta_sts_wizard::renderer::Renderer;
use mta_sts_wizard::window::{self, Start};

/// The exit status for a wrong command line that clap uses.
const WRONG_USAGE: u8 = 2;
/// The most characters that are shown of a line about it.
const MAX_LINE: usize = 500;

/// Sets up MTA-STS and TLS reporting for a mail domain, step by step.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Use the built-in practice internet; nothing leaves this computer.
    #[arg(long)]
    practice: bool,
    /// Draw the window with this first. Without it, with what worked last
    #[arg(long, value_enum)]
    renderer: Option<Renderer>,
    /// Saved checks and TLS reports to open: JSON, gzip, ZIP, e-mails, folders
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if std::env::args_os().skip(1).eq([clipboard::HOLD]) {
        clipboard::hold();
        return ExitCode::SUCCESS;
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            // Arguments may come from anywhere, so nothing in them may move the terminal.
            for line in error.render().to_string().lines() {
                let line = mta_sts_core::escaped(line, MAX_LINE);
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            return ExitCode::from(WRONG_USAGE);
        }
        Err(help) => help.exit(),
    };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error,wgpu=off"))
        .init();
    // A connection that the system doesn’t give would look like a server that doesn’t answer. If it
    // gives no more, a check of one domain still has enough.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let start = Start {
        practice: arguments.practice,
        files: arguments.files,
        renderer: arguments.renderer,
    };
    if handover::offer(start.practice, &start.files) {
        // The window that is open shows them.
        return ExitCode::SUCCESS;
    }
    region::follow_system();
    match window::open(start, |_| ()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; then there is nowhere left to report it.
            let _ = writeln!(std::io::stderr(), "mta-sts-wizard: {error}");
            ExitCode::FAILURE
        }
    }
}
