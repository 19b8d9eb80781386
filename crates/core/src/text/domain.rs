//! The mail domain a policy belongs to, as a person types or pastes it, and the names derived
//! from it. Host names out of the DNS, which may hold underscores, are no [`Domain`]s.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

/// Longest label of a name, in octets (RFC 1035 2.3.4).
pub(crate) const MAX_LABEL_OCTETS: usize = 63;
/// Longest name in its written form, in octets (RFC 1035 2.3.4).
pub(crate) const MAX_NAME_OCTETS: usize = 253;

/// A registered domain or a name below one: at least two labels, lower case A-labels inside
/// (RFC 5890 2.3.2.1), no trailing dot.
///
/// ```
/// use mta_sts_core::Domain;
/// let domain: Domain = "postmaster@Bücher.example".parse()?;
/// assert_eq!(domain.as_str(), "xn--bcher-kva.example");
/// assert_eq!(domain.to_unicode(), "bücher.example");
/// assert_eq!(domain.mta_sts_record_name(), "_mta-sts.xn--bcher-kva.example");
/// # Ok::<(), mta_sts_core::DomainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Domain(String);

/// Why a text names no mail domain. Columns count characters of the text as given, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Nothing was typed.
    #[error("type the domain that receives your mail, such as example.com")]
    Empty,
    /// An IPv4 or IPv6 address.
    #[error("this is an IP address; type the domain, such as example.com")]
    IpAddress,
    /// One label, such as `localhost` or `example`.
    #[error("“{0}” has no dot; type the whole domain, such as {0}.com")]
    SingleLabel(String),
    /// A label over 63 octets in its ASCII form.
    #[error("the part “{0}” is too long; each part can have at most 63 characters")]
    LabelTooLong(String),
    /// The name is over 253 octets in its ASCII form.
    #[error("the name is too long; it can have at most 253 characters")]
    TooLong,
    /// A character no domain may hold.
    #[error("the character {} at position {column} can’t be part of a domain", named(*character))]
    IllegalCharacter {
        /// The character itself.
        character: char,
        /// Where it stands, from 1.
        column: usize,
    },
    /// Two dots in a row, or a dot in front.
    #[error("there is an extra dot at position {column}")]
    EmptyLabel {
        /// Where the dot stands, from 1.
        column: usize,
    },
    /// A label begins or ends with a hyphen.
    #[error("the part “{0}” begins or ends with a hyphen")]
    BadHyphen(String),
    /// Not a name of the internationalised form (UTS #46).
    #[error("“{0}” isn’t a valid international name")]
    InvalidInternational(String),
    /// The last label is all digits, which no top-level domain is (RFC 3696 2).
    #[error("a domain can’t end with “{0}”")]
    NumericEnding(String),
}

