//! `cert-expires-soon`: an MX host's certificate expires within two weeks.

use super::chain::{expires_soon, of_mail_servers};

rule! {
    code: CERT_EXPIRES_SOON,
    severity: Attention,
    title: "the certificate expires within two weeks",
    page: "cert_expires_soon.md",
    check: |case, findings| of_mail_servers(case, findings, expires_soon),
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fires, leaf, session, silent, unseen};

    #[test]
    fn a_certificate_with_thirteen_days_left_is_found_with_its_date() {
        let finding = fires(&RULE, |facts| {
            leaf(facts, 0).not_after = facts.checked_at + Duration::days(13);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "6 December 2026");
        assert_has(&finding.evidence, "13 days");
    }

    #[test]
    fn fourteen_days_are_enough() {
        silent(&RULE, |facts| {
            leaf(facts, 0).not_after = facts.checked_at + Duration::days(14);
        });
    }

    #[test]
    fn a_certificate_that_has_ended_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            leaf(facts, 0).not_after = facts.checked_at - Duration::days(1);
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_does_not_end_soon() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
