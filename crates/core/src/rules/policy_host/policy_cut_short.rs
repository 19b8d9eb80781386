//! `policy-cut-short`: the answer of the policy host ends before it is complete.

use super::policy_fetch::{Obstacle, obstacle};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_CUT_SHORT,
    severity: Problem,
    title: "the policy file breaks off",
    page: "policy_cut_short.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some((Obstacle::CutShort, failure)) = obstacle(case.facts) else {
        return;
    };
    let domain = &case.facts.domain;
    let url = domain.policy_url();
    findings.report(
        Subject::policy_host(domain),
        format!("The answer from {url} is shorter than its Content-Length says: {failure}."),
        format!(
            "Open {url} in a browser. If the file is whole there, something between the web server \
             and the internet, such as a proxy or a cache, changes it; empty that cache or exempt \
             this address. Otherwise upload the file again."
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_has, failed, fetch, fires, not_fetched, silent, unseen};

    #[test]
    fn a_file_that_is_shorter_than_announced_is_found() {
        let finding = fires(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::CutShort);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "Content-Length");
    }

    #[test]
    fn a_connection_that_is_refused_is_another_matter() {
        silent(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::Refused);
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_does_not_break_off() {
        unseen(&RULE, not_fetched);
    }
}
