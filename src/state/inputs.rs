//! What was typed, chosen and seen, for all domains and for the open one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use mta_sts_core::{Domain, Facts, Mode, judge};
use mta_sts_domains::{Draft, PracticeWorld, Settings, Step, Work};
use time::OffsetDateTime;

use super::enforce;
use super::home::Home;
use super::session::Session;
use super::{Display, Screen, Status, SystemDisplay, Topic};
use crate::event::Loaded;

/// What covers the screen until it is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// An explanation.
    Help(Topic),
    /// What a bounce says.
    Bounce,
    /// About this program, with its licences.
    About,
    /// Asks whether to close the window although work would be lost.
    CloseUnsaved,
    /// Asks whether to remove these domains from the list.
    Remove(Vec<Domain>),
}

/// A line about the last action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether it worked.
    pub status: Status,
    /// The sentence.
    pub text: String,
}

impl Notice {
    /// Something that worked.
    pub(crate) fn ok(text: impl Into<String>) -> Self {
        let (status, text) = (Status::Ok, text.into());
        Self { status, text }
    }

    /// Something that went wrong.
    pub(crate) fn wrong(text: impl Into<String>) -> Self {
        let (status, text) = (Status::Problem, text.into());
        Self { status, text }
    }

    /// Something that didn’t happen, but isn’t an error.
    pub(crate) fn nothing(text: impl Into<String>) -> Self {
        let (status, text) = (Status::NotChecked, text.into());
        Self { status, text }
    }

    /// Something to know.
    pub(crate) fn attention(text: impl Into<String>) -> Self {
        let (status, text) = (Status::Attention, text.into());
        Self { status, text }
    }
}

/// What was typed, chosen and seen.
#[derive(Debug, Default)]
pub struct Inputs {
    /// True in practice mode, which uses the built-in practice internet.
    pub practice: bool,
    /// Whether the table of all domains is shown instead of the open domain.
    pub at_home: bool,
    /// What was done to the practice internet.
    pub world: PracticeWorld,
    /// The text of the domain field.
    pub domain_text: String,
    /// Why the text of the domain field is invalid.
    pub domain_error: Option<String>,
    /// The domain of reports that were taken in, and that step 4 doesn’t show yet.
    pub(super) reported: Option<Domain>,
    /// The display settings.
    pub display: Display,
    /// What the system says about the display.
    pub system: SystemDisplay,
    /// Whether the display settings stay, instead of the saved ones.
    pub keeps_display: bool,
    /// The open overlay.
    pub overlay: Option<Overlay>,
    /// A line about the last action. It stays until the next one.
    pub notice: Option<Notice>,
    /// The bounce or the log line that was pasted or opened.
    pub bounce: String,
    /// The state of the table of all domains.
    pub home: Home,
    domains: BTreeMap<Domain, Work>,
    session: Option<Session>,
    /// The documents folder, if the system has one.
    documents: Option<PathBuf>,
    /// Domains that changed since they were last saved and summarized.
    pub(super) changed: BTreeSet<Domain>,
    /// Domains that were read from the disk and not summarized yet.
    arrived: BTreeSet<Domain>,
    /// Domains to be saved. The writer takes them out.
    unsaved: BTreeSet<Domain>,
    /// Domains to be deleted from the disk.
    removed: Vec<Domain>,
}

impl Inputs {
    pub(super) fn new(practice: bool) -> Self {
        Self {
            practice,
            ..Self::default()
        }
    }

    /// The open domain, and what was seen since it was opened.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The saved work of the open domain.
    #[must_use]
    pub fn work(&self) -> Option<&Work> {
        self.domains.get(self.session.as_ref()?.domain())
    }

    /// All domains on the list.
    #[must_use]
    pub fn domains(&self) -> &BTreeMap<Domain, Work> {
        &self.domains
    }

    /// The display settings, with what the system asks for.
    #[must_use]
    pub(crate) fn shown_display(&self) -> Display {
        self.display.with_system(self.system)
    }

    /// What is on the screen.
    #[must_use]
    pub fn screen(&self) -> Screen {
        if self.at_home {
            return Screen::Home;
        }
        if self.session.as_ref().is_some_and(|it| it.at_plan) {
            return Screen::Plan;
        }
        Screen::Step(self.work().map_or(Step::Check, |work| work.step))
    }

    /// The facts in step 1: those of the running check, or of the last one.
    #[must_use]
    pub(crate) fn shown_facts(&self) -> Option<&Facts> {
        let running = self.session.as_ref()?.checking();
        running.or_else(|| self.work()?.facts.as_deref())
    }

