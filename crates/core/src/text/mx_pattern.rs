//! One value of an `mx` line (RFC 8461 3.2): its grammar, what it covers (4.1), and what a person
//! most likely meant by a value that is none.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use idna::punycode;
use serde::{Deserialize, Serialize};

use crate::text::domain::{Domain, MAX_LABEL_OCTETS, MAX_NAME_OCTETS};

/// A host name of RFC 5321 4.1.2, or `*.` and such a name. Kept in lower case.
///
/// ```
/// use mta_sts_core::{MxPattern, MxPatternError};
/// let pattern = MxPattern::parse("*.mail.example.com")?;
/// assert!(pattern.matches("MX1.mail.example.com"));
/// assert!(!pattern.matches("a.mx1.mail.example.com"));
/// assert!(!pattern.matches("mail.example.com"));
///
/// let error = MxPattern::parse("10 mx.example.com.").unwrap_err();
/// assert_eq!(error, MxPatternError::Priority);
/// assert_eq!(error.suggestion("10 mx.example.com."), ["mx.example.com"]);
/// # Ok::<(), MxPatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MxPattern(String);

/// Why a value is no MX pattern: the likeliest single cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MxPatternError {
    /// No value at all.
    #[error("the value is empty")]
    Empty,
    /// Several hosts in one value.
    #[error("an mx line can name only one host; this one is a list")]
    CommaOrSpaceList,
    /// The preference of an MX record stands in front.
    #[error("the number in front belongs to the MX record, not to the policy")]
    Priority,
    /// `*` alone.
    #[error("a wildcard on its own isn’t allowed; name the hosts")]
    BareStar,
    /// A wildcard anywhere but as the whole first label.
    #[error("a wildcard must be the whole first part, as in *.example.com")]
    InnerStar,
    /// The dot that DNS answers print at the end.
    #[error("remove the dot at the end")]
    TrailingDot,
    /// `user@host`.
    #[error("this is an e-mail address; name the mail server")]
    MailAddress,
    /// Something with `://`.
    #[error("this is a web address; name only the mail server")]
    Url,
    /// An underscore, which no host name holds.
    #[error("a host name can’t contain an underscore")]
    Underscore,
    /// A U-label or a stray character outside ASCII.
    #[error("the name must be in its ASCII form")]
    NonAscii,
    /// A bare IPv4 address. It fits the grammar (labels may be all digits) and matches no host.
    #[error("this is an IP address; name the mail server")]
    IpAddress,
    /// An address literal or a bare IPv6 address.
    #[error("this is an IP address; name the mail server")]
    AddressLiteral,
    /// Two dots in a row.
    #[error("there are two dots in a row")]
    EmptyLabel,
    /// A dot in front.
    #[error("the name begins with a dot")]
    LeadingDot,
    /// A label begins or ends with a hyphen.
    #[error("a part of the name begins or ends with a hyphen")]
    BadHyphen,
    /// A label that the DNS can't hold (RFC 1035 2.3.4). It fits the grammar and matches no host.
    #[error("a part of the name is longer than the 63 characters that the DNS allows")]
    LabelTooLong,
    /// A name that the DNS can't hold.
    #[error("the name is longer than the 253 characters that the DNS allows")]
    NameTooLong,
    /// A label that begins with `xn--` and stands for no international name (RFC 5890 2.3.2.1).
    /// It fits the grammar; some senders then ignore the whole policy.
    #[error("a part of the name begins with “xn--”, but can’t be decoded to an international name")]
    NotDecodable,
    /// Any other character.
    #[error("the character “{}” can’t be part of a host \
             name", crate::escaped(&character.to_string(), 12))]
    Other {
        /// The first such character.
        character: char,
        /// Where it stands in the value, in characters from 1.
        column: usize,
    },
}

