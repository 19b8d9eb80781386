//! What was typed, chosen and seen: of all domains, and of the one on the screen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use mta_sts_core::{Domain, Facts, Mode, judge};
use mta_sts_domains::{Draft, Settings, Step, Work};
use time::OffsetDateTime;

use super::enforce;
use super::home::Home;
use super::session::Session;
use super::{Display, Mark, Screen};
use crate::command::Change;
use crate::event::Loaded;
use crate::help::Topic;

/// What lies over the screen until it is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// An explanation.
    Help(Topic),
    /// What this program is, and whose work is in it.
    About,
    /// The window is about to close, and the work in it would be lost.
    CloseUnsaved,
    /// Whether these domains are to be taken off the list.
    Remove(Vec<Domain>),
}

/// A line for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether something went wrong.
    pub mark: Mark,
    /// The sentence.
    pub text: String,
}

impl Notice {
    /// Something that worked.
    pub(crate) fn ok(text: impl Into<String>) -> Self {
        let (mark, text) = (Mark::Ok, text.into());
        Self { mark, text }
    }

    /// Something that went wrong.
    pub(crate) fn wrong(text: impl Into<String>) -> Self {
        let (mark, text) = (Mark::Problem, text.into());
        Self { mark, text }
    }

    /// Something that did not happen, and is no fault.
    pub(crate) fn nothing(text: impl Into<String>) -> Self {
        let (mark, text) = (Mark::NotChecked, text.into());
        Self { mark, text }
    }

    /// Something to know.
    pub(crate) fn attention(text: impl Into<String>) -> Self {
        let (mark, text) = (Mark::Attention, text.into());
        Self { mark, text }
    }
}

/// What was typed, chosen and seen.
#[derive(Debug, Default)]
pub struct Inputs {
    /// True when the built-in practice internet is used instead of the real one.
    pub practice: bool,
    /// Whether all domains are on the screen, instead of the one that is open.
    pub at_home: bool,
    /// What is in the domain field.
    pub domain_text: String,
    /// Why the domain field cannot be used.
    pub domain_error: Option<String>,
    /// How the person wants to see the window.
    pub display: Display,
    /// Whether that stays as it is, whatever an earlier run saved.
    pub keeps_display: bool,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// One line about something that went wrong or was done, until the next action.
    pub notice: Option<Notice>,
    /// What belongs to the table of all domains.
    pub home: Home,
    domains: BTreeMap<Domain, Work>,
    session: Option<Session>,
    /// The folder for documents, where the system names one.
    documents: Option<PathBuf>,
    /// Domains that changed since they were saved and summed up last.
    pub(super) changed: BTreeSet<Domain>,
    /// Domains that were read from the disk, and not summed up yet.
    arrived: BTreeSet<Domain>,
    /// Domains to be saved; whoever saves takes them out.
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

    /// The domain on the screen, and what was looked at since it was opened.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// What is saved of the domain on the screen.
    #[must_use]
    pub fn work(&self) -> Option<&Work> {
        self.domains.get(self.session.as_ref()?.domain())
    }

    /// All domains that are looked after.
    #[must_use]
    pub fn domains(&self) -> &BTreeMap<Domain, Work> {
        &self.domains
    }

    /// What is on the screen.
    #[must_use]
    pub fn screen(&self) -> Screen {
        if self.at_home {
            return Screen::Home;
        }
        Screen::Step(self.work().map_or(Step::Check, |work| work.step))
    }

    /// The facts that step 1 shows: of the running check, else of the last one.
    #[must_use]
    pub fn shown_facts(&self) -> Option<&Facts> {
        let running = self.session.as_ref()?.checking();
        running.or_else(|| self.work()?.facts.as_deref())
    }

    /// The domain on the screen, to be changed.
    pub(super) fn open_work(&mut self) -> Option<(&mut Session, &mut Work)> {
        let session = self.session.as_mut()?;
        let work = self.domains.get_mut(session.domain())?;
        self.changed.insert(work.domain.clone());
        Some((session, work))
    }

    /// The texts of the domain on the screen, to be typed into.
    pub(crate) fn typed(&mut self) -> Option<&mut Work> {
        self.domains.get_mut(self.session.as_ref()?.domain())
    }

    /// A text of the domain on the screen was changed.
    pub fn edited(&mut self, now: OffsetDateTime) {
        let Some((_, work)) = self.open_work() else {
            return;
        };
        if let (Some(draft), Some(facts)) = (&mut work.draft, &work.facts) {
            draft.renew_id(facts, now);
        }
    }

    /// Changes the draft, and with it the id where the file is another.
    pub fn change_draft(&mut self, now: OffsetDateTime, change: impl FnOnce(&mut Draft)) {
        if let Some(draft) = self.typed().and_then(|work| work.draft.as_mut()) {
            change(draft);
            self.edited(now);
        }
    }