    /// The open domain, to be changed.
    pub(super) fn open_work(&mut self) -> Option<(&mut Session, &mut Work)> {
        let session = self.session.as_mut()?;
        let work = self.domains.get_mut(session.domain())?;
        self.changed.insert(work.domain.clone());
        Some((session, work))
    }

    /// The text fields of the open domain.
    pub(crate) fn typed(&mut self) -> Option<&mut Work> {
        self.domains.get_mut(self.session.as_ref()?.domain())
    }

    /// A text of the open domain was changed.
    pub(crate) fn edited(&mut self, now: OffsetDateTime) {
        let Some((session, work)) = self.open_work() else {
            return;
        };
        // What was asked to be saved was another version.
        session.finish.save_when_seen = false;
        if let (Some(draft), Some(facts)) = (&mut work.draft, &work.facts) {
            draft.renew_id(facts, &work.history, now);
        }
    }

    /// Changes the draft, and its id if the file changes.
    pub(crate) fn change_draft(&mut self, now: OffsetDateTime, change: impl FnOnce(&mut Draft)) {
        if let Some(draft) = self.typed().and_then(|work| work.draft.as_mut()) {
            change(draft);
            self.edited(now);
        }
    }

    /// Adds the mail server in the field to the list.
    pub(crate) fn add_mx(&mut self, now: OffsetDateTime) {
        let mut added = Ok(());
        self.change_draft(now, |draft| added = draft.add_mx());
        if let Some((session, _)) = self.open_work() {
            session.mx_error = added.err();
        }
    }

    /// Changes the work of the open domain, but not its draft.
    pub(crate) fn change_work(&mut self, change: impl FnOnce(&mut Work)) {
        if let Some((_, work)) = self.open_work() {
            change(work);
        }
    }

    /// Changes the session of the open domain.
    pub(crate) fn change_session(&mut self, change: impl FnOnce(&mut Session)) {
        if let Some(session) = &mut self.session {
            change(session);
        }
    }

    /// Opens a domain, and adds it to the list.
    pub fn open(&mut self, domain: &Domain) {
        self.at_home = false;
        self.domain_text = domain.to_unicode();
        self.domain_error = None;
        if self
            .session
            .as_ref()
            .is_some_and(|it| it.domain() == domain)
        {
            return;
        }
        self.close();
        let is_new = !self.domains.contains_key(domain);
        if is_new {
            self.domains
                .insert(domain.clone(), Work::new(domain.clone()));
        }
        self.session = Some(Session::new(domain.clone(), is_new));
        self.propose_folder();
        self.changed.insert(domain.clone());
    }

    /// Closes the open domain. A domain that was just typed, doesn’t exist and has no draft is a
    /// typing mistake, so it is removed from the list.
    fn close(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        let domain = session.domain();
        let slip = self.domains.get(domain).is_some_and(|work| {
            let mx = work.facts.as_deref().and_then(|facts| facts.mx.seen());
            work.draft.is_none() && mx.is_some_and(|mx| !mx.name_exists)
        });
        if slip && session.is_new {
            self.remove(std::slice::from_ref(domain));
        }
    }

    /// Suggests a folder for the domain if none was chosen.
    fn propose_folder(&mut self) {
        let Some(documents) = &self.documents else {
            return;
        };
        let name = if self.practice {
            "MTA-STS practice"
        } else {
            "MTA-STS"
        };
        let folder = documents.join(name);
        if let Some(work) = self.typed().filter(|work| work.folder_text.is_empty()) {
            let folder = folder.join(work.domain.as_str());
            work.folder_text = folder.display().to_string();
        }
    }

    /// Shows all domains.
    pub fn go_home(&mut self) {
        self.at_home = true;
    }

    /// Shows a step of the open domain. The caller checks that the step can be entered. Entering
    /// step 2 for the first time creates the draft.
    pub fn go(&mut self, step: Step, now: OffsetDateTime) {
        self.at_home = false;
        let Some((session, work)) = self.open_work() else {
            return;
        };
        session.at_plan = false;
        work.step = step;
        if step == Step::Create
            && work.draft.is_none()
            && let Some(facts) = &work.facts
        {
            work.draft = Some(Draft::new(facts, &judge(facts), now));
        }
        if step == Step::Publish {
            session.publish.wake(now);
        }
    }

    /// Reads the domain field. Returns `None` and sets the error if the text isn’t a domain.
    pub(crate) fn typed_domain(&mut self) -> Option<Domain> {
        match Domain::from_person(&self.domain_text) {
            Ok((domain, remark)) => {
                self.domain_error = None;
                self.notice = remark.map(Notice::ok).or(self.notice.take());
                Some(domain)
            }
            Err(error) => {
                self.domain_error = Some(error.to_string());
                None
            }
        }
    }

