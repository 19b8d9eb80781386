//! Choices: tiles of which one is chosen, a row of values, and boxes to tick.

use eframe::egui::{
    Button, CornerRadius, Frame, Margin, RichText, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo,
};

use crate::help;
use crate::state::Topic;
use crate::theme::{self, icon};
use crate::widgets::drawn;

/// One of several ways, with what it leads to; true when it was chosen now.
pub(crate) fn choice_tile(
    ui: &mut Ui,
    chosen: bool,
    name: &str,
    consequence: &str,
    topic: Topic,
) -> bool {
    let palette = theme::palette(ui);
    let (fill, edge) = if chosen {
        (palette.accent_tint, Stroke::new(2.0, palette.accent))
    } else {
        (palette.card, Stroke::new(1.0, palette.edge))
    };
    let shown = Frame::NONE
        .fill(fill)
        .stroke(edge)
        .corner_radius(theme::RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.take_available_width();
            ui.horizontal_top(|ui| {
                let (place, _) = ui.allocate_exact_size(Vec2::splat(20.0), Sense::hover());
                let painter = ui.painter();
                let ring = Stroke::new(if chosen { 6.0 } else { 1.5 }, edge.color);
                let radius = if chosen { 6.0 } else { 8.0 };
                painter.circle(place.center(), radius, palette.card, ring);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    drawn(ui, theme::semibold(name));
                    let text = theme::muted(ui, consequence);
                    drawn(ui, text);
                });
            });
        });
    let id = ui.scope_id().with(("choice", name));
    let response = ui.interact(shown.response.rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, name));
    help::about(&response, topic);
    if response.has_focus() || response.hovered() {
        let corners = CornerRadius::same(theme::RADIUS);
        let stroke = Stroke::new(2.0, palette.accent);
        let painter = ui.painter();
        painter.rect_stroke(shown.response.rect, corners, stroke, StrokeKind::Outside);
    }
    response.clicked()
}

/// Values beside each other, one of which is chosen; the one that was chosen now.
pub(crate) fn segments<T: Copy + PartialEq>(
    ui: &mut Ui,
    chosen: T,
    values: impl IntoIterator<Item = (T, &'static str)>,
) -> Option<T> {
    let palette = theme::palette(ui);
    let mut taken = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GRID;
        for (value, words) in values {
            let is_chosen = value == chosen;
            let button = if is_chosen {
                // Not by its colour alone.
                let glyph = theme::glyph(icon::CHECK_CIRCLE).color(palette.on_accent);
                let words = theme::semibold(words).color(palette.on_accent);
                Button::new((glyph, words)).fill(palette.accent)
            } else {
                Button::new(RichText::new(words))
            };
            let response = ui.add(button);
            response
                .widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, words));
            if response.clicked() && !is_chosen {
                taken = Some(value);
            }
        }
    });
    taken
}

/// A box to tick, with its words; true when it was changed.
pub(crate) fn tick_box(ui: &mut Ui, ticked: &mut bool, words: impl Into<RichText>) -> bool {
    let palette = theme::palette(ui);
    let words = words.into();
    let name = words.text().to_owned();
    let shown = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::SMALL_SPACE;
        let (place, _) = ui.allocate_exact_size(Vec2::splat(20.0), Sense::hover());
        let place = place.shrink(1.0);
        let edge = if *ticked {
            palette.accent
        } else {
            palette.edge
        };
        let fill = if *ticked {
            palette.accent
        } else {
            palette.card
        };
        let stroke = Stroke::new(1.5, edge);
        let painter = ui.painter();
        painter.rect(place, 5.0, fill, stroke, StrokeKind::Inside);
        if *ticked {
            let sign = [[4.0, 9.0], [7.5, 12.5], [14.0, 5.5]];
            let sign = sign.map(|at| place.min + Vec2::from(at));
            painter.line(sign.to_vec(), Stroke::new(2.0, palette.on_accent));
        }
        drawn(ui, words);
    });
    let rect = shown.response.rect.expand2([4.0, 2.0].into());
    let id = ui.scope_id().with(("tick", &name));
    let response = ui.interact(rect, id, Sense::click());
    if response.clicked() {
        *ticked = !*ticked;
    }
    let now = *ticked;
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, now, &name));
    if response.has_focus() || response.hovered() {
        let corners = CornerRadius::same(theme::RADIUS);
        let stroke = Stroke::new(if response.has_focus() { 2.0 } else { 1.0 }, palette.accent);
        ui.painter()
            .rect_stroke(rect, corners, stroke, StrokeKind::Outside);
    }
    response.clicked()
}
