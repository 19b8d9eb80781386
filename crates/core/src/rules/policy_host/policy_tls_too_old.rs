//! `policy-tls-too-old`: the policy host only supports TLS versions below 1.2.

use super::policy_fetch::{Obstacle, obstacle, policy_host_with_addresses};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_TLS_TOO_OLD,
    severity: Problem,
    title: "the policy host only supports TLS versions below 1.2",
    page: "policy_tls_too_old.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some((Obstacle::OldTls, failure)) = obstacle(case.facts) else {
        return;
    };
    let host = case.facts.domain.policy_host();
    let evidence = format!(
        "On port 443, {} accepts neither TLS 1.2 nor TLS 1.3: {failure}.",
        policy_host_with_addresses(case.facts)
    );
    let fix = format!(
        "Switch on TLS 1.2 and TLS 1.3 in the web server of {host}. If it has no such setting, \
         it or its TLS library is too old: update it, or move the file to another host."
    );
    findings.report(Subject::policy_host(&case.facts.domain), evidence, fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{assert_has, fires, policy_fetch_fails, silent, unseen};

    #[test]
    fn a_web_server_with_old_versions_alone_is_found() {
        let finding = fires(&RULE, |facts| {
            policy_fetch_fails(facts, FailureKind::TlsTooOld);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "mta-sts.example.com (192.0.2.80)");
        assert_has(&finding.evidence, "only TLS versions below 1.2");
        assert_has(&finding.fix, "TLS 1.3 in the web server");
    }

    #[test]
    fn a_handshake_that_fails_otherwise_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            policy_fetch_fails(facts, FailureKind::TlsHandshake);
        });
    }

    #[test]
    fn a_connection_that_was_never_made_has_no_version() {
        unseen(&RULE, |facts| {
            policy_fetch_fails(facts, FailureKind::TimedOut);
        });
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
