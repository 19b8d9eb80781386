//! What is around a screen: the rail of steps, the line of practice mode, the footer with its
//! action, and what lies over everything.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{
    Align, Button, CentralPanel, Frame, Id, Label, Layout, Margin, Modal, Panel, RichText,
    ScrollArea, Stroke, TextStyle, Ui,
};

use super::Wizard;
use crate::command::{Command, Zoom};
use crate::help::Topic;
use crate::screens;
use crate::state::{Overlay, Step, ThemeChoice};
use crate::theme::{self, icon, rail};
use crate::widgets;

/// Every library in the program with its licence.
const LICENCES: &str = include_str!("../../assets/licences.txt");

impl Wizard {
    /// Draws everything.
    pub(super) fn surroundings(&mut self, ui: &mut Ui) {
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            let words = match self.state.step {
                Step::Finish => "Drop TLS reports here to read them",
                _ => "Drop the result of a check here to open it",
            };
            widgets::drop_hint(ui, words);
        }
        // Large text in a small window: what is above the screen scrolls with it, so that enough
        // of the screen itself can be seen.
        let low = ui.available_height() < theme::LOW;
        let narrow = ui.available_width() < theme::NARROW;
        let palette = theme::palette(ui);
        let frame = Frame::NONE.fill(palette.page);
        let rail_frame = Frame::NONE.fill(palette.rail);
        if narrow && !low {
            Panel::top("rail")
                .frame(rail_frame.inner_margin(Margin::symmetric(8, 4)))
                .show_separator_line(false)
                .show(ui, |ui| self.rail_beside(ui));
        } else if !narrow {
            Panel::left("rail")
                .frame(rail_frame.inner_margin(Margin::symmetric(12, 16)))
                .show_separator_line(false)
                .resizable(false)
                .exact_size(theme::RAIL_WIDTH)
                .show(ui, |ui| self.rail_upright(ui));
        }
        if self.state.practice && !low {
            Panel::top("practice")
                .frame(practice_frame(palette))
                .show_separator_line(false)
                .show(ui, |ui| self.practice_line(ui));
        }
        let side = if narrow { 16 } else { 28 };
        let has_footer = self.state.step.back().is_some()
            || self.state.notice.is_some()
            || screens::action(&self.state).is_some();
        if has_footer {
            let margin = Margin::symmetric(side, if low { 6 } else { 12 });
            Panel::bottom("footer")
                .frame(frame.inner_margin(margin))
                .show(ui, |ui| self.footer(ui));
        }
        CentralPanel::default()
            .frame(frame.inner_margin(Margin {
                left: side,
                right: 8,
                top: 16,
                bottom: 0,
            }))
            .show(ui, |ui| self.screen(ui, side, narrow && low, low));
        self.overlay(ui);
    }

    fn screen(&mut self, ui: &mut Ui, side: i8, with_rail: bool, low: bool) {
        let bar = ui.spacing().scroll.allocated_width();
        let width = ui.available_width() + 8.0 - f32::from(side) - bar;
        // Each step scrolls for itself and stays where it was left.
        ScrollArea::vertical()
            .id_salt(self.state.step.name())
            .auto_shrink(false)
            .show(ui, |ui| {
                ui.set_max_width(width.min(theme::READABLE_WIDTH));
                ui.take_available_width();
                let palette = theme::palette(ui);
                if with_rail {
                    Frame::NONE
                        .fill(palette.rail)
                        .corner_radius(theme::CARD_RADIUS)
                        .show(ui, |ui| self.rail_beside(ui));
                }
                if self.state.practice && low {
                    let frame = practice_frame(palette)
                        .inner_margin(Margin::symmetric(12, 4))
                        .corner_radius(theme::CARD_RADIUS);
                    frame.show(ui, |ui| {
                        ui.take_available_width();
                        self.practice_line(ui);
                    });
                }
                screens::screen_ui(ui, &mut self.state, &mut self.wishes);
                ui.add_space(theme::SPACE);
            });
    }

    fn rail_upright(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.add_space(theme::SMALL_SPACE);
            let glyph = theme::glyph(icon::SHIELD_CHECK).color(rail::HERE);
            widgets::unspoken(&ui.label(glyph.size(24.0)));
            ui.label(
                theme::semibold("MTA-STS Wizard")
                    .color(rail::TEXT)
                    .size(16.0),
            );
        });
        ui.add_space(theme::SPACE);
        self.steps(ui, true);
        ui.with_layout(Layout::bottom_up(Align::LEFT), |ui| self.menu(ui, true));
    }

    fn rail_beside(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            self.steps(ui, false);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(theme::GRID);
                self.menu(ui, false);
            });
        });
    }

    fn steps(&mut self, ui: &mut Ui, upright: bool) {
        let entries = Step::ALL.map(|step| widgets::Entry {
            step,
            mark: self.state.mark_of(step),
            enabled: self.state.may_enter(step),
            here: self.state.step == step,
        });
        if let Some(step) = widgets::stepper(ui, &entries, upright) {
            self.wishes.push(Command::Go(step));
        }
    }

    /// Help, and how the window looks.
    fn menu(&mut self, ui: &mut Ui, with_words: bool) {
        let palette = theme::palette(ui);
        let glyph = theme::glyph(icon::GEAR).color(rail::MUTED);
        let words = RichText::new("Help and display").color(rail::TEXT);
        let button = if with_words {
            Button::new((glyph, words))
        } else {
            Button::new(glyph)
        };
        let button = button.fill(palette.rail_tint).stroke(Stroke::NONE);
        let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
            // As everywhere, not as menus of egui are.
            ui.set_style(ui.ctx().global_style());
            ui.set_min_width(240.0);
            let mut wish = |command| {
                self.wishes.push(command);
            };
            if ui.button("Explain this (F1)").clicked() {
                let topic = Topic::Step(self.state.step);
                wish(Command::Show(Some(Overlay::Help(topic))));
                ui.close();
            }
            if ui.button("About this program").clicked() {
                wish(Command::Show(Some(Overlay::About)));
                ui.close();
            }
            ui.separator();
            let display = &mut self.state.display;
            ui.label(format!("Text size: {:.0} %", display.text_size * 100.0));
            ui.horizontal(|ui| {
                for (words, zoom) in [
                    ("Smaller", Zoom::Out),
                    ("Larger", Zoom::In),
                    ("100 %", Zoom::Reset),
                ] {
                    if ui.button(words).clicked() {
                        wish(Command::Zoom(zoom));
                    }
                }
            });
            let themes = [
                (ThemeChoice::System, "As the system"),
                (ThemeChoice::Light, "Light"),
                (ThemeChoice::Dark, "Dark"),
            ];
            ui.label("Theme");
            let mut changed = false;
            if let Some(theme) = widgets::segments(ui, display.theme, themes) {
                display.theme = theme;
                changed = true;
            }
            changed |= widgets::tick_box(ui, &mut display.high_contrast, "High contrast");
            changed |= widgets::tick_box(ui, &mut display.reduced_motion, "Reduce motion");
            if changed {
                wish(Command::DisplayChanged);
            }
        });
        widgets::named(&response, "Help and display");
    }

    fn footer(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.set_min_height(theme::ACTION_SIZE.y);
            if let Some(back) = self.state.step.back() {
                let button = ui.button((theme::glyph(icon::ARROW_LEFT), RichText::new("Back")));
                widgets::named(&button, "Back");
                if button.clicked() {
                    self.wishes.push(Command::Go(back));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(action) = screens::action(&self.state) {
                    let response = widgets::action_button(ui, action.enabled, action.label);
                    if response.clicked() {
                        self.wishes.push(action.command);
                    }
                }
                if let Some(notice) = &self.state.notice {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let color = widgets::mark_color(ui, notice.mark);
                        widgets::mark_label(ui, notice.mark, 15.0);
                        let text = RichText::new(&notice.text).color(color);
                        let response = ui.add(Label::new(text).wrap());
                        widgets::announced(&response);
                    });
                }
            });
        });
    }

    fn practice_line(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            let color = theme::palette(ui).attention;
            let glyph = theme::glyph(icon::GRADUATION_CAP).color(color);
            widgets::unspoken(&ui.label(glyph.size(18.0)));
            let words = "Practice mode. Nothing leaves this computer.";
            ui.label(RichText::new(words).color(color));
            if ui.button("Leave practice").clicked() {
                self.wishes.push(Command::Practice(false));
            }
        });
    }

    fn overlay(&mut self, ui: &mut Ui) {
        let Some(overlay) = self.state.overlay else {
            return;
        };
        let frame = theme::card_frame(ui).inner_margin(Margin::same(24));
        let modal = Modal::new(Id::unique("overlay")).frame(frame);
        let shown = modal.show(ui.ctx(), |ui| {
            ui.set_max_width(560.0_f32.min(ui.ctx().content_rect().width() - 80.0));
            match overlay {
                Overlay::Help(topic) => {
                    ui.label(theme::subheading(topic.title()).size(20.0));
                    ui.label(topic.text());
                }
                Overlay::About => about(ui),
                Overlay::CloseUnsaved => {
                    ui.label(theme::subheading("Close and lose this work?").size(20.0));
                    ui.label(
                        "It cannot be remembered on this computer, and its files are not saved. \
                         Step 4 saves them.",
                    );
                }
            }
            ui.add_space(theme::SMALL_SPACE);
            ui.horizontal(|ui| {
                let words = match overlay {
                    Overlay::CloseUnsaved => "Stay",
                    _ => "Close",
                };
                let close = widgets::action_button(ui, true, words);
                if overlay == Overlay::CloseUnsaved && ui.button("Close anyway").clicked() {
                    self.wishes.push(Command::CloseAnyway);
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
            self.wishes.push(Command::Show(None));
        }
    }
}

fn practice_frame(palette: &theme::Palette) -> Frame {
    Frame::NONE
        .fill(palette.attention_tint)
        .inner_margin(Margin::symmetric(28, 6))
}

fn about(ui: &mut Ui) {
    ui.label(theme::subheading("MTA-STS Wizard").size(20.0));
    widgets::muted_label(ui, concat!("Version ", env!("CARGO_PKG_VERSION")));
    ui.label(
        "Sets up MTA-STS (RFC 8461) and TLS reporting (RFC 8460) for a mail domain. It asks the \
         DNS, the mail servers and the web site of the domain you type, and public resolvers; it \
         sends nothing about you to anyone.",
    );
    ui.label("Licensed under MIT or Apache-2.0, at your choice. In it is the work of others:");
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
