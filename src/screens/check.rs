//! Step 1: which domain, and is its mail server right?

use eframe::egui::{Key, ProgressBar, RichText, Role, Ui, UiBuilder, WidgetInfo};
use mta_sts_core::{Facts, MailProvider, Mode, ReadyMailServers, Report, Verdict, mail_provider};
use time::OffsetDateTime;

use super::Action;
use crate::clock;
use crate::command::Command;
use crate::help::{self, Topic};
use crate::runtime::{PracticeDomain, practice_domains};
use crate::state::{Mark, Row, State, Step};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, banner, card, check_row, command_button, delivery_rows, fold, icon_button,
    mark_label, muted_label, primary_button, sender_card, text_field, text_row, unspoken,
};

/// Going on is possible once the check has ended, also with problems.
pub(super) fn action(state: &State) -> Option<Action> {
    let readiness = state.report()?.readiness;
    if !state.is_of_the_field() || readiness.mail_servers == ReadyMailServers::NoMail {
        return None;
    }
    let mode = match state.draft() {
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
        reason: (!state.may_enter(Step::Create))
            .then(|| "This domain has no use for a policy.".to_owned()),
        command: Command::Go(Step::Create),
    })
}

/// Draws the step.
pub(super) fn check_ui(
    ui: &mut Ui,
    state: &mut State,
    commands: &mut Vec<Command>,
    entering: bool,
) {
    ui.label(theme::heading("Which domain receives your mail?"));
    domain_field(ui, state, commands, entering);
    let state = &*state;
    // As high with a bar as without one, so that nothing below moves when a check begins.
    let share = state.inputs().session().filter(|it| it.is_checking());
    if let Some(session) = share {
        let bar = ui.add(ProgressBar::new(session.progress()).desired_height(6.0));
        bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Checking"));
    } else {
        ui.allocate_space([0.0, 6.0].into());
    }
    ui.add_space(theme::GRID);
    let Some(domain) = state.domain().filter(|_| state.facts().is_some()) else {
        beginning(ui, state, commands);
        return;
    };
    // Another name is in the field: this is about the old one.
    let is_old = !state.is_of_the_field();
    // Rows of one domain are not those of another: what is open of the one is closed at the other.
    let builder = UiBuilder::new().id_salt(("result", domain.as_str()));
    ui.scope_builder(builder, |ui| {
        if is_old {
            ui.set_opacity(theme::OLD_OPACITY);
            muted_label(
                ui,
                format!("This is the result for {}.", domain.to_unicode()),
            );
        }
        result_ui(ui, state, commands);
    });
    if state.inputs().practice {
        practice_list(ui, commands);
    }
}

/// What the check of the domain on the screen has seen.
fn result_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let report = state.report();
    if let Some(report) = report {
        verdict(ui, state, report);
        fallbacks(ui, report, commands);
    }
    who_is_behind(ui, state);
    for group in &state.derived().rows {
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.label(theme::subheading(&group.title));
            ui.add_space(theme::GRID);
            for row in &group.rows {
                row_ui(ui, state, row);
            }
        });
    }
    if let Some(report) = report {
        delivery(ui, report);
        sender_card(
            ui,
            "About the policy that is published now.",
            &report.sender_compatibility,
        );
    }
}

/// The companies that the names tell, each with what its customers should know.
fn who_is_behind(ui: &mut Ui, state: &State) {
    let Some(facts) = state.facts() else {
        return;
    };
    let mut providers: Vec<&MailProvider> = Vec::new();
    for provider in facts
        .mail_servers
        .iter()
        .filter_map(|server| mail_provider(&server.host))
    {
        if !providers.contains(&provider) {
            providers.push(provider);
        }
    }
    let dns = &state.derived().dns_hosting;
    if providers.is_empty() && dns.hosts.is_empty() {
        return;
    }
    card(ui, |ui| {
        for provider in providers {
            let note = provider.note.clone().unwrap_or_default();
            company(ui, icon::ENVELOPE, "Your mail is at", &provider.name, &note);
        }
        for host in &dns.hosts {
            let way = format!("Records are added under {}.", host.menu.join(" › "));
            company(ui, icon::GLOBE, "Your DNS is at", &host.name, &way);
        }
        if dns.is_shared() {
            muted_label(
                ui,
                "The name servers belong to more than one company. Add each record at all of them.",
            );
        }
    });
}

fn company(ui: &mut Ui, glyph: &str, what: &str, name: &str, note: &str) {
    ui.horizontal_top(|ui| {
        let color = theme::palette(ui).accent;
        unspoken(&ui.label(theme::glyph(glyph).color(color).size(20.0)));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            text_row(ui, |ui| {
                if !what.is_empty() {
                    muted_label(ui, what);
                }
                ui.label(theme::semibold(name));
            });
            if !note.is_empty() {
                muted_label(ui, note);
            }
        });
    });
}

fn row_ui(ui: &mut Ui, state: &State, row: &Row) {
    let has_focus = check_row(ui, row, || {
        state
            .facts()
            .map_or_else(String::new, |facts| row.key.raw(facts))
    });
    if has_focus {
        help::focused(ui.ctx(), Topic::of_row(&row.key));
    }
}

