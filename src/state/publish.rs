//! Step 3: looks at the publication, and when the next is due.

use std::collections::BTreeSet;

use mta_sts_core::{
    Domain, Observer, Progress, Propagation, ServerView, Setup, Sighting, wait_before_look,
};
use time::{Duration, OffsetDateTime};

use super::inputs::Inputs;

/// Step 3: the last look and when the next is due.
#[derive(Debug, Default)]
pub struct Publish {
    paused: bool,
    next_look: Option<OffsetDateTime>,
    /// What is being looked at; there while a look goes on.
    coming: Option<Propagation>,
    seen: Option<Propagation>,
    /// The setup that the last look was compared with, how many looks there were at it, and how far
    /// it was. What was correct by another measure is not worse now.
    measured: Option<(Setup, u32, Progress)>,
}

/// Whom a look does not ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whom {
    /// Caches whose answer has not run out yet.
    pub known: Vec<Observer>,
    /// Names of public resolvers that the person left out.
    pub left_out: BTreeSet<String>,
}

impl Publish {
    /// Whether a look is going on.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.coming.is_some()
    }

    /// Whether the person wants no looks that they did not ask for.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// When the next look is due.
    #[must_use]
    pub fn next_look(&self) -> Option<OffsetDateTime> {
        self.next_look
    }

    /// What was seen, by whoever is still asked.
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

    /// How far a setup is, by what was seen.
    #[must_use]
    pub(super) fn progress(&self, setup: &Setup, left_out: &BTreeSet<String>) -> Option<Progress> {
        let progress = Progress::of(&self.seen(left_out)?, setup);
        Some(match &self.measured {
            Some((measure, _, earlier)) if measure == setup => progress.after(earlier),
            _ => progress,
        })
    }

    /// The step is on the screen: a look is due, unless the person wants none.
    pub(super) fn wake(&mut self, now: OffsetDateTime) {
        if !self.paused {
            self.next_look.get_or_insert(now);
        }
    }
}

impl Inputs {
    /// Begins a look at the publication.
    pub fn begin_look(&mut self, now: OffsetDateTime) -> Option<(Domain, Whom)> {
        let left_out = self.work()?.left_out.clone();
        let session = self.session_mut()?;
        let domain = session.domain().clone();
        let publish = &mut session.publish;
        publish.next_look = None;
        let seen = publish.seen(&left_out);
        let coming = seen.map_or_else(|| Propagation::new(now), |seen| seen.again(now));
        let known = coming.observers();
        publish.coming = Some(coming);
        Some((domain, Whom { known, left_out }))
    }

    /// Takes in one sighting of the running look. Rows keep their last answer until the new one
    /// arrives, so that nothing flickers.
    pub fn fold_sighting(&mut self, sighting: Sighting) {
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

    /// Ends a look and sets the time of the next: soon at first, then slower. `setup` is what the
    /// draft sets up now.
    pub fn end_look(&mut self, setup: Option<&Setup>, now: OffsetDateTime) {
        let practice = self.practice;
        let Some((session, work)) = self.open_work() else {
            return;
        };
        let publish = &mut session.publish;
        let Some(seen) = publish.coming.take() else {
            return;
        };
        work.take_look(&seen);
        // Who was not asked this time has no say any more.
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
        // Once everything is visible there is nothing more to wait for.
        publish.next_look = (!publish.paused && !is_complete).then(|| now + wait);
    }

    /// A look ended without a result. The next is due in a minute.
    pub fn break_look_off(&mut self, now: OffsetDateTime) {
        self.change_session(|session| {
            let publish = &mut session.publish;
            if publish.coming.take().is_some() && !publish.paused {
                publish.next_look = Some(now + Duration::MINUTE);
            }
        });
    }

    /// Breaks a look off. What it has shown already stays.
    pub fn stop_look(&mut self) {
        self.change_session(|session| session.publish.coming = None);
    }

    /// Pauses or resumes looks that nobody asked for.
    pub fn pause(&mut self, paused: bool, now: OffsetDateTime) {
        self.change_session(|session| {
            session.publish.paused = paused;
            session.publish.next_look = (!paused).then_some(now);
        });
    }

    /// Asks a public resolver from the next look on, or leaves it out at once.
    pub fn ask_resolver(&mut self, name: String, ask: bool) {
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
