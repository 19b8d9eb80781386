//! Step 2: records and policy.

use std::cell::Cell;

use eframe::egui::{Button, ComboBox, Id, Key, RichText, Ui};
use mta_sts_core::{
    DnsHosting, Domain, Facts, Hosting, HostingAdvice, HostingKind, Mode, MxPattern, Setup,
    dns_hosts, sentence,
};
use mta_sts_domains::Draft;

use crate::command::Command;
use crate::help;
use crate::state::{
    Derived, Guard, GuardField, MAX_AGE_CHOICES, MxLine, MxSource, State, Status, Topic,
};
use crate::theme::{self, icon};
use crate::widgets::{
    Change, announced, card, choice_tile, code_block, difference, icon_button, mark_label,
    muted_label, named, segments, sender_card, text_field, tick_box, two_columns,
};

/// Why nothing can be published as it is; `None` where it can.
pub(super) fn reason(state: &State) -> Option<String> {
    let guards = &state.derived().guards;
    let Some(stop) = guards.iter().find(|guard| guard.stops) else {
        let is_missing = state.derived().setup.is_none();
        return is_missing.then(|| "Check the domain in step 1 first.".to_owned());
    };
    Some(match stop.field {
        GuardField::ReportAddress => "The report address isn’t complete.".to_owned(),
        GuardField::Mode => "Tick the sentence below Mode, or choose testing.".to_owned(),
        GuardField::MailServers | GuardField::MaxAge => stop.text.clone(),
    })
}

/// What to know before going on.
pub(super) fn note(state: &State) -> String {
    match state.derived().guards.as_slice() {
        [] => "Nothing is published until you do it.".to_owned(),
        [guard] => guard.text.clone(),
        guards => format!("There are {} warnings above.", guards.len()),
    }
}

/// Draws the step.
pub(super) fn create_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let Some(domain) = state.domain().cloned() else {
        return;
    };
    ui.label(theme::heading("Your policy"));
    muted_label(
        ui,
        format!(
            "How sending servers should deliver mail to {}. The defaults are safe.",
            domain.to_unicode()
        ),
    );
    ui.add_space(theme::SMALL_SPACE);
    let (inputs, derived) = state.parts();
    let mx_error = inputs.session().and_then(|it| it.mx_error.clone());
    let Some(work) = inputs.typed() else { return };
    let facts = work.facts.clone();
    let Some(draft) = &mut work.draft else { return };
    let choices = Choices {
        facts: facts.as_deref(),
        derived,
        mx_error,
        domain: &domain,
    };
    let facts = facts.as_deref();
    if ui.available_width() < theme::TWO_COLUMNS {
        choices.show(ui, draft, commands);
        preview(ui, derived.setup.as_ref(), facts);
    } else {
        let bottom = Cell::new(0.0);
        two_columns(
            ui,
            |ui| {
                choices.show(ui, draft, commands);
                bottom.set(ui.min_rect().bottom());
            },
            |ui| {
                in_view(ui, bottom.get(), |ui| {
                    preview(ui, derived.setup.as_ref(), facts);
                });
            },
        );
    }
}

/// Draws something beside a longer column so that it stays in view while that is scrolled. `bottom` is
/// where the other column ends.
fn in_view(ui: &mut Ui, bottom: f32, contents: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with("height in view");
    let height = ui.data(|data| data.get_temp::<f32>(id)).unwrap_or(0.0);
    let top = ui.cursor().top();
    let out_of_sight = ui.clip_rect().top() - top;
    let room = bottom - top - height;
    ui.add_space(out_of_sight.min(room).max(0.0));
    let drawn = ui.scope(contents).response.rect.height();
    ui.data_mut(|data| data.insert_temp(id, drawn));
}

/// What the choices rest on.
struct Choices<'a> {
    facts: Option<&'a Facts>,
    derived: &'a Derived,
    mx_error: Option<String>,
    domain: &'a Domain,
}

