//! Step 4: the files to keep, and what comes next.

mod tls_reports;

use std::time::SystemTime;

use eframe::egui::Ui;
use mta_sts_core::{Mode, day};
use mta_sts_save::{Existing, PlannedFile};
use time::OffsetDateTime;

use super::Action;
use crate::clock;
use crate::command::{Change, Command};
use crate::help::{self, Topic};
use crate::state::{EnforceLock, Mark, NextStep, SaveForm, Standing, State};
use crate::theme::{self, icon};
use crate::widgets::{
    banner, card, icon_button, mark_color, mark_icon, muted_label, segments, text_field, text_row,
    tick_box, unspoken,
};

/// Saving, once there is a folder and nothing is overwritten unseen.
pub(super) fn action(state: &State) -> Action {
    Action {
        label: "Save all",
        enabled: state.finish.may_save(),
        command: Command::Save,
    }
}

/// Draws the step.
pub(super) fn finish_ui(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    ui.label(theme::heading("Keep these"));
    muted_label(
        ui,
        "The files of this setup, to upload, to hand over, and to come back to.",
    );
    ui.add_space(theme::GRID);
    let steps = state.next_steps();
    what_next(ui, state, &steps);
    card(ui, |ui| {
        ui.label(theme::subheading("Save the files"));
        folder_field(ui, state, wishes);
        files(ui, state);
        ui.add_space(theme::GRID);
        ui.horizontal_wrapped(|ui| {
            let there = state.finish.plan().is_some_and(|plan| plan.folder_exists);
            ui.add_enabled_ui(there, |ui| {
                if icon_button(ui, icon::FOLDER, "Open folder").clicked() {
                    wishes.push(Command::OpenFolder);
                }
            });
            if icon_button(ui, icon::COPY, "Copy summary").clicked()
                && let Some(text) = state.summary()
            {
                let what = "summary";
                wishes.push(Command::Copy { text, what });
            }
        });
    });
    tls_reports::tls_reports_ui(ui, state, wishes);
    and_then(ui, &steps);
    later(ui, state, wishes);
}

fn folder_field(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    let forms = [
        (SaveForm::Folder, "Files in a folder"),
        (SaveForm::Zip, "One ZIP file"),
    ];
    if let Some(form) = segments(ui, state.finish.form, forms) {
        state.finish.form = form;
        wishes.push(Command::FolderChanged);
    }
    let label = ui.label("Folder");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 118.0).max(140.0);
        let field = text_field(
            &mut state.finish.folder_text,
            "Type a path, or browse",
            4000,
        );
        let response = ui.add(field.desired_width(width)).labelled_by(label.id);
        help::about(&response, Topic::Files);
        if response.changed() {
            wishes.push(Command::FolderChanged);
        }
        if icon_button(ui, icon::FOLDER, "Browse").clicked() {
            wishes.push(Command::PickFolder);
        }
    });
}

fn files(ui: &mut Ui, state: &mut State) {
    let finish = &mut state.finish;
    let Some(plan) = finish.plan() else {
        let typed = !finish.folder_text.trim().is_empty() && state.folder().is_none();
        muted_label(
            ui,
            if typed {
                "Type the whole path, from the very beginning, or browse."
            } else {
                "Choose a folder to see what will be written."
            },
        );
        return;
    };
    if !plan.folder_exists {
        muted_label(ui, "This folder is not there yet; it will be made.");
    }
    let planned_at = finish.planned_at();
    let mut consent = false;
    for file in &plan.files {
        let standing = finish.standing(file);
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
        tick_box(ui, &mut finish.overwrite, words);
    }
}

fn file_ui(
    ui: &mut Ui,
    file: &PlannedFile,
    standing: Standing,
    planned_at: Option<OffsetDateTime>,
) {
    let (Existing::Same { modified } | Existing::Other { modified }) = &file.existing else {
        return row(ui, file, icon::PLUS, Mark::Waiting, "new");
    };
    let there = on(*modified);
    let new = planned_at.map_or_else(String::new, |at| {
        format!("; the new one is of {}", clock::told(at))
    });
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
    modified.map_or_else(String::new, |modified| {
        format!(", of {}", clock::told(OffsetDateTime::from(modified)))
    })
}

/// The next thing to do.
fn what_next(ui: &mut Ui, state: &State, steps: &[NextStep]) {
    let Some(first) = steps.first() else { return };
    let is_live = state.live_since().is_some();
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
fn later(ui: &mut Ui, state: &State, wishes: &mut Vec<Command>) {
    let Some(mode) = state.draft.as_ref().map(|draft| draft.mode) else {
        return;
    };
    card(ui, |ui| {
        ui.label(theme::subheading("When you come back"));
        if mode == Mode::Testing {
            let lock = state.enforce_lock(OffsetDateTime::now_utc());
            ui.horizontal_wrapped(|ui| {
                ui.add_enabled_ui(lock == EnforceLock::Open, |ui| {
                    if icon_button(ui, icon::SHIELD_CHECK, "Switch to enforce mode").clicked() {
                        wishes.push(Command::Prepare(Change::Enforce));
                    }
                });
                if let EnforceLock::Locked(reason) = lock {
                    muted_label(ui, reason);
                }
            });
        }
        ui.horizontal_wrapped(|ui| {
            if icon_button(ui, icon::ENVELOPE, "Prepare a mail-server change").clicked() {
                wishes.push(Command::Prepare(Change::MailServers));
            }
            if mode != Mode::None
                && icon_button(ui, icon::MINUS_CIRCLE, "Turn off safely").clicked()
            {
                wishes.push(Command::Prepare(Change::Off));
            }
        });
    });
}
