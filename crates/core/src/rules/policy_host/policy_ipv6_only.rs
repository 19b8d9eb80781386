//! `policy-ipv6-only`: the policy host cannot be reached over IPv4.

use std::net::IpAddr;

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::in_words;

rule! {
    code: POLICY_IPV6_ONLY,
    severity: Attention,
    title: "the policy host has no IPv4 address",
    page: "policy_ipv6_only.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(addresses) = case.facts.policy_host.seen().map(|answer| &answer.records) else {
        return;
    };
    if addresses.is_empty() || addresses.iter().any(IpAddr::is_ipv4) {
        return;
    }
    let host = case.facts.domain.policy_host();
    let evidence = format!(
        "{host} has no IPv4 address, only IPv6: {}.",
        in_words(addresses)
    );
    let fix = format!(
        "Give the web server an IPv4 address too, with an A record for {host}, or move the file \
         to a host that has both."
    );
    findings.report(Subject::policy_host(&case.facts.domain), evidence, fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fires, seen, silent, unseen};

    #[test]
    fn a_host_without_any_ipv4_address_is_found() {
        let finding = fires(&RULE, |facts| {
            facts.policy_host = Observed::Seen(Answer::of(["2001:db8::80".parse().unwrap()]));
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "2001:db8::80");
        assert_has(&finding.fix, "A record for mta-sts.example.com");
    }

    #[test]
    fn both_families_are_right() {
        silent(&RULE, |facts| {
            let addresses = &mut seen(&mut facts.policy_host).records;
            addresses.push("2001:db8::80".parse().unwrap());
        });
    }

    #[test]
    fn a_host_without_any_address_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            facts.policy_host = Observed::Seen(Answer::no_such_name());
        });
    }

    #[test]
    fn a_lookup_that_failed_hides_the_addresses() {
        unseen(&RULE, |facts| {
            facts.policy_host = failed(FailureKind::TimedOut);
        });
    }
}
