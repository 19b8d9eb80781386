//! Overlays: help, about this program, and questions.

use eframe::egui::{Id, Margin, Modal, RichText, ScrollArea, TextStyle, Ui};

use super::Wizard;
use crate::command::Command;
use crate::state::Overlay;
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
                    Overlay::Help(_) | Overlay::About => ("Close", None),
                };
                let close = widgets::action_button(ui, true, words);
                if let Some(other) = other
                    && ui.button(other.words()).clicked()
                {
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

    #[test]
    fn the_licences_name_every_library_that_the_window_is_built_on() {
        let manifest = include_str!("../../Cargo.toml");
        let (_, section) = manifest.split_once("\n[dependencies]\n").unwrap();
        let (section, _) = section.split_once("\n[").unwrap();
        let lines = section.lines();
        let names = lines.filter_map(|line| line.split([' ', '.']).next());
        let mut count = 0;
        for name in names.filter(|name| name.starts_with(char::is_alphabetic)) {
            if name.starts_with("mta-sts") {
                continue;
            }
            let listed = format!("\n  {name} ");
            assert!(LICENCES.contains(&listed), "{name} is missing");
            count += 1;
        }
        assert!(count > 10, "only {count} libraries were looked for");
    }
}