    /// Starts a change of the mode that is live.
    pub(crate) fn prepare(&mut self, mode: Mode, now: OffsetDateTime) {
        self.change_draft(now, |draft| draft.choose(mode));
        self.go(Step::Create, now);
    }

    /// Whether the open domain has no recent check. A check from another computer is never repeated
    /// automatically, because this network may block port 25.
    #[must_use]
    pub(crate) fn wants_check(&self, now: OffsetDateTime) -> bool {
        let running = self.session.as_ref().is_none_or(Session::is_checking);
        let facts = self.work().and_then(|work| work.facts.as_ref());
        let is_good =
            |facts: &Arc<Facts>| facts.observed_on.is_some() || enforce::is_fresh(facts, now);
        !running && !facts.is_some_and(is_good)
    }

    /// Takes in the facts of one of many checks. The domain may have been removed since.
    pub fn take_checked(&mut self, facts: Facts) {
        let domain = facts.domain.clone();
        if let Some(work) = self.domains.get_mut(&domain) {
            work.take_facts(facts);
            self.changed.insert(domain);
        }
    }

    /// Adds domains to the list. Returns how many were new.
    pub fn add(&mut self, domains: Vec<Domain>) -> usize {
        let before = self.domains.len();
        for domain in domains {
            if !self.domains.contains_key(&domain) {
                let work = Work::new(domain.clone());
                self.domains.insert(domain.clone(), work);
                self.changed.insert(domain);
            } else if let Some(session) = &mut self.session
                && *session.domain() == domain
            {
                session.is_new = false;
            }
        }
        self.domains.len() - before
    }

    /// Removes domains from the list. Nothing changes in their DNS or at their web hosts.
    pub fn remove(&mut self, domains: &[Domain]) {
        for domain in domains {
            if self
                .session
                .as_ref()
                .is_some_and(|it| it.domain() == domain)
            {
                self.session = None;
                self.domain_text.clear();
            }
            if self.domains.remove(domain).is_some() {
                self.changed.remove(domain);
                self.unsaved.remove(domain);
                self.removed.push(domain.clone());
            }
        }
    }

    /// Restores the work that an earlier run saved. Text that was typed since then stays in the
    /// field.
    pub(crate) fn restore(&mut self, loaded: &mut Loaded) {
        let resumed = loaded.resumed().cloned();
        self.documents = loaded.documents.take();
        self.world.clone_from(&loaded.settings.practice);
        for work in loaded.domains.drain(..) {
            self.arrived.insert(work.domain.clone());
            self.domains.insert(work.domain.clone(), work);
        }
        if !self.keeps_display
            && let Ok(display) = serde_json::from_value(loaded.settings.display.take())
        {
            self.display = display;
        }
        if !loaded.remarks.is_empty() {
            self.notice = Some(Notice::attention(loaded.remarks.join(" ")));
        }
        if !self.domain_text.is_empty() {
            return;
        }
        match resumed {
            Some(domain) => {
                self.open(&domain);
                if let Some((domain, reports)) = loaded.reports.take() {
                    self.await_reports();
                    self.restore_reports(&domain, reports);
                }
            }
            None => self.at_home = !self.domains.is_empty(),
        }
    }

    /// The settings to save, which belong to no domain.
    #[must_use]
    pub(crate) fn settings(&self) -> Settings {
        let open = self.session.as_ref().filter(|_| !self.at_home);
        let display = serde_json::to_value(self.display).unwrap_or_default();
        let open = open.map(|it| it.domain().clone());
        Settings::new(open, display, self.world.clone())
    }

    /// Takes the work that has to be saved.
    pub(crate) fn take_unsaved(&mut self) -> Vec<Work> {
        let unsaved = std::mem::take(&mut self.unsaved).into_iter();
        unsaved
            .filter_map(|domain| self.domains.get(&domain).cloned())
            .collect()
    }

    /// Takes the domains that have to be deleted.
    pub(crate) fn take_removed(&mut self) -> Vec<Domain> {
        std::mem::take(&mut self.removed)
    }

    /// Takes the domains to summarize again. Those that changed will also be saved.
    pub(super) fn take_changed(&mut self) -> BTreeSet<Domain> {
        let mut changed = std::mem::take(&mut self.changed);
        self.unsaved.extend(changed.iter().cloned());
        changed.append(&mut self.arrived);
        changed
    }

    /// Takes the reports of the open domain if they changed since they were saved.
    pub(crate) fn take_unsaved_reports(
        &mut self,
    ) -> Option<(Domain, Arc<mta_sts_core::TlsReports>)> {
        self.session.as_mut()?.take_unsaved_reports()
    }

    /// The session of the open domain, to be changed.
    pub(crate) fn session_mut(&mut self) -> Option<&mut Session> {
        self.session.as_mut()
    }
}
