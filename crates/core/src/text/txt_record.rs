//! Reading the MTA-STS record (RFC 8461 3.1) and the TLS-RPT record (RFC 8460 3): what is
//! common to both. What one of them has of its own, it says as [`VersionedRecord`].

use std::error::Error;

use crate::text::txt_fields::{
    TxtPiece, column_at, column_of_backslash, column_of_quote, excerpt, is_field_name, is_quote,
    is_txt_extension_value, is_wsp, txt_fields,
};

/// A TXT record that begins with its version and needs one field.
pub trait VersionedRecord: Sized {
    /// What the text begins with, as `v=STSv1`.
    const VERSION: &'static str;
    /// The key of the field that a record needs.
    const KEY: &'static str;
    /// What can be wrong with that field.
    type FieldFault: Error + Clone + Eq + 'static;
    /// The field is not there.
    const FIELD_MISSING: Self::FieldFault;

    /// Reads the value of the field; nothing is trimmed.
    ///
    /// # Errors
    ///
    /// What is wrong, and where: in characters after the beginning of the field.
    fn from_value(value: &str) -> Result<Self, (usize, Self::FieldFault)>;

    /// Takes in the same field again, where both count (RFC 8460 3). Whether they do.
    fn merge(&mut self, again: Self) -> bool {
        let _ = again;
        false
    }

    /// What is worth telling about a good value, each with its place as in [`Self::from_value`].
    #[must_use]
    fn advice(value: &str) -> Vec<(usize, Self::FieldFault)> {
        let _ = value;
        Vec::new()
    }

    /// Whether such a fault is advice: senders go by the record all the same.
    fn is_advice(fault: &Self::FieldFault) -> bool {
        let _ = fault;
        false
    }

    /// Whether a text was probably meant as this record, right or nearly so.
    fn is_meant_by(text: &str) -> bool;
}

/// The text of a record as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordReading<R: VersionedRecord> {
    /// The record, exactly when the text fits its RFC.
    pub record: Option<R>,
    /// What to tell, in the order of the text; at most [`RecordReading::MAX_FAULTS`].
    pub faults: Vec<RecordFault<R>>,
}

/// One thing to tell about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFault<R: VersionedRecord> {
    /// Where, in characters from 1.
    pub column: usize,
    /// What it is.
    pub kind: RecordFaultKind<R>,
}

/// The kinds of [`RecordFault`]. Excerpts are raw and bounded; escape them before showing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFaultKind<R: VersionedRecord> {
    /// The text does not begin with exactly the version.
    #[error("the record must begin with exactly {};", R::VERSION)]
    VersionInvalid {
        /// Whether this record was probably meant, as by `v=stsv1` or `v=TLSRPv1`.
        meant: bool,
    },
    /// The version stands behind another field.
    #[error("{} must come first", R::VERSION)]
    VersionNotFirst,
    /// The field that the record needs is missing or wrong.
    #[error(transparent)]
    Field(R::FieldFault),
    /// The field that the record needs is there, but its name has capitals.
    #[error(
        "“{}” must be written in lower case: {}",
        crate::escaped(found, 12),
        R::KEY
    )]
    KeyInCapitals {
        /// The name found.
        found: String,
    },
    /// The field that the record needs a second time, and both count.
    #[error(
        "“{}” appears more than once; all its addresses count, but some senders read only one",
        R::KEY
    )]
    RepeatedKey,
    /// Quotes inside the value.
    #[error("the quotes are part of the record; remove them")]
    Quoted,
    /// A backslash, most often before a semicolon.
    #[error("the backslashes are part of the record; remove them")]
    Backslash,
    /// `v=STSv1 ;`: the grammar allows it, the choice among several records drops it
    /// (RFC 8461 erratum 6285).
    #[error("there is a space before the first semicolon; some senders then ignore the record")]
    SpaceBeforeSemicolon,
    /// Anything else outside the grammar.
    #[error(
        "“{}” doesn’t belong there; fields are name=value, separated by semicolons",
        crate::escaped(found, 40)
    )]
    Syntax {
        /// What stands there.
        found: String,
    },
    /// A field a second time; the first counts (RFC 8461 3.2).
    #[error("“{}” appears twice; the first one counts", crate::escaped(key, 40))]
    DuplicateField {
        /// The key.
        key: String,
    },
    /// A well-formed field of another name; senders ignore it.
    #[error(
        "“{}” isn’t a field of this record; senders ignore it",
        crate::escaped(key, 40)
    )]
    UnknownField {
        /// The key.
        key: String,
    },
}

