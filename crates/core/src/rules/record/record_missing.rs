//! `record-missing`: there is no MTA-STS record at `_mta-sts`.

use super::absence::{Absence, absence};
use super::mta_sts_record::right_value;
use super::txt_record::what_is_there;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Severity, Subject};

rule! {
    code: RECORD_MISSING,
    severity: Problem,
    title: "there is no MTA-STS record",
    page: "record_missing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(Absence::Missing(answer)) = absence(case) else {
        return;
    };
    let name = case.facts.domain.mta_sts_record_name();
    let host = case.facts.domain.policy_host();
    // If a policy was written, its owner wants to know that the record is missing.
    let severity = if case.facts.nothing_published() && case.facts.written.is_none() {
        Severity::Note
    } else {
        Severity::Problem
    };
    let is_up = case.policy.as_ref().is_some_and(|it| it.policy.is_some());
    let is_up = is_up && case.response().is_some_and(|it| it.status == 200);
    let when = if is_up {
        format!("{host} shows the policy file, so now")
    } else {
        format!("Once {host} shows the policy file,")
    };
    findings.report_as(
        severity,
        Subject::record(&case.facts.domain),
        what_is_there(&name, answer),
        format!(
            "{when} add a TXT record with the name {name} and this value: {}",
            right_value(case)
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MxRecord, Observed};
    use crate::rules::finding::Severity;
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, name_server_says, no_name, random_answers,
        record_is, silent, stands_at, unseen,
    };

    fn lose_the_record(facts: &mut Facts) {
        facts.record = no_name();
    }

    #[test]
    fn a_domain_that_does_not_exist_or_receives_no_mail_misses_nothing() {
        silent(&RULE, |facts| {
            lose_the_record(facts);
            facts.mx = Observed::Seen(Answer::no_such_name());
        });
        silent(&RULE, |facts| {
            lose_the_record(facts);
            let root = MxRecord {
                preference: 0,
                exchange: String::new(),
            };
            facts.mx = Observed::Seen(Answer::of([root]));
        });
    }

    #[test]
    fn a_policy_without_a_record_is_a_problem() {
        let finding = fires(&RULE, lose_the_record);
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_eq!(finding.severity, Severity::Problem);
        assert_ends(&finding.fix, "v=STSv1; id=20261123120000Z;");
    }

    #[test]
    fn before_anything_is_published_it_is_a_note() {
        let finding = fires(&RULE, |facts| {
            lose_the_record(facts);
            facts.policy_host = Observed::Seen(Answer::no_such_name());
            facts.policy = Observed::NotAsked;
        });
        assert_eq!(finding.severity, Severity::Note);
    }

    #[test]
    fn an_unrelated_text_is_quoted() {
        let finding = fires(&RULE, record_is(&["v=spf1 -all"]));
        assert_has(&finding.evidence, "“v=spf1 -all”");
    }

    #[test]
    fn a_near_miss_is_left_to_another_rule() {
        silent(&RULE, record_is(&["v=stsv1; id=1"]));
        silent(&RULE, record_is(&["\"v=STSv1; id=1\""]));
    }

    #[test]
    fn another_cause_is_reported_instead() {
        silent(&RULE, |facts| {
            lose_the_record(facts);
            stands_at(facts, "mta-sts.example.com", "v=STSv1; id=1");
        });
        silent(&RULE, |facts| {
            lose_the_record(facts);
            name_server_says(facts, 53, &["v=STSv1; id=1"]);
        });
        silent(&RULE, |facts| {
            record_is(&["v=spf1 -all"])(facts);
            random_answers(facts, &["v=spf1 -all"]);
        });
        silent(&RULE, |facts| {
            let mut answer = Answer::no_such_name();
            answer.aliases = vec!["gone.example.net".into()];
            facts.record = Observed::Seen(answer);
        });
    }

    #[test]
    fn a_lookup_that_failed_is_not_a_missing_record() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
