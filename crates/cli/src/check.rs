//! `mta-sts check`: facts, findings, readiness.

use std::path::Path;

use mta_sts_core::judge;

use crate::args::CheckArgs;
use crate::exit::{Exit, Stop};
use crate::world::{self, Question};
use crate::{expected, output, practice, text};

pub(crate) fn run(args: &CheckArgs, json: bool) -> anyhow::Result<Exit> {
    // First, so that a wrong folder costs no time.
    let written = args.expect.as_deref().map(expected::read).transpose()?;
    let mut facts = match (&args.domain, &args.world.facts) {
        (Some(domain), _) => world::observe(
            &args.world,
            &Question {
                domain,
                legacy: args.legacy,
                enough: |_| false,
            },
        )?,
        (None, Some(path)) => world::saved(path, None)?,
        (None, None) => return practice::list(json),
    };
    if written.is_some() {
        facts.written = written;
    }
    let report = judge(&facts);
    if json {
        output::print_json(&report)?;
    } else {
        output::print(&text::report(&report))?;
    }
    // Last, so that a full disk does not lose the report as well.
    if let Some(path) = &args.save_facts {
        save(path, &facts.to_json()?)?;
    }
    if let Some(path) = &args.html {
        save(path, &report.to_html())?;
    }
    Ok(Exit::of_report(&report))
}

fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    mta_sts_save::write_whole(path, text.as_bytes()).map_err(|error| Stop::usage(error.to_string()))
}
