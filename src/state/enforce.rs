//! Whether it is safe to switch to enforce mode.

use mta_sts_core::{Facts, Mode, ReadyMailServers, ReportedSessions, day};
use mta_sts_domains::Work;
use time::{Duration, OffsetDateTime};

use super::reports;

/// How long a check counts as recent.
const FRESH: Duration = Duration::DAY;

/// Whether enforce mode can be chosen now, and if not, why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EnforceLock {
    /// Nothing is in the way.
    #[default]
    Open,
    /// The reason, in one sentence.
    Locked(String),
}

/// Whether enforce mode is known to be safe. A recent check has to pass. If it couldn’t test the
/// mail servers, a live policy or the reports of senders are enough.
pub(super) fn is_proven(
    facts: &Facts,
    ready: ReadyMailServers,
    reported: Option<&ReportedSessions>,
    now: OffsetDateTime,
) -> bool {
    let is_live = facts
        .published_policy()
        .is_some_and(|policy| policy.mode() != Mode::None);
    is_fresh(facts, now)
        && (ready == ReadyMailServers::Ready
            || (is_live || reports::vouch(reported)) && ready != ReadyMailServers::NotReady)
}

/// The reasons against enforce mode, one sentence each. If the policy is already enforced, only mail
/// servers that aren’t ready are one.
pub(super) fn doubts(
    work: &Work,
    facts: &Facts,
    ready: ReadyMailServers,
    reported: Option<&ReportedSessions>,
    now: OffsetDateTime,
) -> Vec<String> {
    let mut doubts = Vec::new();
    let is_enforced = facts
        .published_policy()
        .is_some_and(|policy| policy.mode() == Mode::Enforce);
    if is_enforced && ready != ReadyMailServers::NotReady {
        // It is enforced already: leaving it so is no leap.
        return doubts;
    }
    if !is_proven(facts, ready, reported, now) {
        doubts.push(if is_fresh(facts, now) {
            "Your mail servers haven’t passed the check. Step 1 says why.".to_owned()
        } else {
            let day = day(facts.checked_at);
            format!("The last check is from {day}. Check again in step 1 first.")
        });
    }
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

/// Whether a check is recent enough to rely on.
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
        return locked("Your mail servers haven’t been checked yet.");
    };
    if let Some(text) = reports::failures(reported) {
        return EnforceLock::Locked(text);
    }
    match work.come_back_on() {
        None => return locked("Testing mode isn’t live everywhere yet."),
        Some(date) if now < date => {
            let day = day(date);
            let text = format!("Wait until {day}. By then you’ll have two weeks of reports.");
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
        ReadyMailServers::NotReady => "The last check found a mail server that isn’t ready.",
        _ => {
            "The last check couldn’t tell whether your mail servers are ready. Two weeks of TLS \
             reports without failures would also show it."
        }
    })
}
