//! Drawing that knows no state: marks, cards, copy fields, rows. What they show comes in as
//! arguments, what the person did goes out as a return value.

mod copy_field;
mod delivery_row;
mod finding_row;
mod mark;
mod sender_card;
mod stepper;

use eframe::egui::{
    Align2, Button, Id, InnerResponse, LayerId, Order, Response, RichText, Stroke, StrokeKind,
    TextStyle, Ui, accesskit,
};

use crate::theme;

pub(crate) use copy_field::{code_block, copy_field};
pub(crate) use delivery_row::delivery_rows;
pub(crate) use finding_row::check_row;
pub(crate) use mark::{mark_color, mark_icon, mark_icon_alone, mark_label};
pub(crate) use sender_card::sender_card;
pub(crate) use stepper::{Entry, stepper};

/// A bordered group.
pub(crate) fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    theme::card_frame(ui).show(ui, |ui| {
        ui.take_available_width();
        contents(ui)
    })
}

/// Over everything, while files are held over the window.
pub(crate) fn drop_hint(ui: &Ui, words: &str) {
    let palette = theme::palette(ui);
    let painter = ui
        .ctx()
        .layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    let window = ui.ctx().content_rect();
    painter.rect(
        window,
        0.0,
        palette.page.gamma_multiply(0.97),
        Stroke::new(theme::GRID, palette.accent),
        StrokeKind::Inside,
    );
    let font = TextStyle::Heading.resolve(ui.style());
    painter.text(
        window.center(),
        Align2::CENTER_CENTER,
        words,
        font,
        palette.text,
    );
}

/// Two columns of equal width.
pub(crate) fn two_columns<R>(
    ui: &mut Ui,
    left: impl FnOnce(&mut Ui) -> R,
    right: impl FnOnce(&mut Ui),
) -> R {
    let gap = ui.spacing().item_spacing.x;
    let width = (ui.available_width() - gap) / 2.0;
    ui.horizontal_top(|ui| {
        let column = |ui: &mut Ui| {
            ui.set_width(width);
        };
        let result = ui
            .vertical(|ui| {
                column(ui);
                left(ui)
            })
            .inner;
        ui.vertical(|ui| {
            column(ui);
            right(ui);
        });
        result
    })
    .inner
}

/// A choice and, below it, what it leads to.
pub(crate) fn explained<R>(
    ui: &mut Ui,
    choice: impl FnOnce(&mut Ui) -> R,
    explanation: impl Into<String>,
) -> R {
    let result = ui
        .scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let result = choice(ui);
            ui.horizontal_top(|ui| {
                ui.add_space(ui.spacing().icon_width + ui.spacing().icon_spacing);
                ui.vertical(|ui| muted_label(ui, explanation));
            });
            result
        })
        .inner;
    ui.add_space(crate::theme::GRID);
    result
}

/// A line of text that wraps, with an icon and words of different weight: rows closer together
/// than controls are.
pub(crate) fn text_row<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().item_spacing = [6.0, 2.0].into();
        ui.horizontal_wrapped(contents).inner
    })
    .inner
}

/// The one button of a screen that goes on.
pub(crate) fn action_button(ui: &mut Ui, enabled: bool, text: &str) -> Response {
    let palette = theme::palette(ui);
    let button = if enabled {
        Button::new(theme::semibold(text).color(palette.on_accent)).fill(palette.accent)
    } else {
        Button::new(theme::semibold(text))
    };
    ui.add_enabled(enabled, button.min_size(theme::ACTION_SIZE))
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

/// Lets assistive technology read a text aloud when it changes.
pub(crate) fn announced(response: &Response) {
    response
        .ctx
        .accesskit_node_builder(response.id, |node| node.set_live(accesskit::Live::Polite));
}

/// Hides what only repeats the name of the control around it from assistive technology.
pub(crate) fn unspoken(response: &Response) {
    response
        .ctx
        .accesskit_node_builder(response.id, accesskit::Node::set_hidden);
}

/// A paragraph of second rank.
pub(crate) fn muted_label(ui: &mut Ui, text: impl Into<String>) -> Response {
    let text = theme::muted(ui, text);
    ui.label(text)
}
