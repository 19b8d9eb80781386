//! Records at the wrong name: where, why they ended up there, and how to move them.

use crate::facts::{Answer, Facts, Observed};
use crate::rules::case::Case;
use crate::text::domain::Domain;
use crate::text::sts_record::looks_like_sts;
use crate::text::tls_rpt_record::looks_like_tls_rpt;
use crate::text::wording::{in_quotes, in_words, shown};

/// Characters of a text that evidence quotes.
const MAX_CHARS: usize = 300;
/// Names that a sentence lists.
const MAX_NAMES: usize = 4;

/// A text at a name where senders don't look for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misplaced<'a> {
    /// The name.
    pub(crate) name: String,
    /// The text.
    pub(crate) text: &'a str,
}

/// MTA-STS records at names other than `_mta-sts`.
pub(crate) fn misplaced_mta_sts(facts: &Facts) -> Vec<Misplaced<'_>> {
    let other_record = (facts.domain.tls_rpt_record_name(), &facts.tls_rpt);
    misplaced(facts, other_record, looks_like_sts)
}

/// TLS-RPT records at names other than `_smtp._tls`.
pub(crate) fn misplaced_tls_rpt(facts: &Facts) -> Vec<Misplaced<'_>> {
    let other_record = (facts.domain.mta_sts_record_name(), &facts.record);
    misplaced(facts, other_record, looks_like_tls_rpt)
}

/// Either record may also be at the name of the other.
fn misplaced<'a>(
    facts: &'a Facts,
    (other_name, other_record): (String, &'a Observed<Answer<String>>),
    is_meant: fn(&str) -> bool,
) -> Vec<Misplaced<'a>> {
    facts
        .near_misses
        .iter()
        .map(|near_miss| (near_miss.name.clone(), &near_miss.texts))
        .chain([(other_name, other_record)])
        .filter_map(|(name, texts)| {
            let text = texts.seen()?.records.iter().find(|text| is_meant(text))?;
            Some(Misplaced { name, text })
        })
        .collect()
}

/// Where the record was found, and where senders look.
pub(crate) fn evidence(right_name: &str, found: &[Misplaced<'_>]) -> String {
    let places = found
        .iter()
        .take(MAX_NAMES)
        .map(|Misplaced { name, text }| {
            format!("{} at {}", in_quotes(text, MAX_CHARS), shown(name))
        });
    format!(
        "Found {}. Senders only look at {right_name}.",
        in_words(places)
    )
}

/// How to move the record: why it is where it is, and what to enter. `value` comes last and without
/// quotes, which must not be pasted.
pub(crate) fn moving(
    case: &Case<'_>,
    right_name: &str,
    found: &[Misplaced<'_>],
    value: &str,
) -> String {
    let names = found
        .iter()
        .take(MAX_NAMES)
        .map(|misplaced| shown(&misplaced.name));
    let why = found.first().map_or("", |misplaced| {
        why(&case.facts.domain, right_name, &misplaced.name)
    });
    let name_box = name_box(case, right_name);
    format!(
        "{why} Delete the text at {}, and add a TXT record with the full name {right_name}. At \
         most DNS providers, enter just {name_box} as the name. Its value: {value}",
        in_words(names)
    )
}

/// How a record ended up at the wrong name.
fn why(domain: &Domain, right_name: &str, wrong_name: &str) -> &'static str {
    let without_underscores = |name: &str| name.replace('_', "");
    if wrong_name == domain.as_str() {
        "The name was left empty, or entered as @."
    } else if wrong_name == domain.twice(right_name) {
        "The form appends the domain automatically, and it was typed as well, so it’s there twice."
    } else if wrong_name == domain.mta_sts_record_name()
        || wrong_name == domain.tls_rpt_record_name()
    {
        "That is the name of the other record."
    } else if without_underscores(wrong_name) == without_underscores(right_name)
        && wrong_name.len() < right_name.len()
    {
        "An underscore is missing from the name."
    } else {
        "The name isn’t exactly the one that senders look for."
    }
}

/// What to enter as the name at a DNS provider, which appends the name of the zone.
fn name_box(case: &Case<'_>, full_name: &str) -> String {
    let domain = case.facts.domain.as_str();
    let apex = case
        .facts
        .zone
        .seen()
        .map_or(domain, |zone| zone.apex.as_str());
    let relative_to = |zone: &str| full_name.strip_suffix(zone)?.strip_suffix('.');
    relative_to(apex)
        .or_else(|| relative_to(domain))
        .unwrap_or(full_name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{healthy, seen, set_tls_rpt, stands_at};

    #[test]
    fn each_wrong_name_has_its_reason() {
        let domain = healthy().domain;
        let right = domain.mta_sts_record_name();
        for (wrong, part) in [
            ("example.com", "left empty"),
            ("_mta-sts.example.com.example.com", "twice"),
            ("mta-sts.example.com", "underscore is missing"),
            ("_smtp._tls.example.com", "the other record"),
            ("_mta_sts.example.com", "isn’t exactly"),
            ("_.mta-sts.example.com", "isn’t exactly"),
        ] {
            let why = why(&domain, &right, wrong);
            assert!(why.contains(part), "{wrong}: {why}");
        }
        let right = domain.tls_rpt_record_name();
        for wrong in ["_smtp.tls.example.com", "smtp._tls.example.com"] {
            let why = why(&domain, &right, wrong);
            assert!(why.contains("underscore is missing"), "{wrong}: {why}");
        }
    }

    #[test]
    fn the_name_box_takes_what_is_left_of_the_zone() {
        let mut facts = healthy();
        let name_box_in = |facts: &Facts| name_box(&Case::of(facts), "_mta-sts.example.com");
        assert_eq!(name_box_in(&facts), "_mta-sts");
        seen(&mut facts.zone).apex = "com".into();
        assert_eq!(name_box_in(&facts), "_mta-sts.example");
        seen(&mut facts.zone).apex = "ample.com".into();
        assert_eq!(name_box_in(&facts), "_mta-sts");
        facts.zone = Observed::NotAsked;
        assert_eq!(name_box_in(&facts), "_mta-sts");
    }

    #[test]
    fn the_two_records_are_looked_for_at_each_other_and_other_texts_are_not() {
        let mut facts = healthy();
        assert_eq!(misplaced_mta_sts(&facts), []);
        stands_at(&mut facts, "example.com", "v=spf1 -all");
        stands_at(
            &mut facts,
            "_tls.example.com",
            "v=TLSRPTv1; rua=mailto:a@b.example",
        );
        assert_eq!(misplaced_mta_sts(&facts), []);
        set_tls_rpt(&mut facts, &["v=STSv1; id=1"]);
        assert_eq!(misplaced_mta_sts(&facts)[0].name, "_smtp._tls.example.com");
        assert_eq!(misplaced_tls_rpt(&facts)[0].name, "_tls.example.com");
    }
}