fn domain_field(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>, entering: bool) {
    let is_of_the_field = state.is_of_the_field() && state.facts().is_some();
    let checking = state.is_checking() && state.is_of_the_field();
    let (inputs, _) = state.parts();
    let label = ui.label("Domain name");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 150.0).clamp(120.0, 420.0);
        let field = text_field("domain", &mut inputs.domain_text, "example.com", 400);
        let response = ui.add(field.desired_width(width)).labelled_by(label.id);
        help::about(&response, Topic::Domain);
        if entering && !is_of_the_field {
            response.request_focus();
        }
        if response.changed() {
            commands.push(Command::TextEdited);
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if checking {
            if icon_button(ui, icon::STOP, Command::StopCheck.words()).clicked() {
                commands.push(Command::StopCheck);
            }
            return;
        }
        let empty = inputs.domain_text.trim().is_empty();
        let pressed = if is_of_the_field {
            icon_button(ui, icon::REPEAT, "Check again").clicked()
        } else {
            primary_button(ui, !empty, icon::ARROW_RIGHT, "Check").clicked()
        };
        if !empty && (pressed || entered) {
            commands.push(Command::Check);
        }
    });
    if let Some(error) = &inputs.domain_error {
        let color = theme::palette(ui).problem;
        let text = format!("This is not a domain name: {error}.");
        announced(&ui.label(RichText::new(text).color(color)));
    }
    if let Some(domain) = state.domain().filter(|domain| domain.is_idn()) {
        muted_label(ui, format!("In the DNS: {domain}"));
    }
}

fn beginning(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    muted_label(
        ui,
        "Nothing is changed. Only the DNS, the mail servers and the web site of your domain are asked.",
    );
    ui.add_space(theme::SPACE);
    if state.inputs().practice {
        practice_list(ui, commands);
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("What this does"));
        for (glyph, title, text) in WHAT_THIS_DOES {
            company(ui, glyph, "", title, text);
        }
    });
    card(ui, |ui| {
        ui.label(theme::subheading("Other ways to begin"));
        ui.label("See it first, on made-up domains. Nothing leaves this computer.");
        command_button(ui, icon::GRADUATION_CAP, Command::Practice(true), commands);
        ui.add_space(theme::GRID);
        ui.label("Look at a check that the command mta-sts made on a server, with --save-facts.");
        open_facts(ui, commands);
    });
}

const WHAT_THIS_DOES: [(&str, &str, &str); 3] = [
    (
        icon::SHIELD_CHECK,
        "Checks whether your mail servers are ready",
        "MTA-STS tells other mail servers: deliver to us only over an encrypted connection to the \
         right server. So that connection has to work.",
    ),
    (
        icon::COPY,
        "Writes two DNS records and a policy file",
        "In the words of your DNS host, with values that are safe as they stand.",
    ),
    (
        icon::GLOBE,
        "Watches until they are visible everywhere",
        "And says what is wrong where they are not, and how to mend it.",
    ),
];

pub(super) fn practice_list(ui: &mut Ui, commands: &mut Vec<Command>) {
    let [first, rest] = practice_domains();
    card(ui, |ui| {
        ui.label(theme::subheading("Practice domains"));
        muted_label(ui, "Each has its own story. Choose one to check it.");
        for practice in first {
            practice_row(ui, practice, commands);
        }
        fold(ui, "All practice domains", |ui| {
            for practice in rest {
                practice_row(ui, practice, commands);
            }
        });
    });
}

fn practice_row(ui: &mut Ui, practice: PracticeDomain, commands: &mut Vec<Command>) {
    text_row(ui, |ui| {
        if ui.link(practice.domain).clicked() {
            commands.push(Command::CheckPractice(practice.domain.to_owned()));
        }
        muted_label(ui, practice.story);
    });
}

fn verdict(ui: &mut Ui, state: &State, report: &Report) {
    let verdict = told(state, report);
    banner(ui, Mark::of(verdict.mail_servers.severity), |ui| {
        ui.spacing_mut().item_spacing.y = theme::GRID;
        let now = state.derived().as_of.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        if let Some(provenance) = report.provenance(now) {
            ui.label(theme::semibold(provenance));
        } else if let Some(at) = state.facts().map(|facts| facts.checked_at) {
            muted_label(ui, format!("Checked {}.", clock::age(at, now)));
        }
        let response = ui.label(theme::subheading(verdict.mail_servers.text).size(20.0));
        announced(&response);
        ui.horizontal_top(|ui| {
            if verdict.published.severity.is_some() {
                mark_label(ui, Mark::of(verdict.published.severity), 18.0);
            }
            ui.label(verdict.published.text);
        });
    });
    ui.add_space(theme::GRID);
}

/// What to do where the network of this computer is in the way.
fn fallbacks(ui: &mut Ui, report: &Report, commands: &mut Vec<Command>) {
    if report.fallbacks.is_empty() {
        return;
    }
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
        open_facts(ui, commands);
    });
}

fn open_facts(ui: &mut Ui, commands: &mut Vec<Command>) {
    command_button(ui, icon::FOLDER, Command::PickFacts, commands);
}

/// What a sender does with mail to each MX host.
fn delivery(ui: &mut Ui, report: &Report) {
    if report.delivery.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("How a sender sees it"));
        muted_label(ui, report.delivery_premise());
        delivery_rows(ui, &report.delivery);
    });
}

/// The verdict. In practice mode, no domain is missing in the DNS.
fn told(state: &State, report: &Report) -> Verdict {
    let mut verdict = report.verdict();
    let facts = state.facts();
    let is_nowhere = |facts: &Facts| facts.mx.seen().is_some_and(|answer| !answer.name_exists);
    if state.inputs().practice && facts.is_some_and(is_nowhere) {
        let domain = report.domain.to_unicode();
        verdict.mail_servers.text = format!("{domain} is none of the practice domains.");
    }
    verdict
}
