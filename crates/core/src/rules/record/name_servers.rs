//! What the zone's own name servers answer for `_mta-sts`, each contacted directly.

use super::txt_record::texts;
use super::wildcard::sorted;
use crate::facts::server_view::Observer;
use crate::facts::{Answer, Facts};
use crate::text::sts_record::StsSelection;
use crate::text::wording::shown;

/// The name servers that answered, and what.
pub(crate) fn answers(facts: &Facts) -> impl Iterator<Item = (&Observer, &Answer<String>)> {
    facts
        .name_servers
        .iter()
        .filter(|view| matches!(view.observer, Observer::NameServer { .. }))
        .filter_map(|view| Some((&view.observer, view.record.seen()?)))
}

/// Whether these texts are what senders need: one record that they choose and can read.
pub(crate) fn has_the_record(answer: &Answer<String>) -> bool {
    matches!(StsSelection::of(&answer.records), StsSelection::One(reading) if reading.is_valid())
}

/// Whether some name server has the record.
pub(crate) fn any_has_the_record(facts: &Facts) -> bool {
    answers(facts).any(|(_, answer)| has_the_record(answer))
}

/// Name servers that give the same answer.
pub(crate) struct Alike<'a> {
    /// Who they are; at least one.
    pub(crate) servers: Vec<&'a Observer>,
    /// What the first of them answered.
    pub(crate) answer: &'a Answer<String>,
}

/// The name servers that answered, grouped by answer.
pub(crate) fn by_answer(facts: &Facts) -> Vec<Alike<'_>> {
    let mut all: Vec<Alike<'_>> = Vec::new();
    for (observer, answer) in answers(facts) {
        match all.iter_mut().find(|alike| is_same(alike.answer, answer)) {
            Some(alike) => alike.servers.push(observer),
            None => all.push(Alike {
                servers: vec![observer],
                answer,
            }),
        }
    }
    all
}

/// If an alias leads out of the zone, one server may know the text behind it and another may not.
/// Then the alias is all that they have to agree on.
fn is_same(one: &Answer<String>, other: &Answer<String>) -> bool {
    match (one.aliases.first(), other.aliases.first()) {
        (None, None) => sorted(&one.records) == sorted(&other.records),
        (target, other_target) => target == other_target,
    }
}

/// An answer in words that follow "gives" or "give".
pub(crate) fn in_words(answer: &Answer<String>) -> String {
    match answer.aliases.first() {
        Some(target) => format!("an alias to {}", shown(target)),
        None if answer.records.is_empty() => "no TXT record".to_owned(),
        None => texts(&answer.records),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Observed;
    use crate::rules::testing::{healthy, name_server_answers, name_server_says};

    #[test]
    fn servers_are_grouped_by_what_they_say() {
        let mut facts = healthy();
        name_server_says(&mut facts, 53, &["a", "b"]);
        name_server_says(&mut facts, 54, &["b", "a"]);
        name_server_says(&mut facts, 55, &[]);
        let groups = by_answer(&facts);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].servers.len(), 2);
        assert_eq!(in_words(groups[0].answer), "“a” and “b”");
        assert_eq!(in_words(groups[1].answer), "no TXT record");
    }

    #[test]
    fn behind_one_alias_the_texts_may_differ() {
        let mut facts = healthy();
        let mut answer = Answer::of(["v=STSv1; id=1".to_owned()]);
        answer.aliases = vec!["sts.host.example".into()];
        name_server_answers(&mut facts, 53, Observed::Seen(answer.clone()));
        answer.records.clear();
        name_server_answers(&mut facts, 54, Observed::Seen(answer));
        let groups = by_answer(&facts);
        assert_eq!(groups.len(), 1);
        assert_eq!(in_words(groups[0].answer), "an alias to sts.host.example");
    }
}
