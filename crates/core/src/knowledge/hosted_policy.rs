//! The services and mail providers that host policies for other domains (RFC 8461 8.2), told by the
//! CNAME targets of the policy host and of the MTA-STS record, from
//! `assets/catalogue/hosted_policies.toml`. What a name tells is known, not tested.

use std::sync::LazyLock;

use serde::Deserialize;
use time::Date;

use crate::facts::{Answer, Facts, Observed};
use crate::knowledge::catalogue::Evidence;
use crate::knowledge::catalogue::calendar_date;
use crate::text::domain::is_at_or_below;

/// Empty when the built-in file cannot be read, which a test rules out.
static HOSTED_POLICIES: LazyLock<Vec<HostedPolicy>> =
    LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../assets/catalogue/hosted_policies.toml");

/// A service that hosts policies, and where its customers change them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedPolicy {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// The policy host is an alias of one of these names, or of a name below one.
    pub policy_targets: Vec<String>,
    /// The same for the name of the MTA-STS record; empty where its target is not known.
    #[serde(default)]
    pub record_targets: Vec<String>,
    /// Where the policy is changed, in words that follow “Change it”.
    #[serde(rename = "where")]
    pub change_at: String,
    /// The page that gives the targets, where there is one.
    pub source: Option<String>,
    /// What the targets rest on.
    pub evidence: Evidence,
    /// When the entry was last compared with its sources.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
    /// What its customers should know: a sentence or two.
    pub note: Option<String>,
}

impl HostedPolicy {
    /// Who hosts the policy and where it is changed, for a person.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!(
            "The policy is hosted by {}. Change it {}.",
            self.name, self.change_at
        )
    }
}

/// The service that the aliases of the policy host lead to; where they lead to none, that of the
/// MTA-STS record.
///
/// ```
/// use mta_sts_core::{Answer, Domain, Facts, Observed, hosted_policy};
/// let domain = Domain::parse("example.com")?;
/// let mut facts = Facts::new(domain, time::OffsetDateTime::UNIX_EPOCH);
/// assert!(hosted_policy(&facts).is_none());
/// let mut answer = Answer::of([]);
/// answer.aliases = vec!["mta-sts.tutanota.de".to_owned()];
/// facts.policy_host = Observed::Seen(answer);
/// assert_eq!(hosted_policy(&facts).unwrap().name, "Tuta");
/// # Ok::<(), mta_sts_core::DomainError>(())
/// ```
#[must_use]
pub fn hosted_policy(facts: &Facts) -> Option<&'static HostedPolicy> {
    let of_policy_host = HOSTED_POLICIES
        .iter()
        .find(|service| leads_to(&facts.policy_host, &service.policy_targets));
    of_policy_host.or_else(|| {
        HOSTED_POLICIES
            .iter()
            .find(|service| leads_to(&facts.record, &service.record_targets))
    })
}

/// Whether an alias on the way to the answer is one of these names, or below one.
fn leads_to<T>(answer: &Observed<Answer<T>>, targets: &[String]) -> bool {
    let aliases = answer.seen().map(|answer| &answer.aliases);
    let is_target = |alias: &String| targets.iter().any(|target| is_at_or_below(alias, target));
    aliases.into_iter().flatten().any(is_target)
}

