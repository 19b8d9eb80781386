//! What known senders make of an address for TLS reports that RFC 8460 3 allows.

use crate::text::tls_rpt_record::ReportUri;
use crate::text::wording::in_quotes;

/// Which senders can’t report to these addresses: sentences, safe to show.
///
/// ```
/// use mta_sts_core::{ReportUri, who_cannot_report};
/// let odd = ReportUri::parse("mailto:a=b@example.net")?;
/// assert!(who_cannot_report(&[odd])[0].contains("Stalwart"));
/// let plain = ReportUri::parse("mailto:tls-reports@example.net")?;
/// assert!(who_cannot_report(&[plain]).is_empty());
/// # Ok::<(), mta_sts_core::ReportUriError>(())
/// ```
#[must_use]
pub fn who_cannot_report(addresses: &[ReportUri]) -> Vec<String> {
    let mut told: Vec<String> = addresses
        .iter()
        .filter_map(|uri| {
            let address = in_quotes(uri.as_str(), 100);
            Some(format!("{address}: {}", who_fails(uri)?))
        })
        .collect();
    if !addresses.is_empty() && !addresses.iter().any(ReportUri::is_mail) {
        told.push("There is no mail address, and mox never reports to https.".to_owned());
    }
    told
}

/// Which senders don’t get a mail address right that RFC 6068 allows.
fn who_fails(uri: &ReportUri) -> Option<&'static str> {
    let user = uri.as_str().split('@').next().filter(|_| uri.is_mail())?;
    if user.contains('%') {
        Some("mox, Stalwart and tlsrpt-reporter don’t decode %, so their reports don’t arrive.")
    } else if user.contains('=') {
        Some(
            "Stalwart takes the equals sign for an encoded character, and may also lose the next \
             address.",
        )
    } else {
        None
    }
}
