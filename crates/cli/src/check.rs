//! `mta-sts check`: facts, findings, readiness.

use mta_sts_core::{Domain, judge};
use mta_sts_save::SaveError;
use time::OffsetDateTime;

use crate::args::{CheckArgs, Typed};
use crate::exit::{CliError, Exit};
use crate::source::{self, Question};
use crate::{batch, expected, output, practice, text};

pub(crate) fn run(args: &CheckArgs, json: bool) -> anyhow::Result<Exit> {
    if let Some(file) = &args.batch {
        return batch::run(args, file);
    }
    let expected = |domain: &Domain| match &args.expect {
        Some(folder) => expected::read(folder, domain).map(Some),
        None => Ok(None),
    };
    let (mut facts, written) = match (args.domain.as_ref().map(Typed::meant), &args.source.facts) {
        (Some(domain), _) => {
            // Before the check, so that a wrong folder costs no time.
            let written = expected(domain)?;
            let question = Question {
                domain,
                legacy: args.legacy,
                planned: &[],
                enough: |_| false,
            };
            (source::observe(&args.source, &question)?, written)
        }
        (None, Some(path)) => {
            let facts = source::saved(path, None)?;
            let written = expected(&facts.domain)?;
            (facts, written)
        }
        (None, None) => return practice::list(json),
    };
    facts.written = written.or(facts.written);
    if args.save_facts.is_some() {
        // Whoever opens the file elsewhere must know which computer ran the check.
        facts.observed_on = Some(gethostname::gethostname().to_string_lossy().into_owned());
    }
    let report = judge(&facts);
    if json {
        output::print_json(&report)?;
    } else {
        output::print(&text::report(&report, OffsetDateTime::now_utc()))?;
    }
    // Last, so that a full disk does not also lose the report.
    if let Some(path) = &args.save_facts {
        saved(mta_sts_save::write_private(
            path,
            facts.to_json()?.as_bytes(),
        ))?;
    }
    if let Some(path) = &args.html {
        saved(mta_sts_save::write_whole(path, report.to_html().as_bytes()))?;
    }
    Ok(Exit::of_report(&report))
}

fn saved(written: Result<(), SaveError>) -> anyhow::Result<()> {
    written.map_err(|error| CliError::usage(error.to_string()))
}
