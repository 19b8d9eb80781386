//! `cert-issuer-order`: of two certificates with the name and key of an issuer, the first leads to
//! no trusted root.

use super::chain::{issuer_order, of_mail_servers};

rule! {
    code: CERT_ISSUER_ORDER,
    severity: Note,
    title: "the first of two intermediate certificates leads nowhere",
    page: "cert_issuer_order.md",
    check: |case, findings| of_mail_servers(case, findings, issuer_order),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Certificate, Facts, Observed, Trust};
    use crate::rules::testing::{
        assert_has, digests, fires, served_chain, session, silent, unseen,
    };

    /// The intermediate certificate comes twice: signed by the root and, at this place, by an
    /// authority that nobody knows.
    fn cross_sign(facts: &mut Facts, place: usize) -> &mut Certificate {
        let certificates = &mut served_chain(facts, 0).certificates;
        certificates[1].digests = Some(digests("issuer"));
        let dead_end = Certificate {
            issuer: "CN=Old Root".into(),
            ..certificates[1].clone()
        };
        certificates.insert(place, dead_end);
        &mut certificates[place]
    }

    #[test]
    fn a_dead_end_before_the_right_certificate_is_named() {
        let finding = fires(&RULE, |facts| {
            cross_sign(facts, 1);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "first one that “CN=Old Root” signed");
        assert_has(&finding.evidence, "OpenSSL stop at the first");
        assert_has(&finding.fix, "Remove the certificate that “CN=Old Root”");
    }

    #[test]
    fn a_dead_end_behind_the_right_certificate_bothers_nobody() {
        silent(&RULE, |facts| {
            cross_sign(facts, 2);
        });
    }

    #[test]
    fn a_dead_end_with_another_key_is_no_choice() {
        silent(&RULE, |facts| {
            cross_sign(facts, 1).digests = Some(digests("other"));
        });
    }

    #[test]
    fn a_dead_end_that_has_expired_is_skipped() {
        silent(&RULE, |facts| {
            let yesterday = facts.checked_at - time::Duration::days(1);
            cross_sign(facts, 1).not_after = yesterday;
        });
    }

    #[test]
    fn a_chain_that_leads_nowhere_at_all_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            cross_sign(facts, 1);
            served_chain(facts, 0).trust = Trust::SelfSigned;
        });
    }

    #[test]
    fn a_chain_that_was_not_seen_has_no_order() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
