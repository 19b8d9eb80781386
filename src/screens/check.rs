//! Step 1: which domain, and is its mail server right?

use eframe::egui::{
    Button, Id, Key, ProgressBar, Response, RichText, Role, Ui, UiBuilder, WidgetInfo,
};
use mta_sts_core::{
    Domain, Evidence, Facts, Headline, MailProvider, Mode, Report, day, escaped, mail_provider,
};
use time::OffsetDateTime;

use super::Action;
use crate::clock;
use crate::command::Command;
use crate::help;
use crate::runtime::{PracticeDomain, practice_domains};
use crate::state::{Here, Overlay, Row, State, Status, Step, ToDo, Topic};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, banner, card, check_row, code_block, command_button, copy_field, fold, host_table,
    icon_button, mail_path, mark_label, muted_label, named, primary_button, scroll_to, section,
    sender_card, text_field, text_row, unspoken,
};

/// Going on is possible once the check has ended, also with problems.
pub(super) fn action(state: &State) -> Option<Action> {
    let report = state.report()?;
    if !state.is_of_the_field() || !state.may_enter(Step::Create) {
        return None;
    }
    if report.readiness.is_undetermined() && report.mail_servers.is_empty() {
        // Nothing was seen of the domain that a policy could rest on.
        return Some(Action {
            label: "Check again",
            reason: None,
            note: String::new(),
            command: Command::Check,
        });
    }
    let is_set_up = report.readiness.effective_mode.is_some();
    let in_order = report.headline.severity.is_none();
    Some(Action {
        label: match (is_set_up, in_order) {
            (true, true) => "Change something",
            (true, false) => "Next: your policy",
            (false, _) => "Create my policy",
        },
        reason: None,
        note: String::new(),
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
    ui.label(theme::heading("Which domain do you want to protect?"));
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

/// What the check of the domain on the screen has seen, the most urgent first.
fn result_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let derived = state.derived();
    if let Some(report) = state.report() {
        headline(ui, state, report);
        if derived.is_refused {
            do_this_now(ui, state, commands);
        }
        for (index, to_do) in derived.to_dos.iter().take(MAX_CARDS).enumerate() {
            ui.push_id(("to do", index), |ui| to_do_card(ui, to_do, commands));
        }
        let more = derived.to_dos.len().saturating_sub(MAX_CARDS);
        if more > 0 {
            muted_label(
                ui,
                format!("And {more} more. Fix these first, then check again."),
            );
        }
        fallbacks(ui, report, commands);
        if !state.facts().is_some_and(Facts::has_no_use_for_a_policy) {
            path(ui, state);
        }
    }
    let details = |ui: &mut Ui| {
        for group in &derived.rows {
            card(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.label(theme::subheading(&group.title));
                ui.add_space(theme::GRID);
                for row in &group.rows {
                    row_ui(ui, state, row);
                }
            });
        }
    };
    let Some(report) = state.report() else {
        // While a check is running, the rows show how far it is.
        return details(ui);
    };
    super::plan::plan_card(ui, state, commands);
    who_is_behind(ui, state);
    sender_card(
        ui,
        "About the policy that is published now.",
        &report.sender_compatibility,
    );
    fold(ui, "Everything we checked", details);
}

/// Where the domain stands.
fn headline(ui: &mut Ui, state: &State, report: &Report) {
    let headline = in_this_internet(state, report);
    banner(ui, Status::of(headline.severity), |ui| {
        ui.spacing_mut().item_spacing.y = theme::GRID;
        let now = state.derived().as_of.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let response = ui.label(theme::subheading(headline.text).size(20.0));
        announced(&response);
        show_once(&response, report);
        if let Some(provenance) = report.provenance(now) {
            ui.label(theme::semibold(provenance));
        } else if let Some(at) = state.facts().map(|facts| facts.checked_at) {
            muted_label(ui, format!("Checked {}.", clock::age(at, now)));
        }
        if headline.severity.is_none()
            && report.readiness.effective_mode.is_some()
            && let Some(next) = nothing_to_do_until(state)
        {
            ui.label(next);
        }
    });
    ui.add_space(theme::GRID);
}

/// Scrolls to the headline of a new check, where large text has pushed it out of sight.
fn show_once(response: &Response, report: &Report) {
    let id = Id::unique("headline shown");
    let now = (report.domain.clone(), report.checked_at);
    let shown = response
        .ctx
        .data(|data| data.get_temp::<(Domain, OffsetDateTime)>(id));
    if shown.as_ref() != Some(&now) {
        response.ctx.data_mut(|data| data.insert_temp(id, now));
        scroll_to(response, None);
    }
}

/// The headline. In practice mode, no domain is missing in the DNS.
fn in_this_internet(state: &State, report: &Report) -> Headline {
    let mut headline = report.headline.clone();
    let facts = state.facts();
    let is_nowhere = |facts: &Facts| facts.mx.seen().is_some_and(|answer| !answer.name_exists);
    if state.inputs().practice && facts.is_some_and(is_nowhere) {
        let domain = report.domain.to_unicode();
        headline.text = format!("{domain} isn’t one of the practice domains.");
    }
    headline
}

/// When something will have to be done, where all is in order.
fn nothing_to_do_until(state: &State) -> Option<String> {
    let summary = state.summary(state.domain()?)?;
    let today = state.derived().as_of?.date();
    Some(match summary.next_on {
        Some(date) if date <= today => format!("It’s time to {}.", lower_first(&summary.next)),
        Some(date) => format!(
            "Everything is in order. Nothing to do until {}: {}.",
            day(date.midnight().assume_utc()),
            lower_first(&summary.next),
        ),
        None => "Everything is in order.".to_owned(),
    })
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

/// Mail is refused: how to stop that first, and what to do then.
fn do_this_now(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        ui.label(theme::subheading("Do this now"));
        numbered(ui, 1, |ui| {
            ui.label(
                "Switch the policy to testing mode. Senders deliver again once they see the new id. \
                 You publish two things: the policy file and the new id in the MTA-STS record.",
            );
            let words = Command::Prepare(Mode::Testing).words();
            if primary_button(ui, true, icon::ARROW_RIGHT, words).clicked() {
                commands.push(Command::Prepare(Mode::Testing));
            }
        });
        numbered(ui, 2, |ui| {
            ui.label(match state.derived().to_dos.len() {
                0 | 1 => "Fix the cause, as described below.",
                _ => "Fix the causes, as described below, from the top.",
            });
        });
        numbered(ui, 3, |ui| {
            ui.label("Check again until nothing is red here.");
        });
    });
}

