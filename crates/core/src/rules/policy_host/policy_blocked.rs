//! `policy-blocked`: bot protection blocks senders from the policy file.

use super::block::{Block, block};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::in_quotes;

rule! {
    code: POLICY_BLOCKED,
    severity: Problem,
    title: "the policy host blocks mail servers",
    page: "policy_blocked.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(block) = block(case) else {
        return;
    };
    let domain = &case.facts.domain;
    let (host, url) = (domain.policy_host(), domain.policy_url());
    let exempt = format!(
        "Exempt the path /.well-known/mta-sts.txt of {host} from bot protection, logins and rate \
         limits, so that every mail server gets the file."
    );
    let (evidence, fix) = match block {
        Block::Page(mark) => (
            format!(
                "{url} answers with a web page instead of the policy. It says {}, as bot checks do.",
                in_quotes(mark, 80)
            ),
            exempt,
        ),
        Block::Status(403) => (
            format!("{url} answers with status 403: the web server blocks this check."),
            format!(
                "{exempt} If there is no such protection, make sure that the file exists and that \
                 the web server may read it: some web hosts answer 403 for a missing file too."
            ),
        ),
        Block::Status(429) => (
            format!(
                "{url} answers with status 429: the web server says there were too many requests."
            ),
            exempt,
        ),
        Block::Status(status) => (
            format!(
                "{url} answers with status {status}: either bot protection blocks this check, or \
                 the web server is down for the moment."
            ),
            format!(
                "Check again in a few minutes. If nothing changes, but the site works in a \
                 browser: {exempt}"
            ),
        ),
    };
    findings.report(Subject::policy_host(&case.facts.domain), evidence, fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{
        POLICY, assert_has, fires, not_fetched, policy_is, response, set_policy, silent, unseen,
    };

    #[test]
    fn each_status_of_a_protection_is_found_with_the_path_to_exempt() {
        for status in [403, 429, 503] {
            let finding = fires(&RULE, |facts| response(facts).status = status);
            assert_eq!(finding.subject, "mta-sts.example.com");
            assert_has(&finding.evidence, &format!("status {status}"));
            let path = "the path /.well-known/mta-sts.txt of mta-sts.example.com";
            assert_has(&finding.fix, path);
        }
    }

    #[test]
    fn status_503_may_be_an_outage() {
        let finding = fires(&RULE, |facts| response(facts).status = 503);
        assert_has(&finding.evidence, "down for the moment");
    }

    #[test]
    fn a_page_that_checks_for_robots_is_found_by_its_words() {
        for (page, mark) in [
            ("<html><title>Just a Moment...</title>", "“Just a Moment”"),
            ("<html><div id=\"cf-challenge-x\">", "“cf-challenge”"),
            ("<html><h1>Attention Required!</h1>", "“Attention Required”"),
            ("<html><h1>Access denied</h1>", "“Access denied”"),
            ("<html><TITLE>Captcha</TITLE>", "“captcha”"),
            (
                "<html><title>Making sure you&#39;re not a bot!</title>",
                "not a bot",
            ),
        ] {
            let finding = fires(&RULE, policy_is(page));
            assert_has(&finding.evidence, mark);
        }
    }

    #[test]
    fn a_check_that_claims_success_is_found() {
        let finding = fires(&RULE, |facts| {
            set_policy(facts, "<html><script>anubis</script></html>");
            response(facts).status = 202;
        });
        assert_has(&finding.evidence, "“anubis”");
    }

    #[test]
    fn an_ordinary_page_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is("<html><title>Welcome</title><script src=/recaptcha.js></script>"),
        );
    }

    #[test]
    fn words_in_a_policy_and_other_statuses_are_no_protection() {
        silent(&RULE, |facts| {
            set_policy(facts, &format!("{POLICY}note: just a moment\r\n"));
        });
        for status in [401, 404, 500] {
            silent(&RULE, |facts| response(facts).status = status);
        }
    }

    #[test]
    fn an_answer_that_never_came_blocks_nobody() {
        unseen(&RULE, not_fetched);
    }
}
