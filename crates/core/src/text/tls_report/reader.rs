//! A report out of the tree of its JSON, name by name (RFC 8460 4.4), each value by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Json, Object};
use super::when;
use super::{
    FailureResult, PolicyType, ReportedFailure, ReportedPolicy, TlsReport, TlsReportError,
};
use crate::text::domain::Domain;

/// So many failures of a policy are told apart by what the sender adds. Senders that add a time or
/// an id to each must not fill the report.
const MAX_TOLD_APART: usize = 300;

/// What was read so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) reports: Vec<TlsReport>,
    /// What is odd, each once. They name what RFC 8460 names, nothing of the text, so there are few.
    pub(super) remarks: BTreeSet<String>,
}

impl Reader {
    pub(super) fn remark(&mut self, text: &str) {
        self.remarks.insert(text.to_owned());
    }

    /// Reads a value that should be a report; one that isn't is left out.
    pub(super) fn report(&mut self, json: Json) -> Result<(), TlsReportError> {
        let mut object = match json {
            Json::Null => return Ok(()),
            Json::Object(object) if is_report(&object) => object,
            _ => {
                self.remark("what is next to the report is no report, so it was left out");
                return Ok(());
            }
        };
        let range = self.take(&mut object, "date-range");
        let mut range = self.object(range, "date-range");
        let [start, end] = ["start-datetime", "end-datetime"].map(|it| self.text(&mut range, it));
        let (begin, end) = when::range(start.as_deref(), end.as_deref());
        if object.iter().all(|(name, _)| name != "policies") {
            self.remark("“policies” is missing");
        }
        let policies = self.list(&mut object, "policies").into_iter();
        let report = TlsReport {
            organization: self
                .text(&mut object, "organization-name")
                .unwrap_or_default(),
            report_id: self.text(&mut object, "report-id").unwrap_or_default(),
            contact: self.text(&mut object, "contact-info"),
            begin,
            end,
            policies: policies.filter_map(|it| self.policy(it)).collect(),
        };
        let failures = report.policies.iter().map(|policy| policy.failures.len());
        if report.policies.len() + failures.sum::<usize>() > TlsReport::MAX_DIFFERENT {
            return Err(TlsReportError::TooManyEntries);
        }
        self.reports.push(report);
        Ok(())
    }

    fn policy(&mut self, json: Json) -> Option<ReportedPolicy> {
        let mut entry = self.object(json, "policies");
        if entry.is_empty() {
            return None;
        }
        let policy = self.take(&mut entry, "policy");
        let mut policy = self.object(policy, "policy");
        let summary = self.take(&mut entry, "summary");
        let mut summary = self.object(summary, "summary");
        let failures = self.failures(&mut entry);
        let counted = failures.iter().map(|failure| failure.sessions);
        let policy_type = self.text(&mut policy, "policy-type").unwrap_or_default();
        let domain = self.text(&mut policy, "policy-domain").unwrap_or_default();
        Some(ReportedPolicy {
            policy_type: PolicyType::of(policy_type),
            domain: name(&domain),
            policy_string: self.lines(&mut policy, "policy-string"),
            mx_host: self.lines(&mut policy, "mx-host"),
            successful_sessions: self
                .count(&mut summary, "total-successful-session-count")
                .unwrap_or(0),
            failed_sessions: self
                .count(&mut summary, "total-failure-session-count")
                .unwrap_or_else(|| counted.fold(0, u64::saturating_add)),
            failures,
        })
    }

    /// Senders write one entry for each pair of addresses; which of their own they used says
    /// nothing about the domain. An entry of 0 sessions is no failure.
    fn failures(&mut self, entry: &mut Object) -> Vec<ReportedFailure> {
        let mut failures = BTreeMap::new();
        for json in self.list(entry, "failure-details") {
            let mut entry = self.object(json, "failure-details");
            if entry.is_empty() {
                continue;
            }
            // An entry without a count still tells of a failure.
            let sessions = self.count(&mut entry, "failed-session-count").unwrap_or(1);
            if sessions == 0 {
                continue;
            }
            let result = self.text(&mut entry, "result-type").unwrap_or_default();
            let result = FailureResult::from(result);
            let receiving_mx = self.text(&mut entry, "receiving-mx-hostname");
            let receiving_mx = receiving_mx.map(|text| name(&text));
            let receiving_ip = self.text(&mut entry, "receiving-ip");
            let reason_code = self.text(&mut entry, "failure-reason-code");
            let reason_code = reason_code.filter(|_| failures.len() < MAX_TOLD_APART);
            let place = (
                result.clone(),
                receiving_mx.clone(),
                receiving_ip.clone(),
                reason_code.clone(),
            );
            let failure = failures.entry(place).or_insert(ReportedFailure {
                result,
                receiving_mx,
                receiving_ip,
                sessions: 0,
                reason_code,
            });
            failure.sessions = failure.sessions.saturating_add(sessions);
        }
        failures.into_values().collect()
    }

