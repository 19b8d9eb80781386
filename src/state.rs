//! What the wizard knows: the person's choices, the facts, and what follows from them. No egui, no
//! network, no clock; time comes in as an argument.

mod check;
mod check_rows;
mod display;
mod draft;
mod finish;
mod guard;
mod next_steps;
mod publish;
mod reports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::SystemTime;

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{
    Artifact, ArtifactError, DnsHost, DnsHosting, Domain, Fact, Facts, Mode, PolicyReading,
    Publication, SenderVerdict, Setup, Severity, Stage, TlsReports, dns_hosts,
    sender_compatibility,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::calendar;
use crate::help::Topic;

pub use check::Check;
pub use check_rows::{Row, RowGroup, RowKey};
pub use display::{Display, TEXT_SIZES, ThemeChoice};
pub use draft::{Draft, MxLine, MxSource, REMEMBER_FOR};
pub use finish::{Finish, SaveForm, Standing};
pub use guard::Guard;
pub use next_steps::{EnforceLock, NextStep};
pub use publish::{Publish, Whom};
pub use reports::Reports;

/// The four steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Which domain, and is its mail server right?
    #[default]
    Check,
    /// Records and policy.
    Create,
    /// Adding them, and watching them arrive.
    Publish,
    /// The files to keep.
    Finish,
}

impl Step {
    /// All four, in order.
    pub const ALL: [Self; 4] = [Self::Check, Self::Create, Self::Publish, Self::Finish];

    /// The name in the rail.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "Check",
            Self::Create => "Create",
            Self::Publish => "Publish & verify",
            Self::Finish => "Save & finish",
        }
    }

    /// The step before this one.
    #[must_use]
    pub fn back(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|step| *step < self)
    }
}

/// The five states of everything that is shown, each with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Right.
    Ok,
    /// Works, with something to look after.
    Attention,
    /// Wrong.
    Problem,
    /// Nothing can be said.
    NotChecked,
    /// The answer is on its way.
    Waiting,
}

impl Mark {
    /// The state of what was judged.
    #[must_use]
    pub fn of(severity: Option<Severity>) -> Self {
        match severity {
            None | Some(Severity::Note) => Self::Ok,
            Some(Severity::Attention) => Self::Attention,
            Some(Severity::Problem) => Self::Problem,
            Some(Severity::NotChecked) => Self::NotChecked,
        }
    }

    /// The word beside the icon.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Attention => "Attention",
            Self::Problem => "Problem",
            Self::NotChecked => "Not checked",
            Self::Waiting => "Waiting",
        }
    }
}

/// Everything the wizard knows.
#[derive(Debug, Default)]
pub struct State {
    /// True when the built-in practice internet is used instead of the real one.
    pub practice: bool,
    /// The step on the screen.
    pub step: Step,
    /// Step 1.
    pub check: Check,
    /// Step 2; there once a check has been taken over.
    pub draft: Option<Draft>,
    /// Drafts of other domains, for when they are checked again.
    other_drafts: BTreeMap<Domain, Draft>,
    /// Step 3.
    pub publish: Publish,
    /// Step 4.
    pub finish: Finish,
    /// The TLS reports that were opened.
    pub reports: Reports,
    /// How the person wants to see the window.
    pub display: Display,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// One line about something that went wrong or was done, until the next action.
    pub notice: Option<Notice>,
}

/// What lies over the screen until it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// An explanation.
    Help(Topic),
    /// What this program is, and whose work is in it.
    About,
    /// The window shall close, and the work in it would be lost.
    CloseUnsaved,
}

/// A line for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether something went wrong.
    pub mark: Mark,
    /// The sentence.
    pub text: String,
}

/// What is kept between two runs of the program.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    format: KeptFormat,
    step: Step,
    domain_text: String,
    facts: Option<Facts>,
    draft: Option<Draft>,
    #[serde(default)]
    other_drafts: BTreeMap<Domain, Draft>,
    #[serde(default)]
    known: BTreeMap<Domain, KnownPolicy>,
    #[serde(default)]
    live: Option<publish::Live>,
    #[serde(default)]
    left_out: BTreeSet<String>,
    folder_text: String,
    #[serde(default)]
    save_form: SaveForm,
    #[serde(default)]
    written: BTreeMap<PathBuf, SystemTime>,
    #[serde(default)]
    tls_reports: TlsReports,
    #[serde(default)]
    display: Display,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
enum KeptFormat {
    #[default]
    #[serde(rename = "mta-sts-wizard/2")]
    V2,
}

impl State {
    /// The state at the first start.
    #[must_use]
    pub fn new(practice: bool) -> Self {
        Self {
            practice,
            ..Self::default()
        }
    }

