//! Prints `docs/findings.md`: every rule with its page.
//!
//! ```sh
//! cargo run --package mta-sts-core --example findings > docs/findings.md
//! ```

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(mta_sts_core::rules::book().as_bytes())
}
