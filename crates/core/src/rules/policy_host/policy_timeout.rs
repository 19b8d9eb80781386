//! `policy-timeout`: the policy host did not send its whole answer within the limit.

use super::policy_fetch::{Obstacle, obstacle, policy_host_with_addresses};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_TIMEOUT,
    severity: Problem,
    title: "the policy file doesn’t arrive in time",
    page: "policy_timeout.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let (Some((Obstacle::NotInTime, _)), Some(fetch)) = (obstacle(facts), facts.policy.seen())
    else {
        return;
    };
    let domain = &facts.domain;
    findings.report(
        Subject::policy_host(domain),
        format!(
            "{} hadn’t sent the whole policy file after {} seconds.",
            policy_host_with_addresses(facts),
            fetch.millis / 1000
        ),
        format!(
            "Serve {} as a static file, without a program or a check of the visitor.",
            domain.policy_url()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fetch, fires, silent, unseen};

    fn run_out_of_time(facts: &mut Facts) {
        fetch(facts).response = failed(FailureKind::TimedOut);
        fetch(facts).millis = 60_004;
    }

    #[test]
    fn an_answer_that_never_ends_is_found() {
        let finding = fires(&RULE, run_out_of_time);
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "after 60 seconds");
        assert_has(
            &finding.fix,
            "https://mta-sts.example.com/.well-known/mta-sts.txt",
        );
    }

    #[test]
    fn a_late_but_whole_answer_is_in_time() {
        silent(&RULE, |facts| fetch(facts).millis = 59_000);
    }

    #[test]
    fn a_host_that_nobody_could_connect_to_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            run_out_of_time(facts);
            fetch(facts).ip = None;
        });
    }

    #[test]
    fn a_host_that_was_not_asked_is_not_slow() {
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
