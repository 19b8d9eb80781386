//! Step 4: the files to keep, and what comes next.

mod tls_reports;

use std::time::SystemTime;

use eframe::egui::Ui;
use mta_sts_core::{Mode, day};
use mta_sts_domains::Work;
use mta_sts_save::{Existing, PlannedFile};
use time::OffsetDateTime;

use super::Action;
use crate::clock;
use crate::command::{Change, Command};
use crate::help::{self, Topic};
use crate::state::{EnforceLock, Mark, NextStep, SaveForm, Standing, State};
use crate::theme::{self, icon};
use crate::widgets::{
    banner, card, command_button, icon_button, mark_color, mark_icon, muted_label, segments,
    text_field, text_row, tick_box, unspoken,
};

/// Saving, once there is a folder and nothing is overwritten unseen.
pub(super) fn action(state: &State) -> Action {
    let reason = if state.may_save() || state.awaits_folder() {
        None
    } else if let Some(Err(sentence)) = &state.derived().files {
        Some(sentence.clone())
    } else if state.inputs().folder().is_none() {
        Some("Choose a folder first.".to_owned())
    } else {
        Some("Other files are there. Tick that they may be replaced.".to_owned())
    };
    Action {
        label: Command::Save.words(),
        reason,
        command: Command::Save,
    }
}

/// Draws the step.
pub(super) fn finish_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    ui.label(theme::heading("Keep these"));
    muted_label(
        ui,
        "The files of this setup, to upload, to hand over, and to come back to.",
    );
    ui.add_space(theme::GRID);
    what_next(ui, state);
    card(ui, |ui| {
        ui.label(theme::subheading("Save the files"));
        folder_field(ui, state, commands);
        files(ui, state, commands);
        ui.add_space(theme::GRID);
        ui.horizontal_wrapped(|ui| {
            let there = state
                .shown_plan()
                .is_some_and(|(plan, _)| plan.folder_exists);
            ui.add_enabled_ui(there, |ui| {
                command_button(ui, icon::FOLDER, Command::OpenFolder, commands);
            });
            if icon_button(ui, icon::COPY, "Copy summary").clicked()
                && let Some(text) = state.derived().summary()
            {
                let what = "summary";
                commands.push(Command::Copy { text, what });
            }
        });
    });
    tls_reports::tls_reports_ui(ui, state, commands);
    and_then(ui, &state.derived().next_steps);
    later(ui, state, commands);
}

fn folder_field(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let (inputs, _) = state.parts();
    let Some(work) = inputs.typed() else { return };
    let forms = [
        (SaveForm::Folder, "Files in a folder"),
        (SaveForm::Zip, "One ZIP file"),
    ];
    if let Some(form) = segments(ui, work.save_form, forms) {
        commands.push(Command::SaveForm(form));
    }
    let label = ui.label("Folder");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 118.0).max(140.0);
        let name = ("folder", work.domain.to_string());
        let field = text_field(name, &mut work.folder_text, "Type a path, or browse", 4000);
        let response = ui.add(field.desired_width(width)).labelled_by(label.id);
        help::about(&response, Topic::Files);
        if response.changed() {
            commands.push(Command::FolderEdited);
        }
        command_button(ui, icon::FOLDER, Command::PickFolder, commands);
    });
}

fn files(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(((plan, planned_at), work)) = state.shown_plan().zip(state.work()) else {
        let typed = state
            .work()
            .is_some_and(|work| !work.folder_text.trim().is_empty());
        muted_label(
            ui,
            match (typed, state.inputs().folder()) {
                (true, None) => "Type the whole path, from the very beginning, or browse.",
                (true, Some(_)) => "Looking at the folder…",
                (false, _) => "Choose a folder to see what will be written.",
            },
        );
        return;
    };
    if !plan.folder_exists {
        muted_label(ui, "This folder is not there yet; it will be made.");
    }
    let mut consent = false;
    for file in &plan.files {
        let standing = Standing::of(file, work);
        consent |= standing.needs_consent();
        file_ui(ui, file, standing, planned_at);
        for (path, size) in &file.members {
            text_row(ui, |ui| {
                ui.add_space(theme::ICON_INSET);
                ui.label(theme::code(*path));
                muted_label(ui, bytes(*size));
            });
        }
    }
    if consent {
        ui.add_space(theme::GRID);
        let words = "Replace the files that are different";
        let mut overwrite = state
            .inputs()
            .session()
            .is_some_and(|it| it.finish.overwrite);
        if tick_box(ui, &mut overwrite, words) {
            commands.push(Command::Overwrite(overwrite));
        }
    }
}

