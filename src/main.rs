//! Opens the wizard's window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
#[cfg(target_os = "linux")]
use mta_sts_wizard::clipboard;
use mta_sts_wizard::handover;
use mta_sts_wizard::region;
use mta_sts_wizard::window::{self, Start};

/// The exit status for a wrong command line that clap uses.
const WRONG_USAGE: u8 = 2;
/// The most characters that are shown of a line about it.
const MAX_LINE: usize = 500;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if std::env::args_os().skip(1).eq([clipboard::HOLD]) {
        clipboard::hold();
        return ExitCode::SUCCESS;
    }
    let start = match Start::try_parse() {
        Ok(start) => start,
        Err(error) if error.use_stderr() => {
            tell(&error.render().to_string());
            return ExitCode::from(WRONG_USAGE);
        }
        Err(help) => {
            #[cfg(windows)]
            tell(&help.render().to_string());
            help.exit()
        }
    };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error,wgpu=off"))
        .init();
    // A connection that the system doesn’t give would look like a server that doesn’t answer. If it
    // gives no more, a check of one domain still has enough.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    if handover::offer(start.practice, &start.files) {
        // The window that is open shows them.
        return ExitCode::SUCCESS;
    }
    region::follow_system();
    match window::open(start, |_| ()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("mta-sts-wizard: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Tells the person something although there is no window. Arguments may come from anywhere, so
/// nothing in them may move the terminal.
fn tell(text: &str) {
    let lines = text
        .lines()
        .map(|line| mta_sts_core::escaped(line, MAX_LINE));
    let text = lines.collect::<Vec<_>>().join("\n");
    // Standard error may be closed; then there is nowhere left to report it.
    let _ = writeln!(std::io::stderr(), "{text}");
    // A program with a window has no terminal on Windows, and nobody looks at one on macOS.
    #[cfg(any(windows, target_os = "macos"))]
    rfd::MessageDialog::new()
        .set_title("MTA-STS Wizard")
        .set_description(text)
        .show();
}
