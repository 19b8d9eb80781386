//! `cert-expires-soon`: an MX host's certificate should have been renewed by now.

use super::chain::{expires_soon, of_mail_servers};

rule! {
    code: CERT_EXPIRES_SOON,
    severity: Attention,
    title: "the certificate expires soon",
    page: "cert_expires_soon.md",
    check: |case, findings| of_mail_servers(case, findings, expires_soon),
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::{Facts, Observed};
    use crate::rules::testing::{assert_has, fires, leaf, served_chain, session, silent, unseen};

    /// A change: the certificate was issued for so long, and so much is left of it.
    fn lives(lifetime: Duration, left: Duration) -> impl FnOnce(&mut Facts) {
        move |facts| {
            let end = facts.checked_at + left;
            let leaf = leaf(facts, 0);
            (leaf.not_before, leaf.not_after) = (end - lifetime, end);
        }
    }

    #[test]
    fn a_certificate_with_thirteen_days_left_is_found_with_its_date_and_lifetime() {
        let finding = fires(&RULE, lives(Duration::days(90), Duration::days(13)));
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "6 December 2026");
        assert_has(&finding.evidence, "13 days after this check");
        assert_has(&finding.evidence, "issued for 90 days");
    }

    #[test]
    fn fourteen_days_are_enough() {
        for lifetime in [45, 64, 90, 398] {
            let lifetime = Duration::days(lifetime);
            silent(&RULE, lives(lifetime, Duration::days(14)));
            fires(&RULE, lives(lifetime, Duration::hours(14 * 24 - 1)));
        }
    }

    #[test]
    fn a_certificate_that_lives_for_days_has_time_until_its_last_third() {
        let lifetime = Duration::hours(160);
        silent(&RULE, lives(lifetime, Duration::hours(159)));
        silent(&RULE, lives(lifetime, Duration::hours(54)));
        let finding = fires(&RULE, lives(lifetime, Duration::hours(53)));
        assert_has(&finding.evidence, "2 days after this check");
        assert_has(&finding.evidence, "issued for 6 days");
    }

    #[test]
    fn an_intermediate_that_expires_later_than_a_fresh_leaf_is_found_by_itself() {
        let finding = fires(&RULE, |facts| {
            lives(Duration::hours(160), Duration::hours(150))(facts);
            let end = facts.checked_at + Duration::days(10);
            served_chain(facts, 0).certificates[1].not_before = end - Duration::days(1000);
            served_chain(facts, 0).certificates[1].not_after = end;
        });
        assert_has(&finding.evidence, "CN=Example Intermediate");
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
