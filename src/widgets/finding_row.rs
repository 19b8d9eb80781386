//! A row of step 1: the answer in a line, and what stands behind it when opened.

use eframe::egui::collapsing_header::CollapsingState;
use eframe::egui::epaint::RectShape;
use eframe::egui::{
    CollapsingHeader, Frame, Id, Margin, Rect, Response, RichText, Role, Sense, Shape, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};
use mta_sts_core::{Finding, NotChecked};

use crate::state::Row;
use crate::theme::{self, icon};
use crate::widgets::{code_block, drawn, pill};

/// The width of the question, in points.
const TITLE_WIDTH: f32 = 128.0;
/// The width of the longest state, in points.
const PILL_WIDTH: f32 = 108.0;
const CARET_WIDTH: f32 = 16.0;
/// The least width for the answer beside its question, in points.
const LEAST_SUMMARY_WIDTH: f32 = 150.0;

/// Draws a row; `raw` is asked for the facts only while they are shown. Says whether the row has
/// the focus.
pub(crate) fn check_row(ui: &mut Ui, row: &Row, raw: impl FnOnce() -> String) -> bool {
    let id = ui.make_persistent_id(&row.key);
    let worth_opening = !row.findings.is_empty() || !row.not_checked.is_empty();
    let mut opening = CollapsingState::load_with_default_open(ui.ctx(), id, false);
    let header = header(ui, row, opening.is_open(), id);
    if header.clicked() {
        opening.toggle(ui);
    }
    opening.store(ui.ctx());
    opening.show_body_unindented(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::SMALL_SPACE;
        let inset = Margin {
            left: 36,
            right: 8,
            top: 4,
            bottom: 12,
        };
        Frame::NONE.inner_margin(inset).show(ui, |ui| {
            if !worth_opening {
                ui.label(&row.summary);
            }
            for finding in &row.findings {
                finding_ui(ui, finding);
            }
            for entry in &row.not_checked {
                not_checked_ui(ui, entry);
            }
            CollapsingHeader::new("Raw")
                .id_salt(id.with("raw"))
                .show_unindented(ui, |ui| {
                    code_block(ui, [(raw().as_str(), "")]);
                });
        });
    });
    header.has_focus()
}

/// How large the line of a row was when it was drawn last.
#[derive(Clone, Copy)]
struct Drawn {
    size: Vec2,
    summary_len: usize,
}

/// The line that is always there. Out of sight it is only placed and named, as it was drawn last:
/// assistive technology sees every row, and fifty mail servers have two hundred.
fn header(ui: &mut Ui, row: &Row, open: bool, id: Id) -> Response {
    let width = ui.available_width();
    let summary_len = row.summary.len();
    let drawn = ui.data(|data| data.get_temp::<Drawn>(id));
    let drawn = drawn.filter(|it| (it.size.x - width).abs() < 0.5 && it.summary_len == summary_len);
    let background = ui.painter().add(Shape::Noop);
    let begin = ui.cursor().min;
    let place = drawn.map(|it| Rect::from_min_size(begin, it.size));
    let rect = if let Some(place) = place.filter(|place| !ui.is_rect_visible(*place)) {
        ui.allocate_space(place.size()).1
    } else {
        let rect = line(ui, row, open);
        let size = vec2(width, rect.height());
        ui.data_mut(|data| data.insert_temp(id, Drawn { size, summary_len }));
        rect
    };
    let response = ui.interact(rect, id.with("header"), Sense::click());
    let name = format!("{}: {}. {}", row.title, row.status.word(), row.summary);
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, open, &name));
    if response.hovered() || response.has_focus() {
        let focus = ui.visuals().selection.stroke;
        let stroke = if response.has_focus() {
            focus
        } else {
            Stroke::NONE
        };
        let (corners, kind) = (theme::RADIUS, StrokeKind::Inside);
        let tint = theme::palette(ui).tint;
        let shape = RectShape::new(rect, corners, tint, stroke, kind);
        ui.painter().set(background, shape);
    }
    response
}

/// Question, answer and state, beside each other where there is room.
fn line(ui: &mut Ui, row: &Row, open: bool) -> Rect {
    let palette = theme::palette(ui);
    let shown = ui.horizontal_top(|ui| {
        ui.set_min_height(30.0);
        ui.set_width(ui.available_width());
        ui.add_space(theme::GRID);
        let column = |ui: &mut Ui, width: f32, text: RichText| {
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.add_space(5.0);
                drawn(ui, text);
                ui.add_space(5.0);
            });
        };
        let caret = if open {
            icon::CARET_DOWN
        } else {
            icon::CARET_RIGHT
        };
        column(ui, CARET_WIDTH, theme::glyph(caret).color(palette.muted));
        let gaps = 4.0 * ui.spacing().item_spacing.x;
        let summary_width = ui.available_width() - TITLE_WIDTH - PILL_WIDTH - gaps;
        let title = theme::semibold(row.title);
        if summary_width < LEAST_SUMMARY_WIDTH {
            // Too narrow for columns: the answer goes below the question.
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                ui.add_space(3.0);
                ui.horizontal_wrapped(|ui| {
                    drawn(ui, title);
                    pill(ui, row.status, row.status.word());
                });
                drawn(ui, RichText::new(&row.summary));
                ui.add_space(5.0);
            });
        } else {
            column(ui, TITLE_WIDTH, title);
            column(ui, summary_width, RichText::new(&row.summary));
            ui.vertical(|ui| {
                ui.add_space(theme::GRID);
                pill(ui, row.status, row.status.word());
            });
        }
    });
    shown.response.rect
}

fn finding_ui(ui: &mut Ui, finding: &Finding) {
    section(ui, "What we saw", &finding.evidence);
    let why = finding.rule.section("Why it matters");
    section(ui, "Why it matters", &why);
    section(ui, "How to fix", &finding.fix);
    let code = theme::muted(ui, finding.rule.code);
    ui.label(code.small());
}

fn not_checked_ui(ui: &mut Ui, entry: &NotChecked) {
    section(ui, "What we saw", &entry.reason);
    let why = entry.rule.section("Why it matters");
    section(ui, "Why it matters", &why);
    let way = entry.rule.section("How to fix");
    section(ui, "What you can do", &way);
}

/// A heading with its text beside it, or below where it is narrow.
pub(crate) fn section(ui: &mut Ui, title: &str, text: &str) {
    let title = theme::semibold(title).color(theme::palette(ui).muted);
    if ui.available_width() < TITLE_WIDTH + LEAST_SUMMARY_WIDTH {
        ui.label(title);
        ui.label(text);
        return;
    }
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(TITLE_WIDTH - theme::SPACE);
            ui.label(title);
        });
        ui.vertical(|ui| ui.label(text));
    });
}
