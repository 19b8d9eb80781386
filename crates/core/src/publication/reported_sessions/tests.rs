//! Reports of several days and senders, and what they prove together.

use time::macros::datetime;

use super::*;
use crate::text::tls_report::ReportedPolicy;

const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
const DOMAIN: &str = "a.example";

/// A report of the day so many days before today.
fn report(days_ago: i64, failures: &[(&str, u64)]) -> TlsReport {
    let begin = datetime!(2026-11-24 0:00 UTC) - Duration::days(days_ago);
    let failures: Vec<ReportedFailure> = failures
        .iter()
        .map(|&(code, sessions)| ReportedFailure {
            result: FailureResult::from(code.to_owned()),
            receiving_mx: Some("mx1.a.example".into()),
            receiving_ip: Some("192.0.2.1".into()),
            sessions,
            reason_code: None,
        })
        .collect();
    TlsReport {
        organization: "Sender".into(),
        report_id: days_ago.to_string(),
        contact: None,
        begin: Some(begin),
        end: Some(begin + Duration::days(1) - Duration::SECOND),
        policies: vec![ReportedPolicy {
            policy_type: PolicyType::Sts,
            domain: DOMAIN.into(),
            successful_sessions: 10,
            failed_sessions: failures.iter().map(|it| it.sessions).sum(),
            failures,
        }],
    }
}

fn judged(reports: impl IntoIterator<Item = TlsReport>) -> ReportedSessions {
    let mut all = TlsReports::default();
    for report in reports {
        all.add(report);
    }
    all.sessions_of(DOMAIN, NOW)
}

#[test]
fn two_weeks_without_a_failure_are_safe_and_a_day_less_is_early() {
    let safe = judged((1..=14).map(|ago| report(ago, &[])));
    assert_eq!((safe.proof, safe.successful), (EnforceProof::Safe, 140));
    assert_eq!(safe.verdict().severity, None);
    let early = judged((1..=13).map(|ago| report(ago, &[])));
    assert_eq!(early.proof, EnforceProof::TooEarly);
    assert!(early.verdict().text.starts_with("13 days"));
}

#[test]
fn a_failure_counts_until_two_weeks_of_reports_have_passed() {
    let with_failure = |ago| {
        judged((1..=20).map(|day| {
            let failures = [("certificate-expired", 3)];
            report(day, if day == ago { &failures } else { &[] })
        }))
    };
    let failing = with_failure(2);
    assert_eq!(failing.proof, EnforceProof::Failing);
    assert_eq!(failing.days_without_failure, 1);
    assert_eq!(with_failure(14).proof, EnforceProof::Failing);
    let mended = with_failure(15);
    assert_eq!(
        (mended.proof, mended.days_without_failure),
        (EnforceProof::Safe, 14)
    );
    assert_eq!(mended.failures.len(), 1, "it is still told");
}

#[test]
fn a_policy_that_cannot_be_fetched_keeps_nothing_back_and_proves_nothing() {
    let sessions = judged((1..=20).map(|ago| report(ago, &[("sts-policy-fetch-error", 1)])));
    assert_eq!(sessions.proof, EnforceProof::PolicyNotUsed);
}

#[test]
fn reports_from_before_the_policy_prove_nothing() {
    let sessions = judged((1..=20).map(|ago| {
        let mut report = report(ago, &[]);
        for policy in &mut report.policies {
            policy.policy_type = PolicyType::NoPolicyFound;
        }
        report
    }));
    assert_eq!(sessions.proof, EnforceProof::PolicyNotSeen);
}

#[test]
fn a_week_without_a_report_is_told() {
    let reports = |newest: i64| judged((newest..newest + 20).map(|ago| report(ago, &[])));
    assert_eq!(reports(7).proof, EnforceProof::Safe);
    assert_eq!(reports(8).proof, EnforceProof::Silent);
    assert!(reports(8).verdict().text.contains("16 November 2026"));
}

#[test]
fn failed_sessions_without_details_are_failures_too() {
    let mut odd = report(1, &[]);
    for policy in &mut odd.policies {
        policy.failed_sessions = 4;
    }
    let sessions = judged([odd]);
    assert_eq!(sessions.proof, EnforceProof::Failing);
    let failure = sessions.failures.first().unwrap();
    assert_eq!(
        (failure.title, failure.sessions),
        ("The sender gives no reason", 4)
    );
}

#[test]
fn a_failure_without_a_date_is_never_old() {
    let mut undated = report(1, &[("validation-failure", 1)]);
    (undated.begin, undated.end) = (None, None);
    let sessions = judged((1..=30).map(|ago| report(ago + 1, &[])).chain([undated]));
    assert_eq!(sessions.proof, EnforceProof::Failing);
}

#[test]
fn copies_and_other_domains_do_not_count() {
    let mut reports = TlsReports::default();
    assert!(reports.add(report(1, &[])));
    assert!(!reports.add(report(1, &[])));
    let mut other = report(2, &[("certificate-expired", 1)]);
    for policy in &mut other.policies {
        policy.domain = "b.example".into();
    }
    assert!(reports.add(other));
    let sessions = reports.sessions_of(DOMAIN, NOW);
    assert_eq!((sessions.successful, sessions.failed), (10, 0));
    assert_eq!(reports.domains().len(), 2);
    let nothing = reports.sessions_of("c.example", NOW);
    assert_eq!(nothing.proof, EnforceProof::NoReports);
}

#[test]
fn the_busiest_sender_and_the_most_frequent_failure_stand_first() {
    let failures = [("validation-failure", 1), ("starttls-not-supported", 9)];
    let mut busy = report(2, &failures);
    busy.organization = "Busy".into();
    let sessions = judged([report(1, &[]), busy]);
    let senders = sessions.senders.iter().map(|it| it.organization.as_str());
    assert_eq!(senders.collect::<Vec<_>>(), ["Busy", "Sender"]);
    let first = sessions.failures.first().unwrap();
    assert_eq!(first.result, FailureResult::StarttlsNotSupported);
}

#[test]
fn the_oldest_go_first() {
    let mut reports = TlsReports::default();
    for ago in 1..=5 {
        reports.add(report(ago, &[]));
    }
    assert_eq!(reports.keep_newest(2), 3);
    let begin = reports.sessions_of(DOMAIN, NOW).begin;
    assert_eq!(begin, Some(datetime!(2026-11-22 0:00 UTC)));
}

#[test]
fn what_is_told_names_who_where_and_when_and_shows_nothing_raw() {
    let mut odd = report(2, &[("certificate-expired", 1)]);
    odd.organization = "\u{202e}Evil\n".into();
    for policy in &mut odd.policies {
        for failure in &mut policy.failures {
            failure.reason_code = Some("<b>".into());
        }
    }
    let sessions = judged([odd, report(1, &[])]);
    assert_eq!(
        sessions.summary(),
        r"Reported by \u{202e}Evil, Sender, 22 November 2026 to 23 November 2026: 20 connections encrypted, 1 failed."
    );
    assert_eq!(
        sessions.failures.first().unwrap().evidence(),
        r"1 connection with mx1.a.example (192.0.2.1), last on 22 November 2026. Reported by \u{202e}Evil as certificate-expired. They add: <b>."
    );
}

#[test]
fn of_many_senders_the_first_five_are_named() {
    let sessions = judged((1..=9).map(|ago| {
        let mut report = report(ago, &[]);
        report.organization = format!("S{ago}");
        report
    }));
    let summary = sessions.summary();
    assert!(
        summary.contains("S1, S2, S3, S4, S5 and 4 more,"),
        "{summary}"
    );
}
