//! The built-in scenarios, in the order in which a list shows them.

use std::sync::LazyLock;

use crate::scenario::Scenario;

macro_rules! source {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../scenarios/", $name, ".toml")),
        )
    };
}

/// Name and text of the scenarios for a first look: what is met most often, one of each part.
const INSTRUCTIVE: &[(&str, &str)] = &[
    source!("healthy"),
    source!("nothing-published"),
    source!("half-propagated"),
    source!("expired-certificate"),
    source!("wrong-name"),
    source!("many-names"),
    source!("no-starttls"),
    source!("old-tls"),
    source!("redirecting-policy"),
    source!("html-policy"),
    source!("policy-typo"),
    source!("mx-not-listed"),
    source!("port-25-blocked"),
];

/// Name and text of all others, in the order in which a check goes: mail servers, record, policy,
/// reports, and the DNS beneath.
const FURTHER: &[(&str, &str)] = &[
    source!("healthy-testing"),
    source!("switched-off"),
    source!("certificate-expires-soon"),
    source!("six-day-certificate"),
    source!("six-day-certificate-due"),
    source!("not-yet-valid"),
    source!("impossible-date"),
    source!("no-san"),
    source!("self-signed"),
    source!("unknown-root"),
    source!("client-certificate"),
    source!("signing-certificate"),
    source!("missing-intermediate"),
    source!("dead-end-first"),
    source!("one-of-two-bad"),
    source!("needs-sni"),
    source!("newest-tls-only"),
    source!("failed-handshake"),
    source!("weak-suites"),
    source!("ssl3-only"),
    source!("legacy-too"),
    source!("starttls-refused"),
    source!("starttls-masked"),
    source!("inspected-smtp"),
    source!("starttls-injection"),
    source!("greeting-refused"),
    source!("rate-limited"),
    source!("busy"),
    source!("block-listed"),
    source!("slow-greeting"),
    source!("greeting-dripping"),
    source!("not-a-mail-server"),
    source!("endless-greeting"),
    source!("tarpit"),
    source!("eight-bit-greeting"),
    source!("endless-ehlo"),
    source!("over-long-line"),
    source!("starttls-twice"),
    source!("tls-on-connect"),
    source!("reset-at-once"),
    source!("reset-at-ehlo"),
    source!("reset-at-starttls"),
    source!("reset-in-handshake"),
    source!("silent-in-tls"),
    source!("one-address-dead"),
    source!("mail-server-down"),
    source!("port-25-refused"),
    source!("port-25-blocked-over-ipv6"),
    source!("mail-answered-here"),
    source!("encryption-stripped-here"),
    source!("hosted-mail"),
    source!("dane"),
    source!("dane-mismatch"),
    source!("null-mx"),
    source!("null-mx-with-others"),
    source!("no-mx"),
    source!("implicit-mx"),
    source!("mx-alias"),
    source!("mx-underscore"),
    source!("mx-address"),
    source!("mx-without-address"),
    source!("mx-private-address"),
    source!("mx-loopback"),
    source!("office-dns"),
    source!("ipv6-only"),
    source!("two-records"),
    source!("misspelt-record"),
    source!("record-without-id"),
    source!("record-id-hyphens"),
    source!("record-with-two-ids"),
    source!("record-placeholder"),
    source!("quoted-record"),
    source!("escaped-record"),
    source!("spaced-record"),
    source!("record-without-semicolon"),
    source!("record-with-mode"),
    source!("misplaced-record"),
    source!("record-at-apex"),
    source!("record-without-underscore"),
    source!("record-two-underscores"),
    source!("record-alias"),
    source!("record-alias-broken"),
    source!("record-alias-loop"),
    source!("record-alias-leftover"),
    source!("wildcard-record"),
    source!("wildcard-spf"),
    source!("stale-name-server"),
    source!("long-ttl"),
    source!("no-policy-host"),
    source!("policy-private-address"),
    source!("policy-host-down"),
    source!("policy-not-http"),
    source!("policy-handshake-failed"),
    source!("policy-old-tls"),
    source!("policy-ipv6-only"),
    source!("policy-ipv6-broken"),
    source!("policy-ipv6-other"),
    source!("policy-certificate-expired"),
    source!("policy-certificate-expires-soon"),
    source!("policy-certificate-not-yet-valid"),
    source!("policy-impossible-date"),
    source!("policy-wrong-certificate"),
    source!("policy-certificate-no-san"),
    source!("policy-certificate-self-signed"),
    source!("policy-certificate-unknown-root"),
    source!("policy-signing-certificate"),
    source!("policy-missing-intermediate"),
    source!("policy-not-found"),
    source!("policy-unclaimed"),
    source!("policy-at-apex"),
    source!("policy-at-www"),
    source!("policy-outside-folder"),
    source!("policy-doubled-ending"),
    source!("policy-challenge"),
    source!("policy-rate-limited"),
    source!("policy-unavailable"),
    source!("policy-late"),
    source!("policy-cached"),
    source!("policy-timeout"),
    source!("policy-cut-short"),
    source!("policy-drip"),
    source!("policy-content-type"),
    source!("policy-compressed"),
    source!("policy-too-large"),
    source!("policy-empty"),
    source!("policy-bom"),
    source!("policy-blank-line"),
    source!("policy-indented"),
    source!("policy-front-matter"),
    source!("policy-semicolons"),
    source!("policy-holds-record"),
    source!("policy-list"),
    source!("policy-without-version"),
    source!("policy-version-typo"),
    source!("policy-version-last"),
    source!("policy-without-mode"),
    source!("policy-two-modes"),
    source!("policy-without-max-age"),
    source!("policy-max-age-days"),
    source!("short-policy"),
    source!("long-policy"),
    source!("policy-without-mx"),
    source!("policy-mx-preference"),
    source!("policy-short-names"),
    source!("policy-with-id"),
    source!("mx-unused"),
    source!("policy-wildcard-depth"),
    source!("policy-wildcard-broad"),
    source!("no-tls-reports"),
    source!("tls-reports-twice"),
    source!("tls-reports-misspelt"),
    source!("tls-reports-without-address"),
    source!("tls-reports-without-mailto"),
    source!("tls-reports-at-home"),
    source!("tls-reports-misplaced"),
    source!("tls-reports-doubled"),
    source!("tls-reports-draft-name"),
    source!("tls-reports-odd"),
    source!("domain-connect"),
    source!("dns-servfail"),
    source!("dns-silent"),
    source!("dnssec-broken"),
    source!("no-such-domain"),
];

