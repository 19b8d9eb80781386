//! The five states: icon and word, never colour alone.

use eframe::egui::{Color32, Ui};

use crate::state::Mark;
use crate::theme::{self, icon};

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