impl Choices<'_> {
    /// What stands against the choices comes below them: a card that came above would move the field
    /// that somebody is typing into.
    fn show(&self, ui: &mut Ui, draft: &mut Draft, commands: &mut Vec<Command>) {
        let derived = self.derived;
        let domain = self.domain;
        card(ui, |ui| {
            reports(ui, domain, draft, &derived.guards, commands);
        });
        card(ui, |ui| self.mail_servers(ui, draft, commands));
        card(ui, |ui| self.mode_choice(ui, draft, commands));
        card(ui, |ui| {
            ui.label(theme::subheading("Chosen for you"));
            let max_age = MAX_AGE_CHOICES.iter().find(|it| it.0 == draft.max_age_secs);
            let max_age = max_age.map_or_else(
                || format!("{} seconds", draft.max_age_secs),
                |(_, words)| (*words).to_owned(),
            );
            self.changeable(ui, "Senders rely on it for", &max_age, |ui| {
                remember_for(ui, draft, commands);
            });
            let host = draft.hosting.map_or_else(
                || recommended(&derived.hosting_advice),
                |hosting| hosting.name().to_owned(),
            );
            guards_ui(ui, &derived.guards, GuardField::MaxAge);
            self.changeable(ui, "Web host", &host, |ui| {
                web_host(ui, draft, &derived.hosting_advice, commands);
            });
            let dns = derived.dns_host.map_or("not recognised", |host| &host.name);
            self.changeable(ui, "DNS provider", dns, |ui| {
                dns_host(ui, draft, &derived.dns_hosting, commands);
            });
        });
        sender_card(
            ui,
            "About the file as it would be published.",
            &derived.senders_of_draft,
        );
    }

    /// What was chosen for the person, in a line; the choice itself opens below it.
    fn changeable(&self, ui: &mut Ui, what: &str, value: &str, choice: impl FnOnce(&mut Ui)) {
        let id = Id::unique(("changeable", what, self.domain.as_str()));
        let mut open = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
        ui.horizontal_wrapped(|ui| {
            muted_label(ui, what);
            ui.label(theme::semibold(value));
            let words = if open { "Done" } else { "Change" };
            let button = ui.add(Button::new(words).small());
            named(&button, &format!("{words}: {what}"));
            if button.clicked() {
                open = !open;
                ui.data_mut(|data| data.insert_temp(id, open));
            }
        });
        if open {
            choice(ui);
            ui.add_space(theme::SMALL_SPACE);
        }
    }
}

/// What stands against the answer to one question, below it; what needs a ticked sentence is told
/// beside that.
fn guards_ui(ui: &mut Ui, guards: &[Guard], field: GuardField) {
    let is_here = |guard: &&Guard| guard.field == field && !guard.needs_consent;
    for guard in guards.iter().filter(is_here) {
        guard_ui(ui, guard);
    }
}

fn guard_ui(ui: &mut Ui, guard: &Guard) {
    let status = if guard.stops {
        Status::Problem
    } else {
        Status::Attention
    };
    ui.horizontal_top(|ui| {
        mark_label(ui, status, 15.0);
        ui.vertical(|ui| ui.label(&guard.text));
    });
}

impl Choices<'_> {
    fn mode_choice(&self, ui: &mut Ui, draft: &Draft, commands: &mut Vec<Command>) {
        ui.label(theme::subheading("Mode"));
        if draft.mode == Mode::Testing && self.derived.is_refused {
            let text = "Testing is selected because mail is being refused right now.";
            ui.label(text);
        }
        let off = "Tells senders to drop an earlier policy. Only for leaving MTA-STS.";
        let is_off = draft.mode == Mode::None || self.facts.is_some_and(is_published);
        for (mode, name, consequence) in [
            (
                Mode::Testing,
                "Testing",
                "Mail is delivered as before. Senders report what would have failed.",
            ),
            (
                Mode::Enforce,
                "Enforce",
                "Mail that can’t be delivered securely is held back and finally returned to its \
                 sender.",
            ),
            (Mode::None, "Off", off),
        ] {
            if mode == Mode::None && !is_off {
                // Without a policy there is nothing to switch off.
                continue;
            }
            let chosen = choice_tile(ui, draft.mode == mode, name, consequence, Topic::Mode);
            if chosen && draft.mode != mode {
                commands.push(Command::Choose(mode));
            }
        }
        let mut doubts = self
            .derived
            .guards
            .iter()
            .filter(|it| it.needs_consent)
            .peekable();
        if doubts.peek().is_none() {
            return;
        }
        for guard in doubts {
            guard_ui(ui, guard);
        }
        let sentence = "I understand that mail may be held back, and I want enforce mode now";
        let mut accepted = draft.enforce_accepted;
        if tick_box(ui, &mut accepted, sentence) {
            commands.push(Command::AcceptEnforce(accepted));
        }
    }
}

