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
            policy_string: Vec::new(),
            mx_host: Vec::new(),
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

/// What a report of yesterday with these policies says of the domain.
fn told(policies: &str) -> ReportedSessions {
    let json = format!(
        "{{\"organization-name\":\"Big Mail\",\"report-id\":\"1\",\"date-range\":{{\
         \"start-datetime\":\"2026-11-23\",\"end-datetime\":\"2026-11-23\"}},\"policies\":{policies}}}"
    );
    judged([TlsReport::read(json.as_bytes()).unwrap()])
}

#[test]
fn a_host_that_the_policy_of_the_sender_leaves_out_is_named_with_the_line_to_add() {
    let sessions = told(
        r#"[{"policy":{"policy-type":"sts","policy-domain":"a.example","policy-string":
            ["version: STSv1","mode: testing","mx: a.example","max_age: 604800"]},
          "failure-details":[
            {"result-type":"validation-failure","failed-session-count":2,
             "receiving-mx-hostname":"mail.a.example"},
            {"result-type":"validation-failure","failed-session-count":1,
             "failure-reason-code":"MX_HOSTS_MISMATCH"}]}]"#,
    );
    let [named, unnamed] = sessions.failures.as_slice() else {
        panic!("{sessions:?}")
    };
    assert_eq!(
        (named.title, named.advice.as_str()),
        (
            "The policy that the sender used doesn’t list the mail server",
            "The policy that Big Mail used doesn’t list mail.a.example. It lists a.example. If \
             mail.a.example is one of your mail servers, add this line to the policy: “mx: \
             mail.a.example”. If your policy lists it already, Big Mail still uses an older copy, \
             for 7 days at most (its max_age)."
        )
    );
    assert_eq!(named.policy_mx, ["a.example"]);
    assert_eq!(
        unnamed.advice,
        "Big Mail found an MX host of a.example that its policy doesn’t list. The policy lists \
         a.example. Add an mx line for each MX host that is missing. If your policy lists them all \
         already, Big Mail still uses an older copy, for 7 days at most (its max_age)."
    );
}

#[test]
fn a_host_too_deep_for_the_wildcard_is_told_as_that() {
    let sessions = told(
        r#"[{"policy":{"policy-type":"sts","policy-domain":"a.example",
            "mx-host":["*.mx.provider.example"]},
          "failure-details":[{"result-type":"certificate-host-mismatch","failed-session-count":7,
            "receiving-mx-hostname":"a-example.h-v1.mx.provider.example"}]}]"#,
    );
    let failure = sessions.failures.first().unwrap();
    for part in [
        "Get a certificate that contains a-example.h-v1.mx.provider.example.",
        "A wildcard covers exactly one label, and a-example.h-v1.mx.provider.example has 2 labels \
         in front of mx.provider.example.",
        "“mx: a-example.h-v1.mx.provider.example”",
        "until its max_age has passed",
    ] {
        assert!(failure.advice.contains(part), "{part}: {}", failure.advice);
    }
}

#[test]
fn a_wildcard_does_not_cover_the_name_behind_it() {
    let sessions = told(
        r#"[{"policy":{"policy-type":"sts","policy-domain":"a.example","mx-host":"*.mx.a.example"},
          "failure-details":[{"result-type":"validation-failure",
            "receiving-mx-hostname":"mx.a.example"}]}]"#,
    );
    let advice = &sessions.failures.first().unwrap().advice;
    let part = "exactly one label, and mx.a.example has none in front of mx.a.example.";
    assert!(advice.contains(part), "{advice}");
}

#[test]
fn the_newest_report_says_which_policy_a_sender_uses() {
    let with_mx = |ago, mx: &str| {
        let mut report = report(ago, &[("validation-failure", 1)]);
        for policy in &mut report.policies {
            policy.mx_host = vec![mx.to_owned()];
        }
        report
    };
    let advice = |old, new| {
        let sessions = judged([with_mx(1, new), with_mx(2, old)]);
        sessions.failures.first().unwrap().clone()
    };
    assert_eq!(
        advice("mx1.a.example", "old.example").policy_mx,
        ["old.example"]
    );
    let listed = advice("old.example", "mx1.a.example");
    assert_eq!(listed.title, "Encryption failed for another reason");
    assert!(listed.policy_mx.is_empty() && listed.advice.contains("tries the handshake"));
}

