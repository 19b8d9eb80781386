//! `policy-http-status`: the policy host answers with a status that is neither 200 nor a redirect.

use super::block::block;
use super::policy_fetch::is_redirect;
use super::policy_host_unclaimed::unclaimed_at;
use super::stray_policy::stray_policies;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_HTTP_STATUS,
    severity: Problem,
    title: "the policy host doesn’t answer with status 200",
    page: "policy_http_status.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(response) = case
        .response()
        .filter(|response| response.status != 200 && !is_redirect(response.status))
    else {
        return;
    };
    // Left to policy-blocked, policy-wrong-place and policy-host-unclaimed.
    if block(case).is_some()
        || !stray_policies(case.facts).is_empty()
        || unclaimed_at(response).is_some()
    {
        return;
    }
    let domain = &case.facts.domain;
    let (host, url) = (domain.policy_host(), domain.policy_url());
    let fix = match response.status {
        404 | 410 => format!(
            "Put the policy file in the folder .well-known of the site {host} and name it \
             mta-sts.txt, so that {url} shows it."
        ),
        401 => format!("Exempt {url} from the login, so that every mail server gets the file."),
        _ => format!(
            "Make the web server of {host} answer {url} with status 200 and the policy. Its error \
             log says what went wrong."
        ),
    };
    findings.report(
        Subject::policy_host(&case.facts.domain),
        format!(
            "{url} answers with status {}{}.",
            response.status,
            in_words(response.status)
        ),
        fix,
    );
}

/// What a status says, for somebody who doesn’t know the numbers.
fn in_words(status: u16) -> &'static str {
    match status {
        401 => ", which asks for a login",
        404 => ": there is no such file",
        410 => ": the file was removed",
        500 => ": the web server failed",
        502 | 504 => ": the server behind a proxy didn’t answer",
        521..=523 => ": Cloudflare can’t reach the web server behind it",
        525 | 526 => ": Cloudflare doesn’t accept the certificate of the web server behind it",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        POLICY, assert_has, failed, fetch, fires, response, silent, stray_policy, unseen,
    };

    #[test]
    fn a_missing_file_is_found_with_the_folder_it_belongs_in() {
        let finding = fires(&RULE, |facts| response(facts).status = 404);
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "status 404");
        assert_has(&finding.fix, ".well-known");
    }

    #[test]
    fn a_login_is_named() {
        let finding = fires(&RULE, |facts| response(facts).status = 401);
        assert_has(&finding.fix, "login");
    }

    #[test]
    fn a_protection_against_robots_is_left_to_another_rule() {
        for status in [403, 429, 503] {
            silent(&RULE, |facts| response(facts).status = status);
        }
    }

    #[test]
    fn other_successes_than_200_do_not_count() {
        let finding = fires(&RULE, |facts| response(facts).status = 203);
        assert_has(&finding.evidence, "status 203");
    }

    #[test]
    fn a_redirect_is_left_to_another_rule() {
        silent(&RULE, |facts| response(facts).status = 302);
    }

    #[test]
    fn a_file_that_is_somewhere_else_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            response(facts).status = 404;
            stray_policy(facts, "https://mta-sts.example.com/mta-sts.txt", POLICY);
        });
    }

    #[test]
    fn an_answer_that_never_came_has_no_status() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::Closed);
        });
    }
}
