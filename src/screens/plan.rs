//! The plan of a domain: a change that takes days or weeks, stage by stage.

use eframe::egui::{Align, Color32, Id, RichText, TextEdit, Ui};
use mta_sts_core::facts::MxRecord;
use mta_sts_core::{Action as Deed, Change, Mode, Plan, PlanStage, StageStatus};
use time::OffsetDateTime;

use super::Action;
use crate::clock;
use crate::command::{Breakage, Command, PlanCommand, PlanKind};
use crate::state::{State, Status, Topic, practice_mx};
use crate::theme::{self, icon};
use crate::widgets::{
    banner, card, code_block, command_button, copy_field, fold, mark_label, muted_label, scroll_to,
    section, text_row, tick_box, time_line, unspoken,
};

/// What is next in the plan.
pub(super) fn action(state: &State) -> Option<Action> {
    let of = |command: Command, reason: Option<String>| {
        Some(Action {
            label: command.words(),
            reason,
            note: String::new(),
            command,
        })
    };
    if state.inputs().session()?.new_mx.is_some() {
        return of(Command::Plan(PlanCommand::Make), None);
    }
    let plan = state.derived().plan.as_ref()?;
    let Some(planned) = plan.current() else {
        let end = if plan.is_done() {
            PlanCommand::Finish
        } else {
            PlanCommand::GiveUp
        };
        return of(Command::Plan(end), None);
    };
    let check = |reason: Option<String>| {
        Some(Action {
            label: "Check now",
            reason,
            note: String::new(),
            command: Command::Check,
        })
    };
    let checking = || Some("Checking…".to_owned());
    match planned.status {
        _ if state.is_checking() => check(checking()),
        StageStatus::Open if planned.setup.is_some() => {
            of(Command::Plan(PlanCommand::Publish), None)
        }
        _ => check(None),
    }
}

/// Draws the plan, or the question for the new mail servers.
pub(super) fn plan_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let asks = state
        .inputs()
        .session()
        .is_some_and(|it| it.new_mx.is_some());
    if asks {
        new_mail_servers(ui, state, commands);
        return;
    }
    let state = &*state;
    let (Some(plan), Some(now)) = (&state.derived().plan, state.derived().as_of) else {
        ui.label(theme::heading("No plan"));
        muted_label(ui, "Check the domain first.");
        return;
    };
    let top = ui.label(theme::heading(plan.title.as_str()));
    let moved_on = has_moved_on(ui, plan);
    if moved_on && plan.current().is_none() {
        scroll_to(&top, Some(Align::TOP));
    }
    muted_label(
        ui,
        "Every date is as early as every known sender allows. You can close this window and come back.",
    );
    ui.add_space(theme::GRID);
    let moments = super::finish::moments(state);
    if moments.len() > 1 && plan.current().is_some() {
        card(ui, |ui| time_line(ui, &moments));
    }
    for remark in &plan.remarks {
        ui.label(remark);
    }
    if plan.is_done() {
        banner(ui, Status::Ok, |ui| {
            ui.label(theme::subheading("All of it is done.").size(20.0));
        });
    }
    for (place, planned) in plan.stages.iter().enumerate() {
        let shown = ui.push_id(planned.id, |ui| {
            stage_ui(ui, state, place + 1, planned, now, commands);
        });
        if moved_on && plan.current().is_some_and(|it| it.id == planned.id) {
            scroll_to(&shown.response, Some(Align::TOP));
        }
    }
    if state.inputs().practice {
        practice(ui, state, plan, commands);
    }
    ui.add_space(theme::GRID);
    if plan.current().is_some() {
        ui.horizontal_wrapped(|ui| {
            command_button(
                ui,
                icon::X_CIRCLE,
                Command::Plan(PlanCommand::GiveUp),
                commands,
            );
            muted_label(ui, "What you have published so far stays as it is.");
        });
    }
}

