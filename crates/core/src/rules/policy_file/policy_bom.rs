//! `policy-bom`: the policy file begins with a byte order mark.

use super::faults::report_faults;
use crate::text::policy::PolicyFaultKind;

rule! {
    code: POLICY_BOM,
    severity: Problem,
    title: "the policy file begins with an invisible mark (BOM)",
    page: "policy_bom.md",
    check: |case, findings| report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::Bom),
        |_| "Save the file as UTF-8 without a byte order mark (BOM), and upload it again.",
    ),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{
        POLICY, assert_has, fires, not_fetched, policy_is, silent, unseen,
    };

    #[test]
    fn a_mark_before_the_first_line_is_found() {
        let finding = fires(&RULE, policy_is(&format!("\u{feff}{POLICY}")));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "byte order mark");
        assert_has(&finding.fix, "without a byte order mark");
    }

    #[test]
    fn a_file_without_the_mark_is_fine() {
        silent(&RULE, policy_is(POLICY));
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_mark() {
        unseen(&RULE, not_fetched);
    }
}
