//! The five states: icon and word, never colour alone.

use eframe::egui::{Color32, Role, Ui, WidgetInfo};

use crate::state::Mark;
use crate::theme::{self, icon};
use crate::widgets::unspoken;

/// The icon of a state.
pub(crate) fn mark_icon(mark: Mark) -> &'static str {
    match mark {
        Mark::Ok => icon::CHECK_CIRCLE,
        Mark::Attention => icon::WARNING,
        Mark::Problem => icon::X_CIRCLE,
        Mark::NotChecked => icon::MINUS_CIRCLE,
        Mark::Waiting => icon::HOURGLASS,
    }
}

/// The colour of a state.
pub(crate) fn mark_color(ui: &Ui, mark: Mark) -> Color32 {
    let palette = theme::palette(ui);
    match mark {
        Mark::Ok => palette.ok,
        Mark::Attention => palette.attention,
        Mark::Problem => palette.problem,
        Mark::NotChecked | Mark::Waiting => palette.muted,
    }
}

/// The icon of a state, spoken as its word.
pub(crate) fn mark_label(ui: &mut Ui, mark: Mark, size: f32) {
    let glyph = theme::glyph(mark_icon(mark)).color(mark_color(ui, mark));
    let response = ui.label(glyph.size(size));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, mark.word()));
}

/// The icon of a state beside its word, and so unspoken.
pub(crate) fn mark_icon_alone(ui: &mut Ui, mark: Mark) {
    let glyph = theme::glyph(mark_icon(mark)).color(mark_color(ui, mark));
    unspoken(&ui.label(glyph));
}
