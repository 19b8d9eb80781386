//! The practice internet: its domains, and a lab that runs their servers.

use mta_sts_core::Domain;
use mta_sts_lab::{Lab, scenarios};
use mta_sts_probe::{Endpoints, OpenResolver};
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

/// Starts the servers of one practice domain. They stop when the lab is dropped.
pub(crate) async fn start(domain: &Domain) -> anyhow::Result<(Lab, Endpoints)> {
    let lab = match scenarios().iter().find(|it| it.domain == domain.as_str()) {
        Some(scenario) => Lab::start(std::slice::from_ref(scenario)).await?,
        // It may be a copy of any practice domain.
        None => start_all().await?,
    };
    let endpoints = endpoints(&lab, domain)?;
    Ok((lab, endpoints))
}

/// Starts the servers of all practice domains.
pub(crate) async fn start_all() -> anyhow::Result<Lab> {
    Ok(Lab::start(scenarios()).await?)
}

/// The practice internet of a running lab as one of its domains sees it.
pub(crate) fn endpoints(lab: &Lab, domain: &Domain) -> anyhow::Result<Endpoints> {
    let is_known = scenarios().iter().any(|it| it.domain == domain.as_str());
    if !lab.serve_copy(domain.as_str())? && !is_known {
        return Err(CliError::usage(format!(
            "{domain} isn’t a practice domain. Run mta-sts check --practice to list them"
        )));
    }
    let endpoints = Endpoints::practice(
        lab.resolver(),
        lab.routes(),
        lab.trust_root_der(),
        lab.control_hosts_for(domain.as_str()),
        lab.control_web_host(),
    );
    Ok(endpoints.with_public_resolvers(public_resolvers(lab)))
}

fn public_resolvers(lab: &Lab) -> Vec<OpenResolver> {
    let resolvers = lab.public_resolvers().into_iter();
    resolvers
        .map(|it| OpenResolver::new(it.name, it.address, it.https_host, it.https_path))
        .collect()
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
