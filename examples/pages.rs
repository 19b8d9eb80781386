//! Writes the manual pages and the shell completions of both programs to a folder:
//! `cargo run --example pages -- FOLDER`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use mta_sts_wizard::window::Start;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("the folder is missing"))?;
    for command in [mta_sts_cli::command(), Start::command()] {
        manual(&command, &folder.join("man1"))?;
        completions(command, &folder)?;
    }
    Ok(())
}

/// A page for the command, and one for each of its subcommands.
fn manual(command: &Command, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command.clone().disable_help_subcommand(true), folder)
}

fn completions(mut command: Command, folder: &Path) -> io::Result<()> {
    let name = command.get_name().to_owned();
    for (shell, place) in [
        (Shell::Bash, "bash"),
        (Shell::Fish, "fish"),
        (Shell::Zsh, "zsh"),
        (Shell::PowerShell, "powershell"),
    ] {
        let folder = folder.join(place);
        fs::create_dir_all(&folder)?;
        clap_complete::generate_to(shell, &mut command, &name, &folder)?;
    }
    Ok(())
}
