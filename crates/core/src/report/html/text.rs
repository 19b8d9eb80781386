//! Text for the page: bounded, with everything invisible made visible.

use maud::{Markup, html};

use crate::text::escape::escaped;

/// The longest name in the DNS, with room for escapes.
const MAX_NAME_CHARS: usize = 400;
/// Of what a rule says, and of a record.
const MAX_TEXT_CHARS: usize = 4_000;
/// Of one line of a file.
const MAX_LINE_CHARS: usize = 1_000;
const MAX_LINES: usize = 200;

/// A name or a short phrase.
pub(super) fn name(text: &str) -> String {
    escaped(text, MAX_NAME_CHARS)
}

/// One or more sentences; their own line breaks stay.
pub(super) fn sentences(text: &str) -> Markup {
    let mut lines = text.lines();
    let shown = lines.by_ref().take(MAX_LINES);
    html! {
        @for line in shown {
            p { (escaped(line, MAX_TEXT_CHARS)) }
        }
        (left_out(lines.count()))
    }
}

/// The text of a record as it came: a line end has no place in it, so it is shown.
pub(super) fn record(text: &str) -> Markup {
    html! { pre { (escaped(text, MAX_TEXT_CHARS)) } }
}

/// A file as it came, line by line.
pub(super) fn file(text: &str) -> Markup {
    let mut lines = text.lines();
    let shown: Vec<String> = lines
        .by_ref()
        .take(MAX_LINES)
        .map(|line| escaped(line, MAX_LINE_CHARS))
        .collect();
    html! {
        pre { (shown.join("\n")) }
        (left_out(lines.count()))
    }
}

/// How much of a list or a text is not on the page.
pub(super) fn left_out(count: usize) -> Markup {
    html! {
        @if count > 0 {
            p.muted { (counted(count, "more is", "more are")) " not shown here." }
        }
    }
}

/// `1 note`, `2 notes`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The text below one heading of a rule's page, its `code` marked.
pub(super) fn section_of(page: &str, heading: &str) -> Markup {
    let body = page.split_once(heading).map_or("", |(_, rest)| rest);
    let body = body.split("\n## ").next().unwrap_or_default();
    html! {
        @for paragraph in body.trim().split("\n\n") {
            p { (with_code(paragraph)) }
        }
    }
}

/// Every second piece between backticks is code.
fn with_code(paragraph: &str) -> Markup {
    html! {
        @for (index, piece) in paragraph.split('`').enumerate() {
            @if index % 2 == 0 { (piece) } @else { code { (piece) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_of_a_page_keeps_its_paragraphs_and_its_code() {
        let page = "## What it checks\n\nA\n\n## Why it matters\n\nOne `a < b`\nof two.\n\nNext.\n\n## How to fix\n\nC\n";
        assert_eq!(
            section_of(page, "## Why it matters").into_string(),
            "<p>One <code>a &lt; b</code>\nof two.</p><p>Next.</p>"
        );
        assert_eq!(section_of(page, "## How to fix").into_string(), "<p>C</p>");
    }

    #[test]
    fn a_file_keeps_its_lines_and_a_record_shows_them() {
        assert_eq!(
            record("v=STSv1;\nid=1").into_string(),
            "<pre>v=STSv1;\\u{a}id=1</pre>"
        );
        assert_eq!(
            file("mode: <b>\r\na\u{202e}b\rc").into_string(),
            "<pre>mode: &lt;b&gt;\na\\u{202e}b\\u{d}c</pre>"
        );
    }

    #[test]
    fn what_is_too_long_is_cut_and_counted() {
        let page = file(&"x\n".repeat(MAX_LINES + 2)).into_string();
        assert!(page.ends_with("<p class=\"muted\">2 more are not shown here.</p>"));
        let page = sentences(&"x".repeat(1 << 20)).into_string();
        assert!(page.len() < 5_000 && page.contains('…'));
    }
}
