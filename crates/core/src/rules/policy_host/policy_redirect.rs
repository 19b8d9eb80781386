//! `policy-redirect`: the policy host answers with a redirect.

use super::policy_fetch::is_redirect;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::in_quotes;

rule! {
    code: POLICY_REDIRECT,
    severity: Problem,
    title: "the policy host redirects to another address",
    page: "policy_redirect.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(response) = case
        .response()
        .filter(|response| is_redirect(response.status))
    else {
        return;
    };
    let domain = &case.facts.domain;
    let target = match &response.location {
        Some(location) => format!("redirects to {}", in_quotes(location, 200)),
        None => "names no other address".to_owned(),
    };
    let url = domain.policy_url();
    findings.report(
        Subject::policy_host(domain),
        format!(
            "{url} answers with status {} and {target}. Mail servers don’t follow.",
            response.status
        ),
        format!(
            "Switch the redirect off for {}, so that {url} itself answers with status 200 and the \
             policy.",
            domain.policy_host()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_has, failed, fetch, fires, response, silent, unseen};

    #[test]
    fn a_redirect_is_found_with_its_target_quoted_safely() {
        let finding = fires(&RULE, |facts| {
            response(facts).status = 301;
            response(facts).location = Some("https://www.example.com/\u{202e}".into());
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“https://www.example.com/\\u{202e}”");
        assert_has(&finding.fix, "off for mta-sts.example.com");
    }

    #[test]
    fn a_redirect_without_a_target_is_one() {
        let finding = fires(&RULE, |facts| response(facts).status = 308);
        assert_has(&finding.evidence, "no other address");
    }

    #[test]
    fn a_location_beside_status_200_is_no_redirect() {
        silent(&RULE, |facts| {
            response(facts).location = Some("https://www.example.com/".into());
        });
    }

    #[test]
    fn an_answer_that_never_came_is_no_redirect() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::Closed);
        });
    }
}
