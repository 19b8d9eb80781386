//! The table of all domains: the status of each, and what comes next.

use eframe::egui::{
    Align, EventFilter, Id, Key, Label, Layout, Memory, Modifiers, ProgressBar, Rect, RichText,
    Role, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo, accesskit,
    pos2, vec2,
};
use mta_sts_core::{Domain, day};
use mta_sts_domains::Summary;
use time::OffsetDateTime;

use crate::clock;
use crate::command::{Command, TableFormat};
use crate::state::{Overlay, State, Status};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, card, command_button, fold, mark_color, mark_icon, muted_label, text_field,
};

/// The height of everything above and below the table, in points.
const AROUND_TABLE: f32 = 190.0;
/// The fewest rows that are visible at once, even in a low window.
const MIN_ROWS: usize = 4;
/// From this width on, in points, a row has its four columns next to each other.
const WIDE: f32 = 620.0;

/// Draws the screen.
pub(super) fn home_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>, entering: bool) {
    ui.label(theme::heading("Your domains"));
    tools(ui, state, commands);
    let height = row_height(ui);
    table(ui, state, commands, height, entering);
    add_domains(ui, state, commands);
}

fn tools(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let count = state.inputs().domains().len();
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Filter");
        let (inputs, _) = state.parts();
        let field = text_field("filter", &mut inputs.home.filter, "part of a name", 300);
        let response = ui.add(field.desired_width(180.0)).labelled_by(label.id);
        if response.changed() {
            commands.push(Command::TextEdited);
        }
        let batch = inputs.home.batch;
        if batch.is_some() {
            command_button(ui, icon::STOP, Command::StopAll, commands);
        } else {
            command_button(ui, icon::REPEAT, Command::CheckAll, commands);
        }
        for form in [TableFormat::Csv, TableFormat::Json] {
            command_button(ui, icon::DOWNLOAD, Command::SaveTable(form), commands);
        }
        let bounce = Command::Show(Some(Overlay::Bounce));
        command_button(ui, icon::ENVELOPE, bounce, commands);
    });
    // The height is the same with and without a bar, so that no row moves when a check starts.
    if let Some(batch) = state.inputs().home.batch {
        let words = format!("{} of {} checked", batch.done, batch.all);
        let bar = ui.add(ProgressBar::new(batch.share()).desired_height(6.0));
        bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &words));
        announced(&muted_label(ui, words));
        return;
    }
    ui.allocate_space(vec2(0.0, 6.0));
    let shown = state.derived().listed.len();
    let words = match count {
        1 => "1 domain".to_owned(),
        _ if shown < count => format!("{shown} of {count} domains"),
        _ => format!("{count} domains"),
    };
    muted_label(ui, words);
}

/// Two lines if the columns are below each other.
fn row_height(ui: &Ui) -> f32 {
    let line = ui.text_style_height(&eframe::egui::TextStyle::Body);
    let lines = if ui.available_width() < WIDE {
        2.0
    } else {
        1.0
    };
    line * lines + 18.0
}

fn table(ui: &mut Ui, state: &State, commands: &mut Vec<Command>, height: f32, entering: bool) {
    let derived = state.derived();
    let listed = &derived.listed;
    if listed.is_empty() {
        let words = if state.inputs().domains().is_empty() {
            "No domains yet. Add one below."
        } else {
            "No domain matches this filter."
        };
        muted_label(ui, words);
        return;
    }
    let now = derived.as_of.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let table_id = Id::unique("domains table");
    let room = ((ui.clip_rect().height() - AROUND_TABLE) / height).max(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a window has some dozens of rows"
    )]
    let in_sight = (room as usize).max(MIN_ROWS).min(listed.len());
    let mut wanted = keys(ui, table_id, listed, in_sight, commands);
    if entering {
        // The focus starts at the domain that was open, or at the first one.
        let open = state.domain();
        let place = listed.iter().position(|it| Some(it) == open).unwrap_or(0);
        wanted = Some(place.min(listed.len() - in_sight));
        ui.memory_mut(|memory| memory.request_focus(row_id(&listed[place])));
    }
    theme::card_frame(ui).inner_margin(4).show(ui, |ui| {
        ui.take_available_width();
        let wide = ui.available_width() >= WIDE;
        // The scroll bar needs some of the width.
        let width = ui.available_width() - ui.spacing().scroll.allocated_width();
        if wide {
            headings(ui, width);
        }
        let mut area = ScrollArea::vertical()
            .id_salt("domains")
            .max_height(rows_high(in_sight, height))
            .auto_shrink([false, true]);
        if let Some(first) = wanted {
            area = area.vertical_scroll_offset(rows_high(first, height));
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let builder = UiBuilder::new()
            .scope_id(table_id)
            .accessibility_role(accesskit::Role::Table)
            .accessibility_label("Your domains");
        ui.scope_builder(builder, |ui| {
            ui.ctx().accesskit_node_builder(table_id, |node| {
                node.set_row_count(listed.len());
                node.set_column_count(4);
            });
            area.show_rows(ui, height, listed.len(), |ui, rows| {
                ui.set_width(width);
                ui.data_mut(|data| data.insert_temp(table_id, rows.start));
                for place in rows {
                    let Some(line) = listed.get(place).and_then(|it| derived.summaries.get(it))
                    else {
                        continue;
                    };
                    row(ui, place, line, now, height, wide, commands);
                }
            });
        });
    });
}