/// Whether there is a policy that somebody may hold.
fn is_published(facts: &Facts) -> bool {
    facts.published_policy().is_some()
}

impl Choices<'_> {
    fn mail_servers(&self, ui: &mut Ui, draft: &mut Draft, commands: &mut Vec<Command>) {
        ui.label(theme::subheading("Mail servers"));
        muted_label(ui, "In enforce mode, senders deliver only to these.");
        for line in &draft.mx {
            self.mx_line(ui, line, commands);
        }
        let label = ui.label("Another mail server");
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 104.0).max(120.0);
            let name = ("mail server", self.domain.as_str());
            let field = text_field(name, &mut draft.new_mx, "mail2.example.com", 300);
            let response = ui.add(field.desired_width(width)).labelled_by(label.id);
            if response.changed() {
                commands.push(Command::Edited);
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let pressed = icon_button(ui, icon::PLUS, Command::AddMx.words()).clicked();
            if (pressed || entered) && !draft.new_mx.is_empty() {
                commands.push(Command::AddMx);
            }
            if entered {
                // Ready for the next one.
                response.request_focus();
            }
        });
        if let Some(error) = &self.mx_error {
            field_error(ui, error);
        }
        guards_ui(ui, &self.derived.guards, GuardField::MailServers);
    }

    fn mx_line(&self, ui: &mut Ui, line: &MxLine, commands: &mut Vec<Command>) {
        let name = theme::code(mta_sts_core::escaped(&line.pattern, 100));
        let origin = provenance(line.source, &line.pattern, self.facts);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut ticked = line.ticked;
            if tick_box(ui, &mut ticked, name) {
                let pattern = line.pattern.clone();
                commands.push(Command::TickMx { pattern, ticked });
            }
            ui.horizontal_top(|ui| {
                ui.add_space(theme::ICON_INSET);
                if line.source == MxSource::Added {
                    let remove = ui.small_button("Remove");
                    named(
                        &remove,
                        &format!("Remove {}", mta_sts_core::escaped(&line.pattern, 100)),
                    );
                    if remove.clicked() {
                        commands.push(Command::RemoveMx(line.pattern.clone()));
                    }
                }
                ui.vertical(|ui| muted_label(ui, origin));
            });
        });
    }
}

/// What is wrong with a field, under it.
fn field_error(ui: &mut Ui, text: &str) {
    let color = theme::palette(ui).problem;
    announced(&ui.label(RichText::new(text).color(color)));
}

fn provenance(source: MxSource, pattern: &str, facts: Option<&Facts>) -> &'static str {
    let live = MxPattern::parse(pattern).is_ok_and(|pattern| {
        facts.is_some_and(|facts| {
            facts
                .mail_servers
                .iter()
                .any(|mx| pattern.matches(&mx.host))
        })
    });
    match (source, live) {
        (MxSource::Live, _) => "current mail server",
        (MxSource::Published, true) => "in the published policy, covers a current mail server",
        (MxSource::Published, false) => "in the published policy, not one of your mail servers",
        (MxSource::Added, true) => "added, covers a current mail server",
        (MxSource::Added, false) => "added, not in use yet",
    }
}

fn remember_for(ui: &mut Ui, draft: &Draft, commands: &mut Vec<Command>) {
    muted_label(
        ui,
        "How long senders may rely on this policy before fetching it again.",
    );
    if let Some(secs) = segments(ui, draft.max_age_secs, MAX_AGE_CHOICES) {
        commands.push(Command::MaxAge(secs));
    }
}

