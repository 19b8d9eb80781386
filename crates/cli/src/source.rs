//! Where facts come from: the internet, the practice internet, or a file saved before.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use mta_sts_core::{Domain, Facts};
use mta_sts_lab::Lab;
use mta_sts_probe::{CheckOptions, Endpoints, Probe, ProbeError, Timeouts};
use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::args::{NetworkArgs, SourceArgs};
use crate::exit::CliError;
use crate::progress::Progress;
use crate::{input, practice};

/// The largest facts file that the probe can produce is far smaller.
const MAX_FACTS_BYTES: usize = 16 * 1024 * 1024;

/// The roots of all public authorities together are far smaller.
const MAX_TRUST_ROOT_BYTES: usize = 4 * 1024 * 1024;

/// What a command wants to know.
pub(crate) struct Question<'a> {
    /// About which domain.
    pub(crate) domain: &'a Domain,
    /// Whether to make the connections that cost extra.
    pub(crate) legacy: bool,
    /// Which hosts mail is to move to.
    pub(crate) planned: &'a [String],
    /// When the answers so far are enough.
    pub(crate) enough: fn(&Facts) -> bool,
}

/// Reads saved facts. They must be about `domain`, if there is one.
pub(crate) fn saved(path: &Path, domain: Option<&Domain>) -> anyhow::Result<Facts> {
    let text = input::read_text(path, MAX_FACTS_BYTES)?;
    let facts = Facts::from_json(&text)
        .map_err(|error| CliError::usage(format!("{}: {error}", path.display())))?;
    match domain {
        Some(domain) if *domain != facts.domain => Err(CliError::usage(format!(
            "{} is about {}, not {domain}",
            path.display(),
            facts.domain
        ))),
        _ => Ok(facts),
    }
}

/// Gets the facts from the source that the options name.
pub(crate) fn observe(args: &SourceArgs, question: &Question<'_>) -> anyhow::Result<Facts> {
    if let Some(path) = &args.facts {
        return saved(path, Some(question.domain));
    }
    runtime()?.block_on(ask(args, question))
}

async fn ask(args: &SourceArgs, question: &Question<'_>) -> anyhow::Result<Facts> {
    let network = Network::enter(&args.network, question.domain).await?;
    let mut options = network.options(question.domain);
    options.legacy = question.legacy;
    options.planned = question.planned.to_vec();
    Ok(look(&network.probe, &options, question.enough).await)
}

/// The network that the options name, and a probe in it.
pub(crate) struct Network {
    /// The servers of the practice internet. They run as long as this exists.
    pub(crate) lab: Option<Lab>,
    pub(crate) probe: Probe,
    timeout: Option<Duration>,
    internal: bool,
}

impl Network {
    /// Starts the practice internet of a domain, or uses the real one.
    pub(crate) async fn enter(args: &NetworkArgs, domain: &Domain) -> anyhow::Result<Self> {
        if !args.practice {
            return Self::of_internet(args);
        }
        let lab = mta_sts_practice::start([domain.as_str()]).await?;
        let endpoints = practice::endpoints(&lab, domain)?;
        Self::new(Some(lab), endpoints, args)
    }

    /// The real internet, for any domain.
    pub(crate) fn of_internet(args: &NetworkArgs) -> anyhow::Result<Self> {
        Self::new(None, internet(args)?, args)
    }

    fn new(lab: Option<Lab>, endpoints: Endpoints, args: &NetworkArgs) -> anyhow::Result<Self> {
        let probe = Probe::new(endpoints).map_err(|error| match error {
            // The network of this computer is not set up. That is not an internal error.
            ProbeError::NoResolver(_) => CliError::not_checked(error.to_string()),
            other => other.into(),
        })?;
        Ok(Self {
            lab,
            probe,
            timeout: args.timeout.map(Duration::from_secs),
            internal: args.internal,
        })
    }

    /// The usual checks, with the time limits of the options.
    pub(crate) fn options(&self, domain: &Domain) -> CheckOptions {
        let mut options = CheckOptions::new(domain.clone());
        options.internal = self.internal;
        if let Some(limit) = self.timeout {
            options.timeouts = all_of(limit);
        }
        options
    }
}

/// The practice internet for many of its domains at once.
pub(crate) struct PracticeNetwork {
    /// The servers. They run as long as this exists.
    pub(crate) lab: Lab,
    args: NetworkArgs,
}

impl PracticeNetwork {
    /// Starts the servers of these domains.
    pub(crate) async fn start(args: &NetworkArgs, domains: &[Domain]) -> anyhow::Result<Self> {
        Ok(Self {
            lab: mta_sts_practice::start(domains.iter().map(Domain::as_str)).await?,
            args: args.clone(),
        })
    }

    /// The practice internet as one of its domains sees it.
    pub(crate) fn of(&self, domain: &Domain) -> anyhow::Result<Network> {
        Network::new(None, practice::endpoints(&self.lab, domain)?, &self.args)
    }
}

/// The runtime for all network work.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("The network couldn’t be set up")
}

fn internet(args: &NetworkArgs) -> anyhow::Result<Endpoints> {
    let endpoints = Endpoints::internet().with_resolvers(args.resolver.iter().copied());
    args.trust_root
        .iter()
        .try_fold(endpoints, |endpoints, path| {
            let pem = input::read_text(path, MAX_TRUST_ROOT_BYTES)?;
            endpoints
                .with_trust_root_pem(pem.as_bytes())
                .map_err(|error| CliError::usage(format!("{}: {error}", path.display())))
        })
}

fn all_of(limit: Duration) -> Timeouts {
    Timeouts {
        connect: limit,
        greeting: limit,
        reply: limit,
        handshake: limit,
        conversation: Timeouts::default().conversation.max(limit),
        dns: limit,
        policy: limit,
        check: Timeouts::default().check.max(limit * 3),
    }
}

async fn look(probe: &Probe, options: &CheckOptions, enough: fn(&Facts) -> bool) -> Facts {
    let checked_at = now();
    let facts = Mutex::new(options.facts(checked_at));
    let progress = Progress::start(&options.domain);
    let known = Notify::new();
    let fold = |fact| {
        let mut facts = lock(&facts);
        facts.fold(fact);
        progress.show(&facts);
        if enough(&facts) {
            known.notify_one();
        }
    };
    let finished = tokio::select! {
        () = probe.check(options, checked_at, fold) => true,
        () = known.notified() => false,
    };
    progress.clear();
    let mut facts = facts.into_inner().unwrap_or_else(PoisonError::into_inner);
    facts.cut_short |= !finished;
    facts
}

fn lock(facts: &Mutex<Facts>) -> MutexGuard<'_, Facts> {
    facts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The current time, to the second.
pub(crate) fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now)
}
