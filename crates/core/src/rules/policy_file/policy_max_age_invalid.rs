//! `policy-max-age-invalid`: the `max_age` in the policy file isn't a number from 0 to 31557600.

use super::faults::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::policy::{MaxAge, MaxAgeError, PolicyFault, PolicyFaultKind};

rule! {
    code: POLICY_MAX_AGE_INVALID,
    severity: Problem,
    title: "max_age is not a valid number of seconds",
    page: "policy_max_age_invalid.md",
    check,
}

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

/// If nothing can be guessed, a week.
const WEEK_SECS: u64 = 7 * DAY_SECS;
/// A number without a unit below a day was hardly meant in seconds.
const DAY_SECS: u64 = 24 * HOUR_SECS;
const HOUR_SECS: u64 = 3_600;

/// The number of seconds that the owner probably had in mind.
fn meant(faults: &[&PolicyFault]) -> u64 {
    let longest = u64::from(MaxAge::LONGEST_WRITTEN.secs());
    let Some(fault) = faults.first() else {
        return WEEK_SECS;
    };
    if fault.kind == PolicyFaultKind::MaxAgeInvalid(MaxAgeError::TooLarge) {
        return longest;
    }
    duration_secs(&fault.found).map_or(WEEK_SECS, |secs| secs.min(longest))
}

/// Reads `14 days`, `1w`, `1,209,600` or `86400 # a day`; `None` if that isn't a usable time.
fn duration_secs(text: &str) -> Option<u64> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "\"'“”".contains(c));
    let is_of_number = |c: char| c.is_ascii_digit() || ",.'_ ".contains(c);
    let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number = whole_number(number.trim())?;
    let unit: String = unit.chars().take_while(char::is_ascii_alphabetic).collect();
    let unit_secs = match unit.to_ascii_lowercase().as_str() {
        "h" | "hour" | "hours" => HOUR_SECS,
        "d" | "day" | "days" => DAY_SECS,
        "w" | "week" | "weeks" => WEEK_SECS,
        "month" | "months" => 30 * DAY_SECS,
        "y" | "year" | "years" => 365 * DAY_SECS,
        _ if number >= DAY_SECS => 1,
        _ => return None,
    };
    number.checked_mul(unit_secs).filter(|secs| *secs > 0)
}

/// Digits, with or without a separator between groups of three; `1.5` doesn't count.
fn whole_number(text: &str) -> Option<u64> {
    let mut groups = text.split(|c: char| !c.is_ascii_digit());
    let first = groups.next()?;
    let others: Vec<&str> = groups.collect();
    let is_grouped = others.iter().all(|group| group.len() == 3);
    let all: String = std::iter::once(first).chain(others).collect();
    all.parse().ok().filter(|_| is_grouped && !first.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{RULE, duration_secs};
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
    fn what_was_meant_is_read_where_it_can_be() {
        for (text, secs) in [
            ("14 days", Some(1_209_600)),
            ("2 Weeks", Some(1_209_600)),
            ("30d", Some(2_592_000)),
            ("12h", Some(43_200)),
            ("1 year", Some(31_536_000)),
            ("604800s", Some(604_800)),
            ("604800 # 1 week", Some(604_800)),
            ("604800 seconds", Some(604_800)),
            ("\"86400\"", Some(86_400)),
            ("1.209.600", Some(1_209_600)),
            ("1.5 weeks", None),
            ("14", None),
            ("0 days", None),
            ("-1", None),
            ("a week", None),
            ("99999999999999999999 days", None),
            ("18446744073709551615 weeks", None),
            ("", None),
        ] {
            assert_eq!(duration_secs(text), secs, "{text:?}");
        }
    }

    #[test]
    fn fourteen_days_are_proposed_in_seconds() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 14 days\n",
            "line 4 at “14 days”",
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
