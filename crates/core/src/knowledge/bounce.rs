//! What a bounce (RFC 3464) or a line of a mail log says: which software wrote it, which rule it
//! applied, and the finding that it belongs to, by `assets/catalogue/bounces.toml`. A text can say
//! anything: it explains, and judges nothing.

mod catalogue;
mod statement;

use crate::knowledge::catalogue::Evidence;
use crate::text::domain::Domain;
use crate::text::escape::escaped;
use catalogue::BOUNCES;
use statement::{Statement, statements};

pub use catalogue::{BounceReason, KnownBounce, OtherBounce, SenderRule, SendingSoftware};

/// The longest excerpt, in characters.
const MAX_EXCERPT: usize = 400;
/// The most host names that are tried in one statement.
const MAX_NAMES: usize = 20;

/// What stands before the name of the mail server, in fields and in logs.
const BEFORE_HOST: [&str; 12] = [
    "remote-mta: dns;",
    "relay=",
    "lastattemptedservername=",
    "by host ",
    "failed for ",
    "h=",
    "tls connection to ",
    "mx candidate ",
    "mx host ",
    "error from '",
    "dane failed to authenticate '",
    "handshake with ",
];
/// What stands before the address of the recipient.
const BEFORE_RECIPIENT: [&str; 8] = [
    "final-recipient: rfc822;",
    "original-recipient: rfc822;",
    "x-failed-recipients:",
    " to=<",
    " == ",
    " ** ",
    "\"recipient\":\"",
    "rcpt to:<",
];
/// What stands before the domain alone.
const BEFORE_DOMAIN: [&str; 3] = [
    "mx hosts of ",
    "mta-sts policy for ",
    "mta-sts failed to authenticate '",
];

/// What a bounce or a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// What it is about.
    pub verdict: BounceVerdict,
    /// The software that wrote it.
    pub software: Option<&'static SendingSoftware>,
    /// The enhanced status code of the failure, such as `5.7.5`.
    pub status: Option<String>,
    /// The domain of the recipient.
    pub recipient_domain: Option<Domain>,
    /// The mail server that was to receive the mail.
    pub mx_host: Option<String>,
    /// The words that decided. Safe to show.
    pub excerpt: Option<String>,
    /// Whether the text was longer than [`Bounce::MAX_BYTES`], and the rest was not read.
    pub cut: bool,
}

/// What a bounce is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BounceVerdict {
    /// A mail server was refused for its TLS, its certificate or the policy.
    Refused(BounceMatch),
    /// Something else.
    Other(&'static OtherBounce),
    /// A failure that no entry of the catalogue knows.
    Unknown,
    /// No failure at all: a notice of success, another mail, prose.
    NoFailure,
}

/// The entries of the catalogue that a bounce matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BounceMatch {
    /// What the sender wrote.
    pub known: &'static KnownBounce,
    /// Why, where the text says it and it counts.
    pub reason: Option<&'static BounceReason>,
}

impl BounceMatch {
    /// The rule that the sender applied.
    #[must_use]
    pub fn rule(&self) -> SenderRule {
        let given_away = self.reason.and_then(|reason| reason.rule);
        given_away.unwrap_or(self.known.rule)
    }

    /// The code of the finding that it belongs to.
    #[must_use]
    pub fn finding(&self) -> Option<&'static str> {
        match self.reason {
            Some(reason) => Some(&reason.finding),
            None => self.known.finding.as_deref(),
        }
    }

    /// What it means, beyond the page of the finding: sentences for a person, maybe none.
    #[must_use]
    pub fn because(&self) -> Vec<&'static str> {
        let more = match self.reason {
            Some(reason) => &reason.because,
            None => &self.known.without_reason,
        };
        let texts = [&self.known.because, more].into_iter().flatten();
        texts.map(String::as_str).collect()
    }

    /// How sure the entries are: as sure as the weaker of them.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let all = [Some(self.known.evidence), self.reason.map(|it| it.evidence)];
        let is_one = |evidence| all.contains(&Some(evidence));
        if is_one(Evidence::Unverified) {
            Evidence::Unverified
        } else if is_one(Evidence::CommonKnowledge) {
            Evidence::CommonKnowledge
        } else {
            Evidence::Doc
        }
    }
}

impl Bounce {
    /// The most bytes that are read.
    pub const MAX_BYTES: usize = 256 * 1024;

