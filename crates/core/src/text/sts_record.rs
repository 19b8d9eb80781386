//! The MTA-STS record at `_mta-sts` (RFC 8461 3.1): written, its id read. What it shares with
//! the TLS-RPT record, reading and choosing, is in `txt_record`. The texts of one record are
//! joined before they come here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};

use crate::text::txt_fields::{excerpt, is_wsp};
use crate::text::txt_record::{RecordReading, RecordSelection, VersionedRecord, bare};

/// The id of a policy instance: 1 to 32 letters or digits, compared for equality only.
///
/// ```
/// use mta_sts_core::PolicyId;
/// let id = PolicyId::from_utc(time::macros::datetime!(2026-11-23 16:00:00 +1));
/// assert_eq!(id.as_str(), "20261123150000Z");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PolicyId(String);

/// The text is not 1 to 32 letters or digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id must be 1 to 32 letters or digits, without spaces or symbols")]
pub struct PolicyIdError;

/// The MTA-STS record.
///
/// ```
/// use mta_sts_core::{PolicyId, StsRecord, StsRecordReading};
/// let record = StsRecord { id: PolicyId::parse("20261123150000Z")? };
/// assert_eq!(record.write(), "v=STSv1; id=20261123150000Z;");
/// assert_eq!(StsRecordReading::read(&record.write()).record, Some(record));
/// # Ok::<(), mta_sts_core::PolicyIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StsRecord {
    /// The id of the policy now published.
    pub id: PolicyId,
}

/// What can be wrong with the id of an MTA-STS record. The excerpt is raw and bounded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// No id.
    #[error("the id is missing")]
    Missing,
    /// The id is longer than 32 characters.
    #[error("the id has {length} characters; at most 32 are allowed")]
    TooLong {
        /// How many it has.
        length: usize,
    },
    /// White space in the id, or behind it at the end of the record.
    #[error("there is a space in the id or behind it")]
    Space,
    /// The id is not 1 to 32 letters or digits.
    #[error(
        "the id must be 1 to 32 letters or digits; “{}” isn’t",
        crate::escaped(found, 40)
    )]
    Invalid {
        /// The value found.
        found: String,
    },
}

/// The text of an MTA-STS record as read.
pub type StsRecordReading = RecordReading<StsRecord>;

/// Which of the TXT texts at `_mta-sts` is the MTA-STS record (RFC 8461 3.1).
pub type StsSelection = RecordSelection<StsRecord>;

impl PolicyId {
    /// Reads an id; nothing is trimmed.
    ///
    /// # Errors
    ///
    /// [`PolicyIdError`] unless the text is 1 to 32 ASCII letters or digits.
    pub fn parse(text: &str) -> Result<Self, PolicyIdError> {
        let fits = (1..=32).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PolicyIdError)
        }
    }

    /// The moment in UTC as `YYYYMMDDhhmmssZ`.
    #[must_use]
    pub fn from_utc(moment: OffsetDateTime) -> Self {
        // Years outside the common era and beyond 9999 cannot be written in four digits.
        let utc = moment.checked_to_offset(UtcOffset::UTC).unwrap_or(moment);
        Self(format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}Z",
            utc.year().clamp(0, 9999),
            u8::from(utc.month()),
            utc.day(),
            utc.hour(),
            utc.minute(),
            utc.second(),
        ))
    }

    /// The id as it stands in the record.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl IdFault {
    /// Why a value is no id.
    fn of(value: &str) -> Self {
        let fits = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let spaced: String = value.chars().filter(|c| !is_wsp(*c)).collect();
        if !value.is_empty() && fits(value) {
            Self::TooLong {
                length: value.len(),
            }
        } else if PolicyId::parse(&spaced).is_ok() {
            Self::Space
        } else {
            let found = excerpt(value, StsRecordReading::MAX_FOUND_CHARS);
            Self::Invalid { found }
        }
    }
}

impl StsRecord {
    /// The text of the record, with the closing semicolon of the RFC's own example.
    #[must_use]
    pub fn write(&self) -> String {
        format!("{}; id={};", Self::VERSION, self.id)
    }
}

impl VersionedRecord for StsRecord {
    const VERSION: &'static str = "v=STSv1";
    const KEY: &'static str = "id";
    type FieldFault = IdFault;
    const FIELD_MISSING: IdFault = IdFault::Missing;

    fn from_value(value: &str) -> Result<Self, (usize, IdFault)> {
        PolicyId::parse(value)
            .map(|id| Self { id })
            .map_err(|_| (0, IdFault::of(value)))
    }

    fn is_meant_by(text: &str) -> bool {
        looks_like_sts(text)
    }
}

/// Whether a text was probably meant as an MTA-STS record, right or nearly so: capitals,
/// white space and quotes around `v=STSv1` are overlooked, and where in the text it stands.
#[must_use]
pub fn looks_like_sts(text: &str) -> bool {
    let bare = bare(text);
    bare.contains("v=sts") || bare.starts_with("v=mta-sts") || bare.starts_with("v=mtasts")
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for PolicyId {
    type Err = PolicyIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for PolicyId {
    type Error = PolicyIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PolicyId> for String {
    fn from(id: PolicyId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests;
