//! Why the policy file could not be fetched: decided once, so that one failure is reported by one
//! rule.

use crate::facts::{Facts, FailureKind, Observed, ProbeFailure};

use crate::text::wording::in_words;

/// The step at which the fetch ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Nobody answered on port 443.
    NoAnswer,
    /// The connection was made, but the answer was not complete within the limit (RFC 8461 3.3).
    NotInTime,
    /// The server supports no TLS version from 1.2 on.
    OldTls,
    /// The TLS handshake failed for another reason.
    Handshake,
    /// What came is not HTTP.
    NotHttp,
    /// The answer ended before it was complete.
    CutShort,
    /// The TLS handshake takes something that this program can't do.
    Unsupported,
}

/// The obstacle and what was seen of it; `None` if there was an answer or no attempt.
pub(crate) fn obstacle(facts: &Facts) -> Option<(Obstacle, &ProbeFailure)> {
    let (failure, connected) = match &facts.policy {
        Observed::NotAsked => return None,
        Observed::Failed(failure) => (failure, false),
        Observed::Seen(fetch) => (fetch.response.failed()?, fetch.ip.is_some()),
    };
    let obstacle = match failure.kind {
        FailureKind::NotPublic if !has_only_public_addresses(facts) => return None,
        FailureKind::TlsTooOld => Obstacle::OldTls,
        FailureKind::TlsHandshake => Obstacle::Handshake,
        FailureKind::Http => Obstacle::NotHttp,
        FailureKind::CutShort => Obstacle::CutShort,
        FailureKind::Unsupported => Obstacle::Unsupported,
        FailureKind::TimedOut if connected => Obstacle::NotInTime,
        _ => Obstacle::NoAnswer,
    };
    Some((obstacle, failure))
}

/// Of the others, the rules about such addresses tell.
fn has_only_public_addresses(facts: &Facts) -> bool {
    let answer = facts.policy_host.seen();
    answer.is_none_or(|answer| answer.records.iter().all(|ip| facts.is_in_reach(*ip)))
}

/// Whether a status is a redirect, which senders don't follow (RFC 8461 3.3).
pub(crate) fn is_redirect(status: u16) -> bool {
    (300..400).contains(&status)
}

/// The policy host with the address that was contacted, or else all that were tried.
pub(crate) fn policy_host_with_addresses(facts: &Facts) -> String {
    let host = facts.domain.policy_host();
    let contacted = facts.policy.seen().and_then(|fetch| fetch.ip);
    let addresses = match (contacted, facts.policy_host.seen()) {
        (Some(ip), _) => ip.to_string(),
        (None, Some(answer)) => in_words(&answer.records),
        (None, None) => String::new(),
    };
    if addresses.is_empty() {
        host
    } else {
        format!("{host} ({addresses})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Answer;
    use crate::rules::testing::{failed, fetch, healthy};

    #[test]
    fn an_address_that_was_not_tried_is_no_obstacle_of_its_own() {
        let mut facts = healthy();
        facts.policy_host = Observed::Seen(Answer::of([[192, 168, 1, 1].into()]));
        fetch(&mut facts).response = failed(FailureKind::NotPublic);
        assert_eq!(obstacle(&facts), None);
    }

    fn obstacle_of(kind: FailureKind, connected: bool) -> Option<Obstacle> {
        let mut facts = healthy();
        fetch(&mut facts).response = failed(kind);
        if !connected {
            fetch(&mut facts).ip = None;
        }
        obstacle(&facts).map(|(obstacle, _)| obstacle)
    }

    #[test]
    fn each_failure_has_one_obstacle() {
        use FailureKind::{
            Closed, CutShort, Http, NotPublic, Refused, TimedOut, TlsHandshake, TlsTooOld,
            Unsupported,
        };
        assert_eq!(obstacle(&healthy()), None);
        assert_eq!(obstacle_of(TimedOut, true), Some(Obstacle::NotInTime));
        assert_eq!(obstacle_of(TimedOut, false), Some(Obstacle::NoAnswer));
        for kind in [Refused, Closed] {
            assert_eq!(obstacle_of(kind, true), Some(Obstacle::NoAnswer), "{kind}");
        }
        assert_eq!(obstacle_of(Http, true), Some(Obstacle::NotHttp));
        assert_eq!(obstacle_of(CutShort, true), Some(Obstacle::CutShort));
        assert_eq!(obstacle_of(NotPublic, false), Some(Obstacle::NoAnswer));
        assert_eq!(obstacle_of(TlsTooOld, true), Some(Obstacle::OldTls));
        assert_eq!(obstacle_of(TlsHandshake, true), Some(Obstacle::Handshake));
        assert_eq!(obstacle_of(Unsupported, true), Some(Obstacle::Unsupported));
    }
}
