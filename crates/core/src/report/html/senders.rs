//! Known senders that treat the policy in their own way.

use maud::{Markup, html};

use super::text::{left_out, name, sentences};
use super::{MAX_ENTRIES, Section, sign};
use crate::knowledge::senders::{Effect, SenderVerdict};
use crate::report::Report;

pub(super) fn compatibility(report: &Report) -> Option<Section> {
    let verdicts = &report.sender_compatibility;
    (!verdicts.is_empty()).then(|| Section {
        id: "senders",
        heading: "Some senders see it differently".to_owned(),
        body: html! {
            p { "These mail systems are known not to treat this policy as intended." }
            @for verdict in verdicts.iter().take(MAX_ENTRIES) { (card(verdict)) }
            (left_out(verdicts.len().saturating_sub(MAX_ENTRIES)))
        },
    })
}

fn card(verdict: &SenderVerdict) -> Markup {
    html! {
        article.card {
            h3 { (verdict.sender) " " (effect(verdict.effect)) }
            @if let Some(versions) = verdict.versions { p.muted { (versions) } }
            (sentences(&verdict.reason))
            h4 { "How to avoid it" }
            (sentences(&verdict.fix))
            p.source { "Source: " (name(verdict.source)) }
        }
    }
}

fn effect(effect: Effect) -> Markup {
    let words = effect.in_words();
    match effect {
        Effect::RefusesMail => sign("problem", "✕", words),
        Effect::IgnoresPolicy | Effect::MisreadsPolicy => sign("attention", "!", words),
        Effect::ChangesMaxAge | Effect::AsksOtherwise => sign("note", "i", words),
    }
}
