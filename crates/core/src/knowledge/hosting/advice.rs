//! Which way to serve the policy suits a domain, by what the check saw of it, from
//! `assets/catalogue/web_hosting.toml`.

use std::sync::LazyLock;

use serde::Deserialize;
use time::Date;

use super::Hosting;
use crate::facts::Facts;
use crate::knowledge::catalogue::calendar_date;
use crate::knowledge::catalogue::{Evidence, mail_provider};
use crate::knowledge::dns_host::DnsHosting;
use crate::text::domain::is_at_or_below;

/// Empty when the built-in file cannot be read, which a test rules out.
static WAYS: LazyLock<Vec<Way>> = LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../../assets/catalogue/web_hosting.toml");

/// Whom a way to serve the policy suits, and what hints at it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    id: Hosting,
    #[serde(rename = "for")]
    suits: String,
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    dns_hosts: Vec<String>,
    #[serde(default)]
    mail_providers: Vec<String>,
    #[serde(default)]
    own_server: bool,
    evidence: Evidence,
    #[serde(deserialize_with = "calendar_date")]
    checked: Date,
}

/// A way to serve the policy, and why it may suit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostingAdvice {
    /// The way.
    pub hosting: Hosting,
    /// Whom it suits, in a few words.
    pub suits: &'static str,
    /// Why it stands at its place, as a sentence; absent where nothing was seen that hints at it.
    pub because: Option<String>,
}

impl Hosting {
    /// What the target of the CNAME record for the policy host ends with, where this way has one.
    #[must_use]
    pub fn alias_target(self) -> Option<&'static str> {
        let way = WAYS.iter().find(|way| way.id == self)?;
        way.targets.first().map(String::as_str)
    }
}

/// Every way to serve the policy of a domain, the likeliest first. Ways that nothing hints at keep
/// the order of [`Hosting::ALL`].
///
/// ```
/// use mta_sts_core::{Domain, Facts, Hosting, hosting_advice};
/// let facts = Facts::new(Domain::parse("example.com")?, time::OffsetDateTime::UNIX_EPOCH);
/// assert_eq!(hosting_advice(&facts).len(), Hosting::ALL.len());
/// # Ok::<(), mta_sts_core::DomainError>(())
/// ```
#[must_use]
pub fn hosting_advice(facts: &Facts) -> Vec<HostingAdvice> {
    let mut ranked: Vec<(u8, HostingAdvice)> = Hosting::ALL
        .into_iter()
        .filter_map(|hosting| WAYS.iter().find(|way| way.id == hosting))
        .map(|way| {
            let hint = way.hint(facts);
            let rank = hint.as_ref().map_or(u8::MAX, |(rank, _)| *rank);
            let advice = HostingAdvice {
                hosting: way.id,
                suits: &way.suits,
                because: hint.map(|(_, because)| because),
            };
            (rank, advice)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, advice)| advice).collect()
}

impl Way {
    /// The strongest hint at this way: its rank, and the reason as a sentence.
    fn hint(&self, facts: &Facts) -> Option<(u8, String)> {
        let aliases = facts.policy_host.seen().map(|answer| &answer.aliases);
        let is_target = |alias: &&String| self.targets.iter().any(|end| is_at_or_below(alias, end));
        if let Some(alias) = aliases.into_iter().flatten().find(is_target) {
            let host = facts.domain.policy_host();
            return Some((0, format!("{host} already points to {alias}.")));
        }
        let dns = DnsHosting::of(facts).hosts;
        if let Some(host) = dns.iter().find(|host| self.dns_hosts.contains(&host.id)) {
            return Some((1, format!("Your DNS is at {}.", host.name)));
        }
        let mut providers = facts
            .mail_servers
            .iter()
            .filter_map(|server| mail_provider(&server.host));
        if let Some(provider) = providers.find(|it| self.mail_providers.contains(&it.id)) {
            return Some((2, format!("Your mail is at {}.", provider.name)));
        }
        let own = facts
            .mail_servers
            .iter()
            .find(|server| is_at_or_below(&server.host, facts.domain.as_str()));
        own.filter(|_| self.own_server)
            .map(|server| (3, format!("{} is your own server.", server.host)))
    }
}

fn read(text: &str) -> Result<Vec<Way>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        way: Vec<Way>,
    }
    toml::from_str(text).map(|File { way }| way)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::facts::Observed;
    use crate::facts::{Answer, MailServer, Zone, ZoneServer};
    use crate::knowledge::dns_host::dns_hosts;
    use crate::text::domain::Domain;

    fn facts() -> Facts {
        let domain = Domain::parse("example.com").unwrap();
        Facts::new(domain, datetime!(2026-11-23 12:00 UTC))
    }

    fn first(facts: &Facts) -> (Hosting, Option<String>) {
        let best = hosting_advice(facts).remove(0);
        (best.hosting, best.because)
    }

    fn at_name_server(facts: &mut Facts, name: &str) {
        facts.zone = Observed::Seen(Zone {
            apex: "example.com".into(),
            servers: vec![ZoneServer {
                name: name.into(),
                addresses: Vec::new(),
            }],
        });
    }

    #[test]
    fn the_catalogue_has_every_way_once_and_names_only_what_exists() {
        let ways = read(BUILT_IN).unwrap();
        let mut ids: Vec<Hosting> = ways.iter().map(|way| way.id).collect();
        ids.sort_unstable();
        let mut all = Hosting::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(ids, all);
        for way in &ways {
            for id in &way.dns_hosts {
                assert!(dns_hosts().iter().any(|host| host.id == *id), "{id}");
            }
            for id in &way.mail_providers {
                assert!(
                    crate::knowledge::catalogue::provider_with_id(id).is_some(),
                    "{id}"
                );
            }
            for target in &way.targets {
                assert_eq!(Domain::parse(target).unwrap().as_str(), target);
            }
            assert!(!way.suits.ends_with('.') && way.suits.len() < 90);
        }
    }

    #[test]
    fn where_nothing_is_known_the_usual_order_stands() {
        let order: Vec<Hosting> = hosting_advice(&facts())
            .into_iter()
            .map(|advice| advice.hosting)
            .collect();
        assert_eq!(order, Hosting::ALL);
    }

    #[test]
    fn the_closest_hint_wins() {
        let mut facts = facts();
        facts.mail_servers = vec![MailServer::named("mx1.example.com", 10)];
        let (hosting, because) = first(&facts);
        assert_eq!(hosting, Hosting::Nginx);
        assert_eq!(because.unwrap(), "mx1.example.com is your own server.");
        let host = "example-com.mail.protection.outlook.com";
        facts.mail_servers = vec![MailServer::named(host, 10)];
        let (hosting, because) = first(&facts);
        assert_eq!(hosting, Hosting::AzureStaticWebApps);
        assert_eq!(because.unwrap(), "Your mail is at Microsoft 365.");
        at_name_server(&mut facts, "ada.ns.cloudflare.com");
        let (hosting, because) = first(&facts);
        assert_eq!(hosting, Hosting::CloudflareWorker);
        assert_eq!(because.unwrap(), "Your DNS is at Cloudflare.");
        let mut answer = Answer::of([]);
        answer.aliases = vec!["example.github.io".into()];
        facts.policy_host = Observed::Seen(answer);
        let (hosting, because) = first(&facts);
        assert_eq!(hosting, Hosting::GithubPages);
        assert_eq!(
            because.unwrap(),
            "mta-sts.example.com already points to example.github.io."
        );
    }
}
