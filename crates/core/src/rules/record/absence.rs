//! Why senders find no MTA-STS record at `_mta-sts`. If several causes would explain it, only the
//! first is reported, by its own rule.

use super::misplaced::{Misplaced, misplaced_mta_sts};
use super::name_servers::any_has_the_record;
use super::txt_record::is_there;
use super::wildcard::answers_as_random;
use crate::facts::{Answer, FailureKind, Observed, ProbeFailure, RandomName};
use crate::rules::case::Case;
use crate::text::sts_record::{StsRecord, StsSelection};

/// The cause.
pub(crate) enum Absence<'a> {
    /// A name server of the zone has the record, but it has not spread everywhere yet.
    NotEverywhere,
    /// There is an alias at the name, and it does not lead to an MTA-STS record.
    Alias(&'a Answer<String>),
    /// There is an alias at the name, and it leads in a circle.
    Circle(&'a ProbeFailure),
    /// The record is at other names, at least one.
    Elsewhere(Vec<Misplaced<'a>>),
    /// A wildcard answers, and its answer is not an MTA-STS record.
    Wildcard(&'a RandomName),
    /// There is no record.
    Missing(&'a Answer<String>),
}

/// The cause; `None` if there is a record, even a faulty one, if none is needed, or if the lookup
/// got no answer.
pub(crate) fn absence<'a>(case: &Case<'a>) -> Option<Absence<'a>> {
    let facts = case.facts;
    if facts.has_no_use_for_a_policy() {
        return None;
    }
    let answer = match &facts.record {
        Observed::NotAsked => return None,
        Observed::Failed(failure) => {
            return (failure.kind == FailureKind::AliasLoop).then_some(Absence::Circle(failure));
        }
        Observed::Seen(answer) => answer,
    };
    let is_absent = matches!(case.record, Some(StsSelection::None));
    if !is_absent || is_there::<StsRecord>(&facts.record) {
        return None;
    }
    if any_has_the_record(facts) {
        return Some(Absence::NotEverywhere);
    }
    let wildcard = answers_as_random(facts);
    if !answer.aliases.is_empty() && wildcard.is_none() {
        return Some(Absence::Alias(answer));
    }
    let elsewhere = misplaced_mta_sts(facts);
    Some(if elsewhere.is_empty() {
        wildcard.map_or(Absence::Missing(answer), Absence::Wildcard)
    } else {
        Absence::Elsewhere(elsewhere)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, FailureKind};
    use crate::rules::testing::{
        failed, healthy, name_server_says, no_name, random_answers, set_record, stands_at,
    };

    fn cause(change: impl FnOnce(&mut Facts)) -> &'static str {
        let mut facts = healthy();
        change(&mut facts);
        match absence(&Case::of(&facts)) {
            None => "none",
            Some(Absence::NotEverywhere) => "not everywhere",
            Some(Absence::Alias(_)) => "alias",
            Some(Absence::Circle(_)) => "circle",
            Some(Absence::Elsewhere(_)) => "elsewhere",
            Some(Absence::Wildcard(_)) => "wildcard",
            Some(Absence::Missing(_)) => "missing",
        }
    }

    #[test]
    fn each_cause_is_told_apart() {
        assert_eq!(cause(|_| ()), "none");
        assert_eq!(cause(|facts| facts.record = no_name()), "missing");
        assert_eq!(
            cause(|facts| {
                facts.record = no_name();
                stands_at(facts, "example.com", "v=STSv1; id=1");
            }),
            "elsewhere"
        );
        assert_eq!(
            cause(|facts| {
                set_record(facts, &["v=spf1 -all"]);
                random_answers(facts, &["v=spf1 -all"]);
            }),
            "wildcard"
        );
        assert_eq!(
            cause(|facts| {
                let mut answer = Answer::no_data();
                answer.aliases = vec!["gone.example.net".into()];
                facts.record = Observed::Seen(answer);
            }),
            "alias"
        );
    }

    #[test]
    fn of_two_causes_the_nearer_is_told() {
        let many = |facts: &mut Facts| {
            set_record(facts, &["v=spf1 -all"]);
            random_answers(facts, &["v=spf1 -all"]);
            stands_at(facts, "example.com", "v=STSv1; id=1");
        };
        assert_eq!(cause(many), "elsewhere");
        assert_eq!(
            cause(|facts| {
                many(facts);
                name_server_says(facts, 53, &["v=STSv1; id=1"]);
            }),
            "not everywhere"
        );
    }

    #[test]
    fn a_lookup_that_failed_has_no_cause_unless_in_a_circle() {
        assert_eq!(
            cause(|facts| facts.record = failed(FailureKind::ServFail)),
            "none"
        );
        assert_eq!(
            cause(|facts| facts.record = failed(FailureKind::AliasLoop)),
            "circle"
        );
    }
}
