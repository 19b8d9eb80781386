//! The TLS reports of senders: opening them, and what they say of enforce mode.

use eframe::egui::Ui;
use mta_sts_core::{ReportedSessions, SessionFailures, escaped};

use crate::command::Command;
use crate::help::{self, Topic};
use crate::state::{Mark, Session, State};
use crate::theme::{self, icon};
use crate::widgets::{card, command_button, mark_color, mark_label, muted_label, text_row};

/// The most failures, remarks or domains that are drawn.
const MOST_ROWS: usize = 20;

pub(super) fn tls_reports_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        ui.label(theme::subheading("TLS reports"));
        match state.reported() {
            Some(told) => told_ui(ui, told),
            None => {
                muted_label(
                    ui,
                    "Once a day, senders mail to your report address how their sessions with your \
                     mail servers went. Open these reports here, or drop them on this window: it \
                     says whether enforce mode would have kept mail back.",
                );
            }
        }
        remarks(ui, state);
        ui.add_space(theme::GRID);
        ui.horizontal_wrapped(|ui| {
            let open = command_button(ui, icon::FOLDER, Command::PickReports, commands);
            help::about(&open, Topic::TlsReports);
            if state.inputs().session().is_some_and(Session::has_reports) {
                command_button(ui, icon::MINUS_CIRCLE, Command::ForgetReports, commands);
            }
        });
        muted_label(
            ui,
            "The file of a report (.json, .gz), many in a .zip, or the mail itself (.eml). \
             Signatures are not checked: open only what came to your own report address.",
        );
    });
}

fn told_ui(ui: &mut Ui, told: &ReportedSessions) {
    let verdict = told.verdict();
    let mark = Mark::of(verdict.severity);
    text_row(ui, |ui| {
        mark_label(ui, mark, 15.0);
        ui.label(theme::semibold(verdict.text).color(mark_color(ui, mark)));
    });
    ui.label(told.summary());
    for failure in told.failures.iter().take(MOST_ROWS) {
        failure_ui(ui, failure);
    }
    let more = told.failures.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        muted_label(ui, format!("And {more} more."));
    }
}

fn failure_ui(ui: &mut Ui, failure: &SessionFailures) {
    let title = match &failure.mx {
        Some(mx) => format!("{}: {}", failure.title, escaped(mx, 100)),
        None => failure.title.to_owned(),
    };
    ui.add_space(theme::GRID);
    ui.label(theme::semibold(title));
    muted_label(ui, failure.evidence());
    ui.label(failure.advice);
}

fn remarks(ui: &mut Ui, state: &State) {
    let remarks = state.inputs().session().map_or(&[][..], Session::remarks);
    for remark in remarks.iter().take(MOST_ROWS) {
        text_row(ui, |ui| {
            mark_label(ui, Mark::Attention, 15.0);
            ui.label(format!("{}: {}.", remark.name, remark.text));
        });
    }
    let more = remarks.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        muted_label(ui, format!("And {more} more files."));
    }
}
