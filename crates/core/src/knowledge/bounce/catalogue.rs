//! The rows of `assets/catalogue/bounces.toml`: what senders write when they refuse a mail server
//! for its TLS, why certificates fail in the wording of TLS libraries, and other kinds of bounces.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::knowledge::catalogue::Evidence;
use crate::knowledge::catalogue::calendar_date;

/// Empty when the built-in file cannot be read, which a test rules out.
pub(super) static BOUNCES: LazyLock<Bounces> = LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../../assets/catalogue/bounces.toml");

#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bounces {
    pub(super) software: Vec<SendingSoftware>,
    pub(super) bounce: Vec<KnownBounce>,
    pub(super) reason: Vec<BounceReason>,
    pub(super) other: Vec<OtherBounce>,
}

/// Sending software, told by what only its own bounces and log lines contain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendingSoftware {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// Words, each of which tells it.
    pub signs: Vec<String>,
    /// Where the signs are written: a web address.
    pub source: String,
    /// What the signs rest on.
    pub evidence: Evidence,
    /// When the entry was last compared with its source.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

/// What a bounce says that is about MTA-STS, DANE or TLS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownBounce {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The id of the software that writes it, where only one does.
    pub software: Option<String>,
    /// Enhanced status codes without their class, of which one must occur; none if any will do.
    #[serde(default)]
    pub status: Vec<String>,
    /// Words that must all occur.
    #[serde(default)]
    pub tokens: Vec<String>,
    /// What the sender applied.
    pub rule: SenderRule,
    /// The code of the finding that it belongs to.
    pub finding: Option<String>,
    /// Whether a reason in the text decides the finding, or replaces this one.
    #[serde(default)]
    pub by_reason: bool,
    /// What it means, where the page of the finding doesn’t say it.
    pub because: Option<String>,
    /// What more to say where the text has no reason.
    pub without_reason: Option<String>,
    /// What to do, where the page of the finding doesn’t say it.
    pub fix: Option<String>,
    /// Where the words are written: a web address.
    pub source: String,
    /// What the entry rests on.
    pub evidence: Evidence,
    /// When the entry was last compared with its source.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

/// Why a certificate or a handshake failed, in the wording of a TLS library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BounceReason {
    /// Words that must all occur.
    pub tokens: Vec<String>,
    /// The rule that the reason gives away.
    pub rule: Option<SenderRule>,
    /// The code of the finding.
    pub finding: String,
    /// What it means, where the page of the finding doesn’t say it.
    pub because: Option<String>,
    /// Where the words are written: a web address.
    pub source: String,
    /// What the entry rests on.
    pub evidence: Evidence,
    /// When the entry was last compared with its source.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

/// A kind of bounce that is not about MTA-STS, DANE or TLS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherBounce {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// What it is about, after “This bounce is about”.
    pub what: String,
    /// Enhanced status codes without their class, each of which tells it.
    #[serde(default)]
    pub status: Vec<String>,
    /// Words, each of which tells it.
    #[serde(default)]
    pub tokens: Vec<String>,
    /// One sentence for a person.
    pub meaning: String,
    /// Where the code is written: a web address.
    pub source: String,
    /// What the entry rests on.
    pub evidence: Evidence,
    /// When the entry was last compared with its source.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

/// Why a sender asks more of a mail server than to take the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderRule {
    /// The policy of the recipient’s domain (RFC 8461).
    MtaSts,
    /// The TLSA records of the mail server (RFC 7672).
    Dane,
    /// TLS required for a reason that the text doesn’t give.
    Tls,
}

impl SenderRule {
    /// In words for a person.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::MtaSts => "MTA-STS",
            Self::Dane => "DANE",
            Self::Tls => "required TLS",
        }
    }
}

