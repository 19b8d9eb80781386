//! `policy-too-large`: the policy file is larger than 64 KiB.

use super::faults::{is_html, whole_file};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::policy::PolicyFaultKind;
use crate::text::wording::in_quotes;

rule! {
    code: POLICY_TOO_LARGE,
    severity: Problem,
    title: "the policy file is too large",
    page: "policy_too_large.md",
    check,
}

/// Bytes of the file that evidence may show.
const MAX_SHOWN: usize = 80;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let (Some(reading), Some(response)) = (&case.policy, case.response()) else {
        return;
    };
    let is_large = response.too_large
        || reading
            .faults
            .iter()
            .any(|fault| fault.kind == PolicyFaultKind::TooLarge);
    if !is_large || is_html(case) {
        return;
    }
    let url = case.facts.domain.policy_url();
    let body = &response.body.0;
    let beginning = String::from_utf8_lossy(&body[..body.len().min(MAX_SHOWN)]);
    findings.report(
        Subject::policy_host(&case.facts.domain),
        format!(
            "{url} is larger than 64 KiB; this check stopped reading there. It begins with {}.",
            in_quotes(&beginning, MAX_SHOWN)
        ),
        format!(
            "Put the policy at this address, with these lines: {}.",
            whole_file(case)
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Body;
    use crate::rules::testing::{
        assert_has, fires, not_fetched, response, set_policy, silent, unseen,
    };

    #[test]
    fn a_file_beyond_the_limit_is_found_and_its_beginning_quoted() {
        let finding = fires(&RULE, |facts| {
            response(facts).body = Body(vec![b'x'; 65_536]);
            response(facts).too_large = true;
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "begins with “xxx");
        assert_has(&finding.fix, "“mx: mx1.example.com”");
    }

    #[test]
    fn a_file_just_at_the_limit_is_not_too_large() {
        silent(&RULE, |facts| {
            response(facts).body = Body(vec![b'x'; 65_536]);
        });
    }

    #[test]
    fn a_large_web_page_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            set_policy(facts, "<html>");
            response(facts).too_large = true;
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_is_not_too_large() {
        unseen(&RULE, not_fetched);
    }
}
