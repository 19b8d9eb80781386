//! Every policy that was seen published. Senders may keep an old one for its `max_age` (RFC 8461
//! 3.2), so what is safe today depends on what was served before.

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{Mode, PolicyReading, escaped};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// More versions than anybody publishes. The oldest are dropped first.
const MAX_VERSIONS: usize = 200;
/// A longer text is cut and can no longer be compared.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// One version of a policy that was seen published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The policy file as text.
    pub text: String,
    /// The id in the MTA-STS record, if there was one.
    pub id: Option<String>,
    /// How long senders may keep it, in seconds.
    pub max_age_secs: u32,
    /// When it was first seen.
    #[serde(with = "time::serde::rfc3339")]
    pub first_seen: OffsetDateTime,
    /// When it was last seen.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen: OffsetDateTime,
}

impl Served {
    /// In the form that the judge uses.
    pub(crate) fn known(&self) -> KnownPolicy {
        KnownPolicy {
            at: self.first_seen,
            id: self.id.clone(),
            text: self.text.clone(),
        }
    }

    /// Whether it tells senders to drop an earlier one (RFC 8461 5).
    pub(crate) fn is_off(&self) -> bool {
        let policy = PolicyReading::read(self.text.as_bytes()).policy;
        policy.is_some_and(|policy| policy.mode() == Mode::None)
    }

    /// Until when a sender may keep it after the last fetch; `None` beyond the end of the calendar.
    pub(crate) fn held_until(&self) -> Option<OffsetDateTime> {
        let max_age = time::Duration::seconds(self.max_age_secs.into());
        self.last_seen.checked_add(max_age)
    }
}

/// Takes in what is published now.
pub(crate) fn note(history: &mut Vec<Served>, published: &KnownPolicy) {
    let Some(policy) = PolicyReading::read(published.text.as_bytes()).policy else {
        return;
    };
    let text = if published.text.len() <= MAX_TEXT_BYTES {
        published.text.clone()
    } else {
        escaped(&published.text, MAX_TEXT_BYTES)
    };
    // Name servers and caches may show two versions in turn.
    let is_same = |it: &&mut Served| it.text == text && it.id == published.id;
    if let Some(known) = history.iter_mut().find(is_same) {
        known.last_seen = known.last_seen.max(published.at);
        return;
    }
    history.push(Served {
        text,
        id: published.id.clone(),
        max_age_secs: policy.max_age().secs(),
        first_seen: published.at,
        last_seen: published.at,
    });
    if history.len() > MAX_VERSIONS {
        history.sort_by_key(|it| it.last_seen);
        history.remove(0);
    }
}
