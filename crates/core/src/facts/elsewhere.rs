//! Where people put things by mistake, and what was known before: names beside the right one,
//! places beside the right one, the answer of a wildcard, an earlier look.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Answer, Facts, Observed, PolicyFetch};
use crate::text::moment;
use crate::text::policy::{Policy, PolicyReading};
use crate::text::sts_record::{PolicyId, StsSelection};

/// What stands at a name beside the right one. Asked only where the right name has no good record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearMiss {
    /// The full name that was asked, lower case, no trailing dot.
    pub name: String,
    /// The TXT texts there.
    pub texts: Observed<Answer<String>>,
}

/// What a name server of a host's own zone says of its addresses. Asked only where the resolver of
/// this network gave one that is not public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostView {
    /// The host.
    pub host: String,
    /// Its addresses, IPv4 first.
    pub addresses: Observed<Answer<IpAddr>>,
}

/// What was fetched from an address beside the right one. Asked only where the right one failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrayPolicy {
    /// The address that was asked, for example `https://example.com/.well-known/mta-sts.txt`.
    pub url: String,
    /// What came of it.
    pub fetch: Observed<PolicyFetch>,
}

/// The TXT texts at a name that nobody can have made: if there are any, a wildcard answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomName {
    /// The name, a random label under the domain.
    pub name: String,
    /// The TXT texts there.
    pub texts: Answer<String>,
}

/// A policy as it was published at an earlier look, or as it was written for publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPolicy {
    /// When it was seen or written, UTC.
    #[serde(
        serialize_with = "time::serde::rfc3339::serialize",
        deserialize_with = "moment::read"
    )]
    pub at: OffsetDateTime,
    /// The id that announced it, where known.
    pub id: Option<String>,
    /// The policy file as text.
    pub text: String,
}

impl Facts {
    /// The policy that is published and the id that announces it; `None` where no file came that
    /// senders can read.
    #[must_use]
    pub fn published(&self) -> Option<KnownPolicy> {
        self.published_policy()?;
        let response = self.policy.seen()?.response.seen()?;
        Some(KnownPolicy {
            at: self.checked_at,
            id: self.announced_id().map(String::from),
            text: String::from_utf8(response.body.0.clone()).ok()?,
        })
    }

    /// The policy in the file that is published; `None` where no file came that senders can read.
    #[must_use]
    pub fn published_policy(&self) -> Option<Policy> {
        let response = self.policy.seen()?.response.seen()?;
        let is_whole = response.status == 200 && !response.too_large;
        PolicyReading::read(&response.body.0)
            .policy
            .filter(|_| is_whole)
    }

    /// The id in the record that the resolver has; while that is on its way, the one that a name
    /// server has already.
    #[must_use]
    pub fn announced_id(&self) -> Option<PolicyId> {
        let of_views = self.name_servers.iter().map(|view| &view.record);
        let mut answers = std::iter::once(&self.record).chain(of_views);
        answers.find_map(|answer| match StsSelection::of(&answer.seen()?.records) {
            StsSelection::One(reading) => reading.record.map(|record| record.id),
            StsSelection::None | StsSelection::Several(_) => None,
        })
    }

    /// What the next look compares with: what was first seen under the id that is announced now. A
    /// sender that fetched the file then does not fetch it again until the id changes (RFC 8461
    /// 3.1), however often somebody looks meanwhile.
    #[must_use]
    pub fn known_to_senders(&self) -> Option<KnownPolicy> {
        let Some(published) = self.published() else {
            return self.earlier.clone();
        };
        let is_old = |earlier: &&KnownPolicy| {
            earlier.id.is_some() && (published.id.is_none() || published.id == earlier.id)
        };
        let earlier = self.earlier.as_ref().filter(is_old).cloned();
        Some(earlier.unwrap_or(published))
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{POLICY, healthy, response, set_policy, set_record};

    #[test]
    fn what_is_published_is_known_with_its_id_and_time() {
        let facts = healthy();
        let known = facts.published().unwrap();
        assert_eq!(known.at, facts.checked_at);
        assert_eq!(known.id, facts.announced_id().map(String::from));
        assert!(known.id.is_some());
        assert_eq!(known.text, POLICY);
    }

    #[test]
    fn what_senders_cannot_read_is_not_a_published_policy() {
        let mut facts = healthy();
        set_policy(&mut facts, "<html>");
        assert_eq!(facts.published(), None);
        let mut facts = healthy();
        response(&mut facts).status = 404;
        assert_eq!(facts.published(), None);
        let mut facts = healthy();
        response(&mut facts).too_large = true;
        assert_eq!(facts.published(), None);
    }

    #[test]
    fn the_first_text_under_an_id_stays_known_until_the_id_changes() {
        let first = healthy().published();
        let mut next = healthy();
        next.earlier.clone_from(&first);
        set_policy(&mut next, &POLICY.replace("enforce", "testing"));
        assert_eq!(next.known_to_senders(), first);
        set_record(&mut next, &[]);
        assert_eq!(next.known_to_senders(), first, "the id was not seen");
        response(&mut next).status = 404;
        assert_eq!(next.known_to_senders(), first, "no file was seen");
        let mut bumped = healthy();
        bumped.earlier = first;
        set_record(&mut bumped, &["v=STSv1; id=another1;"]);
        assert_eq!(bumped.known_to_senders(), bumped.published());
    }
}