/// Whether another stage is the current one than when the plan was last drawn.
fn has_moved_on(ui: &Ui, plan: &Plan) -> bool {
    let id = Id::unique("current stage");
    let now = (plan.title.clone(), plan.current().map(|it| it.id));
    let before = ui.data_mut(|data| {
        let before = data.get_temp::<(String, Option<&'static str>)>(id);
        data.insert_temp(id, now.clone());
        before
    });
    before.is_some_and(|before| before.0 == now.0 && before.1 != now.1)
}

/// A stage: a line, and everything about it while it is the current one.
fn stage_ui(
    ui: &mut Ui,
    state: &State,
    number: usize,
    planned: &PlanStage,
    now: OffsetDateTime,
    commands: &mut Vec<Command>,
) {
    card(ui, |ui| {
        ui.horizontal_top(|ui| {
            let (glyph, color) = mark(ui, planned.status);
            unspoken(&ui.label(theme::glyph(glyph).color(color).size(20.0)));
            ui.vertical(|ui| {
                ui.label(theme::subheading(format!("{number}. {}", planned.title)));
                muted_label(ui, when(planned, now));
            });
        });
        match planned.status {
            StageStatus::Done if planned.id == "check-new" => vouch(ui, state, commands, false),
            StageStatus::Done => {}
            StageStatus::Later => fold(ui, "What it will be", |ui| {
                details(ui, state, planned, commands);
            }),
            StageStatus::Open | StageStatus::Waiting | StageStatus::Blocked => {
                details(ui, state, planned, commands);
            }
        }
    });
}

/// The mark of a stage. The line beside it says the same in words.
fn mark(ui: &Ui, status: StageStatus) -> (&'static str, Color32) {
    let palette = theme::palette(ui);
    match status {
        StageStatus::Done => (icon::CHECK_CIRCLE, palette.ok),
        StageStatus::Open => (icon::ARROW_RIGHT, palette.accent),
        StageStatus::Blocked => (icon::WARNING, palette.attention),
        StageStatus::Waiting | StageStatus::Later => (icon::HOURGLASS, palette.muted),
    }
}

fn when(planned: &PlanStage, now: OffsetDateTime) -> String {
    let at = planned.earliest.at;
    match planned.status {
        StageStatus::Done => "Done".to_owned(),
        StageStatus::Open => "Now".to_owned(),
        StageStatus::Blocked => "Something is missing".to_owned(),
        StageStatus::Waiting | StageStatus::Later if at <= now => "After that".to_owned(),
        StageStatus::Waiting | StageStatus::Later => {
            format!("From {}", clock::told(at))
        }
    }
}

fn details(ui: &mut Ui, state: &State, planned: &PlanStage, commands: &mut Vec<Command>) {
    if !planned.text.is_empty() {
        ui.label(&planned.text);
    }
    if planned.status != StageStatus::Open && !planned.earliest.why.is_empty() {
        section(ui, "Why not earlier", &planned.earliest.why);
    }
    for missing in planned.missing() {
        ui.horizontal_top(|ui| {
            let status = match missing.is_met {
                Some(false) => Status::Problem,
                _ => Status::NotChecked,
            };
            mark_label(ui, status, 16.0);
            ui.vertical(|ui| {
                ui.label(theme::semibold(format!("It needs {}.", missing.text)));
                ui.label(&missing.seen);
            });
        });
    }
    if planned.id == "check-new" {
        vouch(ui, state, commands, true);
    }
    for (index, deed) in planned.actions.iter().enumerate() {
        ui.push_id(index, |ui| deed_ui(ui, deed, commands));
    }
    muted_label(ui, format!("Done when {}.", planned.done_when));
    if !planned.way_back.is_empty() {
        section(ui, "If it goes wrong", &planned.way_back);
    }
}

/// Where port 25 can’t be reached from here, the person may know better; what was ticked can be unticked.
fn vouch(ui: &mut Ui, state: &State, commands: &mut Vec<Command>, is_offered: bool) {
    let plan = state.work().and_then(|work| work.plan.as_ref());
    let Some(Change::Move(to)) = plan else { return };
    if !is_offered && !to.vouched {
        return;
    }
    let mut vouched = to.vouched;
    if tick_box(
        ui,
        &mut vouched,
        "I have checked the new mail servers in another way",
    ) {
        commands.push(Command::Plan(PlanCommand::Vouch(vouched)));
    }
}

/// Something to publish or to remove, with what is to be copied.
fn deed_ui(ui: &mut Ui, deed: &Deed, commands: &mut Vec<Command>) {
    let mut copy = |ui: &mut Ui, label: &str, text: &str, what: &'static str| {
        if copy_field(ui, label, text, what) {
            let text = text.to_owned();
            commands.push(Command::Copy { text, what });
        }
    };
    match deed {
        Deed::ServeFile { url, text } => {
            ui.label(format!("Put this file at {url}"));
            code_block(ui, text.lines().map(|line| (line, "")));
        }
        Deed::PublishRecord {
            name,
            value,
            replaces,
        } => {
            ui.label(match replaces {
                Some(_) => format!("Then replace the TXT record at {name}"),
                None => format!("Then publish a TXT record at {name}"),
            });
            copy(ui, "Value", value, "MTA-STS record");
        }
        Deed::RemoveRecord { name, value } => {
            ui.label(format!("Remove the record at {name}"));
            if let Some(value) = value {
                code_block(ui, [(value.as_str(), "")]);
            }
        }
        Deed::ChangeMx { from, to } => {
            ui.label("MX records now");
            mx_lines(ui, from);
            ui.label("MX records after");
            for record in to {
                let what = "mail server";
                if copy_field(
                    ui,
                    &format!("Preference {}", record.preference),
                    &record.exchange,
                    what,
                ) {
                    let text = record.exchange.clone();
                    commands.push(Command::Copy { text, what });
                }
            }
        }
        Deed::PointPolicyHost { name, alias } => {
            ui.label(format!(
                "Then remove the CNAME from {name} to {alias}, and point {name} to your web host."
            ));
        }
        Deed::RemovePolicyHost { url, name } => {
            ui.label(format!("Remove {url}, and the name {name} from your DNS."));
        }
        Deed::ChangeAtService {
            service,
            place,
            policy,
        } => {
            ui.label(format!(
                "The policy is hosted by {service}. Change it {place}, to this:"
            ));
            code_block(ui, policy.lines().map(|line| (line, "")));
        }
        Deed::Run { shell, lines } => {
            ui.label(format!("In {shell}:"));
            for line in lines {
                copy(ui, "Command", line, "command");
            }
        }
    }
}

