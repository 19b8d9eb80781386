//! The TLS-RPT record at `_smtp._tls` as its rules see it: which text is meant, what is wrong with
//! it, and the value that fixes it.

use crate::facts::Answer;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::txt_record::{chosen_or_meant, faults_in_words, set_value};
use crate::text::tls_rpt_record::{ReportUri, TlsRptRecord, TlsRptSelection};
use crate::text::txt_record::RecordFaultKind;

/// A placeholder, where only the owner knows what to write.
const ANY_MAILBOX: &str = "you@example.net";

/// Reports those faults of the record that a rule claims, and the value that fixes it. A rule also
/// learns whether the text begins as senders require.
pub(crate) fn report_faults(
    case: &Case<'_>,
    findings: &mut Findings,
    claims: fn(&RecordFaultKind<TlsRptRecord>, bool) -> bool,
) {
    let (Some(selection), Some(answer)) = (&case.tls_rpt, case.facts.tls_rpt.seen()) else {
        return;
    };
    let Some((text, reading)) = chosen_or_meant(answer, selection) else {
        return;
    };
    let begins_right = matches!(selection, TlsRptSelection::One(_));
    let name = case.facts.domain.tls_rpt_record_name();
    let evidence = faults_in_words(&name, text, &reading, |kind| claims(kind, begins_right));
    if let Some(evidence) = evidence {
        findings.report(
            Subject::tls_rpt_record(&case.facts.domain),
            evidence,
            set_meant_value(&name, answer, text),
        );
    }
}

/// Those faults of the TLS-RPT record that a rule claims, in words; `None` if there are none.
pub(crate) fn faults(
    case: &Case<'_>,
    claims: fn(&RecordFaultKind<TlsRptRecord>) -> bool,
) -> Option<String> {
    let (text, reading) = chosen_or_meant(case.facts.tls_rpt.seen()?, case.tls_rpt.as_ref()?)?;
    let name = case.facts.domain.tls_rpt_record_name();
    faults_in_words(&name, text, &reading, claims)
}

/// The record that senders go by.
pub(crate) fn record<'a>(case: &'a Case<'_>) -> Option<&'a TlsRptRecord> {
    match case.tls_rpt.as_ref()? {
        TlsRptSelection::One(reading) => reading.record.as_ref(),
        TlsRptSelection::None | TlsRptSelection::Several(_) => None,
    }
}

/// Where to put which value, so that the record correctly says what `text` was meant to say.
pub(crate) fn set_meant_value(name: &str, answer: &Answer<String>, text: &str) -> String {
    match meant_value(text) {
        Some(value) => set_value(name, answer, &value),
        None => format!(
            "{} {}",
            with_own_address(),
            set_value(name, answer, &any_value())
        ),
    }
}

/// What `text` was meant to say, correctly written; `None` if it contains no usable address.
pub(crate) fn meant_value(text: &str) -> Option<String> {
    meant(text).map(|record| record.write())
}

/// A correct value with a mailbox to replace.
pub(crate) fn any_value() -> String {
    format!("v=TLSRPTv1; rua=mailto:{ANY_MAILBOX}")
}

/// What to replace in [`any_value`].
pub(crate) fn with_own_address() -> String {
    format!("Replace {ANY_MAILBOX} with your own address, ideally at a different mail provider.")
}

/// The record that a faulty text was probably meant as: its report addresses, in the right form.
fn meant(text: &str) -> Option<TlsRptRecord> {
    let rua = ReportUri::meant_in(text);
    (!rua.is_empty()).then_some(TlsRptRecord { rua })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_faulty_texts() {
        for (text, written) in [
            (
                "v=TLSRPv1; rua=mailto:a@x.example",
                "v=TLSRPTv1; rua=mailto:a@x.example",
            ),
            (
                "v=TLSRPTv1; rua=a@x.example; b@y.example",
                "v=TLSRPTv1; rua=mailto:a@x.example,mailto:b@y.example",
            ),
            (
                "v=TLSRPTv1\\; rua=\\\"mailto:a@x.example!10m\\\"",
                "v=TLSRPTv1; rua=mailto:a@x.example",
            ),
            (
                "v=TLSRPTv1; rua = https://x.example/in?a=b",
                "v=TLSRPTv1; rua=https://x.example/in?a=b",
            ),
        ] {
            assert_eq!(meant_value(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn where_there_is_no_address_none_is_made_up() {
        for text in [
            "v=TLSRPTv1",
            "v=TLSRPTv1; rua=",
            "v=TLSRPTv1; rua=http://x.example/",
            "rua",
        ] {
            assert_eq!(meant_value(text), None, "{text}");
        }
    }
}
