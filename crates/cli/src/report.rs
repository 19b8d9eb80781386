//! `mta-sts report`: reads the TLS reports of senders, without the network.

use mta_sts_core::{ReportedSessions, Severity, TlsReports};
use mta_sts_reports::{MOST_FILE_BYTES, Opened, Remark};
use serde::Serialize;
use time::OffsetDateTime;

use crate::args::ReportArgs;
use crate::exit::{CliError, Exit};
use crate::{input, output, text};

/// The reports that were read, summed up for each domain.
#[derive(Serialize)]
pub(crate) struct Reported {
    format: &'static str,
    /// Always false: the signatures of loose files cannot be checked (RFC 8460 3).
    signatures_checked: bool,
    pub(crate) reports: usize,
    pub(crate) copies: usize,
    pub(crate) domains: Vec<ReportedSessions>,
    pub(crate) remarks: Vec<Remark>,
}

pub(crate) fn run(args: &ReportArgs, json: bool) -> anyhow::Result<Exit> {
    let mut opened = Opened::default();
    for file in &args.files {
        let bytes = input::read(file, MOST_FILE_BYTES)?;
        let name = file.display().to_string();
        opened.append(mta_sts_reports::open(&name, &bytes));
    }
    let reported = Reported::of(opened, OffsetDateTime::now_utc());
    if reported.reports == 0 {
        let remarks = reported.remarks.iter();
        let reasons: Vec<String> = remarks
            .map(|it| format!("{}: {}", it.name, it.text))
            .collect();
        return Err(CliError::usage(reasons.join("; ")));
    }
    if json {
        output::print_json(&reported)?;
    } else {
        output::print(&text::reported(&reported))?;
    }
    Ok(reported.exit())
}

impl Reported {
    fn of(opened: Opened, now: OffsetDateTime) -> Self {
        let mut reports = TlsReports::default();
        let read = opened.reports.len();
        for report in opened.reports {
            reports.add(report);
        }
        let domains = reports.domains().into_iter();
        Self {
            format: "mta-sts-tls-reports/1",
            signatures_checked: false,
            reports: reports.len(),
            copies: read - reports.len(),
            domains: domains
                .map(|domain| reports.sessions_of(domain, now))
                .collect(),
            remarks: opened.remarks,
        }
    }

    fn exit(&self) -> Exit {
        let of_files = if self.remarks.is_empty() && !self.domains.is_empty() {
            Exit::Fine
        } else {
            Exit::NotChecked
        };
        let verdicts = self
            .domains
            .iter()
            .map(|domain| match domain.verdict().severity {
                None | Some(Severity::Note) => Exit::Fine,
                Some(Severity::NotChecked) => Exit::NotChecked,
                Some(Severity::Problem | Severity::Attention) => Exit::Found,
            });
        verdicts.fold(of_files, Exit::or_worse)
    }
}
