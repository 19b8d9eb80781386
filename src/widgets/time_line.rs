//! A line of time: what was, where the person is, and what comes.

use eframe::egui::{Align, Layout, Pos2, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use crate::state::count;
use crate::theme;

/// A point of the line.
pub(crate) struct Moment {
    /// When, in words.
    pub(crate) when: String,
    /// What.
    pub(crate) what: String,
    /// Whether it is today.
    pub(crate) here: bool,
}

/// The least width of a point, in points; in less room they stand below each other.
const LEAST_WIDTH: f32 = 150.0;
const DOT: f32 = 6.0;

/// Draws the points in their order, with a line through them.
pub(crate) fn time_line(ui: &mut Ui, moments: &[Moment]) {
    let room = ui.available_width();
    let width = room / count(moments.len()).max(1.0);
    if width < LEAST_WIDTH {
        for moment in moments {
            ui.horizontal_top(|ui| {
                let (place, _) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::hover());
                dot(ui, place.center(), moment.here);
                ui.vertical(|ui| words(ui, moment));
            });
        }
        return;
    }
    let top = ui.cursor().min;
    let y = top.y + DOT + 2.0;
    let line = [pos2(top.x, y), pos2(top.x + room, y)];
    let color = theme::palette(ui).edge;
    ui.painter().line_segment(line, Stroke::new(2.0, color));
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for moment in moments {
            let builder = UiBuilder::new().layout(Layout::top_down(Align::LEFT));
            ui.allocate_ui(vec2(width, 0.0), |ui| {
                ui.scope_builder(builder, |ui| {
                    ui.set_width(width - theme::SMALL_SPACE);
                    let (place, _) =
                        ui.allocate_exact_size(vec2(width, 2.0 * DOT + 4.0), Sense::hover());
                    dot(ui, place.left_center() + vec2(DOT + 1.0, 0.0), moment.here);
                    words(ui, moment);
                });
            });
        }
    });
}

fn dot(ui: &Ui, at: Pos2, here: bool) {
    let palette = theme::palette(ui);
    let painter = ui.painter();
    if here {
        painter.circle_filled(at, DOT + 1.0, palette.accent);
    } else {
        let stroke = Stroke::new(2.0, palette.edge);
        painter.circle(at, DOT, palette.card, stroke);
    }
}

fn words(ui: &mut Ui, moment: &Moment) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let when = theme::semibold(&moment.when);
    let here = theme::palette(ui).accent;
    ui.label(if moment.here { when.color(here) } else { when });
    if moment.here {
        ui.label("You are here.");
    }
    let what = theme::muted(ui, &moment.what);
    ui.label(what);
}
