//! `greeting-slow`: the greeting comes late.

use super::alike::alike;
use crate::facts::{FailureKind, ProbeFailure, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::shown;

/// A greeting later than this counts as slow.
const PROMPT_MILLIS: u64 = 5_000;

rule! {
    code: GREETING_SLOW,
    severity: Note,
    title: "the mail server is slow to respond",
    page: "greeting_slow.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, late_greeting_millis, |_| ()) {
            let host = shown(&server.host);
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} took {} seconds to send its greeting.",
                    group.address_list(),
                    group.example / 1000
                ),
                format!(
                    "Nothing has to change: senders wait for minutes. If {host} doesn’t wait on \
                     purpose, to deter spam, check whether its name lookups are slow."
                ),
            );
        }
        for group in alike(server, unfinished, |_| ()) {
            findings.not_checked(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, the greeting came so slowly that this check didn’t wait for its end: {}. \
                     Senders wait for minutes, so mail may well arrive. If the server doesn’t slow \
                     down strangers on purpose, look at its load and its name lookups.",
                    group.address_list(),
                    group.example
                ),
            );
        }
    }
}

/// Something came, but not a whole greeting.
fn unfinished(session: &Session) -> Option<&ProbeFailure> {
    let failure = session.greeting.failed()?;
    (failure.kind == FailureKind::Incomplete).then_some(failure)
}

fn late_greeting_millis(session: &Session) -> Option<u64> {
    session.greeting.seen()?;
    session
        .greeting_millis
        .filter(|&millis| millis > PROMPT_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        add_address, assert_has, failed, fires, not_checked, session, silent, unseen,
    };

    #[test]
    fn a_late_greeting_is_told_with_its_seconds() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).greeting_millis = Some(6_200);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "took 6 seconds");
    }

    #[test]
    fn a_host_that_is_slow_at_all_addresses_is_told_once() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).greeting_millis = Some(6_200);
            add_address(facts, 0, "192.0.2.7").greeting_millis = Some(7_900);
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn five_seconds_are_no_delay() {
        silent(&RULE, |facts| {
            session(facts, 0).greeting_millis = Some(5_000);
        });
    }

    #[test]
    fn a_greeting_that_never_came_was_not_slow() {
        unseen(&RULE, |facts| {
            session(facts, 0).greeting = failed(FailureKind::TimedOut);
            session(facts, 0).greeting_millis = Some(20_000);
        });
    }

    #[test]
    fn a_greeting_that_comes_letter_by_letter_is_slow_and_not_absent() {
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).greeting = failed(FailureKind::Incomplete);
        });
        assert_has(&reason, "came so slowly");
    }
}
