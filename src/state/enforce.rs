//! Whether enforce mode can be chosen without a leap in the dark.

use mta_sts_core::{Facts, Mode, ReadyMailServers, ReportedSessions, day};
use mta_sts_domains::{Work, published_policy};
use time::{Duration, OffsetDateTime};

use super::reports;

/// An older check no longer says how things are today.
const FRESH: Duration = Duration::DAY;

/// Whether enforce mode can be chosen now, and what is in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EnforceLock {
    /// Nothing is in the way.
    #[default]
    Open,
    /// What is, in a sentence.
    Locked(String),
}

/// Whether enforce is no leap in the dark: a check of today passed, or where it could not, a policy
/// has been live before or the reports of senders vouch.
pub(super) fn is_proven(
    facts: &Facts,
    ready: ReadyMailServers,
    reported: Option<&ReportedSessions>,
    now: OffsetDateTime,
) -> bool {
    let is_live = published_policy(facts).is_some_and(|policy| policy.mode() != Mode::None);
    is_fresh(facts, now)
        && (ready == ReadyMailServers::Ready
            || (is_live || reports::vouch(reported)) && ready != ReadyMailServers::NotReady)
}

/// What makes enforce mode a leap in the dark, in a sentence each. A policy that is enforced already
/// is no leap, as long as the check vouches for it.
pub(super) fn doubts(
    work: &Work,
    facts: &Facts,
    ready: ReadyMailServers,
    reported: Option<&ReportedSessions>,
    now: OffsetDateTime,
) -> Vec<String> {
    let mut doubts = Vec::new();
    if !is_proven(facts, ready, reported, now) {
        doubts.push(if is_fresh(facts, now) {
            "Your mail servers haven’t passed the check.".to_owned()
        } else {
            let day = day(facts.checked_at);
            format!("The last check is from {day}. Check again in step 1 first.")
        });
    }
    let is_enforced = published_policy(facts).is_some_and(|policy| policy.mode() == Mode::Enforce);
    let is_tested = work.testing_ends_on().is_some_and(|date| date <= now);
    if !is_enforced && !is_tested && !reports::vouch(reported) {
        doubts.push(
            "Testing mode hasn’t run for two weeks yet, so you don’t know what enforce mode would \
             hold back."
                .to_owned(),
        );
    }
    doubts
}

/// Whether a check is recent enough to go by.
pub(super) fn is_fresh(facts: &Facts, now: OffsetDateTime) -> bool {
    now - facts.checked_at <= FRESH
}

/// Whether enforce mode can be chosen now.
pub(super) fn lock(
    work: &Work,
    ready: ReadyMailServers,
    reported: Option<&ReportedSessions>,
    now: OffsetDateTime,
) -> EnforceLock {
    let locked = |text: &str| EnforceLock::Locked(text.to_owned());
    let Some(facts) = work.facts.as_deref() else {
        return locked("The mail servers have not been checked.");
    };
    if let Some(text) = reports::failures(reported) {
        return EnforceLock::Locked(text);
    }
    match work.come_back_on() {
        None => return locked("Testing mode has not been seen live everywhere yet."),
        Some(date) if now < date => {
            let text = format!("Wait for two weeks of reports: until {}.", day(date));
            return EnforceLock::Locked(text);
        }
        Some(_) => {}
    }
    if is_proven(facts, ready, reported, now) {
        return EnforceLock::Open;
    }
    if !is_fresh(facts, now) {
        let text = format!(
            "The last check is from {}. Check again in step 1 first.",
            day(facts.checked_at)
        );
        return EnforceLock::Locked(text);
    }
    locked(match ready {
        ReadyMailServers::NotReady => "The last check found a mail server that is not ready.",
        _ => {
            "The last check could not see whether the mail servers are ready. Two weeks of TLS \
             reports without a failure can show it."
        }
    })
}
