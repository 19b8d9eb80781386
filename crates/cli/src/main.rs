//! The `mta-sts` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    mta_sts_cli::run()
}
