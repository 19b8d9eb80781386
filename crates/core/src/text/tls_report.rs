//! A TLS report: what a sender tells a domain once a day of its attempts to deliver over TLS
//! (RFC 8460 4). Read generously, as senders differ; nothing of what is in it is believed or
//! followed. Taking it out of a mail or an archive is somebody else's work.

mod failure;
mod one_or_many;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::OffsetDateTime;

use crate::text::escape::json_error;
use one_or_many::OneOrMany;

pub use failure::FailureResult;

/// One report. All texts are as the sender wrote them, cut after [`TlsReport::MOST_TEXT_CHARS`]:
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
    /// The domain whose policy it is, in lower case.
    pub domain: String,
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

/// One reason for failed sessions with one address of one MX host, from wherever the sender sent.
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
    /// What the sender adds, where it adds something: the first such text.
    pub reason_code: Option<String>,
}

/// Why something is no TLS report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TlsReportError {
    /// More than [`TlsReport::MOST_BYTES`].
    #[error("it is larger than 10 megabytes")]
    TooLarge,
    /// More than [`TlsReport::MOST_ENTRIES`] or [`TlsReport::MOST_DIFFERENT`].
    #[error("it has too many entries")]
    TooManyEntries,
    /// Not the JSON of RFC 8460 4.4.
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
    pub const MOST_BYTES: usize = 10 * 1024 * 1024;
    /// The most policies and failures, together, that are read.
    pub const MOST_ENTRIES: usize = 100_000;
    /// The most policies and different failures, together, that are kept.
    pub const MOST_DIFFERENT: usize = 1_000;
    /// The longest text that is kept.
    pub const MOST_TEXT_CHARS: usize = 300;

    /// Reads the JSON of a report. What the RFC wants and senders leave out may be absent, all but
    /// the policies; one policy may stand without its list.
    ///
    /// # Errors
    /// [`TlsReportError`] with the place; a name that is there twice is one (RFC 7493 2.3).
    pub fn read(json: &[u8]) -> Result<Self, TlsReportError> {
        if json.len() > Self::MOST_BYTES {
            return Err(TlsReportError::TooLarge);
        }
        if memchr::memchr_iter(b'{', json).count() > Self::MOST_ENTRIES {
            return Err(TlsReportError::TooManyEntries);
        }
        let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
        let written: Written =
            serde_json::from_slice(json).map_err(|error| TlsReportError::Malformed {
                line: error.line(),
                column: error.column(),
                what: json_error(&error),
            })?;
        let report = Self::from(written);
        let failures = report.policies.iter().map(|policy| policy.failures.len());
        if report.policies.len() + failures.sum::<usize>() > Self::MOST_DIFFERENT {
            return Err(TlsReportError::TooManyEntries);
        }
        Ok(report)
    }
}

/// A text that may be kept.
fn kept(text: String) -> String {
    match text.char_indices().nth(TlsReport::MOST_TEXT_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// A name of the DNS, to be compared.
fn name(text: String) -> String {
    kept(text).trim_end_matches('.').to_lowercase()
}

impl PolicyType {
    fn of(text: String) -> Self {
        match text.as_str() {
            "sts" => Self::Sts,
            "tlsa" => Self::Tlsa,
            "no-policy-found" => Self::NoPolicyFound,
            _ => Self::Other(kept(text)),
        }
    }
}

/// The JSON, name by name (RFC 8460 4.4).
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    #[serde(default)]
    organization_name: Option<String>,
    #[serde(default)]
    date_range: Option<WrittenRange>,
    #[serde(default)]
    contact_info: Option<String>,
    #[serde(default)]
    report_id: Option<String>,
    policies: OneOrMany<WrittenPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct WrittenRange {
    #[serde(default)]
    start_datetime: Option<String>,
    #[serde(default)]
    end_datetime: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct WrittenPolicy {
    #[serde(default)]
    policy: WrittenPolicyText,
    #[serde(default)]
    summary: WrittenSummary,
    #[serde(default)]
    failure_details: Option<OneOrMany<WrittenFailure>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct WrittenPolicyText {
    #[serde(default)]
    policy_type: Option<String>,
    #[serde(default)]
    policy_domain: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct WrittenSummary {
    #[serde(default)]
    total_successful_session_count: u64,
    #[serde(default)]
    total_failure_session_count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct WrittenFailure {
    #[serde(default)]
    result_type: Option<String>,
    #[serde(default)]
    receiving_mx_hostname: Option<String>,
    #[serde(default)]
    receiving_ip: Option<String>,
    #[serde(default)]
    failed_session_count: u64,
    #[serde(default)]
    failure_reason_code: Option<String>,
}

impl From<Written> for TlsReport {
    fn from(written: Written) -> Self {
        let range = written.date_range;
        let at = |text: Option<String>| {
            let format = &time::format_description::well_known::Rfc3339;
            let at = OffsetDateTime::parse(text?.trim(), format).ok()?;
            let in_utc = at.checked_to_offset(time::UtcOffset::UTC)?;
            // The years of RFC 3339, so that it can be written down again.
            (0..=9999).contains(&in_utc.year()).then_some(in_utc)
        };
        let (begin, end) = range.map_or((None, None), |range| {
            (at(range.start_datetime), at(range.end_datetime))
        });
        Self {
            organization: kept(written.organization_name.unwrap_or_default()),
            report_id: kept(written.report_id.unwrap_or_default()),
            contact: written.contact_info.map(kept),
            begin,
            end,
            policies: written.policies.0.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<WrittenPolicy> for ReportedPolicy {
    fn from(written: WrittenPolicy) -> Self {
        let policy = written.policy;
        let failures = written.failure_details.map(|it| it.0).unwrap_or_default();
        Self {
            policy_type: PolicyType::of(policy.policy_type.unwrap_or_default()),
            domain: name(policy.policy_domain.unwrap_or_default()),
            successful_sessions: written.summary.total_successful_session_count,
            failed_sessions: written.summary.total_failure_session_count,
            failures: by_address(failures),
        }
    }
}

/// Senders write one entry for each pair of addresses; which of their own they used says nothing
/// about the domain.
fn by_address(written: Vec<WrittenFailure>) -> Vec<ReportedFailure> {
    let mut failures = BTreeMap::new();
    for entry in written {
        let result = FailureResult::from(kept(entry.result_type.unwrap_or_default()));
        let receiving_mx = entry.receiving_mx_hostname.map(name);
        let receiving_ip = entry.receiving_ip.map(kept);
        let reason_code = entry.failure_reason_code.map(kept);
        let place = (result.clone(), receiving_mx.clone(), receiving_ip.clone());
        let failure = failures.entry(place).or_insert(ReportedFailure {
            result,
            receiving_mx,
            receiving_ip,
            sessions: 0,
            reason_code: None,
        });
        failure.sessions = failure.sessions.saturating_add(entry.failed_session_count);
        failure.reason_code = failure.reason_code.take().or(reason_code);
    }
    failures.into_values().collect()
}

#[cfg(test)]
mod tests;
