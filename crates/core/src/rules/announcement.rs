//! The announcement record at `_mta-sts` as its rules see it: which text is meant, what is wrong
//! with it, and the value that mends it.

use std::borrow::Cow;

use super::txt_record::{faults_in_words, set_value};
use crate::case::Case;
use crate::{PolicyId, RecordFaultKind, StsRecord, StsRecordReading, StsSelection, looks_like_sts};

/// Those faults of the announcement that a rule claims, in words; `None` where there are none.
pub(super) fn faults(case: &Case<'_>, claims: fn(&RecordFaultKind) -> bool) -> Option<String> {
    let (text, reading) = announcement(case)?;
    let claimed: Vec<(usize, String)> = reading
        .faults
        .iter()
        .filter(|fault| claims(&fault.kind))
        .map(|fault| (fault.column, fault.kind.to_string()))
        .collect();
    let name = case.facts.domain.mta_sts_record_name();
    (!claimed.is_empty()).then(|| faults_in_words(&name, text, &claimed))
}

/// Whether some text is the announcement, or was meant to be.
pub(super) fn is_there(case: &Case<'_>) -> bool {
    case.facts
        .record
        .seen()
        .is_some_and(|answer| answer.records.iter().any(|text| looks_like_sts(text)))
}

/// The value of a right record. Its id is new, so that every sender looks at the policy again.
pub(super) fn right_value(case: &Case<'_>) -> String {
    StsRecord {
        id: PolicyId::from_utc(case.facts.checked_at),
    }
    .write()
}

/// [`right_value`] with the name of the record that takes it.
pub(super) fn set_right_value(case: &Case<'_>) -> String {
    let name = case.facts.domain.mta_sts_record_name();
    let value = right_value(case);
    match case.facts.record.seen() {
        Some(answer) => set_value(&name, answer, &value),
        None => value,
    }
}

/// The text that senders choose, or else the first that was meant to be chosen.
fn announcement<'a>(case: &'a Case<'_>) -> Option<(&'a str, Cow<'a, StsRecordReading>)> {
    let texts = &case.facts.record.seen()?.records;
    match case.record.as_ref()? {
        StsSelection::Several(_) => None,
        StsSelection::One(reading) => {
            let chosen = texts.iter().find(|text| text.starts_with("v=STSv1;"))?;
            Some((chosen, Cow::Borrowed(reading)))
        }
        StsSelection::None => {
            let meant = texts.iter().find(|text| looks_like_sts(text))?;
            Some((meant, Cow::Owned(StsRecordReading::read(meant))))
        }
    }
}
