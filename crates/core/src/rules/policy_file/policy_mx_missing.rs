//! `policy-mx-missing`: the policy file has no mx line, in a mode that needs one.

use super::faults::{mx_lines, report_faults};
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_MX_MISSING,
    severity: Problem,
    title: "the policy lists no mail servers",
    page: "policy_mx_missing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::MxMissing),
        |_| {
            format!(
                "Add one line for each mail server: {}. Then upload the file again.",
                mx_lines(case)
            )
        },
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_policy_without_hosts_is_found_with_the_lines_to_add() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmax_age: 604800\n",
            "there is no mx line",
            "“mx: mx1.example.com” and “mx: mx2.example.com”",
        );
    }

    #[test]
    fn a_policy_that_is_switched_off_needs_no_hosts() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: none\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_faulty_line_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: 10 mx1.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_misses_nothing() {
        unseen(&RULE, not_fetched);
    }
}
