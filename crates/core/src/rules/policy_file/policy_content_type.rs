//! `policy-content-type`: the media type of the policy file is not text/plain.

use super::faults::{is_html, reading};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::policy::PolicyFaultKind;
use crate::text::wording::in_quotes;

rule! {
    code: POLICY_CONTENT_TYPE,
    severity: Attention,
    title: "the policy file isn’t sent as plain text",
    page: "policy_content_type.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let (Some(reading), Some(response)) = (reading(case), case.response()) else {
        return;
    };
    let is_empty = reading
        .faults
        .iter()
        .any(|fault| fault.kind == PolicyFaultKind::Empty);
    if is_html(case) || is_empty || response.content_type.as_deref().is_some_and(is_plain_text) {
        return;
    }
    let url = case.facts.domain.policy_url();
    let label = match &response.content_type {
        Some(label) => format!("with the Content-Type {}", in_quotes(label, 100)),
        None => "without a Content-Type".to_owned(),
    };
    findings.report(
        Subject::policy_host(&case.facts.domain),
        format!("The web server sends {url} {label}."),
        format!("Make the web server send {url} with “Content-Type: text/plain; charset=utf-8”."),
    );
}

/// Whether the media type is text/plain, without regard to case and parameters (RFC 9110 8.3.1).
fn is_plain_text(label: &str) -> bool {
    let media_type = label.split(';').next().unwrap_or(label);
    media_type.trim().eq_ignore_ascii_case("text/plain")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{
        assert_has, fires, not_fetched, response, set_policy, silent, unseen,
    };

    #[test]
    fn a_policy_labelled_as_a_web_page_is_found() {
        let finding = fires(&RULE, |facts| {
            response(facts).content_type = Some("text/html\u{7}".into());
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“text/html\\u{7}”");
        assert_has(&finding.fix, "text/plain");
    }

    #[test]
    fn a_policy_without_a_label_is_found() {
        let finding = fires(&RULE, |facts| response(facts).content_type = None);
        assert_has(&finding.evidence, "without a Content-Type");
    }

    #[test]
    fn capitals_and_parameters_do_not_matter() {
        silent(&RULE, |facts| {
            response(facts).content_type = Some("Text/Plain ; charset=UTF-8".into());
        });
    }

    #[test]
    fn a_web_page_an_empty_file_and_an_error_are_left_to_other_rules() {
        silent(&RULE, |facts| {
            response(facts).content_type = Some("text/html".into());
            set_policy(facts, "<html></html>");
        });
        silent(&RULE, |facts| {
            response(facts).content_type = None;
            set_policy(facts, "");
        });
        silent(&RULE, |facts| {
            response(facts).content_type = Some("text/html".into());
            response(facts).status = 404;
        });
    }

    #[test]
    fn an_answer_that_never_came_has_no_label() {
        unseen(&RULE, not_fetched);
    }
}
