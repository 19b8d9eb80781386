//! `policy-mx-not-listed`: an MX host matches no mx line of the policy.

use super::covered::{policy_in_use, severity_of_refusal, too_shallow_wildcard, uncovered_hosts};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::mx_pattern::MxPattern;
use crate::text::wording::{in_words, shown};

rule! {
    code: POLICY_MX_NOT_LISTED,
    severity: Problem,
    title: "the policy doesn’t list this mail server",
    page: "policy_mx_not_listed.md",
    check,
}

/// Lines of the policy that evidence quotes.
const MAX_LINES: usize = 10;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(policy) = policy_in_use(case) else {
        return;
    };
    let severity = severity_of_refusal(policy);
    let domain = &case.facts.domain;
    for host in uncovered_hosts(case, policy) {
        // Left to policy-mx-wildcard-depth; and to mx-name-underscore, as no policy can name such a
        // host.
        if too_shallow_wildcard(policy, host).is_some() || host.contains('_') {
            continue;
        }
        let name = shown(host);
        findings.report_as(
            severity,
            Subject::mail_server(host),
            format!(
                "The MX records name {name}, but the policy at {} only lists {}.{}",
                domain.policy_url(),
                list_of(policy.mx()),
                no_part_for_the_wildcard(policy.mx(), host)
            ),
            format!(
                "Add the line “mx: {name}” to the policy file, publish it, and then give {} a new \
                 id.",
                domain.mta_sts_record_name()
            ),
        );
    }
}

fn list_of(patterns: &[MxPattern]) -> String {
    let mut lines: Vec<String> = patterns
        .iter()
        .take(MAX_LINES)
        .map(|pattern| shown(pattern.as_str()))
        .collect();
    if patterns.len() > MAX_LINES {
        lines.push(format!("{} more", patterns.len() - MAX_LINES));
    }
    in_words(lines)
}

/// Explains a wildcard directly below the name of the host itself.
fn no_part_for_the_wildcard(patterns: &[MxPattern], host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let is_above =
        |pattern: &&MxPattern| pattern.as_str().strip_prefix("*.") == Some(host.as_str());
    patterns
        .iter()
        .find(is_above)
        .map_or(String::new(), |pattern| {
            let pattern = shown(pattern.as_str());
            format!(" The wildcard in {pattern} matches exactly one part of a name, never none.")
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::finding::Severity;
    use crate::rules::testing::{assert_has, failed, fires, policy_is, set_policy, silent, unseen};

    #[test]
    fn a_forgotten_host_is_found_with_the_line_to_add() {
        let finding = fires(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 604800\n"),
        );
        assert_eq!(finding.subject, "mx2.example.com");
        assert_eq!(finding.severity, Severity::Problem);
        assert_has(&finding.fix, "“mx: mx2.example.com”");
        assert_has(&finding.fix, "_mta-sts.example.com");
    }

    #[test]
    fn in_testing_mode_it_asks_for_attention() {
        let finding = fires(
            &RULE,
            policy_is("version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 604800\n"),
        );
        assert_eq!(finding.severity, Severity::Attention);
    }

    #[test]
    fn a_wildcard_that_would_have_to_cover_two_parts_is_left_to_another_rule() {
        silent(
            &RULE,
            policy_is(
                "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: *.com\nmax_age: 604800\n",
            ),
        );
    }

    #[test]
    fn a_wildcard_over_the_host_itself_is_explained() {
        let finding = fires(
            &RULE,
            policy_is(
                "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: *.mx2.example.com\n\
                 max_age: 604800\n",
            ),
        );
        assert_has(&finding.evidence, "wildcard in *.mx2.example.com");
    }

    #[test]
    fn a_wildcard_for_one_part_covers_every_host() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: enforce\nmx: *.Example.com\nmax_age: 604800\n"),
        );
    }

    #[test]
    fn a_policy_that_is_switched_off_lists_whom_it_likes() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: none\nmx: old.example.com\nmax_age: 86400\n"),
        );
    }

    #[test]
    fn a_host_without_an_address_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 604800\n",
            );
            facts.mail_servers[1].ipv4 = Observed::Seen(Answer::no_such_name());
        });
    }

    #[test]
    fn mail_servers_and_policies_that_were_not_seen_are_not_compared() {
        unseen(&RULE, |facts| {
            set_policy(
                facts,
                "version: STSv1\nmode: enforce\nmx: other.example.com\nmax_age: 604800\n",
            );
            facts.mx = failed(FailureKind::TimedOut);
            facts.mail_servers.clear();
        });
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
