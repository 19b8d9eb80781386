//! The companies that host DNS zones, told by the names of the name servers, from
//! `assets/catalogue/dns_hosts.toml`: the words of their forms, where these are, and what surprises
//! people there. What a name tells is known, not tested.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::facts::Facts;
use crate::knowledge::catalogue::Evidence;
use crate::knowledge::catalogue::calendar_date;
use crate::text::domain::Domain;

/// Empty when the built-in file cannot be read, which a test rules out.
static DNS_HOSTS: LazyLock<Vec<DnsHost>> = LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../assets/catalogue/dns_hosts.toml");

/// A company that hosts DNS zones, and the form in which its customers add records.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsHost {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// What the names of its name servers end with; a wildcard matches letters, digits and hyphens
    /// within one part.
    pub ns: Vec<String>,
    /// What the form wants as the name of a record.
    pub name_form: NameForm,
    /// The words of the form.
    pub labels: FormLabels,
    /// Where the form is found, step by step.
    pub menu: Vec<String>,
    /// What surprises people there, a sentence each.
    #[serde(default)]
    pub quirks: Vec<String>,
    /// What the entry rests on.
    pub evidence: Evidence,
    /// When the entry was last compared with its sources.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

/// What a form wants as the name of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameForm {
    /// The name within the zone, such as `_mta-sts`; the host adds the domain.
    Short,
    /// The whole name, such as `_mta-sts.example.com`.
    Full,
    /// Both are understood.
    Either,
}

/// The words of a form, as it shows them; absent where it has no such field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormLabels {
    /// Of the choice of the record type.
    #[serde(rename = "type")]
    pub record_type: Option<String>,
    /// Of the name.
    pub name: String,
    /// Of the value.
    pub value: String,
    /// Of the time to live.
    pub ttl: Option<String>,
    /// Of the button that adds a record.
    pub add: String,
    /// Of the button that saves it.
    pub save: String,
}

/// The hosts of one zone, as its name servers tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsHosting {
    /// Those of the catalogue, each once, in the order of the name servers.
    pub hosts: Vec<&'static DnsHost>,
    /// Whether some name servers belong to none of the catalogue.
    pub has_others: bool,
}

impl DnsHosting {
    /// The hosts that the name servers of the domain belong to; none where these were not seen.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let mut hosting = Self::default();
        for server in facts.zone.seen().iter().flat_map(|zone| &zone.servers) {
            match dns_host(&server.name) {
                Some(host) if !hosting.hosts.contains(&host) => hosting.hosts.push(host),
                Some(_) => {}
                None => hosting.has_others = true,
            }
        }
        hosting
    }

    /// The one host of all name servers.
    #[must_use]
    pub fn only(&self) -> Option<&'static DnsHost> {
        match self.hosts[..] {
            [host] if !self.has_others => Some(host),
            _ => None,
        }
    }

    /// Whether records have to be added in more than one place, as far as the names tell.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.hosts.len() + usize::from(self.has_others) > 1
    }
}

/// All hosts that are known, in no order that means anything.
///
/// ```
/// let hosts = mta_sts_core::dns_hosts();
/// assert!(hosts.iter().any(|host| host.id == "cloudflare"));
/// ```
#[must_use]
pub fn dns_hosts() -> &'static [DnsHost] {
    &DNS_HOSTS
}

/// The host that a name server belongs to, by the longest ending that fits.
///
/// ```
/// use mta_sts_core::dns_host;
/// assert_eq!(dns_host("ada.ns.cloudflare.com").unwrap().name, "Cloudflare");
/// assert!(dns_host("ns1.example.com").is_none());
/// ```
#[must_use]
pub fn dns_host(name_server: &str) -> Option<&'static DnsHost> {
    let name = name_server.trim_end_matches('.').to_ascii_lowercase();
    let fit = |host: &DnsHost| {
        let fitting = host.ns.iter().filter(|ending| ends_with(&name, ending));
        fitting.map(String::len).max()
    };
    DNS_HOSTS
        .iter()
        .filter_map(|host| fit(host).map(|length| (length, host)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, host)| host)
}

/// The name of a record within its zone: what most forms want. The whole name where it does not
/// belong to the zone.
///
/// ```
/// use mta_sts_core::{Domain, short_name};
/// let zone = Domain::parse("example.com")?;
/// assert_eq!(short_name("_mta-sts.example.com", &zone), "_mta-sts");
/// assert_eq!(short_name("_mta-sts.mail.example.com", &zone), "_mta-sts.mail");
/// # Ok::<(), mta_sts_core::DomainError>(())
/// ```
#[must_use]
pub fn short_name(full_name: &str, zone: &Domain) -> String {
    full_name
        .strip_suffix(zone.as_str())
        .and_then(|rest| rest.strip_suffix('.'))
        .unwrap_or(full_name)
        .to_owned()
}

