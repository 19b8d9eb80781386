//! `mta-sts report`: reads the TLS reports of senders, without the network.

use std::fmt::Write as _;
use std::path::Path;

use mta_sts_core::{Domain, ReportedSessions, Severity, TlsReports};
use mta_sts_domains::{Store, Work, data_folder};
use mta_sts_reports::{Budget, MAX_FILE_BYTES, Opened, Others, Remark};
use serde::Serialize;
use time::OffsetDateTime;

use crate::args::ReportArgs;
use crate::exit::{CliError, Exit};
use crate::text::{FAINT, STRONG, safe, write_indented};
use crate::{input, output};

/// The reports that were read, summed up for each domain.
#[derive(Serialize)]
struct Reported {
    format: &'static str,
    /// Always false: the signatures of loose files cannot be checked (RFC 8460 3).
    signatures_checked: bool,
    reports: usize,
    copies: usize,
    /// Reports with no results in them.
    empty: usize,
    domains: Vec<ReportedSessions>,
    others: Others,
    remarks: Vec<Remark>,
    more_remarks: usize,
}

pub(crate) fn run(args: &ReportArgs, json: bool) -> anyhow::Result<Exit> {
    let mut opened = Opened::default();
    for path in &args.files {
        opened.append(open(path)?);
    }
    let reported = Reported::of(opened, OffsetDateTime::now_utc());
    if reported.is_nothing() {
        let remarks = reported.remarks.iter();
        let reasons: Vec<String> = remarks
            .map(|it| format!("{}: {}", it.name, it.text))
            .collect();
        return Err(CliError::usage(if reasons.is_empty() {
            "there is nothing to read".to_owned()
        } else {
            reasons.join("; ")
        }));
    }
    if json {
        output::print_json(&reported)?;
    } else {
        output::print(&in_words(&reported))?;
    }
    Ok(reported.exit())
}

/// Everything in a file, or in a folder such as a Maildir.
pub(crate) fn open(path: &Path) -> anyhow::Result<Opened> {
    if path.is_dir() {
        let folder = mta_sts_reports::open_folder(path, &mut Budget::new(&|| false));
        return folder.map_err(|error| {
            let reason = mta_sts_save::not_read(&error);
            CliError::usage(format!("{} couldn’t be read: {reason}", path.display()))
        });
    }
    let bytes = input::read(path, MAX_FILE_BYTES)?;
    Ok(mta_sts_reports::open(&path.display().to_string(), &bytes))
}

impl Reported {
    fn of(opened: Opened, now: OffsetDateTime) -> Self {
        let mut reports = TlsReports::default();
        let (mut copies, mut empty) = (0, 0);
        for report in opened.reports {
            let is_empty = report.policies.is_empty();
            if !reports.add(report) {
                copies += 1;
            } else if is_empty {
                empty += 1;
            }
        }
        let mut domains = reports.sessions(now);
        let known = works();
        for sessions in &mut domains {
            if let Some(work) = known
                .iter()
                .find(|it| it.domain.as_str() == sessions.domain)
            {
                sessions.older_policies = reports.older_policies(&sessions.domain, &work.history);
            }
        }
        Self {
            format: "mta-sts-tls-reports/1",
            signatures_checked: false,
            reports: reports.len(),
            copies,
            empty,
            domains,
            others: opened.others,
            remarks: opened.remarks,
            more_remarks: opened.more_remarks,
        }
    }

    /// Whether there was neither a report nor something that lives next to reports.
    fn is_nothing(&self) -> bool {
        self.reports == 0 && self.others == Others::default()
    }

    /// A failure outweighs what could not be read. Too little to tell is no failure.
    fn exit(&self) -> Exit {
        let has_failed = |domain: &ReportedSessions| {
            let severity = domain.verdict().severity;
            matches!(severity, Some(Severity::Problem | Severity::Attention))
        };
        if self.domains.iter().any(has_failed) {
            Exit::Found
        } else if self.more_remarks > 0 || self.remarks.iter().any(|remark| !remark.was_read) {
            Exit::NotChecked
        } else {
            Exit::Fine
        }
    }
}

/// The domains that the window looks after, with every policy that was seen published.
fn works() -> Vec<Work> {
    data_folder(false).map_or_else(Vec::new, |folder| Store::read(&folder).domains)
}

/// What the TLS reports say.
fn in_words(reported: &Reported) -> String {
    let mut text = String::new();
    for sessions in &reported.domains {
        let domain = match sessions.domain.as_str() {
            "" => "No domain named".to_owned(),
            domain => match Domain::parse(domain) {
                Ok(domain) => domain.to_unicode(),
                Err(_) => safe(domain),
            },
        };
        let verdict = sessions.verdict().text;
        let _ = writeln!(text, "{STRONG}{domain}: {verdict}{STRONG:#}");
        let _ = writeln!(text, "{}", sessions.summary());
        for held in &sessions.older_policies {
            let _ = writeln!(text, "{}", held.in_words());
        }
        for failure in &sessions.failures {
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}", failure.title);
            write_indented(&mut text, "", &failure.evidence());
            write_indented(&mut text, "", &failure.advice);
        }
        text.push('\n');
    }
    if !reported.remarks.is_empty() {
        let _ = writeln!(text, "{STRONG}Files that need a look{STRONG:#}");
        for remark in &reported.remarks {
            write_indented(&mut text, "", &format!("{}: {}.", remark.name, remark.text));
        }
        if reported.more_remarks > 0 {
            write_indented(
                &mut text,
                "",
                &format!("And {} more.", reported.more_remarks),
            );
        }
        text.push('\n');
    }
    if let Some(others) = reported.others.sentence() {
        let _ = writeln!(text, "{others}");
    }
    match reported.empty {
        0 => {}
        1 => text.push_str("1 report has no results.\n"),
        count => {
            let _ = writeln!(text, "{count} reports have no results.");
        }
    }
    let read = match reported.reports {
        0 => "No TLS report was found".to_owned(),
        1 => "1 report read".to_owned(),
        count => format!("{count} reports read"),
    };
    let copies = match reported.copies {
        0 => String::new(),
        1 => ", 1 copy skipped".to_owned(),
        count => format!(", {count} copies skipped"),
    };
    let signatures = match reported.reports {
        0 => "",
        _ => " Signatures were not checked, and anyone can write such a file.",
    };
    let _ = writeln!(text, "{FAINT}{read}{copies}.{signatures}{FAINT:#}");
    text
}
