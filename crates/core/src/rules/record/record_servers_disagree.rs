//! `record-servers-disagree`: the name servers of the zone give different answers for `_mta-sts`,
//! or a resolver doesn't give theirs yet.

use super::absence::{Absence, absence};
use super::name_servers::{Alike, by_answer, has_the_record, in_words as answer_in_words};
use crate::facts::server_view::Observer;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::in_words;

rule! {
    code: RECORD_SERVERS_DISAGREE,
    severity: Attention,
    title: "DNS servers give different answers",
    page: "record_servers_disagree.md",
    check,
}

/// Servers that a sentence lists.
const MAX_SERVERS: usize = 6;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let name = case.facts.domain.mta_sts_record_name();
    let groups = by_answer(case.facts);
    if groups.len() > 1 {
        let given: Vec<String> = groups.iter().map(what_they_give).collect();
        findings.report(
            Subject::record(&case.facts.domain),
            format!("For {name}, {}.", given.join("; ")),
            format!(
                "If you changed the record within the last hour, wait: the change takes time to \
                 reach every name server. If it doesn’t, {}.",
                way_out(&groups)
            ),
        );
    } else if let (Some(Absence::NotEverywhere), Some(group)) = (absence(case), groups.first()) {
        findings.report(
            Subject::record(&case.facts.domain),
            format!(
                "For {name}, {}, but {} doesn’t have it yet.",
                what_they_give(group),
                Observer::SystemResolver
            ),
            "Wait: resolvers cache for a while that there was no record, usually for an hour at \
             most. So do the resolvers of senders that looked before.",
        );
    }
}

fn what_they_give(group: &Alike<'_>) -> String {
    let give = if group.servers.len() == 1 {
        "gives"
    } else {
        "give"
    };
    format!(
        "{} {give} {}",
        list(&group.servers),
        answer_in_words(group.answer)
    )
}

fn list(servers: &[&Observer]) -> String {
    let mut names: Vec<String> = servers
        .iter()
        .take(MAX_SERVERS)
        .map(ToString::to_string)
        .collect();
    if servers.len() > MAX_SERVERS {
        names.push(format!("{} more", servers.len() - MAX_SERVERS));
    }
    in_words(names)
}

/// What to do about it: update the servers without a good record if others have one. The ids of two
/// good records don't show which one is newer (RFC 8461 3.1).
fn way_out(groups: &[Alike<'_>]) -> String {
    let behind: Vec<&Observer> = groups
        .iter()
        .filter(|group| !has_the_record(group.answer))
        .flat_map(|group| group.servers.iter().copied())
        .collect();
    if behind.is_empty() || !groups.iter().any(|group| has_the_record(group.answer)) {
        "ask whoever runs the name servers that give the old answer to update them".to_owned()
    } else {
        format!(
            "ask whoever runs {} to update it, or remove it from the name servers of the domain",
            list(&behind)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind};
    use crate::rules::testing::{
        assert_has, failed, fires, name_server_answers, name_server_says, no_name, silent, unseen,
    };

    const RECORD: &str = "v=STSv1; id=20261123120000Z";

    #[test]
    fn a_server_without_the_record_is_named() {
        let finding = fires(&RULE, |facts| {
            facts.record = no_name();
            name_server_says(facts, 53, &[RECORD]);
            name_server_says(facts, 54, &[]);
            name_server_says(facts, 55, &[RECORD]);
        });
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "ns53.example.net (192.0.2.53) and ns55.example.net (192.0.2.55) give “v=STSv1; \
             id=20261123120000Z”; ns54.example.net (192.0.2.54) gives no TXT record.",
        );
        assert_has(
            &finding.fix,
            "ask whoever runs ns54.example.net (192.0.2.54) to update",
        );
    }

    #[test]
    fn of_two_good_records_none_is_called_the_old_one() {
        let finding = fires(&RULE, |facts| {
            name_server_says(facts, 53, &[RECORD]);
            name_server_says(facts, 54, &["v=STSv1; id=1"]);
        });
        assert_has(&finding.evidence, "gives “v=STSv1; id=1”");
        assert_has(&finding.fix, "that give the old answer");
    }

    #[test]
    fn a_resolver_that_has_not_noticed_yet_is_found() {
        let finding = fires(&RULE, |facts| {
            facts.record = no_name();
            name_server_says(facts, 53, &[RECORD]);
            name_server_says(facts, 54, &[RECORD]);
        });
        assert_has(
            &finding.evidence,
            "this computer’s resolver doesn’t have it yet",
        );
    }

    fn one_answers_and_one_fails(facts: &mut Facts) {
        name_server_says(facts, 53, &[RECORD]);
        name_server_answers(facts, 54, failed(FailureKind::TimedOut));
    }

    #[test]
    fn the_same_texts_in_another_order_agree() {
        silent(&RULE, |facts| {
            name_server_says(facts, 53, &[RECORD, "other"]);
            name_server_says(facts, 54, &["other", RECORD]);
        });
    }

    #[test]
    fn a_server_that_did_not_answer_disagrees_with_nobody() {
        silent(&RULE, one_answers_and_one_fails);
        unseen(&RULE, |facts| {
            facts.record = failed(FailureKind::ServFail);
            one_answers_and_one_fails(facts);
        });
    }
}
