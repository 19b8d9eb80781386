//! `policy-differs`: the published policy isn't the one that was written for publication.

use crate::facts::KnownPolicy;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::record::known_policy::{difference, is_same, known_by_the_same_id};
use crate::rules::record::mta_sts_record::set_value_with_id;
use crate::text::date_style::day;
use crate::text::sts_record::PolicyId;
use crate::text::wording::in_quotes;

rule! {
    code: POLICY_DIFFERS,
    severity: Attention,
    title: "what is published differs from the files written for you",
    page: "policy_differs.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let Some(written) = &facts.written else {
        return;
    };
    let Some(published) = facts.published() else {
        return;
    };
    let known = known_by_the_same_id(facts, &published);
    if is_same(&published.text, &written.text) {
        // An id that belonged to another policy before is left to record-id-not-bumped.
        if known.is_none() {
            compare_ids(case, &published, written, findings);
        }
        return;
    }
    // Under the id of the written policy, this is a worse fault: one id for two policies.
    if known.is_some_and(|known| known.id == written.id) {
        return;
    }
    let domain = &facts.domain;
    let url = domain.policy_url();
    findings.report(
        Subject::policy_host(domain),
        format!(
            "{url} isn’t the file that was written on {}: {}.",
            day(written.at),
            difference(&published.text, &written.text, "the written one")
        ),
        format!(
            "Upload mta-sts.txt again, and clear any caches in front of {url}. If the published \
             policy is the one that you want, there is nothing to fix."
        ),
    );
}

/// The right file under another id: senders that already know this id don't fetch the file.
fn compare_ids(
    case: &Case<'_>,
    published: &KnownPolicy,
    written: &KnownPolicy,
    findings: &mut Findings,
) {
    let (Some(announced), Some(meant)) = (&published.id, &written.id) else {
        return;
    };
    let Ok(id) = PolicyId::parse(meant) else {
        return;
    };
    if announced == meant {
        return;
    }
    findings.report(
        Subject::record(&case.facts.domain),
        format!(
            "The policy file is the one that was written on {}, but the record has the id {} \
             instead of {}.",
            day(written.at),
            in_quotes(announced, 40),
            in_quotes(meant, 40)
        ),
        format!(
            "Give the record the id that was written with the file, so that senders fetch it. {}",
            set_value_with_id(case, id)
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Facts;
    use crate::rules::testing::{
        POLICY, assert_ends, assert_has, fires, known_policy, not_fetched, policy_is, silent,
        unseen,
    };

    fn wrote(id: &str, text: &str) -> impl FnOnce(&mut Facts) {
        move |facts| facts.written = Some(known_policy(id, text))
    }

    #[test]
    fn the_right_file_under_another_id_is_found_with_the_record_to_set() {
        let finding = fires(&RULE, wrote("20261124080000Z", POLICY));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(&finding.evidence, "instead of “20261124080000Z”");
        assert_ends(&finding.fix, "v=STSv1; id=20261124080000Z;");
    }

    #[test]
    fn an_old_file_is_found_with_the_line_that_differs() {
        let finding = fires(&RULE, wrote("2", &POLICY.replace("enforce", "testing")));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "written on 16 November 2026: the published file has “mode: enforce”, the written one \
             has “mode: testing”.",
        );
        assert_has(&finding.fix, "Upload mta-sts.txt again");
    }

    #[test]
    fn other_line_ends_and_another_order_are_the_same_policy() {
        silent(&RULE, wrote("20261123120000Z", POLICY));
        silent(
            &RULE,
            wrote("20261123120000Z", &POLICY.replace("\r\n", "\n")),
        );
    }

    #[test]
    fn under_the_written_id_another_rule_tells_it() {
        let text = POLICY.replace("enforce", "testing");
        silent(&RULE, wrote("20261123120000Z", &text));
    }

    #[test]
    fn a_file_that_is_no_policy_is_left_to_other_rules() {
        silent(&RULE, |facts| {
            wrote("2", &POLICY.replace("enforce", "testing"))(facts);
            policy_is("<html>")(facts);
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_differs_from_nothing() {
        unseen(&RULE, |facts| {
            wrote("2", &POLICY.replace("enforce", "testing"))(facts);
            not_fetched(facts);
        });
    }
}
