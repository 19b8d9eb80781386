//! Step 4: the TLS reports about the open domain that the person opened.

use std::fmt::Write as _;
use std::sync::Arc;

use mta_sts_core::{Domain, EnforceProof, ReportedSessions, TlsReport, TlsReports, escaped};
use mta_sts_reports::{Opened, Remark};

use super::inputs::{Inputs, Notice};
use super::{Screen, State, Status, Step};

/// More than a busy domain gets in a year.
const MAX_REPORTS: usize = 1_000;
/// The most other domains that a notice names.
const MAX_NAMED: usize = 20;

/// The TLS reports about one domain.
#[derive(Debug, Default)]
pub(super) struct Reports {
    pub(super) all: Arc<TlsReports>,
    /// What could not be read in the files opened last, or looks odd.
    pub(super) remarks: Vec<Remark>,
    /// Whether the reports changed since they were saved.
    pub(super) unsaved: bool,
    /// Whether the saved reports are still being loaded. Until then, nothing overwrites them.
    pub(super) loading: bool,
    /// Whether the saved reports have been loaded.
    pub(super) came: bool,
    /// How many groups of files are being read.
    reading: u32,
}

impl State {
    /// Whether reports are being read.
    #[must_use]
    pub(crate) fn is_reading_reports(&self) -> bool {
        let session = self.inputs().session();
        session.is_some_and(|session| session.reports.reading > 0)
    }
}

fn is_about(report: &TlsReport, domain: &Domain) -> bool {
    let mut about = report.policies.iter();
    about.any(|policy| policy.domain == domain.as_str())
}

impl Inputs {
    /// Takes in the opened reports that are about the open domain. Anywhere but in step 4, it opens
    /// the domain on the list that they are about.
    pub(crate) fn take_reports(&mut self, opened: Opened) {
        if let Some(domain) = self.reported_domain(&opened.reports) {
            self.open(&domain);
        }
        let is_shown = self.screen() == Screen::Step(Step::Finish);
        if opened.reports.is_empty() && !is_shown {
            self.notice = neither(&opened).map(Notice::attention);
            return;
        }
        let Some((session, work)) = self.open_work() else {
            let text = without_domain(&opened.reports);
            self.notice = Some(Notice::attention(text));
            return;
        };
        let domain = &work.domain;
        let reports = &mut session.reports;
        let (mine, others): (Vec<_>, Vec<_>) = opened
            .reports
            .into_iter()
            .partition(|report| is_about(report, domain));
        let (read, before) = (mine.len(), reports.all.len());
        let all = Arc::make_mut(&mut reports.all);
        for report in mine {
            all.add(report);
        }
        let new = all.len() - before;
        let copies = read - new;
        let oldest = all.keep_newest(MAX_REPORTS);
        reports.unsaved |= new > 0;
        reports.remarks = opened.remarks;
        let mut text = match new {
            0 => "There are no new reports.".to_owned(),
            1 => "1 report read.".to_owned(),
            count => format!("{count} reports read."),
        };
        if copies > 0 {
            let verb = if copies == 1 { "was" } else { "were" };
            let _ = write!(text, " {copies} {verb} already here.");
        }
        if !others.is_empty() {
            let _ = write!(text, " {}", about_others(&others));
        }
        if let Some(skipped) = opened.others.sentence() {
            let _ = write!(text, " {skipped}");
        }
        if oldest > 0 {
            let removed = match oldest {
                1 => "The oldest one was".to_owned(),
                _ => format!("The oldest {oldest} were"),
            };
            let _ = write!(text, " {removed} removed to make room.");
        }
        let status = if reports.remarks.is_empty() && others.is_empty() {
            Status::Ok
        } else {
            Status::Attention
        };
        self.notice = Some(Notice { status, text });
        if read > 0 && !is_shown {
            self.reported = self.work().map(|work| work.domain.clone());
        }
    }

    /// The domain to open for these reports: the open one, or another one on the list. A domain that
    /// only a report names is not opened, because opening a domain checks it: anybody can send a
    /// report, and would see who opens it.
    fn reported_domain(&self, reports: &[TlsReport]) -> Option<Domain> {
        if self.screen() == Screen::Step(Step::Finish) {
            return None;
        }
        let policies = reports.iter().flat_map(|report| &report.policies);
        let reported: Vec<Domain> = policies
            .filter_map(|policy| Domain::parse(&policy.domain).ok())
            .collect();
        let open = self.work().map(|work| &work.domain);
        let is_open = |domain: &&Domain| Some(*domain) == open;
        let is_known = |domain: &&Domain| self.domains().contains_key(*domain);
        let best = reported.iter().find(is_open);
        best.or_else(|| reported.iter().find(is_known)).cloned()
    }

