//! Step 1: which domain, and is its mail server right?

use eframe::egui::{CollapsingHeader, Key, ProgressBar, RichText, Role, TextEdit, Ui, WidgetInfo};
use mta_sts_core::{Facts, Mode, ReadyMailServers, Report, Severity, Verdict};

use time::OffsetDateTime;

use super::Action;
use crate::command::Command;
use crate::runtime::{PracticeDomain, practice_domains};
use crate::state::{Mark, Row, State, Step};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, card, check_row, delivery_rows, icon_button, mark_label, muted_label, sender_card,
    text_row,
};

/// Going on is possible once the check has ended, also with problems.
pub(super) fn action(state: &State) -> Option<Action> {
    let readiness = state.check.readiness()?;
    if !state.check.is_of_the_field() || readiness.mail_servers == ReadyMailServers::NoMail {
        return None;
    }
    let mode = match &state.draft {
        Some(draft) => Some(draft.mode),
        None => readiness.effective_mode,
    };
    let ready = readiness.mail_servers == ReadyMailServers::Ready;
    Some(Action {
        label: match mode {
            _ if ready => "Create my policy",
            Some(Mode::Enforce | Mode::None) => "Continue",
            Some(Mode::Testing) | None => "Continue in testing mode",
        },
        enabled: state.may_enter(Step::Create),
        command: Command::Go(Step::Create),
    })
}

/// Draws the step.
pub(super) fn check_ui(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    ui.label(theme::heading("Which domain receives your mail?"));
    domain_field(ui, state, wishes);
    if state.check.running {
        let bar = ui.add(ProgressBar::new(state.check.progress()).desired_height(6.0));
        bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Checking"));
    }
    if state.check.facts().is_none() {
        beginning(ui, state, wishes);
        return;
    }
    if let Some(report) = state
        .check
        .report()
        .cloned()
        .filter(|_| !state.check.running)
    {
        verdict(ui, state, &report);
        fallbacks(ui, &report, wishes);
        delivery(ui, &report);
        sender_card(
            ui,
            "About the policy that is published now.",
            &report.sender_compatibility,
        );
    }
    for group in state.check.rows().iter() {
        ui.add_space(theme::SMALL_SPACE);
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = theme::GRID;
            ui.label(theme::subheading(&group.title));
            for row in &group.rows {
                row_ui(ui, state, row);
            }
        });
    }
    if state.practice {
        ui.add_space(theme::SPACE);
        practice_list(ui, wishes);
    }
}

fn row_ui(ui: &mut Ui, state: &State, row: &Row) {
    check_row(ui, row, || {
        state
            .check
            .facts()
            .map_or_else(String::new, |facts| row.key.raw(facts))
    });
}

fn domain_field(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    let label = ui.label("Domain name");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 150.0).clamp(120.0, 420.0);
        let field = TextEdit::singleline(&mut state.check.domain_text)
            .hint_text("example.com")
            .char_limit(400)
            .desired_width(width)
            .margin(eframe::egui::Margin::symmetric(8, 6));
        let response = ui.add(field).labelled_by(label.id);
        if response.changed() {
            state.check.domain_error = None;
            wishes.push(Command::Edited);
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if state.check.running {
            if icon_button(ui, icon::STOP, "Stop").clicked() {
                wishes.push(Command::StopCheck);
            }
        } else {
            let empty = state.check.domain_text.trim().is_empty();
            let again = state.check.facts().is_some();
            let words = if again { "Check again" } else { "Check" };
            let pressed = ui.add_enabled_ui(!empty, |ui| {
                icon_button(
                    ui,
                    if again {
                        icon::REPEAT
                    } else {
                        icon::ARROW_RIGHT
                    },
                    words,
                )
                .clicked()
            });
            if pressed.inner || (entered && !empty) {
                wishes.push(Command::Check);
            }
        }
    });
    if let Some(error) = &state.check.domain_error {
        let color = theme::palette(ui).problem;
        ui.label(RichText::new(format!("This is not a domain name: {error}.")).color(color));
    }
    if let Some(domain) = state.domain().filter(|domain| domain.is_idn()) {
        muted_label(ui, format!("In the DNS: {domain}"));
    }
}

