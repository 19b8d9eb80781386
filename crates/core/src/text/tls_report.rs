//! A TLS report: what a sender tells a domain once a day of its attempts to deliver over TLS
//! (RFC 8460 4). Read generously, as senders differ; nothing of what is in it is believed or
//! followed. Taking it out of a mail or an archive is somebody else's work.

mod failure;
mod json;
mod reader;
mod when;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::OffsetDateTime;

use crate::text::escape::json_error;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::Mode;
use json::Json;
use reader::Reader;

pub use failure::FailureResult;

/// One report. All texts are as the sender wrote them, cut after [`TlsReport::MAX_TEXT_CHARS`]:
/// escape them where they are shown.
///
/// ```
/// use mta_sts_core::{FailureResult, TlsReport};
///
/// let report = TlsReport::read(
///     br#"{ "organization-name": "Sender", "report-id": "7", "policies": [ {
///           "policy": { "policy-type": "sts", "policy-domain": "example.com" },
///           "summary": { "total-successful-session-count": 40, "total-failure-session-count": 2 },
///           "failure-details": [ { "result-type": "certificate-expired",
///             "receiving-mx-hostname": "mx1.example.com", "failed-session-count": 2 } ] } ] }"#,
/// )?;
/// let policy = &report.policies[0];
/// assert_eq!((policy.successful_sessions, policy.failed_sessions), (40, 2));
/// assert_eq!(policy.failures[0].result, FailureResult::CertificateExpired);
/// # Ok::<(), mta_sts_core::TlsReportError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsReport {
    /// Who reports; empty where the report does not say.
    pub organization: String,
    /// Together with the organization it names a report, so that copies can be told (RFC 8460 5.3).
    pub report_id: String,
    /// Whom to ask about the report.
    pub contact: Option<String>,
    /// When the reported time began; it should be a day in UTC, and is not with every sender.
    #[serde(with = "time::serde::rfc3339::option")]
    pub begin: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub end: Option<OffsetDateTime>,
    /// What was reported, by the policy that the sender applied.
    pub policies: Vec<ReportedPolicy>,
}

/// Sessions to which a sender applied one policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedPolicy {
    /// Of which kind.
    pub policy_type: PolicyType,
    /// The domain whose policy it is, as A-labels in lower case; empty where the report does not
    /// say.
    pub domain: String,
    /// The lines of the policy that the sender used, at most [`TlsReport::MAX_POLICY_LINES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_string: Vec<String>,
    /// The `mx` patterns of that policy, as the sender gives them apart from its lines; as many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mx_host: Vec<String>,
    /// Sessions, not messages, that were negotiated well.
    pub successful_sessions: u64,
    /// Sessions that were not.
    pub failed_sessions: u64,
    /// Why. Counts can overlap and need not add up to `failed_sessions` (RFC 8460 4.4).
    pub failures: Vec<ReportedFailure>,
}

/// The kind of policy that a sender applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyType {
    /// MTA-STS.
    Sts,
    /// DANE.
    Tlsa,
    /// None was found.
    NoPolicyFound,
    /// One that is not known here.
    Other(String),
}

/// Failed sessions with one address of one MX host, for one reason, from wherever the sender sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFailure {
    /// Which.
    pub result: FailureResult,
    /// The MX host that the sender spoke to, in lower case.
    pub receiving_mx: Option<String>,
    /// Its address, as the sender wrote it.
    pub receiving_ip: Option<String>,
    /// Failed sessions with this reason.
    pub sessions: u64,
    /// What the sender adds, where it adds something.
    pub reason_code: Option<String>,
}

/// Why something is no TLS report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TlsReportError {
    /// More than [`TlsReport::MAX_BYTES`].
    #[error("it is larger than 10 megabytes")]
    TooLarge,
    /// More than [`TlsReport::MAX_VALUES`] or [`TlsReport::MAX_DIFFERENT`].
    #[error("it has too many entries")]
    TooManyEntries,
    /// JSON of something else.
    #[error("it has no list of “policies”")]
    NoReport,
    /// Not JSON.
    #[error("line {line}, column {column}: {what}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column, from 1; 0 at the beginning of a line.
        column: usize,
        /// What is wrong there; escaped, safe to show.
        what: String,
    },
}

impl TlsReport {
    /// The largest report that is read, in bytes: where receivers often stop (RFC 8460 5.2).
    pub const MAX_BYTES: usize = 10 * 1024 * 1024;
    /// The most values that are read, of whatever kind.
    pub const MAX_VALUES: usize = 500_000;
    /// The most policies and different failures, together, that one report may have.
    pub const MAX_DIFFERENT: usize = 1_000;
    /// The longest text that is kept.
    pub const MAX_TEXT_CHARS: usize = 300;
    /// The most lines of a policy that are kept.
    pub const MAX_POLICY_LINES: usize = 100;

