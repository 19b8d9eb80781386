//! What rules say about a published TXT record, whichever of the two it is.

use std::borrow::Cow;

use crate::facts::{Answer, Observed};
use crate::text::txt_record::begins_right;
use crate::text::txt_record::{
    RecordFault, RecordFaultKind, RecordReading, RecordSelection, VersionedRecord,
};
use crate::text::wording::{in_quotes, in_words, shown};

/// Characters of a text that evidence quotes.
const MAX_CHARS: usize = 300;
/// Texts that evidence quotes.
const MAX_TEXTS: usize = 4;

/// What the lookup of a name gave, if none of it is the text that was looked for.
pub(crate) fn what_is_there(name: &str, answer: &Answer<String>) -> String {
    let place = match answer.aliases.last() {
        Some(target) => format!("{name} is an alias that leads to {}, which", shown(target)),
        None => name.to_owned(),
    };
    if !answer.records.is_empty() {
        format!("{place} has a different text: {}.", texts(&answer.records))
    } else if answer.name_exists || !answer.aliases.is_empty() {
        format!("{place} has no TXT record.")
    } else {
        format!("The name {name} doesn’t exist in DNS.")
    }
}

/// Whether some text is the record, or was meant to be.
pub(crate) fn is_there<R: VersionedRecord>(lookup: &Observed<Answer<String>>) -> bool {
    lookup
        .seen()
        .is_some_and(|answer| answer.records.iter().any(|text| R::is_meant_by(text)))
}

/// The text that senders choose, or else the first that was meant as the record, and its reading.
pub(crate) fn chosen_or_meant<'a, R: VersionedRecord + Clone>(
    answer: &'a Answer<String>,
    selection: &'a RecordSelection<R>,
) -> Option<(&'a str, Cow<'a, RecordReading<R>>)> {
    let texts = &answer.records;
    match selection {
        RecordSelection::Several(_) => None,
        RecordSelection::One(reading) => {
            let chosen = texts.iter().find(|text| begins_right::<R>(text))?;
            Some((chosen, Cow::Borrowed(reading)))
        }
        RecordSelection::None => {
            let meant = texts.iter().find(|text| R::is_meant_by(text))?;
            Some((meant, Cow::Owned(RecordReading::read(meant))))
        }
    }
}

/// The text of a record and those of its faults that a rule claims, each with its place in the
/// text; `None` where there are none.
pub(crate) fn faults_in_words<R: VersionedRecord>(
    name: &str,
    text: &str,
    reading: &RecordReading<R>,
    claims: impl Fn(&RecordFaultKind<R>) -> bool,
) -> Option<String> {
    let claimed: Vec<String> = reading
        .faults
        .iter()
        .filter(|fault| claims(&fault.kind))
        .map(|RecordFault { column, kind }| format!("character {column}: {kind}"))
        .collect();
    (!claimed.is_empty()).then(|| {
        format!(
            "The TXT record at {name} reads {}. At {}.",
            in_quotes(text, MAX_CHARS),
            claimed.join("; at ")
        )
    })
}

/// Texts in quotes, in a sentence.
pub(crate) fn texts<T: AsRef<str>>(all: &[T]) -> String {
    let mut quotes: Vec<String> = all
        .iter()
        .take(MAX_TEXTS)
        .map(|text| in_quotes(text.as_ref(), MAX_CHARS))
        .collect();
    if all.len() > MAX_TEXTS {
        quotes.push(format!("{} more", all.len() - MAX_TEXTS));
    }
    in_words(quotes)
}

/// Where to put which value. The value comes last and without quotes, which must not be pasted.
pub(crate) fn set_value(name: &str, answer: &Answer<String>, value: &str) -> String {
    match answer.aliases.last() {
        Some(target) => format!(
            "{name} is an alias, so change this at {}. The value should be: {value}",
            shown(target)
        ),
        None => format!("Give the TXT record {name} this value: {value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_an_alias_and_another_text_are_told_apart() {
        let name = "_mta-sts.example.com";
        let nothing = what_is_there(name, &Answer::no_such_name());
        assert_eq!(
            nothing,
            "The name _mta-sts.example.com doesn’t exist in DNS."
        );
        let empty = what_is_there(name, &Answer::no_data());
        assert_eq!(empty, "_mta-sts.example.com has no TXT record.");
        let other = what_is_there(name, &Answer::of(["v=spf1\n".to_owned()]));
        assert_eq!(
            other,
            "_mta-sts.example.com has a different text: “v=spf1\\u{a}”."
        );
        let aliases = vec!["a.example".to_owned(), "b.example".to_owned()];
        let dangling = what_is_there(
            name,
            &Answer {
                aliases,
                ..Answer::no_such_name()
            },
        );
        assert!(
            dangling.contains("leads to b.example, which has no TXT record"),
            "{dangling}"
        );
    }

    #[test]
    fn many_texts_are_cut() {
        assert_eq!(
            texts(&["a", "b", "c", "d", "e", "f"]),
            "“a”, “b”, “c”, “d” and 2 more"
        );
    }

    #[test]
    fn a_value_is_set_where_the_alias_leads() {
        let mut answer = Answer::of(["x".to_owned()]);
        assert!(set_value("_mta-sts.a.example", &answer, "v").ends_with("this value: v"));
        answer.aliases = vec!["sts.host.example".into()];
        assert!(set_value("_mta-sts.a.example", &answer, "v").contains("sts.host.example"));
    }
}
