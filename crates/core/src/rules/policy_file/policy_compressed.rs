//! `policy-compressed`: the web server packs the policy file although nobody asked for it.

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Severity, Subject};
use crate::text::wording::in_quotes;

/// What this check unpacks.
const KNOWN: [&str; 3] = ["gzip", "x-gzip", "deflate"];

rule! {
    code: POLICY_COMPRESSED,
    severity: Attention,
    title: "the policy file comes compressed",
    page: "policy_compressed.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(response) = case.response().filter(|response| response.status == 200) else {
        return;
    };
    let encoding = response.content_encoding.as_deref().unwrap_or_default();
    let encoding = encoding.trim();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return;
    }
    let is_known = KNOWN
        .iter()
        .any(|known| encoding.eq_ignore_ascii_case(known));
    let severity = if is_known {
        Severity::Attention
    } else {
        Severity::Problem
    };
    let domain = &case.facts.domain;
    let url = domain.policy_url();
    findings.report_as(
        severity,
        Subject::policy_host(domain),
        format!(
            "The web server sends {url} with “Content-Encoding: ” and {}, although this check asked \
             for the plain file. Some senders can’t read that.",
            in_quotes(encoding, 40)
        ),
        format!("Switch compression off for {url}, so that every sender gets the plain text."),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::finding::Severity;
    use crate::rules::testing::{assert_has, fires, not_fetched, response, silent, unseen};

    #[test]
    fn a_packed_file_is_worth_attention_and_one_that_nobody_can_read_is_a_problem() {
        for (encoding, severity) in [
            ("gzip", Severity::Attention),
            ("DEFLATE", Severity::Attention),
            ("br", Severity::Problem),
        ] {
            let finding = fires(&RULE, |facts| {
                response(facts).content_encoding = Some(encoding.into());
            });
            assert_eq!(finding.severity, severity, "{encoding}");
            assert_has(&finding.evidence, encoding);
        }
    }

    #[test]
    fn a_plain_file_is_fine() {
        silent(&RULE, |facts| {
            response(facts).content_encoding = Some("identity".into());
        });
        silent(&RULE, |facts| response(facts).content_encoding = None);
    }

    #[test]
    fn a_file_that_was_not_fetched_is_not_packed() {
        unseen(&RULE, not_fetched);
    }
}
