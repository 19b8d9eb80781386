//! Step 1: how far a running check is.

use mta_sts_core::Facts;

/// The share of questions that have been answered. New hosts bring new questions, so it can fall.
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
    let count = |all: usize| f32::from(u16::try_from(all).unwrap_or(u16::MAX));
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
