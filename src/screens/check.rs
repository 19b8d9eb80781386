//! Step 1: which domain, and is its mail server right?

use eframe::egui::{Key, ProgressBar, RichText, Role, Ui, WidgetInfo};
use mta_sts_core::{
    DnsHosting, Facts, MailProvider, Mode, ReadyMailServers, Report, Verdict, mail_provider,
};
use time::OffsetDateTime;

use super::Action;
use crate::command::Command;
use crate::help::{self, Topic};
use crate::runtime::{PracticeDomain, practice_domains};
use crate::state::{Mark, Row, State, Step};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, banner, card, check_row, delivery_rows, fold, icon_button, mark_label, muted_label,
    primary_button, sender_card, text_field, text_row, unspoken,
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
    ui.add_space(theme::GRID);
    if state.check.facts().is_none() {
        beginning(ui, state, wishes);
        return;
    }
    let ended = !state.check.running;
    let report = state.check.report().filter(|_| ended).cloned();
    if let Some(report) = &report {
        verdict(ui, state, report);
        fallbacks(ui, report, wishes);
    }
    who_is_behind(ui, state);
    for group in state.check.rows().iter() {
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.label(theme::subheading(&group.title));
            ui.add_space(theme::GRID);
            for row in &group.rows {
                row_ui(ui, state, row);
            }
        });
    }
    if let Some(report) = &report {
        delivery(ui, report);
        sender_card(
            ui,
            "About the policy that is published now.",
            &report.sender_compatibility,
        );
    }
    if state.practice {
        practice_list(ui, wishes);
    }
}

/// The companies that the names tell, each with what its customers should know.
fn who_is_behind(ui: &mut Ui, state: &State) {
    let Some(facts) = state.check.facts() else {
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
    let dns = DnsHosting::of(facts);
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
            .check
            .facts()
            .map_or_else(String::new, |facts| row.key.raw(facts))
    });
    if has_focus {
        help::focused(ui.ctx(), Topic::of_row(&row.key));
    }
}

fn domain_field(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    let label = ui.label("Domain name");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 150.0).clamp(120.0, 420.0);
        let response = ui
            .add(text_field(&mut state.check.domain_text, "example.com", 400).desired_width(width))
            .labelled_by(label.id);
        help::about(&response, Topic::Domain);
        if response.changed() {
            state.check.domain_error = None;
            wishes.push(Command::Edited);
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if state.check.running {
            if icon_button(ui, icon::STOP, "Stop").clicked() {
                wishes.push(Command::StopCheck);
            }
            return;
        }
        let empty = state.check.domain_text.trim().is_empty();
        let pressed = if state.check.is_of_the_field() {
            icon_button(ui, icon::REPEAT, "Check again").clicked()
        } else {
            primary_button(ui, !empty, icon::ARROW_RIGHT, "Check").clicked()
        };
        if !empty && (pressed || entered) {
            wishes.push(Command::Check);
        }
    });
    if let Some(error) = &state.check.domain_error {
        let color = theme::palette(ui).problem;
        let text = format!("This is not a domain name: {error}.");
        announced(&ui.label(RichText::new(text).color(color)));
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
        for (glyph, title, text) in WHAT_THIS_DOES {
            company(ui, glyph, "", title, text);
        }
    });
    card(ui, |ui| {
        ui.label(theme::subheading("Other ways to begin"));
        ui.label("See it first, on made-up domains. Nothing leaves this computer.");
        if icon_button(ui, icon::GRADUATION_CAP, "Practise first").clicked() {
            wishes.push(Command::Practice(true));
        }
        ui.add_space(theme::GRID);
        ui.label("Look at a check that the command mta-sts made on a server, with --save-facts.");
        open_facts(ui, wishes);
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

fn practice_list(ui: &mut Ui, wishes: &mut Vec<Command>) {
    let [first, rest] = practice_domains();
    card(ui, |ui| {
        ui.label(theme::subheading("Practice domains"));
        muted_label(ui, "Each has its own story. Choose one to check it.");
        for practice in first {
            practice_row(ui, practice, wishes);
        }
        fold(ui, "All practice domains", |ui| {
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
    banner(ui, Mark::of(verdict.mail_servers.severity), |ui| {
        ui.spacing_mut().item_spacing.y = theme::GRID;
        if let Some(provenance) = report.provenance(OffsetDateTime::now_utc()) {
            ui.label(theme::semibold(provenance));
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
fn fallbacks(ui: &mut Ui, report: &Report, wishes: &mut Vec<Command>) {
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
