//! `record-id-not-bumped`: the policy has changed, but the id is still the same.

use super::known_policy::{difference, is_same, known_by_the_same_id};
use super::mta_sts_record::set_value_with_id;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::date_style::day;
use crate::text::sts_record::PolicyId;
use crate::text::wording::in_quotes;

rule! {
    code: RECORD_ID_NOT_BUMPED,
    severity: Problem,
    title: "the policy has changed, but its id hasn’t",
    page: "record_id_not_bumped.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    if facts.earlier.is_none() && facts.written.is_none() {
        return;
    }
    let Some(published) = facts.published() else {
        return;
    };
    let Some(known) = known_by_the_same_id(facts, &published) else {
        return;
    };
    let id = known.id.as_deref().unwrap_or_default();
    let known_name = format!("the one from {}", day(known.at));
    let evidence = format!(
        "The record has the id {} of the policy from {}, but the policy file is a different one: {}.",
        in_quotes(id, 40),
        day(known.at),
        difference(&published.text, &known.text, &known_name)
    );
    // The id that was written with what is published now, where that is known.
    let id_of_published = facts
        .written
        .iter()
        .chain(&facts.earlier)
        .filter(|other| other.id != known.id && is_same(&published.text, &other.text))
        .find_map(|other| PolicyId::parse(other.id.as_deref()?).ok());
    let id = id_of_published.unwrap_or_else(|| PolicyId::from_utc(facts.checked_at));
    findings.report(
        Subject::record(&facts.domain),
        evidence,
        format!(
            "Make sure that {} shows the policy that you want. Then give the record a new id, so \
             that senders fetch it. {}",
            facts.domain.policy_url(),
            set_value_with_id(case, id)
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind};
    use crate::rules::testing::{
        POLICY, assert_ends, assert_has, failed, fires, known_policy, not_fetched, policy_is,
        silent, unseen,
    };

    /// The id in the record of the healthy domain.
    const ID: &str = "20261123120000Z";

    fn was_testing(id: &str) -> impl FnOnce(&mut Facts) {
        let text = POLICY.replace("enforce", "testing");
        move |facts| {
            // Checked a minute after the id was made, so that a new one differs from it.
            facts.checked_at += time::Duration::MINUTE;
            facts.earlier = Some(known_policy(id, &text));
        }
    }

    #[test]
    fn a_change_of_mode_under_the_old_id_is_found() {
        let finding = fires(&RULE, was_testing(ID));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "“20261123120000Z” of the policy from 16 November 2026",
        );
        assert_has(&finding.evidence, "the published file has “mode: enforce”");
        assert_ends(&finding.fix, "v=STSv1; id=20261123120100Z;");
    }

    #[test]
    fn the_id_that_was_written_with_the_file_is_the_one_to_set() {
        let finding = fires(&RULE, |facts| {
            was_testing(ID)(facts);
            facts.written = Some(known_policy("20261120080000Z", POLICY));
        });
        assert_ends(&finding.fix, "v=STSv1; id=20261120080000Z;");
    }

    #[test]
    fn a_file_that_was_changed_after_it_was_written_is_found() {
        let finding = fires(&RULE, |facts| {
            was_testing(ID)(facts);
            facts.written = facts.earlier.take();
        });
        assert_has(
            &finding.evidence,
            "the one from 16 November 2026 has “mode: testing”",
        );
    }

    #[test]
    fn a_new_id_and_a_file_that_only_looks_different_are_right() {
        silent(&RULE, was_testing("20261101080000Z"));
        silent(&RULE, |facts| {
            facts.earlier = Some(known_policy(ID, &POLICY.replace("\r\n", "\n")));
        });
    }

    #[test]
    fn a_file_that_is_no_policy_is_left_to_other_rules() {
        silent(&RULE, |facts| {
            was_testing(ID)(facts);
            policy_is("hello")(facts);
        });
    }

    #[test]
    fn what_was_not_seen_has_not_changed() {
        unseen(&RULE, |facts| {
            was_testing(ID)(facts);
            not_fetched(facts);
        });
        unseen(&RULE, |facts| {
            was_testing(ID)(facts);
            facts.record = failed(FailureKind::TimedOut);
        });
    }
}
