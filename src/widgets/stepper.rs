//! The rail of the four steps.

use eframe::egui::{Button, RichText, Role, Stroke, Ui, WidgetInfo};

use crate::state::{Mark, Step};
use crate::theme::{self, icon};
use crate::widgets::{mark_color, mark_icon};

/// One entry of the rail.
pub(crate) struct Entry {
    /// The step.
    pub(crate) step: Step,
    /// Its state; `None` for a step that is still to come.
    pub(crate) mark: Option<Mark>,
    /// Whether it can be entered.
    pub(crate) enabled: bool,
    /// Whether it is on the screen.
    pub(crate) here: bool,
}

/// Draws the entries below or beside each other; says which was clicked.
pub(crate) fn stepper(ui: &mut Ui, entries: &[Entry], upright: bool) -> Option<Step> {
    let mut wanted = None;
    let mut all = |ui: &mut Ui| {
        for (number, entry) in (1..).zip(entries) {
            if entry_ui(ui, number, entry, upright) {
                wanted = Some(entry.step);
            }
        }
    };
    if upright {
        ui.vertical(|ui| all(ui));
    } else {
        ui.horizontal_wrapped(|ui| all(ui));
    }
    wanted
}

fn entry_ui(ui: &mut Ui, number: usize, entry: &Entry, upright: bool) -> bool {
    let palette = theme::palette(ui);
    let (glyph, color) = match (entry.here, entry.mark) {
        (true, _) => (icon::RADIO, palette.accent),
        (false, Some(mark)) => (mark_icon(mark), mark_color(ui, mark)),
        (false, None) => (icon::CIRCLE, palette.muted),
    };
    let words = format!("{number} {}", entry.step.name());
    let text = if entry.here {
        theme::semibold(&words)
    } else {
        RichText::new(&words)
    };
    let glyph = theme::glyph(glyph).color(color).size(17.0);
    let mut button = Button::new((glyph, text))
        .stroke(Stroke::NONE)
        .corner_radius(6);
    button = if entry.here {
        button.fill(palette.tint)
    } else {
        button.frame_when_inactive(false)
    };
    if upright {
        button = button
            .right_text(())
            .min_size([ui.available_width(), 36.0].into());
    }
    let response = ui.add_enabled(entry.enabled, button);
    let state = match (entry.here, entry.mark) {
        (true, _) => "you are here",
        (false, Some(mark)) => mark.word(),
        (false, None) => "not yet",
    };
    let name = format!("Step {words}, {state}");
    let (enabled, here) = (entry.enabled, entry.here);
    response.widget_info(move || WidgetInfo::selected(Role::Button, enabled, here, &name));
    response.clicked()
}
