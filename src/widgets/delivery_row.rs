//! What a sender does with mail to each MX host: one row a host, the first few always in sight.

use eframe::egui::{CollapsingHeader, RichText, Role, Sense, Ui, WidgetInfo};
use mta_sts_core::{Delivery, HostDelivery, Outcome, escaped};

use crate::state::Mark;
use crate::theme;
use crate::widgets::{mark_color, mark_icon_alone, text_row, unspoken};

/// More hosts than this are behind a heading that opens.
const ALWAYS_SHOWN: usize = 8;
/// The widths of the columns for testing and for enforce mode, in points.
const OUTCOME_WIDTHS: [f32; 2] = [250.0, 150.0];
/// The least width for the host beside them, in points; below it they go under the host.
const LEAST_HOST_WIDTH: f32 = 240.0;

/// Draws the rows.
pub(crate) fn delivery_rows(ui: &mut Ui, hosts: &[HostDelivery]) {
    let (first, rest) = hosts.split_at(hosts.len().min(ALWAYS_SHOWN));
    for host in first {
        row(ui, host);
    }
    if !rest.is_empty() {
        CollapsingHeader::new(more(rest))
            .id_salt("more hosts")
            .show_unindented(ui, |ui| {
                for host in rest {
                    row(ui, host);
                }
            });
    }
}

/// What is out of sight, and whether there is something in it to look at.
fn more(rest: &[HostDelivery]) -> String {
    let refused = |host: &&HostDelivery| host.enforce.delivery == Delivery::Refused;
    let count = rest.len();
    match rest.iter().filter(refused).count() {
        0 => format!("and {count} more"),
        refused => format!("and {count} more, {refused} of them refused in enforce mode"),
    }
}

fn row(ui: &mut Ui, host: &HostDelivery) {
    let name = escaped(&host.host, 253);
    // What is said of testing mode holds what is said of enforce mode.
    let because = &host.testing.because;
    let spoken = format!(
        "{name}: testing {}, enforce {}. {because}",
        host.testing.delivery.in_words(),
        host.enforce.delivery.in_words(),
    );
    let outcomes = [("Testing", &host.testing), ("Enforce", &host.enforce)];
    let shown = ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let title = theme::semibold(name);
        let gaps = 2.0 * ui.spacing().item_spacing.x;
        let host_width = ui.available_width() - OUTCOME_WIDTHS.iter().sum::<f32>() - gaps;
        if host_width < LEAST_HOST_WIDTH {
            unspoken(&ui.label(title));
            for (mode, outcome) in outcomes {
                outcome_ui(ui, mode, outcome);
            }
        } else {
            ui.horizontal_top(|ui| {
                column(ui, host_width, |ui| unspoken(&ui.label(title)));
                for ((mode, outcome), width) in outcomes.into_iter().zip(OUTCOME_WIDTHS) {
                    column(ui, width, |ui| outcome_ui(ui, mode, outcome));
                }
            });
        }
        let because = theme::muted(ui, because);
        unspoken(&ui.label(because.small()));
    });
    let place = shown.response.rect;
    let response = ui.interact(place, ui.scope_id().with(&host.host), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    ui.add_space(theme::GRID);
}

fn column(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.set_width(width);
        contents(ui);
    });
}

/// A mode, and what becomes of mail under it.
fn outcome_ui(ui: &mut Ui, mode: &str, outcome: &Outcome) {
    let mark = match outcome.delivery {
        Delivery::Delivered => Mark::Ok,
        Delivery::DeliveredAndReported => Mark::Attention,
        Delivery::Refused => Mark::Problem,
        Delivery::Unknown => Mark::NotChecked,
    };
    let words = RichText::new(outcome.delivery.in_words()).color(mark_color(ui, mark));
    let mode = theme::muted(ui, mode);
    text_row(ui, |ui| {
        unspoken(&ui.label(mode));
        mark_icon_alone(ui, mark);
        unspoken(&ui.label(words));
    });
}
