//! `record-multiple`: there are several MTA-STS records at `_mta-sts`.

use super::mta_sts_record::set_right_value;
use super::name_servers::any_has_the_record;
use super::txt_record::texts;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::sts_record::StsSelection;

rule! {
    code: RECORD_MULTIPLE,
    severity: Problem,
    title: "there is more than one MTA-STS record",
    page: "record_multiple.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(StsSelection::Several(all)) = &case.record else {
        return;
    };
    // If a name server already has it right, the others should follow.
    if any_has_the_record(case.facts) {
        return;
    }
    let name = case.facts.domain.mta_sts_record_name();
    let evidence = format!(
        "{name} has {} records that begin with “v=STSv1;”: {}.",
        all.len(),
        texts(all)
    );
    let fix = format!("Delete all but one of them. {}", set_right_value(case));
    findings.report(Subject::record(&case.facts.domain), evidence, fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_has, assert_starts, failed, fires, name_server_says, record_is, silent, unseen,
    };

    #[test]
    fn an_old_and_a_new_record_are_both_quoted() {
        let finding = fires(&RULE, record_is(&["v=STSv1; id=1", "v=STSv1; id=2\n"]));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "“v=STSv1; id=1” and “v=STSv1; id=2\\u{a}”",
        );
        assert_starts(&finding.fix, "Delete all but one of them.");
    }

    #[test]
    fn unrelated_texts_beside_the_record_do_not_count() {
        silent(
            &RULE,
            record_is(&["v=spf1 -all", "v=STSv1; id=1", "v=STSv1 ; id=2"]),
        );
    }

    #[test]
    fn where_a_name_server_has_one_alone_the_others_are_left_to_another_rule() {
        silent(&RULE, |facts| {
            record_is(&["v=STSv1; id=1", "v=STSv1; id=2"])(facts);
            name_server_says(facts, 53, &["v=STSv1; id=2"]);
        });
    }

    #[test]
    fn a_lookup_that_failed_has_not_many_records() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
