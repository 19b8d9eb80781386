//! A value that changes, seen by servers which learn of each change with their own delay.
//!
//! Nothing runs in the background: the version is chosen when somebody asks.

use std::time::Duration;

use tokio::time::Instant;

/// The versions of a value, oldest first.
#[derive(Debug)]
pub(crate) struct Timeline<T> {
    first: T,
    later: Vec<(Instant, T)>,
}

impl<T> Timeline<T> {
    pub(crate) fn new(first: T) -> Self {
        Self {
            first,
            later: Vec::new(),
        }
    }

    /// The version that an observer `delay` behind sees at `now`.
    pub(crate) fn seen(&self, delay: Duration, now: Instant) -> &T {
        let known = self
            .later
            .iter()
            .rev()
            .find(|(since, _)| *since + delay <= now);
        known.map_or(&self.first, |(_, version)| version)
    }

    /// The time until that observer sees the next version, when one is on its way.
    pub(crate) fn next_in(&self, delay: Duration, now: Instant) -> Option<Duration> {
        let next = self
            .later
            .iter()
            .map(|(since, _)| *since + delay)
            .find(|seen| *seen > now);
        next.map(|seen| seen - now)
    }

    /// The newest version, whoever may see it.
    pub(crate) fn newest(&self) -> &T {
        self.later
            .last()
            .map_or(&self.first, |(_, version)| version)
    }

    /// Everybody sees the newest version from now on.
    pub(crate) fn settle(&mut self) {
        if let Some((_, newest)) = self.later.drain(..).next_back() {
            self.first = newest;
        }
    }

    /// Adds a version, and forgets those which no observer up to `longest_delay` behind can still
    /// see.
    pub(crate) fn push(&mut self, now: Instant, version: T, longest_delay: Duration) {
        let settled = self
            .later
            .iter()
            .filter(|(since, _)| *since + longest_delay <= now)
            .count();
        if let Some((_, newest_settled)) = self.later.drain(..settled).next_back() {
            self.first = newest_settled;
        }
        self.later.push((now, version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: Duration = Duration::from_secs(4);

    #[test]
    fn each_observer_sees_a_change_after_its_own_delay() {
        let start = Instant::now();
        let mut timeline = Timeline::new("old");
        timeline.push(start, "new", FOUR);
        assert_eq!(*timeline.seen(Duration::ZERO, start), "new");
        assert_eq!(*timeline.seen(FOUR, start), "old");
        assert_eq!(timeline.next_in(FOUR, start), Some(FOUR));
        assert_eq!(*timeline.seen(FOUR, start + FOUR), "new");
        assert_eq!(timeline.next_in(FOUR, start + FOUR), None);
        assert_eq!(*timeline.newest(), "new");
    }

    #[test]
    fn a_settled_timeline_has_one_version_for_everybody() {
        let start = Instant::now();
        let mut timeline = Timeline::new("old");
        timeline.push(start, "new", FOUR);
        timeline.settle();
        assert_eq!(*timeline.seen(FOUR, start), "new");
        assert_eq!(timeline.next_in(FOUR, start), None);
    }

    #[test]
    fn versions_that_nobody_sees_are_forgotten() {
        let start = Instant::now();
        let mut timeline = Timeline::new(0_u32);
        for turn in 1..=100 {
            timeline.push(start + turn * FOUR, turn, FOUR);
        }
        assert_eq!(timeline.later.len(), 1);
        assert_eq!(timeline.first, 99);
        assert_eq!(*timeline.seen(FOUR, start + 100 * FOUR), 99);
        assert_eq!(*timeline.seen(FOUR, start + 101 * FOUR), 100);
    }
}
