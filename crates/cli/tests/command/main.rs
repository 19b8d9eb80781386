//! The real command, as a script runs it: exit status, standard output, standard error, files.

#![expect(
    clippy::unwrap_used,
    reason = "a test helper that cannot go on fails the test"
)]

mod batch;
mod check;
mod domains;
mod explain;
mod generate;
mod lint;
mod mistakes;
mod plan;
mod report;
mod scenarios;
mod schema;
mod terminal;
mod verify;
mod watch;

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run of the command left behind.
#[derive(Debug)]
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// Standard output as one JSON value.
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .map_err(|error| format!("{error}: {self:?}"))
            .unwrap()
    }
}

/// Runs the command with an empty standard input.
fn mta_sts(args: &[&str]) -> Ran {
    mta_sts_reading(args, b"")
}

/// Runs the command with these bytes as standard input.
fn mta_sts_reading(args: &[&str], stdin: &[u8]) -> Ran {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may stop reading before the end; that is its good right.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the command of a person whose saved work is in this folder.
fn mta_sts_at(home: &std::path::Path, args: &[&str]) -> Ran {
    ran(command(args).env("XDG_DATA_HOME", home).env("HOME", home))
}

/// Runs a command to its end.
fn ran(command: &mut Command) -> Ran {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mta-sts"));
    command
        .args(args)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE");
    command
}

/// The codes of a JSON array of findings, in its order.
fn codes(findings: &Value) -> Vec<&str> {
    findings
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}
