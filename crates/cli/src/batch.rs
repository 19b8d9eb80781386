//! `mta-sts check --batch`: many domains at once, one JSON line each, in the order of the file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mta_sts_core::{Domain, Report, judge};
use tokio::task::JoinSet;

use crate::args::{CheckArgs, NetworkArgs};
use crate::exit::{Exit, Stop};
use crate::world::{self, Network};
use crate::{input, output};

/// A hundred thousand names of usual length.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How many times as many domains as run at once may be under way or wait for their line. Bounds
/// what is kept where one domain is much slower than those behind it.
const MOST_AHEAD: usize = 4;

/// Checks every domain of a file.
pub(crate) fn run(args: &CheckArgs, file: &Path) -> anyhow::Result<Exit> {
    let domains = read(file)?;
    world::runtime()?.block_on(async {
        let networks = Networks::enter(&args.world.network).await?;
        let batch = Batch {
            networks: Arc::new(networks),
            jobs: args.jobs,
            legacy: args.legacy,
        };
        batch.run(&domains).await
    })
}

/// One domain a line; empty lines and lines that begin with `#` are left out.
fn read(file: &Path) -> anyhow::Result<Vec<Domain>> {
    let text = input::read_text(file, MOST_BYTES)?;
    let mut domains = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let domain = Domain::parse(line)
            .map_err(|error| Stop::usage(format!("{}:{number}: {error}", file.display())))?;
        domains.push(domain);
    }
    Ok(domains)
}

/// Where each domain is looked at.
enum Networks {
    Internet(Network),
    /// All of the practice internet, which each of its domains sees in its own way.
    Practice(world::PracticeNetwork),
}

impl Networks {
    async fn enter(args: &NetworkArgs) -> anyhow::Result<Self> {
        Ok(if args.practice {
            Self::Practice(world::PracticeNetwork::start(args).await?)
        } else {
            Self::Internet(Network::of_internet(args)?)
        })
    }

    async fn report(&self, domain: &Domain, legacy: bool) -> anyhow::Result<Report> {
        let facts = match self {
            Self::Internet(network) => network.facts(domain, legacy).await,
            Self::Practice(practice) => practice.of(domain)?.facts(domain, legacy).await,
        };
        Ok(judge(&facts))
    }
}

struct Batch {
    networks: Arc<Networks>,
    /// How many domains are checked at once.
    jobs: usize,
    legacy: bool,
}

impl Batch {
    async fn run(&self, domains: &[Domain]) -> anyhow::Result<Exit> {
        let bar = bar(domains.len());
        let mut running = JoinSet::new();
        let mut finished: BTreeMap<usize, anyhow::Result<Report>> = BTreeMap::new();
        let (mut begun, mut printed) = (0, 0);
        let mut worst = Exit::Fine;
        let mut interrupted = std::pin::pin!(interrupt());
        while printed < domains.len() {
            while running.len() < self.jobs && begun < printed + self.jobs * MOST_AHEAD {
                let Some(domain) = domains.get(begun).cloned() else {
                    break;
                };
                let (networks, legacy, place) = (Arc::clone(&self.networks), self.legacy, begun);
                running.spawn(async move { (place, networks.report(&domain, legacy).await) });
                begun += 1;
            }
            tokio::select! {
                Some(done) = running.join_next() => {
                    let (place, report) = done?;
                    finished.insert(place, report);
                    bar.inc(1);
                }
                () = &mut interrupted => {
                    // What is finished is kept, also behind a domain that is not.
                    for report in finished.into_values().flatten() {
                        output::print_json_line(&report)?;
                    }
                    bar.abandon();
                    return Ok(Exit::Interrupted);
                }
            }
            while let Some(report) = finished.remove(&printed) {
                let report = report?;
                bar.suspend(|| output::print_json_line(&report))?;
                worst = worst.or_worse(Exit::of_report(&report));
                printed += 1;
            }
        }
        bar.finish_and_clear();
        Ok(worst)
    }
}

/// Comes with Ctrl-C; never, where the system does not let a program hear of it.
async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Shown on a terminal alone.
fn bar(domains: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(
        Some(u64::try_from(domains).unwrap_or(u64::MAX)),
        ProgressDrawTarget::stderr(),
    );
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} domains, {eta} left")
    {
        bar.set_style(style);
    }
    bar
}