    /// Takes the mail server in the field into the list.
    pub fn add_mx(&mut self, now: OffsetDateTime) {
        let mut added = Ok(());
        self.change_draft(now, |draft| added = draft.add_mx());
        if let Some((session, _)) = self.open_work() {
            session.mx_error = added.err();
        }
    }

    /// Changes what belongs to the domain on the screen and not to its draft.
    pub fn change_work(&mut self, change: impl FnOnce(&mut Work)) {
        if let Some((_, work)) = self.open_work() {
            change(work);
        }
    }

    /// Changes what is known since the domain was opened.
    pub fn change_session(&mut self, change: impl FnOnce(&mut Session)) {
        if let Some(session) = &mut self.session {
            change(session);
        }
    }

    /// Puts a domain on the screen; it is looked after from now on.
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

    /// Lets go of the domain on the screen. One that was typed just now, does not exist, and that
    /// nothing was decided for, was a slip of the fingers.
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

    /// A folder of its own for each domain, where none was chosen.
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

    /// Shows a step of the domain on the screen; whoever asks has seen that it can be entered. The
    /// draft begins with the first entry of step 2.
    pub fn go(&mut self, step: Step, now: OffsetDateTime) {
        self.at_home = false;
        let Some((session, work)) = self.open_work() else {
            return;
        };
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

    /// Reads the domain field. `None` where it holds no domain, which it then says.
    pub fn typed_domain(&mut self) -> Option<Domain> {
        match Domain::parse(&self.domain_text) {
            Ok(domain) => {
                self.domain_error = None;
                Some(domain)
            }
            Err(error) => {
                self.domain_error = Some(error.to_string());
                None
            }
        }
    }

    /// Begins a change of what is live.
    pub fn prepare(&mut self, change: Change, now: OffsetDateTime) {
        let mode = match change {
            Change::Enforce => Some(Mode::Enforce),
            Change::Testing => Some(Mode::Testing),
            Change::Off => Some(Mode::None),
            Change::MailServers => None,
        };
        if let Some(mode) = mode {
            self.change_draft(now, |draft| draft.choose(mode));
        }
        self.go(Step::Create, now);
        if change == Change::MailServers {
            self.notice = Some(Notice::attention(
                "Add the new mail server here first, publish, and change the MX records a day \
                 later.",
            ));
        }
    }

    /// Whether the domain on the screen was never checked, or too long ago to go by. A check that ran on another
    /// computer is left alone: it ran there because this network is in the way.
    #[must_use]
    pub fn wants_check(&self, now: OffsetDateTime) -> bool {
        let running = self.session.as_ref().is_none_or(Session::is_checking);
        let facts = self.work().and_then(|work| work.facts.as_ref());
        let is_good =
            |facts: &Arc<Facts>| facts.observed_on.is_some() || enforce::is_fresh(facts, now);
        !running && !facts.is_some_and(is_good)
    }

    /// Takes over what one check of many saw. The domain may have been removed meanwhile.
    pub fn take_checked(&mut self, facts: Facts) {
        let domain = facts.domain.clone();
        if let Some(work) = self.domains.get_mut(&domain) {
            work.take_facts(facts);
            self.changed.insert(domain);
        }
    }

    /// Adds domains to those that are looked after. Says how many were new.
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

    /// Takes domains off the list. Nothing at their DNS or web host is touched.
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

    /// Takes over what an earlier run saved, before any domain is opened. What was typed meanwhile
    /// stays in the field.
    pub fn restore(&mut self, loaded: &mut Loaded) {
        let resumed = loaded.resumed().cloned();
        self.documents = loaded.documents.take();
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

    /// What belongs to no domain, to be saved.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let open = self.session.as_ref().filter(|_| !self.at_home);
        let display = serde_json::to_value(self.display).unwrap_or_default();
        Settings::new(open.map(|it| it.domain().clone()), display)
    }

    /// What has to be saved since the last time.
    pub(crate) fn take_unsaved(&mut self) -> Vec<Work> {
        let unsaved = std::mem::take(&mut self.unsaved).into_iter();
        unsaved
            .filter_map(|domain| self.domains.get(&domain).cloned())
            .collect()
    }

    /// What has to be deleted since the last time.
    pub(crate) fn take_removed(&mut self) -> Vec<Domain> {
        std::mem::take(&mut self.removed)
    }

    /// The domains to be summed up anew. Those that changed are handed on to be saved.
    pub(super) fn take_changed(&mut self) -> BTreeSet<Domain> {
        let mut changed = std::mem::take(&mut self.changed);
        self.unsaved.extend(changed.iter().cloned());
        changed.append(&mut self.arrived);
        changed
    }

    /// The reports of the domain on the screen, where they changed since they were saved.
    pub(crate) fn take_unsaved_reports(
        &mut self,
    ) -> Option<(Domain, Arc<mta_sts_core::TlsReports>)> {
        self.session.as_mut()?.take_unsaved_reports()
    }

    /// For a file that was dropped: everything that belongs to the domain on the screen.
    pub(crate) fn session_mut(&mut self) -> Option<&mut Session> {
        self.session.as_mut()
    }
}
