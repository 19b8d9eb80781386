//! Domain Connect: what the DNS provider of a domain says of itself, at an address that the zone
//! names. Only its name and the page of the domain there are read.

use serde::{Deserialize, Serialize};

use crate::text::domain::Domain;
use crate::text::escape::{escaped, json_error};
use crate::text::https_address::HttpsAddress;

/// Longer texts of the settings are ignored.
const MAX_TEXT_CHARS: usize = 200;

/// What the settings have in place of the domain.
const PLACEHOLDER: &str = "%domain%";

/// Where the DNS of a domain is managed, as the provider says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainConnect {
    /// The name of the provider, as it came.
    pub provider: String,
    /// The page on which the records of the domain are managed.
    pub control_panel: Option<HttpsAddress>,
}

/// Settings that can’t be used.
#[derive(Debug, thiserror::Error)]
pub enum DomainConnectError {
    /// Not JSON, or a value of the wrong kind.
    #[error("its Domain Connect settings can’t be read: {}", json_error(.0))]
    Unreadable(#[from] serde_json::Error),
    /// No usable name.
    #[error("its Domain Connect settings don’t name it")]
    Nameless,
}

/// The settings, as far as they are read.
#[derive(Deserialize)]
struct Settings {
    #[serde(rename = "providerDisplayName")]
    display_name: Option<String>,
    #[serde(rename = "providerName")]
    name: Option<String>,
    #[serde(rename = "urlControlPanel")]
    control_panel: Option<String>,
}

impl DomainConnect {
    /// Where the settings of a domain are, by the text of its TXT record: a host, with a path at
    /// some providers. `None` for every other text.
    ///
    /// ```
    /// use mta_sts_core::Domain;
    /// use mta_sts_core::facts::DomainConnect;
    /// let domain = Domain::parse("example.com")?;
    /// let address = DomainConnect::settings_address("dns.example/api", &domain).unwrap();
    /// assert_eq!(address.as_str(), "https://dns.example/api/v2/example.com/settings");
    /// assert!(DomainConnect::settings_address("v=spf1 -all", &domain).is_none());
    /// # Ok::<(), mta_sts_core::DomainError>(())
    /// ```
    #[must_use]
    pub fn settings_address(text: &str, domain: &Domain) -> Option<HttpsAddress> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let is_usable = text.len() <= MAX_TEXT_CHARS && text.bytes().all(is_plain);
        let prefix = text.trim_end_matches('/');
        let address = HttpsAddress::parse(&format!("https://{prefix}/v2/{domain}/settings"));
        address.ok().filter(|_| is_usable)
    }

    /// Reads the settings of a domain, which are JSON. A text that is too long counts as missing, and
    /// so does a page whose address isn’t an [`HttpsAddress`].
    ///
    /// # Errors
    /// [`DomainConnectError`] where they can’t be read or don’t name the provider.
    pub fn read(settings: &[u8], domain: &Domain) -> Result<Self, DomainConnectError> {
        let settings: Settings = serde_json::from_slice(settings)?;
        let usable = |text: Option<String>| {
            let text = text?.trim().to_owned();
            (!text.is_empty() && text.chars().count() <= MAX_TEXT_CHARS).then_some(text)
        };
        let provider = usable(settings.display_name).or_else(|| usable(settings.name));
        let control_panel = usable(settings.control_panel)
            .map(|address| address.replace(PLACEHOLDER, domain.as_str()))
            .and_then(|address| HttpsAddress::parse(&address).ok());
        Ok(Self {
            provider: provider.ok_or(DomainConnectError::Nameless)?,
            control_panel,
        })
    }

