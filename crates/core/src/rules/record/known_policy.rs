//! Compares the policy that is published now with a known one: seen in an earlier check, or written
//! for publication.

use crate::facts::{Facts, KnownPolicy};
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{Policy, PolicyReading};
use crate::text::wording::{in_quotes, in_words};

/// How many characters of a line to quote.
const MAX_CHARS: usize = 100;
/// How many lines of each side to quote.
const MAX_LINES: usize = 3;

/// The known policy that has the id of the record but differs in meaning from what is published:
/// one id for two policies.
pub(crate) fn known_by_the_same_id<'a>(
    facts: &'a Facts,
    published: &KnownPolicy,
) -> Option<&'a KnownPolicy> {
    facts
        .earlier
        .iter()
        .chain(&facts.written)
        .filter(|known| known.id.is_some() && known.id == published.id)
        .find(|known| !is_same(&published.text, &known.text))
}

/// Whether two files mean the same: as policies, or byte for byte if either is not one.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let policy = |text: &str| PolicyReading::read(text.as_bytes()).policy;
    match (policy(one), policy(other)) {
        (Some(one), Some(other)) => meaning(&one) == meaning(&other),
        _ => one == other,
    }
}

/// The order of the mx lines and duplicates among them mean nothing.
fn meaning(policy: &Policy) -> impl PartialEq {
    let mut mx: Vec<String> = policy.mx().iter().map(MxPattern::to_string).collect();
    mx.sort_unstable();
    mx.dedup();
    (policy.mode(), policy.max_age(), mx)
}

/// A short line-by-line account of how the published file differs from the known one.
pub(crate) fn difference(published: &str, known: &str, known_name: &str) -> String {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect();
    let (here, there): (Vec<String>, Vec<String>) = (lines(published), lines(known));
    let only_in = |side: &[String], other: &[String]| {
        let own: Vec<&String> = side.iter().filter(|line| !other.contains(line)).collect();
        quoted(&own)
    };
    format!(
        "the published file has {}, {known_name} has {}",
        only_in(&here, &there),
        only_in(&there, &here)
    )
}

fn quoted(lines: &[&String]) -> String {
    if lines.is_empty() {
        return "no other lines".to_owned();
    }
    let mut quotes: Vec<String> = lines
        .iter()
        .take(MAX_LINES)
        .map(|line| in_quotes(line, MAX_CHARS))
        .collect();
    if lines.len() > MAX_LINES {
        quotes.push(format!("{} more lines", lines.len() - MAX_LINES));
    }
    in_words(quotes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::POLICY;

    #[test]
    fn files_that_mean_the_same_are_the_same() {
        let other_order = "version: STSv1\nmode: enforce\nmx: mx2.example.com\nmx: \
                           mx1.example.com\nmax_age: 1209600\n";
        assert!(is_same(POLICY, other_order));
        assert!(!is_same(POLICY, &POLICY.replace("enforce", "testing")));
        assert!(!is_same(POLICY, &POLICY.replace("1209600", "604800")));
        assert!(!is_same(POLICY, &POLICY.replace("mx2", "mx3")));
    }

    #[test]
    fn files_that_are_no_policies_are_compared_to_the_byte() {
        assert!(is_same("hello", "hello"));
        assert!(!is_same("hello", "hello\n"));
        assert!(!is_same(POLICY, "hello"));
    }

    #[test]
    fn a_difference_is_shown_by_its_lines_and_stays_short() {
        let words = difference(
            POLICY,
            &POLICY.replace("enforce", "testing"),
            "the written one",
        );
        assert_eq!(
            words,
            "the published file has “mode: enforce”, the written one has “mode: testing”"
        );
        let lines: Vec<String> = (0..50).map(|n| format!("mx: mx{n}.example.com")).collect();
        let many = lines.join("\n");
        let words = difference(POLICY, &format!("{POLICY}{many}"), "the written one");
        assert!(
            words.starts_with("the published file has no other lines, the written one"),
            "{words}"
        );
        assert!(words.ends_with(" and 45 more lines"), "{words}");
        let hostile = difference(&"\u{202e}x".repeat(10_000), POLICY, "the written one");
        assert!(
            hostile.chars().count() < 400 && !hostile.contains('\u{202e}'),
            "{hostile}"
        );
    }
}
