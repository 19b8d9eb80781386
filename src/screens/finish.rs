//! Step 4: the files to keep, and what comes next.

use std::time::SystemTime;

use eframe::egui::{TextEdit, Ui};
use mta_sts_core::{Mode, day};
use mta_sts_save::{Existing, PlannedFile};
use time::OffsetDateTime;

use super::Action;
use crate::command::Command;
use crate::state::State;
use crate::theme::{self, icon};
use crate::widgets::{card, icon_button, muted_label, text_row};

/// Saving, once there is a folder and nothing is overwritten unseen.
pub(super) fn action(state: &State) -> Action {
    let others = state.finish.planned.iter().any(is_other);
    Action {
        label: "Save all",
        enabled: !state.finish.planned.is_empty() && (!others || state.finish.overwrite),
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
    ui.add_space(theme::SMALL_SPACE);
    card(ui, |ui| {
        folder_field(ui, state, wishes);
        files(ui, state);
    });
    ui.add_space(theme::SMALL_SPACE);
    card(ui, |ui| what_next(ui, state));
}

fn folder_field(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    let label = ui.label(theme::semibold("Folder"));
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut state.finish.folder_text)
            .hint_text("Type a path, or browse")
            .char_limit(4000)
            .desired_width((ui.available_width() - 110.0).max(140.0));
        if ui.add(field).labelled_by(label.id).changed() {
            wishes.push(Command::FolderChanged);
        }
        if icon_button(ui, icon::FOLDER, "Browse").clicked() {
            wishes.push(Command::PickFolder);
        }
    });
}

fn files(ui: &mut Ui, state: &mut State) {
    if state.finish.planned.is_empty() {
        let typed = !state.finish.folder_text.trim().is_empty() && state.folder().is_none();
        muted_label(
            ui,
            if typed {
                "Type the whole path, from the very beginning, or browse."
            } else {
                "Choose a folder to see what will be written."
            },
        );
        return;
    }
    ui.add_space(theme::GRID);
    for file in &state.finish.planned {
        file_ui(ui, file);
    }
    if state.finish.planned.iter().any(is_other) {
        ui.add_space(theme::GRID);
        ui.checkbox(
            &mut state.finish.overwrite,
            "Replace the files that are different",
        );
    }
}

fn file_ui(ui: &mut Ui, file: &PlannedFile) {
    let palette = theme::palette(ui);
    let (glyph, color, state) = match &file.existing {
        Existing::None => (icon::PLUS, palette.muted, "new".to_owned()),
        Existing::Same { modified } => (
            icon::CHECK_CIRCLE,
            palette.ok,
            format!("saved{}", on(*modified)),
        ),
        Existing::Other { modified } => {
            let state = format!("another file is there{}", on(*modified));
            (icon::WARNING, palette.attention, state)
        }
    };
    text_row(ui, |ui| {
        ui.label(theme::glyph(glyph).color(color));
        ui.label(theme::code(file.path.display().to_string()));
        muted_label(ui, format!("{} bytes, {state}", file.size));
    });
}

fn on(modified: Option<SystemTime>) -> String {
    modified.map_or_else(String::new, |modified| {
        let moment = OffsetDateTime::from(modified);
        format!(
            ", of {} at {:02}:{:02} UTC",
            day(moment),
            moment.hour(),
            moment.minute()
        )
    })
}

fn is_other(file: &PlannedFile) -> bool {
    matches!(file.existing, Existing::Other { .. })
}

fn what_next(ui: &mut Ui, state: &State) {
    let mode = state.draft.as_ref().map(|draft| draft.mode);
    let is_live = state.live_since().is_some();
    match (mode, state.come_back_on()) {
        (Some(Mode::Testing), Some(date)) => {
            let title = format!("Next: switch to enforce on {}", day(date));
            ui.label(theme::subheading(title));
            ui.label(
                "MTA-STS is live in testing mode. Nothing is blocked. Read the TLS reports until \
                 then; when they show no failures, come back, choose Enforce in step 2 and publish \
                 the new file and the new id.",
            );
        }
        (Some(Mode::Testing | Mode::Enforce), _) if !is_live => {
            ui.label(theme::subheading("Next: finish step 3"));
            ui.label(
                "This version has not been seen everywhere yet. Once step 3 shows everything as \
                 correct, the date to come back stands here.",
            );
        }
        (Some(Mode::Enforce), _) => {
            ui.label(theme::subheading("Next: keep it working"));
            ui.label(
                "Come back before you change mail servers: add the new server to the policy first, \
                 publish file and id, wait a day, and only then change the MX records. Renew the \
                 certificates of the mail servers and of the policy host in time.",
            );
        }
        _ => {
            ui.label(theme::subheading("Next: remove it safely"));
            ui.label(
                "Leave record, file and web address in place until every sender has forgotten the \
                 earlier policy: as long as its max_age said. Then remove the record first, then \
                 the file and the web address.",
            );
        }
    }
}
