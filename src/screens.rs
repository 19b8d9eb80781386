//! The screens: the table of all domains and the four steps, one per file. They draw the state and
//! send commands.

mod check;
mod create;
mod finish;
mod home;
mod plan;
mod publish;

use eframe::egui::{Id, Ui};
use mta_sts_core::Domain;

use crate::command::{Command, PlanCommand};
use crate::state::{Screen, State, Step, step_name};

/// The main button of a screen. Its label says what it does.
pub(crate) struct Action {
    /// The label.
    pub(crate) label: &'static str,
    /// Why it is disabled; `None` if it is enabled.
    pub(crate) reason: Option<String>,
    /// A note next to it; may be empty.
    pub(crate) note: String,
    /// What it does.
    pub(crate) command: Command,
}

/// The name of a screen, to remember its scroll position.
pub(crate) fn name(screen: Screen) -> &'static str {
    match screen {
        Screen::Home => "home",
        Screen::Step(step) => step_name(step),
        Screen::Plan => "plan",
    }
}

/// The row of a domain in the table.
pub(crate) fn home_row(domain: &Domain) -> Id {
    home::row_id(domain)
}

/// Why a step cannot be entered; `None` where it can.
pub(crate) fn why_closed(state: &State, step: Step) -> Option<String> {
    if state.may_enter(step) {
        return None;
    }
    Some(match step {
        Step::Check => String::new(),
        Step::Create if state.report().is_some() => {
            "This domain has no use for a policy.".to_owned()
        }
        Step::Create => "Check a domain first.".to_owned(),
        Step::Publish | Step::Finish if state.draft().is_none() => {
            "Write your policy in step 2 first.".to_owned()
        }
        Step::Publish | Step::Finish => {
            create::reason(state).unwrap_or_else(|| "Check a domain first.".to_owned())
        }
    })
}

/// The action of the screen, if there is one.
pub(crate) fn action(state: &State) -> Option<Action> {
    match state.inputs().screen() {
        Screen::Home => None,
        Screen::Plan => plan::action(state),
        Screen::Step(Step::Check) => check::action(state),
        Screen::Step(Step::Create) => Some(Action {
            label: "Next: publish",
            reason: create::reason(state),
            note: create::note(state),
            command: Command::Go(Step::Publish),
        }),
        Screen::Step(Step::Publish) if state.derived().plan.is_some() => Some(Action {
            label: "Back to the plan",
            reason: None,
            note: String::new(),
            command: Command::Plan(PlanCommand::Show),
        }),
        Screen::Step(Step::Publish) => Some(Action {
            label: "Next: save & finish",
            reason: create::reason(state),
            note: String::new(),
            command: Command::Go(Step::Finish),
        }),
        Screen::Step(Step::Finish) => Some(finish::action(state)),
    }
}

/// Draws the screen. `entering` is true in its first frame after another screen.
pub(crate) fn screen_ui(
    ui: &mut Ui,
    state: &mut State,
    commands: &mut Vec<Command>,
    entering: bool,
) {
    match state.inputs().screen() {
        Screen::Home => home::home_ui(ui, state, commands, entering),
        Screen::Plan => plan::plan_ui(ui, state, commands),
        Screen::Step(Step::Check) => check::check_ui(ui, state, commands, entering),
        Screen::Step(Step::Create) => create::create_ui(ui, state, commands),
        Screen::Step(Step::Publish) => publish::publish_ui(ui, state, commands),
        Screen::Step(Step::Finish) => finish::finish_ui(ui, state, commands),
    }
}
