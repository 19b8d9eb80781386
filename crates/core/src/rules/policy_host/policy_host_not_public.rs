//! `policy-host-not-public`: the public DNS gives the policy host an address that no sender gets to.

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::mx::scope::{OutOfReach, account};

rule! {
    code: POLICY_HOST_NOT_PUBLIC,
    severity: Problem,
    title: "the policy host has an address that senders can’t reach",
    page: "policy_host_not_public.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let name = facts.domain.policy_host();
    let Some(answer) = facts.policy_host.seen() else {
        return;
    };
    let host = OutOfReach::of(facts, &name, answer.records.iter().copied());
    let public = host.and_then(|host| host.in_public_dns());
    if let Some(public) = public.filter(|public| !public.is_empty()) {
        findings.report(
            Subject::policy_host(&facts.domain),
            format!(
                "The public DNS gives {name} this address. {} Senders can’t fetch the policy from \
                 there.",
                account(&public)
            ),
            format!(
                "Give {name} the address of a web server that can be reached from the internet, and \
                 remove the other one from the public DNS."
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fires, public_dns_says, silent, unseen};

    #[test]
    fn a_private_address_in_the_public_dns_is_a_problem() {
        for ip in ["192.168.1.80", "127.0.0.1", "::1", "fd00::1"] {
            let finding = fires(&RULE, |facts| {
                facts.policy_host = Observed::Seen(Answer::of([ip.parse().unwrap()]));
                public_dns_says(facts, "mta-sts.example.com", &[ip]);
            });
            assert_eq!(finding.subject, "mta-sts.example.com");
            assert_has(&finding.evidence, ip);
        }
    }

    #[test]
    fn an_address_of_this_network_alone_is_no_fault_of_the_domain() {
        silent(&RULE, |facts| {
            facts.policy_host = Observed::Seen(Answer::of(["10.0.0.1".parse().unwrap()]));
            public_dns_says(facts, "mta-sts.example.com", &["192.0.2.80"]);
        });
    }

    #[test]
    fn a_lookup_that_failed_has_no_address() {
        unseen(&RULE, |facts| {
            facts.policy_host = failed(FailureKind::TimedOut);
        });
    }
}