pub(super) fn row_id(domain: &Domain) -> Id {
    Id::unique(("domain", domain.as_str()))
}

/// The height of this many rows, in points.
fn rows_high(rows: usize, height: f32) -> f32 {
    f32::from(u16::try_from(rows).unwrap_or(u16::MAX)) * height
}

/// Moves the focus from row to row. Returns the row to scroll to if the focus leaves the visible
/// rows.
fn keys(
    ui: &mut Ui,
    table: Id,
    listed: &[Domain],
    in_sight: usize,
    commands: &mut Vec<Command>,
) -> Option<usize> {
    let focused = ui.memory(Memory::focused)?;
    let place = listed.iter().position(|it| row_id(it) == focused)?;
    let last = listed.len() - 1;
    let mut to = None;
    for (key, target) in [
        (Key::ArrowDown, (place + 1).min(last)),
        (Key::ArrowUp, place.saturating_sub(1)),
        (Key::PageDown, (place + in_sight).min(last)),
        (Key::PageUp, place.saturating_sub(in_sight)),
        (Key::Home, 0),
        (Key::End, last),
    ] {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            to = Some(target);
        }
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Delete)) {
        let domains = vec![listed[place].clone()];
        commands.push(Command::Show(Some(Overlay::Remove(domains))));
    }
    let to = to?;
    let first = ui.data(|data| data.get_temp::<usize>(table)).unwrap_or(0);
    ui.memory_mut(|memory| memory.request_focus(row_id(&listed[to])));
    if to <= first {
        Some(to)
    } else {
        (to + 1 >= first + in_sight).then(|| to + 1 - in_sight)
    }
}

/// The left edge of each column, as a share of the width.
const COLUMNS: [f32; 4] = [0.0, 0.30, 0.60, 0.86];

fn column(row: Rect, number: usize) -> Rect {
    let at = |share: f32| row.left() + 8.0 + share * (row.width() - 40.0);
    let end = COLUMNS
        .get(number + 1)
        .map_or(row.right() - 32.0, |it| at(*it) - 8.0);
    Rect::from_min_max(
        pos2(at(COLUMNS[number]), row.top()),
        pos2(end, row.bottom()),
    )
}

fn headings(ui: &mut Ui, width: f32) {
    let (row, _) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
    let ui = &mut ui.new_child(UiBuilder::new().max_rect(row));
    for (number, words) in ["Domain", "Status", "Next", "Checked"].iter().enumerate() {
        let text = theme::muted(ui, *words);
        cell(ui, column(row, number), text);
    }
}

/// One line of text, truncated if it doesn’t fit.
fn cell(ui: &mut Ui, place: Rect, text: impl Into<eframe::egui::WidgetText>) {
    let builder = UiBuilder::new()
        .max_rect(place)
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        let response = ui.add(Label::new(text).truncate().selectable(false));
        crate::widgets::unspoken(&response);
    });
}

