//! The TLS report record at `_smtp._tls` as its rules see it: which text is meant, what is wrong
//! with it, and the value that mends it.

use std::borrow::Cow;

use super::txt_record::{faults_in_words, set_value};
use crate::case::Case;
use crate::{
    ReportUri, TlsRptFaultKind, TlsRptRecord, TlsRptRecordReading, TlsRptSelection,
    looks_like_tls_rpt,
};

/// Stands in a value where only the owner knows what to write.
const ANY_MAILBOX: &str = "you@example.net";

/// The faults that a rule claims of the record, in words, and the fix for them; `None` where there
/// are none. A rule is also told whether the text begins as senders demand.
pub(super) fn faults(
    case: &Case<'_>,
    claims: fn(&TlsRptFaultKind, bool) -> bool,
) -> Option<(String, String)> {
    let answer = case.facts.tls_rpt.seen()?;
    let (text, reading) = record(case)?;
    let begins_right = matches!(case.tls_rpt, Some(TlsRptSelection::One(_)));
    let claimed: Vec<(usize, String)> = reading
        .faults
        .iter()
        .filter(|fault| claims(&fault.kind, begins_right))
        .map(|fault| (fault.column, fault.kind.to_string()))
        .collect();
    if claimed.is_empty() {
        return None;
    }
    let name = case.facts.domain.tls_rpt_record_name();
    let fix = match meant(text) {
        Some(record) => set_value(&name, answer, &record.write()),
        None => format!(
            "{} {}",
            with_own_address(),
            set_value(&name, answer, &any_value())
        ),
    };
    Some((faults_in_words(&name, text, &claimed), fix))
}

/// Whether some text is the record, or was meant to be.
pub(super) fn is_there(case: &Case<'_>) -> bool {
    case.facts
        .tls_rpt
        .seen()
        .is_some_and(|answer| answer.records.iter().any(|text| looks_like_tls_rpt(text)))
}

/// A right value with a mailbox to be replaced.
pub(super) fn any_value() -> String {
    format!("v=TLSRPTv1; rua=mailto:{ANY_MAILBOX}")
}

/// What to replace in [`any_value`].
pub(super) fn with_own_address() -> String {
    format!(
        "Write an address of your own in place of {ANY_MAILBOX}, best one at another mail provider."
    )
}

/// The record that a faulty text was probably meant as: its report addresses, written rightly.
pub(super) fn meant(text: &str) -> Option<TlsRptRecord> {
    let (_, addresses) = text.split_once("rua")?;
    let mut rua: Vec<ReportUri> = Vec::new();
    let is_between = |c: char| c.is_whitespace() || ",;\\\"“”„'".contains(c);
    for item in addresses.split(is_between) {
        let address = item
            .strip_prefix("rua")
            .unwrap_or(item)
            .trim_start_matches('=');
        // `!10m` limits the size of a report in a DMARC record; here it is not allowed.
        let address = address.split('!').next().unwrap_or(address);
        if let Ok(uri) = ReportUri::from_person(address)
            && !rua.contains(&uri)
        {
            rua.push(uri);
        }
    }
    (!rua.is_empty()).then_some(TlsRptRecord { rua })
}

/// The text that senders choose, or else the first that was meant to be chosen.
fn record<'a>(case: &'a Case<'_>) -> Option<(&'a str, Cow<'a, TlsRptRecordReading>)> {
    let texts = &case.facts.tls_rpt.seen()?.records;
    match case.tls_rpt.as_ref()? {
        TlsRptSelection::Several(_) => None,
        TlsRptSelection::One(reading) => {
            let chosen = texts.iter().find(|text| text.starts_with("v=TLSRPTv1;"))?;
            Some((chosen, Cow::Borrowed(reading)))
        }
        TlsRptSelection::None => {
            let meant = texts.iter().find(|text| looks_like_tls_rpt(text))?;
            Some((meant, Cow::Owned(TlsRptRecordReading::read(meant))))
        }
    }
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
            assert_eq!(
                meant(text).map(|record| record.write()).as_deref(),
                Some(written),
                "{text}"
            );
        }
    }

    #[test]
    fn where_no_address_stands_none_is_made_up() {
        for text in [
            "v=TLSRPTv1",
            "v=TLSRPTv1; rua=",
            "v=TLSRPTv1; rua=http://x.example/",
            "rua",
        ] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