    /// Takes the value with this name: the first, where there are several.
    fn take(&mut self, object: &mut Object, name: &str) -> Json {
        let mut values = object.iter_mut().filter(|(found, _)| found == name);
        let value = values.next().map(|(_, value)| std::mem::take(value));
        if values.next().is_some() {
            self.remark(&format!("“{name}” appears twice, so only the first counts"));
        }
        value.unwrap_or_default()
    }

    fn left_out(&mut self, name: &str, what: &str) {
        self.remark(&format!("“{name}” isn’t {what}, so it was left out"));
    }

    /// A text that may be kept, or a number as text. An empty one is absent.
    fn text(&mut self, object: &mut Object, name: &str) -> Option<String> {
        match self.take(object, name) {
            Json::Null => None,
            Json::Text(text) => kept(&text),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool | Json::List(_) | Json::Object(_) => {
                self.left_out(name, "a text");
                None
            }
        }
    }

    /// A count of sessions, whichever way the number is written.
    fn count(&mut self, object: &mut Object, name: &str) -> Option<u64> {
        let number = match self.take(object, name) {
            Json::Null => return None,
            Json::Number(number) => number.to_string(),
            Json::Text(text) => text.trim().to_owned(),
            Json::Bool | Json::List(_) | Json::Object(_) => String::from("?"),
        };
        if number.is_empty() {
            return None;
        }
        if let Ok(count) = number.parse() {
            return Some(count);
        }
        match number.parse::<f64>() {
            Ok(number) if number >= 0.0 => {
                if number.fract() != 0.0 {
                    self.remark(&format!("“{name}” has a fraction, so it was rounded up"));
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is whole and not below zero, and the greatest is enough for more"
                )]
                let count = number.ceil() as u64;
                Some(count)
            }
            _ => {
                self.left_out(name, "a count");
                None
            }
        }
    }

    /// A list, or its only value without the list: RFC 8460 4.4 wants a list also for one policy,
    /// and senders forget it.
    fn list(&mut self, object: &mut Object, name: &str) -> Vec<Json> {
        match self.take(object, name) {
            Json::Null => Vec::new(),
            Json::List(list) => list,
            value @ (Json::Object(_) | Json::Text(_)) => vec![value],
            Json::Bool | Json::Number(_) => {
                self.left_out(name, "a list");
                Vec::new()
            }
        }
    }

    /// An object, or the only one of a list; empty where there is none.
    fn object(&mut self, json: Json, name: &str) -> Object {
        match json {
            Json::Null => Object::new(),
            Json::Object(object) => object,
            Json::List(mut list) if list.len() == 1 => {
                let only = list.pop().unwrap_or_default();
                self.object(only, name)
            }
            Json::Bool | Json::Number(_) | Json::Text(_) | Json::List(_) => {
                self.remark(&format!(
                    "“{name}” has a value that can’t be read, so it was left out"
                ));
                Object::new()
            }
        }
    }

    /// Lines that may be kept, whether each is a text or one text has them all.
    fn lines(&mut self, object: &mut Object, name: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for json in self.list(object, name) {
            match json {
                // Some senders write the line ends of the file as letters.
                Json::Text(text) => {
                    let whole = text.replace("\\r", "\n").replace("\\n", "\n");
                    let kept = whole.lines().filter_map(kept);
                    lines.extend(kept.take(TlsReport::MAX_POLICY_LINES - lines.len()));
                }
                Json::Null => {}
                _ => self.left_out(name, "a text"),
            }
        }
        lines
    }
}

/// Whether the object can be nothing but a report, even where its policies are lost.
fn is_report(object: &Object) -> bool {
    object.iter().any(|(name, value)| match name.as_str() {
        "policies" => matches!(value, Json::List(_) | Json::Object(_)),
        "date-range" | "report-id" | "organization-name" => true,
        _ => false,
    })
}

/// A text that may be kept, without white space around it; an empty one is absent.
fn kept(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.char_indices().nth(TlsReport::MAX_TEXT_CHARS);
    let kept = end.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// A name of the DNS, to be compared: as A-labels, as RFC 8460 4.4 wants it.
fn name(text: &str) -> String {
    let domain = (!text.is_ascii()).then(|| Domain::parse(text).ok());
    match domain.flatten() {
        Some(domain) => domain.as_str().to_owned(),
        None => text.trim_end_matches('.').to_lowercase(),
    }
}

impl PolicyType {
    fn of(text: String) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "sts" => Self::Sts,
            "tlsa" => Self::Tlsa,
            "no-policy-found" => Self::NoPolicyFound,
            _ => Self::Other(text),
        }
    }
}
