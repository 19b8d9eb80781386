//! Step 4: the files to keep, and what comes next.

mod tls_reports;

use std::path::Path;
use std::time::SystemTime;

use eframe::egui::{RichText, Ui};
use mta_sts_core::{Mode, day};
use mta_sts_domains::NextStepKind;
use mta_sts_save::{Existing, PlannedFile};
use time::OffsetDateTime;

use super::Action;
use crate::clock;
use crate::command::Command;
use crate::help;
use crate::state::{EnforceLock, FileStatus, SaveForm, State, Status, Step, Topic};
use crate::theme::{self, icon};
use crate::widgets::{
    Moment, banner, card, command_button, icon_button, mark_color, mark_icon, muted_label,
    primary_button, segments, text_field, text_row, tick_box, time_line, unspoken,
};

/// The line of time shows so many dates.
const MAX_MOMENTS: usize = 4;

/// Saving, once there is a folder and nothing is overwritten unseen.
pub(super) fn action(state: &State) -> Action {
    let reason = if state.may_save() || state.awaits_folder() {
        None
    } else if let Some(Err(sentence)) = &state.derived().files {
        Some(sentence.clone())
    } else if state.inputs().folder().is_none() {
        Some("Choose a folder first.".to_owned())
    } else if state.needs_consent() {
        Some("Different files are already there. Tick “Replace the existing files”.".to_owned())
    } else {
        super::create::reason(state)
    };
    Action {
        label: Command::Save.words(),
        reason,
        note: String::new(),
        command: Command::Save,
    }
}

/// Draws the step.
pub(super) fn finish_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let live = state.work().filter(|work| work.is_live());
    let mode = live.and_then(|work| work.draft.as_ref()).map(|it| it.mode);
    ui.label(theme::heading(match mode {
        Some(Mode::Testing) => "Testing mode is live. Save your files",
        Some(Mode::Enforce | Mode::None) => "You’re done. Save your files",
        None => "Save your files",
    }));
    muted_label(ui, "Files to upload, to pass on, and to keep.");
    ui.add_space(theme::GRID);
    where_you_are(ui, state, commands);
    card(ui, |ui| {
        ui.label(theme::subheading("Your files"));
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
            if !there && state.inputs().folder().is_some() {
                muted_label(ui, "The folder isn’t there yet.");
            }
            if icon_button(ui, icon::COPY, "Copy summary").clicked()
                && let Some(text) = state.derived().summary()
            {
                let what = "summary";
                commands.push(Command::Copy { text, what });
            }
        });
    });
    tls_reports::tls_reports_ui(ui, state, commands);
    super::plan::plan_card(ui, state, commands);
    keep_watch(ui, state, commands);
}

/// What has been reached, in a sentence to show around, with the line of time and the one next thing.
fn where_you_are(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let (Some(work), Some(mode)) = (state.work(), state.draft().map(|draft| draft.mode)) else {
        return;
    };
    let domain = work.domain.to_unicode();
    let reached = work.is_live().then(|| match mode {
        Mode::Enforce => (
            format!("{domain} is protected."),
            format!("{domain} tells the world to deliver its mail only over verified TLS."),
        ),
        Mode::Testing => (
            format!("Testing mode is live for {domain}."),
            "Mail is delivered as before, and senders report what would have failed.".to_owned(),
        ),
        Mode::None => (
            format!("MTA-STS is being switched off for {domain}."),
            String::new(),
        ),
    });
    let status = if reached.is_some() {
        Status::Ok
    } else {
        Status::Waiting
    };
    banner(ui, status, |ui| {
        if let Some((title, sentence)) = reached {
            ui.label(theme::subheading(title).size(20.0));
            if !sentence.is_empty() {
                ui.label(&sentence);
            }
        } else {
            let title = format!("Your policy for {domain} isn’t visible everywhere yet.");
            ui.label(theme::subheading(title).size(20.0));
        }
        next_thing(ui, state, mode, commands);
    });
    let moments = moments(state);
    if moments.len() > 1 {
        card(ui, |ui| {
            time_line(ui, &moments);
            muted_label(
                ui,
                "The file next-steps.ics puts these dates into your calendar.",
            );
        });
    }
}

/// The one next thing, with its button where it has one.
fn next_thing(ui: &mut Ui, state: &State, mode: Mode, commands: &mut Vec<Command>) {
    let Some(next) = state.derived().next_steps.first() else {
        return;
    };
    ui.label(theme::semibold(format!(
        "Next: {}",
        dated(&next.title, next.on)
    )));
    ui.label(&next.text);
    match next.kind {
        NextStepKind::Publish if icon_button(ui, icon::ARROW_LEFT, "Back to step 3").clicked() => {
            commands.push(Command::Go(Step::Publish));
        }
        NextStepKind::Enforce if mode == Mode::Testing => {
            let words = Command::Prepare(Mode::Enforce).words();
            let lock = &state.derived().enforce_lock;
            let is_open = *lock == EnforceLock::Open;
            ui.horizontal_wrapped(|ui| {
                if primary_button(ui, is_open, icon::SHIELD_CHECK, words).clicked() {
                    commands.push(Command::Prepare(Mode::Enforce));
                }
                if let EnforceLock::Locked(reason) = lock {
                    let fails = state.reported().is_some_and(|it| it.failed > 0);
                    let palette = theme::palette(ui);
                    let color = if fails {
                        palette.problem
                    } else {
                        palette.muted
                    };
                    ui.label(RichText::new(reason).color(color));
                }
            });
        }
        _ => {}
    }
}