fn numbered(ui: &mut Ui, number: usize, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.label(theme::semibold(format!("{number}.")));
        ui.vertical(contents);
    });
}

/// So many things to do are enough for one sitting.
const MAX_CARDS: usize = 20;

/// One thing to do, opened.
fn to_do_card(ui: &mut Ui, to_do: &ToDo, commands: &mut Vec<Command>) {
    let finding = &to_do.finding;
    card(ui, |ui| {
        ui.horizontal_top(|ui| {
            mark_label(ui, Status::of(Some(finding.severity)), 20.0);
            ui.vertical(|ui| ui.label(theme::subheading(&to_do.title)));
        });
        section(ui, "What we saw", &finding.evidence);
        section(ui, "Why it matters", &to_do.why);
        section(ui, "How to fix it", &finding.fix);
        if let Some(exact) = &to_do.exact
            && copy_field(
                ui,
                "Value",
                exact,
                &format!("value for {}", escaped(finding.subject.name(), 253)),
            )
        {
            let (text, what) = (exact.clone(), "value");
            commands.push(Command::Copy { text, what });
        }
        if let Some((software, way)) = to_do.software {
            let title = format!("This server says it is {}. There:", software.name);
            ui.label(theme::semibold(title));
            code_block(ui, way.trim().lines().map(|line| (line, "")));
            let words = "Copy these steps";
            if button_about(ui, icon::COPY, words, &to_do.title) {
                let (text, what) = (way.trim().to_owned(), "steps");
                commands.push(Command::Copy { text, what });
            }
            if software.evidence == Evidence::Unverified {
                muted_label(ui, "We haven’t confirmed these steps; yours may differ.");
            }
        }
        ui.horizontal_wrapped(|ui| to_do_buttons(ui, to_do, commands));
        fold(ui, "Technical details", |ui| {
            muted_label(ui, format!("Finding {}", finding.rule.code));
            for heading in ["What it checks", "Why it matters", "How to fix"] {
                muted_label(ui, finding.rule.section(heading));
            }
        });
    });
}

fn to_do_buttons(ui: &mut Ui, to_do: &ToDo, commands: &mut Vec<Command>) {
    let subject = escaped(to_do.finding.subject.name(), 253);
    let here = |ui: &mut Ui, words: &str| button_about(ui, icon::ARROW_RIGHT, words, &subject);
    match to_do.here {
        Some(Here::Create) if here(ui, "Do it in step 2") => {
            commands.push(Command::Go(Step::Create));
        }
        Some(Here::Watch) if here(ui, "Watch until it is everywhere") => {
            // The first writes the policy as it is, which the second compares with.
            commands.push(Command::Go(Step::Create));
            commands.push(Command::Go(Step::Publish));
        }
        _ => {}
    }
    if let Some(mail) = &to_do.mail {
        let words = if to_do.is_of_the_web_host() {
            "Copy this for your web host"
        } else {
            "Copy this for your provider"
        };
        if button_about(ui, icon::COPY, words, &to_do.title) {
            let (text, what) = (mail.clone(), "mail for your provider");
            commands.push(Command::Copy { text, what });
        }
    }
}

