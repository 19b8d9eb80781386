//! `mta-sts watch --install` and `--uninstall`: the daily job of this person on this system.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use mta_sts_domains::{FileError, program_folder, read_bounded};
use time::OffsetDateTime;

use super::job::{Job, NAME, is_ours, timer};
use crate::args::WatchArgs;
use crate::exit::{CliError, Exit};
use crate::output;
use crate::text::safe;

/// A file of the job is far smaller.
const MAX_BYTES: u64 = 1024 * 1024;
const TAKE_AWAY: &str = "To take it away: mta-sts watch --uninstall\n";

/// Writes the job and starts it.
pub(super) fn install(args: &WatchArgs, json: bool) -> anyhow::Result<Exit> {
    if env::var_os("FLATPAK_ID").is_some() {
        let reason = "your system can’t start what is inside this Flatpak. Use one of the other \
                      packages for a daily job";
        return Err(CliError::refused(reason));
    }
    let program = env::current_exe().context("This program doesn’t know where it is")?;
    let job = Job::of(&program, args, json)?;
    let (said, exit) = if cfg!(windows) {
        install_task(&job)?
    } else if cfg!(target_os = "macos") {
        install_agent(&job)?
    } else {
        install_units(&job)?
    };
    output::print(&said)?;
    Ok(exit)
}

/// Stops the job and removes its files.
pub(super) fn uninstall() -> anyhow::Result<Exit> {
    let said = if cfg!(windows) {
        uninstall_task()?
    } else if cfg!(target_os = "macos") {
        uninstall_agent()?
    } else {
        uninstall_units()?
    };
    output::print(&said)?;
    Ok(Exit::Fine)
}

fn install_units(job: &Job) -> anyhow::Result<(String, Exit)> {
    let [service, timer_path] = units()?;
    let files = [(service, job.service()), (timer_path, timer())];
    let mut said = write(&files.map(|(path, text)| (path, text.into_bytes())))?;
    let unit = format!("{NAME}.timer");
    let enable = ["--user", "enable", "--now", &unit];
    let started = systemctl(&["--user", "daemon-reload"]).and_then(|()| systemctl(&enable));
    let exit = match &started {
        Ok(()) => {
            let _ = write!(
                said,
                "It runs every day between 9 and 10, or later if the computer is off then. What it \
                 says: journalctl --user --unit {NAME}\n\
                 It runs while you are logged in. On a server, let it run always: loginctl \
                 enable-linger\n"
            );
            Exit::Fine
        }
        Err(failure) => {
            let _ = write!(
                said,
                "It doesn’t run yet: {failure}. When you are logged in, run these two commands:\n\
                 \x20 systemctl --user daemon-reload\n\
                 \x20 systemctl --user enable --now {unit}\n"
            );
            if let Failure::Missing(_) = failure {
                let _ = write!(
                    said,
                    "If this system has no systemd, add this line with crontab -e instead:\n  {}\n",
                    job.cron_line(this_minute())
                );
            }
            Exit::Found
        }
    };
    said.push_str(TAKE_AWAY);
    Ok((said, exit))
}

fn uninstall_units() -> anyhow::Result<String> {
    let paths = units()?;
    refuse_others(paths.iter())?;
    let unit = format!("{NAME}.timer");
    // Without a session there is nothing to stop.
    let _ = systemctl(&["--user", "disable", "--now", &unit]);
    let said = remove(&paths)?;
    if let Some(folder) = paths[1].parent() {
        // What `enable` made, if `disable` couldn’t run.
        let _ = fs::remove_file(folder.join("timers.target.wants").join(&unit));
    }
    let _ = systemctl(&["--user", "daemon-reload"]);
    Ok(said)
}

/// The service and the timer, where systemd looks for those of a person (systemd.unit(5)).
fn units() -> anyhow::Result<[PathBuf; 2]> {
    let named = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    // The XDG Base Directory Specification: a relative path is to be ignored.
    let config = match named.filter(|path| path.is_absolute()) {
        Some(folder) => folder,
        None => home()?.join(".config"),
    };
    let folder = config.join("systemd/user");
    Ok(["service", "timer"].map(|kind| folder.join(format!("{NAME}.{kind}"))))
}

fn systemctl(args: &[&str]) -> Result<(), Failure> {
    run("systemctl", args).map(drop)
}

fn install_agent(job: &Job) -> anyhow::Result<(String, Exit)> {
    let path = agent()?;
    let log = home()?.join("Library/Logs").join(format!("{NAME}.log"));
    let text = job.agent(&log.to_string_lossy(), this_minute());
    let mut said = write(&[(path.clone(), text.into_bytes())])?;
    let started = session().and_then(|session| {
        // One that is loaded already has the old file.
        let _ = run("launchctl", &["bootout", &format!("{session}/{NAME}")]);
        run(
            "launchctl",
            &["bootstrap", &session, &path.to_string_lossy()],
        )
    });
    let exit = match started {
        Ok(_) => {
            let _ = writeln!(
                said,
                "It runs every day after 9, while you are logged in. What it says: {}",
                log.display()
            );
            Exit::Fine
        }
        Err(failure) => {
            let _ = writeln!(
                said,
                "It doesn’t run yet: {failure}. It will when you log in the next time."
            );
            Exit::Found
        }
    };
    said.push_str(TAKE_AWAY);
    Ok((said, exit))
}

