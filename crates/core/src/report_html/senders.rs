//! Known senders that treat the policy in their own way.

use maud::{Markup, html};

use super::text::{left_out, name, sentences};
use super::{MOST_ENTRIES, Section, sign, table};
use crate::{Effect, Report};

pub(super) fn compatibility(report: &Report) -> Option<Section> {
    let verdicts = &report.sender_compatibility;
    let rows = html! {
        tbody {
            @for verdict in verdicts.iter().take(MOST_ENTRIES) {
                tr {
                    th scope="row" {
                        (verdict.sender)
                        @if let Some(versions) = verdict.versions { p.muted { (versions) } }
                    }
                    td { (effect(verdict.effect)) }
                    td { (sentences(&verdict.reason)) }
                    td { (sentences(&verdict.fix)) }
                    td.source { (name(verdict.source)) }
                }
            }
        }
    };
    let columns = ["Sender", "What it does", "Why", "How to avoid it", "Source"];
    (!verdicts.is_empty()).then(|| Section {
        id: "senders",
        heading: "Senders with their own reading".to_owned(),
        body: html! {
            p { "Some mail systems do not treat this policy as it is meant." }
            (table("Senders with their own reading", &columns, &rows))
            (left_out(verdicts.len().saturating_sub(MOST_ENTRIES)))
        },
    })
}

fn effect(effect: Effect) -> Markup {
    let words = effect.in_words();
    match effect {
        Effect::IgnoresPolicy | Effect::RefusesMail => sign("problem", "✕", words),
        Effect::MisreadsPolicy => sign("attention", "!", words),
        Effect::ChangesMaxAge | Effect::AsksOtherwise => sign("note", "i", words),
    }
}
