//! `policy-html`: the policy host answers with a web page.

use super::faults::{evidence, is_html, whole_file};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::policy_host::block::block;

rule! {
    code: POLICY_HTML,
    severity: Problem,
    title: "a web page came back instead of the policy",
    page: "policy_html.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    // A page that checks for bots is left to policy-blocked.
    if !is_html(case) || block(case).is_some() {
        return;
    }
    // A file that is a web page has no other fault.
    let faults: Vec<_> = case
        .policy
        .iter()
        .flat_map(|reading| &reading.faults)
        .collect();
    let fix = format!(
        "Put the policy file in the folder .well-known of the site {} and name it mta-sts.txt, so \
         that {} shows its plain text. It should have these lines: {}.",
        case.facts.domain.policy_host(),
        case.facts.domain.policy_url(),
        whole_file(case)
    );
    findings.report(
        Subject::policy_host(&case.facts.domain),
        evidence(case, &faults),
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{
        fires, fires_on_policy, not_fetched, policy_is, response, set_policy, silent, unseen,
    };

    #[test]
    fn a_web_page_is_found_and_quoted() {
        fires_on_policy(
            &RULE,
            "<!DOCTYPE html>\n<html><body>Welcome</body></html>",
            "“<!DOCTYPE html>”",
            ".well-known",
        );
    }

    #[test]
    fn a_policy_with_the_wrong_media_type_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_web_page_beyond_the_limit_is_a_web_page() {
        fires(&RULE, |facts| {
            set_policy(facts, "<html>");
            response(facts).too_large = true;
        });
    }

    #[test]
    fn a_check_for_robots_is_left_to_another_rule() {
        silent(&RULE, policy_is("<html><title>Just a moment...</title>"));
    }

    #[test]
    fn an_answer_that_never_came_is_no_web_page() {
        unseen(&RULE, not_fetched);
    }
}