    fn without_failure(cut: bool) -> Self {
        Self {
            verdict: BounceVerdict::NoFailure,
            software: None,
            status: None,
            recipient_domain: None,
            mx_host: None,
            excerpt: None,
            cut,
        }
    }
}

/// Reads the text of a bounce, or lines of a mail log. Never fails: what can’t be explained is
/// [`BounceVerdict::Unknown`], and what is no bounce [`BounceVerdict::NoFailure`].
///
/// ```
/// use mta_sts_core::{BounceVerdict, read_bounce};
/// let line = b"Nov 28 12:00:00 mx postfix/smtp[7]: 4F2: to=<a@example.com>, \
///     relay=mx1.example.com[192.0.2.1]:25, dsn=4.7.4, status=deferred (TLS is required, but was \
///     not offered by host mx1.example.com[192.0.2.1])";
/// let bounce = read_bounce(line);
/// assert_eq!(bounce.software.unwrap().name, "Postfix");
/// assert_eq!(bounce.mx_host.as_deref(), Some("mx1.example.com"));
/// let BounceVerdict::Refused(refused) = bounce.verdict else { panic!() };
/// assert_eq!(refused.finding(), Some("starttls-missing"));
/// ```
#[must_use]
pub fn read_bounce(text: &[u8]) -> Bounce {
    let cut = text.len() > Bounce::MAX_BYTES;
    let text = String::from_utf8_lossy(&text[..text.len().min(Bounce::MAX_BYTES)]);
    let mut statements = statements(&text);
    // What the mail server said comes before what the sender made of it for people.
    statements.sort_by_key(|it| !it.is_field("diagnostic-code"));
    let is_report = statements.iter().any(|it| it.fails && is_status_field(it));
    // A line alone is what somebody wants explained, with or without a code.
    let is_asked = is_report || statements.len() == 1;
    let refused = statements.iter().find_map(|statement| {
        let known = longest(statement, is_asked)?;
        Some((statement, known))
    });
    let (verdict, decided) = match refused {
        Some((decided, known)) => {
            let reason = known.by_reason.then(|| reason(decided, &statements));
            let reason = reason.flatten();
            let refused = BounceMatch { known, reason };
            (BounceVerdict::Refused(refused), decided)
        }
        None => match other(&statements) {
            Some(found) => found,
            None => return Bounce::without_failure(cut),
        },
    };
    let named = match &verdict {
        BounceVerdict::Refused(refused) => refused.known.software.as_deref(),
        _ => None,
    };
    let status = first(decided, &statements, |it| it.status().map(str::to_owned));
    let mx_host = first(decided, &statements, mx_host);
    Bounce {
        verdict,
        software: software(named, &statements),
        status,
        recipient_domain: first(decided, &statements, recipient_domain),
        mx_host: mx_host.map(|host| host.to_string()),
        excerpt: Some(escaped(&decided.text, MAX_EXCERPT)),
        cut,
    }
}

/// A field of a delivery status that says why (RFC 3464 2.3).
fn is_status_field(statement: &Statement) -> bool {
    ["diagnostic-code", "status"]
        .iter()
        .any(|name| statement.is_field(name))
}

/// The entry with the most letters in common. An unverified one is little more than a name, so it
/// needs a statement that says that it is a failure.
fn longest(statement: &Statement, is_asked: bool) -> Option<&'static KnownBounce> {
    let is_asked = is_asked && !statement.is_header();
    let applies = |known: &&KnownBounce| {
        let is_certain = statement.fails
            || is_asked && known.evidence != Evidence::Unverified
            || statement.is_log && known.software.is_some();
        let has_status = known.status.is_empty()
            || statement.codes().any(|(_, code)| {
                let detail = code.get(2..).unwrap_or_default();
                known.status.iter().any(|status| status == detail)
            });
        is_certain && has_status && known.tokens.iter().all(|token| statement.has(token))
    };
    let weight = |known: &&KnownBounce| {
        let words: usize = known.tokens.iter().map(String::len).sum();
        // Words with a code are those of one software, and a code alone says little.
        match (known.status.is_empty(), words) {
            (true, words) => words,
            (false, 0) => 1,
            (false, words) => 2 * words,
        }
    };
    // The first of those that weigh the same.
    let known = BOUNCES.bounce.iter().rev();
    known.filter(applies).max_by_key(weight)
}

