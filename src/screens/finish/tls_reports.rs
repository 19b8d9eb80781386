//! Opens the TLS reports of senders and shows what they mean for enforce mode.

use eframe::egui::Ui;
use mta_sts_core::{ReportedSessions, SessionFailures, escaped};

use crate::command::Command;
use crate::help;
use crate::state::{Session, State, Status, Topic};
use crate::theme::{self, icon};
use crate::widgets::{
    card, command_button, day_plot, day_sentence, fold, mark_color, mark_label, muted_label,
    text_row,
};

/// The most failures, remarks or senders that are drawn.
const MAX_ROWS: usize = 20;

pub(super) fn tls_reports_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        ui.label(theme::subheading("TLS reports"));
        match state.reported() {
            Some(told) => told_ui(ui, told),
            None => {
                muted_label(
                    ui,
                    "Once a day, senders e-mail you a summary of their connections to your mail \
                     servers. Open these reports here, or drop them on this window, to see whether \
                     enforce mode would have held back any mail.",
                );
            }
        }
        remarks(ui, state);
        ui.add_space(theme::GRID);
        if state.is_reading_reports() {
            ui.horizontal_wrapped(|ui| {
                mark_label(ui, Status::Waiting, 15.0);
                ui.label("Reading the reports…");
                command_button(ui, icon::STOP, Command::StopOpening, commands);
            });
        }
        ui.horizontal_wrapped(|ui| {
            let open = command_button(ui, icon::FOLDER, Command::PickReports, commands);
            help::about(&open, Topic::TlsReports);
            if state.inputs().session().is_some_and(Session::has_reports) {
                command_button(ui, icon::MINUS_CIRCLE, Command::ForgetReports, commands);
            }
        });
        muted_label(
            ui,
            "You can open report files (.json, .gz), several in a .zip, the e-mail itself (.eml) or \
             a mailbox (.mbox), or drop a whole folder here. We don’t check signatures, so open only reports that were sent to your own \
             report address.",
        );
    });
}

fn told_ui(ui: &mut Ui, told: &ReportedSessions) {
    let verdict = told.verdict();
    let status = Status::of(verdict.severity);
    text_row(ui, |ui| {
        mark_label(ui, status, 15.0);
        ui.label(theme::semibold(verdict.text).color(mark_color(ui, status)));
    });
    day_plot(ui, &told.days);
    ui.label(told.summary());
    for held in told.older_policies.iter().take(MAX_ROWS) {
        text_row(ui, |ui| {
            mark_label(ui, Status::Waiting, 15.0);
            ui.label(held.in_words());
        });
    }
    fold(ui, "Connections by day and by sender", |ui| {
        for day in told
            .days
            .iter()
            .rev()
            .filter(|it| it.successful > 0 || it.failed > 0)
        {
            ui.label(day_sentence(day));
        }
        ui.add_space(theme::GRID);
        for sender in told.senders.iter().take(MAX_ROWS) {
            ui.label(format!(
                "{}: {} encrypted, {} failed",
                escaped(&sender.organization, 100),
                sender.successful,
                sender.failed
            ));
        }
    });
    for failure in told.failures.iter().take(MAX_ROWS) {
        failure_ui(ui, failure);
    }
    let more = told.failures.len().saturating_sub(MAX_ROWS);
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
    ui.label(&failure.advice);
}

fn remarks(ui: &mut Ui, state: &State) {
    let remarks = state.inputs().session().map_or(&[][..], Session::remarks);
    for remark in remarks.iter().take(MAX_ROWS) {
        text_row(ui, |ui| {
            mark_label(ui, Status::Attention, 15.0);
            ui.label(format!("{}: {}.", remark.name, remark.text));
        });
    }
    let more = remarks.len().saturating_sub(MAX_ROWS);
    if more > 0 {
        muted_label(ui, format!("And {more} more files."));
    }
}
