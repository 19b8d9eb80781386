//! An address for TLS reports (RFC 8460 3): a URI of RFC 3986 whose scheme is mailto or https and
//! in which `,`, `!` and `;` are percent-encoded.

use std::fmt;
use std::str::FromStr;

use memchr::{memchr, memchr2, memchr3, memrchr};
use serde::{Deserialize, Serialize};

use crate::text::domain::Domain;
use crate::text::txt_fields::split_once;

/// A mailto: or https: address, kept as written.
///
/// ```
/// use mta_sts_core::{ReportUri, ReportUriError};
/// assert_eq!(ReportUri::parse("tls@example.com"), Err(ReportUriError::NoScheme));
/// assert_eq!(ReportUri::from_person("tls@example.com")?.as_str(), "mailto:tls@example.com");
/// # Ok::<(), ReportUriError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ReportUri(String);

/// Why a text is no address for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportUriError {
    /// No text.
    #[error("it is empty")]
    Empty,
    /// No `mailto:` or `https:` in front.
    #[error("it must begin with mailto: or https:")]
    NoScheme,
    /// `http:`, which RFC 8460 does not allow.
    #[error("http: is not allowed, only https:")]
    Http,
    /// Another scheme.
    #[error("only mailto: and https: are allowed")]
    OtherScheme,
    /// `,`, `!` or `;`, as in the size limit `!10m` of a DMARC record.
    #[error("the character {0} must be written as %{code:02X}", code = u32::from(*.0))]
    Unescaped(char),
    /// mailto: without `user@host`.
    #[error("the e-mail address is incomplete")]
    NoMailbox,
    /// Two mail addresses run together. An `@` before the last one needs quotes around the part
    /// before it (RFC 5321 4.1.2).
    #[error("it has more than one @; separate several addresses with commas")]
    SeveralAt,
    /// No host, or one that is no host name.
    #[error("the host name is missing or wrong")]
    NoHost,
    /// A percent sign without two hexadecimal digits.
    #[error("a percent sign must be followed by two hexadecimal digits")]
    BadPercentEncoding,
    /// A character no URI may hold as it is.
    #[error("the character “{}” can’t be part of it", crate::escaped(&.0.to_string(), 12))]
    IllegalCharacter(char),
}

