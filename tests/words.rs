//! Every text that the program can print is plain English in the terms of the field: the literals of
//! the source, the pages of the rules, the catalogues, the files for web hosts, the stories of the
//! practice domains and the documents.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Phrases with the words to use in their place.
const PHRASES: &[(&str, &str)] = &[
    ("announcement record", "MTA-STS record"),
    ("TLS report record", "TLS-RPT record"),
    ("DNS host ", "DNS provider "),
    ("your DNS host", "your DNS provider"),
    ("web address of its own", "policy host"),
    ("ran out on", "expired on"),
    ("had run out", "had expired"),
    ("kept back", "held back"),
    ("keep back", "hold back"),
    ("keep mail back", "hold mail back"),
    ("takes no mail", "doesn’t receive mail"),
    ("take no mail", "don’t receive mail"),
    ("by itself", "automatically"),
    ("by themselves", "automatically"),
    ("something to look after", "needs attention"),
    ("things to look after", "needs attention"),
    ("none of your", "not one of your"),
    ("could not be found out", "couldn’t be checked"),
    ("where nobody looks", "at the wrong name"),
    ("in the words of", "with the field names of"),
    ("to mend", "to fix"),
    ("mends it", "fixes it"),
    ("the star ", "the wildcard "),
    ("a star ", "a wildcard "),
    ("not asked:", "skipped:"),
    ("stands at", "is at"),
    ("see that it", "make sure that it"),
    ("look that", "make sure that"),
    (" shall ", " should "),
    ("os error", "what the system says, in words"),
    ("travels in the open", "is sent unencrypted"),
];

/// What only a program should read.
const OF_PROGRAMS: &[&str] = &[
    "docs.rs",
    "expected struct",
    "invalid type",
    "Err(",
    "Some(",
];

fn files(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

/// All files that end so, below each of the folders.
fn below(folders: &[&str], end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        files(Path::new(folder), end, &mut found);
    }
    found.sort();
    assert!(!found.is_empty(), "{folders:?} {end}");
    found
}

const CRATES: [&str; 8] = [
    "src",
    "crates/cli/src",
    "crates/core/src",
    "crates/domains/src",
    "crates/probe/src",
    "crates/reports/src",
    "crates/save/src",
    "crates/lab/src",
];

/// Every string literal of a source, its tests and its comments left aside.
fn literals(stream: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let is = |place: usize, sign: char| matches!(tokens.get(place), Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
        // `#[…]` or `#![…]`.
        let inner = usize::from(is(at, '!'));
        if is(at - 1, '#')
            && let Some(TokenTree::Group(group)) = tokens.get(at + inner)
        {
            at += inner;
            let attribute = group.stream().to_string();
            at += 1;
            if attribute.replace(' ', "") == "cfg(test)" {
                // The item that it is about ends with a block or a semicolon.
                while let Some(token) = tokens.get(at) {
                    at += 1;
                    match token {
                        TokenTree::Group(group)
                            if group.delimiter() == proc_macro2::Delimiter::Brace =>
                        {
                            break;
                        }
                        TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                        _ => {}
                    }
                }
            } else if !attribute.starts_with("doc") {
                literals(group.stream(), found);
            }
            continue;
        }
        match token {
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let Some(text) = unquoted(&literal.to_string()) {
                    found.push(text);
                }
            }
            _ => {}
        }
    }
}

/// The text of a string literal, its line continuations joined.
fn unquoted(literal: &str) -> Option<String> {
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut joined = String::new();
    let mut rest = text;
    while let Some((line, tail)) = rest.split_once("\\\n") {
        joined += line;
        rest = tail.trim_start();
    }
    joined += rest;
    Some(joined.replace("\\n", "\n").replace("\\\"", "\""))
}

/// Whether somebody reads it as words: two of them at least.
fn is_sentence(text: &str) -> bool {
    let words = text.split_whitespace();
    words
        .filter(|word| {
            word.chars()
                .all(|it| it.is_lowercase() || ".,:;’“”".contains(it))
        })
        .count()
        > 1
}

