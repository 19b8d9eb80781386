//! Step 1: the progress of a running check.

use mta_sts_core::Facts;

use super::count;

/// The share of lookups and tests that are done. New hosts add new ones, so it can fall.
pub(super) fn share_known(facts: &Facts) -> f32 {
    let host_has_address = || {
        facts
            .policy_host
            .seen()
            .is_some_and(|answer| !answer.records.is_empty())
    };
    let mut questions = vec![
        !facts.zone.is_not_asked(),
        !facts.mx.is_not_asked(),
        !facts.record.is_not_asked(),
        !facts.tls_rpt.is_not_asked(),
        !facts.policy_host.is_not_asked(),
        !facts.policy.is_not_asked() || !host_has_address(),
    ];
    for server in &facts.mail_servers {
        questions.push(!server.ipv4.is_not_asked());
        questions.extend(server.sessions.iter().map(session_has_ended));
    }
    count(questions.iter().filter(|&&known| known).count()) / count(questions.len())
}

fn session_has_ended(session: &mta_sts_core::facts::Session) -> bool {
    use mta_sts_core::Observed::Failed;
    session.is_complete()
        || matches!(session.connected, Failed(_))
        || matches!(session.greeting, Failed(_))
        || matches!(session.ehlo, Failed(_))
        || matches!(session.starttls, Failed(_))
        || matches!(session.tls, Failed(_))
        || !session.ehlo_in_tls.is_not_asked()
        || session.offers_starttls() == Some(false)
        || session
            .greeting
            .seen()
            .is_some_and(|reply| reply.code != 220)
        || session
            .starttls
            .seen()
            .is_some_and(|reply| reply.code != 220)
}

#[cfg(test)]
mod tests {
    use mta_sts_core::facts::{Answer, MailServer, ProbeFailure, Reply, Session};
    use mta_sts_core::{Domain, FailureKind, Observed};
    use time::macros::datetime;

    use super::*;

    fn facts() -> Facts {
        let domain = Domain::parse("example.com").unwrap();
        Facts::new(domain, datetime!(2026-11-23 12:00 UTC))
    }

    fn failed<T>() -> Observed<T> {
        Observed::Failed(ProbeFailure::new(FailureKind::TimedOut, "no answer"))
    }

    fn is_share(facts: &Facts, known: f32, all: f32) -> bool {
        (share_known(facts) - known / all).abs() < 1e-6
    }

    #[test]
    fn the_share_counts_what_was_answered_of_what_is_asked() {
        let mut facts = facts();
        // Without an address of the policy host, the policy isn’t fetched.
        assert!(is_share(&facts, 1.0, 6.0));
        facts.record = Observed::Seen(Answer::of([]));
        facts.policy_host = Observed::Seen(Answer::of([]));
        assert!(is_share(&facts, 3.0, 6.0));
        facts.policy_host = Observed::Seen(Answer::of([[192, 0, 2, 80].into()]));
        assert!(is_share(&facts, 2.0, 6.0), "now it is");
        let mut server = MailServer::named("mx.example.com", 10);
        server.sessions.push(Session::to([192, 0, 2, 1].into()));
        facts.mail_servers.push(server);
        assert!(is_share(&facts, 2.0, 8.0));
        facts.mail_servers[0].ipv4 = Observed::Seen(Answer::of([]));
        assert!(is_share(&facts, 3.0, 8.0));
    }

    #[test]
    fn a_conversation_ends_where_it_fails_or_is_refused_and_not_before() {
        let begun = || {
            let mut session = Session::to([192, 0, 2, 1].into());
            session.connected = Observed::Seen(1);
            session.greeting = Observed::Seen(Reply::new(220, &["mx"]));
            session.ehlo = Observed::Seen(Reply::new(250, &["mx", "STARTTLS"]));
            session.starttls = Observed::Seen(Reply::new(220, &["go on"]));
            session
        };
        assert!(!session_has_ended(&Session::to([192, 0, 2, 1].into())));
        assert!(!session_has_ended(&begun()));
        let ends: [fn(&mut Session); 9] = [
            |it| it.connected = failed(),
            |it| it.greeting = failed(),
            |it| it.ehlo = failed(),
            |it| it.starttls = failed(),
            |it| it.tls = failed(),
            |it| it.greeting = Observed::Seen(Reply::new(554, &["no"])),
            |it| it.starttls = Observed::Seen(Reply::new(454, &["no"])),
            |it| it.ehlo = Observed::Seen(Reply::new(250, &["mx"])),
            |it| it.ehlo_in_tls = Observed::Seen(Reply::new(250, &["mx"])),
        ];
        for (number, end) in ends.into_iter().enumerate() {
            let mut session = begun();
            end(&mut session);
            assert!(session_has_ended(&session), "{number}");
        }
    }
}