impl ReportUri {
    /// Reads one address exactly as a record holds it; nothing is trimmed.
    ///
    /// # Errors
    ///
    /// The likeliest cause.
    pub fn parse(text: &str) -> Result<Self, ReportUriError> {
        if text.is_empty() {
            return Err(ReportUriError::Empty);
        }
        let (scheme, rest) = split_once(text, b':').ok_or(ReportUriError::NoScheme)?;
        let is_mail = scheme.eq_ignore_ascii_case("mailto");
        if !is_mail && !scheme.eq_ignore_ascii_case("https") {
            return Err(if scheme.eq_ignore_ascii_case("http") {
                ReportUriError::Http
            } else if is_scheme(scheme) {
                ReportUriError::OtherScheme
            } else {
                ReportUriError::NoScheme
            });
        }
        if !(is_mail && is_plain_mailbox(rest)) {
            check_characters(rest)?;
            if is_mail {
                check_mailbox(rest)?;
            } else {
                check_web_address(rest)?;
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads what a person types as one address: a bare mail address as well, white space, quotes,
    /// angle brackets or `rua=` around it, an international domain, and signs that must be
    /// percent-encoded.
    ///
    /// # Errors
    ///
    /// The likeliest cause.
    pub fn from_person(text: &str) -> Result<Self, ReportUriError> {
        let text = bare_address(text);
        if let Some((scheme, _)) = text.split_once(':')
            && is_scheme(scheme)
            && !scheme.eq_ignore_ascii_case("mailto")
        {
            return Self::parse(&percent_encoded(text, is_apart));
        }
        let address = without_mailto(text);
        let is_typed_bare = address.len() == text.len();
        if address.is_empty() && is_typed_bare {
            return Err(ReportUriError::Empty);
        }
        let must_encode = if is_typed_bare {
            is_to_be_encoded
        } else {
            is_apart
        };
        Self::to_mailbox(address, must_encode)
    }

    /// Reads what a person types or pastes as any number of addresses: also `Name <address>`, a list
    /// with commas or spaces, a `rua=` field or a whole record. Only addresses that stand in the
    /// text come out.
    ///
    /// # Errors
    ///
    /// The likeliest cause where there is no address, or one that is none.
    pub fn all_from_person(text: &str) -> Result<Vec<Self>, ReportUriError> {
        let error = match Self::from_person(text) {
            Ok(address) => return Ok(vec![address]),
            Err(error) => error,
        };
        // Around angle brackets stand names. Without them, what is no address was meant as one.
        let is_lost = |item: &str| {
            let item = item.trim();
            !item.is_empty() && !item.contains(['@', '=']) && !item.contains("://")
        };
        if !text.contains('<') && text.split([',', ';']).any(is_lost) {
            return Err(error);
        }
        let addresses = found_in(text).collect::<Result<Vec<_>, _>>()?;
        if addresses.is_empty() {
            return Err(error);
        }
        Ok(each_once(addresses))
    }

    /// The addresses that a faulty record was probably meant to have, as far as they can be read.
    pub(crate) fn meant_in(text: &str) -> Vec<Self> {
        each_once(found_in(text).filter_map(Result::ok))
    }

    /// Whether it is a URI, but not of a kind that RFC 8460 3 names. `http:` is a slip, and told as
    /// one.
    pub(crate) fn is_of_another_scheme(text: &str) -> bool {
        Self::parse(text) == Err(ReportUriError::OtherScheme)
            && split_once(text, b':').is_some_and(|(_, rest)| check_characters(rest).is_ok())
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether reports go by mail; otherwise they are posted to a web address.
    #[must_use]
    pub fn is_mail(&self) -> bool {
        self.0
            .split_once(':')
            .is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto"))
    }

    /// The host that receives the reports: the domain of the mailbox or of the web address, in
    /// lower case.
    #[must_use]
    pub fn host(&self) -> String {
        let rest = self.0.split_once(':').map_or("", |(_, rest)| rest);
        let authority = if self.is_mail() {
            mailbox_of(rest)
        } else {
            authority_of(rest)
        };
        without_port(host_of(authority)).to_ascii_lowercase()
    }

    /// `mailto:` and a mail address with an optional `?subject=…`; `must_encode` says what cannot
    /// stand in the user name as it is, besides what no URI holds.
    fn to_mailbox(address: &str, must_encode: fn(char) -> bool) -> Result<Self, ReportUriError> {
        let (user, rest) = user_and_host(address).ok_or(ReportUriError::NoMailbox)?;
        let (host, query) = rest
            .split_once('?')
            .map_or((rest, None), |(host, query)| (host, Some(query)));
        if host.contains('@') {
            return Err(ReportUriError::SeveralAt);
        }
        // A domain is read generously; here nothing else may stand beside it.
        if host.contains(|c: char| c.is_whitespace() || matches!(c, '/' | ':')) {
            return Err(ReportUriError::NoHost);
        }
        if !is_user_name(user) {
            return Err(ReportUriError::NoMailbox);
        }
        let host = Domain::parse(host).map_err(|_| ReportUriError::NoHost)?;
        let user = percent_encoded(user, |c| !is_uri_character(c) || must_encode(c));
        let query = query.map(|q| format!("?{}", percent_encoded(q, is_apart)));
        Self::parse(&format!(
            "mailto:{user}@{host}{}",
            query.unwrap_or_default()
        ))
    }
}

/// A text without what people leave around an address.
fn bare_address(text: &str) -> &str {
    let around = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';');
    let mut text = text.trim_matches(around);
    for quote in ['"', '\'', '`'] {
        let inside = text
            .strip_prefix(quote)
            .and_then(|it| it.strip_suffix(quote));
        text = inside.unwrap_or(text).trim_matches(around);
    }
    let field = text.get(..4).filter(|it| it.eq_ignore_ascii_case("rua="));
    let text = field.map_or(text, |field| &text[field.len()..]);
    text.trim_matches(around)
}

/// An address without `mailto:`, which some write twice, and without the slashes of a web address.
fn without_mailto(text: &str) -> &str {
    const SCHEME: &str = "mailto:";
    let mut rest = text;
    while let Some(after) = rest
        .get(..SCHEME.len())
        .filter(|it| it.eq_ignore_ascii_case(SCHEME))
        .map(|_| &rest[SCHEME.len()..])
    {
        rest = after.trim_start_matches('/').trim_start();
    }
    rest
}

/// What stands before and after the `@` that ends the user name: the first, or the one after its
/// quotes (RFC 5321 4.1.2).
fn user_and_host(address: &str) -> Option<(&str, &str)> {
    let quoted = address.strip_prefix('"').and_then(|it| it.find("\"@"));
    let at = quoted.map_or_else(|| address.find('@'), |at| Some(at + 2));
    at.map(|at| (&address[..at], &address[at + 1..]))
}

/// `Dot-string` or `Quoted-string` of RFC 5321 4.1.2, with letters of any language (RFC 6531 3.3).
fn is_user_name(user: &str) -> bool {
    let is_quoted = user.len() > 2 && user.starts_with('"') && user.ends_with('"');
    let fits = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~,;".contains(c)
            || !c.is_ascii() && !c.is_whitespace() && !c.is_control()
    };
    is_quoted
        || user
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(fits))
}

/// The addresses that stand in a text: those of its rua field where it has fields.
fn found_in(text: &str) -> impl Iterator<Item = Result<ReportUri, ReportUriError>> {
    const FIELDS: [&str; 11] = [
        "v", "rua", "ruf", "id", "p", "sp", "fo", "rf", "ri", "pct", "adkim",
    ];
    let is_between = |c: char| c.is_whitespace() || ",;\\\"“”„‘’'`<>()[]".contains(c);
    let is_field = |key: &str| FIELDS.iter().any(|field| key.eq_ignore_ascii_case(field));
    let mut counts = true;
    text.split(is_between).filter_map(move |item| {
        let mut item = item;
        while let Some((key, value)) = item.split_once('=') {
            if !is_field(key) && !value.starts_with("mailto:") && !value.starts_with("https:") {
                break;
            }
            counts = key.eq_ignore_ascii_case("rua");
            item = value;
        }
        if is_field(item) {
            counts = item.eq_ignore_ascii_case("rua");
        }
        // `!10m` limits the size of a report in a DMARC record; here it isn’t allowed.
        let item = item.split('!').next().unwrap_or(item);
        let is_address = item.contains('@') || item.contains("://");
        (counts && is_address).then(|| ReportUri::from_person(item))
    })
}

fn each_once(addresses: impl IntoIterator<Item = ReportUri>) -> Vec<ReportUri> {
    let mut each: Vec<ReportUri> = Vec::new();
    for address in addresses {
        if !each.contains(&address) {
            each.push(address);
        }
    }
    each
}

/// The characters of RFC 3986, percent signs followed by two digits, and not the three that
/// RFC 8460 3 sets apart.
fn check_characters(text: &str) -> Result<(), ReportUriError> {
    if text.bytes().all(|byte| IS_PLAIN[usize::from(byte)]) {
        return Ok(());
    }
    for (at, character) in text.char_indices() {
        if is_apart(character) {
            return Err(ReportUriError::Unescaped(character));
        }
        if character == '%' {
            let digits = text.as_bytes().get(at + 1..at + 3);
            if !digits.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)) {
                return Err(ReportUriError::BadPercentEncoding);
            }
        } else if !is_uri_character(character) {
            return Err(ReportUriError::IllegalCharacter(character));
        }
    }
    // A fragment is the one place for `#`; a second one is no URI.
    if text.matches('#').count() > 1 {
        return Err(ReportUriError::IllegalCharacter('#'));
    }
    Ok(())
}

