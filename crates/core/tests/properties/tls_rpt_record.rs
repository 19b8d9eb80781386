//! TLS-RPT records of any text.

use mta_sts_core::{ReportUri, TlsRptRecord, lint, looks_like_tls_rpt};

use super::{shown, txt_record};

/// Reads `bytes`, as far as they are text, as a TLS-RPT record.
pub(crate) fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let reading = txt_record::holds::<TlsRptRecord>(&text, is_rua, TlsRptRecord::write);
    assert!(!reading.is_valid() || looks_like_tls_rpt(&text), "{text:?}");
    assert!(
        reading
            .record
            .as_ref()
            .is_none_or(|record| !record.rua.is_empty()),
        "{text:?}"
    );

    let lint = lint::tlsrpt(&text);
    assert_eq!(lint.valid, reading.is_valid(), "{text:?}");
    assert!(lint.valid || !lint.findings.is_empty(), "{text:?}");
    assert!(serde_json::to_string(&lint).is_ok());
    shown::findings_hold(&lint.findings);
    lint.valid
}

/// `URI *(*WSP "," *WSP URI)`: a comma is always a separator, for no address may hold one.
fn is_rua(value: &str) -> bool {
    let wsp = [' ', '\t'];
    value == value.trim_matches(wsp)
        && value
            .split(',')
            .all(|address| ReportUri::parse(address.trim_matches(wsp)).is_ok())
}
