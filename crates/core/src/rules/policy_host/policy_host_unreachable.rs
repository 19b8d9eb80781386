//! `policy-host-unreachable`: the policy host doesn't answer over HTTPS.

use std::net::IpAddr;

use super::policy_fetch::{Obstacle, obstacle, policy_host_with_addresses};
use crate::facts::{Controls, Facts, FailureKind, ProbeFailure};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::reachability::ipv6_works;

rule! {
    code: POLICY_HOST_UNREACHABLE,
    severity: Problem,
    title: "the policy host doesn’t answer",
    page: "policy_host_unreachable.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let Some((Obstacle::NoAnswer, failure)) = obstacle(facts) else {
        return;
    };
    let host = facts.domain.policy_host();
    let evidence = format!(
        "This check couldn’t fetch the policy file from {} on port 443: {failure}.",
        policy_host_with_addresses(facts)
    );
    if let Some(doubt) = doubt(facts, failure) {
        findings.not_checked(
            Subject::policy_host(&case.facts.domain),
            format!("{evidence} {doubt}"),
        );
        return;
    }
    let fix = format!(
        "Make sure that the web server of {host} answers HTTPS on port 443 and that the firewall \
         lets it through. If the address isn’t your web server’s, correct it in DNS."
    );
    findings.report(Subject::policy_host(&case.facts.domain), evidence, fix);
}

/// Why the fault may be this computer's.
fn doubt(facts: &Facts, failure: &ProbeFailure) -> Option<&'static str> {
    let no_route = matches!(
        failure.kind,
        FailureKind::Unreachable | FailureKind::TimedOut
    );
    let only_ipv6 = facts
        .policy_host
        .seen()
        .is_some_and(|answer| answer.records.iter().all(IpAddr::is_ipv6));
    let offline = facts.controls.seen().is_some_and(Controls::offline);
    if offline || facts.mx.failed().is_some() {
        Some("This check couldn’t reach anything else either: this computer seems to be offline.")
    } else if no_route && only_ipv6 && !ipv6_works(facts) {
        Some("The host has only IPv6 addresses, and this computer may have no IPv6.")
    } else if failure.kind == FailureKind::Other {
        Some("This says nothing about the web server.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Controls, Facts, FailureKind, Observed};
    use crate::rules::testing::{
        assert_has, failed, fetch, fires, not_checked, not_fetched, silent, unseen,
    };

    fn refuse(facts: &mut Facts, kind: FailureKind) {
        fetch(facts).ip = None;
        fetch(facts).chain = Observed::NotAsked;
        fetch(facts).response = failed(kind);
    }

    #[test]
    fn a_refused_connection_is_found_with_its_address() {
        let finding = fires(&RULE, |facts| refuse(facts, FailureKind::Refused));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding
                .evidence
                .contains("mta-sts.example.com (192.0.2.80)")
                && finding.evidence.contains("connection refused"),
            "{}",
            finding.evidence
        );
        assert_has(&finding.fix, "port 443");
    }

    #[test]
    fn no_connection_in_time_is_found() {
        let finding = fires(&RULE, |facts| refuse(facts, FailureKind::TimedOut));
        assert_has(&finding.evidence, "no answer in time");
    }

    #[test]
    fn a_connection_that_stood_and_ran_out_of_time_is_left_to_another_rule() {
        silent(&RULE, not_fetched);
    }

    #[test]
    fn an_offline_computer_accuses_nobody() {
        let reason = not_checked(&RULE, |facts| {
            refuse(facts, FailureKind::Unreachable);
            let web = failed(FailureKind::Unreachable);
            facts.controls = Observed::Seen(Controls {
                hosts: Vec::new(),
                web,
            });
        });
        assert_has(&reason, "offline");
        not_checked(&RULE, |facts| {
            refuse(facts, FailureKind::TimedOut);
            facts.mx = failed(FailureKind::TimedOut);
        });
    }

    #[test]
    fn a_host_with_ipv6_alone_is_not_accused_from_a_computer_without() {
        let reason = not_checked(&RULE, |facts| {
            refuse(facts, FailureKind::Unreachable);
            facts.policy_host = Observed::Seen(Answer::of(["2001:db8::80".parse().unwrap()]));
        });
        assert_has(&reason, "IPv6");
    }

    #[test]
    fn a_host_that_was_not_asked_is_not_unreachable() {
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
