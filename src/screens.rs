//! The four screens, one step per file. They draw the state and push what the person wants.

mod check;
mod create;
mod finish;
mod publish;

use eframe::egui::Ui;

use crate::command::Command;
use crate::state::{State, Step};

/// The one button that goes on: its label names what happens.
pub(crate) struct Action {
    /// The words on the button.
    pub(crate) label: &'static str,
    /// Whether it can be pressed now.
    pub(crate) enabled: bool,
    /// What it does.
    pub(crate) command: Command,
}

/// The action of the step on the screen, if there is one.
pub(crate) fn action(state: &State) -> Option<Action> {
    match state.step {
        Step::Check => check::action(state),
        Step::Create => Some(Action {
            label: "Publish it",
            enabled: state.may_enter(Step::Publish),
            command: Command::Go(Step::Publish),
        }),
        Step::Publish => Some(Action {
            label: "Save the files",
            enabled: state.may_enter(Step::Finish),
            command: Command::Go(Step::Finish),
        }),
        Step::Finish => Some(finish::action(state)),
    }
}

/// Draws the step on the screen.
pub(crate) fn screen_ui(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    match state.step {
        Step::Check => check::check_ui(ui, state, wishes),
        Step::Create => create::create_ui(ui, state, wishes),
        Step::Publish => publish::publish_ui(ui, state, wishes),
        Step::Finish => finish::finish_ui(ui, state, wishes),
    }
}