/// `user@host` with nothing to encode and nothing behind it: nearly every address, in one pass.
fn is_plain_mailbox(rest: &str) -> bool {
    let is_plain = split_once(rest, b'@').is_some_and(|(user, host)| {
        let fits = |byte| IS_PLAIN[usize::from(byte)] && !matches!(byte, b'/' | b'?' | b'[' | b']');
        !user.is_empty() && user.bytes().all(fits) && is_host(host)
    });
    debug_assert!(
        !is_plain
            || check_characters(rest)
                .and_then(|()| check_mailbox(rest))
                .is_ok()
    );
    is_plain
}

/// `user@host` and perhaps `?headers` (RFC 6068 2).
fn check_mailbox(rest: &str) -> Result<(), ReportUriError> {
    let address = mailbox_of(rest);
    let parts = split_once(address, b'@').filter(|(user, _)| !user.is_empty());
    // Brackets enclose an address literal only; senders cannot be asked to understand one.
    let foreign = |text: &str| memchr3(b'/', b'[', b']', text.as_bytes());
    if parts.is_some_and(|(user, host)| is_host(host) && foreign(user).is_none()) {
        return Ok(());
    }
    Err(match (foreign(address), parts) {
        (Some(at), _) => ReportUriError::IllegalCharacter(char::from(address.as_bytes()[at])),
        (None, Some((_, host))) if !host.contains('@') => ReportUriError::NoHost,
        (None, _) => ReportUriError::NoMailbox,
    })
}