/// A button that several cards have: for a screen reader, its name says what it is about. True when it
/// was pressed.
fn button_about(ui: &mut Ui, glyph: &str, words: &str, about: &str) -> bool {
    let button = Button::new((theme::glyph(glyph), RichText::new(words)));
    let response = ui.add(button);
    named(&response, &format!("{words}: {about}"));
    response.clicked()
}

/// The way of a message, and below it the mail servers.
fn path(ui: &mut Ui, state: &State) {
    let derived = state.derived();
    card(ui, |ui| {
        ui.label(theme::subheading("How mail reaches you"));
        let wanted = mail_path(ui, &derived.path);
        // As high with words as without, so that nothing below moves when the pointer does.
        let hint = "Point at a box, or press it, to see what was found there.";
        let text = wanted.map_or(hint, |node| node.detail.as_str());
        let room = ui.available_width();
        ui.allocate_ui([room, 40.0].into(), |ui| {
            ui.set_min_height(40.0);
            muted_label(ui, text);
        });
        if !derived.hosts.is_empty() {
            ui.add_space(theme::GRID);
            host_table(ui, &derived.hosts);
        }
    });
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
    let hosted = state.report().and_then(|report| report.hosted_policy);
    if providers.is_empty() && dns.hosts.is_empty() && hosted.is_none() {
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
        if let Some(service) = hosted {
            let note = service.note.as_deref().unwrap_or_default();
            let way = format!("Change it {}. {note}", service.change_at);
            let what = "Your policy is hosted by";
            company(ui, icon::FOLDER, what, &service.name, way.trim_end());
        }
        if dns.is_shared() {
            muted_label(
                ui,
                "Your name servers belong to more than one company. Add each record at all of them.",
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
        "Nothing will be changed. We only look at your domain’s DNS, DNS provider, mail servers and \
         website.",
    );
    ui.add_space(theme::SPACE);
    if state.inputs().practice {
        practice_list(ui, commands);
        return;
    }
    let what = Command::Show(Some(Overlay::Help(Topic::MtaSts)));
    if ui.link(Topic::MtaSts.title()).clicked() {
        commands.push(what);
    }
    ui.add_space(theme::GRID);
    card(ui, |ui| {
        ui.label(theme::subheading("What this does"));
        for (glyph, title, text) in WHAT_THIS_DOES {
            company(ui, glyph, "", title, text);
        }
    });
    card(ui, |ui| {
        ui.label(theme::subheading("Other ways to begin"));
        ui.label("Try it on made-up domains first. Nothing leaves this computer.");
        command_button(ui, icon::GRADUATION_CAP, Command::Practice(true), commands);
        ui.add_space(theme::GRID);
        ui.label("Open a check that was run on a server with “mta-sts check --save-facts”.");
        open_facts(ui, commands);
        ui.add_space(theme::GRID);
        ui.label("Did mail to somebody come back? See what the bounce says.");
        let bounce = Command::Show(Some(Overlay::Bounce));
        command_button(ui, icon::ENVELOPE, bounce, commands);
    });
}

const WHAT_THIS_DOES: [(&str, &str, &str); 3] = [
    (
        icon::SHIELD_CHECK,
        "Checks whether your mail servers are ready",
        "MTA-STS tells sending servers to deliver only over an encrypted connection to the right \
         server. So that connection has to work.",
    ),
    (
        icon::COPY,
        "Writes two DNS records and a policy file",
        "Using the field names of your DNS provider, with safe defaults.",
    ),
    (
        icon::GLOBE,
        "Watches until they are visible everywhere",
        "And tells you what is wrong and how to fix it.",
    ),
];

pub(super) fn practice_list(ui: &mut Ui, commands: &mut Vec<Command>) {
    let [first, rest] = practice_domains();
    card(ui, |ui| {
        ui.label(theme::subheading("Practice domains"));
        muted_label(
            ui,
            "Each one shows a different situation. Pick one to check.",
        );
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

/// What to do where the network of this computer is in the way.
fn fallbacks(ui: &mut Ui, report: &Report, commands: &mut Vec<Command>) {
    if report.fallbacks.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("What you can do instead"));
        muted_label(
            ui,
            "Your network is blocking mail connections. Your mail server is not to blame.",
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
