//! `policy-cert-not-yet-valid`: the policy host's certificate isn't valid yet.

use super::Rule;
use super::certificate::{not_yet_valid, of_policy_host};
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-cert-not-yet-valid",
    area: Area::PolicyHost,
    severity: Severity::Problem,
    title: "the policy host’s certificate isn’t valid yet",
    doc: include_str!("policy_cert_not_yet_valid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    of_policy_host(case, findings, not_yet_valid);
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_certificate_of_tomorrow_is_found_with_its_date() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_before = facts.checked_at + Duration::days(1);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "24 November 2026");
    }

    #[test]
    fn a_certificate_that_begins_this_moment_is_valid() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_before = facts.checked_at;
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_too_early() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