/// Which of the TXT texts at a name is the record (RFC 8461 3.1, RFC 8460 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordSelection<R: VersionedRecord> {
    /// No text begins with the version and a semicolon.
    None,
    /// Exactly one does.
    One(RecordReading<R>),
    /// More than one do: senders act as if there were none. Their texts.
    Several(Vec<String>),
}

impl<R: VersionedRecord> RecordSelection<R> {
    /// Keeps the texts that begin with the version and a semicolon, and reads the one that is left.
    #[must_use]
    pub fn of<T: AsRef<str>>(texts: &[T]) -> Self {
        let kept: Vec<&str> = texts
            .iter()
            .map(AsRef::as_ref)
            .filter(|text| begins_right::<R>(text))
            .collect();
        match kept.as_slice() {
            [] => Self::None,
            [text] => Self::One(RecordReading::read(text)),
            _ => Self::Several(kept.into_iter().map(str::to_owned).collect()),
        }
    }
}

impl<R: VersionedRecord> RecordReading<R> {
    /// Most faults told.
    pub const MAX_FAULTS: usize = 64;
    /// Longest excerpt in a fault, in characters.
    pub const MAX_FOUND_CHARS: usize = 80;

    /// Whether the text fits its RFC.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.record.is_some()
    }

    /// Reads the text of one TXT record. Total: any text gives a reading.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (version, pieces) = txt_fields(text);
        let mut in_capitals = None;
        let mut reading = Self {
            record: None,
            faults: Vec::new(),
        };
        let mut valid = reading.read_version(version, text);
        let mut has_field = false;
        for piece in pieces {
            let (key, value) = piece.key_value().unwrap_or((piece.text, ""));
            let (offset, kind) = if key == R::KEY && !has_field {
                has_field = true;
                match R::from_value(value) {
                    Ok(record) => {
                        reading.record = Some(record);
                        for (offset, fault) in R::advice(value) {
                            let column = column_at(text, piece.at) + offset;
                            reading.push(column, RecordFaultKind::Field(fault));
                        }
                        continue;
                    }
                    // Without an equals sign the value is missing at the end of the piece.
                    Err((offset, fault)) => (
                        offset.min(piece.text.chars().count()),
                        RecordFaultKind::Field(fault),
                    ),
                }
            } else if piece.text == R::VERSION && reading.is_version_told() {
                reading.faults.remove(0);
                (0, RecordFaultKind::VersionNotFirst)
            } else if in_capitals.is_none()
                && key != R::KEY
                && key.eq_ignore_ascii_case(R::KEY)
                && (is_txt_extension_value(value) || R::from_value(value).is_ok())
            {
                in_capitals = Some((column_at(text, piece.at), key.to_owned()));
                continue;
            } else {
                (0, reading.other_field(&piece, key, value))
            };
            valid &= !kind.breaks_rfc();
            reading.push(column_at(text, piece.at) + offset, kind);
        }
        if !has_field && valid {
            valid = false;
            let (column, missing) = match in_capitals.take() {
                Some((column, found)) => (column, RecordFaultKind::KeyInCapitals { found }),
                None => (
                    text.chars().count() + 1,
                    RecordFaultKind::Field(R::FIELD_MISSING),
                ),
            };
            reading.push(column, missing);
        }
        if let Some((column, key)) = in_capitals.filter(|_| valid) {
            reading.push(column, RecordFaultKind::UnknownField { key });
        }
        if !valid {
            reading.record = None;
            reading.name_the_one_cause(text);
        }
        reading
    }

    /// Whether the text was told to begin wrongly.
    fn is_version_told(&self) -> bool {
        let is_it = |it: &RecordFault<R>| matches!(it.kind, RecordFaultKind::VersionInvalid { .. });
        self.faults.first().is_some_and(is_it)
    }

    /// Whether the version piece fits; says what is wrong with it.
    fn read_version(&mut self, version: &str, text: &str) -> bool {
        if version == R::VERSION {
            return true;
        }
        let after = R::VERSION.len() + 1;
        let (column, kind) = match version.strip_prefix(R::VERSION) {
            Some(space) if space.chars().all(is_wsp) && text.len() > version.len() => {
                (after, RecordFaultKind::SpaceBeforeSemicolon)
            }
            Some(rest) if !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
                (after, syntax(rest))
            }
            _ => {
                let meant = R::is_meant_by(text);
                (1, RecordFaultKind::VersionInvalid { meant })
            }
        };
        let fits = !kind.breaks_rfc();
        self.push(column, kind);
        fits
    }

    /// What is told of a piece that is not the first field of the record's own key.
    fn other_field(&mut self, piece: &TxtPiece<'_>, key: &str, value: &str) -> RecordFaultKind<R> {
        let is_own = key == R::KEY;
        if is_own
            && let (Some(record), Ok(again)) = (&mut self.record, R::from_value(value))
            && record.merge(again)
        {
            return RecordFaultKind::RepeatedKey;
        }
        let is_extension = is_field_name(key) && is_txt_extension_value(value);
        let fits = is_extension || is_own && R::from_value(value).is_ok();
        if !fits {
            let is_empty = piece.text.is_empty();
            return syntax(if is_empty { ";" } else { piece.text });
        }
        // Every field but the record's own has been told, up to the last fault there is room for.
        let is_again = is_own || key == "v" || self.faults.iter().any(|told| told.kind.names(key));
        let key = key.to_owned();
        if is_again {
            RecordFaultKind::DuplicateField { key }
        } else {
            RecordFaultKind::UnknownField { key }
        }
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

    fn push(&mut self, column: usize, kind: RecordFaultKind<R>) {
        // Advice leaves this much room to what makes the text no record.
        let room = if kind.breaks_rfc() {
            Self::MAX_FAULTS
        } else {
            Self::MAX_FAULTS / 2
        };
        if self.faults.len() < room {
            self.faults.push(RecordFault { column, kind });
        }
    }
}

