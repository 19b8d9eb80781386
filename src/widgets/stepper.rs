//! The rail of the four steps: a numbered circle for each, joined by a line.

use eframe::egui::{
    Align2, Color32, Pos2, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use crate::state::{Status, Step, step_name};
use crate::theme::{self, icon, rail};

const HEIGHT: f32 = 44.0;
const CIRCLE: f32 = 13.0;
const INSET: f32 = 12.0;

/// One entry of the rail.
pub(crate) struct Entry {
    /// The step.
    pub(crate) step: Step,
    /// Its state; `None` for a step that is still to come.
    pub(crate) status: Option<Status>,
    /// Why it cannot be entered; `None` where it can.
    pub(crate) closed: Option<String>,
    /// Whether it is on the screen.
    pub(crate) here: bool,
}

/// Draws the entries below or beside each other; says which was clicked.
pub(crate) fn stepper(ui: &mut Ui, entries: &[Entry], upright: bool) -> Option<Step> {
    let mut wanted = None;
    let mut all = |ui: &mut Ui| {
        let mut before: Option<Pos2> = None;
        for (number, entry) in (1..).zip(entries) {
            let (centre, clicked) = entry_ui(ui, number, entry, upright);
            if let Some(before) = before.filter(|_| upright) {
                let line = [
                    before + vec2(0.0, CIRCLE + 3.0),
                    centre - vec2(0.0, CIRCLE + 3.0),
                ];
                let color = theme::palette(ui).rail_tint;
                ui.painter().line_segment(line, Stroke::new(2.0, color));
            }
            before = Some(centre);
            if clicked {
                wanted = Some(entry.step);
            }
        }
    };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme::GRID, 6.0);
        if upright {
            ui.vertical(|ui| all(ui));
        } else {
            ui.horizontal(|ui| all(ui));
        }
    });
    wanted
}

fn entry_ui(ui: &mut Ui, number: usize, entry: &Entry, upright: bool) -> (Pos2, bool) {
    let palette = theme::palette(ui);
    let name = step_name(entry.step);
    let enabled = entry.closed.is_none();
    let text_color = match (entry.here, enabled) {
        (true, _) => rail::TEXT,
        (false, true) => rail::MUTED,
        (false, false) => rail::MUTED.gamma_multiply(0.75),
    };
    let font = if entry.here {
        theme::semibold_font(TextStyle::Body.resolve(ui.style()).size)
    } else {
        TextStyle::Body.resolve(ui.style())
    };
    let words = ui
        .painter()
        .layout_no_wrap(name.to_owned(), font, text_color);
    let text_at = INSET + 2.0 * CIRCLE + theme::SMALL_SPACE + 2.0;
    let width = match (upright, entry.here) {
        (true, _) => ui.available_width(),
        (false, true) => text_at + words.size().x + INSET,
        // Beside each other, only the step on the screen has room for its name.
        (false, false) => 2.0 * (INSET + CIRCLE),
    };
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (place, response) = ui.allocate_exact_size(Vec2::new(width, HEIGHT), sense);
    let painter = ui.painter();
    if entry.here || (enabled && response.hovered()) {
        painter.rect_filled(place, theme::RADIUS, palette.rail_tint);
    }
    if response.has_focus() {
        let stroke = Stroke::new(2.0, rail::HERE);
        painter.rect_stroke(place, theme::RADIUS, stroke, StrokeKind::Inside);
    }
    let centre = pos2(place.left() + INSET + CIRCLE, place.center().y);
    circle(ui, centre, number, entry);
    let text_place = Rect::from_min_size(
        pos2(
            place.left() + text_at,
            place.center().y - words.size().y / 2.0,
        ),
        words.size(),
    );
    if upright || entry.here {
        ui.painter().galley(text_place.min, words, text_color);
    }
    let state = match (entry.here, entry.status) {
        (true, _) => "you are here",
        (false, Some(status)) => status.word(),
        (false, None) => "not yet",
    };
    let reason = entry
        .closed
        .as_deref()
        .map_or(String::new(), |it| format!(". {it}"));
    let spoken = format!("Step {number} {name}, {state}{reason}");
    let here = entry.here;
    response.widget_info(move || WidgetInfo::selected(Role::Button, enabled, here, &spoken));
    let response = match &entry.closed {
        Some(reason) => response.on_hover_text(format!("{name}. {reason}")),
        None if upright || entry.here => response,
        None => response.on_hover_text(name),
    };
    (centre, response.clicked())
}

/// The number of a step, or the mark it has earned.
fn circle(ui: &Ui, centre: Pos2, number: usize, entry: &Entry) {
    let palette = theme::palette(ui);
    let painter = ui.painter();
    let earned = entry
        .status
        .filter(|_| !entry.here)
        .map(|status| match status {
            Status::Ok => (icon::CHECK_CIRCLE, rail::OK),
            Status::Attention => (icon::WARNING, rail::ATTENTION),
            Status::Problem => (icon::X_CIRCLE, rail::PROBLEM),
            Status::NotChecked => (icon::MINUS_CIRCLE, rail::MUTED),
            Status::Waiting => (icon::HOURGLASS, rail::MUTED),
        });
    let middle = Align2::CENTER_CENTER;
    if let Some((glyph, color)) = earned {
        painter.text(centre, middle, glyph, theme::icon_font(2.0 * CIRCLE), color);
        return;
    }
    let (fill, ink): (Color32, Color32) = if entry.here {
        (rail::HERE, rail::ON_HERE)
    } else {
        (palette.rail_tint, rail::MUTED)
    };
    painter.circle_filled(centre, CIRCLE, fill);
    painter.text(centre, middle, number, theme::semibold_font(13.5), ink);
}
