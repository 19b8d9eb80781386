//! `record-wrong-place`: the MTA-STS record is at a name where no sender looks.

use super::absence::{Absence, absence};
use super::misplaced::{evidence, moving};
use super::mta_sts_record::right_text_or_value;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: RECORD_WRONG_PLACE,
    severity: Problem,
    title: "the record is at the wrong name",
    page: "record_wrong_place.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(Absence::Elsewhere(found)) = absence(case) else {
        return;
    };
    let name = case.facts.domain.mta_sts_record_name();
    let value = right_text_or_value(case, found.iter().map(|misplaced| misplaced.text));
    let fix = moving(case, &name, &found, &value);
    findings.report(
        Subject::record(&case.facts.domain),
        evidence(&name, &found),
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MxRecord, Observed};
    use crate::rules::testing::{
        assert_ends, assert_has, assert_starts, failed, fires, no_name, record_is, silent,
        stands_at, unseen,
    };

    fn found_at(name: &str, text: &str) -> impl FnOnce(&mut Facts) {
        move |facts| {
            facts.record = no_name();
            stands_at(facts, name, text);
        }
    }

    #[test]
    fn a_doubled_name_is_found_with_what_the_name_box_takes() {
        let finding = fires(
            &RULE,
            found_at("_mta-sts.example.com.example.com", "v=STSv1; id=7"),
        );
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "“v=STSv1; id=7” at _mta-sts.example.com.example.com",
        );
        assert_starts(&finding.fix, "The form appends the domain automatically");
        assert_has(&finding.fix, "enter just _mta-sts as the name.");
        assert_ends(&finding.fix, "Its value: v=STSv1; id=7");
    }

    #[test]
    fn a_faulty_text_is_not_carried_over() {
        let finding = fires(&RULE, found_at("mta-sts.example.com", "v=STSv1; id=1-2"));
        assert_starts(&finding.fix, "An underscore is missing");
        assert_ends(&finding.fix, "Its value: v=STSv1; id=20261123120000Z;");
    }

    #[test]
    fn beside_a_record_in_the_right_place_another_does_no_harm() {
        silent(&RULE, |facts| {
            stands_at(facts, "example.com", "v=STSv1; id=7");
        });
        silent(&RULE, |facts| {
            record_is(&["v=stsv1; id=1"])(facts);
            stands_at(facts, "example.com", "v=STSv1; id=7");
        });
    }

    #[test]
    fn other_texts_beside_the_right_name_are_nobodys_mistake() {
        silent(&RULE, found_at("example.com", "v=spf1 -all"));
    }

    #[test]
    fn a_domain_that_receives_no_mail_has_nothing_to_move() {
        silent(&RULE, |facts| {
            found_at("example.com", "v=STSv1; id=7")(facts);
            let exchange = String::new();
            let root = MxRecord {
                preference: 0,
                exchange,
            };
            facts.mx = Observed::Seen(Answer::of([root]));
        });
    }

    #[test]
    fn where_the_right_name_was_not_answered_nothing_is_misplaced() {
        unseen(&RULE, |facts| {
            found_at("example.com", "v=STSv1; id=7")(facts);
            facts.record = failed(FailureKind::TimedOut);
        });
    }
}
