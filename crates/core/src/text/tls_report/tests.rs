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
    assert_eq!(policy.policy_string.len(), 4);
    assert_eq!(policy.mx_host, ["*.mail.company-y.example"]);
    assert_eq!(policy.mx(), ["*.mail.company-y.example"]);
    assert_eq!(policy.max_age(), Some(86_400));
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
    let report = with_policies(r#"[{"policy":{}}]"#).unwrap();
    let policy = report.policies.first().unwrap();
    assert_eq!(policy.policy_type, PolicyType::Other(String::new()));
    assert_eq!((report.begin, policy.failures.len()), (None, 0));
    for other in ["{}", "[]", "[{}]", "7", r#"{"policies":3}"#] {
        let error = TlsReport::read(other.as_bytes()).unwrap_err();
        assert_eq!(error, TlsReportError::NoReport, "{other}");
    }
    let (reports, remarks) = TlsReport::read_all(br#"{"report-id":"7"}"#).unwrap();
    assert_eq!(reports.first().unwrap().policies, []);
    assert_eq!(remarks, ["“policies” is missing"]);
}

/// The failed sessions of the only policy with this count, and the remarks.
fn failed(count: &str) -> (u64, Vec<String>) {
    let json =
        format!("{{\"policies\":[{{\"summary\":{{\"total-failure-session-count\":{count}}}}}]}}");
    let (reports, remarks) = TlsReport::read_all(json.as_bytes()).unwrap();
    let policy = reports.first().unwrap().policies.first().unwrap();
    (policy.failed_sessions, remarks)
}

#[test]
fn a_count_is_read_however_the_number_is_written() {
    for (count, right) in [
        ("3", 3),
        ("\"3\"", 3),
        ("\" 3 \"", 3),
        ("3.0", 3),
        ("1e3", 1000),
        ("18446744073709551616", u64::MAX),
        ("null", 0),
        ("\"\"", 0),
    ] {
        assert_eq!(failed(count), (right, vec![]), "{count}");
    }
}

#[test]
fn a_count_that_is_none_is_left_out_with_a_remark_in_plain_words() {
    for count in ["-1", "\"many\"", "true", "[3]", "{}", "\"nan\""] {
        let (left, remarks) = failed(count);
        let right = "“total-failure-session-count” isn’t a count, so it was left out";
        assert_eq!((left, remarks), (0, vec![right.to_owned()]), "{count}");
    }
    let (rounded, remarks) = failed("2.5");
    assert_eq!((rounded, remarks.len()), (3, 1));
}

#[test]
fn one_odd_value_does_not_lose_the_others() {
    let (reports, remarks) = TlsReport::read_all(
        br#"{"organization-name":["A"],"report-id":17309,"contact-info":null,
            "date-range":[{"start-datetime":"2026-11-20","end-datetime":{}}],
            "policies":{"policy":[{"policy-type":"STS","policy-domain":"a.example",
                "policy-string":"version: STSv1\\nmode: enforce\nmx: mx.a.example\r\nmax_age: 86400",
                "mx-host":7}],
              "summary":null,
              "failure-details":{"result-type":"Certificate-Expired","failed-session-count":2}}}"#,
    )
    .unwrap();
    let [report] = reports.as_slice() else {
        panic!("{reports:?}")
    };
    assert_eq!(
        (report.report_id.as_str(), &report.contact),
        ("17309", &None)
    );
    assert!(report.begin.is_some());
    let policy = report.policies.first().unwrap();
    assert_eq!(policy.policy_type, PolicyType::Sts);
    assert_eq!(policy.mx(), ["mx.a.example"]);
    // The details tell what the summary doesn't.
    assert_eq!(policy.failed_sessions, 2);
    let failure = policy.failures.first().unwrap();
    assert_eq!(failure.result, FailureResult::CertificateExpired);
    assert_eq!(
        remarks,
        [
            "“end-datetime” isn’t a text, so it was left out",
            "“mx-host” isn’t a list, so it was left out",
            "“organization-name” isn’t a text, so it was left out",
        ]
    );
}

#[test]
fn every_report_of_a_list_or_of_several_lines_is_read() {
    let [one, two] = ["1", "2"].map(|id| format!("{{\"report-id\":\"{id}\",\"policies\":[]}}"));
    for json in [
        format!("[{one},{two}]"),
        format!("{one}\n{two}\n"),
        format!("[{one}, null, {two}]"),
    ] {
        let (reports, remarks) = TlsReport::read_all(json.as_bytes()).unwrap();
        let ids = reports.iter().map(|report| report.report_id.as_str());
        assert_eq!(ids.collect::<Vec<_>>(), ["1", "2"], "{json}");
        assert_eq!(remarks.len(), 0, "{json}");
    }
    for (json, remark) in [
        (
            format!("{one} and more"),
            "what follows the report isn’t valid JSON",
        ),
        (
            format!("[{{}}, {one}, 7]"),
            "what is next to the report is no report, so it was left out",
        ),
    ] {
        let (reports, remarks) = TlsReport::read_all(json.as_bytes()).unwrap();
        assert_eq!((reports.len(), remarks), (1, vec![remark.to_owned()]));
    }
}

#[test]
fn of_a_name_that_is_there_twice_the_first_counts() {
    let json = br#"{"policies":[],"report-id":"1","report-id":"2"}"#;
    let (reports, remarks) = TlsReport::read_all(json).unwrap();
    assert_eq!(reports.first().unwrap().report_id, "1");
    assert_eq!(
        remarks,
        ["“report-id” appears twice, so only the first counts"]
    );
}