/// Whether a name ends, at a dot, with the parts of a pattern.
fn ends_with(name: &str, pattern: &str) -> bool {
    let mut parts = name.rsplit('.');
    pattern
        .rsplit('.')
        .all(|wanted| parts.next().is_some_and(|part| fits(part, wanted)))
}

/// Whether one part of a name fits a pattern with at most one wildcard.
fn fits(part: &str, wanted: &str) -> bool {
    match wanted.split_once('*') {
        None => part == wanted,
        Some((begin, end)) => {
            part.len() > begin.len() + end.len() && part.starts_with(begin) && part.ends_with(end)
        }
    }
}

fn read(text: &str) -> Result<Vec<DnsHost>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        host: Vec<DnsHost>,
    }
    toml::from_str(text).map(|File { host }| host)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use time::macros::datetime;

    use super::*;
    use crate::facts::Observed;
    use crate::facts::{Zone, ZoneServer};

    fn id_of(name_server: &str) -> Option<&'static str> {
        dns_host(name_server).map(|host| host.id.as_str())
    }

    fn hosting(name_servers: &[&str]) -> DnsHosting {
        let domain = Domain::parse("example.com").unwrap();
        let mut facts = Facts::new(domain, datetime!(2026-11-23 12:00 UTC));
        let server = |name: &&str| ZoneServer {
            name: (*name).to_owned(),
            addresses: Vec::new(),
        };
        facts.zone = Observed::Seen(Zone {
            apex: "example.com".into(),
            servers: name_servers.iter().map(server).collect(),
        });
        DnsHosting::of(&facts)
    }

    #[test]
    fn the_built_in_catalogue_can_be_read_and_is_well_formed() {
        let hosts = read(BUILT_IN).unwrap();
        assert_eq!(hosts, *DNS_HOSTS);
        assert!(hosts.len() >= 40, "{}", hosts.len());
        let ids: BTreeSet<_> = hosts.iter().map(|host| &host.id).collect();
        assert_eq!(ids.len(), hosts.len());
        let endings: Vec<_> = hosts.iter().flat_map(|host| &host.ns).collect();
        assert_eq!(
            endings.iter().collect::<BTreeSet<_>>().len(),
            endings.len(),
            "an ending belongs to two hosts"
        );
        for host in &hosts {
            let id = &host.id;
            assert!(!host.ns.is_empty() && !host.menu.is_empty(), "{id}");
            for ending in &host.ns {
                let plain = ending.replace('*', "x");
                assert_eq!(Domain::parse(&plain).unwrap().as_str(), plain, "{id}");
                assert!(ending.matches('*').count() <= 1, "{id}: {ending}");
            }
            let labels = &host.labels;
            let words = [&labels.name, &labels.value, &labels.add, &labels.save];
            for word in words.into_iter().chain(&host.menu) {
                assert!(!word.is_empty() && word.len() < 80, "{id}: {word:?}");
                assert!(!word.contains(['<', '>']), "{id}: {word:?}");
            }
            for quirk in &host.quirks {
                assert!(quirk.ends_with('.') && quirk.len() < 200, "{id}: {quirk}");
            }
        }
    }

    #[test]
    fn a_host_is_told_by_the_end_of_a_name_at_a_dot() {
        assert_eq!(id_of("ns-2048.awsdns-64.co.uk"), Some("route53"));
        assert_eq!(id_of("NS61.DOMAINCONTROL.COM."), Some("godaddy"));
        assert_eq!(
            id_of("ns-cloud-a1.googledomains.com"),
            Some("google-cloud-dns")
        );
        assert_eq!(id_of("ns1.googledomains.com"), Some("squarespace"));
        for stranger in ["notdomaincontrol.com", "awsdns-.com", "com", "", "."] {
            assert_eq!(id_of(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn name_servers_of_two_companies_are_noticed() {
        let one = hosting(&["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"]);
        assert_eq!(one.only().unwrap().id, "cloudflare");
        assert!(!one.is_shared());
        let two = hosting(&["ada.ns.cloudflare.com", "ns1.digitalocean.com"]);
        assert!(two.is_shared() && two.only().is_none());
        let half = hosting(&["ada.ns.cloudflare.com", "ns1.example.net"]);
        assert!(half.is_shared() && half.only().is_none());
        assert_eq!(hosting(&["ns1.example.net"]).only(), None);
        assert!(!hosting(&["ns1.example.net", "ns2.example.net"]).is_shared());
    }

    #[test]
    fn an_entry_with_an_unknown_key_is_refused() {
        let entry = "[[host]]\nid = \"x\"\nname = \"X\"\nns = [\"x.example\"]\nname_form = \
                     \"short\"\nlabels = { name = \"N\", value = \"V\", add = \"A\", save = \"S\" \
                     }\nmenu = [\"M\"]\nevidence = \"doc\"\nchecked = 2026-11-23\n";
        assert_eq!(read(entry).unwrap().len(), 1);
        assert!(read(&format!("{entry}colour = \"red\"\n")).is_err());
        assert!(read(&entry.replace("short", "long")).is_err());
    }
}