fn reports(
    ui: &mut Ui,
    domain: &Domain,
    draft: &mut Draft,
    guards: &[Guard],
    commands: &mut Vec<Command>,
) {
    ui.label(theme::subheading("Where should reports go?"));
    let label = ui.label("Report address");
    let hint = "A mailbox that somebody reads";
    let name = ("report address", domain.as_str());
    let field = text_field(name, &mut draft.report_address, hint, 1000);
    let response = ui
        .add(field.desired_width(f32::INFINITY))
        .labelled_by(label.id);
    help::about(&response, Topic::TlsReports);
    if response.changed() {
        commands.push(Command::Edited);
    }
    // Judged when it is left: half an address is not a wrong one.
    if !response.has_focus() {
        guards_ui(ui, guards, GuardField::ReportAddress);
    }
    if draft.report_address.trim().is_empty() {
        let proposed = format!("tls-reports@{domain}");
        let button = ui.button(format!("Use {proposed}"));
        if button.clicked() {
            draft.report_address = proposed;
            commands.push(Command::Edited);
        }
    }
    muted_label(
        ui,
        "Senders mail a short daily summary here, a few mails a day. The mailbox must exist. One at \
         another domain is best: it keeps working when this one has problems.",
    );
}

fn web_host(ui: &mut Ui, draft: &Draft, advice: &[HostingAdvice], commands: &mut Vec<Command>) {
    ui.label("Where will the policy file live? You have:");
    let before = draft.hosting;
    let mut chosen = before;
    let kinds = [
        (HostingKind::WebSpace, "Web space for this domain"),
        (HostingKind::Server, "A server"),
        (HostingKind::Service, "Neither"),
    ];
    let kind = before.map(Hosting::kind);
    let kinds = kinds.map(|(kind, words)| (Some(kind), words));
    if let Some(kind) = segments(ui, kind, kinds) {
        // The one of that kind that suits this domain best.
        let best = advice.iter().find(|way| Some(way.hosting.kind()) == kind);
        chosen = best.map(|way| way.hosting);
    }
    let label = ui.label("Web host");
    let undecided = "Another, or not decided";
    let response = ComboBox::from_id_salt("hosting")
        .width(ui.available_width().min(300.0))
        .height(360.0)
        .selected_text(before.map_or(undecided, Hosting::name))
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut chosen, None, undecided);
            for way in advice {
                ui.selectable_value(&mut chosen, Some(way.hosting), way.hosting.name());
            }
        })
        .response
        .labelled_by(label.id);
    help::about(&response, Topic::WebHost);
    if chosen != before {
        commands.push(Command::Hosting(chosen));
    }
    let way = advice.iter().find(|way| Some(way.hosting) == before);
    match (way, advice.first()) {
        (Some(way), _) => muted_label(
            ui,
            format!(
                "{}. You’ll get the files and the instructions for it.",
                sentence(way.suits)
            ),
        ),
        (
            None,
            Some(HostingAdvice {
                because: Some(because),
                hosting,
                ..
            }),
        ) => muted_label(
            ui,
            format!(
                "{because} So {} could be a good fit. Pick a host to get files and instructions for \
                 it.",
                hosting.name()
            ),
        ),
        (None, _) => muted_label(ui, "Pick a host to get files and instructions for it."),
    };
}

/// The way that suits this domain best, as a proposal.
fn recommended(advice: &[HostingAdvice]) -> String {
    match advice.first() {
        Some(way) if way.because.is_some() => {
            format!("not chosen; {} could be a good fit", way.hosting.name())
        }
        _ => "not chosen".to_owned(),
    }
}

/// Stands in a draft for a DNS provider that is not in the catalogue.
const ANOTHER: &str = "another";

