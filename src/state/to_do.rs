//! Step 1: what to do, the worst first, and the mail servers in a line each.

use std::collections::HashMap;
use std::fmt::Write as _;

use mta_sts_core::code;
use mta_sts_core::{
    Area, Facts, Finding, MailSoftware, Published, Report, Severity, day, escaped, mail_software,
};

use super::Status;
use super::check_rows::{RowGroup, RowKey};

/// Something to do about what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct ToDo {
    /// What was found.
    pub finding: Finding,
    /// What it is about and what is wrong, in a line.
    pub title: String,
    /// Why it matters, from the page of the rule.
    pub why: String,
    /// The text to publish, letter by letter, where the fix is one.
    pub exact: Option<String>,
    /// The software of the mail server, and its own way to fix this.
    pub software: Option<(&'static MailSoftware, &'static str)>,
    /// Where the fix lies within this program.
    pub here: Option<Here>,
    /// A mail to whoever runs what it is about; `None` where the fix lies within this program.
    pub mail: Option<String>,
}

/// Where a fix lies within this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// The policy and the records are written in step 2.
    Create,
    /// They are right, and not everywhere yet.
    Watch,
}

/// A mail server, and each thing that a sender looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostLine {
    /// Its name.
    pub host: String,
    /// Whether it answers, encrypts, has a valid certificate, for its own name, and is in the policy;
    /// `None` where that is no question.
    pub marks: [Option<Status>; 5],
}

impl HostLine {
    /// What the marks are about, in their order.
    pub(crate) const COLUMNS: [&'static str; 5] = [
        "Reachable",
        "Encrypted",
        "Certificate",
        "Right name",
        "In the policy",
    ];

    /// Whether nothing is wrong with it.
    #[must_use]
    pub(crate) fn is_fine(&self) -> bool {
        self.marks
            .iter()
            .flatten()
            .all(|status| *status == Status::Ok)
    }
}

/// Faults of the policy file that lie in the web server, whatever is in the file.
const OF_THE_WEB_SERVER: [&str; 3] = [
    code::POLICY_CONTENT_TYPE,
    code::POLICY_HTML,
    code::POLICY_TOO_LARGE,
];

impl ToDo {
    /// Whether the web host has to fix it.
    #[must_use]
    pub(crate) fn is_of_the_web_host(&self) -> bool {
        matches!(self.finding.rule.area, Area::PolicyHost | Area::PolicyFile)
    }
}

/// What to do, the worst first.
pub(super) fn to_dos(facts: &Facts, report: &Report) -> Vec<ToDo> {
    let is_set_up = report.readiness.published != Published::None;
    // What is not published yet is what the next steps are for.
    let is_to_come = |finding: &Finding| !is_set_up && finding.rule.code == code::TLSRPT_MISSING;
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.severity <= Severity::Attention && !is_to_come(finding))
        .map(|finding| to_do(facts, report, finding))
        .collect()
}

fn to_do(facts: &Facts, report: &Report, finding: &Finding) -> ToDo {
    let code = finding.rule.code;
    let here = match finding.rule.area {
        _ if facts.has_no_use_for_a_policy() => None,
        _ if code == code::RECORD_SERVERS_DISAGREE => Some(Here::Watch),
        Area::PolicyFile if OF_THE_WEB_SERVER.contains(&code) => None,
        Area::Record | Area::PolicyFile | Area::Coverage | Area::TlsRpt => Some(Here::Create),
        _ => None,
    };
    let mut servers = facts.mail_servers.iter();
    let server = servers.find(|server| finding.subject.is_mail_server(&server.host));
    let software = server.and_then(|server| {
        let software = mail_software(server)?;
        Some((software, software.way_to_fix(code)?))
    });
    let why = without_sections(&finding.rule.section("Why it matters"));
    let mut to_do = ToDo {
        finding: finding.clone(),
        title: format!(
            "{}: {}",
            escaped(finding.subject.name(), 253),
            finding.rule.title
        ),
        why,
        // What step 2 writes has an id of its own, and the right report address.
        exact: exact_text(&finding.fix)
            .filter(|_| here.is_none())
            .map(str::to_owned),
        software,
        here,
        mail: None,
    };
    if here.is_none() && !facts.has_no_use_for_a_policy() {
        to_do.mail = Some(mail(report, &to_do));
    }
    to_do
}

/// A text without the sections of standards that it rests on: those are among the technical details.
fn without_sections(text: &str) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once(" (RFC ") {
        left += before;
        rest = tail.split_once(')').map_or("", |(_, after)| after);
    }
    left + rest
}

/// The record that a fix ends with.
fn exact_text(fix: &str) -> Option<&str> {
    let (_, value) = fix.rsplit_once(": ")?;
    ["v=STSv1", "v=TLSRPTv1"]
        .iter()
        .any(|version| value.starts_with(version))
        .then_some(value)
}

/// A mail in plain words, with the evidence.
fn mail(report: &Report, to_do: &ToDo) -> String {
    let ToDo { finding, why, .. } = to_do;
    let domain = report.domain.to_unicode();
    let mut text = format!(
        "Subject: {}\n\nHello,\n\nA check of {domain} on {} found a problem that senders of mail \
         run into. Could you please fix it?\n\nWhat was seen: {}\n\nWhy it matters: {why}\n\nHow to \
         fix it: {}\n",
        to_do.title,
        day(report.checked_at),
        finding.evidence,
        finding.fix,
    );
    if let Some((software, way)) = to_do.software {
        let _ = write!(text, "\nIn {}:\n{way}\n", software.name);
    }
    text + "\nThank you!\n"
}

/// The mail servers, those with something wrong first.
pub(super) fn host_lines(report: &Report, groups: &[RowGroup]) -> Vec<HostLine> {
    let rows = groups.iter().flat_map(|group| &group.rows);
    let marks: HashMap<&RowKey, Status> = rows.map(|row| (&row.key, row.status)).collect();
    let status = |wanted: RowKey| marks.get(&wanted).copied();
    let has_policy = report.readiness.effective_mode.is_some();
    let line = |server: &mta_sts_core::MailServerView| {
        let host = &server.host;
        let listed = server.listed_in_policy.filter(|_| has_policy);
        let listed = listed.map(|it| if it { Status::Ok } else { Status::Problem });
        HostLine {
            host: escaped(host, 253),
            marks: [
                status(RowKey::Reach(host.clone())),
                status(RowKey::Encryption(host.clone())),
                status(RowKey::Certificate(host.clone())),
                status(RowKey::Name(host.clone())),
                listed,
            ],
        }
    };
    let mut lines: Vec<HostLine> = report.mail_servers.iter().map(line).collect();
    lines.sort_by_key(HostLine::is_fine);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_standards_are_left_to_the_technical_details() {
        let text = "It is refused (RFC 8461 section 4.2). Mail waits (RFC 5321 4.5.4).";
        assert_eq!(without_sections(text), "It is refused. Mail waits.");
        assert_eq!(without_sections("Nothing (much)."), "Nothing (much).");
    }

    #[test]
    fn only_a_record_is_a_text_to_copy_as_it_stands() {
        let fix = "Add a TXT record with this value: v=STSv1; id=20261123120000Z;";
        assert_eq!(exact_text(fix), Some("v=STSv1; id=20261123120000Z;"));
        assert_eq!(exact_text("Ask them: it is their server."), None);
    }
}
