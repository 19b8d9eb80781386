//! TLS-RPT records of any text.

use mta_sts_core::{ReportUri, ReportUriError, TlsRptRecord, lint, looks_like_tls_rpt};

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
    let addresses = || value.split(',').map(|address| address.trim_matches(wsp));
    let is_good = |address: &str| ReportUri::parse(address).is_ok();
    value == value.trim_matches(wsp)
        && addresses().any(is_good)
        && addresses().all(|address| is_good(address) || is_other_uri(address))
}

/// A URI of RFC 3986 with a scheme that senders ignore (RFC 8460 3).
fn is_other_uri(address: &str) -> bool {
    let is_of_uri = |byte: u8| byte.is_ascii_graphic() && !b"<>\"{}|\\^`,!;".contains(&byte);
    let is_encoded = |part: &str| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    };
    ReportUri::parse(address) == Err(ReportUriError::OtherScheme)
        && address.bytes().all(is_of_uri)
        && address.split('%').skip(1).all(is_encoded)
        && address.matches('#').count() < 2
}
