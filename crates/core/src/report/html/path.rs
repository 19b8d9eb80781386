//! The way of a message as a drawing within the page: a box for each stop, joined by arrows.

use maud::{Markup, html};

use super::text::name;
use crate::report::Report;
use crate::report::mail_path::{Stop, StopState};
use crate::rules::finding::Severity;

const WIDTH: usize = 180;
const HEIGHT: usize = 62;
const ARROW: usize = 28;

/// The drawing; for a screen reader the same in sentences.
pub(super) fn drawn(report: &Report) -> Markup {
    let stops = report.mail_path();
    let all = stops.len() * (WIDTH + ARROW) - ARROW;
    let told: Vec<String> = stops
        .iter()
        .map(|stop| format!("{}: {}.", stop.name, stop.word))
        .collect();
    html! {
        svg.path viewBox={ "0 0 " (all) " " (HEIGHT) } role="img" aria-label=(name(&told.join(" "))) {
            @for (index, stop) in stops.iter().enumerate() {
                @let left = index * (WIDTH + ARROW);
                @if index > 0 { (arrow(left, class(stop))) }
                g class=(class(stop)) {
                    rect x=(left + 1) y="1" width=(WIDTH - 2) height=(HEIGHT - 2) rx="6" {}
                    text.name x=(left + 12) y="25" { (stop.name) }
                    text x=(left + 12) y="46" { (sign(stop)) " " (name(&stop.word)) }
                }
            }
        }
    }
}

/// Joins a stop with the one before it; broken where it fails.
fn arrow(to: usize, class: &str) -> Markup {
    let middle = HEIGHT / 2;
    html! {
        @if class == "problem" {
            text.problem.break x=(to - ARROW / 2) y=(middle + 6) { "✕" }
        } @else {
            path.arrow d={
                "M" (to - ARROW + 3) " " (middle) "H" (to - 4) "m-5 -4 l5 4 l-5 4"
            } {}
        }
    }
}

fn class(stop: &Stop) -> &'static str {
    match stop.state {
        StopState::Judged(None | Some(Severity::Note)) => "ok",
        StopState::Judged(Some(Severity::Attention)) => "attention",
        StopState::Judged(Some(Severity::Problem)) => "problem",
        StopState::Unjudged
        | StopState::NotThere
        | StopState::Judged(Some(Severity::NotChecked)) => "unknown",
    }
}

fn sign(stop: &Stop) -> &'static str {
    match class(stop) {
        "ok" => "✓",
        "attention" => "!",
        "problem" => "✕",
        _ => "–",
    }
}