fn dns_host(ui: &mut Ui, draft: &Draft, detected: &DnsHosting, commands: &mut Vec<Command>) {
    ui.add_space(theme::GRID);
    let label = ui.label("Where are your DNS records?");
    let another = "Another DNS provider";
    let as_seen = detected
        .only()
        .map(|host| format!("{} (detected)", host.name));
    let as_seen = as_seen.unwrap_or_else(|| "Not recognised by your name servers".to_owned());
    let name_of = |id: &str| {
        let mut hosts = dns_hosts().iter();
        hosts
            .find(|host| host.id == id)
            .map_or(another, |host| host.name.as_str())
    };
    let before = draft.dns_host.clone();
    let mut chosen = before.clone();
    let selected = before.as_deref().map_or(as_seen.as_str(), name_of);
    let response = ComboBox::from_id_salt("dns host")
        .width(ui.available_width().min(300.0))
        .height(360.0)
        .selected_text(selected)
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut chosen, None, &as_seen);
            ui.selectable_value(&mut chosen, Some(ANOTHER.to_owned()), another);
            let mut hosts: Vec<_> = dns_hosts().iter().collect();
            hosts.sort_by_key(|host| host.name.to_lowercase());
            for host in hosts {
                let value = Some(host.id.clone());
                ui.selectable_value(&mut chosen, value, &host.name);
            }
        })
        .response
        .labelled_by(label.id);
    help::about(&response, Topic::DnsHost);
    if chosen != before {
        commands.push(Command::DnsHost(chosen));
    }
    muted_label(ui, "Step 3 will use the field names of its form.");
}

fn preview(ui: &mut Ui, setup: Option<&Setup>, facts: Option<&Facts>) {
    card(ui, |ui| {
        ui.label(theme::subheading("This will be published"));
        let Some(setup) = setup else {
            muted_label(ui, "Nothing to show yet. Finish what is incomplete first.");
            return;
        };
        let text = setup.policy.write();
        ui.label(theme::semibold("Policy file"));
        muted_label(ui, setup.domain.policy_url());
        code_block(ui, text.lines().map(|line| (line, explanation(line))));
        ui.label(theme::semibold("MTA-STS record"));
        let record = setup.mta_sts_record();
        muted_label(ui, &record.name);
        code_block(
            ui,
            [(
                record.value.as_str(),
                "The id changes whenever the file changes.",
            )],
        );
        if let Some(record) = setup.tls_rpt_record() {
            ui.label(theme::semibold("TLS-RPT record"));
            muted_label(ui, &record.name);
            code_block(
                ui,
                [(
                    record.value.as_str(),
                    "Where senders send their daily summary.",
                )],
            );
        }
        differences(ui, facts, &text);
    });
}

/// What changes against the file that is published now.
pub(super) fn differences(ui: &mut Ui, facts: Option<&Facts>, new: &str) {
    let published = facts
        .and_then(|facts| facts.policy.seen()?.response.seen())
        .filter(|response| response.status == 200 && !response.too_large)
        .and_then(|response| std::str::from_utf8(&response.body.0).ok());
    let Some(old) = published else { return };
    ui.label(theme::semibold("Changes compared with what is published"));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let gone = old.iter().map(|line| {
        let stays = new.contains(line);
        (if stays { Change::Kept } else { Change::Gone }, *line)
    });
    let added = new
        .iter()
        .filter(|line| !old.contains(line))
        .map(|line| (Change::Added, *line));
    let lines: Vec<(Change, String)> = gone
        .chain(added)
        .take(60)
        .map(|(change, line)| (change, mta_sts_core::escaped(line, 120)))
        .collect();
    if lines.iter().all(|(change, _)| *change == Change::Kept) {
        muted_label(ui, "The file is unchanged.");
    } else {
        difference(
            ui,
            lines.iter().map(|(change, line)| (*change, line.as_str())),
        );
    }
}

fn explanation(line: &str) -> &'static str {
    match line.split_once(": ") {
        Some(("version", _)) => "The version of MTA-STS. Always this.",
        Some(("mode", "testing")) => "Deliver anyway, and report what would have failed.",
        Some(("mode", "enforce")) => "Deliver only over verified TLS.",
        Some(("mode", _)) => "Drop the earlier policy.",
        Some(("mx", pattern)) if pattern.starts_with("*.") => {
            "Any name directly below this domain."
        }
        Some(("mx", _)) => "A server that may receive your mail.",
        Some(("max_age", _)) => "How long senders may rely on this, in seconds.",
        _ => "",
    }
}