    /// The state as it was left.
    #[must_use]
    pub fn restored(practice: bool, kept: Kept) -> Self {
        let mut state = Self::new(practice);
        state.check.domain_text = kept.domain_text;
        if let Some(facts) = kept.facts {
            state.check.take(facts);
        }
        state.draft = kept.draft;
        state.other_drafts = kept.other_drafts;
        state.check.known = kept.known;
        state.publish.live = kept.live;
        state.publish.left_out = kept.left_out;
        state.finish.folder_text = kept.folder_text;
        state.finish.form = kept.save_form;
        state.finish.written = kept.written;
        state.reports.all = kept.tls_reports;
        state.display = kept.display;
        if state.may_enter(kept.step) && (kept.step != Step::Create || state.draft.is_some()) {
            state.step = kept.step;
        }
        if state.step == Step::Publish {
            // Due at once.
            state.publish.next_look = Some(OffsetDateTime::UNIX_EPOCH);
        }
        state.plan_files();
        state
    }

    /// What is worth keeping of this state.
    #[must_use]
    pub fn to_keep(&self) -> Kept {
        let mut facts = self.check.facts.clone();
        if let Some(facts) = facts.as_mut().filter(|_| self.check.running) {
            // Whoever reads this later reads a check that never came to its end.
            facts.cut_short = true;
        }
        Kept {
            format: KeptFormat::V2,
            step: self.step,
            domain_text: self.check.domain_text.clone(),
            facts,
            draft: self.draft.clone(),
            other_drafts: self.other_drafts.clone(),
            known: self.check.known.clone(),
            live: self.publish.live.clone(),
            left_out: self.publish.left_out.clone(),
            folder_text: self.finish.folder_text.clone(),
            save_form: self.finish.form,
            written: self.finish.written.clone(),
            tls_reports: self.reports.all.clone(),
            display: self.display,
        }
    }

    /// The domain that was checked.
    #[must_use]
    pub fn domain(&self) -> Option<&Domain> {
        self.check.facts.as_ref().map(|facts| &facts.domain)
    }

    /// What the draft sets up, if nothing in it is in the way.
    #[must_use]
    pub fn setup(&self) -> Option<Setup> {
        if self.guards().iter().any(|guard| guard.stops) {
            return None;
        }
        self.draft.as_ref()?.setup(self.check.facts()?)
    }

    /// What stands against the draft.
    #[must_use]
    pub fn guards(&self) -> Vec<Guard> {
        match (&self.draft, &self.check.facts, self.check.report()) {
            (Some(draft), Some(facts), Some(report)) => {
                let proven = guard::enforce_is_proven(facts, report, self.reports_vouch());
                let mut guards = draft.guards(facts, proven);
                if draft.mode == Mode::Enforce
                    && let Some(text) = self.reported_failures()
                {
                    guards.push(Guard::warn(format!("TLS reports: {text}")));
                }
                guards
            }
            _ => Vec::new(),
        }
    }

    /// What known senders make of the policy file as the draft would write it.
    #[must_use]
    pub fn senders_of_draft(&self) -> Vec<SenderVerdict> {
        let Some(setup) = self.setup() else {
            return Vec::new();
        };
        let file = setup.policy.write();
        let reading = PolicyReading::read(file.as_bytes());
        sender_compatibility(&Publication::of_file(&reading, file.as_bytes()))
    }

    /// Every file that saving writes: what is published, what the chosen web host needs, and the
    /// report of the last check. `None` while something in the draft is in the way.
    #[must_use]
    pub fn artifacts(&self) -> Option<Result<Vec<Artifact>, ArtifactError>> {
        let setup = self.setup()?;
        Some(setup.artifacts().and_then(|mut artifacts| {
            if let Some(hosting) = self.draft.as_ref().and_then(|draft| draft.hosting) {
                artifacts.extend(setup.hosting_artifacts(hosting)?);
            }
            artifacts.extend(self.check.report_files());
            let as_of = self
                .live_since()
                .or(self.check.facts().map(|it| it.checked_at));
            let as_of = as_of.unwrap_or(OffsetDateTime::UNIX_EPOCH);
            artifacts.extend(calendar::file(&setup.domain, &self.next_steps(), as_of));
            Ok(artifacts)
        }))
    }

