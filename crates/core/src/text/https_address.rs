//! An address of the web that comes from others and that a person may open.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::domain::Domain;

/// The longest address, in characters.
const MAX_CHARS: usize = 500;

const SCHEME: &str = "https://";

/// An `https` address with the name of a host, in the characters of RFC 3986 alone: no user name, no
/// IP address, nothing that a program could read as another host.
///
/// ```
/// use mta_sts_core::HttpsAddress;
/// let address = HttpsAddress::parse("https://dcc.godaddy.com/manage/example.com/dns")?;
/// assert_eq!(address.host(), "dcc.godaddy.com");
/// assert!(HttpsAddress::parse("http://dcc.godaddy.com/").is_err());
/// # Ok::<(), mta_sts_core::HttpsAddressError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct HttpsAddress(String);

/// A text that is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this isn’t an https address with the name of a host")]
pub struct HttpsAddressError;

impl HttpsAddress {
    /// Reads an address. It stays as it is written.
    ///
    /// # Errors
    /// [`HttpsAddressError`] for everything else.
    pub fn parse(text: &str) -> Result<Self, HttpsAddressError> {
        let fits = text.len() <= MAX_CHARS && text.bytes().all(is_of_address);
        let rest = text.strip_prefix(SCHEME).filter(|_| fits);
        let authority = authority(rest.ok_or(HttpsAddressError)?);
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let is_port = |port: &str| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
        };
        if is_named_host(host) && port.is_none_or(is_port) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HttpsAddressError)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that it leads to, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = authority(self.0.strip_prefix(SCHEME).unwrap_or_default());
        authority.split(':').next().unwrap_or_default()
    }
}

impl fmt::Display for HttpsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<HttpsAddress> for String {
    fn from(address: HttpsAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for HttpsAddress {
    type Error = HttpsAddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

/// What is before the path, the query and the fragment.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The characters that an address is made of (RFC 3986 2).
fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

/// Browsers read a name whose last part begins with a digit, such as `0x7f`, as an IP address.
fn is_named_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    last.starts_with(|c: char| c.is_ascii_alphabetic())
        && Domain::parse(host).is_ok_and(|name| name.as_str() == host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_written() {
        for (text, host) in [
            ("https://dns.example", "dns.example"),
            ("https://DNS.example/Zones?d=a%20b#records", "DNS.example"),
            ("https://panel.dns.example:8443/", "panel.dns.example"),
            ("https://xn--bcher-kva.example/a@b", "xn--bcher-kva.example"),
        ] {
            let address = HttpsAddress::parse(text).unwrap();
            assert_eq!((address.as_str(), address.host()), (text, host));
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        for text in [
            "",
            "dns.example",
            "http://dns.example/",
            "HTTPS://dns.example/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "https:///path",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://dns.0x7f/",
            "https://[::1]/",
            "https://dns.example@evil.example/",
            "https://dns.example:443@evil.example/",
            "https://dns.example:/",
            "https://dns.example:99999/",
            "https://dns.example:+443/",
            "https://dns.example\\@evil.example/",
            "https://dns_1.example/",
            "https://dns.example./",
            "https://dns.example/a b",
            "https://dns.example/\n",
            "https://dns.example/\"",
            "https://dns.example/\u{202e}",
            "https://bücher.example/",
        ] {
            assert_eq!(HttpsAddress::parse(text), Err(HttpsAddressError), "{text}");
        }
        let long = format!("https://dns.example/{}", "a".repeat(MAX_CHARS));
        assert!(HttpsAddress::parse(&long).is_err());
    }

    #[test]
    fn a_saved_address_is_checked_when_it_is_read() {
        let read = |text| serde_json::from_str::<HttpsAddress>(text);
        assert!(read("\"https://dns.example/\"").is_ok());
        assert!(read("\"http://dns.example/\"").is_err());
    }
}
