//! Step 3: checks what is published, and when the next check is due.

use std::collections::BTreeSet;

use mta_sts_core::{
    Domain, Observer, Progress, Propagation, ServerView, Setup, Sighting, wait_before_look,
};
use time::{Duration, OffsetDateTime};

use super::inputs::Inputs;

/// Step 3: the last look, and when the next one is due.
#[derive(Debug, Default)]
pub struct Publish {
    paused: bool,
    next_look: Option<OffsetDateTime>,
    /// What the running look has seen so far.
    coming: Option<Propagation>,
    seen: Option<Propagation>,
    /// The setup of the last look, the number of looks at it, and their progress. Progress on
    /// another setup doesn’t count.
    measured: Option<(Setup, u32, Progress)>,
}

/// The name servers and resolvers that a look skips.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Skipped {
    /// What caches said whose answer hasn’t expired yet.
    pub known: Vec<ServerView>,
    /// Names of public resolvers that the person left out.
    pub left_out: BTreeSet<String>,
}

impl Publish {
    /// Whether a look is running.
    #[must_use]
    pub(crate) fn is_looking(&self) -> bool {
        self.coming.is_some()
    }

    /// Whether the person paused the automatic looks.
    #[must_use]
    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    /// When the next look is due.
    #[must_use]
    pub fn next_look(&self) -> Option<OffsetDateTime> {
        self.next_look
    }

    /// What was seen, without the resolvers that the person left out.
    #[must_use]
    pub(super) fn seen(&self, left_out: &BTreeSet<String>) -> Option<Propagation> {
        let is_asked = |view: &ServerView| match &view.observer {
            Observer::PublicResolver { name, .. } => !left_out.contains(name),
            _ => true,
        };
        let mut seen = self.seen.clone()?;
        seen.views.retain(is_asked);
        Some(seen)
    }

    /// The progress of a setup, by what was seen.
    #[must_use]
    pub(super) fn progress(&self, setup: &Setup, left_out: &BTreeSet<String>) -> Option<Progress> {
        let progress = Progress::of(&self.seen(left_out)?, setup);
        Some(match &self.measured {
            Some((measure, _, earlier)) if measure == setup => progress.after(earlier),
            _ => progress,
        })
    }

    /// Schedules a look when the step is opened, unless the person paused them.
    pub(super) fn wake(&mut self, now: OffsetDateTime) {
        if !self.paused {
            self.next_look.get_or_insert(now);
        }
    }
}

impl Inputs {
    /// Starts a look at what is published.
    pub(crate) fn begin_look(&mut self, now: OffsetDateTime) -> Option<(Domain, Skipped)> {
        let left_out = self.work()?.left_out.clone();
        let session = self.session_mut()?;
        let domain = session.domain().clone();
        let publish = &mut session.publish;
        publish.next_look = None;
        let seen = publish.seen(&left_out);
        let coming = seen.map_or_else(|| Propagation::new(now), |seen| seen.again(now));
        let known = coming.views.clone();
        publish.coming = Some(coming);
        Some((domain, Skipped { known, left_out }))
    }

    /// Takes in a sighting of the running look. Each row keeps its last answer until the new one
    /// arrives, so that nothing flickers.
    pub(crate) fn fold_sighting(&mut self, sighting: Sighting) {
        let Some(session) = self.session_mut() else {
            return;
        };
        let publish = &mut session.publish;
        if let Some(coming) = &mut publish.coming {
            coming.fold(sighting.clone());
            let first = Propagation::new(coming.asked_at);
            publish.seen.get_or_insert(first).fold(sighting);
        }
    }

    /// Ends a look and schedules the next one: soon at first, then less often. `setup` is the setup
    /// of the current draft.
    pub(crate) fn end_look(&mut self, setup: Option<&Setup>, now: OffsetDateTime) {
        let practice = self.practice;
        let Some((session, work)) = self.open_work() else {
            return;
        };
        let publish = &mut session.publish;
        let Some(seen) = publish.coming.take() else {
            return;
        };
        work.take_look(&seen);
        // Observers that this look skipped no longer count.
        publish.seen = Some(seen);
        let (mut looks, mut is_complete) = (0, false);
        if let Some(setup) = setup
            && let Some(progress) = publish.progress(setup, &work.left_out)
        {
            is_complete = progress.is_complete();
            if is_complete {
                work.note_live(setup, now);
            }
            looks = match &publish.measured {
                Some((measure, looks, _)) if measure == setup => looks + 1,
                _ => 1,
            };
            publish.measured = Some((setup.clone(), looks, progress));
        }
        // Practice servers take seconds where real ones take minutes.
        let wait = if practice {
            Duration::seconds(2)
        } else {
            wait_before_look(looks)
        };
        // Once everything is visible, no more looks are needed.
        publish.next_look = (!publish.paused && !is_complete).then(|| now.saturating_add(wait));
    }

    /// Ends a look that has no result. The next one is due in a minute.
    pub(crate) fn break_look_off(&mut self, now: OffsetDateTime) {
        self.change_session(|session| {
            let publish = &mut session.publish;
            if publish.coming.take().is_some() && !publish.paused {
                publish.next_look = Some(now.saturating_add(Duration::MINUTE));
            }
        });
    }

    /// Stops a look. Its results so far stay.
    pub(crate) fn stop_look(&mut self) {
        self.change_session(|session| session.publish.coming = None);
    }

    /// Pauses or resumes the automatic looks.
    pub fn pause(&mut self, paused: bool, now: OffsetDateTime) {
        self.change_session(|session| {
            session.publish.paused = paused;
            session.publish.next_look = (!paused).then_some(now);
        });
    }

    /// Includes a public resolver from the next look on, or leaves it out at once.
    pub(crate) fn ask_resolver(&mut self, name: String, ask: bool) {
        let unheard = |view: &ServerView| !matches!(&view.observer, Observer::PublicResolver { name: known, .. } if *known == name);
        if let Some(session) = self.session_mut()
            && let Some(coming) = session.publish.coming.as_mut().filter(|_| !ask)
        {
            coming.views.retain(unheard);
        }
        self.change_work(|work| {
            if ask {
                work.left_out.remove(&name);
            } else {
                work.left_out.insert(name);
            }
        });
    }
}
