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

/// Name and text of each scenario.
const SOURCES: &[(&str, &str)] = &[
    source!("healthy"),
    source!("nothing-published"),
    source!("healthy-testing"),
    source!("switched-off"),
    source!("half-propagated"),
    source!("expired-certificate"),
    source!("certificate-expires-soon"),
    source!("not-yet-valid"),
    source!("wrong-name"),
    source!("no-san"),
    source!("self-signed"),
    source!("unknown-root"),
    source!("missing-intermediate"),
    source!("one-of-two-bad"),
    source!("needs-sni"),
    source!("old-tls"),
    source!("newest-tls-only"),
    source!("failed-handshake"),
    source!("no-starttls"),
    source!("starttls-refused"),
    source!("starttls-masked"),
    source!("starttls-injection"),
    source!("greeting-refused"),
    source!("slow-greeting"),
    source!("not-a-mail-server"),
    source!("endless-greeting"),
    source!("one-address-dead"),
    source!("mail-server-down"),
    source!("port-25-blocked"),
    source!("null-mx"),
    source!("null-mx-with-others"),
    source!("no-mx"),
    source!("implicit-mx"),
    source!("mx-alias"),
    source!("mx-address"),
    source!("mx-without-address"),
    source!("ipv6-only"),
    source!("two-records"),
    source!("record-without-id"),
    source!("record-id-hyphens"),
    source!("quoted-record"),
    source!("misplaced-record"),
    source!("record-alias"),
    source!("record-alias-broken"),
    source!("no-tls-reports"),
    source!("tls-reports-without-address"),
    source!("tls-reports-at-home"),
    source!("tls-reports-misplaced"),
    source!("no-policy-host"),
    source!("policy-host-down"),
    source!("policy-handshake-failed"),
    source!("policy-certificate-expired"),
    source!("policy-wrong-certificate"),
    source!("policy-missing-intermediate"),
    source!("redirecting-policy"),
    source!("html-policy"),
    source!("policy-not-found"),
    source!("policy-timeout"),
    source!("policy-drip"),
    source!("policy-too-large"),
    source!("policy-empty"),
    source!("policy-content-type"),
    source!("policy-typo"),
    source!("policy-bom"),
    source!("mx-not-listed"),
    source!("mx-unused"),
    source!("short-policy"),
    source!("dns-servfail"),
    source!("dns-silent"),
    source!("no-such-domain"),
];

static SCENARIOS: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    let parsed = SOURCES
        .iter()
        .map(|(name, toml)| Scenario::parse(name, toml));
    // A test proves that none is lost here.
    parsed.filter_map(Result::ok).collect()
});

/// The built-in scenarios, easiest first.
#[must_use]
pub fn scenarios() -> &'static [Scenario] {
    &SCENARIOS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_built_in_scenario_parses() {
        for (name, toml) in SOURCES {
            Scenario::parse(name, toml).unwrap();
        }
        assert_eq!(scenarios().len(), SOURCES.len());
    }

    #[test]
    fn the_list_and_the_directory_agree() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let files: BTreeSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let listed: BTreeSet<String> = SOURCES
            .iter()
            .map(|(name, _)| format!("{name}.toml"))
            .collect();
        assert_eq!(files, listed);
    }

    #[test]
    fn each_domain_is_named_after_its_scenario() {
        for scenario in scenarios() {
            assert_eq!(scenario.domain, format!("{}.example", scenario.name));
        }
    }
}
