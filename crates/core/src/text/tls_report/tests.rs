//! Reports as senders write them, and texts that are none.

use super::*;

/// The example of RFC 8460 appendix B, with its oddities: a bare `mx-host`, an address with spaces
/// around it and one that is not canonical.
const APPENDIX_B: &str = r#"{
  "organization-name": "Company-X",
  "date-range": {
    "start-datetime": "2016-04-01T00:00:00Z",
    "end-datetime": "2016-04-01T23:59:59Z"
  },
  "contact-info": "sts-reporting@company-x.example",
  "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
  "policies": [{
    "policy": {
      "policy-type": "sts",
      "policy-string": ["version: STSv1","mode: testing",
        "mx: *.mail.company-y.example","max_age: 86400"],
      "policy-domain": "Company-Y.example",
      "mx-host": "*.mail.company-y.example"
    },
    "summary": {
      "total-successful-session-count": 5326,
      "total-failure-session-count": 303
    },
    "failure-details": [{
      "result-type": "certificate-expired",
      "sending-mta-ip": "2001:db8:abcd:0012::1",
      "receiving-mx-hostname": "mx1.mail.company-y.example",
      "failed-session-count": 100
    }, {
      "result-type": "starttls-not-supported",
      "sending-mta-ip": "2001:db8:abcd:0013::1",
      "receiving-mx-hostname": "mx2.mail.company-y.example",
      "receiving-ip": "203.0.113.56",
      "failed-session-count": 200,
      "additional-information": "https://reports.company-x.example/report_info ? id = 5065427 c - 23 d3# StarttlsNotSupported "
    }, {
      "result-type": "validation-failure",
      "sending-mta-ip": "198.51.100.62",
      "receiving-ip": "203.0.113.58",
      "receiving-mx-hostname": "mx-backup.mail.company-y.example",
      "failed-session-count": 3,
      "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"
    }]
  }]
}"#;

/// A report with these policies.
fn with_policies(policies: &str) -> Result<TlsReport, TlsReportError> {
    TlsReport::read(format!("{{\"policies\":{policies}}}").as_bytes())
}

#[test]
fn the_example_of_the_rfc_is_read_with_its_oddities() {
    let report = TlsReport::read(APPENDIX_B.as_bytes()).unwrap();
    assert_eq!(report.organization, "Company-X");
    assert_eq!(
        report.begin,
        Some(time::macros::datetime!(2016-04-01 0:00 UTC))
    );
    let [policy] = report.policies.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(policy.policy_type, PolicyType::Sts);
    assert_eq!(policy.domain, "company-y.example");
    assert_eq!(
        (policy.successful_sessions, policy.failed_sessions),
        (5326, 303)
    );
    let failed: Vec<(&str, u64)> = policy
        .failures
        .iter()
        .map(|it| (it.result.code(), it.sessions))
        .collect();
    assert_eq!(
        failed,
        [
            ("starttls-not-supported", 200),
            ("certificate-expired", 100),
            ("validation-failure", 3)
        ]
    );
    let reason = policy.failures.last().unwrap().reason_code.as_deref();
    assert_eq!(reason, Some("X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"));
}

#[test]
fn a_report_that_was_kept_comes_back_the_same() {
    let report = TlsReport::read(APPENDIX_B.as_bytes()).unwrap();
    let kept = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<TlsReport>(&kept).unwrap(), report);
}

#[test]
fn one_policy_may_stand_without_its_list() {
    let report = with_policies(r#"{"policy":{"policy-domain":"a.example."}}"#).unwrap();
    assert_eq!(report.policies.first().unwrap().domain, "a.example");
}

#[test]
fn what_senders_leave_out_may_be_absent_and_policies_may_not() {
    let report = with_policies("[{}]").unwrap();
    let policy = report.policies.first().unwrap();
    assert_eq!(policy.policy_type, PolicyType::Other(String::new()));
    assert_eq!((report.begin, policy.failures.len()), (None, 0));
    let error = TlsReport::read(b"{}").unwrap_err();
    assert_eq!(error.to_string(), "line 1, column 2: “policies” is missing");
}

#[test]
fn counts_below_zero_and_fractions_are_refused_with_their_place() {
    for count in ["-1", "2.5", "\"3\"", "1e3", "18446744073709551616"] {
        let error = with_policies(&format!(
            "[{{\"summary\":\n{{\"total-failure-session-count\":{count}}}}}]"
        ));
        let Err(TlsReportError::Malformed { line, .. }) = error else {
            panic!("{count}: {error:?}")
        };
        assert_eq!(line, 2, "{count}");
    }
}

#[test]
fn a_name_that_is_there_twice_is_refused() {
    let error = TlsReport::read(br#"{"policies":[],"report-id":"1","report-id":"2"}"#).unwrap_err();
    assert!(
        error.to_string().contains("“report-id” appears twice"),
        "{error}"
    );
}

#[test]
fn a_byte_order_mark_does_not_matter() {
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(APPENDIX_B.as_bytes());
    assert!(TlsReport::read(&bytes).is_ok());
}

#[test]
fn sessions_with_the_same_address_of_a_host_are_counted_together() {
    let report = with_policies(
        r#"[{"failure-details":[
            {"result-type":"certificate-expired","receiving-mx-hostname":"MX.a.example","sending-mta-ip":"192.0.2.1","failed-session-count":2},
            {"result-type":"certificate-expired","receiving-mx-hostname":"mx.a.example.","sending-mta-ip":"192.0.2.2","failed-session-count":18446744073709551615,"failure-reason-code":"why"}
        ]}]"#,
    )
    .unwrap();
    let [failure] = report.policies.first().unwrap().failures.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(failure.sessions, u64::MAX);
    assert_eq!(failure.receiving_mx.as_deref(), Some("mx.a.example"));
    assert_eq!(failure.reason_code.as_deref(), Some("why"));
}

#[test]
fn more_than_a_report_may_hold_is_not_read() {
    let large = vec![b' '; TlsReport::MOST_BYTES + 1];
    assert_eq!(TlsReport::read(&large), Err(TlsReportError::TooLarge));
    let many = vec!["{}"; TlsReport::MOST_ENTRIES].join(",");
    assert_eq!(
        with_policies(&format!("[{many}]")),
        Err(TlsReportError::TooManyEntries)
    );
    let many = vec!["{}"; TlsReport::MOST_DIFFERENT + 1].join(",");
    assert_eq!(
        with_policies(&format!("[{many}]")),
        Err(TlsReportError::TooManyEntries)
    );
    let long = "ä".repeat(1000);
    let report =
        TlsReport::read(format!("{{\"organization-name\":\"{long}\",\"policies\":[]}}").as_bytes());
    let organization = report.unwrap().organization;
    assert_eq!(organization.chars().count(), TlsReport::MOST_TEXT_CHARS);
}

#[test]
fn what_is_wrong_is_told_without_what_could_mislead() {
    let error = TlsReport::read("{\"policies\":\"\u{202e}x\"}".as_bytes()).unwrap_err();
    assert!(!error.to_string().contains('\u{202e}'), "{error}");
}

#[test]
fn times_at_the_ends_of_the_calendar_are_read_or_left_out() {
    let report = TlsReport::read(
        br#"{"date-range":{"start-datetime":"9999-12-31T23:59:59-23:59",
            "end-datetime":"0000-01-01T00:00:00+23:59"},"policies":[]}"#,
    );
    let report = report.unwrap();
    assert_eq!((report.begin, report.end), (None, None));
}
