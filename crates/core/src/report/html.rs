//! The report as one HTML page to keep, to print or to send on: no script, nothing loaded, no link
//! that leaves the page.
//!
//! Everything from the network goes through `text`, which bounds it and shows what is invisible;
//! the templates write `<`, `>`, `&` and `"` as entities.

mod findings;
mod mail_servers;
mod path;
mod published;
mod senders;
mod text;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

use crate::report::Report;
use crate::rules::finding::Severity;
use crate::text::date_style::{clock_time, day};
use text::{counted, name};

/// Longer lists are cut, and the page says so.
const MAX_ENTRIES: usize = 100;

const STYLE: &str = include_str!("html/style.css");

/// One part of the page: its anchor, its heading and what it says.
struct Section {
    id: &'static str,
    heading: String,
    body: Markup,
}

impl Report {
    /// The report as a complete HTML page, UTF-8, in English.
    ///
    /// ```
    /// use mta_sts_core::{Domain, Facts, judge};
    ///
    /// let domain = Domain::parse("bücher.example")?;
    /// let facts = Facts::new(domain, time::macros::datetime!(2026-11-23 12:00 UTC));
    /// let page = judge(&facts).to_html();
    /// assert!(page.starts_with("<!DOCTYPE html>"));
    /// assert!(page.contains("bücher.example") && page.contains("xn--bcher-kva.example"));
    /// assert!(page.contains("23 November 2026, 12:00 UTC"));
    /// # Ok::<(), mta_sts_core::DomainError>(())
    /// ```
    #[must_use]
    pub fn to_html(&self) -> String {
        page(self).into_string()
    }
}

fn page(report: &Report) -> Markup {
    let sections: Vec<Section> = [
        findings::found(report),
        findings::not_checked(report),
        findings::fallbacks(report),
        mail_servers::delivery(report),
        senders::compatibility(report),
        mail_servers::as_seen(report),
        Some(published::as_seen(report)),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(report))
            body {
                header { (opening(report)) }
                main {
                    (headline(report))
                    (contents(&sections))
                    @for section in &sections {
                        section aria-labelledby=(section.id) {
                            h2 id=(section.id) { (section.heading) }
                            (section.body)
                        }
                    }
                }
                footer { (closing(report)) }
            }
        }
    }
}

fn head(report: &Report) -> Markup {
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { "MTA-STS report: " (name(&report.domain.to_unicode())) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn opening(report: &Report) -> Markup {
    html! {
        p.kind { "MTA-STS report" }
        h1 { bdi { (name(&report.domain.to_unicode())) } }
        @if report.domain.is_idn() {
            p.muted { "In the DNS: " code { (name(report.domain.as_str())) } }
        }
        p.muted {
            "Checked on " (checked_at(report))
            @if let Some(host) = &report.observed_on { ", by " bdi { (name(host)) } }
        }
    }
}

/// A moment that has no place in UTC is left as it came.
fn checked_at(report: &Report) -> Markup {
    let moment = report
        .checked_at
        .checked_to_offset(UtcOffset::UTC)
        .unwrap_or(report.checked_at);
    let words = format!("{}, {} UTC", day(moment), clock_time(moment.time()));
    html! {
        @match moment.format(&Rfc3339) {
            Ok(datetime) => { time datetime=(datetime) { (words) } }
            Err(_) => { (words) }
        }
    }
}

fn headline(report: &Report) -> Markup {
    let headline = &report.headline;
    html! {
        div.card.verdict {
            p.headline { (mark(headline.severity)) " " (name(&headline.text)) }
            p.muted { (counts(report)) }
            (path::drawn(report))
        }
    }
}

/// `1 problem, 2 notes; 3 things were not checked.`
fn counts(report: &Report) -> String {
    let of = |severity| {
        let findings = report.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let found: Vec<String> = [
        (of(Severity::Problem), "problem", "problems"),
        (of(Severity::Attention), "warning", "warnings"),
        (of(Severity::Note), "note", "notes"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(count, one, many))
    .collect();
    let found = if found.is_empty() {
        "Nothing wrong was found".to_owned()
    } else {
        found.join(", ")
    };
    match report.not_checked.len() {
        0 if report.readiness.is_undetermined() => {
            format!("{found} so far; not everything was checked.")
        }
        0 => format!("{found}."),
        open => {
            let open = counted(open, "thing was", "things were");
            format!("{found}; {open} not checked.")
        }
    }
}

fn contents(sections: &[Section]) -> Markup {
    html! {
        nav aria-label="Contents" {
            ul {
                @for section in sections {
                    li { a href={ "#" (section.id) } { (section.heading) } }
                }
            }
        }
    }
}

fn closing(report: &Report) -> Markup {
    html! {
        p {
            "Made by MTA-STS Wizard " (env!("CARGO_PKG_VERSION"))
            ", from what was seen at the time above. This page contains no script and loads \
             nothing."
        }
        p {
            "A check contacts your DNS resolver, the domain’s name servers, port 25 of its mail \
             servers, and " (name(&report.domain.policy_host())) ". "
            "If a record or the policy isn’t where it should be, the check also looks where it often \
             ends up by mistake: at other names of the domain and on its website. If a mail server \
             can’t be reached, the check reads the greeting of a few other mail providers and \
             contacts one web address, to learn whether port 25 works at all from that network. If \
             it doesn’t, the check tries ports 465 and 587 of the mail servers. It sends no message \
             and changes nothing."
        }
    }
}

/// A severity as sign and word, so that nothing hangs on colour; `None` means that all is well.
fn mark(severity: Option<Severity>) -> Markup {
    match severity {
        None => sign("ok", "✓", "OK"),
        Some(Severity::Problem) => sign("problem", "✕", "Problem"),
        Some(Severity::Attention) => sign("attention", "!", "Attention"),
        Some(Severity::Note) => sign("note", "i", "Note"),
        Some(Severity::NotChecked) => sign("unknown", "?", "Not checked"),
    }
}

fn sign(class: &'static str, sign: &'static str, word: &str) -> Markup {
    html! {
        span class={ "mark " (class) } {
            span.sign aria-hidden="true" { (sign) }
            " "
            (word)
        }
    }
}

/// A table that scrolls on a narrow screen, also by keyboard.
fn table(label: &str, columns: &[&str], body: &Markup) -> Markup {
    html! {
        div.wide role="region" aria-label=(label) tabindex="0" {
            table {
                thead {
                    tr {
                        @for column in columns {
                            th scope="col" { (column) }
                        }
                    }
                }
                (body)
            }
        }
    }
}

#[cfg(test)]
mod tests;
