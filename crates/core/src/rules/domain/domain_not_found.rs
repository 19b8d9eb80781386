//! `domain-not-found`: the domain does not exist in the DNS.

use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: DOMAIN_NOT_FOUND,
    severity: Problem,
    title: "the domain doesn’t exist",
    page: "domain_not_found.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    if case.facts.mx.seen().is_some_and(|mx| !mx.name_exists) {
        findings.report(
            Subject::domain(domain),
            format!(
                "The DNS answered the lookup of the MX records of {domain} with “no such name” \
                 (NXDOMAIN)."
            ),
            format!(
                "Check the spelling of {domain}: it’s what follows the @ in your mail addresses. \
                 If it’s right, the registration may have expired or may not be complete yet; ask \
                 the company where you registered it."
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fires, silent, unseen};

    #[test]
    fn a_name_that_the_dns_does_not_know_is_found() {
        let finding = fires(&RULE, |facts| {
            facts.mx = Observed::Seen(Answer::no_such_name());
        });
        assert_eq!(finding.subject, "example.com");
        assert_has(&finding.evidence, "no such name");
    }

    #[test]
    fn a_domain_without_mx_records_exists() {
        silent(&RULE, |facts| facts.mx = Observed::Seen(Answer::no_data()));
    }

    #[test]
    fn a_lookup_that_failed_does_not_deny_the_domain() {
        let findings = unseen(&RULE, |facts| facts.mx = failed(FailureKind::ServFail));
        assert_eq!(findings.not_checked, []);
    }
}