#[test]
fn an_empty_text_is_absent() {
    let report = with_policies(
        r#"[{"failure-details":[{"result-type":"sts-policy-fetch-error","receiving-ip":"",
            "receiving-mx-hostname":" ","failure-reason-code":"","failed-session-count":1}]}]"#,
    )
    .unwrap();
    let failures = &report.policies.first().unwrap().failures;
    let [failure] = failures.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(
        (
            &failure.receiving_ip,
            &failure.receiving_mx,
            &failure.reason_code
        ),
        (&None, &None, &None)
    );
}

#[test]
fn an_entry_of_no_sessions_is_no_failure_and_one_without_a_count_is() {
    let report = with_policies(
        r#"[{"failure-details":[{"result-type":"validation-failure","failed-session-count":0},
            {"result-type":"certificate-expired"}]}]"#,
    )
    .unwrap();
    let policy = report.policies.first().unwrap();
    let failures = policy.failures.iter();
    let counted: Vec<_> = failures.map(|it| (it.result.code(), it.sessions)).collect();
    assert_eq!(counted, [("certificate-expired", 1)]);
    assert_eq!(policy.failed_sessions, 1);
}

#[test]
fn every_reason_is_kept_until_there_are_too_many() {
    let report = |reasons: usize| {
        let details: Vec<String> = (0..reasons)
            .map(|reason| {
                format!("{{\"failure-reason-code\":\"{reason}\",\"failed-session-count\":1}}")
            })
            .collect();
        with_policies(&format!(
            "[{{\"failure-details\":[{}]}}]",
            details.join(",")
        ))
        .unwrap()
    };
    let kept = |reasons| report(reasons).policies.first().unwrap().failures.len();
    assert_eq!(kept(2), 2);
    assert_eq!(kept(5000), 301, "the others are counted without a reason");
    assert_eq!(report(5000).policies.first().unwrap().failed_sessions, 5000);
}

#[test]
fn a_domain_is_compared_as_a_labels() {
    for domain in ["Bücher.example", "bücher.EXAMPLE.", "XN--bcher-kva.example"] {
        let policies = format!("[{{\"policy\":{{\"policy-domain\":\"{domain}\"}}}}]");
        let report = with_policies(&policies).unwrap();
        let domain = &report.policies.first().unwrap().domain;
        assert_eq!(domain, "xn--bcher-kva.example");
    }
}

#[test]
fn a_policy_leaves_a_host_out_where_none_of_its_patterns_covers_it() {
    let policy = |policy: &str| {
        let report = with_policies(&format!("[{{\"policy\":{policy}}}]")).unwrap();
        report.policies.into_iter().next().unwrap()
    };
    let wildcard = policy(r#"{"policy-type":"sts","policy-string":["mx: *.mx.example"]}"#);
    assert!(!wildcard.leaves_out("a.mx.example"));
    assert!(wildcard.leaves_out("a.b.mx.example"));
    assert!(wildcard.leaves_out("mx.example"));
    let hosts = policy(r#"{"policy-type":"sts","mx-host":["mx1.example.", "MX2.example"]}"#);
    assert!(!hosts.leaves_out("mx1.example") && !hosts.leaves_out("mx2.example"));
    assert!(hosts.leaves_out("mx3.example"));
    let dane = policy(r#"{"policy-type":"tlsa","mx-host":["mx1.example"]}"#);
    assert!(!dane.leaves_out("mx3.example"));
    let unknown = policy(r#"{"policy-type":"sts","policy-string":["version: STSv1"]}"#);
    assert!(!unknown.leaves_out("mx3.example"));
    let lines = vec![r#""mx: mx1.example""#; TlsReport::MAX_POLICY_LINES + 1].join(",");
    let cut = policy(&format!(
        r#"{{"policy-type":"sts","policy-string":[{lines}]}}"#
    ));
    assert!(!cut.leaves_out("mx3.example"), "the rest is not known");
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
            {"result-type":"certificate-expired","receiving-mx-hostname":"MX.a.example","sending-mta-ip":"192.0.2.1","failed-session-count":2,"failure-reason-code":"why"},
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
    let large = vec![b' '; TlsReport::MAX_BYTES + 1];
    assert_eq!(TlsReport::read(&large), Err(TlsReportError::TooLarge));
    let many = vec!["0"; TlsReport::MAX_VALUES].join(",");
    assert_eq!(
        with_policies(&format!("[{many}]")),
        Err(TlsReportError::TooManyEntries)
    );
    let many = vec![r#"{"policy":{}}"#; TlsReport::MAX_DIFFERENT + 1].join(",");
    assert_eq!(
        with_policies(&format!("[{many}]")),
        Err(TlsReportError::TooManyEntries)
    );
    let long = "ä".repeat(1000);
    let report =
        TlsReport::read(format!("{{\"organization-name\":\"{long}\",\"policies\":[]}}").as_bytes());
    let organization = report.unwrap().organization;
    assert_eq!(organization.chars().count(), TlsReport::MAX_TEXT_CHARS);
}

#[test]
fn what_is_wrong_is_told_without_what_could_mislead() {
    let error = TlsReport::read("{\"policies\":\u{202e}x}".as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1, column 13: this isn’t valid JSON"
    );
}