/// Two colons between letters; in an address they stand between digits.
fn has_type(text: &str) -> bool {
    text.match_indices("::").any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + 2..].chars().next();
        [before, after]
            .iter()
            .all(|it| it.is_some_and(|it| it.is_ascii_alphabetic()))
    })
}

fn faults(text: &str) -> Vec<String> {
    let mut faults: Vec<String> = PHRASES
        .iter()
        .filter(|(phrase, _)| text.contains(phrase))
        .map(|(phrase, better)| format!("“{phrase}”, better “{better}”"))
        .collect();
    faults.extend(
        OF_PROGRAMS
            .iter()
            .filter(|it| text.contains(**it))
            .map(|it| format!("“{it}” is for programs")),
    );
    let inside = text.lines().any(|line| line.trim().contains("  "));
    if inside && !text.contains("--") {
        faults.push("a double blank".to_owned());
    }
    if has_type(text) {
        faults.push("a type of the source".to_owned());
    }
    let mut words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    if words.any(|word| ["DOMAIN", "HOST", "YOUR"].contains(&word)) {
        faults.push("a placeholder in capitals".to_owned());
    }
    faults
}

#[test]
fn the_texts_of_the_program_use_the_terms_of_the_field() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in below(&CRATES, ".rs") {
        let name = path.to_string_lossy().replace('\\', "/");
        let is_test = ["/tests.rs", "/testing.rs", "_test.rs", "/tests/"];
        if is_test.iter().any(|it| name.contains(it)) {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let stream: TokenStream = source.parse().unwrap();
        let mut found = Vec::new();
        literals(stream, &mut found);
        for text in found.iter().filter(|text| is_sentence(text)) {
            count += 1;
            wrong.extend(
                faults(text)
                    .into_iter()
                    .map(|it| format!("{name}: {it}: {text}")),
            );
        }
    }
    assert!(count > 1000, "only {count} texts were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_catalogues_files_and_stories_use_the_terms_of_the_field() {
    let sources = [
        below(&["crates/core/src/rules"], ".md"),
        below(&["assets/catalogue", "crates/lab/scenarios"], ".toml"),
        below(&["docs"], ".json"),
    ];
    let mut wrong = Vec::new();
    for path in sources.iter().flatten() {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            // Columns of tables and comments of catalogues are set with blanks.
            let line = line.trim_start_matches('#').trim();
            let told = faults(line);
            let told = told.iter().filter(|it| *it != "a double blank");
            wrong.extend(told.map(|it| format!("{}: {it}: {line}", path.display())));
        }
    }
    for path in below(&["crates/core/src/knowledge/hosting"], ".txt") {
        let text = std::fs::read_to_string(&path).unwrap();
        // The name of the domain takes its place.
        let text = text.replace("DOMAIN", "example.com");
        let told = faults(&text);
        let told = told.iter().filter(|it| *it != "a double blank");
        wrong.extend(told.map(|it| format!("{}: {it}", path.display())));
    }
    for name in ["README.md", "CHANGELOG.md", "ARCHITECTURE.md"] {
        let text = std::fs::read_to_string(name).unwrap();
        let told = PHRASES.iter().filter(|(phrase, _)| text.contains(phrase));
        wrong.extend(told.map(|(phrase, better)| format!("{name}: “{phrase}”, better “{better}”")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_in_a_text_is_found() {
    assert_eq!(
        faults("The mail server’s certificate has expired."),
        Vec::<String>::new()
    );
    for text in [
        "Your certificate ran out on Monday.",
        "It says (os error 2).",
        "Add a record at mta-sts.DOMAIN now.",
        "Two  blanks are in here.",
        "It is of type mta::Policy there.",
    ] {
        assert_eq!(faults(text).len(), 1, "{text}");
    }
}
