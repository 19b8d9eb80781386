//! `policy-mode-none`: the policy's mode is none.

use super::Rule;
use crate::Mode;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-mode-none",
    area: Area::PolicyFile,
    severity: Severity::Attention,
    title: "the policy is switched off",
    doc: include_str!("policy_mode_none.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let policy = case
        .policy
        .as_ref()
        .and_then(|reading| reading.policy.as_ref());
    if policy.is_none_or(|policy| policy.mode() != Mode::None) {
        return;
    }
    let domain = &case.facts.domain;
    findings.report(
        domain.policy_host(),
        format!(
            "The policy at {} says “mode: none”. It protects nothing.",
            domain.policy_url()
        ),
        format!(
            "If you do not mean to remove MTA-STS, write “mode: testing” in the policy file, \
             publish it, and then give {} a new id.",
            domain.mta_sts_record_name()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{POLICY, failed, fetch, fires, set_policy, silent, unseen};

    #[test]
    fn a_policy_that_is_switched_off_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(facts, "version: STSv1\nmode: none\nmax_age: 86400\n");
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("“mode: none”"),
            "{}",
            finding.evidence
        );
        assert!(
            finding.fix.contains("_mta-sts.example.com"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn testing_mode_is_not_switched_off() {
        silent(&RULE, |facts| {
            set_policy(facts, &POLICY.replace("enforce", "testing"));
        });
    }

    #[test]
    fn a_policy_that_was_not_fetched_is_not_switched_off() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
