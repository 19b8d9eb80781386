//! `policy-not-http`: the policy host answers with something that is not HTTP.

use super::policy_fetch::{Obstacle, obstacle, policy_host_with_addresses};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_NOT_HTTP,
    severity: Problem,
    title: "the policy host answers with something that isn’t HTTP",
    page: "policy_not_http.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some((Obstacle::NotHttp, failure)) = obstacle(case.facts) else {
        return;
    };
    let domain = &case.facts.domain;
    findings.report(
        Subject::policy_host(domain),
        format!(
            "{} answers over HTTPS on port 443, but not as a web server does: {failure}.",
            policy_host_with_addresses(case.facts)
        ),
        format!(
            "Make sure that a web server answers on port 443 of {}, and that it speaks HTTP/1.1: \
             senders may know nothing newer.",
            domain.policy_host()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_has, failed, fetch, fires, not_fetched, silent, unseen};

    #[test]
    fn an_answer_that_is_no_http_is_found() {
        let finding = fires(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::Http);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.fix, "HTTP/1.1");
    }

    #[test]
    fn silence_is_another_matter() {
        silent(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_says_nothing() {
        unseen(&RULE, not_fetched);
    }
}
