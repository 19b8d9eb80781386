//! The public resolvers that are asked whether a publication has arrived, from
//! `assets/catalogue/public_resolvers.toml`. Asking them is the work of a probe.

use std::net::IpAddr;
use std::sync::LazyLock;

use serde::Deserialize;
use time::Date;

use crate::knowledge::catalogue::Evidence;
use crate::knowledge::catalogue::calendar_date;

/// Empty when the built-in file cannot be read, which a test rules out.
static PUBLIC_RESOLVERS: LazyLock<Vec<PublicResolver>> =
    LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../assets/catalogue/public_resolvers.toml");

/// A resolver that answers everybody.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicResolver {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// Where it answers, and where its operator is at home.
    pub region: String,
    /// Its addresses, in the order in which they are tried.
    pub addresses: Vec<IpAddr>,
    /// Where the same addresses answer over HTTPS (RFC 8484), if they do.
    pub https: Option<String>,
    /// The page of the operator that gives the addresses.
    pub source: String,
    /// What the entry rests on.
    pub evidence: Evidence,
    /// When the entry was last compared with its sources.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

/// The built-in list.
///
/// ```
/// let resolvers = mta_sts_core::public_resolvers();
/// assert!(resolvers.iter().any(|resolver| resolver.id == "quad9"));
/// ```
#[must_use]
pub fn public_resolvers() -> &'static [PublicResolver] {
    &PUBLIC_RESOLVERS
}

fn read(text: &str) -> Result<Vec<PublicResolver>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        resolver: Vec<PublicResolver>,
    }
    toml::from_str(text).map(|File { resolver }| resolver)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_six_or_more_each_of_its_own_operator_over_both_families() {
        let resolvers = read(BUILT_IN).unwrap();
        assert_eq!(resolvers, *PUBLIC_RESOLVERS);
        assert!(resolvers.len() >= 6, "{}", resolvers.len());
        let distinct = |of: fn(&PublicResolver) -> &str| {
            let all: BTreeSet<&str> = resolvers.iter().map(of).collect();
            all.len()
        };
        assert_eq!(distinct(|it| &it.id), resolvers.len());
        assert_eq!(distinct(|it| &it.name), resolvers.len());
        for resolver in &resolvers {
            for is_of_family in [IpAddr::is_ipv4, IpAddr::is_ipv6] {
                assert!(resolver.addresses.iter().any(is_of_family), "{resolver:?}");
            }
            let https = resolver.https.iter();
            for address in https.chain([&resolver.source]) {
                assert!(address.starts_with("https://"), "{resolver:?}");
            }
        }
    }
}
