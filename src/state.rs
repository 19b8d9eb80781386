//! The state of the wizard: the person's choices, the facts of each domain, and what follows from
//! them. It uses no egui, no network and no clock; the time is an argument.
//!
//! [`Inputs`] are what was typed, chosen and seen. They change only in [`State::update`], which
//! then computes [`Derived`] once. Nothing is computed while drawing.

mod check;
mod check_rows;
mod derived;
mod display;
mod enforce;
mod finish;
mod guard;
mod home;
mod inputs;
mod plan;
mod publish;
mod reports;
mod session;
mod take;
mod to_do;
mod topic;

use mta_sts_core::{Domain, Facts, Report, Severity, Stage};
use mta_sts_domains::{Draft, Summary, Work};
use time::{Duration, OffsetDateTime};

pub use check_rows::{Row, RowGroup, RowKey};
pub use derived::Derived;
pub(crate) use display::TEXT_SIZES;
pub use display::{Display, SystemDisplay, ThemeChoice};
pub use enforce::EnforceLock;
pub use finish::{FileStatus, Files, Finish};
pub use guard::{Guard, GuardField};
pub(crate) use home::count;
pub use home::{Batch, Home};
pub use inputs::{Inputs, Notice, Overlay};
pub use mta_sts_domains::{MAX_AGE_CHOICES, MxLine, MxSource, NextStep, SaveForm, Step};
pub(crate) use plan::{is_open, practice_mx};
pub use publish::{Publish, Skipped};
pub use session::Session;
pub use to_do::{Here, HostLine, ToDo};
pub use topic::Topic;

/// What is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The table of all domains.
    Home,
    /// A step of the open domain.
    Step(Step),
    /// The plan of the open domain.
    Plan,
}

/// The name of a step in the rail.
#[must_use]
pub fn step_name(step: Step) -> &'static str {
    match step {
        Step::Check => "Check",
        Step::Create => "Create",
        Step::Publish => "Publish & verify",
        Step::Finish => "Save & finish",
    }
}

/// All four steps, in order.
pub const STEPS: [Step; 4] = [Step::Check, Step::Create, Step::Publish, Step::Finish];

impl Screen {
    /// The screen before this one.
    #[must_use]
    pub fn back(self) -> Option<Step> {
        let here = match self {
            Self::Step(here) => here,
            Self::Home | Self::Plan => return None,
        };
        STEPS.into_iter().rev().find(|step| *step < here)
    }
}

/// The five states of anything that is shown. Each has an icon and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything is right.
    Ok,
    /// It works, but something needs attention.
    Attention,
    /// Something is wrong.
    Problem,
    /// It couldn’t be checked.
    NotChecked,
    /// The answer is still to come.
    Waiting,
}

impl Status {
    /// The status for the severity of a finding.
    #[must_use]
    pub fn of(severity: Option<Severity>) -> Self {
        match severity {
            None | Some(Severity::Note) => Self::Ok,
            Some(Severity::Attention) => Self::Attention,
            Some(Severity::Problem) => Self::Problem,
            Some(Severity::NotChecked) => Self::NotChecked,
        }
    }

    /// The word next to the icon.
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

/// The whole state of the wizard.
#[derive(Debug)]
pub struct State {
    inputs: Inputs,
    derived: Derived,
}

impl State {
    /// The state at the first start.
    #[must_use]
    pub fn new(practice: bool) -> Self {
        Self {
            inputs: Inputs::new(practice),
            derived: Derived::default(),
        }
    }

    /// The only way to change anything. Afterwards everything that follows from it is computed.
    pub fn update<R>(&mut self, now: OffsetDateTime, change: impl FnOnce(&mut Inputs) -> R) -> R {
        let result = change(&mut self.inputs);
        self.derived.refresh(&mut self.inputs, now);
        result
    }

