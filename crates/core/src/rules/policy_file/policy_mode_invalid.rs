//! `policy-mode-invalid`: the mode in the policy file isn't `enforce`, `testing` or `none`.

use super::faults::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::policy::{Mode, PolicyFault, PolicyFaultKind};

rule! {
    code: POLICY_MODE_INVALID,
    severity: Problem,
    title: "the mode must be “testing”, “enforce” or “none”",
    page: "policy_mode_invalid.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::ModeInvalid { .. }),
        |faults| match meant(faults) {
            Some(mode) => format!("Write the line as “mode: {mode}”, and upload the file again."),
            None => {
                "Write the line as “mode: testing”, “mode: enforce” or “mode: none”, and upload \
                 the file again."
                    .to_owned()
            }
        },
    );
}

/// The mode that the owner probably had in mind.
fn meant(faults: &[&PolicyFault]) -> Option<Mode> {
    faults.iter().find_map(|fault| match fault.kind {
        PolicyFaultKind::ModeInvalid { meant } => meant,
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_word_near_enforce_is_found_with_the_right_one() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: Enforced\nmx: *.example.com\nmax_age: 604800\n",
            "line 2 at “Enforced”",
            "“mode: enforce”",
        );
    }

    #[test]
    fn a_word_near_testing_is_found_with_the_right_one() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: report\nmx: *.example.com\nmax_age: 604800\n",
            "“report”",
            "“mode: testing”",
        );
    }

    #[test]
    fn a_word_like_nothing_else_is_found_with_all_three() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: 1\nmx: *.example.com\nmax_age: 604800\n",
            "“1”",
            "“mode: none”",
        );
    }

    #[test]
    fn each_of_the_three_words_is_right() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: none\nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_mode() {
        unseen(&RULE, not_fetched);
    }
}
