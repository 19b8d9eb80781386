//! `mta-sts check --batch`: checks many domains at once, one JSON line each, in the order of the
//! file.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mta_sts_core::{Domain, Report, judge};
use mta_sts_domains::{TABLE_FORMAT, table_domains};
use mta_sts_probe::{CheckOptions, Checks, Probe};

use crate::args::{CheckArgs, NetworkArgs};
use crate::exit::{CliError, Exit};
use crate::source::{self, Network};
use crate::{input, open_files, output};

/// About a hundred thousand names.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// How many domains may be running or waiting for their line, as a multiple of those that run at
/// once. Bounds the memory when one domain is much slower than the next ones.
const MAX_AHEAD: usize = 4;

/// Checks every domain of a file.
pub(crate) fn run(args: &CheckArgs, file: &Path) -> anyhow::Result<Exit> {
    let domains = read(file)?;
    source::runtime()?.block_on(async {
        let networks = Networks::enter(&args.source.network, &domains).await?;
        let jobs = open_files::jobs(args.jobs, networks.files_of_a_domain());
        if jobs < args.jobs {
            let jobs = match jobs {
                1 => "one domain".to_owned(),
                _ => format!("{jobs} domains"),
            };
            output::warn(&format!(
                "Checking {jobs} at once instead of {}, because this system lets the \
                 program open only so many connections. ulimit -n can raise the limit.\n",
                args.jobs
            ));
        }
        let batch = Batch {
            networks,
            jobs,
            legacy: args.legacy,
        };
        batch.run(&domains).await
    })
}

/// One domain per line, or the JSON of `mta-sts domains`. Empty lines and lines that start with `#`
/// are ignored.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<Domain>> {
    let text = input::read_text(file, MAX_BYTES)?;
    if text.trim_start().starts_with('{') {
        return table_domains(&text).ok_or_else(|| {
            let file = file.display();
            CliError::usage(format!(
                "{file} is JSON, but not in the format {TABLE_FORMAT}"
            ))
        });
    }
    let mut domains = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (domain, remark) = Domain::from_person(line)
            .map_err(|error| CliError::usage(format!("{}:{number}: {error}", file.display())))?;
        if let Some(remark) = remark {
            output::warn(&format!("{}:{number}: {remark}\n", file.display()));
        }
        domains.push(domain);
    }
    Ok(domains)
}

/// The network in which the domains are checked.
pub(crate) enum Networks {
    Internet(Network),
    /// The practice internet. Each of its domains has its own view of it.
    Practice(source::PracticeNetwork),
}

impl Networks {
    pub(crate) async fn enter(args: &NetworkArgs, domains: &[Domain]) -> anyhow::Result<Self> {
        Ok(if args.practice {
            Self::Practice(source::PracticeNetwork::start(args, domains).await?)
        } else {
            Self::Internet(Network::of_internet(args)?)
        })
    }

    /// How many files a check has open at most: its DNS, mail servers and web host at once. In the
    /// practice internet both ends of each connection are open here.
    pub(crate) fn files_of_a_domain(&self) -> u64 {
        match self {
            Self::Internet(_) => 25,
            Self::Practice(_) => 50,
        }
    }

    /// The probe and the options for a domain.
    pub(crate) fn question(
        &self,
        domain: &Domain,
        legacy: bool,
    ) -> anyhow::Result<(Probe, CheckOptions)> {
        let of = |network: &Network| {
            let mut options = network.options(domain);
            options.legacy = legacy;
            (network.probe.clone(), options)
        };
        Ok(match self {
            Self::Internet(network) => of(network),
            Self::Practice(practice) => of(&practice.of(domain)?),
        })
    }
}

struct Batch {
    networks: Networks,
    /// How many domains are checked at once.
    jobs: usize,
    legacy: bool,
}

impl Batch {
    async fn run(&self, domains: &[Domain]) -> anyhow::Result<Exit> {
        let bar = bar(domains.len());
        let mut checks = Checks::new(self.jobs);
        let mut finished: BTreeMap<usize, Report> = BTreeMap::new();
        let (mut begun, mut printed) = (0, 0);
        let mut worst = Exit::Fine;
        let mut interrupted = std::pin::pin!(interrupt());
        while printed < domains.len() {
            while checks.has_room() && begun < printed + self.jobs * MAX_AHEAD {
                let Some(domain) = domains.get(begun) else {
                    break;
                };
                let (probe, options) = self.networks.question(domain, self.legacy)?;
                checks.start(begun, probe, options, source::now());
                begun += 1;
            }
            tokio::select! {
                Some(done) = checks.next() => {
                    let (place, facts) = done?;
                    finished.insert(place, judge(&facts));
                    bar.inc(1);
                }
                () = &mut interrupted => {
                    // Finished reports are printed, even those that wait for a slower domain.
                    for report in finished.into_values() {
                        output::print_json_line(&report)?;
                    }
                    bar.abandon();
                    return Ok(Exit::Interrupted);
                }
            }
            while let Some(report) = finished.remove(&printed) {
                bar.suspend(|| output::print_json_line(&report))?;
                worst = worst.or_worse(Exit::of_report(&report));
                printed += 1;
            }
        }
        bar.finish_and_clear();
        Ok(worst)
    }
}

/// Resolves on Ctrl-C, or never if the system does not report it.
pub(crate) async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Shown only on a terminal.
pub(crate) fn bar(domains: usize) -> ProgressBar {
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
