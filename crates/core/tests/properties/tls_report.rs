//! TLS reports, and what is told of them.

use mta_sts_core::{TlsReport, TlsReports};
use time::macros::datetime;

/// Reads `bytes` as a report and tells what it says.
pub(crate) fn holds(bytes: &[u8]) -> bool {
    let report = match TlsReport::read(bytes) {
        Ok(report) => report,
        Err(error) => {
            shown(&error.to_string());
            return false;
        }
    };
    let kept = serde_json::to_string(&report).unwrap_or_default();
    assert_eq!(
        serde_json::from_str::<TlsReport>(&kept).ok().as_ref(),
        Some(&report),
        "{kept}"
    );
    let mut reports = TlsReports::default();
    reports.add(report);
    for domain in reports.domains() {
        let sessions = reports.sessions_of(domain, datetime!(2026-11-24 12:00 UTC));
        assert!(serde_json::to_string(&sessions).is_ok(), "{kept}");
        assert!(sessions.days_without_failure >= 0, "{kept}");
        shown(&sessions.summary());
        shown(&sessions.verdict().text);
        for failure in &sessions.failures {
            shown(&failure.evidence());
        }
    }
    true
}

/// Nothing that could move a cursor or turn a line is left in a text for a person.
fn shown(text: &str) {
    let misleads =
        |character: char| character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character);
    assert!(!text.chars().any(misleads), "{text:?}");
}
