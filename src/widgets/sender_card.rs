//! Known senders that do not treat a policy as its owner means it.

use eframe::egui::{RichText, Ui};
use mta_sts_core::{Effect, SenderVerdict};

use crate::state::Status;
use crate::theme;
use crate::widgets::{card, mark_color, mark_icon_alone, muted_label, text_row};

/// Draws a card with a row for each sender; nothing where there is none. `which` says in a
/// sentence which policy it is about.
pub(crate) fn sender_card(ui: &mut Ui, which: &str, verdicts: &[SenderVerdict]) {
    if verdicts.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.label(theme::subheading("Some senders see it differently"));
        muted_label(ui, which);
        for verdict in verdicts {
            row(ui, verdict);
        }
    });
}

fn row(ui: &mut Ui, verdict: &SenderVerdict) {
    let status = match verdict.effect {
        Effect::RefusesMail => Status::Problem,
        _ => Status::Attention,
    };
    ui.add_space(theme::GRID);
    text_row(ui, |ui| {
        mark_icon_alone(ui, status);
        ui.label(theme::semibold(verdict.sender));
        ui.label(RichText::new(verdict.effect.in_words()).color(mark_color(ui, status)));
        if let Some(versions) = verdict.versions {
            muted_label(ui, format!("({versions})"));
        }
    });
    ui.label(&verdict.reason);
    ui.label(format!("To do: {}", verdict.fix));
}
