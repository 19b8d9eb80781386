//! The announcement record at `_mta-sts` (RFC 8461 3.1): written, read, and chosen among the TXT
//! texts found there. The texts of one record are joined before they come here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};

use crate::txt_fields::{
    TxtFields, column_of_backslash, column_of_quote, excerpt, is_field_name,
    is_txt_extension_value, is_wsp, txt_fields,
};

const VERSION: &str = "v=STSv1";

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
#[error("an id is 1 to 32 letters or digits, without spaces or signs")]
pub struct PolicyIdError;

/// The announcement record.
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

/// The text of an announcement record as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StsRecordReading {
    /// The record, exactly when the text fits the grammar of RFC 8461 3.1.
    pub record: Option<StsRecord>,
    /// What to tell, in the order of the text; at most [`StsRecordReading::MAX_FAULTS`].
    pub faults: Vec<RecordFault>,
}

/// One thing to tell about an announcement record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFault {
    /// Where, in characters from 1.
    pub column: usize,
    /// What it is.
    pub kind: RecordFaultKind,
}

/// The kinds of [`RecordFault`]. Excerpts are raw and bounded; escape them before showing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFaultKind {
    /// The text does not begin with exactly `v=STSv1`.
    #[error("the record must begin with exactly v=STSv1;")]
    VersionInvalid {
        /// Whether this record was probably meant, as by `v=stsv1`.
        meant: bool,
    },
    /// No id.
    #[error("the id is missing")]
    IdMissing,
    /// The id is not 1 to 32 letters or digits.
    #[error(
        "the id must be 1 to 32 letters or digits; “{}” is not",
        crate::escaped(found, 40)
    )]
    IdInvalid {
        /// The value found.
        found: String,
    },
    /// Quotes inside the value.
    #[error("the quotes are part of the record and must go")]
    Quoted,
    /// A backslash, most often before a semicolon.
    #[error("the backslashes are part of the record and must go")]
    Backslash,
    /// `v=STSv1 ;`: the grammar allows it, the choice among several records drops it
    /// (erratum 6285).
    #[error("the space before the first semicolon must go; some senders ignore the record for it")]
    SpaceBeforeSemicolon,
    /// Anything else outside the grammar.
    #[error(
        "“{}” does not belong there; fields are name=value, separated by a semicolon",
        crate::escaped(found, 40)
    )]
    Syntax {
        /// What stands there.
        found: String,
    },
    /// A field a second time; the first counts (RFC 8461 3.2).
    #[error("“{}” is there twice; the first one counts", crate::escaped(key, 40))]
    DuplicateField {
        /// The key.
        key: String,
    },
    /// A well-formed field of another name; senders ignore it.
    #[error(
        "“{}” is no field of this record; senders ignore it",
        crate::escaped(key, 40)
    )]
    UnknownField {
        /// The key.
        key: String,
    },
}

/// Which of the TXT texts at `_mta-sts` is the announcement (RFC 8461 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StsSelection {
    /// No text begins with `v=STSv1;`.
    None,
    /// Exactly one does.
    One(StsRecordReading),
    /// More than one do: senders act as if there were none. Their texts.
    Several(Vec<String>),
}

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

impl StsRecord {
    /// The text of the record, with the closing semicolon of the RFC's own example.
    #[must_use]
    pub fn write(&self) -> String {
        format!("{VERSION}; id={};", self.id)
    }
}

impl RecordFaultKind {
    /// Whether the text is then outside the grammar of RFC 8461 3.1.
    #[must_use]
    pub fn breaks_rfc(&self) -> bool {
        !matches!(
            self,
            Self::SpaceBeforeSemicolon | Self::DuplicateField { .. } | Self::UnknownField { .. }
        )
    }
}

impl StsRecordReading {
    /// Most faults told.
    pub const MAX_FAULTS: usize = 64;
    /// Longest excerpt in a fault, in characters.
    pub const MAX_FOUND_CHARS: usize = 80;

