//! `policy-tls-failed`: the TLS handshake with the policy host failed.

use super::policy_fetch::{Obstacle, obstacle, policy_host_with_addresses};
use crate::rules::case::Case;
use crate::rules::certificate::chain::policy_host_is_refused;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_TLS_FAILED,
    severity: Problem,
    title: "the policy host can’t set up an encrypted connection",
    page: "policy_tls_failed.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let (is_supported, failure) = match obstacle(case.facts) {
        Some((Obstacle::Handshake, failure)) => (true, failure),
        Some((Obstacle::Unsupported, failure)) => (false, failure),
        _ => return,
    };
    // A bad certificate that was seen is the cause, and the rules about certificates name it.
    if policy_host_is_refused(case) {
        return;
    }
    let host = case.facts.domain.policy_host();
    let fix = format!(
        "Add {host} as a site to your web server or hosting, and switch on HTTPS for it, so that \
         it has a certificate for this name."
    );
    let evidence = format!(
        "This check couldn’t connect securely to {} on port 443: {failure}.",
        policy_host_with_addresses(case.facts)
    );
    let subject = Subject::policy_host(&case.facts.domain);
    if is_supported {
        findings.report(subject, evidence, fix);
    } else {
        findings.not_checked(subject, format!("{evidence} Senders may support it."));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, Trust};
    use crate::rules::testing::{
        assert_has, chain, fetch, fires, not_checked, policy_fetch_fails, silent, unseen,
    };

    #[test]
    fn a_handshake_that_ends_with_an_alert_is_found() {
        let finding = fires(&RULE, |facts| {
            policy_fetch_fails(facts, FailureKind::TlsHandshake);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "192.0.2.80");
        assert_has(&finding.fix, "Add mta-sts.example.com");
    }

    #[test]
    fn a_handshake_that_is_beyond_this_program_accuses_nobody() {
        let reason = not_checked(&RULE, |facts| {
            policy_fetch_fails(facts, FailureKind::Unsupported);
        });
        assert_has(&reason, "this program doesn’t support it");
    }

    #[test]
    fn a_server_with_old_versions_alone_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            policy_fetch_fails(facts, FailureKind::TlsTooOld);
        });
    }

    #[test]
    fn a_bad_certificate_is_left_to_the_rules_about_certificates() {
        silent(&RULE, |facts| {
            let mut bad = chain("mta-sts.example.com");
            bad.trust = Trust::Invalid {
                detail: "unreadable".into(),
            };
            policy_fetch_fails(facts, FailureKind::TlsHandshake);
            fetch(facts).chain = Observed::Seen(bad);
        });
    }

    #[test]
    fn a_connection_that_was_never_made_has_no_bad_handshake() {
        unseen(&RULE, |facts| {
            policy_fetch_fails(facts, FailureKind::Refused);
        });
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
