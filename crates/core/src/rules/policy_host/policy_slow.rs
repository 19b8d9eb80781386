//! `policy-slow`: the policy arrived, but took more than ten seconds.

use super::policy_fetch::policy_host_with_addresses;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_SLOW,
    severity: Note,
    title: "the policy file takes more than ten seconds to arrive",
    page: "policy_slow.md",
    check,
}

/// Longer than this, and impatient senders give up.
const PATIENCE_MILLIS: u64 = 10_000;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(fetch) = case.facts.policy.seen() else {
        return;
    };
    if case.response().is_none() || fetch.millis <= PATIENCE_MILLIS {
        return;
    }
    let domain = &case.facts.domain;
    findings.report(
        Subject::policy_host(domain),
        format!(
            "{} took {} seconds to send the policy file.",
            policy_host_with_addresses(case.facts),
            fetch.millis / 1000
        ),
        format!(
            "Serve {} as a static file, ideally from an always-on server.",
            domain.policy_url()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_has, failed, fetch, fires, silent, unseen};

    #[test]
    fn a_policy_that_takes_twelve_seconds_is_slow() {
        let finding = fires(&RULE, |facts| fetch(facts).millis = 12_300);
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "12 seconds");
    }

    #[test]
    fn ten_seconds_are_just_fine() {
        silent(&RULE, |facts| fetch(facts).millis = 10_000);
    }

    #[test]
    fn an_answer_that_never_came_is_not_slow() {
        unseen(&RULE, |facts| {
            fetch(facts).millis = 60_000;
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