fn beginning(ui: &mut Ui, state: &State, wishes: &mut Vec<Command>) {
    muted_label(
        ui,
        "Nothing is changed. Only the DNS, the mail servers and the web site of your domain are asked.",
    );
    ui.add_space(theme::SPACE);
    if state.practice {
        practice_list(ui, wishes);
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("What this does"));
        ui.label(
            "MTA-STS tells other mail servers: deliver to us only over an encrypted connection to \
             the right server. This program checks whether your mail server is ready, writes the \
             two DNS records and the policy file, watches until they are visible everywhere, and \
             keeps them for you.",
        );
        ui.add_space(theme::SMALL_SPACE);
        ui.label(
            "Want to see it first? Practise on made-up domains; nothing leaves this computer.",
        );
        if icon_button(ui, icon::GRADUATION_CAP, "Practise first").clicked() {
            wishes.push(Command::Practice(true));
        }
        ui.add_space(theme::SMALL_SPACE);
        ui.label(
            "Did the command mta-sts check run on a server, with --save-facts? Look at it here.",
        );
        open_facts(ui, wishes);
    });
}

fn practice_list(ui: &mut Ui, wishes: &mut Vec<Command>) {
    let [first, rest] = practice_domains();
    card(ui, |ui| {
        ui.label(theme::subheading("Practice domains"));
        muted_label(ui, "Each has its own story. Choose one to check it.");
        for practice in first {
            practice_row(ui, practice, wishes);
        }
        CollapsingHeader::new("All practice domains").show_unindented(ui, |ui| {
            for practice in rest {
                practice_row(ui, practice, wishes);
            }
        });
    });
}

fn practice_row(ui: &mut Ui, practice: PracticeDomain, wishes: &mut Vec<Command>) {
    text_row(ui, |ui| {
        if ui.link(practice.domain).clicked() {
            wishes.push(Command::CheckPractice(practice.domain.to_owned()));
        }
        muted_label(ui, practice.story);
    });
}

fn verdict(ui: &mut Ui, state: &State, report: &Report) {
    let verdict = told(state, report);
    let mark = mark_of(verdict.mail_servers.severity);
    ui.add_space(theme::SMALL_SPACE);
    card(ui, |ui| {
        if let Some(provenance) = report.provenance(OffsetDateTime::now_utc()) {
            ui.label(theme::semibold(provenance));
        }
        ui.horizontal_top(|ui| {
            mark_label(ui, mark, 26.0);
            ui.vertical(|ui| {
                let response = ui.label(theme::subheading(verdict.mail_servers.text).size(18.0));
                announced(&response);
                ui.horizontal_top(|ui| {
                    if verdict.published.severity.is_some() {
                        mark_label(ui, mark_of(verdict.published.severity), 18.0);
                    }
                    ui.label(verdict.published.text);
                });
            });
        });
    });
}

/// What to do where the network of this computer is in the way.
fn fallbacks(ui: &mut Ui, report: &Report, wishes: &mut Vec<Command>) {
    if report.fallbacks.is_empty() {
        return;
    }
    ui.add_space(theme::GRID);
    card(ui, |ui| {
        ui.label(theme::subheading("What you can do instead"));
        muted_label(
            ui,
            "What keeps mail connections back is your network, not your mail server.",
        );
        for way in &report.fallbacks {
            ui.scope(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.label(theme::semibold(way.title));
                ui.label(&way.text);
            });
        }
        ui.add_space(theme::GRID);
        open_facts(ui, wishes);
    });
}

fn open_facts(ui: &mut Ui, wishes: &mut Vec<Command>) {
    if icon_button(ui, icon::FOLDER, "Open the result of a check…").clicked() {
        wishes.push(Command::PickFacts);
    }
}

/// What a sender does with mail to each MX host.
fn delivery(ui: &mut Ui, report: &Report) {
    if report.delivery.is_empty() {
        return;
    }
    ui.add_space(theme::GRID);
    card(ui, |ui| {
        ui.label(theme::subheading("How a sender sees it"));
        muted_label(ui, report.delivery_premise());
        delivery_rows(ui, &report.delivery);
    });
}

/// The verdict. In practice mode, no domain is missing in the DNS.
fn told(state: &State, report: &Report) -> Verdict {
    let mut verdict = report.verdict();
    let facts = state.check.facts();
    let is_nowhere = |facts: &Facts| facts.mx.seen().is_some_and(|answer| !answer.name_exists);
    if state.practice && facts.is_some_and(is_nowhere) {
        let domain = report.domain.to_unicode();
        verdict.mail_servers.text = format!("{domain} is none of the practice domains.");
    }
    verdict
}

fn mark_of(severity: Option<Severity>) -> Mark {
    match severity {
        None | Some(Severity::Note) => Mark::Ok,
        Some(Severity::Attention) => Mark::Attention,
        Some(Severity::Problem) => Mark::Problem,
        Some(Severity::NotChecked) => Mark::NotChecked,
    }
}
