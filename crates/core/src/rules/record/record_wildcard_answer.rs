//! `record-wildcard-answer`: a wildcard answers for `_mta-sts`, as for any other name.

use super::absence::{Absence, absence};
use super::mta_sts_record::right_text_or_value;
use super::txt_record::{is_there, texts};
use super::wildcard::answers_as_random;
use crate::facts::RandomName;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Severity, Subject};
use crate::text::sts_record::StsRecord;
use crate::text::wording::shown;

rule! {
    code: RECORD_WILDCARD_ANSWER,
    severity: Problem,
    title: "a wildcard answers in place of this record",
    page: "record_wildcard_answer.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some((severity, random)) = wildcard(case) else {
        return;
    };
    let domain = &case.facts.domain;
    let name = domain.mta_sts_record_name();
    let published = case.facts.record.seen().into_iter();
    let published = published.flat_map(|answer| answer.records.iter().map(String::as_str));
    let value = right_text_or_value(case, published);
    findings.report_as(
        severity,
        Subject::record(&case.facts.domain),
        format!(
            "{name} gives the same answer as {}, a name made up for this check: {}. A wildcard \
             record (*.{domain}) answers for both.",
            shown(&random.name),
            answer(random)
        ),
        format!(
            "Add a separate TXT record with the name {name}: it wins over the wildcard. Consider \
             deleting the wildcard. The value of the record: {value}"
        ),
    );
}

/// To senders, an MTA-STS record from a wildcard is one like any other. Another text isn't.
fn wildcard<'a>(case: &Case<'a>) -> Option<(Severity, &'a RandomName)> {
    if is_there::<StsRecord>(&case.facts.record) {
        return Some((Severity::Attention, answers_as_random(case.facts)?));
    }
    let Some(Absence::Wildcard(random)) = absence(case) else {
        return None;
    };
    if case.facts.nothing_published() {
        Some((Severity::Note, random))
    } else {
        Some((Severity::Problem, random))
    }
}

fn answer(random: &RandomName) -> String {
    let RandomName { texts: answer, .. } = random;
    match answer.aliases.last() {
        Some(target) => format!("an alias that leads to {}", shown(target)),
        None => texts(&answer.records),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::finding::Severity;
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, no_name, random_answers, record_is, seen, silent,
        unseen,
    };

    #[test]
    fn an_spf_text_from_a_wildcard_is_found_with_the_record_to_add() {
        let finding = fires(&RULE, |facts| {
            record_is(&["v=spf1 -all"])(facts);
            random_answers(facts, &["v=spf1 -all"]);
        });
        assert_eq!(finding.severity, Severity::Problem);
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(&finding.evidence, "k7q2x.example.com");
        assert_has(
            &finding.evidence,
            "“v=spf1 -all”. A wildcard record (*.example.com)",
        );
        assert_ends(
            &finding.fix,
            "The value of the record: v=STSv1; id=20261123120000Z;",
        );
    }

    #[test]
    fn before_anything_is_published_it_is_a_note() {
        let finding = fires(&RULE, |facts| {
            record_is(&["v=spf1 -all"])(facts);
            random_answers(facts, &["v=spf1 -all"]);
            facts.policy_host = no_name();
            facts.policy = Observed::NotAsked;
        });
        assert_eq!(finding.severity, Severity::Note);
    }

    #[test]
    fn a_record_from_a_wildcard_works_and_is_kept() {
        let finding = fires(&RULE, |facts| {
            record_is(&["v=STSv1; id=9"])(facts);
            random_answers(facts, &["v=STSv1; id=9"]);
        });
        assert_eq!(finding.severity, Severity::Attention);
        assert_ends(&finding.fix, "The value of the record: v=STSv1; id=9");
    }

    #[test]
    fn an_alias_from_a_wildcard_is_found() {
        let finding = fires(&RULE, |facts| {
            let mut answer = Answer::no_data();
            answer.aliases = vec!["parking.example.net".into()];
            facts.record = Observed::Seen(answer.clone());
            random_answers(facts, &[]);
            seen(&mut facts.random_name).texts = answer;
        });
        assert_has(
            &finding.evidence,
            "an alias that leads to parking.example.net",
        );
    }

    #[test]
    fn a_record_of_its_own_beside_a_wildcard_is_right() {
        silent(&RULE, |facts| random_answers(facts, &["v=spf1 -all"]));
        silent(&RULE, |facts| random_answers(facts, &["v=STSv1; id=other"]));
    }

    #[test]
    fn where_either_was_not_answered_nothing_is_the_same() {
        unseen(&RULE, |facts| {
            facts.random_name = failed(FailureKind::TimedOut);
        });
        unseen(&RULE, |facts| {
            facts.record = failed(FailureKind::TimedOut);
            random_answers(facts, &["v=STSv1; id=9"]);
        });
    }
}
