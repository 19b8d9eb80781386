//! `policy-cert-unreadable`: the policy host's certificate can't be read.

use crate::rules::case::Case;
use crate::rules::certificate::chain::{Server, unreadable};
use crate::rules::finding::{Findings, Subject};

rule! {
    code: POLICY_CERT_UNREADABLE,
    severity: Problem,
    title: "the policy host’s certificate can’t be read",
    page: "policy_cert_unreadable.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let fetch = case.facts.policy.seen();
    let Some(failure) = fetch.and_then(|fetch| fetch.chain.failed()) else {
        return;
    };
    let host = case.facts.domain.policy_host();
    let subject = Subject::policy_host(&case.facts.domain);
    match unreadable(&host, Server::Web, failure) {
        Some(fault) => findings.report(
            subject,
            format!("On port 443, {host} shows {}", fault.seen),
            fault.fix,
        ),
        None => findings.not_checked(
            subject,
            format!("We couldn’t read the certificate of {host} on port 443: {failure}."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fetch, fires, not_checked, silent, unseen};

    #[test]
    fn a_certificate_that_nobody_can_read_is_found() {
        let finding = fires(&RULE, |facts| {
            fetch(facts).chain = failed(FailureKind::UnreadableCertificate);
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "can’t be read");
        assert_has(&finding.fix, "web server");
    }

    #[test]
    fn a_certificate_that_only_this_program_cannot_read_is_not_checked() {
        let reason = not_checked(&RULE, |facts| {
            fetch(facts).chain = failed(FailureKind::Unsupported);
        });
        assert_has(&reason, "mta-sts.example.com");
    }

    #[test]
    fn a_certificate_that_can_be_read_is_left_to_other_rules() {
        silent(&RULE, |_| ());
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_called_unreadable() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
