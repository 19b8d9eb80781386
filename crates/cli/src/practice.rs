//! The practice internet: which domains it has.

use mta_sts_core::Domain;
use mta_sts_lab::{Lab, scenarios};
use mta_sts_probe::Endpoints;
use serde::Serialize;

use crate::exit::{CliError, Exit};
use crate::{output, text};

/// The list of practice domains that `--json` prints.
#[derive(Serialize)]
struct Listing {
    format: &'static str,
    domains: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    domain: &'static str,
    story: &'static str,
}

/// The practice internet of a running lab as one of its domains sees it.
pub(crate) fn endpoints(lab: &Lab, domain: &Domain) -> anyhow::Result<Endpoints> {
    if !lab.serve_copy(domain.as_str())? {
        return Err(CliError::usage(format!(
            "{domain} isn’t a practice domain. Run mta-sts check --practice to list them"
        )));
    }
    Ok(mta_sts_practice::endpoints(lab, domain.as_str())?)
}

/// Prints every practice domain with its story.
pub(crate) fn list(json: bool) -> anyhow::Result<Exit> {
    if json {
        let domains = scenarios().iter().map(|scenario| Entry {
            domain: &scenario.domain,
            story: &scenario.story,
        });
        output::print_json(&Listing {
            format: "mta-sts-practice/1",
            domains: domains.collect(),
        })?;
    } else {
        output::print(&text::practice_domains(scenarios()))?;
    }
    Ok(Exit::Fine)
}
