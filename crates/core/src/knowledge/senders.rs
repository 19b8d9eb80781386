//! How known sending mail systems treat a policy where they differ from one another or from
//! RFC 8461, from `assets/catalogue/senders.toml`. What the RFC itself says of a policy is told by
//! the rules; what brings a habit out is in `senders/condition.rs`.

mod condition;
mod content_type;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize, Serializer};
use time::Date;

pub use condition::Condition;

use crate::knowledge::catalogue::Evidence;
use crate::knowledge::catalogue::calendar_date;
use crate::text::mx_pattern::MxPatternError;
use crate::text::policy::{MaxAgeError, Mode, PolicyFaultKind, PolicyReading};
use condition::{Met, first_value};

/// Empty when the built-in file cannot be read, which a test rules out.
static SENDERS: LazyLock<Vec<Sender>> = LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../assets/catalogue/senders.toml");

/// A sending mail system and what it does in its own way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// What it is, in one phrase.
    pub what: String,
    /// What it does in its own way.
    #[serde(rename = "habit")]
    pub habits: Vec<Habit>,
}

/// One thing that a sender does in its own way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Habit {
    /// What about a publication brings it out.
    pub when: Condition,
    /// What the sender then does, for a policy in mode enforce.
    pub effect: Effect,
    /// What this sender does, for a person: one sentence.
    pub because: String,
    /// Where that is written: a web address.
    pub source: String,
    /// What the entry holds for, where that is known.
    pub versions: Option<String>,
    /// What the entry rests on.
    pub evidence: Evidence,
    /// When the entry was last compared with its source.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

/// What a sender does with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It sends as if there were no such policy, or goes on with an older one that it remembers.
    IgnoresPolicy,
    /// It does not deliver to mail servers that the policy was meant to allow.
    RefusesMail,
    /// It goes by something else than what the policy says.
    MisreadsPolicy,
    /// It remembers the policy for another time than `max_age`.
    ChangesMaxAge,
    /// It documents that it wants the policy otherwise, not what it does if it is not.
    AsksOtherwise,
}

impl Effect {
    /// In words for a person, after the name of the sender.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::IgnoresPolicy => "ignores the policy",
            Self::RefusesMail => "refuses mail",
            Self::MisreadsPolicy => "misreads the policy",
            Self::ChangesMaxAge => "changes its max_age",
            Self::AsksOtherwise => "asks for something different",
        }
    }
}

/// A policy as a sender meets it. What is not known brings no habit out.
#[derive(Debug, Clone, Copy)]
pub struct Publication<'a> {
    /// The policy file as read.
    pub policy: &'a PolicyReading,
    /// The bytes that were read.
    pub body: &'a [u8],
    /// The value of the Content-Type header; empty where the answer had none.
    pub content_type: Option<&'a str>,
    /// How long it took to fetch the whole file, in milliseconds.
    pub fetch_millis: Option<u64>,
    /// The text of the MTA-STS record.
    pub record: Option<&'a str>,
    /// Every TXT text at the name of that record.
    pub texts: &'a [String],
    /// The names of the domain's mail servers.
    pub mx_hosts: &'a [&'a str],
    /// The first MX host that the policy names and that a sender would refuse in mode enforce, for
    /// its STARTTLS, TLS or certificate.
    pub refused_host: Option<&'a str>,
}

impl<'a> Publication<'a> {
    /// A file that is on no server yet, and its bytes.
    #[must_use]
    pub fn of_file(policy: &'a PolicyReading, body: &'a [u8]) -> Self {
        Self {
            policy,
            body,
            content_type: None,
            fetch_millis: None,
            record: None,
            texts: &[],
            mx_hosts: &[],
            refused_host: None,
        }
    }
}

