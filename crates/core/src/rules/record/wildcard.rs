//! Whether `_mta-sts` answers only because of a wildcard: a made-up name gives the same answer.

use crate::facts::{Facts, RandomName};

/// The random name, if it gives the same answer as `_mta-sts`, and not an empty one.
pub(crate) fn answers_as_random(facts: &Facts) -> Option<&RandomName> {
    let record = facts.record.seen()?;
    let random = facts.random_name.seen()?;
    let same_alias = !record.aliases.is_empty() && record.aliases == random.texts.aliases;
    let same_texts =
        !record.records.is_empty() && sorted(&record.records) == sorted(&random.texts.records);
    (same_alias || same_texts).then_some(random)
}

/// Texts in an order that doesn't depend on the server.
pub(crate) fn sorted(texts: &[String]) -> Vec<&str> {
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.sort_unstable();
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Answer, Observed};
    use crate::rules::testing::{healthy, random_answers, set_record};

    #[test]
    fn the_order_of_the_texts_does_not_matter() {
        let mut facts = healthy();
        set_record(&mut facts, &["a", "b"]);
        random_answers(&mut facts, &["b", "a"]);
        assert!(answers_as_random(&facts).is_some());
        random_answers(&mut facts, &["b"]);
        assert!(answers_as_random(&facts).is_none());
    }

    #[test]
    fn two_empty_answers_are_no_wildcard() {
        let mut facts = healthy();
        facts.record = Observed::Seen(Answer::no_such_name());
        random_answers(&mut facts, &[]);
        assert!(answers_as_random(&facts).is_none());
    }
}