    /// Where the DNS of the domain is managed, in a sentence. Escaped.
    #[must_use]
    pub fn in_words(&self, domain: &Domain) -> String {
        let provider = escaped(&self.provider, 100);
        let page = self.control_panel.as_ref();
        let page = page.map_or_else(String::new, |page| format!(": {page}"));
        let sentence = format!("The DNS of {domain} is managed at {provider}{page}");
        format!("{}.", sentence.trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain() -> Domain {
        Domain::parse("example.com").unwrap()
    }

    fn read(settings: &str) -> Result<DomainConnect, String> {
        DomainConnect::read(settings.as_bytes(), &domain()).map_err(|error| error.to_string())
    }

    #[test]
    fn only_a_host_with_a_plain_path_leads_to_settings() {
        for (text, address) in [
            (
                "api.domainconnect.godaddy.com",
                "https://api.domainconnect.godaddy.com/v2/example.com/settings",
            ),
            (
                "api.cloudflare.com/client/v4/dns/domainconnect/",
                "https://api.cloudflare.com/client/v4/dns/domainconnect/v2/example.com/settings",
            ),
        ] {
            let found = DomainConnect::settings_address(text, &domain()).unwrap();
            assert_eq!(found.as_str(), address);
        }
        for text in [
            "",
            "/",
            "localhost",
            "127.0.0.1",
            "https://dns.example",
            "dns.example:8443",
            "dns.example?x=",
            "dns.example#",
            "user@dns.example",
            "dns.example/%2e",
            "dns example",
            "v=spf1 -all",
        ] {
            let found = DomainConnect::settings_address(text, &domain());
            assert_eq!(found, None, "{text}");
        }
        let long = format!("dns.example/{}", "a".repeat(MAX_TEXT_CHARS));
        assert_eq!(DomainConnect::settings_address(&long, &domain()), None);
    }

    #[test]
    fn the_name_for_people_and_the_page_of_the_domain_are_read() {
        let settings = r#"{"providerId": "x", "providerName": "X Inc.", "width": 750,
            "providerDisplayName": "X", "urlControlPanel": "https://x.example/%domain%/dns"}"#;
        let seen = read(settings).unwrap();
        assert_eq!(seen.provider, "X");
        let words = "The DNS of example.com is managed at X: https://x.example/example.com/dns.";
        assert_eq!(seen.in_words(&domain()), words);

        let seen = read(r#"{"providerName": "X Inc.", "providerDisplayName": null}"#).unwrap();
        let words = "The DNS of example.com is managed at X Inc.";
        assert_eq!(seen.in_words(&domain()), words);
    }

    #[test]
    fn a_page_that_is_not_https_with_a_host_is_left_out() {
        for page in [
            "http://x.example/",
            "javascript:alert(1)",
            "https://127.0.0.1/",
            "https://x.example@%domain%/",
            "",
        ] {
            let settings = format!(r#"{{"providerName": "X", "urlControlPanel": "{page}"}}"#);
            assert_eq!(read(&settings).unwrap().control_panel, None, "{page}");
        }
        let long = "a".repeat(MAX_TEXT_CHARS);
        let settings =
            format!(r#"{{"providerName": "X", "urlControlPanel": "https://x.example/{long}"}}"#);
        assert_eq!(read(&settings).unwrap().control_panel, None);
    }

    #[test]
    fn settings_of_the_wrong_kind_are_refused_with_a_plain_reason() {
        for settings in [
            "",
            "<html>",
            "42",
            r#"{"providerName": 42}"#,
            r#"{"providerName": "X", "urlControlPanel": ["https://x.example/"]}"#,
            r#"{"providerName": "X", "providerName": "Y"}"#,
        ] {
            let error = read(settings).unwrap_err();
            assert!(error.contains("can’t be read"), "{error}");
        }
        let long = format!(
            r#"{{"providerName": "{}"}}"#,
            "a".repeat(MAX_TEXT_CHARS + 1)
        );
        for settings in ["{}", r#"{"providerName": "  "}"#, long.as_str()] {
            let error = read(settings).unwrap_err();
            assert!(error.contains("don’t name it"), "{error}");
        }
    }

    #[test]
    fn a_hostile_name_is_shown_escaped() {
        let seen = read(r#"{"providerName": "X\u001b[31m\u202e"}"#).unwrap();
        let words = seen.in_words(&domain());
        assert!(words.contains("X\\u{1b}[31m\\u{202e}"), "{words}");
    }
}