    /// Whether the derived values are too old, because a date may have been reached since.
    #[must_use]
    pub(crate) fn is_stale(&self, now: OffsetDateTime) -> bool {
        let as_of = self.derived.as_of;
        as_of.is_none_or(|as_of| now - as_of > Duration::HOUR)
    }

    /// What was typed, chosen and seen.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// What follows from it.
    #[must_use]
    pub fn derived(&self) -> &Derived {
        &self.derived
    }

    /// Text fields, and what is drawn around them. A screen that changes a text has to send
    /// [`Command::Edited`](crate::command::Command::Edited).
    pub(crate) fn parts(&mut self) -> (&mut Inputs, &Derived) {
        (&mut self.inputs, &self.derived)
    }

    /// The open domain and its saved work.
    #[must_use]
    pub fn work(&self) -> Option<&Work> {
        self.inputs.work()
    }

    /// The open domain.
    #[must_use]
    pub fn domain(&self) -> Option<&Domain> {
        self.inputs.session().map(Session::domain)
    }

    /// The choices of step 2.
    #[must_use]
    pub fn draft(&self) -> Option<&Draft> {
        self.work()?.draft.as_ref()
    }

    /// The facts in step 1: those of the running check, or of the last one.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.inputs.shown_facts()
    }

    /// Whether a check of the open domain is running.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        self.inputs.session().is_some_and(Session::is_checking)
    }

    /// The report of the last check, unless one is running.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        let ended = !self.is_checking();
        self.derived.report.as_ref().filter(|_| ended)
    }

    /// Whether the domain in the field is the open one.
    #[must_use]
    pub(crate) fn is_of_the_field(&self) -> bool {
        let typed = Domain::from_person(&self.inputs.domain_text).ok();
        typed.is_some_and(|(typed, _)| self.domain() == Some(&typed))
    }

    /// Whether a step can be entered now.
    #[must_use]
    pub fn may_enter(&self, step: Step) -> bool {
        match step {
            Step::Check => true,
            Step::Create => self.draft().is_some() || self.may_go_on(),
            Step::Publish | Step::Finish => self.derived.setup.is_some(),
        }
    }

    /// Whether enough is known to create a policy, and the domain has a use for one.
    fn may_go_on(&self) -> bool {
        let last = self.work().and_then(|work| work.facts.as_deref());
        last.is_some_and(|facts| !facts.has_no_use_for_a_policy())
    }

    /// The mark of a step in the rail; `None` for a step that is still to come.
    #[must_use]
    pub fn mark_of(&self, step: Step) -> Option<Status> {
        match step {
            Step::Check => self.check_mark(),
            Step::Create => {
                self.draft()?;
                let guards = &self.derived.guards;
                Some(if guards.is_empty() {
                    Status::Ok
                } else if guards.iter().any(|guard| guard.stops) {
                    Status::Problem
                } else {
                    Status::Attention
                })
            }
            Step::Publish => {
                let progress = self.derived.progress.as_ref()?;
                Some(if progress.is_complete() {
                    Status::Ok
                } else if progress.all().any(|sight| sight.stage == Stage::Wrong) {
                    Status::Problem
                } else {
                    Status::Waiting
                })
            }
            Step::Finish => self.is_saved().then_some(Status::Ok),
        }
    }

    /// The mark of the headline. It is never better than what step 1 says above its results.
    fn check_mark(&self) -> Option<Status> {
        if self.is_checking() {
            return Some(Status::Waiting);
        }
        Some(Status::of(self.report()?.headline.severity))
    }

    /// The domain of the recipient in the bounce that is shown.
    #[must_use]
    pub(crate) fn bounced_domain(&self) -> Option<Domain> {
        let explained = self.derived.bounce.as_ref()?;
        Domain::parse(explained.recipient_domain.as_ref()?).ok()
    }

    /// The summary of a domain on the list.
    #[must_use]
    pub fn summary(&self, domain: &Domain) -> Option<&Summary> {
        self.derived.summaries.get(domain)
    }
}

#[cfg(test)]
mod tests;
