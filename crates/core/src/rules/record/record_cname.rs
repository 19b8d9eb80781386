//! `record-cname`: `_mta-sts` is an alias for a name that has the MTA-STS record.

use super::txt_record::is_there;
use super::wildcard::answers_as_random;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::sts_record::StsRecord;
use crate::text::wording::{in_words, shown};

rule! {
    code: RECORD_CNAME,
    severity: Note,
    title: "the record is an alias",
    page: "record_cname.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(answer) = case.facts.record.seen() else {
        return;
    };
    let Some(target) = answer.aliases.last() else {
        return;
    };
    if !is_there::<StsRecord>(&case.facts.record) || answers_as_random(case.facts).is_some() {
        return;
    }
    let name = case.facts.domain.mta_sts_record_name();
    let way = in_words(answer.aliases.iter().map(|alias| shown(alias)));
    findings.report(
        Subject::record(&case.facts.domain),
        format!("{name} is an alias (CNAME) that leads to {way}. Senders follow it."),
        format!(
            "You don’t need to change anything. The id that counts is the one at {}: whoever runs \
             that record has to change it whenever the policy changes.",
            shown(target)
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_has, failed, fires, random_answers, record_is, seen, silent, unseen,
    };

    fn alias() -> Vec<String> {
        vec!["example-com.sts.host.example".into()]
    }

    #[test]
    fn the_target_of_the_alias_is_named() {
        let finding = fires(&RULE, |facts| seen(&mut facts.record).aliases = alias());
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(&finding.evidence, "leads to example-com.sts.host.example");
        assert_has(&finding.fix, "at example-com.sts.host.example:");
    }

    #[test]
    fn an_alias_to_something_else_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            record_is(&["v=spf1 -all"])(facts);
            seen(&mut facts.record).aliases = alias();
        });
    }

    #[test]
    fn an_alias_of_a_wildcard_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            seen(&mut facts.record).aliases = alias();
            random_answers(facts, &[]);
            seen(&mut facts.random_name).texts.aliases = alias();
        });
    }

    #[test]
    fn a_lookup_that_failed_shows_no_alias() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