/// One sender that does not treat a policy as its owner means it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SenderVerdict {
    /// The name that people know the sender by.
    pub sender: &'static str,
    /// Its short name for programs.
    pub sender_id: &'static str,
    /// What it does.
    pub effect: Effect,
    /// What was seen, and what the sender does about it: two sentences, safe to show.
    pub reason: String,
    /// What to change: safe to show.
    pub fix: String,
    /// Where the habit is written: a web address.
    pub source: &'static str,
    /// The versions of the sender that it is true of, where known.
    pub versions: Option<&'static str>,
    /// What the habit rests on.
    pub evidence: Evidence,
    /// When it was last compared with its source.
    #[serde(serialize_with = "as_text")]
    pub checked: Date,
}

/// The known senders and their habits, in the order of the catalogue.
#[must_use]
pub(crate) fn known_senders() -> &'static [Sender] {
    &SENDERS
}

/// Who would not treat a policy as its owner means it, in the order of the catalogue.
///
/// Empty for a file that no sender can go by: the findings say so already. A fault that some
/// senders forgive is told for those that do not.
///
/// ```
/// use mta_sts_core::{Effect, PolicyReading, Publication, sender_compatibility};
/// let body = b"version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557600\n";
/// let policy = PolicyReading::read(body);
/// let verdicts = sender_compatibility(&Publication::of_file(&policy, body));
/// assert_eq!(verdicts.len(), 1);
/// assert_eq!((verdicts[0].sender, verdicts[0].effect), ("Stalwart", Effect::ChangesMaxAge));
/// ```
#[must_use]
pub fn sender_compatibility(publication: &Publication<'_>) -> Vec<SenderVerdict> {
    if !some_sender_goes_by(publication.policy) {
        return Vec::new();
    }
    known_senders()
        .iter()
        .flat_map(|sender| sender.habits.iter().map(move |habit| (sender, habit)))
        .filter_map(|(sender, habit)| verdict(sender, habit, publication))
        .collect()
}

/// Whether the file says what it must and nothing breaks it but what some senders forgive.
fn some_sender_goes_by(policy: &PolicyReading) -> bool {
    let is_forgiven = |kind: &PolicyFaultKind| {
        !kind.breaks_rfc()
            || matches!(
                kind,
                PolicyFaultKind::BlankLine
                    | PolicyFaultKind::Bom
                    | PolicyFaultKind::MxInvalid(MxPatternError::TrailingDot)
                    | PolicyFaultKind::MaxAgeInvalid(MaxAgeError::TooLarge)
            )
    };
    // A full list may hide what is not forgiven.
    policy.faults.len() < PolicyReading::MAX_FAULTS
        && policy.faults.iter().all(|fault| is_forgiven(&fault.kind))
}

fn verdict(
    sender: &'static Sender,
    habit: &'static Habit,
    publication: &Publication<'_>,
) -> Option<SenderVerdict> {
    let effect = effect_in_mode(habit, publication.policy)?;
    let Met { found, fix } = habit.when.met(publication)?;
    Some(SenderVerdict {
        sender: &sender.name,
        sender_id: &sender.id,
        effect,
        reason: format!("{found} {}", habit.because),
        fix,
        source: &habit.source,
        versions: habit.versions.as_deref(),
        evidence: habit.evidence,
        checked: habit.checked,
    })
}

/// Mail is refused in mode enforce alone: testing reports a failure that is none, none asks nothing
/// (RFC 8461 5). One condition is about senders that refuse it in the other modes as well.
fn effect_in_mode(habit: &Habit, policy: &PolicyReading) -> Option<Effect> {
    let effect = habit.effect;
    if habit.when == Condition::TlsFaultOutsideEnforce {
        return Some(effect);
    }
    let mode = first_value(policy, "mode").and_then(|mode| mode.parse().ok());
    match (effect, mode) {
        (Effect::RefusesMail, Some(Mode::Testing)) => Some(Effect::MisreadsPolicy),
        (Effect::RefusesMail, Some(Mode::None) | None) => None,
        _ => Some(effect),
    }
}

fn read(text: &str) -> Result<Vec<Sender>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        sender: Vec<Sender>,
    }
    toml::from_str(text).map(|File { sender }| sender)
}

/// `2026-11-23`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn as_text<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

#[cfg(test)]
mod tests;
