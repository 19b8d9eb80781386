//! Where people put things by mistake, and what was known before: names beside the right one,
//! places beside the right one, the answer of a wildcard, an earlier look.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Answer, Observed, PolicyFetch};

/// What stands at a name beside the right one. Asked only where the right name has no good record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearMiss {
    /// The full name that was asked, lower case, no trailing dot.
    pub name: String,
    /// The TXT texts there.
    pub texts: Observed<Answer<String>>,
}

/// What was fetched from an address beside the right one. Asked only where the right one failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrayPolicy {
    /// The address that was asked, for example `https://example.com/.well-known/mta-sts.txt`.
    pub url: String,
    /// What came of it.
    pub fetch: Observed<PolicyFetch>,
}

/// The TXT texts at a name that nobody can have made: if there are any, a wildcard answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomName {
    /// The name, a random label under the domain.
    pub name: String,
    /// The TXT texts there.
    pub texts: Answer<String>,
}

/// A policy as it was published at an earlier look, or as it was written for publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownPolicy {
    /// When it was seen or written, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The id that announced it, where known.
    pub id: Option<String>,
    /// The policy file as text.
    pub text: String,
}
