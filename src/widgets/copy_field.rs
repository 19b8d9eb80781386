//! Text that is taken over letter by letter: a value with its copy button, and a block of lines
//! with an explanation to each.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, RichText, Role, Ui, WidgetInfo};

use crate::theme::{self, icon};
use crate::widgets::{named, steady};

/// A value in a box with a button; true when the person wants it copied. `name` says what it is
/// and names the button: "Copy name".
pub(crate) fn copy_field(ui: &mut Ui, label: &str, value: &str, name: &str) -> bool {
    let text = theme::muted(ui, label);
    ui.label(text.small());
    let frame = theme::code_frame(ui);
    let inside = ui.available_width() - frame.total_margin().sum().x;
    frame
        .show(ui, |ui| {
            let row = Layout::right_to_left(Align::Center);
            ui.allocate_ui_with_layout([inside, 30.0].into(), row, |ui| {
                let words = (theme::glyph(icon::COPY), RichText::new("Copy"));
                let name = format!("Copy {name}");
                let button = steady(ui, &name, |ui| ui.add(Button::new(words)));
                named(&button, &name);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(theme::code(value)).wrap());
                });
                button.clicked()
            })
            .inner
        })
        .inner
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

/// What becomes of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It goes.
    Gone,
    /// It comes.
    Added,
    /// It stays.
    Kept,
}

/// The lines of an old and a new text: what goes and what comes, each with its sign and its colour.
pub(crate) fn difference<'a>(ui: &mut Ui, lines: impl IntoIterator<Item = (Change, &'a str)>) {
    let palette = theme::palette(ui);
    theme::code_frame(ui).show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = 0.0;
        for (change, line) in lines {
            let (sign, word, color, ground) = match change {
                Change::Gone => ("−", "goes", palette.problem, palette.problem_tint),
                Change::Added => ("+", "comes", palette.ok, palette.ok_tint),
                Change::Kept => (" ", "stays", palette.muted, palette.tint),
            };
            Frame::NONE
                .fill(ground)
                .inner_margin(Margin::symmetric(6, 2))
                .show(ui, |ui| {
                    ui.take_available_width();
                    let text = theme::code(format!("{sign} {line}")).color(color);
                    let response = ui.label(text);
                    let spoken = format!("{word}: {line}");
                    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
                });
        }
    });
}
