//! Text that is taken over letter by letter: a value with its copy button, and a block of lines
//! with an explanation to each.

use eframe::egui::{Button, RichText, Ui};

use crate::theme::{self, icon};
use crate::widgets::named;

/// A value in a box with a button; true when the person wants it copied. `name` says what it is
/// and names the button: "Copy name".
pub(crate) fn copy_field(ui: &mut Ui, label: &str, value: &str, name: &str) -> bool {
    let mut wanted = false;
    ui.push_id(name, |ui| {
        let text = theme::muted(ui, label);
        ui.label(text.small());
        theme::code_frame(ui).show(ui, |ui| {
            ui.horizontal(|ui| {
                let button_width = 76.0;
                ui.allocate_ui_with_layout(
                    [(ui.available_width() - button_width).max(60.0), 0.0].into(),
                    eframe::egui::Layout::left_to_right(eframe::egui::Align::Center)
                        .with_main_wrap(true),
                    |ui| {
                        ui.take_available_width();
                        ui.label(theme::code(value));
                    },
                );
                let button = ui.add(Button::new((
                    theme::glyph(icon::COPY),
                    RichText::new("Copy"),
                )));
                named(&button, &format!("Copy {name}"));
                wanted = button.clicked();
            });
        });
    });
    wanted
}

/// Lines of a record or a file; each with its explanation below.
pub(crate) fn code_block<'a>(ui: &mut Ui, lines: impl IntoIterator<Item = (&'a str, &'a str)>) {
    theme::code_frame(ui).show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = 2.0;
        for (line, explanation) in lines {
            ui.label(theme::code(line));
            if !explanation.is_empty() {
                let text = theme::muted(ui, explanation);
                ui.label(text.small());
                ui.add_space(theme::GRID);
            }
        }
    });
}
