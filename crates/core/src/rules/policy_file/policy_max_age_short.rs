//! `policy-max-age-short`: the policy's `max_age` is short for a policy that is in use.

use crate::rules::case::Case;
use crate::rules::coverage::covered::policy_in_use;
use crate::rules::finding::{Findings, Severity, Subject};
use crate::text::policy::Mode;

rule! {
    code: POLICY_MAX_AGE_SHORT,
    severity: Attention,
    title: "senders may drop the policy too soon",
    page: "policy_max_age_short.md",
    check,
}

const DAY_SECS: u32 = 86_400;
const WEEK_SECS: u32 = 604_800;
const TWO_WEEKS_SECS: u32 = 1_209_600;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(policy) = policy_in_use(case) else {
        return;
    };
    let (secs, enforce) = (policy.max_age().secs(), policy.mode() == Mode::Enforce);
    let severity = match secs {
        0..DAY_SECS => Severity::Attention,
        DAY_SECS..WEEK_SECS if enforce => Severity::Note,
        _ => return,
    };
    let domain = &case.facts.domain;
    findings.report_as(
        severity,
        Subject::policy_host(domain),
        format!(
            "The policy at {} says “max_age: {secs}”, so senders may drop it after {}.",
            domain.policy_url(),
            in_units(secs)
        ),
        format!(
            "Write “max_age: {}” in the policy file, publish it, and then give {} a new id.",
            if enforce { TWO_WEEKS_SECS } else { WEEK_SECS },
            domain.mta_sts_record_name()
        ),
    );
}

/// Seconds in the largest unit that leaves at least two of it.
fn in_units(secs: u32) -> String {
    match secs {
        172_800.. => format!("{} days", secs / DAY_SECS),
        7_200.. => format!("{} hours", secs / 3_600),
        120.. => format!("{} minutes", secs / 60),
        _ => format!("{secs} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::{RULE, in_units};
    use crate::facts::Facts;
    use crate::rules::finding::Severity;
    use crate::rules::testing::{assert_has, fires, not_fetched, set_policy, silent, unseen};

    fn set(facts: &mut Facts, mode: &str, max_age: u32) {
        let text = format!("version: STSv1\nmode: {mode}\nmx: *.example.com\nmax_age: {max_age}\n");
        set_policy(facts, &text);
    }

    #[test]
    fn less_than_a_day_calls_for_attention() {
        let finding = fires(&RULE, |facts| set(facts, "testing", 86_399));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_eq!(finding.severity, Severity::Attention);
        assert_has(&finding.evidence, "“max_age: 86399”");
        assert_has(&finding.fix, "“max_age: 604800”");
    }

    #[test]
    fn less_than_a_week_in_enforce_mode_is_a_note() {
        let finding = fires(&RULE, |facts| set(facts, "enforce", 604_799));
        assert_eq!(finding.severity, Severity::Note);
        assert_has(&finding.fix, "“max_age: 1209600”");
    }

    #[test]
    fn a_day_in_testing_mode_and_a_week_in_enforce_mode_are_long_enough() {
        silent(&RULE, |facts| set(facts, "testing", 86_400));
        silent(&RULE, |facts| set(facts, "enforce", 604_800));
    }

    #[test]
    fn a_policy_that_is_switched_off_should_be_forgotten_soon() {
        silent(&RULE, |facts| set(facts, "none", 3_600));
    }

    #[test]
    fn a_policy_that_was_not_fetched_is_not_short() {
        unseen(&RULE, not_fetched);
    }

    #[test]
    fn times_are_written_in_units_that_people_use() {
        assert_eq!(in_units(0), "0 seconds");
        assert_eq!(in_units(3_600), "60 minutes");
        assert_eq!(in_units(86_399), "23 hours");
        assert_eq!(in_units(604_799), "6 days");
    }
}
