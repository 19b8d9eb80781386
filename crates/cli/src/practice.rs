//! The practice internet: which domains it has.

use std::fmt::Write as _;

use mta_sts_core::Domain;
use mta_sts_lab::{Lab, Scenario, scenarios};
use mta_sts_probe::Endpoints;
use serde::Serialize;

use crate::exit::{CliError, Exit};
use crate::output;
use crate::text::STRONG;

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
    // One of them is a domain that nobody serves.
    let is_known = scenarios().iter().any(|it| it.domain == domain.as_str());
    if !lab.serve_copy(domain.as_str())? && !is_known {
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
        output::print(&listing(scenarios()))?;
    }
    Ok(Exit::Fine)
}

/// Every practice domain with its description.
fn listing(scenarios: &[Scenario]) -> String {
    let mut text =
        format!("{STRONG}Practice domains{STRONG:#} (everything runs on this computer)\n");
    for scenario in scenarios {
        let _ = writeln!(text, "\n{}\n  {}", scenario.domain, scenario.story);
    }
    let _ = writeln!(text, "\nTry one: mta-sts check --practice healthy.example");
    text
}
