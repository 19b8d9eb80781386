//! Facts files, and the judgement of what they hold.

use mta_sts_core::{Facts, Published, ReadyMailServers, Severity, judge};
use time::macros::datetime;

use super::{shown, times};

/// Reads `bytes` as a facts file and judges it.
pub(crate) fn holds(bytes: &[u8]) -> bool {
    let facts = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| Facts::from_json(text).ok());
    let Some(facts) = facts else {
        return false;
    };
    let saved = facts.to_json().unwrap_or_default();
    assert_eq!(
        Facts::from_json(&saved).ok().as_ref(),
        Some(&facts),
        "{saved}"
    );

    let report = judge(&facts);
    assert!(serde_json::to_string(&report).is_ok(), "{saved}");
    shown::findings_hold(&report.findings);
    shown::doubts_hold(&report.not_checked);
    assert!(report.findings.is_sorted_by_key(|finding| finding.severity));
    let has_problem = |is_mail_servers| {
        report.findings.iter().any(|finding| {
            finding.severity == Severity::Problem
                && finding.rule.area.is_mail_servers() == is_mail_servers
        })
    };
    let readiness = report.readiness;
    assert!(
        readiness.mail_servers != ReadyMailServers::Ready || !has_problem(true),
        "{saved}"
    );
    assert!(
        readiness.published != Published::Ok || !has_problem(false),
        "{saved}"
    );
    let ends = [
        datetime!(9999-12-31 23:59:59 -23:59),
        datetime!(-9999-01-01 0:00 +23:59),
    ];
    times::hold(facts, &ends);
    true
}
