//! The MTA-STS record at `_mta-sts` as its rules see it: which text is meant, what is wrong with
//! it, and the value that fixes it.

use super::txt_record::{chosen_or_meant, faults_in_words, set_value};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::sts_record::{PolicyId, StsRecord, StsSelection};
use crate::text::txt_record::RecordFaultKind;

/// Reports those faults of the MTA-STS record that a rule claims, and a correct value to replace
/// it. `step` says in a sentence what that changes.
pub(crate) fn report_faults(
    case: &Case<'_>,
    findings: &mut Findings,
    step: &str,
    claims: fn(&RecordFaultKind<StsRecord>) -> bool,
) {
    if let Some(evidence) = faults(case, claims) {
        let fix = format!("{step} {}", set_right_value(case));
        findings.report(Subject::record(&case.facts.domain), evidence, fix);
    }
}

/// Those faults of the MTA-STS record that a rule claims, in words; `None` if there are none.
pub(crate) fn faults(
    case: &Case<'_>,
    claims: fn(&RecordFaultKind<StsRecord>) -> bool,
) -> Option<String> {
    let (text, reading) = chosen_or_meant(case.facts.record.seen()?, case.record.as_ref()?)?;
    let name = case.facts.domain.mta_sts_record_name();
    faults_in_words(&name, text, &reading, claims)
}

/// The value of a correct record. Its id is new, so that every sender looks at the policy again.
pub(crate) fn right_value(case: &Case<'_>) -> String {
    StsRecord { id: new_id(case) }.write()
}

fn new_id(case: &Case<'_>) -> PolicyId {
    PolicyId::from_utc(case.facts.checked_at)
}

/// The value to publish: the one that was written for publication, if that is known; else the first
/// of these texts that is correct as it is; else [`right_value`].
pub(crate) fn right_text_or_value<'a>(
    case: &Case<'_>,
    texts: impl IntoIterator<Item = &'a str>,
) -> String {
    let written = case.facts.written.as_ref();
    let written = written.and_then(|policy| PolicyId::parse(policy.id.as_deref()?).ok());
    if let Some(id) = written {
        return StsRecord { id }.write();
    }
    let is_right = |text: &&str| matches!(StsSelection::of(&[text]), StsSelection::One(reading) if reading.faults.is_empty());
    texts
        .into_iter()
        .find(is_right)
        .map_or_else(|| right_value(case), str::to_owned)
}

/// [`right_value`], in a sentence that names the record to set.
pub(crate) fn set_right_value(case: &Case<'_>) -> String {
    set_value_with_id(case, new_id(case))
}

/// The value with this id, in a sentence that names the record to set.
pub(crate) fn set_value_with_id(case: &Case<'_>, id: PolicyId) -> String {
    let name = case.facts.domain.mta_sts_record_name();
    let value = StsRecord { id }.write();
    match case.facts.record.seen() {
        Some(answer) => set_value(&name, answer, &value),
        None => value,
    }
}
