//! Step 4: what senders report, as far as the person opened it.

use std::fmt::Write as _;
use std::sync::Arc;

use mta_sts_core::{EnforceProof, ReportedSessions, TlsReports};
use mta_sts_reports::{Opened, Remark};
use time::OffsetDateTime;

use super::{Mark, Notice, State};

/// More than a year of a busy domain.
const MOST_REPORTS: usize = 1_000;

/// The TLS reports that were opened.
#[derive(Debug, Default)]
pub struct Reports {
    pub(super) all: TlsReports,
    told: Option<Arc<ReportedSessions>>,
    /// What could not be read of the files that were opened last, or is strange.
    pub remarks: Vec<Remark>,
}

impl State {
    /// Takes over what was in the files that the person opened.
    pub fn take_reports(&mut self, opened: Opened, now: OffsetDateTime) {
        let before = self.reports.all.len();
        let read = opened.reports.len();
        for report in opened.reports {
            self.reports.all.add(report);
        }
        let new = self.reports.all.len() - before;
        let copies = read - new;
        let oldest = self.reports.all.keep_newest(MOST_REPORTS);
        self.reports.remarks = opened.remarks;
        self.judge_reports(now);
        let mut text = match new {
            0 => "No new report in it.".to_owned(),
            1 => "1 report read.".to_owned(),
            count => format!("{count} reports read."),
        };
        if copies > 0 {
            let verb = if copies == 1 { "was" } else { "were" };
            let _ = write!(text, " {copies} {verb} here already.");
        }
        if oldest > 0 {
            let _ = write!(text, " Of the oldest, {oldest} had to go.");
        }
        let mark = if self.reports.remarks.is_empty() {
            Mark::Ok
        } else {
            Mark::Attention
        };
        self.notice = Some(Notice { mark, text });
    }

    /// Lets go of every report.
    pub fn forget_reports(&mut self) {
        self.reports = Reports::default();
    }

    /// Judges the reports again, as of now.
    pub fn judge_reports(&mut self, now: OffsetDateTime) {
        let domain = self.domain().map(|domain| domain.as_str().to_owned());
        let all = &self.reports.all;
        self.reports.told = domain
            .filter(|_| !all.is_empty())
            .map(|domain| Arc::new(all.sessions_of(&domain, now)));
    }

    /// What senders report of this domain, where any report was opened.
    #[must_use]
    pub fn reported(&self) -> Option<&Arc<ReportedSessions>> {
        let domain = self.domain()?.as_str();
        self.reports
            .told
            .as_ref()
            .filter(|told| told.domain == domain)
    }

    /// What the reports say against enforce mode.
    #[must_use]
    pub(super) fn reported_failures(&self) -> Option<String> {
        let told = self.reported()?;
        matches!(
            told.proof,
            EnforceProof::Failing | EnforceProof::PolicyNotUsed
        )
        .then(|| told.verdict().text)
    }

    /// Whether reports vouch for enforce mode.
    #[must_use]
    pub(super) fn reports_vouch(&self) -> bool {
        self.reported()
            .is_some_and(|told| told.proof == EnforceProof::Safe)
    }
}

impl Reports {
    /// Whether any report is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Every domain that a report is about, as the reports write it.
    #[must_use]
    pub fn domains(&self) -> impl ExactSizeIterator<Item = &str> {
        self.all.domains().into_iter()
    }
}