/// `//host[:port]` and the rest.
fn check_web_address(rest: &str) -> Result<(), ReportUriError> {
    if !rest.starts_with("//") {
        return Err(ReportUriError::NoHost);
    }
    let host = host_of(authority_of(rest));
    let port = &host[without_port(host).len()..];
    if !port.bytes().skip(1).all(|byte| byte.is_ascii_digit()) {
        return Err(ReportUriError::NoHost);
    }
    let name = &host[..host.len() - port.len()];
    let literal = name.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let is_literal = |text: &str| text.parse::<std::net::Ipv6Addr>().is_ok();
    if is_host(name) || literal.is_some_and(is_literal) {
        Ok(())
    } else {
        Err(ReportUriError::NoHost)
    }
}

/// Labels of letters, digits, hyphens and underscores, with dots between them.
fn is_host(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let mut after_dot = true;
    for byte in name.bytes() {
        let is_dot = byte == b'.';
        let fits = is_dot || byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !fits || is_dot && after_dot {
            return false;
        }
        after_dot = is_dot;
    }
    !after_dot
}

/// What stands between `mailto:` and the headers or the fragment.
fn mailbox_of(rest: &str) -> &str {
    before(rest, memchr2(b'?', b'#', rest.as_bytes()))
}

/// What stands between `//` and the path, the query or the fragment.
fn authority_of(rest: &str) -> &str {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    before(rest, memchr3(b'/', b'?', b'#', rest.as_bytes()))
}

/// What stands after the last `@`.
fn host_of(authority: &str) -> &str {
    let user = memrchr(b'@', authority.as_bytes());
    user.map_or(authority, |at| &authority[at + 1..])
}

fn before(text: &str, end: Option<usize>) -> &str {
    end.map_or(text, |end| &text[..end])
}