    /// The DNS host whose words are used: the one the person chose, else the one that all name
    /// servers belong to.
    #[must_use]
    pub fn dns_host(&self) -> Option<&'static DnsHost> {
        let chosen = self
            .draft
            .as_ref()
            .and_then(|draft| draft.dns_host.as_ref());
        match chosen {
            Some(id) => dns_hosts().iter().find(|host| host.id == *id),
            None => self
                .check
                .facts()
                .and_then(|facts| DnsHosting::of(facts).only()),
        }
    }

    /// Whether a step can be entered now.
    #[must_use]
    pub fn may_enter(&self, step: Step) -> bool {
        match step {
            Step::Check => true,
            Step::Create => self.draft.is_some() || self.check.may_go_on(),
            Step::Publish | Step::Finish => self.setup().is_some(),
        }
    }

    /// How a step is marked in the rail; `None` for one that is still to come.
    #[must_use]
    pub fn mark_of(&self, step: Step) -> Option<Mark> {
        match step {
            Step::Check => self.check.verdict(),
            Step::Create => {
                self.draft.as_ref()?;
                let guards = self.guards();
                Some(if guards.is_empty() {
                    Mark::Ok
                } else if guards.iter().any(|guard| guard.stops) {
                    Mark::Problem
                } else {
                    Mark::Attention
                })
            }
            Step::Publish => {
                let progress = self.publish.progress.as_ref()?;
                Some(if progress.is_complete() {
                    Mark::Ok
                } else if progress.all().any(|sight| sight.stage == Stage::Wrong) {
                    Mark::Problem
                } else {
                    Mark::Waiting
                })
            }
            Step::Finish => self.finish.saved.then_some(Mark::Ok),
        }
    }

    /// Begins a check of what is in the domain field; says which domain to ask for. Whatever was
    /// running has ended.
    pub fn begin_check(&mut self, now: OffsetDateTime) -> Option<Domain> {
        self.step = Step::Check;
        self.check.running = false;
        self.publish.running = false;
        match Domain::parse(&self.check.domain_text) {
            Ok(domain) => {
                self.change_domain(&domain);
                self.check.domain_text = domain.to_unicode();
                self.check.domain_error = None;
                self.check.begin(&domain, now);
                Some(domain)
            }
            Err(error) => {
                self.check.domain_error = Some(error.to_string());
                None
            }
        }
    }

    /// Puts the draft of the old domain away and takes up that of the new one.
    fn change_domain(&mut self, domain: &Domain) {
        let Some(old) = self.domain().filter(|old| *old != domain).cloned() else {
            return;
        };
        if let Some(draft) = self.draft.take() {
            self.other_drafts.insert(old, draft);
        }
        self.draft = self.other_drafts.remove(domain);
        let Publish { live, left_out, .. } = std::mem::take(&mut self.publish);
        self.publish.live = live;
        self.publish.left_out = left_out;
        self.finish.saved = false;
        self.finish.overwrite = false;
    }

    /// Shows facts that were saved on another computer, as if they had just been seen here.
    pub fn import(&mut self, facts: Facts, now: OffsetDateTime) {
        self.change_domain(&facts.domain);
        self.check.domain_text = facts.domain.to_unicode();
        self.check.domain_error = None;
        self.check.import(facts);
        self.step = Step::Check;
        self.end_check(now);
    }

    /// Takes in one fact of the running check.
    pub fn fold_fact(&mut self, fact: Fact) {
        if let Some(facts) = &mut self.check.facts {
            facts.fold(fact);
        }
    }

    /// Judges again after facts came in.
    pub fn judge_again(&mut self) {
        self.check.judge_again();
    }

    /// The check has come to its end. The draft learns which mail servers there are now.
    pub fn end_check(&mut self, now: OffsetDateTime) {
        self.check.running = false;
        self.check.judge_again();
        self.judge_reports(now);
        if let (Some(draft), Some(facts)) = (&mut self.draft, &self.check.facts)
            && facts.mx.seen().is_some()
        {
            draft.check_again(facts, now);
            self.compare_again();
        }
        self.plan_files();
    }

    /// Ends the check before its end. What was seen stays.
    pub fn stop_check(&mut self) {
        if let Some(facts) = &mut self.check.facts {
            facts.cut_short = true;
        }
        self.check.running = false;
        self.check.judge_again();
        self.plan_files();
    }

    /// Enters a step, if it may be entered. The draft begins with the first entry of step 2.
    pub fn go(&mut self, step: Step, now: OffsetDateTime) {
        if !self.may_enter(step) {
            return;
        }
        self.step = step;
        self.judge_reports(now);
        if step == Step::Create
            && self.draft.is_none()
            && let (Some(facts), Some(report)) = (&self.check.facts, self.check.report())
        {
            self.draft = Some(Draft::new(facts, report, now));
        }
        if step == Step::Publish && !self.publish.paused {
            self.publish.next_look.get_or_insert(now);
        }
        if step == Step::Finish {
            self.plan_files();
        }
    }

    /// After the person changed the draft: a new id where the file changed, and everything that was
    /// compared with the old draft is compared again.
    pub fn draft_changed(&mut self, now: OffsetDateTime) {
        if let (Some(draft), Some(facts)) = (&mut self.draft, &self.check.facts) {
            draft.renew_id(facts, now);
        }
        self.finish.saved = false;
        self.finish.overwrite = false;
        // What was correct before was so by another measure.
        self.publish.earlier = None;
        self.compare_again();
        self.plan_files();
    }
}

#[cfg(test)]
mod tests;
