//! `cert-not-yet-valid`: an MX host's certificate is not valid yet.

use super::chain::{not_yet_valid, of_mail_servers};

rule! {
    code: CERT_NOT_YET_VALID,
    severity: Problem,
    title: "the certificate is not valid yet",
    page: "cert_not_yet_valid.md",
    check: |case, findings| of_mail_servers(case, findings, not_yet_valid),
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fires, leaf, session, silent, unseen};

    #[test]
    fn a_certificate_of_tomorrow_is_found_with_its_date() {
        let finding = fires(&RULE, |facts| {
            leaf(facts, 1).not_before = facts.checked_at + Duration::days(1);
        });
        assert_eq!(finding.subject, "mx2.example.com");
        assert_has(&finding.evidence, "24 November 2026");
    }

    #[test]
    fn a_certificate_that_begins_this_moment_is_valid() {
        silent(&RULE, |facts| leaf(facts, 0).not_before = facts.checked_at);
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_too_early() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