fn file_ui(ui: &mut Ui, file: &PlannedFile, standing: Standing, planned_at: OffsetDateTime) {
    let (Existing::Same { modified } | Existing::Other { modified }) = &file.existing else {
        return row(ui, file, icon::PLUS, Mark::Waiting, "new");
    };
    let there = on(*modified);
    let new = format!("; the new one is of {}", clock::told(planned_at));
    let (mark, words) = match standing {
        Standing::New => (Mark::Waiting, "new".to_owned()),
        Standing::Saved => (Mark::Ok, format!("saved{there}")),
        Standing::Earlier => {
            let words = format!("your earlier version{there} will be replaced{new}");
            (Mark::Waiting, words)
        }
        Standing::ChangedSince => {
            let words = format!("somebody changed it since you saved it{there}{new}");
            (Mark::Attention, words)
        }
        Standing::Foreign => (
            Mark::Attention,
            format!("another file is there{there}{new}"),
        ),
    };
    row(ui, file, mark_icon(mark), mark, &words);
}

fn row(ui: &mut Ui, file: &PlannedFile, glyph: &str, mark: Mark, words: &str) {
    let color = mark_color(ui, mark);
    text_row(ui, |ui| {
        unspoken(&ui.label(theme::glyph(glyph).color(color)));
        ui.label(theme::code(file.path.display().to_string()));
        muted_label(ui, format!("{}, {words}", bytes(file.size)));
    });
}

fn bytes(size: usize) -> String {
    match size {
        0..10_000 => format!("{size} bytes"),
        _ => format!("{} kB", size / 1000),
    }
}

fn on(modified: Option<SystemTime>) -> String {
    let told = modified.and_then(moment).map(clock::told);
    told.map_or_else(String::new, |told| format!(", of {told}"))
}

/// The time of a file; `None` beyond the end of the calendar, which a disk may well say.
fn moment(modified: SystemTime) -> Option<OffsetDateTime> {
    let seconds = match modified.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok()?,
        Err(before) => -i64::try_from(before.duration().as_secs()).ok()?,
    };
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

/// The next thing to do.
fn what_next(ui: &mut Ui, state: &State) {
    let Some(first) = state.derived().next_steps.first() else {
        return;
    };
    let is_live = state.work().is_some_and(Work::is_live);
    let mark = if is_live { Mark::Ok } else { Mark::Waiting };
    banner(ui, mark, |ui| {
        ui.label(theme::subheading(dated(&first.title, first.on)).size(20.0));
        ui.label(&first.text);
    });
    ui.add_space(theme::GRID);
}

/// Everything after it.
fn and_then(ui: &mut Ui, steps: &[NextStep]) {
    let others = steps.get(1..).unwrap_or_default();
    if others.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("And then"));
        for step in others {
            ui.horizontal_top(|ui| {
                let color = theme::palette(ui).accent;
                unspoken(&ui.label(theme::glyph(icon::CALENDAR).color(color).size(18.0)));
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.label(theme::semibold(dated(&step.title, step.on)));
                    muted_label(ui, &step.text);
                });
            });
        }
        muted_label(
            ui,
            "The file next-steps.ics puts these dates into your calendar.",
        );
    });
}

fn dated(title: &str, on: Option<time::Date>) -> String {
    match on {
        Some(date) => format!("{title} on {}", day(date.midnight().assume_utc())),
        None => title.to_owned(),
    }
}

/// Changes of what is live, each the safe way.
fn later(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(mode) = state.draft().map(|draft| draft.mode) else {
        return;
    };
    card(ui, |ui| {
        ui.label(theme::subheading("When you come back"));
        if mode == Mode::Testing {
            let lock = &state.derived().enforce_lock;
            ui.horizontal_wrapped(|ui| {
                ui.add_enabled_ui(*lock == EnforceLock::Open, |ui| {
                    let enforce = Command::Prepare(Change::Enforce);
                    command_button(ui, icon::SHIELD_CHECK, enforce, commands);
                });
                if let EnforceLock::Locked(reason) = lock {
                    muted_label(ui, reason);
                }
            });
        }
        ui.horizontal_wrapped(|ui| {
            let move_mail = Command::Prepare(Change::MailServers);
            command_button(ui, icon::ENVELOPE, move_mail, commands);
            if mode != Mode::None {
                let off = Command::Prepare(Change::Off);
                command_button(ui, icon::MINUS_CIRCLE, off, commands);
            }
        });
    });
}