    /// Reads the first report of a JSON text; [`TlsReport::read_all`] says how.
    ///
    /// # Errors
    /// Those of [`TlsReport::read_all`].
    pub fn read(json: &[u8]) -> Result<Self, TlsReportError> {
        let (reports, _) = Self::read_all(json)?;
        reports.into_iter().next().ok_or(TlsReportError::NoReport)
    }

    /// Reads every report of a JSON text: one, a list of them, or one after the other. Each value
    /// is read by itself. One that the RFC wants and that is missing, null or empty is absent; one
    /// that can't be read is left out, with a remark. Remarks are sentences without their full
    /// stop, and safe to show.
    ///
    /// ```
    /// use mta_sts_core::TlsReport;
    ///
    /// let json = br#"[{ "report-id": 7, "policies": { "summary": {
    ///     "total-successful-session-count": "40", "total-failure-session-count": -1 } } }]"#;
    /// let (reports, remarks) = TlsReport::read_all(json)?;
    /// assert_eq!(reports[0].report_id, "7");
    /// assert_eq!(reports[0].policies[0].successful_sessions, 40);
    /// assert_eq!(remarks, ["“total-failure-session-count” isn’t a count, so it was left out"]);
    /// # Ok::<(), mta_sts_core::TlsReportError>(())
    /// ```
    ///
    /// # Errors
    /// [`TlsReportError`] where no report can be read at all.
    pub fn read_all(json: &[u8]) -> Result<(Vec<Self>, Vec<String>), TlsReportError> {
        if json.len() > Self::MAX_BYTES {
            return Err(TlsReportError::TooLarge);
        }
        let openings = memchr::memchr2_iter(b'{', b'[', json).count();
        if openings + memchr::memchr_iter(b',', json).count() > Self::MAX_VALUES {
            return Err(TlsReportError::TooManyEntries);
        }
        let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
        let mut reader = Reader::default();
        for value in serde_json::Deserializer::from_slice(json).into_iter::<Json>() {
            match value {
                Ok(Json::List(list)) => {
                    for value in list {
                        reader.report(value)?;
                    }
                }
                Ok(value) => reader.report(value)?,
                Err(error) if reader.reports.is_empty() => {
                    return Err(TlsReportError::Malformed {
                        line: error.line(),
                        column: error.column(),
                        what: json_error(&error),
                    });
                }
                Err(_) => {
                    reader.remark("what follows the report isn’t valid JSON");
                    break;
                }
            }
        }
        if reader.reports.is_empty() {
            return Err(TlsReportError::NoReport);
        }
        Ok((reader.reports, reader.remarks.into_iter().collect()))
    }
}

impl ReportedPolicy {
    /// The `mx` patterns of the policy that the sender used, as written; none where the sender
    /// gives none, or more than are kept.
    #[must_use]
    pub fn mx(&self) -> Vec<&str> {
        let is_whole = |lines: &[String]| lines.len() < TlsReport::MAX_POLICY_LINES;
        let lines = self.policy_string.iter();
        let mx: Vec<&str> = lines.filter_map(|line| value(line, "mx")).collect();
        if !mx.is_empty() && is_whole(&self.policy_string) {
            mx
        } else if mx.is_empty() && is_whole(&self.mx_host) {
            self.mx_host.iter().map(String::as_str).collect()
        } else {
            Vec::new()
        }
    }

    /// The mode of that policy.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        let mut lines = self.policy_string.iter();
        lines.find_map(|line| value(line, "mode")?.parse().ok())
    }

    /// The `max_age` of that policy, in seconds.
    #[must_use]
    pub fn max_age(&self) -> Option<u32> {
        let mut lines = self.policy_string.iter();
        lines.find_map(|line| value(line, "max_age")?.parse().ok())
    }

    /// Whether that policy has `mx` patterns and none covers the host (RFC 8461 4.1).
    #[must_use]
    pub(crate) fn leaves_out(&self, host: &str) -> bool {
        let mx = self.mx();
        let covers = |pattern: &&str| match MxPattern::from_grammar(pattern) {
            Ok(pattern) => pattern.matches(host),
            Err(_) => pattern.trim_end_matches('.').eq_ignore_ascii_case(host),
        };
        self.policy_type == PolicyType::Sts && !mx.is_empty() && !mx.iter().any(covers)
    }
}

/// The value of a line of a policy, where it has this key.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (found, value) = line.split_once(':')?;
    (found.trim() == key).then(|| value.trim())
}

#[cfg(test)]
mod tests;