impl MxPattern {
    /// Reads one value that is to be written into a policy; nothing is trimmed.
    ///
    /// # Errors
    ///
    /// The likeliest cause. Refused although the grammar allows them: a bare IPv4 address, what is
    /// too long for the DNS, and what can't be decoded.
    pub fn parse(text: &str) -> Result<Self, MxPatternError> {
        let pattern = Self::from_grammar(text)?;
        let is_undecodable =
            |label| punycode_of(label).is_some_and(|it| punycode::decode_to_string(it).is_none());
        if pattern.is_ip_address() {
            Err(MxPatternError::IpAddress)
        } else if pattern.has_long_label() {
            Err(MxPatternError::LabelTooLong)
        } else if pattern.name().len() > MAX_NAME_OCTETS {
            Err(MxPatternError::NameTooLong)
        } else if pattern.name().split('.').any(is_undecodable) {
            Err(MxPatternError::NotDecodable)
        } else {
            Ok(pattern)
        }
    }

    /// Exactly RFC 8461 3.2, for policies as they are published.
    pub(crate) fn from_grammar(text: &str) -> Result<Self, MxPatternError> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        if name.split('.').all(is_label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(MxPatternError::of(text))
        }
    }

    /// The pattern as written into a policy: lower case ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern begins with `*.`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// Whether this is a bare IPv4 address, which names no host.
    #[must_use]
    pub fn is_ip_address(&self) -> bool {
        self.0.parse::<Ipv4Addr>().is_ok()
    }

    /// Whether the policy allows `host` by this pattern (RFC 8461 4.1): without case, one trailing
    /// dot of `host` ignored, a wildcard standing for exactly one label.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        match self.0.strip_prefix("*.") {
            None => host.eq_ignore_ascii_case(&self.0),
            Some(parent) => host.split_once('.').is_some_and(|(label, rest)| {
                !label.is_empty() && rest.eq_ignore_ascii_case(parent)
            }),
        }
    }
}

impl MxPattern {
    /// Why no host of the DNS can have such a name, though the grammar allows it. Completes the
    /// sentence “the line names …, ”.
    pub(crate) fn why_it_never_matches(&self) -> Option<&'static str> {
        let name = self.name();
        if self.has_long_label() {
            Some("of which one part is longer than the 63 characters that the DNS allows")
        } else if name.len() > MAX_NAME_OCTETS {
            Some("which is longer than the 253 characters that the DNS allows")
        } else if !name.contains('.') {
            Some("which is only the first part of a name")
        } else {
            None
        }
    }

    /// Without the wildcard.
    fn name(&self) -> &str {
        self.0.strip_prefix("*.").unwrap_or(&self.0)
    }

    fn has_long_label(&self) -> bool {
        let mut labels = self.name().split('.');
        labels.any(|label| label.len() > MAX_LABEL_OCTETS)
    }
}

/// What stands behind `xn--` in a label that begins with it.
pub(crate) fn punycode_of(label: &str) -> Option<&str> {
    let (start, encoded) = label.split_at_checked(4)?;
    start.eq_ignore_ascii_case("xn--").then_some(encoded)
}

/// `Let-dig [Ldh-str]` of RFC 5321 4.1.2.
fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

