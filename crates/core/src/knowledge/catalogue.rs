//! The mail providers that can be told by the name of an MX host, from
//! `assets/catalogue/mail_providers.toml`. What a name tells is known, not tested.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize};
use time::{Date, Month};

use crate::text::domain::is_at_or_below;
use crate::text::mx_pattern::MxPattern;

/// Empty when the built-in file cannot be read, which a test rules out.
static MAIL_PROVIDERS: LazyLock<Vec<MailProvider>> =
    LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../assets/catalogue/mail_providers.toml");

/// A mail provider and how to tell its hosts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailProvider {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// What the names of its MX hosts end with, lower case, no leading dot.
    pub mx_suffixes: Vec<String>,
    /// The `mx` values that the provider documents for a policy; mostly none.
    #[serde(default)]
    pub policy_mx: Vec<MxPattern>,
    /// The page of the provider that documents [`Self::policy_mx`].
    pub policy_source: Option<String>,
    /// What the suffixes rest on.
    pub evidence: Evidence,
    /// When the entry was last compared with its sources.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
    /// What its customers should know before they write a policy: a sentence or two.
    pub note: Option<String>,
}

/// How sure an entry of the catalogue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Those it is about document it, or their source code shows it.
    Doc,
    /// Several independent public sources agree.
    CommonKnowledge,
    /// A single weak source.
    Unverified,
}

/// The provider that an MX host belongs to, by the longest suffix that ends its name at a dot.
///
/// ```
/// use mta_sts_core::mail_provider;
/// let provider = mail_provider("alt1.aspmx.l.google.com").unwrap();
/// assert_eq!(provider.name, "Google Workspace");
/// assert!(mail_provider("mx1.example.com").is_none());
/// ```
#[must_use]
pub fn mail_provider(host: &str) -> Option<&'static MailProvider> {
    provider_of(host, &MAIL_PROVIDERS)
}

/// The provider with this short name.
#[cfg(test)]
pub(crate) fn provider_with_id(id: &str) -> Option<&'static MailProvider> {
    MAIL_PROVIDERS.iter().find(|provider| provider.id == id)
}

fn provider_of<'a>(host: &str, providers: &'a [MailProvider]) -> Option<&'a MailProvider> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let longest_suffix = |provider: &MailProvider| {
        let suffixes = provider.mx_suffixes.iter();
        suffixes
            .filter(|suffix| is_at_or_below(&host, suffix))
            .map(String::len)
            .max()
    };
    providers
        .iter()
        .filter_map(|provider| longest_suffix(provider).map(|length| (length, provider)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, provider)| provider)
}

fn read(text: &str) -> Result<Vec<MailProvider>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        provider: Vec<MailProvider>,
    }
    toml::from_str(text).map(|File { provider }| provider)
}

pub(crate) fn calendar_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    let date = written.date.and_then(|date| {
        let month = Month::try_from(date.month).ok()?;
        Date::from_calendar_date(date.year.into(), month, date.day).ok()
    });
    date.ok_or_else(|| serde::de::Error::custom("not a calendar date"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn id_of(host: &str) -> Option<&'static str> {
        mail_provider(host).map(|provider| provider.id.as_str())
    }

    #[test]
    fn the_built_in_catalogue_can_be_read() {
        let providers = read(BUILT_IN).unwrap();
        assert!(providers.len() >= 50, "{}", providers.len());
        assert_eq!(providers, *MAIL_PROVIDERS);
    }

    #[test]
    fn ids_and_suffixes_are_unique() {
        let ids: BTreeSet<_> = MAIL_PROVIDERS.iter().map(|provider| &provider.id).collect();
        assert_eq!(ids.len(), MAIL_PROVIDERS.len());
        let suffixes: Vec<_> = MAIL_PROVIDERS
            .iter()
            .flat_map(|provider| &provider.mx_suffixes)
            .collect();
        let different: BTreeSet<_> = suffixes.iter().collect();
        assert_eq!(different.len(), suffixes.len());
    }

    #[test]
    fn every_entry_is_well_formed() {
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        for MailProvider {
            id,
            name,
            mx_suffixes,
            policy_mx,
            policy_source,
            note,
            ..
        } in MAIL_PROVIDERS.iter()
        {
            assert!(id.chars().all(is_id) && !name.is_empty(), "{id}");
            assert!(!mx_suffixes.is_empty(), "{id}");
            for suffix in mx_suffixes {
                // A suffix is a plain host name, in which a pattern may not have its wildcard.
                let pattern = MxPattern::parse(suffix).unwrap();
                assert_eq!(pattern.as_str(), suffix, "{id}: not lower case");
                assert!(
                    !pattern.is_wildcard() && suffix.contains('.'),
                    "{id}: {suffix}"
                );
            }
            assert_eq!(
                policy_mx.is_empty(),
                policy_source.is_none(),
                "{id}: source and patterns"
            );
            assert!(
                policy_source.iter().all(|url| url.starts_with("https://")),
                "{id}"
            );
            assert!(
                note.iter()
                    .all(|note| note.ends_with('.') && note.len() < 200),
                "{id}"
            );
        }
    }

    #[test]
    fn a_provider_is_told_by_its_suffix_at_a_dot_without_regard_to_case() {
        assert_eq!(
            id_of("contoso-com.mail.protection.outlook.com"),
            Some("microsoft-365")
        );
        assert_eq!(id_of("ASPMX.L.Google.com."), Some("google-workspace"));
        assert_eq!(id_of("eu-smtp-inbound-1.mimecast.com"), Some("mimecast"));
        for stranger in [
            "notmimecast.com",
            "mimecast.com.example.org",
            "com",
            "",
            ".",
        ] {
            assert_eq!(id_of(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn the_longest_suffix_counts() {
        let wide = "[[provider]]\nid = \"wide\"\nname = \"Wide\"\nmx_suffixes = [\"example.com\"]\n\
                    evidence = \"doc\"\nchecked = 2026-11-23\n";
        let narrow = wide
            .replace("wide", "narrow")
            .replace("example", "b.example");
        for file in [format!("{wide}{narrow}"), format!("{narrow}{wide}")] {
            let providers = read(&file).unwrap();
            let id_of = |host| provider_of(host, &providers).map(|provider| provider.id.as_str());
            assert_eq!(id_of("a.b.example.com"), Some("narrow"));
            assert_eq!(id_of("a.c.example.com"), Some("wide"));
        }
    }

    #[test]
    fn a_rented_server_is_not_taken_for_the_mail_service_of_its_landlord() {
        assert_eq!(
            id_of("inbound-smtp.eu-west-1.amazonaws.com"),
            Some("amazon-ses-workmail")
        );
        for rented in [
            "ec2-192-0-2-1.compute-1.amazonaws.com",
            "vps-1a2b3c.vps.ovh.net",
            "1.2.0.192.host.secureserver.net",
        ] {
            assert_eq!(id_of(rented), None, "{rented}");
        }
    }

    #[test]
    fn an_entry_with_an_unknown_key_or_a_bad_pattern_is_refused() {
        let entry = "[[provider]]\nid = \"x\"\nname = \"X\"\nmx_suffixes = [\"x.example\"]\n\
                     evidence = \"doc\"\nchecked = 2026-11-23\n";
        assert_eq!(read(entry).unwrap().len(), 1);
        for added in ["policy_mx = [\"*\"]\n", "colour = \"red\"\n"] {
            assert!(read(&format!("{entry}{added}")).is_err(), "{added}");
        }
        assert!(read(&entry.replace("11-23", "02-30")).is_err());
        assert!(read(&entry.replace("\"doc\"", "\"hearsay\"")).is_err());
    }
}