fn mx_lines(ui: &mut Ui, records: &[MxRecord]) {
    let lines: Vec<String> = records
        .iter()
        .map(|it| format!("{} {}", it.preference, it.exchange))
        .collect();
    code_block(ui, lines.iter().map(|line| (line.as_str(), "")));
}

/// The controls of practice: do it, let time pass, break something.
fn practice(ui: &mut Ui, state: &State, plan: &Plan, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        ui.label(theme::subheading("Practice"));
        let current = plan.current().map(|it| (it.status, it.actions.is_empty()));
        let helps = match current {
            Some((StageStatus::Open, false)) => Some((icon::GRADUATION_CAP, PlanCommand::DoForMe)),
            Some((StageStatus::Waiting, _)) => Some((icon::HOURGLASS, PlanCommand::SkipToThatDay)),
            _ => None,
        };
        if let Some((glyph, command)) = helps {
            command_button(ui, glyph, Command::Plan(command), commands);
        }
        muted_label(ui, "Let it break, and check what senders do:");
        ui.horizontal_wrapped(|ui| {
            for (glyph, what) in [
                (icon::WARNING, Breakage::Certificates),
                (icon::WARNING, Breakage::MailServers),
                (icon::REPEAT, Breakage::Nothing),
            ] {
                let command = Command::Plan(PlanCommand::Break(what));
                command_button(ui, glyph, command, commands);
            }
        });
        let ahead = state.inputs().world.ahead().whole_days();
        if ahead > 0 {
            let days = if ahead == 1 {
                "1 day".to_owned()
            } else {
                format!("{ahead} days")
            };
            muted_label(
                ui,
                format!("The clock of the practice internet is {days} ahead."),
            );
        }
    });
}