impl Domain {
    /// Reads what a person types or pastes: a domain, a mail address, an address of the web
    /// (its host is taken, `www.` included), with capitals, quotes, a trailing dot or U-labels.
    ///
    /// # Errors
    ///
    /// The first thing wrong with the name, as a [`DomainError`].
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        // One character for another, so that columns stay those of the text.
        let with_hyphens: String = text
            .chars()
            .map(|c| if is_dash(c) { '-' } else { c })
            .collect();
        let text = with_hyphens.as_str();
        let (start, host) = pasted_host(text);
        if host.is_empty() {
            return Err(DomainError::Empty);
        }
        if host.parse::<IpAddr>().is_ok() {
            return Err(DomainError::IpAddress);
        }
        // No longer text can have a good ASCII form: four bytes a character at most.
        if host.len() > 4 * MAX_NAME_OCTETS {
            return Err(DomainError::TooLong);
        }
        let column_of = |at: usize| text[..start + at].chars().count() + 1;
        if let Some((at, character)) = host.char_indices().find(|(_, c)| is_illegal_ascii(*c)) {
            let column = column_of(at);
            return Err(DomainError::IllegalCharacter { character, column });
        }
        let name = match Uts46::new().to_ascii(
            host.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Allow,
            DnsLength::Ignore,
        ) {
            Ok(name) => name.strip_suffix('.').unwrap_or(&name).to_owned(),
            Err(_) => {
                return Err(
                    match host.char_indices().find(|(_, c)| !may_stand_in_a_name(*c)) {
                        Some((at, character)) => DomainError::IllegalCharacter {
                            character,
                            column: column_of(at),
                        },
                        None => DomainError::InvalidInternational(host.to_owned()),
                    },
                );
            }
        };
        Self::checked(name, |dot| column_of(nth_dot(host, dot)))
    }

    /// Reads what a person types for the domain, the names derived from it included: `_mta-sts.`,
    /// `_smtp._tls.` or `mta-sts.` in front, as in the address of the policy. What was left out is
    /// said in a sentence.
    ///
    /// ```
    /// use mta_sts_core::Domain;
    /// let (domain, remark) = Domain::from_person("_mta-sts.example.com")?;
    /// assert_eq!(domain.as_str(), "example.com");
    /// assert!(remark.unwrap().contains("name of the MTA-STS record"));
    /// # Ok::<(), mta_sts_core::DomainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Domain::parse`].
    pub fn from_person(text: &str) -> Result<(Self, Option<String>), DomainError> {
        const DERIVED: [(&str, &str); 4] = [
            ("_mta-sts.", "the name of the MTA-STS record"),
            ("_smtp._tls.", "the name of the TLS-RPT record"),
            ("_dmarc.", "the name of the DMARC record"),
            ("mta-sts.", "the web host of the policy"),
        ];
        let (_, host) = pasted_host(text);
        let derived = DERIVED.iter().find_map(|(front, is)| {
            let starts = host.get(..front.len())?.eq_ignore_ascii_case(front);
            let domain = starts.then(|| Self::parse(&host[front.len()..]).ok())??;
            Some((domain, *is))
        });
        let Some((domain, is)) = derived else {
            return Self::parse(text).map(|domain| (domain, None));
        };
        let typed = crate::escaped(host, MAX_NAME_OCTETS);
        let remark = format!("{typed} is {is}. The domain {domain} is meant.");
        Ok((domain, Some(remark)))
    }

    /// `name` is ASCII without a character outside letters, digits, hyphens and dots.
    fn checked(name: String, column_of_dot: impl Fn(usize) -> usize) -> Result<Self, DomainError> {
        if name.is_empty() {
            return Err(DomainError::EmptyLabel {
                column: column_of_dot(0),
            });
        }
        for (index, label) in name.split('.').enumerate() {
            if label.is_empty() {
                return Err(DomainError::EmptyLabel {
                    column: column_of_dot(index),
                });
            }
            if label.len() > MAX_LABEL_OCTETS {
                return Err(DomainError::LabelTooLong(label.to_owned()));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(DomainError::BadHyphen(label.to_owned()));
            }
        }
        if name.len() > MAX_NAME_OCTETS {
            return Err(DomainError::TooLong);
        }
        match name.rsplit_once('.') {
            None => Err(DomainError::SingleLabel(name)),
            Some((_, last)) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(DomainError::NumericEnding(last.to_owned()))
            }
            Some(_) => Ok(Self(name)),
        }
    }

    /// The A-label form: lower case ASCII, no trailing dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The U-label form for people; the A-label form where it would not lead back to this name.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        let uts46 = Uts46::new();
        let (shown, verdict) =
            uts46.to_unicode(self.0.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow);
        let back = uts46.to_ascii(
            shown.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Allow,
            DnsLength::Ignore,
        );
        match (verdict, back) {
            (Ok(()), Ok(name)) if name == self.0 => shown.into_owned(),
            _ => self.0.clone(),
        }
    }

    /// Whether any label is an internationalised one (`xn--`).
    #[must_use]
    pub fn is_idn(&self) -> bool {
        self.0.split('.').any(|label| label.starts_with("xn--"))
    }

    /// Name of the MTA-STS record (RFC 8461 3.1).
    #[must_use]
    pub fn mta_sts_record_name(&self) -> String {
        format!("_mta-sts.{self}")
    }

    /// Name of the TLS-RPT record (RFC 8460 3).
    #[must_use]
    pub fn tls_rpt_record_name(&self) -> String {
        format!("_smtp._tls.{self}")
    }

    /// Name of the record that says where the DNS provider describes itself (Domain Connect).
    #[must_use]
    pub fn domain_connect_record_name(&self) -> String {
        format!("_domainconnect.{self}")
    }

    /// Name of the web host that serves the policy (RFC 8461 3.2).
    #[must_use]
    pub fn policy_host(&self) -> String {
        format!("mta-sts.{self}")
    }

    /// The one address the policy is fetched from (RFC 8461 3.2).
    #[must_use]
    pub fn policy_url(&self) -> String {
        format!("https://mta-sts.{self}/.well-known/mta-sts.txt")
    }
}

