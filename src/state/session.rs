//! The session of the open domain: what is running, and what was seen since it was opened. Each
//! domain gets its own session, so that nothing appears at the wrong domain.

use std::path::PathBuf;
use std::sync::Arc;

use mta_sts_core::{Domain, Fact, Facts, TlsReports};
use mta_sts_reports::Remark;
use time::OffsetDateTime;

use super::check;
use super::finish::Finish;
use super::inputs::Inputs;
use super::publish::Publish;
use super::reports::Reports;

/// The open domain.
#[derive(Debug)]
pub struct Session {
    domain: Domain,
    /// What the running check has seen so far.
    checking: Option<Facts>,
    furthest: f32,
    /// Whether the domain was just typed and wasn’t on the list before.
    pub(super) is_new: bool,
    /// Why the text in the field for another mail server is invalid.
    pub mx_error: Option<String>,
    /// Whether the plan is shown instead of a step.
    pub at_plan: bool,
    /// The field for new mail servers, once a move was begun.
    pub new_mx: Option<String>,
    /// Why the text in that field is invalid.
    pub new_mx_error: Option<String>,
    /// Step 3.
    pub publish: Publish,
    /// Step 4.
    pub finish: Finish,
    pub(super) reports: Reports,
}

impl Session {
    pub(super) fn new(domain: Domain, is_new: bool) -> Self {
        Self {
            domain,
            checking: None,
            furthest: 0.0,
            is_new,
            mx_error: None,
            at_plan: false,
            new_mx: None,
            new_mx_error: None,
            publish: Publish::default(),
            finish: Finish::default(),
            reports: Reports::default(),
        }
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// What the running check has seen so far.
    #[must_use]
    pub fn checking(&self) -> Option<&Facts> {
        self.checking.as_ref()
    }

    /// Whether a check is running.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        self.checking.is_some()
    }

    /// The progress of the check, from 0 to 1. It never goes back.
    #[must_use]
    pub fn progress(&self) -> f32 {
        self.furthest
    }

    /// What could not be read in the reports opened last, or looks odd.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.reports.remarks
    }

    /// Whether any TLS report about the domain was opened.
    #[must_use]
    pub(crate) fn has_reports(&self) -> bool {
        !self.reports.all.is_empty()
    }

    pub(super) fn take_unsaved_reports(&mut self) -> Option<(Domain, Arc<TlsReports>)> {
        if self.reports.loading {
            // This would overwrite the reports on the disk.
            return None;
        }
        let unsaved = std::mem::take(&mut self.reports.unsaved);
        unsaved.then(|| (self.domain.clone(), Arc::clone(&self.reports.all)))
    }
}

impl Inputs {
    /// Starts a check of the open domain. It gets what senders already know, so that it notices a
    /// change without a new id. The earlier result stays until this check is complete.
    pub fn begin_check(&mut self, now: OffsetDateTime) {
        let Some((session, work)) = self.open_work() else {
            return;
        };
        let mut facts = Facts::new(session.domain.clone(), now);
        facts.earlier = work.known_to_senders();
        session.furthest = 0.0;
        session.checking = Some(facts);
    }

    /// Takes in one fact of the running check.
    pub fn fold_fact(&mut self, fact: Fact) {
        if let Some(session) = self.session_mut()
            && let Some(facts) = &mut session.checking
        {
            facts.fold(fact);
            session.furthest = session.furthest.max(check::share_known(facts));
        }
    }

    /// Ends the check and takes in its facts. The draft gets the current mail servers.
    pub fn end_check(&mut self) {
        if let Some((session, work)) = self.open_work()
            && let Some(facts) = session.checking.take()
        {
            work.take_facts(facts);
        }
    }

    /// Stops the check. Its results so far stay, marked as incomplete. Without any, the earlier
    /// result stays.
    pub(crate) fn stop_check(&mut self) {
        let Some(session) = self.session_mut() else {
            return;
        };
        match &mut session.checking {
            Some(facts) if !facts.mx.is_not_asked() => {
                facts.cut_short = true;
                self.end_check();
            }
            _ => session.checking = None,
        }
    }

    /// Shows facts that were saved on another computer as if they had been seen here. The policy
    /// written there is dropped, because it isn’t the draft here.
    pub fn import(&mut self, mut facts: Facts) {
        self.open(&facts.domain.clone());
        facts.written = None;
        let Some((session, work)) = self.open_work() else {
            return;
        };
        session.checking = None;
        work.take_facts(facts);
        work.step = mta_sts_domains::Step::Check;
    }

    /// The person chose another folder.
    pub(crate) fn choose_folder(&mut self, folder: &std::path::Path) {
        let text = folder.display().to_string();
        self.change_work(|work| work.folder_text = text);
        self.folder_changed();
    }

    /// Takes permissions back, because they were given for another folder.
    pub(crate) fn folder_changed(&mut self) {
        self.change_session(|session| {
            session.finish.overwrite = false;
            session.finish.save_when_seen = false;
        });
        self.change_work(|_| {});
    }

    /// The folder in the folder field, if its path is absolute. A relative path would depend on
    /// where the program was started.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let folder = PathBuf::from(self.work()?.folder_text.trim());
        folder.is_absolute().then_some(folder)
    }
}
