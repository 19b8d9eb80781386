//! `policy-mx-unused`: an mx line of the policy matches no MX host.

use super::covered::{mx_hosts, policy_in_use, too_shallow_wildcard, uncovered_hosts};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::mx_pattern::MxPattern;
use crate::text::wording::{in_words, shown};

rule! {
    code: POLICY_MX_UNUSED,
    severity: Attention,
    title: "the policy lists a server that isn’t one of your mail servers",
    page: "policy_mx_unused.md",
    check,
}

/// Names that a sentence lists.
const MAX_NAMES: usize = 10;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(policy) = policy_in_use(case) else {
        return;
    };
    let hosts = mx_hosts(case);
    let planned = &case.facts.planned;
    let too_shallow: Vec<&MxPattern> = uncovered_hosts(case, policy)
        .into_iter()
        .filter_map(|host| too_shallow_wildcard(policy, host))
        .collect();
    let mut unused: Vec<String> = policy
        .mx()
        .iter()
        // An IP address instead of a name, and a name that no host can have, have rules of their own.
        .filter(|pattern| !pattern.is_ip_address() && pattern.why_it_never_matches().is_none())
        .filter(|pattern| !hosts.iter().any(|host| pattern.matches(host)))
        // In a move, the policy lists old and new mail servers for a while.
        .filter(|pattern| !planned.iter().any(|it| pattern.matches(&it.host)))
        // A wildcard that matches too little is left to policy-mx-wildcard-depth.
        .filter(|pattern| !too_shallow.contains(pattern))
        .map(|pattern| format!("“mx: {}”", shown(pattern.as_str())))
        .collect();
    if hosts.is_empty() || unused.is_empty() {
        return;
    }
    unused.dedup();
    unused.truncate(MAX_NAMES);
    let domain = &case.facts.domain;
    findings.report(
        Subject::policy_host(domain),
        format!(
            "The policy at {} contains {}, but the MX records of {domain} only name {}.",
            domain.policy_url(),
            in_words(&unused),
            in_words(hosts.iter().take(MAX_NAMES).map(|host| shown(host)))
        ),
        format!(
            "If no mail server uses {} any more, remove {} from the policy file, publish it, and \
             then give {} a new id.",
            if unused.len() == 1 {
                "this name"
            } else {
                "these names"
            },
            in_words(&unused),
            domain.mta_sts_record_name()
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, MailServer, MxRecord, Observed};
    use crate::rules::testing::{
        POLICY, assert_has, failed, fires, policy_is, set_policy, silent, unseen,
    };

    #[test]
    fn a_former_host_is_found_with_the_line_to_remove() {
        let finding = fires(&RULE, |facts| {
            set_policy(
                facts,
                &POLICY.replace("max_age", "mx: old.example.net\r\nmax_age"),
            );
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“mx: old.example.net”");
        assert_has(&finding.fix, "“mx: old.example.net”");
        assert!(!finding.fix.contains("mx1"), "{}", finding.fix);
    }

    #[test]
    fn a_host_that_a_move_names_is_no_former_one() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                &POLICY.replace("max_age", "mx: new.example.net\r\nmax_age"),
            );
            facts.planned = vec![MailServer::named("new.example.net", 0)];
        });
    }

    #[test]
    fn a_wildcard_that_covers_one_host_is_used() {
        silent(&RULE, |facts| {
            set_policy(
                facts,
                &POLICY.replace("max_age", "mx: *.example.com\r\nmax_age"),
            );
        });
    }

    #[test]
    fn a_wildcard_that_stands_for_too_little_is_left_to_another_rule() {
        let policy = POLICY.replace("mx: mx2.example.com", "mx: *.com");
        silent(&RULE, policy_is(&policy));
    }

    #[test]
    fn a_policy_that_is_switched_off_is_left_alone() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: none\nmx: old.example.com\nmax_age: 86400\n"),
        );
    }

    #[test]
    fn a_domain_that_receives_no_mail_uses_no_line() {
        silent(&RULE, |facts| {
            facts.mx = Observed::Seen(Answer::of([MxRecord {
                preference: 0,
                exchange: String::new(),
            }]));
            facts.mail_servers.clear();
        });
    }

    #[test]
    fn mail_servers_that_were_not_seen_are_not_compared() {
        unseen(&RULE, |facts| facts.mx = failed(FailureKind::ServFail));
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