    /// Whether the text fits the grammar of RFC 8461 3.1.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.record.is_some()
    }

    /// Reads the text of one TXT record. Total: any text gives a reading.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let TxtFields { version, pieces } = txt_fields(text);
        let mut reading = Self {
            record: None,
            faults: Vec::new(),
        };
        let mut valid = reading.read_version(version, text);
        let mut id: Option<Option<PolicyId>> = None;
        let mut seen = Vec::new();
        for piece in &pieces {
            let (key, value) = piece.key_value().unwrap_or((piece.text, ""));
            let kind = if key == "id" && id.is_none() {
                id = Some(PolicyId::parse(value).ok());
                if matches!(id, Some(Some(_))) {
                    continue;
                }
                RecordFaultKind::IdInvalid {
                    found: excerpt(value, Self::MAX_FOUND_CHARS),
                }
            } else if !is_field_name(key) || !is_txt_extension_value(value) {
                let found = if piece.text.is_empty() {
                    ";"
                } else {
                    piece.text
                };
                RecordFaultKind::Syntax {
                    found: excerpt(found, Self::MAX_FOUND_CHARS),
                }
            } else if matches!(key, "id" | "v") || seen.contains(&key) {
                RecordFaultKind::DuplicateField {
                    key: key.to_owned(),
                }
            } else {
                seen.push(key);
                RecordFaultKind::UnknownField {
                    key: key.to_owned(),
                }
            };
            valid &= !kind.breaks_rfc();
            reading.push(piece.column, kind);
        }
        if id.is_none() && valid {
            valid = false;
            reading.push(text.chars().count() + 1, RecordFaultKind::IdMissing);
        }
        if valid {
            reading.record = id.flatten().map(|id| StsRecord { id });
        } else {
            reading.name_the_one_cause(text);
        }
        reading
    }

    /// Whether the version piece fits; says what is wrong with it.
    fn read_version(&mut self, version: &str, text: &str) -> bool {
        if version == VERSION {
            return true;
        }
        let after = version.strip_prefix(VERSION);
        let kind = match after {
            Some(space) if space.chars().all(is_wsp) && text.len() > version.len() => {
                RecordFaultKind::SpaceBeforeSemicolon
            }
            Some(rest) if !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
                RecordFaultKind::Syntax {
                    found: excerpt(rest, Self::MAX_FOUND_CHARS),
                }
            }
            _ => RecordFaultKind::VersionInvalid {
                meant: looks_like_sts(text),
            },
        };
        let fits = !kind.breaks_rfc();
        let column = if matches!(kind, RecordFaultKind::VersionInvalid { .. }) {
            1
        } else {
            VERSION.len() + 1
        };
        self.push(column, kind);
        fits
    }

    /// Quotes and backslashes upset every field around them: one cause, told once.
    fn name_the_one_cause(&mut self, text: &str) {
        let cause = column_of_quote(text)
            .map(|column| (column, RecordFaultKind::Quoted))
            .or_else(|| {
                column_of_backslash(text).map(|column| (column, RecordFaultKind::Backslash))
            });
        if let Some((column, kind)) = cause {
            self.faults.clear();
            self.push(column, kind);
        }
    }

    fn push(&mut self, column: usize, kind: RecordFaultKind) {
        if self.faults.len() < Self::MAX_FAULTS {
            self.faults.push(RecordFault { column, kind });
        }
    }
}

impl StsSelection {
    /// Keeps the texts that begin with `v=STSv1;` and reads the one that is left.
    #[must_use]
    pub fn of<T: AsRef<str>>(texts: &[T]) -> Self {
        let begins_right = |text: &&str| {
            text.strip_prefix(VERSION)
                .is_some_and(|t| t.starts_with(';'))
        };
        let kept: Vec<&str> = texts
            .iter()
            .map(AsRef::as_ref)
            .filter(begins_right)
            .collect();
        match kept.as_slice() {
            [] => Self::None,
            [text] => Self::One(StsRecordReading::read(text)),
            _ => Self::Several(kept.into_iter().map(str::to_owned).collect()),
        }
    }
}

/// Whether a text was probably meant as an announcement record, right or nearly so: capitals,
/// white space and quotes around `v=STSv1` are overlooked, and where in the text it stands.
#[must_use]
pub fn looks_like_sts(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && column_of_quote(&c.to_string()).is_none() && *c != '\\')
        .map(|c| c.to_ascii_lowercase())
        .collect();
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