#[test]
fn a_dane_failure_has_nothing_to_do_with_the_lines_of_the_policy() {
    let sessions = told(
        r#"[{"policy":{"policy-type":"sts","policy-domain":"a.example","mx-host":"b.example"},
          "failure-details":[{"result-type":"tlsa-invalid","failed-session-count":7,
            "receiving-mx-hostname":"mx1.a.example"}]}]"#,
    );
    let failure = sessions.failures.first().unwrap();
    assert!(!failure.advice.contains("mx:"), "{}", failure.advice);
}

#[test]
fn a_policy_that_cannot_be_fetched_is_told_with_the_real_host_every_reason_and_its_meaning() {
    let sessions = told(
        r#"[{"policy":{"policy-type":"sts","policy-domain":"a.example"},"failure-details":[
            {"result-type":"sts-policy-fetch-error","failed-session-count":1,
             "failure-reason-code":"bad https response code: 404"},
            {"result-type":"sts-policy-fetch-error","failed-session-count":1,
             "failure-reason-code":"bad https response code: 500"}]}]"#,
    );
    let [failure] = sessions.failures.as_slice() else {
        panic!("{sessions:?}")
    };
    assert_eq!(
        failure.advice,
        "Make sure that mta-sts.a.example answers everybody over HTTPS, without a redirect, login, \
         country block or bot protection. Status 404: there is no such file. Upload it so that it \
         opens at https://mta-sts.a.example/.well-known/mta-sts.txt. Status 500: the web server \
         failed. Its error log says why."
    );
    let evidence = failure.evidence();
    assert!(
        evidence.contains("code: 404, bad https response code: 500"),
        "{evidence}"
    );
}

#[test]
fn sessions_under_mta_sts_and_dane_are_counted_once() {
    let policy = |kind: &str, good: u64, bad: u64| {
        format!(
            r#"{{"policy":{{"policy-type":"{kind}","policy-domain":"a.example"}},"summary":{{
            "total-successful-session-count":{good},"total-failure-session-count":{bad}}},
            "failure-details":[{{"result-type":"certificate-expired",
            "failed-session-count":{bad}}}]}}"#
        )
    };
    let counted = |policies: &[String]| {
        let sessions = told(&format!("[{}]", policies.join(",")));
        let of_kind = sessions.failures.first().map_or(0, |it| it.sessions);
        assert_eq!(
            sessions.days.first().unwrap().successful,
            sessions.successful
        );
        (sessions.successful, sessions.failed, of_kind)
    };
    let (sts, tlsa) = (policy("sts", 2, 0), policy("tlsa", 2, 0));
    assert_eq!(counted(&[sts.clone(), tlsa]), (2, 0, 0));
    assert_eq!(counted(&[sts.clone(), policy("tlsa", 0, 2)]), (0, 2, 2));
    assert_eq!(
        counted(&[policy("sts", 1, 2), policy("tlsa", 1, 2)]),
        (1, 2, 2)
    );
    // Two versions of the policy, and sessions before there was one, are different sessions.
    assert_eq!(
        counted(&[sts.clone(), sts, policy("no-policy-found", 3, 1)]),
        (7, 1, 1)
    );
}

#[test]
fn advice_shows_nothing_raw() {
    let sessions = told(
        r#"[{"policy":{"policy-type":"sts","policy-domain":"a.example","mx-host":"\u202e"},
          "failure-details":[{"result-type":"validation-failure",
            "receiving-mx-hostname":"\u001bmx"}]}]"#,
    );
    let advice = &sessions.failures.first().unwrap().advice;
    assert!(
        advice.contains(r"\u{1b}mx") && advice.contains(r"\u{202e}"),
        "{advice}"
    );
}

#[test]
fn all_domains_together_are_told_as_each_alone() {
    let mut reports = TlsReports::default();
    for ago in 1..=4 {
        let mut two = report(ago, &[("certificate-expired", 1)]);
        let mut other = two.policies.first().unwrap().clone();
        other.domain = "b.example".into();
        two.policies.push(other);
        reports.add(two);
    }
    let alone = ["a.example", "b.example"].map(|domain| reports.sessions_of(domain, NOW));
    assert_eq!(reports.sessions(NOW), alone);
}

#[test]
fn reports_that_were_saved_still_know_their_copies() {
    let mut reports = TlsReports::default();
    reports.add(report(1, &[]));
    let saved = serde_json::to_string(&reports).unwrap();
    assert!(saved.starts_with("[{"), "{saved}");
    let mut restored: TlsReports = serde_json::from_str(&saved).unwrap();
    assert_eq!(restored, reports);
    assert!(!restored.add(report(1, &[])), "a copy");
    restored.add(report(2, &[]));
    assert_eq!(restored.keep_newest(1), 1);
    assert!(restored.add(report(2, &[])), "it was let go of");
}
