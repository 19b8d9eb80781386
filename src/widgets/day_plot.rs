//! Sessions a day as bars: what was encrypted below, what failed on top of it.

use eframe::egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};
use mta_sts_core::{ReportedDay, day};

use crate::state::count;
use crate::theme;

const HEIGHT: f32 = 96.0;
const GAP: f32 = 2.0;
const MAX_BAR: f32 = 22.0;
/// A single failure must not vanish.
const LEAST_BAD: f32 = 4.0;
/// The least width for the dates of both ends, in points.
const DATES_WIDTH: f32 = 260.0;

/// Draws the bars. For a screen reader it is one sentence; the days stand in a list below it.
pub(crate) fn day_plot(ui: &mut Ui, days: &[ReportedDay]) {
    let all = |it: &ReportedDay| it.successful.saturating_add(it.failed);
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return;
    };
    let most = days.iter().map(all).max().unwrap_or_default();
    let palette = theme::palette(ui);
    let room = ui.available_width();
    let bar = (room / count(days.len())).min(MAX_BAR);
    let width = bar * count(days.len());
    let (place, response) = ui.allocate_exact_size(vec2(room, HEIGHT + 20.0), Sense::hover());
    let failed = days.iter().filter(|it| it.failed > 0).count();
    let spoken = format!(
        "Connections a day from {} to {}: at most {most} a day, failures on {failed} days.",
        told(first),
        told(last)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
    let painter = ui.painter();
    let ground = place.top() + HEIGHT;
    let mut hovered = None;
    for (index, it) in days.iter().enumerate() {
        let left = place.left() + bar * count(index);
        // The square root keeps a few failures in sight beside thousands of good connections.
        let top = HEIGHT * share(all(it), most).sqrt();
        let bad = if it.failed > 0 {
            (top * share(it.failed, all(it))).max(LEAST_BAD)
        } else {
            0.0
        };
        let column = |from: f32, to: f32| {
            let corner = pos2(left + bar - GAP, ground - from);
            Rect::from_min_max(pos2(left, ground - to), corner)
        };
        let good = (top - bad).max(0.0);
        painter.rect_filled(column(0.0, good), 1.0, palette.ok);
        painter.rect_filled(column(good, good + bad), 1.0, palette.problem);
        let at = response.hover_pos();
        if at.is_some_and(|at| (left..left + bar).contains(&at.x)) {
            hovered = Some(it);
        }
    }
    let ends = [
        pos2(place.left(), ground),
        pos2(place.left() + width, ground),
    ];
    painter.line_segment(ends, Stroke::new(1.0, palette.edge));
    let font = TextStyle::Small.resolve(ui.style());
    let below = vec2(0.0, 4.0);
    let date = |at, align, it| {
        painter.text(at + below, align, told(it), font.clone(), palette.muted);
    };
    date(ends[0], Align2::LEFT_TOP, first);
    if width > DATES_WIDTH {
        date(ends[1], Align2::RIGHT_TOP, last);
    }
    if let Some(it) = hovered {
        response.on_hover_text(sentence(it));
    }
}

/// From 0 to 1, exact enough to draw with.
fn share(part: u64, whole: u64) -> f32 {
    let parts = u128::from(part) * u128::from(u16::MAX) / u128::from(whole.max(1));
    f32::from(u16::try_from(parts).unwrap_or(u16::MAX)) / f32::from(u16::MAX)
}

/// A day in a sentence.
pub(crate) fn sentence(it: &ReportedDay) -> String {
    format!(
        "{}: {} encrypted, {} failed",
        told(it),
        it.successful,
        it.failed
    )
}

fn told(it: &ReportedDay) -> String {
    day(it.on.midnight().assume_utc())
}
