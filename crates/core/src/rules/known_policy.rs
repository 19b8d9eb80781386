//! The policy as it is published now beside one that is known: seen at an earlier look, or written
//! for publication.

use super::wording::in_quotes;
use crate::facts::{Facts, KnownPolicy};
use crate::{MxPattern, Policy, PolicyReading};

/// Characters of a line that evidence quotes.
const MOST_CHARS: usize = 100;
/// Lines of each side that evidence quotes.
const MOST_LINES: usize = 3;

/// The known policy that has the id of the record and means something else than what is published:
/// one id for two policies.
pub(super) fn known_by_the_same_id<'a>(
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

/// Whether two files mean the same: as policies, or to the byte where either is none.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let policy = |text: &str| PolicyReading::read(text.as_bytes()).policy;
    match (policy(one), policy(other)) {
        (Some(one), Some(other)) => meaning(&one) == meaning(&other),
        _ => one == other,
    }
}

/// The order of the mx lines, and one that stands there twice, mean nothing.
fn meaning(policy: &Policy) -> impl PartialEq {
    let mut mx: Vec<String> = policy.mx().iter().map(MxPattern::to_string).collect();
    mx.sort_unstable();
    mx.dedup();
    (policy.mode(), policy.max_age(), mx)
}

/// How the published file differs from the known one, line by line and in short.
pub(super) fn difference(published: &str, known: &str, known_name: &str) -> String {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect();
    let (here, there): (Vec<String>, Vec<String>) = (lines(published), lines(known));
    let only_in = |side: &[String], other: &[String]| {
        let own: Vec<&String> = side.iter().filter(|line| !other.contains(line)).collect();
        quoted(&own)
    };
    format!(
        "the published one has {}, {known_name} has {}",
        only_in(&here, &there),
        only_in(&there, &here)
    )
}

fn quoted(lines: &[&String]) -> String {
    if lines.is_empty() {
        return "no line of its own".to_owned();
    }
    let mut quotes: Vec<String> = lines
        .iter()
        .take(MOST_LINES)
        .map(|line| in_quotes(line, MOST_CHARS))
        .collect();
    if lines.len() > MOST_LINES {
        quotes.push(format!("{} more lines", lines.len() - MOST_LINES));
    }
    super::wording::in_words(quotes)
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
    fn a_difference_is_told_by_its_lines_and_stays_short() {
        let told = difference(POLICY, &POLICY.replace("enforce", "testing"), "the file");
        assert_eq!(
            told,
            "the published one has “mode: enforce”, the file has “mode: testing”"
        );
        let lines: Vec<String> = (0..50).map(|n| format!("mx: mx{n}.example.com")).collect();
        let many = lines.join("\n");
        let told = difference(POLICY, &format!("{POLICY}{many}"), "the file");
        assert!(
            told.starts_with("the published one has no line of its own, the file"),
            "{told}"
        );
        assert!(told.ends_with(" and 45 more lines"), "{told}");
        let hostile = difference(&"\u{202e}x".repeat(10_000), POLICY, "the file");
        assert!(
            hostile.chars().count() < 400 && !hostile.contains('\u{202e}'),
            "{hostile}"
        );
    }
}