static SCENARIOS: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    let parsed = sources().map(|(name, toml)| Scenario::parse(name, toml));
    // A test proves that none is lost here.
    parsed.filter_map(Result::ok).collect()
});

/// The built-in scenarios, the [`instructive`] ones first.
#[must_use]
pub fn scenarios() -> &'static [Scenario] {
    &SCENARIOS
}

/// The first few of [`scenarios`], for a list that a newcomer can take in at a glance.
#[must_use]
pub fn instructive() -> &'static [Scenario] {
    SCENARIOS.get(..INSTRUCTIVE.len()).unwrap_or_default()
}

fn sources() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    INSTRUCTIVE.iter().chain(FURTHER)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_built_in_scenario_parses() {
        for (name, toml) in sources() {
            Scenario::parse(name, toml).unwrap();
        }
        assert_eq!(scenarios().len(), sources().count());
    }

    #[test]
    fn the_list_and_the_directory_agree() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let files: BTreeSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let listed: Vec<String> = sources().map(|(name, _)| format!("{name}.toml")).collect();
        assert_eq!(files.len(), listed.len());
        assert_eq!(files, BTreeSet::from_iter(listed));
    }

    #[test]
    fn the_instructive_scenarios_come_first() {
        let names = |all: &[Scenario]| -> Vec<String> {
            all.iter().map(|scenario| scenario.name.clone()).collect()
        };
        let first = names(instructive());
        assert!(names(scenarios()).starts_with(&first));
        assert_eq!(first.len(), INSTRUCTIVE.len());
        assert_eq!(first.first().unwrap(), "healthy");
    }

    #[test]
    fn each_domain_is_named_after_its_scenario() {
        for scenario in scenarios() {
            assert_eq!(scenario.domain, format!("{}.example", scenario.name));
        }
    }
}
