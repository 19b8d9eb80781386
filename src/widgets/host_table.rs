//! The mail servers as a table: a line for each, a mark for each thing that a sender looks at. Those
//! that are fine are one line where there are many.

use eframe::egui::{
    Align, Align2, Label, Layout, Rect, Role, Sense, TextStyle, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use crate::state::{HostLine, count};
use crate::theme;
use crate::widgets::{mark_color, mark_icon, muted_label, unspoken};

/// With more than so many mail servers, those that are fine are one line.
const MAX_FINE: usize = 6;
/// More lines than this are not drawn.
const MAX_LINES: usize = 60;
const LINE_HEIGHT: f32 = 28.0;
const COLUMN_WIDTH: f32 = 96.0;
/// The least width for a host, in points; in less room the marks stand below it, with their words.
const LEAST_HOST_WIDTH: f32 = 160.0;

/// Draws the table.
pub(crate) fn host_table(ui: &mut Ui, lines: &[HostLine]) {
    let has_policy = lines.iter().any(|line| line.marks[4].is_some());
    let columns = if has_policy { 5 } else { 4 };
    let host_width = ui.available_width() - COLUMN_WIDTH * count(columns);
    let wide = host_width >= LEAST_HOST_WIDTH;
    let fine = lines.iter().filter(|line| line.is_fine()).count();
    let folded = if lines.len() > MAX_FINE { fine } else { 0 };
    let shown = (lines.len() - folded).min(MAX_LINES);
    let more = lines.len() - folded - shown;
    if wide && shown > 0 {
        header(ui, host_width, columns);
    }
    for line in lines.iter().take(shown) {
        if wide {
            wide_line(ui, line, host_width, columns);
        } else {
            narrow_line(ui, line, columns);
        }
    }
    if more > 0 {
        muted_label(ui, format!("And {more} more."));
    }
    if folded > 0 {
        muted_label(
            ui,
            match shown {
                0 => format!("All {folded} mail servers are fine."),
                _ => format!("The other {folded} mail servers are fine."),
            },
        );
    }
}

fn header(ui: &mut Ui, host_width: f32, columns: usize) {
    let (place, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let color = theme::palette(ui).muted;
    let font = TextStyle::Small.resolve(ui.style());
    for (index, title) in HostLine::COLUMNS.iter().take(columns).enumerate() {
        let at = pos2(
            place.left() + host_width + count(index) * COLUMN_WIDTH,
            place.center().y,
        );
        ui.painter()
            .text(at, Align2::LEFT_CENTER, title, font.clone(), color);
    }
}

fn wide_line(ui: &mut Ui, line: &HostLine, host_width: f32, columns: usize) {
    let (place, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), LINE_HEIGHT), Sense::hover());
    let spoken = spoken(line, columns);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    if !ui.is_rect_visible(place) {
        return;
    }
    let palette = theme::palette(ui);
    let painter = ui.painter();
    painter.hline(place.x_range(), place.top(), (1.0, palette.line));
    let name = Rect::from_min_size(place.min, vec2(host_width - 8.0, LINE_HEIGHT));
    let text = Label::new(theme::semibold(&line.host))
        .truncate()
        .selectable(false);
    let builder = UiBuilder::new()
        .max_rect(name)
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| unspoken(&ui.add(text)));
    response.on_hover_text(&line.host);
    for (index, status) in line.marks.iter().take(columns).enumerate() {
        let Some(status) = *status else { continue };
        let at = pos2(
            place.left() + host_width + count(index) * COLUMN_WIDTH,
            place.center().y,
        );
        let glyph = mark_icon(status);
        let color = mark_color(ui, status);
        ui.painter().text(
            at,
            Align2::LEFT_CENTER,
            glyph,
            theme::icon_font(17.0),
            color,
        );
    }
}

fn narrow_line(ui: &mut Ui, line: &HostLine, columns: usize) {
    let shown = ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        unspoken(&ui.label(theme::semibold(&line.host)));
        ui.horizontal_wrapped(|ui| {
            for (title, status) in HostLine::COLUMNS.iter().zip(line.marks).take(columns) {
                let Some(status) = status else { continue };
                let glyph = theme::glyph(mark_icon(status)).color(mark_color(ui, status));
                unspoken(&ui.label(glyph));
                let title = theme::muted(ui, *title);
                unspoken(&ui.label(title));
            }
        });
    });
    let id = ui.scope_id().with(("host", &line.host));
    let response = ui.interact(shown.response.rect, id, Sense::hover());
    let spoken = spoken(line, columns);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
}

fn spoken(line: &HostLine, columns: usize) -> String {
    let titles = HostLine::COLUMNS.iter().zip(line.marks).take(columns);
    let words: Vec<String> = titles
        .filter_map(|(title, status)| Some(format!("{title} {}", status?.word())))
        .collect();
    format!("{}: {}", line.host, words.join(", "))
}
