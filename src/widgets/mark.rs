//! The five states: icon and word, never colour alone.

use eframe::egui::{Color32, CornerRadius, Frame, Margin, RichText, Role, Ui, WidgetInfo};

use crate::state::Status;
use crate::theme::{self, icon};
use crate::widgets::{drawn, unspoken};

/// The icon of a state.
pub(crate) fn mark_icon(status: Status) -> &'static str {
    match status {
        Status::Ok => icon::CHECK_CIRCLE,
        Status::Attention => icon::WARNING,
        Status::Problem => icon::X_CIRCLE,
        Status::NotChecked => icon::MINUS_CIRCLE,
        Status::Waiting => icon::HOURGLASS,
    }
}

/// The colour of a state.
pub(crate) fn mark_color(ui: &Ui, status: Status) -> Color32 {
    let palette = theme::palette(ui);
    match status {
        Status::Ok => palette.ok,
        Status::Attention => palette.attention,
        Status::Problem => palette.problem,
        Status::NotChecked | Status::Waiting => palette.muted,
    }
}

/// The colour behind a state.
pub(crate) fn mark_tint(ui: &Ui, status: Status) -> Color32 {
    let palette = theme::palette(ui);
    match status {
        Status::Ok => palette.ok_tint,
        Status::Attention => palette.attention_tint,
        Status::Problem => palette.problem_tint,
        Status::NotChecked | Status::Waiting => palette.tint,
    }
}

/// The icon of a state, spoken as its word.
pub(crate) fn mark_label(ui: &mut Ui, status: Status, size: f32) {
    let glyph = theme::glyph(mark_icon(status)).color(mark_color(ui, status));
    let response = ui.label(glyph.size(size));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, status.word()));
}

/// The icon of a state beside its word, and so unspoken.
pub(crate) fn mark_icon_alone(ui: &mut Ui, status: Status) {
    let glyph = theme::glyph(mark_icon(status)).color(mark_color(ui, status));
    unspoken(&ui.label(glyph));
}

/// A state as icon and word on its colour. Unspoken: it stands within something that says it.
pub(crate) fn pill(ui: &mut Ui, status: Status, word: &str) {
    let color = mark_color(ui, status);
    Frame::NONE
        .fill(mark_tint(ui, status))
        .corner_radius(11)
        .inner_margin(Margin::symmetric(8, 2))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = theme::GRID;
            ui.spacing_mut().interact_size.y = 18.0;
            ui.horizontal(|ui| {
                let glyph = theme::glyph(mark_icon(status)).color(color).size(14.0);
                drawn(ui, glyph);
                let word = RichText::new(word).color(color).size(13.0);
                drawn(ui, word);
            });
        });
}

/// A verdict that can be read across the room: a coloured ground with a bar at its edge.
pub(crate) fn banner<R>(ui: &mut Ui, status: Status, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let color = mark_color(ui, status);
    let shown = Frame::NONE
        .fill(mark_tint(ui, status))
        .corner_radius(theme::CARD_RADIUS)
        .inner_margin(Margin {
            left: 20,
            right: 16,
            top: 14,
            bottom: 14,
        })
        .show(ui, |ui| {
            ui.take_available_width();
            ui.horizontal_top(|ui| {
                mark_label(ui, status, 28.0);
                ui.add_space(theme::GRID);
                // A column of its own: within a row, text would run on instead of wrapping.
                let width = ui.available_width();
                ui.vertical(|ui| {
                    ui.set_width(width);
                    contents(ui)
                })
                .inner
            })
            .inner
        });
    let mut bar = shown.response.rect;
    bar.set_width(theme::GRID);
    let corners = CornerRadius {
        nw: theme::CARD_RADIUS,
        sw: theme::CARD_RADIUS,
        ne: 0,
        se: 0,
    };
    ui.painter().rect_filled(bar, corners, color);
    shown.inner
}
