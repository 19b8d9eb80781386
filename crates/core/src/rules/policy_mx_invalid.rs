//! `policy-mx-invalid`: the value of an mx line is no host name.

use super::Rule;
use super::policy_file::{evidence, faults, mx_lines, quoted_lines};
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};
use crate::{PolicyFault, PolicyFaultKind};

pub(super) static RULE: Rule = Rule {
    code: "policy-mx-invalid",
    area: Area::PolicyFile,
    severity: Severity::Problem,
    title: "an mx line does not name a mail server",
    doc: include_str!("policy_mx_invalid.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| matches!(kind, PolicyFaultKind::MxInvalid(_)));
    if faults.is_empty() {
        return;
    }
    let meant: Vec<Vec<String>> = faults.iter().map(|fault| corrected(fault)).collect();
    let fix = if meant.iter().any(Vec::is_empty) {
        format!(
            "Name each host as in your MX records: {}. Then upload the file again.",
            mx_lines(case)
        )
    } else {
        format!(
            "Write instead: {}. Then upload the file again.",
            quoted_lines(&meant.concat())
        )
    };
    findings.report(
        case.facts.domain.policy_host(),
        evidence(case, &faults),
        fix,
    );
}

/// The lines that were probably meant.
fn corrected(fault: &PolicyFault) -> Vec<String> {
    match &fault.kind {
        PolicyFaultKind::MxInvalid(error) => error
            .suggestion(&fault.found)
            .into_iter()
            .map(|host| format!("mx: {host}"))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fetch, fires, set_policy, silent, unseen};

    #[test]
    fn the_number_of_an_mx_record_is_found_and_taken_out() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: 10 mx1.example.com.\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("line 3 at “10 mx1.example.com.”"),
            "{}",
            finding.evidence
        );
        assert!(
            finding
                .fix
                .contains("Write instead: “mx: mx1.example.com”."),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_list_is_found_and_taken_apart() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: mx1.example.com, mx2.example.com\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("is a list"),
            "{}",
            finding.evidence
        );
        assert!(
            finding
                .fix
                .contains("“mx: mx1.example.com” and “mx: mx2.example.com”"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn a_star_alone_is_found_with_the_hosts_in_its_place() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("a star alone"),
            "{}",
            finding.evidence
        );
        assert!(
            finding
                .fix
                .contains("“mx: mx1.example.com” and “mx: mx2.example.com”"),
            "{}",
            finding.fix
        );
    }

    #[test]
    fn an_address_fits_the_grammar_and_names_no_host() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmx: 192.0.2.1\nmax_age: 604800\n",
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert!(
            finding.evidence.contains("this is an IP address"),
            "{}",
            finding.evidence
        );
        assert!(finding.fix.contains("mx1.example.com"), "{}", finding.fix);
    }

    #[test]
    fn a_star_for_the_first_part_is_allowed() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n",
            );
        });
    }

    #[test]
    fn several_faulty_lines_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: mx1.example.com.\nmx: mx2.example.com.\nmax_age: 604800\n",
            );
        });
        assert!(
            finding
                .evidence
                .contains("must go; line 4 at “mx2.example.com.”"),
            "{}",
            finding.evidence
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_hosts() {
        unseen(&RULE, |facts| {
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
    }
}