/// Why it failed: in the same statement, or in one about the same mail server.
fn reason(decided: &Statement, statements: &[Statement]) -> Option<&'static BounceReason> {
    let host = mx_host(decided);
    let is_near = |it: &&Statement| {
        let is_certain = it.fails || it.is_log;
        is_certain && (host.is_none() || mx_host(it) == host)
    };
    let near = statements.iter().filter(is_near);
    std::iter::once(decided).chain(near).find_map(|statement| {
        let applies =
            |reason: &&BounceReason| reason.tokens.iter().all(|token| statement.has(token));
        let weight = |reason: &&BounceReason| reason.tokens.iter().map(String::len).sum::<usize>();
        BOUNCES.reason.iter().filter(applies).max_by_key(weight)
    })
}

/// What a failure is about that is not about TLS: by its words, then by its status code. `None`
/// where nothing failed.
fn other(statements: &[Statement]) -> Option<(BounceVerdict, &Statement)> {
    let failures = || statements.iter().filter(|it| it.fails);
    let by_words = failures().find_map(|statement| {
        let has_one = |other: &&OtherBounce| other.tokens.iter().any(|it| statement.has(it));
        Some((BOUNCES.other.iter().find(has_one)?, statement))
    });
    let by_status = || {
        failures().find_map(|statement| {
            let detail = statement.status()?.get(2..)?;
            let is_it = |other: &&OtherBounce| other.status.iter().any(|it| it == detail);
            Some((BOUNCES.other.iter().find(is_it)?, statement))
        })
    };
    match by_words.or_else(by_status) {
        Some((other, statement)) => Some((BounceVerdict::Other(other), statement)),
        None => failures().next().map(|it| (BounceVerdict::Unknown, it)),
    }
}

/// The software that an entry names, else the first whose sign is found.
fn software(named: Option<&str>, statements: &[Statement]) -> Option<&'static SendingSoftware> {
    let is_named = |it: &&SendingSoftware| Some(it.id.as_str()) == named;
    let has_sign = |it: &&SendingSoftware| {
        let mut signs = it.signs.iter();
        signs.any(|sign| statements.iter().any(|statement| statement.has(sign)))
    };
    let all = || BOUNCES.software.iter();
    all().find(is_named).or_else(|| all().find(has_sign))
}

/// What is found in the statement that decided, else in the first that has it.
fn first<T>(
    decided: &Statement,
    statements: &[Statement],
    find: impl Fn(&Statement) -> Option<T>,
) -> Option<T> {
    find(decided).or_else(|| statements.iter().find_map(find))
}

fn recipient_domain(statement: &Statement) -> Option<Domain> {
    let of_address = |text: &str| {
        let address = text.trim_start().trim_start_matches('<');
        let end =
            address.find(|it: char| it.is_whitespace() || matches!(it, '>' | ',' | '"' | ';'));
        let (_, domain) = address
            .get(..end.unwrap_or(address.len()))?
            .rsplit_once('@')?;
        name(domain)
    };
    of_address(&statement.text)
        .or_else(|| after(statement, &BEFORE_RECIPIENT, of_address))
        .or_else(|| after(statement, &BEFORE_DOMAIN, name))
}

fn mx_host(statement: &Statement) -> Option<Domain> {
    // “Host” alone can be anything, and with an address it is a mail server.
    let with_address = |text: &str| {
        let (front, _) = text.split_once('[')?;
        name(front).filter(|host| front.trim_end().len() == host.as_str().len())
    };
    let named = after(statement, &BEFORE_HOST, name);
    named.or_else(|| after(statement, &["host "], with_address))
}

/// What `read` makes of the text after one of these words, the first word first.
fn after<T>(statement: &Statement, words: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
    words.iter().find_map(|word| {
        let places = memchr::memmem::find_iter(statement.lower.as_bytes(), *word);
        let mut rests = places.take(MAX_NAMES).filter_map(|at| {
            // `h=` ends no other word.
            let before = statement.lower[..at].chars().next_back();
            let is_whole = !before.is_some_and(char::is_alphanumeric)
                || !word.starts_with(char::is_alphanumeric);
            is_whole
                .then(|| statement.text.get(at + word.len()..))
                .flatten()
        });
        rests.find_map(&read)
    })
}

/// The host name that a text begins with.
fn name(text: &str) -> Option<Domain> {
    let text = text.trim_start_matches([' ', '\'', '"']);
    let fits = |it: char| it.is_alphanumeric() || matches!(it, '.' | '-');
    let end = text.find(|it: char| !fits(it)).unwrap_or(text.len());
    Domain::parse(&text[..end]).ok()
}