/// A host name as compared and shown: lower case, without the one trailing dot that DNS answers
/// print. `None` for the root and for no name at all.
#[must_use]
pub fn host_name(text: &str) -> Option<String> {
    let name = text.trim();
    let name = name.strip_suffix('.').unwrap_or(name);
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// The host within pasted text, and the byte it begins at.
fn pasted_host(text: &str) -> (usize, &str) {
    let mut host = trimmed_of_wrapping(text);
    // `Name <user@example.com>` as mail programs copy it.
    if let Some((_, address)) = host.strip_suffix('>').and_then(|h| h.rsplit_once('<')) {
        host = address;
    }
    host = match host.split_once("://") {
        Some((_, rest)) => rest,
        None => host.strip_prefix("//").unwrap_or(host),
    };
    if let Some((scheme, rest)) = host.split_once(':')
        && scheme.eq_ignore_ascii_case("mailto")
    {
        host = rest;
    }
    host = host.split(['/', '?', '#']).next().unwrap_or(host);
    if let Some((_, rest)) = host.rsplit_once('@') {
        host = rest;
    }
    if let Some((name, port)) = host.rsplit_once(':')
        && !name.contains(':')
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        host = name;
    }
    if let Some(literal) = host.strip_prefix('[') {
        // `[2001:db8::1]:443`: only the address within matters, and only to be named as one.
        let inside = literal.split(']').next().unwrap_or(literal);
        let address = inside.get(..5).map_or(inside, |tag| {
            if tag.eq_ignore_ascii_case("IPv6:") {
                &inside[5..]
            } else {
                inside
            }
        });
        if address.parse::<IpAddr>().is_ok() {
            host = address;
        }
    }
    let host = trimmed_of_wrapping(host);
    (host.as_ptr().addr() - text.as_ptr().addr(), host)
}

fn trimmed_of_wrapping(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '<' | '>' | '“' | '”' | '„' | '‘' | '’' | '\u{feff}'
            )
    })
}

fn is_illegal_ascii(character: char) -> bool {
    character.is_ascii() && !character.is_ascii_alphanumeric() && !matches!(character, '-' | '.')
}

/// Whether UTS #46 allows the character in some name: alone, or after a letter as a combining
/// mark must stand.
fn may_stand_in_a_name(character: char) -> bool {
    [character.to_string(), format!("a{character}")]
        .iter()
        .any(|label| {
            Uts46::new()
                .to_ascii(
                    label.as_bytes(),
                    AsciiDenyList::STD3,
                    Hyphens::Allow,
                    DnsLength::Ignore,
                )
                .is_ok()
        })
}

/// Byte of the dot after label number `index`; UTS #46 counts these four as dots.
fn nth_dot(host: &str, index: usize) -> usize {
    host.char_indices()
        .filter(|(_, c)| matches!(c, '.' | '。' | '．' | '｡'))
        .nth(index)
        .map_or(host.len(), |(at, _)| at)
}

fn named(character: char) -> String {
    match character {
        ' ' => "“ ” (a space)".to_owned(),
        '_' => "“_” (an underscore)".to_owned(),
        ',' => "“,” (a comma)".to_owned(),
        _ => format!("“{}”", crate::escaped(&character.to_string(), 12)),
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Domain {
    type Error = DomainError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.0
    }
}

/// What a name was probably meant to be where the domain was added to its end by mistake, as a zone
/// file does to a name without a dot: `user.github.io.example.com` in `example.com`.
pub(crate) fn without_added_domain<'a>(name: &'a str, domain: &Domain) -> Option<&'a str> {
    let meant = name.strip_suffix(domain.as_str())?.strip_suffix('.')?;
    let is_whole = Domain::parse(meant).is_ok_and(|it| it.as_str() == meant);
    is_whole.then_some(meant)
}

