//! `policy-mx-never-matches`: an mx line is within the grammar, but names no host of the DNS.

use super::faults::{mx_lines, reading};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::mx_pattern::MxPattern;
use crate::text::wording::{in_quotes, in_words};

rule! {
    code: POLICY_MX_NEVER_MATCHES,
    severity: Attention,
    title: "an mx line can’t match any mail server",
    page: "policy_mx_never_matches.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(reading) = reading(case) else { return };
    let fields = reading.fields.iter().filter(|field| field.key == "mx");
    let told: Vec<String> = fields
        .filter_map(|field| {
            let why = MxPattern::from_grammar(&field.value)
                .ok()?
                .why_it_never_matches()?;
            let value = in_quotes(&field.value, 80);
            Some(format!("line {} names {value}, {why}", field.line))
        })
        .collect();
    if told.is_empty() {
        return;
    }
    findings.report(
        Subject::policy_host(&case.facts.domain),
        format!("In {}, {}.", case.facts.domain.policy_url(), in_words(told)),
        format!(
            "Write the whole name of each mail server, as in your MX records: {}. Then upload the \
             file again.",
            mx_lines(case)
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{assert_has, fires, not_fetched, policy_is, silent, unseen};

    fn policy(mx: &str) -> String {
        format!("version: STSv1\nmode: testing\nmx: {mx}\nmax_age: 604800\n")
    }

    #[test]
    fn a_name_of_one_label_is_found() {
        for mx in ["mail", "localhost", "*.com"] {
            let finding = fires(&RULE, policy_is(&policy(mx)));
            assert_has(&finding.evidence, &format!("line 3 names “{mx}”"));
            assert_has(&finding.fix, "mx: mx1.example.com");
        }
    }

    #[test]
    fn names_that_the_dns_can_not_have_are_found() {
        let label = "a".repeat(64);
        let finding = fires(&RULE, policy_is(&policy(&format!("{label}.example.com"))));
        assert_has(&finding.evidence, "63 characters");
        let long = ["a"; 128].join(".");
        let finding = fires(&RULE, policy_is(&policy(&long)));
        assert_has(&finding.evidence, "253 characters");
    }

    #[test]
    fn whole_names_and_values_that_are_none_are_left_alone() {
        for mx in [
            "mx1.example.com",
            "*.example.com",
            "192.0.2.1",
            "mail server",
        ] {
            silent(&RULE, policy_is(&policy(mx)));
        }
    }

    #[test]
    fn a_file_that_was_not_fetched_names_nothing() {
        unseen(&RULE, not_fetched);
    }
}
