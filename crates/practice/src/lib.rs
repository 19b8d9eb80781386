//! The practice internet as a probe sees it. The lab has the servers and knows no probe; the probe
//! has endpoints and knows no lab. Here one becomes the other.
//!
//! ```
//! use std::sync::Mutex;
//!
//! use mta_sts_core::{Facts, judge};
//! use mta_sts_probe::{CheckOptions, Probe};
//! use time::OffsetDateTime;
//!
//! # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lab = mta_sts_practice::start(["healthy.example"]).await?;
//! let probe = Probe::new(mta_sts_practice::endpoints(&lab, "healthy.example")?)?;
//!
//! let options = CheckOptions::new("healthy.example".parse()?);
//! let checked_at = OffsetDateTime::now_utc();
//! let facts = Mutex::new(Facts::new(options.domain.clone(), checked_at));
//! probe.check(&options, checked_at, |fact| facts.lock().unwrap().fold(fact)).await;
//!
//! assert!(judge(&facts.into_inner()?).findings.is_empty());
//! # Ok(()) }
//! ```

use std::collections::BTreeSet;

use mta_sts_lab::{Lab, LabError, Scenario, original_of, scenarios};
use mta_sts_probe::{Endpoints, OpenResolver};

/// Starts the servers of these practice domains and copies of them, and no others: every server
/// takes one of the few files that a program may have open. They stop when the lab is dropped.
///
/// # Errors
/// [`LabError`] when they cannot be started.
pub async fn start(domains: impl IntoIterator<Item = &str>) -> Result<Lab, LabError> {
    let mut wanted = BTreeSet::new();
    for domain in domains {
        wanted.extend(original_of(domain));
        wanted.insert(domain.to_owned());
    }
    let wanted = |scenario: &&Scenario| wanted.contains(&scenario.domain);
    let scenarios: Vec<Scenario> = scenarios().iter().filter(wanted).cloned().collect();
    Lab::start(&scenarios).await
}

/// Starts the servers of all practice domains.
///
/// # Errors
/// [`LabError`] when they cannot be started.
pub async fn start_all() -> Result<Lab, LabError> {
    Lab::start(scenarios()).await
}

/// The practice internet for a check of this domain. A numbered name is a copy of a practice domain
/// and is served from now on; any other unknown name does not exist there.
///
/// # Errors
/// [`LabError`] when a copy cannot be served.
pub fn endpoints(lab: &Lab, domain: &str) -> Result<Endpoints, LabError> {
    lab.serve_copy(domain)?;
    let public = lab.public_resolvers().into_iter();
    let public =
        public.map(|it| OpenResolver::new(it.name, it.address, it.https_host, it.https_path));
    Ok(Endpoints::practice(
        lab.resolver(),
        lab.routes(),
        lab.trust_root_der(),
        lab.control_hosts_for(domain),
        lab.control_web_host(),
    )
    .with_public_resolvers(public.collect()))
}
