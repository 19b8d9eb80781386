//! What was found, and what could not be checked.

use maud::{Markup, html};

use super::text::{left_out, name, section_of, sentences};
use super::{MAX_ENTRIES, Section, mark};
use crate::report::Report;
use crate::rules::finding::{Finding, NotChecked, Severity};

pub(super) fn found(report: &Report) -> Option<Section> {
    let findings = &report.findings;
    (!findings.is_empty()).then(|| Section {
        id: "findings",
        heading: format!("What we found ({})", findings.len()),
        body: html! {
            @for finding in findings.iter().take(MAX_ENTRIES) { (finding_card(finding)) }
            (left_out(findings.len().saturating_sub(MAX_ENTRIES)))
        },
    })
}

pub(super) fn not_checked(report: &Report) -> Option<Section> {
    let entries = &report.not_checked;
    (!entries.is_empty()).then(|| Section {
        id: "not-checked",
        heading: format!("What we couldn’t check ({})", entries.len()),
        body: html! {
            p { "This says nothing bad about the domain. We just couldn’t see it from here." }
            @for entry in entries.iter().take(MAX_ENTRIES) { (not_checked_card(entry)) }
            (left_out(entries.len().saturating_sub(MAX_ENTRIES)))
        },
    })
}

pub(super) fn fallbacks(report: &Report) -> Option<Section> {
    let ways = &report.fallbacks;
    (!ways.is_empty()).then(|| Section {
        id: "fallbacks",
        heading: "What you can do instead".to_owned(),
        body: html! {
            @for way in ways {
                article.card {
                    h3 { (way.title) }
                    (sentences(&way.text))
                }
            }
        },
    })
}

fn finding_card(finding: &Finding) -> Markup {
    let rule = finding.rule;
    html! {
        article.card {
            h3 {
                (mark(Some(finding.severity)))
                " " bdi { (name(finding.subject.name())) } ": " (rule.title)
            }
            h4 { "What we saw" }
            (sentences(&finding.evidence))
            h4 { "Why it matters" }
            (section_of(rule.doc, "## Why it matters"))
            h4 { "How to fix" }
            (sentences(&finding.fix))
            p.code { (rule.code) }
        }
    }
}

fn not_checked_card(entry: &NotChecked) -> Markup {
    let rule = entry.rule;
    html! {
        article.card {
            h3 {
                (mark(Some(Severity::NotChecked)))
                " " bdi { (name(entry.subject.name())) } ": " (entry.title())
            }
            (sentences(&entry.reason))
            p.code { (rule.code) }
        }
    }
}