fn read(text: &str) -> Result<Vec<HostedPolicy>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        service: Vec<HostedPolicy>,
    }
    toml::from_str(text).map(|File { service }| service)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use time::macros::datetime;

    use super::*;
    use crate::text::domain::Domain;

    /// The service of a domain whose policy host and record are aliases of these names.
    fn id_of(policy_host: Option<&str>, record: Option<&str>) -> Option<&'static str> {
        let domain = Domain::parse("example.com").unwrap();
        let mut facts = Facts::new(domain, datetime!(2026-11-27 12:00 UTC));
        let mut answer = Answer::no_data();
        answer.aliases = policy_host.into_iter().map(str::to_owned).collect();
        facts.policy_host = Observed::Seen(answer);
        let mut answer = Answer::no_data();
        answer.aliases = record.into_iter().map(str::to_owned).collect();
        facts.record = Observed::Seen(answer);
        hosted_policy(&facts).map(|service| service.id.as_str())
    }

    #[test]
    fn the_built_in_catalogue_can_be_read() {
        let services = read(BUILT_IN).unwrap();
        assert!(services.len() >= 13, "{}", services.len());
        assert_eq!(services, *HOSTED_POLICIES);
    }

    #[test]
    fn every_entry_is_well_formed() {
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        // `_mta-sts.mx.example` is no host name, but a target of the record.
        let is_of_name = |c: char| is_id(c) || c == '.' || c == '_';
        for HostedPolicy {
            id,
            name,
            policy_targets,
            record_targets,
            change_at,
            source,
            note,
            ..
        } in HOSTED_POLICIES.iter()
        {
            assert!(id.chars().all(is_id) && !name.is_empty(), "{id}");
            let targets: Vec<&String> = policy_targets.iter().chain(record_targets).collect();
            assert!(!targets.is_empty(), "{id}");
            for target in targets {
                assert!(target.chars().all(is_of_name), "{id}: {target}");
                let is_name = target.contains('.') && target.split('.').all(|it| !it.is_empty());
                assert!(is_name, "{id}: {target}");
            }
            assert!(change_at.starts_with(char::is_lowercase), "{id}");
            assert!(!change_at.ends_with('.') && change_at.len() < 100, "{id}");
            assert!(source.iter().all(|url| url.starts_with("https://")), "{id}");
            assert!(
                note.iter()
                    .all(|note| note.ends_with('.') && note.len() < 200),
                "{id}"
            );
        }
    }

    #[test]
    fn ids_and_targets_are_unique() {
        let services = HOSTED_POLICIES.iter();
        let ids: BTreeSet<_> = services.map(|service| &service.id).collect();
        assert_eq!(ids.len(), HOSTED_POLICIES.len());
        let lists: [fn(&HostedPolicy) -> &[String]; 2] =
            [|it| &it.policy_targets, |it| &it.record_targets];
        for list in lists {
            let all: Vec<&String> = HOSTED_POLICIES.iter().flat_map(list).collect();
            let different: BTreeSet<_> = all.iter().collect();
            assert_eq!(different.len(), all.len(), "{all:?}");
        }
    }

    #[test]
    fn a_service_is_told_by_its_targets_at_a_dot() {
        let host = |target| id_of(Some(target), None);
        assert_eq!(host("mta-sts.mailhardener.com"), Some("mailhardener"));
        assert_eq!(
            host("example-com.mta-sts.mailhardener.com"),
            Some("mailhardener")
        );
        for stranger in [
            "mailhardener.com",
            "notmta-sts.mailhardener.com",
            "mta-sts.mailhardener.com.example.org",
            "_mta-sts.mx.cloudflare.net",
            "",
        ] {
            assert_eq!(host(stranger), None, "{stranger}");
        }
        assert_eq!(id_of(None, None), None);
    }

    #[test]
    fn the_record_tells_it_where_the_policy_host_does_not() {
        let cloudflare = Some("_mta-sts.mx.cloudflare.net");
        assert_eq!(id_of(None, cloudflare), Some("cloudflare-email-routing"));
        let both = id_of(Some("mta-sts.tutanota.de"), cloudflare);
        assert_eq!(both, Some("tuta"));
        let elsewhere = Some("mta-sts.dmarcdkim.io");
        assert_eq!(id_of(None, elsewhere), None, "a target of the host alone");
    }

    #[test]
    fn it_says_where_the_policy_is_changed() {
        let services = HOSTED_POLICIES.iter();
        let words: Vec<String> = services.map(HostedPolicy::in_words).collect();
        let expected = "The policy is hosted by EasyDMARC. Change it in EasyDMARC, under Managed \
                        MTA-STS.";
        assert!(words.iter().any(|it| it == expected), "{words:?}");
    }

    #[test]
    fn an_entry_with_an_unknown_key_is_refused() {
        let entry = "[[service]]\nid = \"x\"\nname = \"X\"\npolicy_targets = [\"x.example\"]\n\
                     where = \"in X\"\nevidence = \"doc\"\nchecked = 2026-11-27\n";
        assert_eq!(read(entry).unwrap().len(), 1);
        assert!(read(&format!("{entry}colour = \"red\"\n")).is_err());
        assert!(read(&entry.replace("where = \"in X\"\n", "")).is_err());
        assert!(read(&entry.replace("\"doc\"", "\"hearsay\"")).is_err());
    }
}