fn read(text: &str) -> Result<Bounces, toml::de::Error> {
    toml::from_str(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_built_in_catalogue_can_be_read() {
        let bounces = read(BUILT_IN).unwrap();
        assert!(bounces.bounce.len() >= 60, "{}", bounces.bounce.len());
        assert_eq!(bounces, *BOUNCES);
    }

    #[test]
    fn every_entry_is_well_formed() {
        let is_id = |id: &str| {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !id.is_empty() && id.chars().all(fits)
        };
        let is_status = |status: &String| {
            let parts: Vec<Option<u16>> = status.split('.').map(|it| it.parse().ok()).collect();
            matches!(parts[..], [Some(subject), Some(..=999)] if subject <= 7)
        };
        let is_token = |token: &String| {
            *token == token.to_ascii_lowercase() && *token == token.trim() && token.len() > 2
        };
        let is_sentence = |text: &String| text.ends_with('.') && !text.contains("  ");
        let mut ids = BTreeSet::new();
        let software: BTreeSet<&String> = BOUNCES.software.iter().map(|it| &it.id).collect();
        for it in &BOUNCES.software {
            assert!(is_id(&it.id) && ids.insert(&it.id), "{}", it.id);
            assert!(!it.signs.is_empty() && it.signs.iter().all(is_token));
            assert!(it.source.starts_with("https://"), "{}", it.id);
        }
        for it in &BOUNCES.bounce {
            assert!(is_id(&it.id) && ids.insert(&it.id), "{}", it.id);
            assert!(it.software.iter().all(|it| software.contains(it)));
            assert!(it.status.len() + it.tokens.len() > 0, "{}", it.id);
            assert!(it.status.iter().all(is_status), "{}", it.id);
            assert!(it.tokens.iter().all(is_token), "{}", it.id);
            let texts = [&it.because, &it.without_reason, &it.fix];
            assert!(texts.into_iter().flatten().all(is_sentence), "{}", it.id);
            let says_something = it.finding.is_some() || it.by_reason || it.because.is_some();
            assert!(says_something, "{}", it.id);
            assert!(it.by_reason || it.without_reason.is_none(), "{}", it.id);
            assert!(it.source.starts_with("https://"), "{}", it.id);
        }
        for it in &BOUNCES.reason {
            assert!(
                !it.tokens.is_empty() && it.tokens.iter().all(is_token),
                "{it:?}"
            );
            assert!(it.because.iter().all(is_sentence), "{it:?}");
            assert!(it.source.starts_with("https://"), "{it:?}");
        }
        for it in &BOUNCES.other {
            assert!(is_id(&it.id) && ids.insert(&it.id), "{}", it.id);
            assert!(it.status.len() + it.tokens.len() > 0, "{}", it.id);
            assert!(it.status.iter().all(is_status), "{}", it.id);
            assert!(it.tokens.iter().all(is_token), "{}", it.id);
            assert!(is_sentence(&it.meaning) && !it.what.is_empty(), "{}", it.id);
            assert!(it.source.starts_with("https://"), "{}", it.id);
        }
    }

    #[test]
    fn no_two_entries_tell_the_same_text() {
        let mut seen = BTreeSet::new();
        for it in &BOUNCES.bounce {
            assert!(seen.insert((&it.status, &it.tokens)), "{}", it.id);
        }
        let mut codes = BTreeSet::new();
        for it in &BOUNCES.other {
            for status in &it.status {
                assert!(codes.insert(status), "{}: {status}", it.id);
            }
        }
    }

    #[test]
    fn an_entry_with_an_unknown_key_is_refused() {
        let file = "software = []\nreason = []\nother = []\n[[bounce]]\nid = \"x\"\n\
                    tokens = [\"xyz\"]\nrule = \"tls\"\nsource = \"https://x.example\"\n\
                    evidence = \"doc\"\nchecked = 2026-11-28\n";
        assert_eq!(read(file).unwrap().bounce.len(), 1);
        assert!(read(&format!("{file}colour = \"red\"\n")).is_err());
        assert!(read(&file.replace("\"tls\"", "\"spf\"")).is_err());
    }
}
