//! What the MTA-STS record and the TLS-RPT record share.

use std::fmt::Debug;

use mta_sts_core::{RecordFaultKind, RecordReading, RecordSelection, VersionedRecord};

/// Reads `text` as a record; `fits_value` is a second opinion on its own field, `write` writes one.
pub(crate) fn holds<R: VersionedRecord + Clone + Debug + PartialEq>(
    text: &str,
    fits_value: impl Fn(&str) -> bool,
    write: impl Fn(&R) -> String,
) -> RecordReading<R> {
    let reading = RecordReading::<R>::read(text);
    assert_eq!(
        reading.is_valid(),
        fits_rfc::<R>(text, fits_value),
        "{text:?} {reading:?}"
    );
    let breaks = reading.faults.iter().any(|fault| fault.kind.breaks_rfc());
    assert_eq!(reading.is_valid(), !breaks, "{text:?} {reading:?}");
    assert!(reading.faults.len() <= RecordReading::<R>::MAX_FAULTS);
    for fault in &reading.faults {
        let columns = 1..=text.chars().count() + 1;
        assert!(columns.contains(&fault.column), "{text:?} {fault:?}");
        assert!(!fault.kind.to_string().is_empty());
        if let RecordFaultKind::Syntax { found } = &fault.kind {
            assert!(found.chars().count() <= RecordReading::<R>::MAX_FOUND_CHARS);
            let there: String = text.chars().skip(fault.column - 1).collect();
            assert!(there.starts_with(found), "{text:?} {fault:?}");
        }
    }
    if let Some(record) = &reading.record {
        let written = write(record);
        let again = RecordReading::<R>::read(&written);
        assert_eq!(again.record.as_ref(), Some(record), "{written}");
        assert_eq!(again.faults, [], "{written}");
    }
    let counts = text.starts_with(&format!("{};", R::VERSION));
    let expected = if counts {
        RecordSelection::One(reading.clone())
    } else {
        RecordSelection::None
    };
    assert_eq!(RecordSelection::of(&[text]), expected);
    let twice = RecordSelection::<R>::of(&[text, text]);
    assert_eq!(matches!(twice, RecordSelection::Several(_)), counts);
    reading
}

/// Section 3.1 of RFC 8461, and section 3 of RFC 8460, as plainly as it can be.
fn fits_rfc<R: VersionedRecord>(text: &str, fits_value: impl Fn(&str) -> bool) -> bool {
    let wsp = [' ', '\t'];
    let Some((version, fields)) = text.split_once(';') else {
        return false;
    };
    // The closing delimiter is optional; white space at the end is only allowed as part of it.
    let closed = fields.trim_end_matches(wsp).strip_suffix(';');
    let fields = closed.map_or(fields, |fields| fields.trim_end_matches(wsp));
    let fields: Vec<&str> = fields.split(';').collect();
    let mut has_own = false;
    let all_fit = fields.iter().enumerate().all(|(at, field)| {
        let is_last = at + 1 == fields.len();
        let field = field.trim_start_matches(wsp);
        let field = if is_last {
            field
        } else {
            field.trim_end_matches(wsp)
        };
        let Some((key, value)) = field.split_once('=') else {
            return false;
        };
        let is_own = key == R::KEY;
        let is_first = is_own && !has_own;
        has_own |= is_own;
        is_own && fits_value(value) || !is_first && is_extension(key, value)
    });
    all_fit && has_own && version.trim_end_matches(wsp) == R::VERSION
}

fn is_extension(key: &str, value: &str) -> bool {
    let is_alnum = |c: char| c.is_ascii_alphanumeric();
    let is_visible = |c: char| ('!'..='~').contains(&c) && c != ';' && c != '=';
    key.starts_with(is_alnum)
        && key.len() <= 32
        && key.chars().all(|c| is_alnum(c) || "_-.".contains(c))
        && !value.is_empty()
        && value.chars().all(is_visible)
}