/// Whether a name is this one or one below it.
pub(crate) fn is_at_or_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A dash that word processors and web pages put in the place of a hyphen.
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_derived_from_a_domain_lead_back_to_it() {
        for text in [
            "_mta-sts.Example.com.",
            "_smtp._tls.example.com",
            "mta-sts.example.com",
            "https://mta-sts.example.com/.well-known/mta-sts.txt",
        ] {
            let (domain, remark) = Domain::from_person(text).unwrap();
            assert_eq!(domain.as_str(), "example.com", "{text}");
            assert!(
                remark
                    .unwrap()
                    .ends_with("The domain example.com is meant.")
            );
        }
        for text in ["example.com", "a@example.com", "mta-sts.com", "_mta-sts"] {
            let typed = Domain::from_person(text);
            assert_eq!(
                typed.map(|(domain, _)| domain),
                Domain::parse(text),
                "{text}"
            );
        }
    }

    #[test]
    fn dashes_of_word_processors_are_hyphens() {
        for text in ["mx\u{2011}1.example.com", "mx\u{2013}1.example.com"] {
            assert_eq!(Domain::parse(text).unwrap().as_str(), "mx-1.example.com");
        }
    }

    #[test]
    fn what_people_paste_is_understood() {
        for text in [
            "example.com",
            " Example.COM. ",
            "user@example.com",
            "Jo <user@example.com>",
            "<user@example.com>",
            "\"example.com\"",
            "“example.com”",
            "mailto:user@example.com?subject=x",
            "MAILTO:user@example.com",
            "https://example.com/path?x#y",
            "https://me:pw@example.com:8443/",
            "smtp://example.com:25",
            "//example.com/",
            "example.com/path",
            "example.com:25",
            "example。com",
            "exam\u{ad}ple.com",
            "ｅｘａｍｐｌｅ.com",
        ] {
            let domain = Domain::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(domain.as_str(), "example.com", "{text:?}");
            assert!(!domain.is_idn());
        }
        let www = Domain::parse("https://www.example.com/path?x").unwrap();
        assert_eq!(www.as_str(), "www.example.com");
    }

    #[test]
    fn what_is_no_domain_is_named() {
        use DomainError::*;
        let cases = [
            ("", Empty),
            (" \t", Empty),
            ("https://", Empty),
            ("192.0.2.1", IpAddress),
            ("https://192.0.2.1:443/", IpAddress),
            ("2001:db8::1", IpAddress),
            ("user@[IPv6:2001:db8::1]", IpAddress),
            ("http://[2001:db8::1]:80/", IpAddress),
            ("localhost", SingleLabel("localhost".to_owned())),
            ("example.", SingleLabel("example".to_owned())),
            (
                "my_shop.example.com",
                IllegalCharacter {
                    character: '_',
                    column: 3,
                },
            ),
            (
                "https://my_shop.example.com",
                IllegalCharacter {
                    character: '_',
                    column: 11,
                },
            ),
            (
                "a@é b.example",
                IllegalCharacter {
                    character: ' ',
                    column: 4,
                },
            ),
            (
                "a.example, b.example",
                IllegalCharacter {
                    character: ',',
                    column: 10,
                },
            ),
            (
                "exa\u{202e}mple.com",
                IllegalCharacter {
                    character: '\u{202e}',
                    column: 4,
                },
            ),
            ("example..com", EmptyLabel { column: 9 }),
            (".example.com", EmptyLabel { column: 1 }),
            ("example.com..", EmptyLabel { column: 13 }),
            (".", EmptyLabel { column: 1 }),
            ("-a.example", BadHyphen("-a".to_owned())),
            ("a-.example", BadHyphen("a-".to_owned())),
            (
                "xn--a-ä.example",
                InvalidInternational("xn--a-ä.example".to_owned()),
            ),
            ("1.2.3", NumericEnding("3".to_owned())),
        ];
        for (text, error) in cases {
            assert!(!error.to_string().is_empty());
            assert_eq!(Domain::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_those_of_the_ascii_form() {
        let label = "a".repeat(63);
        assert!(Domain::parse(&format!("{label}.example")).is_ok());
        let long = format!("{label}a");
        assert_eq!(
            Domain::parse(&format!("{long}.example")),
            Err(DomainError::LabelTooLong(long))
        );
        let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        assert_eq!(longest.len(), 253);
        assert_eq!(Domain::parse(&longest).unwrap().as_str(), longest);
        assert_eq!(
            Domain::parse(&format!("{longest}b")),
            Err(DomainError::TooLong)
        );
        assert_eq!(
            Domain::parse(&"例.".repeat(100_000)),
            Err(DomainError::TooLong)
        );
        let umlauts = format!("{}.example", "ü".repeat(63));
        assert!(matches!(
            Domain::parse(&umlauts),
            Err(DomainError::LabelTooLong(_))
        ));
    }

    #[test]
    fn international_names_go_both_ways() {
        for (shown, ascii) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ] {
            let domain = Domain::parse(shown).unwrap();
            assert_eq!(domain.as_str(), ascii);
            assert_eq!(domain.to_unicode(), shown);
            assert!(domain.is_idn());
            assert_eq!(Domain::parse(ascii), Ok(domain));
        }
    }

    #[test]
    fn derived_names_and_saved_form() {
        let domain = Domain::parse("example.com").unwrap();
        assert_eq!(domain.mta_sts_record_name(), "_mta-sts.example.com");
        assert_eq!(domain.tls_rpt_record_name(), "_smtp._tls.example.com");
        assert_eq!(domain.policy_host(), "mta-sts.example.com");
        assert_eq!(
            domain.policy_url(),
            "https://mta-sts.example.com/.well-known/mta-sts.txt"
        );
        assert_eq!(serde_json::to_string(&domain).unwrap(), "\"example.com\"");
        assert_eq!(
            serde_json::from_str::<Domain>("\"example.com\"").unwrap(),
            domain
        );
        assert!(serde_json::from_str::<Domain>("\"a_b.com\"").is_err());
    }

    #[test]
    fn host_names_are_compared_in_one_form() {
        assert_eq!(
            host_name("MX1_a.Example.com."),
            Some("mx1_a.example.com".to_owned())
        );
        assert_eq!(host_name("."), None);
        assert_eq!(host_name(" "), None);
    }
}
