//! `policy-version-missing`: the policy file has no version line.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_VERSION_MISSING,
    severity: Problem,
    title: "the policy file has no version line",
    page: "policy_version_missing.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::VersionMissing),
        |_| "Add “version: STSv1” as the first line of the file, and upload it again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_file_without_a_version_is_found() {
        fires_on_policy(
            &RULE,
            "mode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            "is missing",
            "“version: STSv1” as the first",
        );
    }

    #[test]
    fn a_wrong_version_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is("version: STSv2\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_misses_nothing() {
        unseen(&RULE, not_fetched);
    }
}
