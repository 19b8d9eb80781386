//! `policy-version-invalid`: the version in the policy file is not exactly `STSv1`.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_VERSION_INVALID,
    severity: Problem,
    title: "the version in the policy file isn’t STSv1",
    page: "policy_version_invalid.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::VersionInvalid),
        |_| "Write the line as “version: STSv1”, and upload the file again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_version_in_small_letters_is_found_and_quoted() {
        fires_on_policy(
            &RULE,
            "version: stsv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            "line 1 at “stsv1”",
            "“version: STSv1”",
        );
    }

    #[test]
    fn spaces_around_the_version_are_fine() {
        silent(
            &RULE,
            policy_is("version:  STSv1 \nmode: enforce\nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_version() {
        unseen(&RULE, not_fetched);
    }
}