/// Which mail servers, and what comes of it.
fn new_mail_servers(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let practice = state.inputs().practice;
    let (inputs, _) = state.parts();
    let Some(session) = inputs.session_mut() else {
        return;
    };
    ui.label(theme::heading("Which mail servers will receive your mail?"));
    muted_label(
        ui,
        "Name all of them, one a line, the preferred one first. Name those that stay, too. Nothing is \
         published, and no mail moves, until you do it.",
    );
    ui.add_space(theme::GRID);
    let domain = session.domain().to_string();
    let Some(text) = &mut session.new_mx else {
        return;
    };
    let label = ui.label("New mail servers");
    let field = TextEdit::multiline(text)
        .id(Id::unique(("new mail servers", &domain)))
        .char_limit(10_000)
        .desired_rows(3)
        .desired_width(f32::INFINITY);
    let response = ui.add(field).labelled_by(label.id);
    crate::help::about(&response, Topic::Plan);
    if response.changed() {
        commands.push(Command::Plan(PlanCommand::HostsEdited));
    }
    if let Some(error) = &session.new_mx_error {
        let color = theme::palette(ui).problem;
        ui.label(RichText::new(error).color(color));
    }
    if practice {
        let host = practice_mx(&domain);
        muted_label(ui, format!("In practice, mail can move to {host}."));
    }
    text_row(ui, |ui| {
        muted_label(
            ui,
            "Microsoft 365: the new name ends with mx.microsoft. Google Workspace: smtp.google.com. Your \
             provider’s admin centre tells the exact name.",
        );
    });
    command_button(
        ui,
        icon::X_CIRCLE,
        Command::Plan(PlanCommand::GiveUp),
        commands,
    );
}

/// The plan in a line, with the button that opens it; without one, the plans that can be begun.
pub(super) fn plan_card(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(facts) = state.work().and_then(|work| work.facts.as_deref()) else {
        return;
    };
    if let Some(plan) = &state.derived().plan {
        card(ui, |ui| {
            ui.label(theme::subheading(plan.title.as_str()));
            let now = state.derived().as_of.unwrap_or(OffsetDateTime::UNIX_EPOCH);
            ui.label(match plan.current() {
                Some(planned) => format!("{}: {}", when(planned, now), planned.title),
                None if plan.is_done() => "All of it is done.".to_owned(),
                None => plan.remarks.join(" "),
            });
            command_button(
                ui,
                icon::ARROW_RIGHT,
                Command::Plan(PlanCommand::Show),
                commands,
            );
        });
        return;
    }
    if facts.nothing_published()
        || facts.has_no_use_for_a_policy()
        || facts.published_policy().is_none()
    {
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("Plan a change"));
        muted_label(
            ui,
            "Each is a plan with dates: what to publish, when, and how to go back.",
        );
        ui.horizontal_wrapped(|ui| {
            let is_testing = facts
                .published_policy()
                .is_some_and(|it| it.mode() == Mode::Testing);
            let mut begin = |glyph, kind| {
                command_button(ui, glyph, Command::Plan(PlanCommand::Begin(kind)), commands);
            };
            if is_testing {
                begin(icon::SHIELD_CHECK, PlanKind::Enforce);
            }
            begin(icon::ENVELOPE, PlanKind::Move);
            begin(icon::MINUS_CIRCLE, PlanKind::Off);
            if mta_sts_core::hosted_policy(facts).is_some() {
                begin(icon::GLOBE, PlanKind::Leave);
            }
        });
    });
}