fn row(
    ui: &mut Ui,
    place: usize,
    line: &Summary,
    now: OffsetDateTime,
    height: f32,
    wide: bool,
    commands: &mut Vec<Command>,
) {
    let id = row_id(&line.domain);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.max_rect().width(), height), Sense::hover());
    // The contents of a row must not move the next row.
    let ui = &mut ui.new_child(UiBuilder::new().max_rect(rect));
    let mut open_area = rect;
    open_area.max.x -= 32.0;
    let response = ui.interact(open_area, id, Sense::click());
    let palette = theme::palette(ui);
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.tint);
    }
    if response.has_focus() {
        // In the table, arrow keys move between rows, not to the nearest control.
        let filter = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let stroke = Stroke::new(2.0, palette.accent);
        let painter = ui.painter();
        painter.rect_stroke(rect, theme::RADIUS, stroke, StrokeKind::Inside);
    }
    let name = line.domain.to_unicode();
    let state = line.standing.to_text();
    let next = next(line);
    let checked = line
        .checked_at
        .map_or_else(|| "never".to_owned(), |at| clock::age(at, now));
    let status = Status::of(line.severity);
    let color = mark_color(ui, status);
    let glyph = theme::glyph(mark_icon(status)).color(color);
    let domain = theme::semibold(&name);
    if wide {
        cell(ui, column(rect, 0), domain);
        let mut place = column(rect, 1);
        cell(
            ui,
            Rect::from_min_size(place.min, vec2(20.0, height)),
            glyph,
        );
        place.min.x += 22.0;
        cell(ui, place, RichText::new(&state).color(color));
        cell(ui, column(rect, 2), RichText::new(&next));
        let text = theme::muted(ui, &checked);
        cell(ui, column(rect, 3), text);
    } else {
        let half = height / 2.0;
        let inner = rect.shrink2(vec2(8.0, 4.0));
        let top = Rect::from_min_max(inner.min, pos2(inner.max.x - 32.0, rect.top() + half));
        let end = pos2(top.max.x, inner.max.y);
        let below = Rect::from_min_max(pos2(inner.min.x, rect.top() + half), end);
        cell(
            ui,
            Rect::from_min_size(top.min, vec2(20.0, top.height())),
            glyph,
        );
        cell(
            ui,
            Rect::from_min_max(pos2(top.min.x + 22.0, top.min.y), top.max),
            domain,
        );
        let text = theme::muted(ui, format!("{state} · {next} · {checked}"));
        cell(ui, below, text);
    }
    let spoken = format!(
        "{name}: {state}. {}. Next: {next}. Last checked: {checked}.",
        status.word()
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &spoken));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_row_index(place);
        node.add_action(accesskit::Action::Click);
    });
    // Cells may be truncated, so hovering shows the whole line.
    if response.on_hover_text(&spoken).clicked() {
        commands.push(Command::Open(line.domain.clone()));
    }
    let at = Rect::from_center_size(pos2(rect.right() - 18.0, rect.center().y), vec2(28.0, 28.0));
    let button =
        eframe::egui::Button::new(theme::glyph(icon::TRASH).color(palette.muted)).frame(false);
    let remove = ui.put(at, button);
    crate::widgets::named(&remove, &format!("Remove {name}"));
    if remove.on_hover_text("Remove from the list").clicked() {
        let domains = vec![line.domain.clone()];
        commands.push(Command::Show(Some(Overlay::Remove(domains))));
    }
}

fn next(line: &Summary) -> String {
    match line.next_on {
        Some(date) => format!("{}: {}", day(date.midnight().assume_utc()), line.next),
        None => line.next.clone(),
    }
}

fn add_domains(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    ui.add_space(theme::SMALL_SPACE);
    card(ui, |ui| {
        let (inputs, _) = state.parts();
        let label = ui.label("Add domains");
        muted_label(
            ui,
            "Add one domain or a whole list, one per line or separated by commas.",
        );
        let field = TextEdit::multiline(&mut inputs.home.add_text)
            .id(Id::unique(("field", "add domains")))
            .hint_text("example.com")
            .desired_rows(2)
            .char_limit(2_000_000)
            .desired_width(f32::INFINITY);
        let response = ui.add(field).labelled_by(label.id);
        if response.changed() {
            commands.push(Command::TextEdited);
        }
        let empty = inputs.home.add_text.trim().is_empty();
        ui.add_enabled_ui(!empty, |ui| {
            command_button(ui, icon::PLUS, Command::AddDomains, commands);
        });
        if inputs.practice {
            fold(ui, "Practice domains", |ui| {
                super::check::practice_list(ui, commands);
            });
        }
    });
}