fn uninstall_agent() -> anyhow::Result<String> {
    let path = agent()?;
    refuse_others([&path])?;
    // One that isn’t loaded needs no stop.
    let _ = session().and_then(|it| run("launchctl", &["bootout", &format!("{it}/{NAME}")]));
    remove(&[path])
}

fn agent() -> anyhow::Result<PathBuf> {
    let agents = home()?.join("Library/LaunchAgents");
    Ok(agents.join(format!("{NAME}.plist")))
}

/// The name that launchd has for the session of this person.
fn session() -> Result<String, Failure> {
    run("id", &["-u"]).map(|number| format!("gui/{}", number.trim()))
}

fn install_task(job: &Job) -> anyhow::Result<(String, Exit)> {
    let path = task()?;
    let text = job.task().map_err(CliError::usage)?;
    refuse_other_task()?;
    let mut said = write(&[(path.clone(), text)])?;
    let file = path.to_string_lossy();
    let create = ["/Create", "/F", "/TN", NAME, "/XML", &file];
    let exit = match run("schtasks", &create) {
        Ok(_) => {
            said.push_str(
                "It runs every day between 9 and 10, or later if the computer is off then.\n",
            );
            Exit::Fine
        }
        Err(failure) => {
            let _ = write!(
                said,
                "It doesn’t run yet: {failure}. Run this command:\n  schtasks /Create /TN {NAME} \
                 /XML \"{file}\"\n"
            );
            Exit::Found
        }
    };
    said.push_str(TAKE_AWAY);
    Ok((said, exit))
}

fn uninstall_task() -> anyhow::Result<String> {
    let path = task()?;
    refuse_others([&path])?;
    refuse_other_task()?;
    // A task that isn’t there needs no end.
    let _ = run("schtasks", &["/Delete", "/F", "/TN", NAME]);
    remove(&[path])
}

fn task() -> anyhow::Result<PathBuf> {
    let folder = program_folder();
    let folder = folder.ok_or_else(|| CliError::usage("this system has no folder for programs"))?;
    Ok(folder.join(format!("{NAME}.xml")))
}

/// The Task Scheduler has its own copy, which somebody else may have made.
fn refuse_other_task() -> anyhow::Result<()> {
    // It may answer in UTF-16. Where there is no task, it fails or says nothing.
    let task = run("schtasks", &["/Query", "/TN", NAME, "/XML"]).unwrap_or_default();
    let task = task.replace('\0', "");
    if task.contains("<Task") && !is_ours(task.as_bytes()) {
        return Err(CliError::refused(format!(
            "there is a task {NAME} that this program didn’t make. Nothing was changed"
        )));
    }
    Ok(())
}

/// Writes the files, or none if one of them isn’t this program’s. Says which.
fn write(files: &[(PathBuf, Vec<u8>)]) -> anyhow::Result<String> {
    refuse_others(files.iter().map(|(path, _)| path))?;
    let mut said = String::new();
    for (path, bytes) in files {
        mta_sts_save::write_whole(path, bytes)
            .map_err(|error| CliError::usage(error.to_string()))?;
        let _ = writeln!(said, "Wrote {}", path.display());
    }
    Ok(said)
}

/// Removes the files. Says which.
fn remove(paths: &[PathBuf]) -> anyhow::Result<String> {
    let mut said = String::new();
    for path in paths {
        match fs::remove_file(path) {
            Ok(()) => {
                let _ = writeln!(said, "Removed {}", path.display());
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let reason = mta_sts_save::not_written(&error);
                return Err(CliError::usage(format!("{}: {reason}", path.display())));
            }
        }
    }
    if said.is_empty() {
        said.push_str("No daily job was installed.\n");
    }
    Ok(said)
}

/// An error if a file isn’t one that this program wrote.
fn refuse_others<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> anyhow::Result<()> {
    for path in paths {
        match read_bounded(path, MAX_BYTES) {
            Err(FileError::Missing) if fs::symlink_metadata(path).is_err() => {}
            Ok(bytes) if is_ours(&bytes) => {}
            _ => {
                return Err(CliError::refused(format!(
                    "{} isn’t a file that this program wrote. Nothing was changed",
                    Path::new(path).display()
                )));
            }
        }
    }
    Ok(())
}

fn home() -> anyhow::Result<PathBuf> {
    env::home_dir().ok_or_else(|| CliError::usage("you have no home folder"))
}

/// A minute that differs from person to person, so that not all jobs start at once.
fn this_minute() -> u8 {
    OffsetDateTime::now_utc().minute()
}

/// Why a command of the system did nothing.
enum Failure {
    /// There is no such command.
    Missing(String),
    /// It said why.
    Refused(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(program) => write!(f, "{program} isn’t on this computer"),
            Self::Refused(reason) => f.write_str(reason),
        }
    }
}

/// Runs a command of the system. Returns what it wrote.
fn run(program: &str, args: &[&str]) -> Result<String, Failure> {
    let ran = Command::new(program).args(args).output();
    let output = ran.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::Missing(program.to_owned()),
        _ => Failure::Refused(format!("{program}: {}", mta_sts_save::not_read(&error))),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().next().unwrap_or_default();
    let line = line.trim().trim_end_matches('.');
    Err(Failure::Refused(match line {
        "" => format!("{program} failed"),
        line => format!("{program} says “{}”", safe(line)),
    }))
}
