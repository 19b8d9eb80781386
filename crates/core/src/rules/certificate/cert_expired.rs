//! `cert-expired`: an MX host's certificate has expired.

use super::chain::{expired, of_mail_servers};

rule! {
    code: CERT_EXPIRED,
    severity: Problem,
    title: "the certificate has expired",
    page: "cert_expired.md",
    check: |case, findings| of_mail_servers(case, findings, expired),
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::RULE;
    use crate::facts::{Facts, Observed};
    use crate::rules::testing::{assert_has, fires, leaf, served_chain, session, silent, unseen};

    fn expire(facts: &mut Facts) {
        leaf(facts, 0).not_after = facts.checked_at - Duration::days(1);
    }

    #[test]
    fn an_expired_certificate_is_found_with_its_date() {
        let finding = fires(&RULE, expire);
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "22 November 2026");
    }

    #[test]
    fn an_intermediate_that_expired_is_named() {
        let finding = fires(&RULE, |facts| {
            served_chain(facts, 0).certificates[1].not_after = facts.checked_at - Duration::days(1);
        });
        assert_has(&finding.evidence, "CN=Example Intermediate");
    }

    #[test]
    fn two_addresses_with_the_same_trouble_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            expire(facts);
            let mut other = session(facts, 0).clone();
            other.ip = "192.0.2.9".parse().unwrap();
            facts.mail_servers[0].sessions.push(other);
            leaf(facts, 0).serial = "02".into();
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.9");
    }

    #[test]
    fn a_certificate_that_ends_tomorrow_is_not_expired() {
        silent(&RULE, |facts| {
            leaf(facts, 0).not_after = facts.checked_at + Duration::days(1);
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_called_expired() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
