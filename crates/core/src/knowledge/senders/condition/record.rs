//! The MTA-STS record, and the other TXT texts at its name.

use super::{EXCERPT_CHARS, Met, Publication};
use crate::text::escape::escaped;
use crate::text::sts_record::{StsRecord, StsRecordReading};
use crate::text::txt_fields::{TxtPiece, is_wsp, txt_fields};
use crate::text::txt_record::{RecordFaultKind, VersionedRecord};

/// How a TXT text begins that is not the record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherText {
    /// With `v=STSv1`, white space and a semicolon.
    Spaced,
    /// With `v=STSv1`, and then neither white space nor a semicolon.
    LongerVersion,
    /// In any other way.
    Unlike,
}

impl OtherText {
    /// `None` for a text that begins with exactly `v=STSv1;`, as the record does (RFC 8461 3.1).
    fn of(text: &str) -> Option<Self> {
        let Some(rest) = text.strip_prefix(StsRecord::VERSION) else {
            return Some(Self::Unlike);
        };
        let after = rest.trim_start_matches(is_wsp);
        let is_spaced = after.len() < rest.len();
        match (is_spaced, after.starts_with(';')) {
            (false, true) => None,
            (true, true) => Some(Self::Spaced),
            (false, false) => Some(Self::LongerVersion),
            (true, false) => Some(Self::Unlike),
        }
    }
}

pub(super) fn other_text(publication: &Publication<'_>, kind: OtherText) -> Option<Met> {
    let id = StsRecordReading::read(publication.record?).record?.id;
    let mut texts = publication.texts.iter();
    let text = texts.find(|text| OtherText::of(text) == Some(kind))?;
    Some(Met {
        found: format!(
            "There is another TXT text at the name of the MTA-STS record: “{}”.",
            escaped(text, EXCERPT_CHARS)
        ),
        fix: format!("Delete that text, and keep only “v=STSv1; id={id};”."),
    })
}

pub(super) fn repeated_id(record: &str) -> Option<Met> {
    let reading = StsRecordReading::read(record);
    let id = &reading.record.as_ref()?.id;
    let is_second_id = |kind: &RecordFaultKind<_>| matches!(kind, RecordFaultKind::DuplicateField { key } if key == "id");
    let mut kinds = reading.faults.iter().map(|fault| &fault.kind);
    kinds.any(is_second_id).then(|| Met {
        found: format!(
            "The record “{}” has more than one id.",
            escaped(record, EXCERPT_CHARS)
        ),
        fix: format!("Keep only the first id in the record: “v=STSv1; id={id};”."),
    })
}

pub(super) fn space_before_semicolon(record: &str) -> Option<Met> {
    let reading = StsRecordReading::read(record);
    let id = &reading.record.as_ref()?.id;
    let mut kinds = reading.faults.iter().map(|fault| &fault.kind);
    kinds
        .any(|kind| *kind == RecordFaultKind::SpaceBeforeSemicolon)
        .then(|| Met {
            found: format!(
                "The record “{}” has a space before the first semicolon.",
                escaped(record, EXCERPT_CHARS)
            ),
            fix: format!("Write the record without that space: “v=STSv1; id={id};”."),
        })
}

pub(super) fn repeated_version_differs(record: &str) -> Option<Met> {
    let id = StsRecordReading::read(record).record?.id;
    let is_other_version = |piece: TxtPiece<'_>| {
        let field = piece.key_value();
        field.is_some_and(|(key, value)| key == "v" && value != "STSv1")
    };
    let (_, mut pieces) = txt_fields(record);
    pieces.any(is_other_version).then(|| Met {
        found: format!(
            "The record “{}” has a second v with another version.",
            escaped(record, EXCERPT_CHARS)
        ),
        fix: format!("Keep only the first v in the record: “v=STSv1; id={id};”."),
    })
}

pub(super) fn space_at_end(record: &str) -> Option<Met> {
    let id = StsRecordReading::read(record).record?.id;
    let (_, end) = record.rsplit_once(';')?;
    (!end.is_empty() && end.chars().all(is_wsp)).then(|| Met {
        found: format!(
            "The record “{}” has a space after the last semicolon.",
            escaped(record, EXCERPT_CHARS)
        ),
        fix: format!("Write the record without that space: “v=STSv1; id={id};”."),
    })
}
