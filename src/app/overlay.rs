//! Overlays: help, about this program, and questions.

use eframe::egui::{Id, Margin, Modal, RichText, ScrollArea, TextEdit, TextStyle, Ui};
use mta_sts_core::Evidence;

use super::Wizard;
use crate::command::Command;
use crate::state::{Overlay, State};
use crate::theme;
use crate::widgets;

/// So much of the window's height is left around a page of help, in points.
const HELP_MARGIN: f32 = 220.0;

/// Every library in the program, with its licence.
const LICENCES: &str = include_str!("../../assets/licences.txt");

impl Wizard {
    pub(super) fn overlay(&mut self, ui: &mut Ui) {
        let Some(overlay) = self.state.inputs().overlay.clone() else {
            return;
        };
        let frame = theme::card_frame(ui).inner_margin(Margin::same(24));
        let modal = Modal::new(Id::unique("overlay")).frame(frame);
        let shown = modal.show(ui.ctx(), |ui| {
            ui.set_max_width(560.0_f32.min(ui.ctx().content_rect().width() - 80.0));
            match &overlay {
                Overlay::Help(topic) => {
                    ui.label(theme::subheading(topic.title()).size(20.0));
                    let height = (ui.ctx().content_rect().height() - HELP_MARGIN).max(80.0);
                    ScrollArea::vertical().max_height(height).show(ui, |ui| {
                        ui.label(topic.text());
                    });
                }
                Overlay::Bounce => bounce_ui(ui, &mut self.state, &mut self.commands),
                Overlay::About => about(ui),
                Overlay::CloseUnsaved => {
                    ui.label(theme::subheading("Close without saving?").size(20.0));
                    ui.label(
                        "Your work can’t be saved on this computer, and you haven’t saved its \
                         files yet. You can save them in step 4.",
                    );
                }
                Overlay::Remove(domains) => remove_ui(ui, domains),
            }
            ui.add_space(theme::SMALL_SPACE);
            ui.horizontal(|ui| {
                let (words, other) = match &overlay {
                    Overlay::CloseUnsaved => ("Stay", Some(Command::CloseAnyway)),
                    Overlay::Remove(domains) => ("Keep", Some(Command::Remove(domains.clone()))),
                    Overlay::Bounce => match self.state.bounced_domain() {
                        Some(domain) => ("Close", Some(Command::Open(domain))),
                        None => ("Close", None),
                    },
                    Overlay::Help(_) | Overlay::About => ("Close", None),
                };
                let close = widgets::action_button(ui, true, words);
                if let Some(other) = other
                    && ui.button(words_of(&other)).clicked()
                {
                    self.commands.push(Command::Show(None));
                    self.commands.push(other);
                }
                let nothing = ui.memory(|memory| memory.focused().is_none());
                if nothing {
                    close.request_focus();
                }
                close.clicked()
            })
            .inner
        });
        if shown.inner || shown.should_close() {
            self.commands.push(Command::Show(None));
        }
    }
}

/// The label of the second button.
fn words_of(command: &Command) -> String {
    match command {
        Command::Open(domain) => format!("Check {}", domain.to_unicode()),
        other => other.words().to_owned(),
    }
}