fn syntax<R: VersionedRecord>(found: &str) -> RecordFaultKind<R> {
    RecordFaultKind::Syntax {
        found: excerpt(found, RecordReading::<R>::MAX_FOUND_CHARS),
    }
}

impl<R: VersionedRecord> RecordFaultKind<R> {
    /// Whether the text is then outside the grammar of its RFC.
    #[must_use]
    pub fn breaks_rfc(&self) -> bool {
        match self {
            Self::SpaceBeforeSemicolon
            | Self::RepeatedKey
            | Self::DuplicateField { .. }
            | Self::UnknownField { .. } => false,
            Self::Field(fault) => !R::is_advice(fault),
            _ => true,
        }
    }

    /// Whether this is told of a well-formed field with that key.
    fn names(&self, field: &str) -> bool {
        match self {
            Self::DuplicateField { key } | Self::UnknownField { key } => key == field,
            _ => false,
        }
    }
}

/// Whether senders take the text into account: it begins with the version and a semicolon.
pub(crate) fn begins_right<R: VersionedRecord>(text: &str) -> bool {
    text.strip_prefix(R::VERSION)
        .is_some_and(|rest| rest.starts_with(';'))
}

/// The text in small letters, without the white space, quotes and backslashes that slip in.
pub(crate) fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !is_quote(*c) && *c != '\\')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
