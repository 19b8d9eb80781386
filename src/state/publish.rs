//! Step 3: looks at the publication, how far it is, and since when it is live.

use std::collections::BTreeSet;
use std::sync::Arc;

use mta_sts_core::{
    Domain, Observer, PolicyId, Progress, Propagation, SenderVerdict, ServerView, Sighting,
    wait_before_look,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::State;

/// Step 3: the last look and when the next is due.
#[derive(Debug, Default)]
pub struct Publish {
    /// True while a look is going on.
    pub running: bool,
    /// True when the person wants no looks of its own accord.
    pub paused: bool,
    /// When the next look is due.
    pub next_look: Option<OffsetDateTime>,
    looks: u32,
    seen: Option<Propagation>,
    coming: Option<Propagation>,
    pub(super) progress: Option<Arc<Progress>>,
    /// The progress at the look before, for what was correct then.
    pub(super) earlier: Option<Arc<Progress>>,
    /// Names of public resolvers that are not asked.
    pub(super) left_out: BTreeSet<String>,
    senders: Vec<SenderVerdict>,
    pub(super) live: Option<Live>,
}

/// Whom a look does not ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whom {
    /// Caches whose answer has not run out yet.
    pub known: Vec<Observer>,
    /// Names of public resolvers that the person left out.
    pub left_out: BTreeSet<String>,
}

/// A version of the policy that was seen everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Live {
    domain: Domain,
    id: PolicyId,
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
}

#[cfg(test)]
impl Live {
    pub(super) fn new(domain: Domain, id: PolicyId, since: OffsetDateTime) -> Self {
        Self { domain, id, since }
    }
}

impl State {
    /// Begins a look at the publication.
    pub fn begin_look(&mut self, now: OffsetDateTime) -> Option<(Domain, Whom)> {
        let domain = self.domain()?.clone();
        let publish = &mut self.publish;
        publish.running = true;
        publish.next_look = None;
        let coming = publish
            .seen
            .as_ref()
            .map_or_else(|| Propagation::new(now), |seen| seen.again(now));
        let whom = Whom {
            known: coming.observers(),
            left_out: publish.left_out.clone(),
        };
        publish.coming = Some(coming);
        Some((domain, whom))
    }

    /// Takes in one sighting of the running look. Rows keep their last answer until the new one
    /// arrives, so that nothing flickers.
    pub fn fold_sighting(&mut self, sighting: Sighting) {
        if let Some(coming) = &mut self.publish.coming {
            coming.fold(sighting.clone());
            let first = Propagation::new(coming.asked_at);
            self.publish.seen.get_or_insert(first).fold(sighting);
        }
    }

    /// Compares what was seen with the draft.
    pub fn compare_again(&mut self) {
        (self.publish.progress, self.publish.senders) = match (&self.publish.seen, self.setup()) {
            (Some(seen), Some(setup)) => {
                let progress = Progress::of(seen, &setup);
                let progress = match &self.publish.earlier {
                    Some(earlier) => progress.after(earlier),
                    None => progress,
                };
                let senders = seen.sender_compatibility(&setup.domain);
                (Some(Arc::new(progress)), senders)
            }
            _ => (None, Vec::new()),
        };
    }

    /// Ends a look and sets the time of the next: soon at first, then slower.
    pub fn end_look(&mut self, now: OffsetDateTime) {
        self.publish.running = false;
        self.publish.looks += 1;
        // Who was not asked this time has no say any more.
        if let Some(coming) = self.publish.coming.take() {
            self.publish.seen = Some(coming);
        }
        self.compare_again();
        self.publish.earlier.clone_from(&self.publish.progress);
        self.note_live(now);
        self.publish.next_look = (!self.publish.paused).then(|| now + self.wait_for_next_look());
    }

    /// Remembers when this version was first seen everywhere.
    fn note_live(&mut self, now: OffsetDateTime) {
        let complete = |progress: &Arc<Progress>| progress.is_complete();
        if let Some(setup) = self.setup()
            && self.publish.progress.as_ref().is_some_and(complete)
            && self.live_since().is_none()
        {
            self.publish.live = Some(Live {
                domain: setup.domain,
                id: setup.id,
                since: now,
            });
        }
    }

    /// Since when this version has been seen everywhere.
    #[must_use]
    pub fn live_since(&self) -> Option<OffsetDateTime> {
        let setup = self.setup()?;
        let live = self.publish.live.as_ref()?;
        (live.domain == setup.domain && live.id == setup.id).then_some(live.since)
    }

    /// The time between two looks. Practice servers take seconds where real ones take minutes.
    fn wait_for_next_look(&self) -> Duration {
        if self.practice {
            return Duration::seconds(2);
        }
        wait_before_look(self.publish.looks)
    }

    /// Pauses or resumes looking of its own accord.
    pub fn pause(&mut self, paused: bool, now: OffsetDateTime) {
        self.publish.paused = paused;
        self.publish.next_look = (!paused).then_some(now);
    }
}

impl Publish {
    /// Asks a public resolver from the next look on, or leaves it out at once.
    pub fn ask(&mut self, name: String, ask: bool) {
        if ask {
            self.left_out.remove(&name);
            return;
        }
        let is_of_it = |view: &ServerView| matches!(&view.observer, Observer::PublicResolver { name: known, .. } if *known == name);
        for look in [&mut self.seen, &mut self.coming].into_iter().flatten() {
            look.views.retain(|view| !is_of_it(view));
        }
        self.left_out.insert(name);
    }

    /// Whether a public resolver is asked.
    #[must_use]
    pub fn asks(&self, name: &str) -> bool {
        !self.left_out.contains(name)
    }

    /// The comparison of the last look with the draft.
    #[must_use]
    pub fn progress(&self) -> Option<&Arc<Progress>> {
        self.progress.as_ref()
    }

    /// What known senders make of the policy as the last look fetched it.
    #[must_use]
    pub fn senders(&self) -> &[SenderVerdict] {
        &self.senders
    }
}
