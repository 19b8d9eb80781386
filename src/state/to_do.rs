//! Step 1: what to do, the worst first, and the way of a message past everything that decides.

use std::fmt::Write as _;

use mta_sts_core::{
    Area, Delivery, Facts, Finding, MailSoftware, Mode, Published, Report, Severity, day, escaped,
    mail_software,
};

use super::Mark;
use super::check_rows::{Row, RowGroup, RowKey};

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

/// What a message passes on its way, with how it fares there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathNode {
    /// What it is.
    pub name: &'static str,
    /// How it is; `None` for the sender, whoever that is.
    pub mark: Option<Mark>,
    /// The same in a word or two.
    pub word: String,
    /// What was seen, in a sentence.
    pub detail: String,
}

/// A mail server, and each thing that a sender looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostLine {
    /// Its name.
    pub host: String,
    /// Whether it answers, encrypts, has a valid certificate, for its own name, and is in the policy;
    /// `None` where that is no question.
    pub marks: [Option<Mark>; 5],
}

impl HostLine {
    /// What the marks are about, in their order.
    pub const COLUMNS: [&'static str; 5] = [
        "Reachable",
        "Encrypted",
        "Certificate",
        "Right name",
        "In the policy",
    ];

    /// Whether nothing is wrong with it.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.marks.iter().flatten().all(|mark| *mark == Mark::Ok)
    }
}

/// What to do, the worst first.
pub(super) fn to_dos(facts: &Facts, report: &Report) -> Vec<ToDo> {
    let is_set_up = report.readiness.published != Published::None;
    // What is not published yet is what the next steps are for.
    let is_to_come = |finding: &Finding| !is_set_up && finding.rule.code == "tlsrpt-missing";
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
        _ if code == "record-servers-disagree" => Some(Here::Watch),
        Area::Record | Area::PolicyFile | Area::Coverage | Area::TlsRpt => Some(Here::Create),
        _ => None,
    };
    let mut servers = facts.mail_servers.iter();
    let server = servers.find(|server| server.host == finding.subject);
    let software = server.and_then(|server| {
        let software = mail_software(server)?;
        Some((software, software.way_to_fix(code)?))
    });
    let why = section_of(finding.rule.doc, "## Why it matters");
    let mut to_do = ToDo {
        finding: finding.clone(),
        title: format!("{}: {}", escaped(&finding.subject, 253), finding.rule.title),
        why,
        exact: exact_text(&finding.fix).map(str::to_owned),
        software,
        here,
        mail: None,
    };
    if here.is_none() {
        to_do.mail = Some(mail(report, &to_do));
    }
    to_do
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