/// A field for a bounce or a line of a mail log, and what it says.
fn bounce_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    ui.label(theme::subheading("What does this bounce say?").size(20.0));
    let height = (ui.ctx().content_rect().height() - HELP_MARGIN).max(80.0);
    ScrollArea::vertical().max_height(height).show(ui, |ui| {
        let (inputs, derived) = state.parts();
        let label = ui.label("Paste the bounce, or a line of a mail log");
        let field = TextEdit::multiline(&mut inputs.bounce)
            .id(Id::unique("bounce"))
            .char_limit(mta_sts_core::Bounce::MAX_BYTES)
            .font(TextStyle::Monospace)
            .desired_rows(4)
            .desired_width(f32::INFINITY);
        // With large text in a small window, most of the room is for the answer.
        let field = ScrollArea::vertical()
            .id_salt("bounce text")
            .max_height(120.0_f32.min(height * 0.5))
            .show(ui, |ui| ui.add(field).labelled_by(label.id));
        if field.inner.changed() {
            commands.push(Command::BounceEdited);
        }
        let Some(explained) = &derived.bounce else {
            widgets::muted_label(
                ui,
                "It stays on this computer. You can also drop the e-mail on this window.",
            );
            return;
        };
        let verdict = ui.label(theme::semibold(&explained.verdict));
        widgets::announced(&verdict);
        if field.inner.changed() {
            verdict.scroll_to_me(None);
        }
        if let Some(excerpt) = &explained.excerpt {
            widgets::section(ui, "What it says", excerpt);
        }
        for (name, value) in [
            ("Sent by", explained.software),
            ("Mail server", explained.mx_host.as_deref()),
            ("Status", explained.status.as_deref()),
        ] {
            if let Some(value) = value {
                widgets::section(ui, name, &mta_sts_core::escaped(value, 253));
            }
        }
        for (name, text) in [
            ("What it means", &explained.meaning),
            ("How to fix it", &explained.fix),
        ] {
            if let Some(text) = text {
                widgets::section(ui, name, text);
            }
        }
        let is_hint = |it: &mta_sts_core::MatchedBounce| it.evidence == Evidence::Unverified;
        if explained.matched.as_ref().is_some_and(is_hint) {
            widgets::muted_label(ui, "This isn’t certain: take it as a hint.");
        }
        if explained.cut {
            widgets::muted_label(ui, "The text is long; only its beginning was read.");
        }
    });
}

fn remove_ui(ui: &mut Ui, domains: &[mta_sts_core::Domain]) {
    let title = match domains {
        [domain] => format!("Remove {} from the list?", domain.to_unicode()),
        _ => format!("Remove {} domains from the list?", domains.len()),
    };
    ui.label(theme::subheading(title).size(20.0));
    ui.label(
        "Policies, dates and reports will be deleted from this computer. What you have published \
         stays published: nothing changes in the DNS or at a web host.",
    );
}

fn about(ui: &mut Ui) {
    ui.label(theme::subheading("MTA-STS Wizard").size(20.0));
    widgets::muted_label(ui, concat!("Version ", env!("CARGO_PKG_VERSION")));
    ui.label(
        "This program sets up MTA-STS (RFC 8461) and TLS reporting (RFC 8460) for a mail domain. \
         It contacts the DNS, the mail servers, the website and the DNS provider of the domain you \
         enter, and public resolvers. It sends nothing about you to anyone.",
    );
    ui.label("It is licensed under MIT or Apache-2.0, at your choice. It includes work by others:");
    let lines: Vec<&str> = LICENCES.lines().collect();
    let height = ui.text_style_height(&TextStyle::Small);
    ui.spacing_mut().item_spacing.y = 2.0;
    ScrollArea::vertical()
        .max_height(220.0_f32.min(ui.ctx().content_rect().height() * 0.3))
        .auto_shrink([false, true])
        .show_rows(ui, height, lines.len(), |ui, rows| {
            for line in lines.get(rows).unwrap_or_default() {
                ui.label(RichText::new(*line).small());
            }
        });
}

#[cfg(test)]
mod tests {
    use super::LICENCES;

    /// The libraries of a manifest.
    fn libraries(manifest: &str) -> Vec<&str> {
        let (_, section) = manifest.split_once("\n[dependencies]\n").unwrap();
        let (section, _) = section.split_once("\n[").unwrap();
        let names = section
            .lines()
            .filter_map(|line| line.split([' ', '.']).next());
        let names = names.filter(|name| name.starts_with(char::is_alphabetic));
        names.filter(|name| !name.starts_with("mta-sts")).collect()
    }

    #[test]
    fn the_licences_name_every_library_that_window_and_command_are_built_on() {
        let window = libraries(include_str!("../../Cargo.toml"));
        let command = libraries(include_str!("../../crates/cli/Cargo.toml"));
        assert!(
            window.len() > 10 && command.len() > 10,
            "{window:?} {command:?}"
        );
        for name in window.iter().chain(&command).chain(&["notify-rust"]) {
            let listed = format!("\n  {name} ");
            assert!(LICENCES.contains(&listed), "{name} is missing");
        }
    }
}
