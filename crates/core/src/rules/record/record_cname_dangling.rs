//! `record-cname-dangling`: `_mta-sts` is an alias that leads to no MTA-STS record.

use super::absence::{Absence, absence};
use super::mta_sts_record::right_value;
use super::txt_record::what_is_there;
use crate::facts::Answer;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::domain::without_added_domain;
use crate::text::wording::shown;

rule! {
    code: RECORD_CNAME_DANGLING,
    severity: Problem,
    title: "the record is a dangling alias (CNAME)",
    page: "record_cname_dangling.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let name = case.facts.domain.mta_sts_record_name();
    let (evidence, target) = match absence(case) {
        Some(Absence::Alias(answer)) => (where_it_leads(&name, answer), answer.aliases.last()),
        Some(Absence::Circle(failure)) => (format!("{name}: {failure}."), None),
        _ => return,
    };
    let kept_there = target.map_or_else(String::new, |target| {
        if let Some(meant) = without_added_domain(target, &case.facts.domain) {
            return format!(
                " Your domain was probably added to the end of the target by mistake: if a service \
                 gave you {0}, change the CNAME record to {0}. with the dot at the end.",
                shown(meant)
            );
        }
        format!(
            " If a service gave you the name {}, the record is missing there: contact the service \
             instead.",
            shown(target)
        )
    });
    findings.report(
        Subject::record(&case.facts.domain),
        evidence,
        format!(
            "A name can’t have both an alias and a text.{kept_there} Otherwise delete the CNAME \
             record {name}, then add a TXT record with the name {name} and this value: {}",
            right_value(case)
        ),
    );
}

fn where_it_leads(name: &str, answer: &Answer<String>) -> String {
    match answer.aliases.last() {
        Some(target) if !answer.name_exists => format!(
            "{name} is an alias that leads to {}, which doesn’t exist in DNS.",
            shown(target)
        ),
        _ => what_is_there(name, answer),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, Observed, ProbeFailure};
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, record_is, seen, silent, unseen,
    };

    fn leads_to(answer: Answer<String>) -> impl FnOnce(&mut Facts) {
        move |facts| {
            facts.record = Observed::Seen(Answer {
                aliases: vec!["old.host.example".into()],
                ..answer
            });
        }
    }

    #[test]
    fn an_alias_to_a_name_that_is_gone_is_found() {
        let finding = fires(&RULE, leads_to(Answer::no_such_name()));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "leads to old.host.example, which doesn’t exist in DNS",
        );
        assert_has(&finding.fix, "delete the CNAME record _mta-sts.example.com");
        assert_ends(&finding.fix, "v=STSv1; id=20261123120000Z;");
    }

    #[test]
    fn an_alias_left_behind_is_found_with_what_it_has() {
        let finding = fires(&RULE, leads_to(Answer::of(["parked".to_owned()])));
        assert_has(&finding.evidence, "a different text: “parked”");
        let finding = fires(&RULE, leads_to(Answer::no_data()));
        assert_has(&finding.evidence, "has no TXT record");
    }

    #[test]
    fn a_loop_is_found_with_the_names_in_it() {
        let finding = fires(&RULE, |facts| {
            facts.record = Observed::Failed(ProbeFailure::new(
                FailureKind::AliasLoop,
                "a.example.com, _mta-sts.example.com",
            ));
        });
        assert_has(&finding.evidence, "loop (a.example.com, ");
    }

    #[test]
    fn an_alias_to_an_announcement_leads_somewhere_be_it_faulty() {
        silent(&RULE, |facts| {
            seen(&mut facts.record).aliases = vec!["sts.host.example".into()];
        });
        silent(&RULE, |facts| {
            record_is(&["v=stsv1; id=1"])(facts);
            seen(&mut facts.record).aliases = vec!["sts.host.example".into()];
        });
    }

    #[test]
    fn a_lookup_that_failed_leads_nowhere_in_particular() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
