//! Many domains at once, a bounded number of them at a time.

use std::sync::{Arc, Mutex, PoisonError};

use mta_sts_core::Facts;
use time::OffsetDateTime;
use tokio::task::{JoinError, JoinSet};

use crate::{CheckOptions, Probe};

impl Probe {
    /// Everything that one check sees, at its end.
    pub async fn facts(&self, options: &CheckOptions, checked_at: OffsetDateTime) -> Facts {
        let facts = Mutex::new(options.facts(checked_at));
        let locked = || facts.lock().unwrap_or_else(PoisonError::into_inner);
        self.check(options, checked_at, |fact| locked().fold(fact))
            .await;
        facts.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks that run at the same time. Dropping it stops them all.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use mta_sts_lab::{Lab, scenarios};
/// # use mta_sts_probe::{Checks, Endpoints, CheckOptions, Probe};
/// # use time::OffsetDateTime;
/// # let lab = Lab::start(scenarios()).await?;
/// # let endpoints = Endpoints::practice(lab.resolver(), lab.routes(), lab.trust_root_der(),
/// #     lab.control_hosts(), lab.control_web_host());
/// let probe = Probe::new(endpoints)?;
/// let mut waiting = ["healthy.example", "null-mx.example", "wrong-name.example"].into_iter().enumerate();
/// let mut checks = Checks::new(2);
/// let mut seen = Vec::new();
/// loop {
///     while checks.has_room() {
///         let Some((place, domain)) = waiting.next() else { break };
///         checks.start(place, probe.clone(), CheckOptions::new(domain.parse()?), OffsetDateTime::now_utc());
///     }
///     let Some(done) = checks.next().await else { break };
///     seen.push(done?.0);
/// }
/// assert_eq!(seen.len(), 3);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Checks {
    running: JoinSet<(usize, Arc<Facts>)>,
    jobs: usize,
}

impl Checks {
    /// At most this many at a time, at least one.
    #[must_use]
    pub fn new(jobs: usize) -> Self {
        Self {
            running: JoinSet::new(),
            jobs: jobs.max(1),
        }
    }

    /// Whether another check may start.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.running.len() < self.jobs
    }

    /// Starts a check. `place` identifies its result.
    pub fn start(
        &mut self,
        place: usize,
        probe: Probe,
        options: CheckOptions,
        checked_at: OffsetDateTime,
    ) {
        self.running
            .spawn(async move { (place, Arc::new(probe.facts(&options, checked_at).await)) });
    }

    /// The next check that ends; `None` when none is running.
    ///
    /// # Errors
    /// When a check failed because of a fault in this program.
    pub async fn next(&mut self) -> Option<Result<(usize, Arc<Facts>), JoinError>> {
        self.running.join_next().await
    }
}
