//! The way of a message, drawn: a box for each stop, joined by arrows, with the break where it is.

use eframe::egui::{
    Align2, FontId, Painter, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};

use mta_sts_core::{Stop, StopState};

use crate::state::{Status, count};
use crate::theme::{self, icon};
use crate::widgets::{mark_color, mark_icon, mark_tint};

const HEIGHT: f32 = 76.0;
const ARROW: f32 = 30.0;
/// The least width of a box, in points; in less room the boxes stand below each other.
const LEAST_WIDTH: f32 = 128.0;
const LOW_HEIGHT: f32 = 40.0;
const LOW_ARROW: f32 = 14.0;

/// Draws the stops. Gives back the one whose details are wanted: the pointer is over it, or it has the
/// focus, or it was pressed last.
pub(crate) fn mail_path<'a>(ui: &mut Ui, nodes: &'a [Stop]) -> Option<&'a Stop> {
    let stops = count(nodes.len());
    let arrows = ARROW * (stops - 1.0);
    let room = ui.available_width();
    let width = ((room - arrows) / stops).min(220.0);
    let upright = width < LEAST_WIDTH;
    let size = if upright {
        vec2(room, LOW_HEIGHT * stops + LOW_ARROW * (stops - 1.0))
    } else {
        vec2(width * stops + arrows, HEIGHT)
    };
    let (place, _) = ui.allocate_exact_size(size, Sense::hover());
    let pressed_id = ui.scope_id().with("pressed stop");
    let mut pressed = ui.data(|data| data.get_temp::<usize>(pressed_id));
    let mut wanted = None;
    let mut before: Option<Rect> = None;
    for (index, node) in nodes.iter().enumerate() {
        let at = count(index);
        let stop = if upright {
            let top = place.min + vec2(0.0, at * (LOW_HEIGHT + LOW_ARROW));
            Rect::from_min_size(top, vec2(room, LOW_HEIGHT))
        } else {
            let left = place.min + vec2(at * (width + ARROW), 0.0);
            Rect::from_min_size(left, vec2(width, HEIGHT))
        };
        if let Some(before) = before {
            arrow(ui, before, stop, upright, mark_of(node));
        }
        let id = ui.scope_id().with(("stop", node.name));
        let response = ui.interact(stop, id, Sense::click());
        let word = mark_of(node).map_or(String::new(), |status| format!("{}, ", status.word()));
        let spoken = format!("{}: {word}{}. {}", node.name, node.word, node.detail);
        response.widget_info(|| {
            WidgetInfo::selected(Role::Button, true, pressed == Some(index), &spoken)
        });
        if response.clicked() {
            pressed = (pressed != Some(index)).then_some(index);
            ui.data_mut(|data| {
                data.remove::<usize>(pressed_id);
                if let Some(index) = pressed {
                    data.insert_temp(pressed_id, index);
                }
            });
        }
        if response.hovered() || response.has_focus() {
            wanted = Some(node);
        }
        stop_ui(ui, stop, node, &response, upright, pressed == Some(index));
        before = Some(stop);
    }
    wanted.or(pressed.and_then(|index| nodes.get(index)))
}

fn stop_ui(ui: &Ui, place: Rect, node: &Stop, response: &Response, upright: bool, pressed: bool) {
    let palette = theme::palette(ui);
    let color = mark_of(node).map_or(palette.muted, |status| mark_color(ui, status));
    let stroke = if response.has_focus() {
        Stroke::new(2.5, palette.accent)
    } else if response.hovered() || pressed {
        Stroke::new(2.0, color)
    } else {
        Stroke::new(1.0, palette.edge)
    };
    let painter = ui.painter().with_clip_rect(place.expand(2.0));
    let fill = mark_of(node).map_or(palette.tint, |status| mark_tint(ui, status));
    painter.rect(place, theme::RADIUS, fill, stroke, StrokeKind::Inside);
    let body = TextStyle::Body.resolve(ui.style()).size;
    let name_font = theme::semibold_font(body);
    let word_font = FontId::proportional(body - 1.0);
    let inside = place.shrink2(vec2(12.0, 8.0));
    if upright {
        let middle = inside.center().y;
        let name = pos2(inside.left(), middle);
        let drawn = painter.text(
            name,
            Align2::LEFT_CENTER,
            node.name,
            name_font,
            palette.text,
        );
        let sign = pos2(drawn.right() + 14.0, middle);
        state(&painter, sign, node, word_font, ui);
    } else {
        let name = inside.left_top() + vec2(0.0, 6.0);
        painter.text(name, Align2::LEFT_TOP, node.name, name_font, palette.text);
        let sign = pos2(inside.left(), inside.bottom() - 12.0);
        state(&painter, sign, node, word_font, ui);
    }
}

/// The mark of a stop; `None` for the sender, whoever that is.
fn mark_of(stop: &Stop) -> Option<Status> {
    match stop.state {
        StopState::Unjudged => None,
        StopState::NotThere => Some(Status::Waiting),
        StopState::Judged(severity) => Some(Status::of(severity)),
    }
}

/// The mark and the word.
fn state(painter: &Painter, at: Pos2, node: &Stop, font: FontId, ui: &Ui) {
    let palette = theme::palette(ui);
    let color = mark_of(node).map_or(palette.muted, |status| mark_color(ui, status));
    let glyph = mark_of(node).map_or(icon::ENVELOPE, mark_icon);
    let sign = painter.text(
        at,
        Align2::LEFT_CENTER,
        glyph,
        theme::icon_font(16.0),
        color,
    );
    let word = pos2(sign.right() + 5.0, at.y);
    painter.text(word, Align2::LEFT_CENTER, &node.word, font, color);
}

/// Joins two stops; broken before one that fails.
fn arrow(ui: &Ui, from: Rect, to: Rect, upright: bool, next: Option<Status>) {
    let palette = theme::palette(ui);
    let broken = next == Some(Status::Problem);
    let color = if broken {
        palette.problem
    } else {
        palette.edge
    };
    let stroke = Stroke::new(2.0, color);
    let (begin, end) = if upright {
        let x = from.left() + 24.0;
        (pos2(x, from.bottom() + 1.0), pos2(x, to.top() - 1.0))
    } else {
        let y = from.center().y;
        (pos2(from.right() + 3.0, y), pos2(to.left() - 3.0, y))
    };
    let painter = ui.painter();
    if broken {
        let middle = begin.lerp(end, 0.5);
        let font = theme::icon_font(if upright { 14.0 } else { 18.0 });
        painter.text(middle, Align2::CENTER_CENTER, icon::X_CIRCLE, font, color);
        return;
    }
    painter.line_segment([begin, end], stroke);
    let back = if upright {
        vec2(0.0, -5.0)
    } else {
        vec2(-6.0, 0.0)
    };
    let side = if upright {
        vec2(4.0, 0.0)
    } else {
        vec2(0.0, 4.0)
    };
    painter.line_segment([end, end + back + side], stroke);
    painter.line_segment([end, end + back - side], stroke);
}