/// What was, today, and what comes.
pub(super) fn moments(state: &State) -> Vec<Moment> {
    let (Some(work), Some(now)) = (state.work(), state.derived().as_of) else {
        return Vec::new();
    };
    let mut dates: Vec<(time::Date, String)> = Vec::new();
    if let Some(live) = &work.history.live {
        let what = match live.mode {
            Mode::Testing => "Testing mode went live.",
            Mode::Enforce => "Enforce mode went live.",
            Mode::None => "Switching off began.",
        };
        dates.push((live.since.date(), what.to_owned()));
    }
    let steps = state.derived().next_steps.iter();
    dates.extend(steps.filter_map(|step| Some((step.on?, format!("{}.", step.title)))));
    dates.sort_by_key(|(on, _)| *on);
    let today = now.date();
    // What is long past gives way to what comes; where it began stays.
    while dates.len() > MAX_MOMENTS && dates.get(1).is_some_and(|(on, _)| *on < today) {
        dates.remove(1);
    }
    dates.truncate(MAX_MOMENTS);
    let is_here = |on: &time::Date| *on == today;
    if dates.is_empty() {
        return Vec::new();
    }
    if !dates.iter().any(|(on, _)| is_here(on)) {
        let place = dates.partition_point(|(on, _)| *on < today);
        dates.insert(place, (today, String::new()));
    }
    let moment = |(on, what): (time::Date, String)| Moment {
        when: if is_here(&on) {
            "Today".to_owned()
        } else {
            day(on.midnight().assume_utc())
        },
        what,
        here: is_here(&on),
    };
    let mut moments: Vec<Moment> = dates.into_iter().map(moment).collect();
    // Several things may be due today: the person is at the first.
    for later in moments.iter_mut().filter(|moment| moment.here).skip(1) {
        later.here = false;
    }
    moments
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
                (true, None) => "Enter an absolute path, or browse.",
                (true, Some(_)) => "Looking at the folder…",
                (false, _) => "Choose a folder to see what will be written.",
            },
        );
        return;
    };
    if !plan.folder_exists {
        muted_label(ui, "This folder will be created.");
    }
    let folder = state.inputs().folder().unwrap_or_default();
    let mut consent = false;
    for file in &plan.files {
        let standing = FileStatus::of(file, work);
        consent |= standing.needs_consent();
        file_ui(ui, &folder, file, standing, planned_at);
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
        let words = "Replace the existing files";
        let mut overwrite = state
            .inputs()
            .session()
            .is_some_and(|it| it.finish.overwrite);
        if tick_box(ui, &mut overwrite, words) {
            commands.push(Command::Overwrite(overwrite));
        }
    }
}

fn file_ui(
    ui: &mut Ui,
    folder: &Path,
    file: &PlannedFile,
    standing: FileStatus,
    planned_at: OffsetDateTime,
) {
    let (Existing::Same { modified } | Existing::Other { modified }) = &file.existing else {
        return row(ui, folder, file, icon::PLUS, Status::Waiting, "new");
    };
    let there = on(*modified);
    let new = format!("; yours is from {}", clock::told(planned_at));
    let (status, words) = match standing {
        FileStatus::New => (Status::Waiting, "new".to_owned()),
        FileStatus::Saved => (Status::Ok, format!("saved{there}")),
        FileStatus::Earlier => {
            let words = format!("your earlier version, saved{there}, will be replaced{new}");
            (Status::Waiting, words)
        }
        FileStatus::ChangedSince => {
            let words = format!("changed since you saved it, last{there}{new}");
            (Status::Attention, words)
        }
        FileStatus::Foreign => (
            Status::Attention,
            format!("a different file is already there, saved{there}{new}"),
        ),
    };
    row(ui, folder, file, mark_icon(status), status, &words);
}

fn row(ui: &mut Ui, folder: &Path, file: &PlannedFile, glyph: &str, status: Status, words: &str) {
    let name = file.path.strip_prefix(folder).unwrap_or(&file.path);
    let name = name.display().to_string();
    let color = mark_color(ui, status);
    text_row(ui, |ui| {
        unspoken(&ui.label(theme::glyph(glyph).color(color)));
        ui.label(theme::code(name));
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
    told.map_or_else(String::new, |told| format!(" {told}"))
}

/// The time of a file; `None` beyond the end of the calendar, which a disk may well say.
fn moment(modified: SystemTime) -> Option<OffsetDateTime> {
    let seconds = match modified.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok()?,
        Err(before) => -i64::try_from(before.duration().as_secs()).ok()?,
    };
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

fn dated(title: &str, on: Option<time::Date>) -> String {
    match on {
        Some(date) => format!("{title} on {}", day(date.midnight().assume_utc())),
        None => title.to_owned(),
    }
}

/// The daily check. In practice there is nothing to watch.
fn keep_watch(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    if state.inputs().practice {
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("Keep watch"));
        ui.label(
            "A job of this computer checks all your domains once a day. It tells you only when \
             something changed: a mail server that the policy doesn’t list, a certificate that \
             wasn’t renewed, a stage of a plan that is due.",
        );
        ui.horizontal_wrapped(|ui| {
            command_button(ui, icon::REPEAT, Command::KeepWatch(true), commands);
            command_button(ui, icon::STOP, Command::KeepWatch(false), commands);
        });
    });
}