/// The way of a message: the record, the policy, the mail servers.
pub(super) fn path(report: &Report, groups: &[RowGroup]) -> Vec<PathNode> {
    let row = |key: &RowKey| {
        let mut rows = groups.iter().flat_map(|group| &group.rows);
        rows.find(|row| row.key == *key)
    };
    let node = |name, row: Option<&Row>| {
        let row = row?;
        Some(PathNode {
            name,
            mark: Some(row.mark),
            word: match row.mark {
                Mark::Ok => "found".to_owned(),
                // Neither right nor wrong: nothing is published yet.
                Mark::Waiting => "not there yet".to_owned(),
                mark => mark.word().to_lowercase(),
            },
            detail: row.summary.clone(),
        })
    };
    let sender = PathNode {
        name: "Sender",
        mark: None,
        word: "has mail for you".to_owned(),
        detail: "Any mail server that sends mail to this domain and supports MTA-STS.".to_owned(),
    };
    [
        Some(sender),
        node("MTA-STS record", row(&RowKey::Record)),
        node("Policy file", row(&RowKey::Policy)),
        Some(mail_servers(report, groups)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The last stop: as bad as the worst mail server, with what becomes of the mail.
fn mail_servers(report: &Report, groups: &[RowGroup]) -> PathNode {
    let mode = report.readiness.effective_mode.unwrap_or(Mode::Enforce);
    let is_of_a_host = |row: &&Row| {
        matches!(
            row.key,
            RowKey::MailServers
                | RowKey::Reach(_)
                | RowKey::Encryption(_)
                | RowKey::Certificate(_)
                | RowKey::Name(_)
        )
    };
    let rows = groups.iter().flat_map(|group| &group.rows);
    let of_hosts = rows.filter(is_of_a_host).map(|row| row.mark);
    let all = report.delivery.len();
    let count = |wanted: Delivery| {
        let hosts = report.delivery.iter();
        hosts.filter(|host| host.enforce.delivery == wanted).count()
    };
    let (refused, unknown) = (count(Delivery::Refused), count(Delivery::Unknown));
    let mark = of_hosts
        .max_by_key(|mark| mark.rank())
        .unwrap_or(Mark::NotChecked);
    let mark = if refused > 0 { Mark::Problem } else { mark };
    let (word, detail) = match (all, refused, unknown) {
        (0, _, _) => (
            "none".to_owned(),
            "This domain has no mail server.".to_owned(),
        ),
        (_, 0, 0) => {
            let (word, each) = match all {
                1 => ("passes".to_owned(), "It passes".to_owned()),
                _ => (format!("all {all} pass"), "Each of them passes".to_owned()),
            };
            (word, format!("{each} what an enforced policy demands."))
        }
        (_, 0, _) => (
            format!("{unknown} of {all} unknown"),
            "We couldn’t see whether senders would deliver.".to_owned(),
        ),
        (_, _, _) => {
            let verb = if mode == Mode::Enforce && report.refusal().is_some() {
                "are refused now"
            } else {
                "would be refused in enforce mode"
            };
            (
                format!("{refused} of {all} fail"),
                format!("{refused} of {all} {verb}."),
            )
        }
    };
    PathNode {
        name: "Mail servers",
        mark: Some(mark),
        word,
        detail,
    }
}

/// The mail servers, those with something wrong first.
pub(super) fn host_lines(report: &Report, groups: &[RowGroup]) -> Vec<HostLine> {
    let rows: Vec<&Row> = groups.iter().flat_map(|group| &group.rows).collect();
    let mark = |wanted: RowKey| {
        let mut rows = rows.iter();
        rows.find(|row| row.key == wanted).map(|row| row.mark)
    };
    let has_policy = report.readiness.effective_mode.is_some();
    let line = |server: &mta_sts_core::MailServerView| {
        let host = &server.host;
        let listed = server.listed_in_policy.filter(|_| has_policy);
        let listed = listed.map(|it| if it { Mark::Ok } else { Mark::Problem });
        HostLine {
            host: escaped(host, 253),
            marks: [
                mark(RowKey::Reach(host.clone())),
                mark(RowKey::Encryption(host.clone())),
                mark(RowKey::Certificate(host.clone())),
                mark(RowKey::Name(host.clone())),
                listed,
            ],
        }
    };
    let mut lines: Vec<HostLine> = report.mail_servers.iter().map(line).collect();
    lines.sort_by_key(HostLine::is_fine);
    lines
}

/// The text below one heading of a rule's page, its hard line breaks taken out.
pub(crate) fn section_of(page: &str, heading: &str) -> String {
    let body = page.split_once(heading).map_or("", |(_, rest)| rest);
    let body = body.split("\n## ").next().unwrap_or_default();
    let paragraphs: Vec<String> = body
        .trim()
        .split("\n\n")
        .map(|paragraph| {
            let lines: Vec<&str> = paragraph.lines().collect();
            lines.join(" ").replace('`', "")
        })
        .collect();
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_of_a_page_reads_as_running_text() {
        let page = "## What it checks\n\nA\n\n## Why it matters\n\nOne `line`\nof two.\n\nNext.\n\n## How to fix\n\nC\n";
        assert_eq!(
            section_of(page, "## Why it matters"),
            "One line of two.\n\nNext."
        );
        assert_eq!(section_of(page, "## How to fix"), "C");
        assert_eq!(section_of(page, "## Nothing"), "");
    }

    #[test]
    fn only_a_record_is_a_text_to_copy_as_it_stands() {
        let fix = "Add a TXT record with this value: v=STSv1; id=20261123120000Z;";
        assert_eq!(exact_text(fix), Some("v=STSv1; id=20261123120000Z;"));
        assert_eq!(exact_text("Ask them: it is their server."), None);
    }
}