fn without_port(host: &str) -> &str {
    let literal = memrchr(b']', host.as_bytes());
    let after_literal = literal.map_or(0, |at| at + 1);
    let port = memchr(b':', &host.as_bytes()[after_literal..]);
    before(host, port.map(|at| after_literal + at))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// Unreserved, reserved and `%` (RFC 3986 2).
const fn is_uri_character(character: char) -> bool {
    matches!(
        character,
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~' | ':' | '/' | '?' | '#' | '['
            | ']' | '@' | '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=' | '%'
    )
}

/// The three characters that RFC 8460 3 sets apart.
const fn is_apart(character: char) -> bool {
    matches!(character, ',' | '!' | ';')
}

/// The bytes that may stand in a URI wherever they like and as often: nearly all that do.
const IS_PLAIN: [bool; 256] = {
    let mut is_plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let character = byte as char;
        is_plain[byte as usize] =
            is_uri_character(character) && !is_apart(character) && !matches!(character, '%' | '#');
        byte += 1;
    }
    is_plain
};

/// The characters of a user name that mean something else in a URI or in a record. `&` separates
/// header fields behind a `?` only (RFC 6068 2).
fn is_to_be_encoded(character: char) -> bool {
    is_apart(character) || matches!(character, '/' | '?' | '#' | '[' | ']' | '@' | '%' | ':')
}

fn percent_encoded(text: &str, must_encode: impl Fn(char) -> bool) -> String {
    let encoded = |character: char| {
        let text = character.to_string();
        if must_encode(character) {
            text.bytes().fold(String::new(), |encoded, byte| {
                encoded + &format!("%{byte:02X}")
            })
        } else {
            text
        }
    };
    text.chars().map(encoded).collect()
}