    /// The domain of reports that were taken in outside of step 4 since the last call.
    pub(crate) fn take_reported(&mut self) -> Option<Domain> {
        self.reported.take()
    }

    /// A group of files is being read.
    pub(crate) fn begin_reading_reports(&mut self) {
        self.change_session(|session| session.reports.reading += 1);
    }

    /// A group of files has been read.
    pub(super) fn end_reading_reports(&mut self) {
        self.change_session(|session| {
            session.reports.reading = session.reports.reading.saturating_sub(1);
        });
    }

    /// No file is read any more.
    pub(crate) fn stop_reading_reports(&mut self) {
        self.change_session(|session| session.reports.reading = 0);
    }

    /// Removes every report about the open domain.
    pub(crate) fn forget_reports(&mut self) {
        self.change_session(|session| {
            session.reports = Reports {
                unsaved: true,
                came: true,
                reading: session.reports.reading,
                ..Reports::default()
            };
        });
    }

    /// Marks the saved reports as being loaded. Returns their domain, or `None` if they were
    /// already loaded.
    pub(crate) fn await_reports(&mut self) -> Option<Domain> {
        let session = self.session_mut()?;
        if session.reports.came {
            return None;
        }
        session.reports.loading = true;
        Some(session.domain().clone())
    }

    /// Takes in the saved reports. Reports that were opened since then stay.
    pub(crate) fn restore_reports(&mut self, domain: &Domain, saved: TlsReports) {
        let session = self.session_mut().filter(|it| it.domain() == domain);
        let Some(reports) = session.map(|session| &mut session.reports) else {
            return;
        };
        reports.came = true;
        if std::mem::take(&mut reports.loading) {
            let opened = std::mem::replace(&mut reports.all, Arc::new(saved));
            let all = Arc::make_mut(&mut reports.all);
            for report in Arc::unwrap_or_clone(opened) {
                all.add(report);
            }
        }
    }
}

/// What opened files are not, in a sentence.
fn neither(opened: &Opened) -> Option<String> {
    let Some(first) = opened.remarks.first() else {
        return opened.others.sentence();
    };
    let more = opened.remarks.len() - 1 + opened.more_remarks;
    let more = match more {
        0 => String::new(),
        1 => " The same goes for another file.".to_owned(),
        _ => format!(" The same goes for {more} more files."),
    };
    let (name, why) = (&first.name, &first.text);
    Some(format!(
        "{name}: it isn’t a saved check, and as a TLS report: {why}.{more}"
    ))
}

/// What to do with reports where no domain is open.
fn without_domain(reports: &[TlsReport]) -> String {
    let (subject, again) = match reports.len() {
        1 => ("The report is", "the report"),
        _ => ("The reports are", "the reports"),
    };
    let domains = domains_of(reports);
    format!("{subject} about {domains}. Check that domain first, then open {again} again.")
}

/// A sentence about reports on other domains.
fn about_others(reports: &[TlsReport]) -> String {
    let verb = if reports.len() == 1 { "is" } else { "are" };
    format!(
        "{} {verb} not about this domain, but about {}. Open that domain first, then the report.",
        reports.len(),
        domains_of(reports)
    )
}

/// The domains that reports are about, in words.
fn domains_of(reports: &[TlsReport]) -> String {
    let mut names: Vec<&str> = reports
        .iter()
        .flat_map(|report| &report.policies)
        .map(|policy| policy.domain.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(MAX_NAMED);
    let mut names: Vec<String> = names
        .into_iter()
        .take(MAX_NAMED)
        .map(|it| escaped(it, 100))
        .collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    if names.is_empty() {
        // RFC 8460 4.4 wants a policy for each domain, but a list may come empty.
        return "no domain at all".to_owned();
    }
    names.join(", ")
}

impl State {
    /// What senders report about this domain, if any report was opened.
    #[must_use]
    pub fn reported(&self) -> Option<&ReportedSessions> {
        self.derived.reported.as_ref()
    }
}

/// Why the reports speak against enforce mode, if they do.
pub(super) fn failures(reported: Option<&ReportedSessions>) -> Option<String> {
    let reported = reported?;
    matches!(
        reported.proof,
        EnforceProof::Failing | EnforceProof::PolicyNotUsed
    )
    .then(|| reported.verdict().text)
}

/// Whether the reports show that enforce mode is safe.
pub(super) fn vouch(reported: Option<&ReportedSessions>) -> bool {
    reported.is_some_and(|it| it.proof == EnforceProof::Safe)
}
