//! Drawing that knows no state: marks, cards, copy fields, rows. What they show comes in as
//! arguments, what the person did goes out as a return value.

mod copy_field;
mod finding_row;
mod mark;
mod stepper;

use eframe::egui::{Button, InnerResponse, Response, RichText, Ui};

use crate::theme;

pub(crate) use copy_field::{code_block, copy_field};
pub(crate) use finding_row::check_row;
pub(crate) use mark::{mark_color, mark_icon};
pub(crate) use stepper::{Entry, stepper};

/// A bordered group.
pub(crate) fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    theme::card_frame(ui).show(ui, |ui| {
        ui.take_available_width();
        contents(ui)
    })
}

/// The one button of a screen that goes on.
pub(crate) fn action_button(ui: &mut Ui, enabled: bool, text: &str) -> Response {
    let palette = theme::palette(ui);
    let button = if enabled {
        Button::new(theme::semibold(text).color(palette.on_accent)).fill(palette.accent)
    } else {
        Button::new(theme::semibold(text))
    };
    ui.add_enabled(enabled, button.min_size([120.0, 34.0].into()))
}

/// A button with an icon before its word. Named by the word alone.
pub(crate) fn icon_button(ui: &mut Ui, icon: &str, text: &str) -> Response {
    let response = ui.add(Button::new((theme::glyph(icon), RichText::new(text))));
    named(&response, text);
    response
}

/// Gives a control the name that assistive technology reads, without its icon.
pub(crate) fn named(response: &Response, name: &str) {
    let enabled = response.enabled();
    let name = name.to_owned();
    response.widget_info(move || {
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Button, enabled, &name)
    });
}

/// A paragraph of second rank.
pub(crate) fn muted_label(ui: &mut Ui, text: impl Into<String>) -> Response {
    let text = theme::muted(ui, text);
    ui.label(text)
}
