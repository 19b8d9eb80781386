//! `policy-cert-expires-soon`: the policy host's certificate expires within two weeks.

use super::Rule;
use super::certificate::{expires_soon, of_policy_host};
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-cert-expires-soon",
    area: Area::PolicyHost,
    severity: Severity::Attention,
    title: "the policy host’s certificate expires within two weeks",
    doc: include_str!("policy_cert_expires_soon.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    of_policy_host(case, findings, expires_soon);
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_certificate_with_one_day_left_is_found_with_its_date() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_after = facts.checked_at + Duration::days(1);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "24 November 2026, one day after this check",
        );
    }

    #[test]
    fn fourteen_days_are_enough() {
        silent(&RULE, |facts| {
            policy_chain(facts).certificates[0].not_after = facts.checked_at + Duration::days(14);
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_does_not_end_soon() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
