//! The HTML report of facts in which every text is hostile: long, invisible, or markup.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a test helper that cannot go on fails the test"
)]

#[path = "properties/html_report.rs"]
mod html_report;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mta_sts_core::{Facts, judge};
use serde_json::{Value, json};

const HOSTILE: [&str; 6] = [
    "</pre></style></title><script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "<a href=\"javascript:alert(1)\">&#x3c;b&gt;&</a>",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example/\"><!--",
    "\0\u{1b}[2J\u{202e}\u{200b}\u{2066}\u{feff}\r",
    "]]><svg/onload=alert(1)>\u{2028}'`{{",
];

/// The saved facts of a practice domain.
fn seed(name: &str) -> Value {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/facts");
    let text = fs::read_to_string(seeds.join(name).with_extension("json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Where the texts are, as JSON pointers.
fn texts(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(pointer.to_owned()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(object) => {
            for (key, item) in object {
                texts(item, &format!("{pointer}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// Those texts that may be any text at all.
fn free_texts(facts: &Value) -> Vec<String> {
    let mut pointers = Vec::new();
    texts(facts, "", &mut pointers);
    pointers.retain(|pointer| {
        let pointers = std::slice::from_ref(pointer);
        Facts::from_json(&spoilt(facts, pointers, HOSTILE[0]).to_string()).is_ok()
    });
    assert!(pointers.len() > 20, "only {pointers:?}");
    pointers
}

/// The facts with another text at these places.
fn spoilt(facts: &Value, pointers: &[String], text: &str) -> Value {
    let mut facts = facts.clone();
    for pointer in pointers {
        *facts.pointer_mut(pointer).unwrap() = json!(text);
    }
    facts
}

fn page(facts: &Value) -> String {
    judge(&Facts::from_json(&facts.to_string()).unwrap()).to_html()
}

#[test]
fn no_text_becomes_markup_wherever_it_comes_from() {
    for name in ["healthy", "expired-certificate", "html-policy"] {
        let facts = seed(name);
        let pointers = free_texts(&facts);
        for text in HOSTILE {
            let facts = spoilt(&facts, &pointers, text);
            assert!(html_report::holds(facts.to_string().as_bytes()));
            let shown = text != HOSTILE[0] || page(&facts).contains("&lt;script&gt;alert(1)");
            assert!(shown, "{name}");
            let shown = text != HOSTILE[4] || page(&facts).contains("\\u{202e}");
            assert!(shown, "{name}");
        }
    }
}

#[test]
fn a_text_of_a_megabyte_is_cut() {
    let healthy = seed("healthy");
    let small = page(&healthy).len();
    let long = "<".repeat(1 << 20);
    // One text of each kind: of one mail server, of one of its addresses.
    let by_kind: BTreeMap<String, String> = free_texts(&healthy)
        .into_iter()
        .map(|pointer| (pointer.replace(|c: char| c.is_ascii_digit(), ""), pointer))
        .collect();
    for pointer in by_kind.into_values() {
        let facts = spoilt(&healthy, std::slice::from_ref(&pointer), &long);
        let grown = page(&facts).len();
        assert!(grown < small + 200_000, "{pointer}: {grown} bytes");
    }
}

#[test]
fn long_lists_are_cut_and_counted() {
    let mut facts = seed("healthy");
    let server = facts["mail_servers"][0].clone();
    let servers: Vec<Value> = (0..1_000)
        .map(|number| {
            let mut server = server.clone();
            server["host"] = json!(format!("mx{number}.example"));
            server
        })
        .collect();
    facts["mail_servers"] = json!(servers);
    assert!(html_report::holds(facts.to_string().as_bytes()));
    let page = page(&facts);
    assert!(page.contains("900 more are not shown here."), "{page}");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}
