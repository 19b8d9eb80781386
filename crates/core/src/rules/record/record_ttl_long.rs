//! `record-ttl-long`: resolvers may cache the MTA-STS record for more than a day.

use super::name_servers::answers;
use super::txt_record::is_there;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::sts_record::StsRecord;

rule! {
    code: RECORD_TTL_LONG,
    severity: Attention,
    title: "changes to the record take more than a day to arrive",
    page: "record_ttl_long.md",
    check,
}

const HOUR_SECS: u32 = 3_600;
const DAY_SECS: u32 = 24 * HOUR_SECS;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    if !is_there::<StsRecord>(&facts.record) {
        return;
    }
    // A resolver's TTL counts down from the TTL of the zone's name servers.
    let ttl_secs = answers(facts)
        .filter_map(|(_, answer)| answer.ttl_secs)
        .max()
        .or_else(|| facts.record.seen()?.ttl_secs);
    let Some(ttl_secs) = ttl_secs.filter(|secs| *secs > DAY_SECS) else {
        return;
    };
    let name = facts.domain.mta_sts_record_name();
    findings.report(
        Subject::record(&case.facts.domain),
        format!(
            "Resolvers may cache {name} for {ttl_secs} seconds, which is {} hours (its TTL).",
            ttl_secs / HOUR_SECS
        ),
        format!("Set the TTL of {name} to {HOUR_SECS} (one hour)."),
    );
}

#[cfg(test)]
mod tests {
    use super::{DAY_SECS, RULE};
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::testing::{
        assert_has, failed, fires, name_server_answers, record_is, seen, silent, unseen,
    };

    fn kept_for(secs: u32) -> Observed<Answer<String>> {
        let mut answer = Answer::of(["v=STSv1; id=1".to_owned()]);
        answer.ttl_secs = Some(secs);
        Observed::Seen(answer)
    }

    #[test]
    fn two_days_are_found() {
        let finding = fires(&RULE, |facts| facts.record = kept_for(2 * DAY_SECS));
        assert_eq!(finding.subject, "_mta-sts.example.com");
        assert_has(&finding.evidence, "172800 seconds, which is 48 hours");
        assert_has(&finding.fix, "3600");
    }

    #[test]
    fn the_name_servers_know_better_than_a_resolver_that_counts_down() {
        fires(&RULE, |facts| {
            name_server_answers(facts, 53, kept_for(2 * DAY_SECS));
        });
        silent(&RULE, |facts| {
            facts.record = kept_for(2 * DAY_SECS);
            name_server_answers(facts, 53, kept_for(300));
        });
    }

    #[test]
    fn exactly_a_day_is_no_more_than_a_day() {
        silent(&RULE, |facts| facts.record = kept_for(DAY_SECS));
    }

    #[test]
    fn how_long_another_text_is_cached_does_not_matter() {
        silent(&RULE, |facts| {
            record_is(&["v=spf1 -all"])(facts);
            seen(&mut facts.record).ttl_secs = Some(2 * DAY_SECS);
        });
    }

    #[test]
    fn a_lookup_that_failed_has_no_ttl() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
