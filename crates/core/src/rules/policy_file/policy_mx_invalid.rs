//! `policy-mx-invalid`: the value of an mx line isn't a host name.

use super::faults::{mx_lines, quoted_lines, report_faults};
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::policy::{PolicyFault, PolicyFaultKind};

rule! {
    code: POLICY_MX_INVALID,
    severity: Problem,
    title: "an mx line doesn’t name a mail server",
    page: "policy_mx_invalid.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(
        case,
        findings,
        |kind| matches!(kind, PolicyFaultKind::MxInvalid(_)),
        |faults| {
            let meant: Vec<Vec<String>> = faults.iter().map(|fault| corrected(fault)).collect();
            if meant.iter().any(Vec::is_empty) {
                format!(
                    "Name each host as in your MX records: {}. Then upload the file again.",
                    mx_lines(case)
                )
            } else {
                format!(
                    "Write instead: {}. Then upload the file again.",
                    quoted_lines(&meant.concat())
                )
            }
        },
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
    use crate::rules::testing::{
        assert_has, fires, fires_on_policy, not_fetched, policy_is, silent, unseen,
    };

    #[test]
    fn the_number_of_an_mx_record_is_found_and_taken_out() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: 10 mx1.example.com.\nmax_age: 604800\n",
            "line 3 at “10 mx1.example.com.”",
            "Write instead: “mx: mx1.example.com”.",
        );
    }

    #[test]
    fn a_list_is_found_and_taken_apart() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: mx1.example.com, mx2.example.com\nmax_age: 604800\n",
            "is a list",
            "“mx: mx1.example.com” and “mx: mx2.example.com”",
        );
    }

    #[test]
    fn a_wildcard_alone_is_found_with_the_hosts_in_its_place() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *\nmax_age: 604800\n",
            "a wildcard on its own",
            "“mx: mx1.example.com” and “mx: mx2.example.com”",
        );
    }

    #[test]
    fn an_address_fits_the_grammar_and_names_no_host() {
        fires_on_policy(
            &RULE,
            "version: STSv1\nmode: enforce\nmx: *.example.com\nmx: 192.0.2.1\nmax_age: 604800\n",
            "this is an IP address",
            "mx1.example.com",
        );
    }

    #[test]
    fn a_wildcard_for_the_first_part_is_allowed() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn several_faulty_lines_are_one_finding() {
        let finding = fires(
            &RULE,
            policy_is(
                "version: STSv1\nmode: enforce\nmx: mx1.example.com.\nmx: mx2.example.com.\nmax_age: 604800\n",
            ),
        );
        assert_has(
            &finding.evidence,
            "remove the dot at the end; line 4 at “mx2.example.com.”",
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_hosts() {
        unseen(&RULE, not_fetched);
    }
}
