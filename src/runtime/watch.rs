//! The daily check. The command `mta-sts`, which comes with this program, sets it up.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A line about the job is far shorter.
const MAX_CHARS: usize = 400;

/// Sets the daily check up, or takes it away. Gives what was done, or why not, as a sentence.
pub(super) fn set(keep: bool) -> Result<String, String> {
    let option = if keep { "--install" } else { "--uninstall" };
    let Some(program) = command() else {
        return Err(format!(
            "The command mta-sts isn’t next to this program. Install it, and run: mta-sts watch {option}"
        ));
    };
    let output = Command::new(program).args(["watch", option]).output();
    let output = output.map_err(|error| format!("The command mta-sts couldn’t start: {error}."))?;
    outcome(keep, &output)
}

/// The command that was installed with this program.
fn command() -> Option<PathBuf> {
    let name = format!("mta-sts{}", env::consts::EXE_SUFFIX);
    let path = env::current_exe().ok()?.with_file_name(name);
    path.is_file().then_some(path)
}

fn outcome(keep: bool, output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(if keep {
            "Your domains are checked every day from now on.".into()
        } else {
            "The daily check is gone.".into()
        });
    }
    // The command says on standard error what is wrong, and on standard output what is left to do.
    let said = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes));
    let lines = said.iter().flat_map(|text| text.lines());
    let lines: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    Err(mta_sts_core::escaped(&lines.join(" "), MAX_CHARS))
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use super::*;

    #[cfg(unix)]
    fn ended(code: i32, stdout: &str, stderr: &str) -> Output {
        use std::os::unix::process::ExitStatusExt as _;
        use std::process::ExitStatus;

        Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: stdout.into(),
            stderr: stderr.into(),
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_the_command_says_is_told_in_one_line() {
        assert!(outcome(true, &ended(0, "long", "")).is_ok());
        let failed = outcome(
            true,
            &ended(1, "Run this:\n  systemctl x\n", "error: no session\n"),
        );
        assert_eq!(
            failed.unwrap_err(),
            "error: no session Run this: systemctl x"
        );
    }
}
