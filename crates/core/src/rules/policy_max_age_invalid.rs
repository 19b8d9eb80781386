//! `policy-max-age-invalid`: the `max_age` in the policy file is no number from 0 to 31557600.

use super::Rule;
use super::policy_file::report_faults;
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};
use crate::{MaxAge, MaxAgeError, PolicyFault, PolicyFaultKind};

pub(super) static RULE: Rule = Rule {
    code: "policy-max-age-invalid",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "the max_age is no allowed number of seconds",
    doc: include_str!("policy_max_age_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::MaxAgeInvalid(_)),
        |faults| {
            format!(
                "Write the line as “max_age: {}”, and upload the file again.",
                meant(faults)
            )
        },
    );
}

/// Where nothing can be guessed, a week.
const WEEK_SECS: u32 = 604_800;
/// Less than a day was hardly meant: a number of hours or days, perhaps.
const DAY_SECS: u32 = 86_400;

/// The number of seconds that the owner probably had in mind.
fn meant(faults: &[&PolicyFault]) -> u32 {
    let longest = MaxAge::LONGEST_WRITTEN.secs();
    let Some(fault) = faults.first() else {
        return WEEK_SECS;
    };
    if fault.kind == PolicyFaultKind::MaxAgeInvalid(MaxAgeError::TooLarge) {
        return longest;
    }
    let digits: String = fault.found.chars().filter(char::is_ascii_digit).collect();
    digits
        .parse()
        .ok()
        .filter(|secs| (DAY_SECS..=longest).contains(secs))
        .unwrap_or(WEEK_SECS)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_word_is_found_with_a_week_in_its_place() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 1w\n",
            "line 4 at “1w”",
            "“max_age: 604800”",
        );
    }

    #[test]
    fn commas_between_the_digits_are_found_and_taken_out() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 1,209,600\n",
            "digits only",
            "“max_age: 1209600”",
        );
    }

    #[test]
    fn more_than_a_year_is_found_with_a_year_in_its_place() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 63072000\n",
            "at most 31557600",
            "“max_age: 31536000”",
        );
    }

    #[test]
    fn a_year_and_leading_zeros_are_allowed() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 0031557600\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_max_age() {
        unseen(&RULE, not_fetched);
    }
}
