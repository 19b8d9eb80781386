//! `policy-mx-wildcard-depth`: a wildcard would have to match two or more parts of a name.

use super::covered::{
    exact_values, lines_with, mx_hosts, policy_in_use, severity_of_refusal, too_shallow_wildcard,
    uncovered_hosts,
};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::mx_pattern::MxPattern;
use crate::text::wording::{in_quotes, in_words, shown};

rule! {
    code: POLICY_MX_WILDCARD_DEPTH,
    severity: Problem,
    title: "the wildcard in the policy doesn’t match the mail server",
    page: "policy_mx_wildcard_depth.md",
    check,
}

/// Hosts that a sentence names.
const MAX_HOSTS: usize = 10;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(policy) = policy_in_use(case) else {
        return;
    };
    let mut wildcards: Vec<(&MxPattern, Vec<&str>)> = Vec::new();
    for host in uncovered_hosts(case, policy) {
        let Some(wildcard) = too_shallow_wildcard(policy, host) else {
            continue;
        };
        match wildcards.iter_mut().find(|(known, _)| *known == wildcard) {
            Some((_, hosts)) => hosts.push(host),
            None => wildcards.push((wildcard, vec![host])),
        }
    }
    let domain = &case.facts.domain;
    for (wildcard, hosts) in wildcards {
        let line = lines_with(&[wildcard]);
        let right = lines_with(&exact_values(&hosts));
        let change = if mx_hosts(case).iter().any(|host| wildcard.matches(host)) {
            format!("Add {right} to the policy file, next to {line}")
        } else {
            format!("Replace {line} in the policy file with {right}")
        };
        findings.report_as(
            severity_of_refusal(policy),
            Subject::policy_host(domain),
            format!(
                "The policy at {} contains {line}, but the MX records name {}. The wildcard \
                 matches exactly one part of a name; here it would have to match {}.",
                domain.policy_url(),
                in_words(hosts.iter().take(MAX_HOSTS).map(|host| shown(host))),
                in_quotes(parts_in_its_place(wildcard, &hosts), 253)
            ),
            format!(
                "{change}, publish it, and then give {} a new id.",
                domain.mta_sts_record_name()
            ),
        );
    }
}

/// What the first host has in the place of the wildcard.
fn parts_in_its_place<'a>(wildcard: &MxPattern, hosts: &[&'a str]) -> &'a str {
    let parent = wildcard.as_str().len() - 1;
    let host = hosts.first().copied().unwrap_or_default();
    let end = host.len().saturating_sub(parent);
    host.get(..end).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MxRecord, Observed};
    use crate::rules::finding::Severity;
    use crate::rules::testing::{assert_has, failed, fires, set_policy, silent, unseen};

    fn mail_goes_to(facts: &mut Facts, hosts: &[&str]) {
        let records = hosts.iter().map(|&host| MxRecord {
            preference: 10,
            exchange: host.into(),
        });
        facts.mx = Observed::Seen(Answer::of(records));
        facts.mail_servers.clear();
    }

    fn policy(facts: &mut Facts, mode: &str, lines: &str) {
        let text = format!("version: STSv1\nmode: {mode}\n{lines}max_age: 604800\n");
        set_policy(facts, &text);
    }

    #[test]
    fn a_wildcard_over_google_is_one_finding_with_every_line_to_write() {
        let finding = fires(&RULE, |facts| {
            mail_goes_to(facts, &["aspmx.l.google.com", "alt1.aspmx.l.google.com"]);
            policy(facts, "enforce", "mx: *.google.com\n");
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_eq!(finding.severity, Severity::Problem);
        assert_has(&finding.evidence, "“mx: *.google.com”");
        assert_has(&finding.evidence, "would have to match “aspmx.l”");
        assert_has(
            &finding.fix,
            "Replace “mx: *.google.com” in the policy file with “mx: aspmx.l.google.com” and \
             “mx: alt1.aspmx.l.google.com”",
        );
    }

    #[test]
    fn a_wildcard_that_covers_another_host_stays() {
        let finding = fires(&RULE, |facts| {
            mail_goes_to(facts, &["mx.example.com", "a.spare.example.com"]);
            policy(facts, "enforce", "mx: *.example.com\n");
        });
        assert_has(&finding.fix, "Add “mx: a.spare.example.com”");
        assert_has(&finding.fix, "next to “mx: *.example.com”");
    }

    #[test]
    fn in_testing_mode_it_asks_for_attention() {
        let finding = fires(&RULE, |facts| {
            mail_goes_to(facts, &["example-com.o-v1.mx.microsoft"]);
            policy(facts, "testing", "mx: *.mx.microsoft\n");
        });
        assert_eq!(finding.severity, Severity::Attention);
        assert_has(&finding.fix, "“mx: example-com.o-v1.mx.microsoft”");
    }

    #[test]
    fn a_wildcard_that_reaches_its_host_and_one_elsewhere_are_no_matter() {
        silent(&RULE, |facts| {
            policy(facts, "enforce", "mx: *.example.com\n");
        });
        silent(&RULE, |facts| {
            policy(facts, "enforce", "mx: *.example.net\n");
        });
    }

    #[test]
    fn a_host_that_another_line_covers_needs_no_wildcard() {
        silent(&RULE, |facts| {
            mail_goes_to(facts, &["aspmx.l.google.com"]);
            policy(facts, "enforce", "mx: *.google.com\nmx: *.l.google.com\n");
        });
    }

    #[test]
    fn mail_servers_and_policies_that_were_not_seen_are_not_compared() {
        unseen(&RULE, |facts| {
            policy(facts, "enforce", "mx: *.com\n");
            facts.mx = failed(FailureKind::TimedOut);
            facts.mail_servers.clear();
        });
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