impl MxPatternError {
    /// The likeliest cause why `text`, which is outside the grammar, is.
    fn of(text: &str) -> Self {
        let name = text.strip_prefix("*.").unwrap_or(text);
        if text.is_empty() {
            return Self::Empty;
        }
        if text.contains("://") {
            return Self::Url;
        }
        if text.contains([',', ';']) || text.contains(char::is_whitespace) {
            return if hosts_of(text).len() == 1 && has_priority(text) {
                Self::Priority
            } else {
                Self::CommaOrSpaceList
            };
        }
        if text.contains('@') {
            return Self::MailAddress;
        }
        if text.starts_with('[') || text.parse::<IpAddr>().is_ok() {
            return Self::AddressLiteral;
        }
        if text == "*" || text == "*." {
            return Self::BareStar;
        }
        if name.contains('*') {
            return Self::InnerStar;
        }
        if !text.is_ascii() {
            return Self::NonAscii;
        }
        if name.contains('_') {
            return Self::Underscore;
        }
        let is_other = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '*');
        if let Some((at, character)) = text.chars().enumerate().find(|(_, c)| is_other(c)) {
            let column = at + 1;
            return Self::Other { character, column };
        }
        if name.starts_with('.') {
            return Self::LeadingDot;
        }
        if name.contains("..") {
            return Self::EmptyLabel;
        }
        if name.ends_with('.') {
            return Self::TrailingDot;
        }
        if name.is_empty() {
            return Self::BareStar;
        }
        Self::BadHyphen
    }

    /// The value, or values of several lines, that `found` was probably meant as; empty where
    /// nothing can be derived from it.
    #[must_use]
    pub fn suggestion(&self, found: &str) -> Vec<String> {
        let meant: Vec<String> = match self {
            Self::CommaOrSpaceList | Self::Priority => hosts_of(found),
            Self::TrailingDot => vec![found.trim_end_matches('.').to_owned()],
            Self::LeadingDot => {
                // `.example.com` is how other files write “every host below”.
                let name = found.strip_prefix("*.").unwrap_or(found);
                vec![format!("*.{}", name.trim_start_matches('.'))]
            }
            Self::EmptyLabel => {
                vec![
                    found
                        .split('.')
                        .filter(|label| !label.is_empty())
                        .collect::<Vec<_>>()
                        .join("."),
                ]
            }
            Self::Url | Self::NonAscii => {
                let (star, name) = match found.strip_prefix("*.") {
                    Some(name) => ("*.", name),
                    None => ("", found),
                };
                let domain = Domain::parse(name);
                domain
                    .map(|domain| format!("{star}{domain}"))
                    .into_iter()
                    .collect()
            }
            Self::Other { .. } => {
                vec![
                    found
                        .trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '*')
                        .to_owned(),
                ]
            }
            Self::Empty
            | Self::BareStar
            | Self::InnerStar
            | Self::MailAddress
            | Self::Underscore
            | Self::IpAddress
            | Self::AddressLiteral
            | Self::BadHyphen
            | Self::LabelTooLong
            | Self::NameTooLong
            | Self::NotDecodable => Vec::new(),
        };
        let patterns: Result<Vec<_>, _> =
            meant.iter().map(|value| MxPattern::parse(value)).collect();
        patterns
            .unwrap_or_default()
            .into_iter()
            .map(String::from)
            .collect()
    }
}

