//! Drawing that knows no state: marks, cards, copy fields, rows. What they show comes in as
//! arguments, what the person did goes out as a return value.

mod choice;
mod copy_field;
mod day_plot;
mod finding_row;
mod host_table;
mod mail_path;
mod mark;
mod sender_card;
mod stepper;
mod time_line;

use std::fmt::Debug;
use std::hash::Hash;

use eframe::egui::{
    Align, Align2, Button, CollapsingHeader, Context, Id, InnerResponse, LayerId, Margin, Order,
    Response, RichText, Sense, Stroke, StrokeKind, TextEdit, TextStyle, TextWrapMode, Ui,
    UiBuilder, WidgetText, accesskit,
};

use crate::command::Command;
use crate::theme;

pub(crate) use choice::{choice_tile, segments, tick_box};
pub(crate) use copy_field::{Change, code_block, copy_field, difference};
pub(crate) use day_plot::{day_plot, sentence as day_sentence};
pub(crate) use finding_row::{check_row, section};
pub(crate) use host_table::host_table;
pub(crate) use mail_path::mail_path;
pub(crate) use mark::{
    banner, mark_color, mark_icon, mark_icon_alone, mark_label, mark_tint, pill,
};
pub(crate) use sender_card::sender_card;
pub(crate) use stepper::{Entry, stepper};
pub(crate) use time_line::{Moment, time_line};

/// A group of things that belong together.
pub(crate) fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let shown = theme::card_frame(ui).show(ui, |ui| {
        ui.take_available_width();
        contents(ui)
    });
    ui.add_space(theme::GRID);
    shown
}

/// A list that opens, with its title.
pub(crate) fn fold(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    CollapsingHeader::new(theme::semibold(title))
        .id_salt(title)
        .show_unindented(ui, contents);
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

/// A field for one line of text. Its id is its name and whose it is alone: whatever comes or goes
/// around it, it keeps the keyboard; and undoing in it never brings back the text of another domain.
pub(crate) fn text_field<'a>(
    name: impl Hash + Debug,
    text: &'a mut String,
    hint: &str,
    most: usize,
) -> TextEdit<'a> {
    TextEdit::singleline(text)
        .id(Id::unique(("field", name)))
        .hint_text(hint.to_owned())
        .char_limit(most)
        .margin(Margin::symmetric(10, 7))
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

/// The same in the midst of a screen, for what is to be pressed first there.
pub(crate) fn primary_button(ui: &mut Ui, enabled: bool, icon: &str, text: &str) -> Response {
    let palette = theme::palette(ui);
    let words = |color| {
        (
            theme::glyph(icon).color(color),
            theme::semibold(text).color(color),
        )
    };
    let button = if enabled {
        Button::new(words(palette.on_accent)).fill(palette.accent)
    } else {
        Button::new(words(palette.muted))
    };
    let response = steady(ui, text, |ui| {
        ui.add_enabled(enabled, button.min_size([96.0, 32.0].into()))
    });
    named(&response, text);
    response
}

/// A button with an icon before its word. Named by the word alone.
pub(crate) fn icon_button(ui: &mut Ui, icon: &str, text: &str) -> Response {
    if ui.layout().main_wrap {
        // A scope with an id of its own does not wrap.
        let style = ui.style();
        let font = TextStyle::Button.resolve(style);
        let icon = font.size + ui.spacing().icon_spacing;
        let around = 2.0 * ui.spacing().button_padding.x + 2.0 * theme::SMALL_SPACE;
        let color = ui.visuals().text_color();
        let words = ui.painter().layout_no_wrap(text.to_owned(), font, color);
        if ui.available_size_before_wrap().x < words.size().x + icon + around {
            ui.end_row();
        }
    }
    let button = Button::new((theme::glyph(icon), RichText::new(text)));
    let response = steady(ui, text, |ui| ui.add(button));
    named(&response, text);
    response
}

/// Draws a control under an id that is its name alone: the same one, whatever comes or goes before it
/// between the press and the release of a click.
pub(crate) fn steady<R>(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().scope_id(Id::unique(("control", name)));
    ui.scope_builder(builder, add).inner
}

/// A button for a command, with its words, and its key on hover; pushes the command when pressed.
pub(crate) fn command_button(
    ui: &mut Ui,
    icon: &str,
    command: Command,
    commands: &mut Vec<Command>,
) -> Response {
    let mut response = icon_button(ui, icon, command.words());
    if let Some(key) = command.keys().first() {
        response = response.on_hover_text(ui.ctx().format_shortcut(key));
    }
    if response.clicked() {
        commands.push(command);
    }
    response
}

/// Scrolls to a control. The control under the pointer doesn’t hold the screen back.
pub(crate) fn scroll_to(response: &Response, align: Option<Align>) {
    response
        .ctx
        .data_mut(|data| data.insert_temp(Id::unique("scrolls"), true));
    response.scroll_to_me(align);
}

/// Whether [`scroll_to`] was called since the last time.
pub(crate) fn takes_scroll(ctx: &Context) -> bool {
    ctx.data_mut(|data| data.remove_temp::<bool>(Id::unique("scrolls")).is_some())
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

/// Text within something that can be pressed and is spoken as a whole: it takes no clicks of its
/// own, and assistive technology does not read it.
pub(crate) fn drawn(ui: &mut Ui, text: impl Into<WidgetText>) {
    let width = ui.available_width();
    let text = text.into();
    let galley = text.into_galley(ui, Some(TextWrapMode::Wrap), width, TextStyle::Body);
    let (place, _) = ui.allocate_exact_size(galley.size(), Sense::hover());
    let color = ui.visuals().text_color();
    ui.painter().galley(place.min, galley, color);
}

/// A paragraph of second rank.
pub(crate) fn muted_label(ui: &mut Ui, text: impl Into<String>) -> Response {
    let text = theme::muted(ui, text);
    ui.label(text)
}