impl fmt::Display for ReportUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ReportUri {
    type Err = ReportUriError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ReportUri {
    type Error = ReportUriError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ReportUri> for String {
    fn from(address: ReportUri) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_written() {
        for (text, host) in [
            ("mailto:tls@example.com", "example.com"),
            ("MAILTO:tls@Example.com", "example.com"),
            ("mailto:a%2Cb@example.com?subject=x", "example.com"),
            ("mailto:tls@example.com#a@b", "example.com"),
            ("https://example.com/v1/tls?key=a=b#c", "example.com"),
            ("https://user@example.com:8443", "example.com"),
            ("https://[2001:db8::1]:443/x", "[2001:db8::1]"),
        ] {
            let address = ReportUri::parse(text).unwrap();
            assert_eq!(address.as_str(), text);
            assert_eq!(address.host(), host, "{text}");
            assert_eq!(
                address.is_mail(),
                text.to_lowercase().starts_with("mailto:")
            );
        }
    }

    #[test]
    fn each_cause_has_a_name() {
        use ReportUriError::*;
        for (text, cause) in [
            ("", Empty),
            ("tls@example.com", NoScheme),
            ("//example.com", NoScheme),
            ("example.com/a:b", NoScheme),
            ("http://example.com/", Http),
            ("ftp://example.com/", OtherScheme),
            ("mailto:", NoMailbox),
            ("mailto:tls", NoMailbox),
            ("mailto:@example.com", NoMailbox),
            ("mailto:a@b@example.com", NoMailbox),
            ("mailto:tls@", NoHost),
            ("mailto:tls@a..b", NoHost),
            ("mailto:tls@.a", NoHost),
            ("mailto:tls@a..", NoHost),
            ("mailto:tls@.", NoHost),
            ("mailto:tls@example.com!10m", Unescaped('!')),
            ("mailto:a,b@example.com", Unescaped(',')),
            ("https://example.com/;x", Unescaped(';')),
            ("https:example.com", NoHost),
            ("https://", NoHost),
            ("https:///x", NoHost),
            ("https://example.com:x/", NoHost),
            ("https://[::g]/", NoHost),
            ("mailto:a%2@example.com", BadPercentEncoding),
            ("https://example.com/%", BadPercentEncoding),
            ("https://example.com/a b", IllegalCharacter(' ')),
            ("https://exämple.com/", IllegalCharacter('ä')),
            ("https://example.com/#a#b", IllegalCharacter('#')),
            ("mailto:<tls@example.com>", IllegalCharacter('<')),
        ] {
            assert_eq!(ReportUri::parse(text), Err(cause), "{text:?}");
            assert!(!cause.to_string().is_empty());
        }
        assert_eq!(
            Unescaped('!').to_string(),
            "the character ! must be written as %21"
        );
    }

    #[test]
    fn a_person_may_write_as_usual() {
        for (text, uri) in [
            ("tls@example.com", "mailto:tls@example.com"),
            (" <tls@Example.com> ", "mailto:tls@example.com"),
            ("mailto:tls@example.com", "mailto:tls@example.com"),
            ("mailto:a,b@example.com", "mailto:a%2Cb@example.com"),
            (
                "größe!@bücher.example",
                "mailto:gr%C3%B6%C3%9Fe%21@xn--bcher-kva.example",
            ),
            ("https://example.com/a,b", "https://example.com/a%2Cb"),
            ("mailto:mailto:tls@example.com", "mailto:tls@example.com"),
            ("mailto://tls@example.com", "mailto:tls@example.com"),
            ("RUA=mailto:tls@example.com;", "mailto:tls@example.com"),
            ("\"tls@example.com\",", "mailto:tls@example.com"),
            ("tls@example.com.", "mailto:tls@example.com"),
            ("a?b@example.com", "mailto:a%3Fb@example.com"),
            (
                "tls@example.com?subject=a@b",
                "mailto:tls@example.com?subject=a@b",
            ),
        ] {
            let address = ReportUri::from_person(text).unwrap();
            assert_eq!(address.as_str(), uri, "{text:?}");
            assert_eq!(ReportUri::from_person(uri).unwrap().as_str(), uri);
        }
        for (text, cause) in [
            ("", ReportUriError::Empty),
            ("example.com", ReportUriError::NoMailbox),
            ("tls@", ReportUriError::NoHost),
            ("a@example.com b@example.net", ReportUriError::SeveralAt),
            ("a@example.comb@example.net", ReportUriError::SeveralAt),
            ("http://example.com/", ReportUriError::Http),
            ("TLS Reports <tls@example.com>", ReportUriError::NoMailbox),
            ("a:b@example.com", ReportUriError::OtherScheme),
            (".a@example.com", ReportUriError::NoMailbox),
        ] {
            assert_eq!(ReportUri::from_person(text), Err(cause), "{text:?}");
        }
    }

    #[test]
    fn addresses_are_taken_out_of_what_is_around_them() {
        let two = ["mailto:a@example.net", "mailto:b@example.org"];
        for (text, uris) in [
            ("TLS Reports <a@example.net>", &two[..1]),
            ("\"Doe, Jane\" <a@example.net>", &two[..1]),
            ("v=TLSRPTv1; rua=mailto:a@example.net", &two[..1]),
            (
                "v=TLSRPTv1;rua=mailto:a@example.net ruf=mailto:b@example.org",
                &two[..1],
            ),
            (
                "p=none; rua=mailto:a@example.net!10m; ruf=mailto:b@example.org,mailto:c@example.org",
                &two[..1],
            ),
            ("a@example.net,b@example.org", &two),
            ("a@example.net b@example.org a@example.net", &two),
            ("rua=mailto:a@example.net; rua=mailto:b@example.org", &two),
            ("A <a@example.net>; B <b@example.org>", &two),
        ] {
            let addresses = ReportUri::all_from_person(text).unwrap();
            let addresses: Vec<&str> = addresses.iter().map(ReportUri::as_str).collect();
            assert_eq!(addresses, uris, "{text:?}");
        }
        for (text, cause) in [
            ("", ReportUriError::Empty),
            ("reports", ReportUriError::NoMailbox),
            ("a@example.net, b@", ReportUriError::NoHost),
            ("a@example.net, reports", ReportUriError::NoHost),
            (
                "a@example.net ftp://example.net/r",
                ReportUriError::OtherScheme,
            ),
        ] {
            assert_eq!(ReportUri::all_from_person(text), Err(cause), "{text:?}");
        }
    }
}