/// The hosts of a list, without preferences and trailing dots.
fn hosts_of(list: &str) -> Vec<String> {
    list.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .map(|item| item.trim_matches(|c: char| matches!(c, '"' | '\'' | '.')))
        .filter(|item| item.bytes().any(|byte| !byte.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

/// Whether the list begins with the preference of an MX record.
fn has_priority(list: &str) -> bool {
    list.split_whitespace()
        .next()
        .is_some_and(|item| item.bytes().all(|byte| byte.is_ascii_digit()))
}

impl fmt::Display for MxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for MxPattern {
    type Err = MxPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for MxPattern {
    type Error = MxPatternError;

    /// By the grammar alone, so that a published policy survives being saved.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_grammar(&text)
    }
}

impl From<MxPattern> for String {
    fn from(pattern: MxPattern) -> Self {
        pattern.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_that_of_rfc_5321_domains() {
        for text in [
            "a",
            "mx.example.com",
            "*.a",
            "*.example.com",
            "1",
            "1-2.3--4.example",
            "xn--bcher-kva.b",
        ] {
            assert_eq!(MxPattern::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(
            MxPattern::parse("*.MX.Example").unwrap().as_str(),
            "*.mx.example"
        );
    }

    #[test]
    fn what_the_grammar_allows_and_no_sender_can_use_is_never_written() {
        use MxPatternError::*;
        let label = "a".repeat(64);
        let name = vec!["a".repeat(63); 4].join(".");
        for (text, error) in [
            ("192.0.2.1", IpAddress),
            (&label, LabelTooLong),
            (&format!("*.{label}.example"), LabelTooLong),
            (&name, NameTooLong),
            ("mx.XN--zzzzzz99999.example", NotDecodable),
        ] {
            assert!(MxPattern::from_grammar(text).is_ok(), "{text}");
            assert_eq!(MxPattern::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn each_cause_has_a_name_and_where_it_can_a_cure() {
        use MxPatternError::*;
        let none: &[&str] = &[];
        let cases = [
            ("", Empty, none),
            (
                "mx1.a.com, mx2.a.com",
                CommaOrSpaceList,
                &["mx1.a.com", "mx2.a.com"],
            ),
            (
                "mx1.a.com mx2.a.com.",
                CommaOrSpaceList,
                &["mx1.a.com", "mx2.a.com"],
            ),
            (
                "10 mx1.a.com, 20 mx2.a.com",
                CommaOrSpaceList,
                &["mx1.a.com", "mx2.a.com"],
            ),
            (
                "mx1.a.com;mx2.a.com",
                CommaOrSpaceList,
                &["mx1.a.com", "mx2.a.com"],
            ),
            ("10 mx.example.com.", Priority, &["mx.example.com"]),
            ("*", BareStar, none),
            ("*.", BareStar, none),
            ("mx*.example.com", InnerStar, none),
            ("*.*.example.com", InnerStar, none),
            ("mx.*.example.com", InnerStar, none),
            ("mx.example.com.", TrailingDot, &["mx.example.com"]),
            ("*.example.com.", TrailingDot, &["*.example.com"]),
            ("postmaster@example.com", MailAddress, none),
            ("https://mx.example.com/", Url, &["mx.example.com"]),
            ("://google.com", Url, &["google.com"]),
            ("mx_1.example.com", Underscore, none),
            ("bücher.example", NonAscii, &["xn--bcher-kva.example"]),
            ("192.0.2.1", IpAddress, none),
            ("[192.0.2.1]", AddressLiteral, none),
            ("2001:db8::1", AddressLiteral, none),
            ("mx..example.com", EmptyLabel, &["mx.example.com"]),
            (".example.com", LeadingDot, &["*.example.com"]),
            ("*..example.com", LeadingDot, &["*.example.com"]),
            ("-mx.example.com", BadHyphen, none),
            ("mx-.example.com", BadHyphen, none),
            (
                "\"mx.example.com\"",
                Other {
                    character: '"',
                    column: 1,
                },
                &["mx.example.com"],
            ),
            (
                "mx.example.com:25",
                Other {
                    character: ':',
                    column: 15,
                },
                none,
            ),
        ];
        for (text, error, cure) in cases {
            assert_eq!(MxPattern::parse(text), Err(error), "{text:?}");
            assert_eq!(error.suggestion(text), cure, "{text:?}");
            assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn a_wildcard_covers_exactly_one_label() {
        let wildcard = MxPattern::parse("*.example.com").unwrap();
        for (host, is_covered) in [
            ("mx.example.com", true),
            ("MX.EXAMPLE.COM.", true),
            ("mx_1.example.com", true),
            ("example.com", false),
            (".example.com", false),
            ("a.mx.example.com", false),
            ("mxexample.com", false),
            ("mx.example.com.evil.example", false),
            ("", false),
        ] {
            assert_eq!(wildcard.matches(host), is_covered, "{host:?}");
        }
        let exact = MxPattern::parse("mx.example.com").unwrap();
        assert!(exact.matches("Mx.Example.Com."));
        assert!(!exact.matches("mx.example.com.."));
        assert!(!exact.matches("a.mx.example.com"));
    }

    #[test]
    fn a_published_address_survives_being_saved() {
        let pattern = MxPattern::from_grammar("192.0.2.1").unwrap();
        let saved = serde_json::to_string(&pattern).unwrap();
        assert_eq!(serde_json::from_str::<MxPattern>(&saved).unwrap(), pattern);
        assert!(serde_json::from_str::<MxPattern>("\"a_b\"").is_err());
    }
}
