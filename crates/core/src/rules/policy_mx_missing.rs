//! `policy-mx-missing`: the policy file has no mx line, in a mode that needs one.

use super::Rule;
use super::policy_file::{evidence, faults, mx_lines};
use crate::PolicyFaultKind;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "policy-mx-missing",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the policy lists no mail server",
    doc: include_str!("policy_mx_missing.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::MxMissing));
    if faults.is_empty() {
        return;
    }
    let fix = format!(
        "Add one line for each mail server: {}. Then upload the file again.",
        mx_lines(case)
    );
    findings.report(
        case.facts.domain.policy_host(),
        evidence(case, &faults),
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fetch, fires, set_policy, silent, unseen};

    #[test]
    fn a_policy_without_hosts_is_found_with_the_lines_to_add() {
        let finding = fires(&RULE, |facts| {
            set_policy(facts, "version: STSv1\nmode: enforce\nmax_age: 604800\n");
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("there is no mx line"),
            "{}",
            finding.evidence
        );
        assert!(
            finding
                .fix
                .contains("“mx: mx1.example.com” and “mx: mx2.example.com”"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_policy_that_is_switched_off_needs_no_hosts() {
        silent(&RULE, |facts| {
            set_policy(facts, "version: STSv1\nmode: none\nmax_age: 604800\n");
        });
    }

    #[test]
    fn a_faulty_line_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: 10 mx1.example.com\nmax_age: 604800\n",
            );
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_misses_nothing() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
