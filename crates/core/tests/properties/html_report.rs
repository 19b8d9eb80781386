//! The HTML report of any facts: a page that runs nothing, loads nothing and leads nowhere.

#![expect(
    clippy::expect_used,
    reason = "a page that is not what it must be fails the property"
)]

use std::collections::HashSet;

use mta_sts_core::{Facts, judge};

const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section",
    "article", "footer", "div", "h1", "h2", "h3", "h4", "p", "pre", "ul", "li", "a", "span", "bdi",
    "code", "time", "table", "thead", "tbody", "tr", "th", "td", // Of the drawing.
    "svg", "g", "rect", "text", "path",
];

const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "id",
    "href",
    "scope",
    "rowspan",
    "colspan",
    "role",
    "tabindex",
    "datetime",
    "aria-label",
    "aria-labelledby",
    "aria-hidden",
    // Of the drawing.
    "viewBox",
    "x",
    "y",
    "width",
    "height",
    "rx",
    "d",
];

/// No page is longer, whatever is in the facts.
const MAX_BYTES: usize = 16 << 20;

/// Reads `bytes` as a facts file and writes the report on it as a page.
pub(crate) fn holds(bytes: &[u8]) -> bool {
    let facts = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| Facts::from_json(text).ok());
    let Some(facts) = facts else {
        return false;
    };
    let report = judge(&facts);
    let page = report.to_html();
    page_holds(&page);
    for finding in report.findings.iter().take(100) {
        let code = format!("<p class=\"code\">{}</p>", finding.rule.code);
        assert!(page.contains(&code), "{}", finding.rule.code);
    }
    true
}

/// Every element is one of ours and is closed, every attribute is one of ours, every link stays on
/// the page, and no text holds what could be taken for markup or cannot be seen.
fn page_holds(page: &str) {
    assert!(page.len() <= MAX_BYTES, "{} bytes", page.len());
    let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    let mut open: Vec<&str> = Vec::new();
    let mut ids = HashSet::new();
    let mut links = Vec::new();
    while let Some((text, tail)) = rest.split_once('<') {
        text_holds(text);
        let (tag, tail) = tail.split_once('>').expect("the end of a tag");
        rest = tail;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed out of turn");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(ELEMENTS.contains(&name), "<{tag}>");
        for (name, value) in attributes_of(attributes) {
            assert!(ATTRIBUTES.contains(&name), "<{tag}>");
            text_holds(value);
            match name {
                "href" => links.push(value.strip_prefix('#').expect("a link within the page")),
                "id" => assert!(ids.insert(value), "two things are called {value}"),
                "http-equiv" => assert_eq!(value, "Content-Security-Policy"),
                _ => {}
            }
        }
        if name == "style" {
            let (style, tail) = rest.split_once("</style>").expect("the end of the style");
            assert!(!style.contains("url(") && !style.contains("@import"));
            rest = tail;
        } else if name != "meta" {
            open.push(name);
        }
    }
    assert!(rest.is_empty() && open.is_empty(), "{open:?} {rest:?}");
    assert!(links.iter().all(|id| ids.contains(id)), "{links:?}");
}

/// `a="b" c="d"`, and nothing else.
fn attributes_of(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, tail) = rest.split_once("=\"").expect("a name and a value");
        let (value, tail) = tail.split_once('"').expect("the end of a value");
        found.push((name, value));
        rest = tail.strip_prefix(' ').unwrap_or(tail);
    }
    found
}

fn text_holds(text: &str) {
    assert!(!text.contains(['>', '"']), "{text:?}");
    for entity in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;"];
        assert!(known.iter().any(|end| entity.starts_with(end)), "{text:?}");
    }
    let misleads = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    assert!(!text.contains(misleads), "{text:?}");
}
