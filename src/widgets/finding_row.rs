//! A row of step 1: the answer in a line, and what stands behind it when opened.

use eframe::egui::collapsing_header::CollapsingState;
use eframe::egui::epaint::RectShape;
use eframe::egui::{
    CollapsingHeader, Id, Label, RichText, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
};
use mta_sts_core::{Finding, NotChecked};

use crate::state::Row;
use crate::theme::{self, icon};
use crate::widgets::{code_block, mark_color, mark_icon, unspoken};

/// Draws a row; `raw` is asked for the facts only while they are shown.
pub(crate) fn check_row(ui: &mut Ui, row: &Row, raw: impl FnOnce() -> String) {
    let id = ui.make_persistent_id(&row.key);
    let worth_opening = !row.findings.is_empty() || !row.not_checked.is_empty();
    let mut opening = CollapsingState::load_with_default_open(ui.ctx(), id, false);
    if header(ui, row, opening.is_open(), id) {
        opening.toggle(ui);
    }
    opening.store(ui.ctx());
    opening.show_body_unindented(ui, |ui| {
        ui.indent(id.with("body"), |ui| {
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
                .show(ui, |ui| {
                    code_block(ui, [(raw().as_str(), "")]);
                });
        });
        ui.add_space(theme::SMALL_SPACE);
    });
}

/// The line that is always there; true when it was clicked.
fn header(ui: &mut Ui, row: &Row, open: bool, id: Id) -> bool {
    let palette = theme::palette(ui);
    let color = mark_color(ui, row.mark);
    let plain = |text: RichText| Label::new(text).selectable(false);
    let background = ui.painter().add(Shape::Noop);
    let shown = ui.horizontal_top(|ui| {
        ui.set_min_height(26.0);
        ui.set_width(ui.available_width());
        ui.add_space(theme::GRID);
        unspoken(&ui.add(plain(
            theme::glyph(mark_icon(row.mark)).color(color).size(17.0),
        )));
        let column = |ui: &mut Ui, width: f32, text: RichText| {
            ui.vertical(|ui| {
                ui.set_width(width);
                unspoken(&ui.add(plain(text).wrap()));
            });
        };
        let (title_width, word_width, caret_width) = (132.0, 98.0, 18.0);
        let gaps = 4.0 * ui.spacing().item_spacing.x;
        let summary_width = ui.available_width() - title_width - word_width - caret_width - gaps;
        let title = theme::semibold(row.title);
        if summary_width < 160.0 {
            // Too narrow for columns: the answer goes below the question.
            let width = ui.available_width() - caret_width - gaps;
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.horizontal_wrapped(|ui| {
                    unspoken(&ui.add(plain(title)));
                    unspoken(&ui.add(plain(RichText::new(row.mark.word()).color(color))));
                });
                unspoken(&ui.add(plain(RichText::new(&row.summary)).wrap()));
            });
        } else {
            column(ui, title_width, title);
            column(ui, summary_width, RichText::new(&row.summary));
            column(ui, word_width, RichText::new(row.mark.word()).color(color));
        }
        let caret = if open {
            icon::CARET_DOWN
        } else {
            icon::CARET_RIGHT
        };
        unspoken(&ui.add(plain(theme::glyph(caret).color(palette.muted))));
    });
    let rect = shown.response.rect.expand2([0.0, 2.0].into());
    let response = ui.interact(rect, id.with("header"), Sense::click());
    let name = format!("{}: {}. {}", row.title, row.mark.word(), row.summary);
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, open, &name));
    if response.hovered() || response.has_focus() {
        let focus = ui.visuals().selection.stroke;
        let stroke = if response.has_focus() {
            focus
        } else {
            Stroke::NONE
        };
        let shape = RectShape::new(rect, 6, palette.tint, stroke, StrokeKind::Inside);
        ui.painter().set(background, shape);
    }
    response.clicked()
}

fn finding_ui(ui: &mut Ui, finding: &Finding) {
    section(ui, "What we saw", &finding.evidence);
    section(
        ui,
        "Why it matters",
        &section_of(finding.rule.doc, "## Why it matters"),
    );
    section(ui, "How to fix", &finding.fix);
    let code = theme::muted(ui, finding.rule.code);
    ui.label(code.small());
    ui.add_space(theme::SMALL_SPACE);
}

fn not_checked_ui(ui: &mut Ui, entry: &NotChecked) {
    section(ui, "What we saw", &entry.reason);
    section(
        ui,
        "Why it matters",
        &section_of(entry.rule.doc, "## Why it matters"),
    );
    section(
        ui,
        "What you can do",
        &section_of(entry.rule.doc, "## How to fix"),
    );
    ui.add_space(theme::SMALL_SPACE);
}

fn section(ui: &mut Ui, title: &str, text: &str) {
    ui.label(theme::semibold(title));
    ui.label(text);
}

/// The text below one heading of a rule's page, its hard line breaks taken out.
fn section_of(page: &str, heading: &str) -> String {
    let body = page.split_once(heading).map_or("", |(_, rest)| rest);
    let body = body.split("\n## ").next().unwrap_or_default();
    let paragraphs: Vec<String> = body
        .trim()
        .split("\n\n")
        .map(|paragraph| {
            paragraph
                .lines()
                .collect::<Vec<_>>()
                .join(" ")
                .replace('`', "")
        })
        .collect();
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::section_of;

    #[test]
    fn a_section_of_a_page_reads_as_running_text() {
        let page = "## What it checks\n\nA\n\n## Why it matters\n\nOne `line`\nof two.\n\nNext.\n\n## How to fix\n\nC\n";
        assert_eq!(
            section_of(page, "## Why it matters"),
            "One line of two.\n\nNext."
        );
        assert_eq!(section_of(page, "## How to fix"), "C");
        assert_eq!(section_of(page, "## Nothing"), "");
    }
}
