//! `policy-host-missing`: there is an MTA-STS record, but the policy host has no address.

use super::stray_policy::stray_policies;
use crate::facts::{FailureKind, ProbeFailure};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::domain::without_added_domain;
use crate::text::sts_record::looks_like_sts;
use crate::text::wording::shown;

rule! {
    code: POLICY_HOST_MISSING,
    severity: Problem,
    title: "the policy host has no address",
    page: "policy_host_missing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    if !is_announced(case) || !stray_policies(facts).is_empty() {
        return;
    }
    let host = facts.domain.policy_host();
    if let Some(circle) = alias_circle(case) {
        findings.report(
            Subject::policy_host(&facts.domain),
            format!("{host}: {circle}."),
            format!("Point the CNAME record of {host} to the web server that has the policy file."),
        );
        return;
    }
    let Some(answer) = facts.policy_host.seen().filter(|it| it.records.is_empty()) else {
        return;
    };
    let (evidence, fix) = match answer.aliases.last() {
        Some(target) => (
            format!(
                "{host} is an alias that leads to {}, which has no address.",
                shown(target)
            ),
            match without_added_domain(target, &facts.domain).filter(|_| !answer.name_exists) {
                Some(meant) => format!(
                    "Your domain was probably added to the end of the target by mistake. Change the \
                     CNAME record of {host} to {}. with the dot at the end, unless your DNS provider \
                     doesn’t accept it.",
                    shown(meant)
                ),
                None => format!(
                    "Point the CNAME record of {host} to the web server that has the policy file."
                ),
            },
        ),
        None => (
            if answer.name_exists {
                format!("The name {host} exists in DNS, but has no address.")
            } else {
                format!("The name {host} doesn’t exist in DNS.")
            },
            format!(
                "Add a record for {host}: type A with the IPv4 address of your web server, or type \
                 CNAME with the name that your hosting service gave you."
            ),
        ),
    };
    findings.report(Subject::policy_host(&case.facts.domain), evidence, fix);
}

fn is_announced(case: &Case<'_>) -> bool {
    let record = case.facts.record.seen();
    record.is_some_and(|record| record.records.iter().any(|text| looks_like_sts(text)))
}

/// The aliases of the policy host, where they lead in a circle; only an announced one is told.
pub(crate) fn alias_circle<'a>(case: &Case<'a>) -> Option<&'a ProbeFailure> {
    let failure = case.facts.policy_host.failed()?;
    (failure.kind == FailureKind::AliasLoop && is_announced(case)).then_some(failure)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, Observed};
    use crate::rules::testing::{
        POLICY, assert_has, failed, fires, set_record, silent, stray_policy, unseen,
    };

    fn lose_the_host(facts: &mut Facts) {
        facts.policy_host = Observed::Seen(Answer::no_such_name());
        facts.policy = Observed::NotAsked;
    }

    #[test]
    fn an_announced_policy_without_a_host_is_found() {
        let finding = fires(&RULE, lose_the_host);
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.fix, "record for mta-sts.example.com");
    }

    #[test]
    fn an_alias_that_leads_nowhere_is_named() {
        let finding = fires(&RULE, |facts| {
            let aliases = vec!["gone.host.example".into()];
            facts.policy_host = Observed::Seen(Answer {
                aliases,
                ..Answer::no_data()
            });
        });
        assert_has(&finding.evidence, "gone.host.example");
    }

    #[test]
    fn a_file_that_is_somewhere_else_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            stray_policy(facts, "https://example.com/.well-known/mta-sts.txt", POLICY);
            lose_the_host(facts);
        });
    }

    #[test]
    fn before_anything_is_announced_no_host_is_missed() {
        silent(&RULE, |facts| {
            lose_the_host(facts);
            set_record(facts, &["v=spf1 -all"]);
        });
    }

    #[test]
    fn a_lookup_that_failed_is_not_a_missing_host() {
        unseen(&RULE, |facts| {
            facts.policy_host = failed(FailureKind::ServFail);
        });
        unseen(&RULE, |facts| {
            lose_the_host(facts);
            facts.record = failed(FailureKind::TimedOut);
        });
    }

    #[test]
    fn a_target_with_the_domain_at_its_end_is_told_with_what_was_meant() {
        let finding = fires(&RULE, |facts| {
            let mut answer = Answer::no_such_name();
            answer.aliases = vec!["user.github.io.example.com".into()];
            facts.policy_host = Observed::Seen(answer);
        });
        assert_has(&finding.fix, "to user.github.io. with the dot");
    }

    #[test]
    fn aliases_in_a_circle_are_a_fault() {
        let finding = fires(&RULE, |facts| {
            facts.policy_host = failed(FailureKind::AliasLoop);
        });
        assert_has(&finding.evidence, "form a loop");
    }
}
