//! MTA-STS records of any text.

use mta_sts_core::{StsRecord, lint, looks_like_sts};
use time::OffsetDateTime;

use super::{shown, txt_record};

/// Reads `bytes`, as far as they are text, as an MTA-STS record.
pub(crate) fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let is_id = |value: &str| {
        (1..=32).contains(&value.len()) && value.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let reading = txt_record::holds::<StsRecord>(&text, is_id, StsRecord::write);
    assert!(!reading.is_valid() || looks_like_sts(&text), "{text:?}");

    let lint = lint::record(&text, OffsetDateTime::UNIX_EPOCH);
    assert_eq!(lint.valid, reading.is_valid(), "{text:?}");
    assert!(lint.valid || !lint.findings.is_empty(), "{text:?}");
    assert!(serde_json::to_string(&lint).is_ok());
    shown::findings_hold(&lint.findings);
    reading.is_valid()
}
