//! `policy-unknown-field`: the policy file has a field with another name.

use super::faults::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_UNKNOWN_FIELD,
    severity: Note,
    title: "the policy has a field that senders ignore",
    page: "policy_unknown_field.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::UnknownField { .. }),
        |_| "You don’t need to change anything. If the line isn’t there on purpose, remove it.",
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{fires_on_policy, not_fetched, policy_is, silent, unseen};

    #[test]
    fn a_field_of_a_record_is_found() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\nid: 1\n",
            "“id” isn’t a policy field",
            "remove it",
        );
    }

    #[test]
    fn a_misspelled_field_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.example.com\nmax-age: 604800\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_fields() {
        unseen(&RULE, not_fetched);
    }
}
