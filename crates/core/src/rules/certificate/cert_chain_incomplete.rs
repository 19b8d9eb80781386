//! `cert-chain-incomplete`: an MX host does not send an intermediate certificate.

use super::chain::{chain_incomplete, of_mail_servers};

rule! {
    code: CERT_CHAIN_INCOMPLETE,
    severity: Problem,
    title: "an intermediate certificate is not sent",
    page: "cert_chain_incomplete.md",
    check: |case, findings| of_mail_servers(case, findings, chain_incomplete),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Observed, Trust};
    use crate::rules::testing::{assert_has, fires, served_chain, session, silent, unseen};

    #[test]
    fn a_missing_intermediate_is_found_and_named() {
        let finding = fires(&RULE, |facts| {
            let chain = served_chain(facts, 0);
            chain.certificates.truncate(1);
            chain.trust = Trust::IssuerMissing {
                issuer: "CN=Example Intermediate".into(),
            };
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "“CN=Example Intermediate”");
        assert_has(&finding.fix, "fullchain.pem");
    }

    #[test]
    fn a_single_certificate_straight_from_a_root_is_whole() {
        silent(&RULE, |facts| {
            served_chain(facts, 0).certificates.truncate(1);
        });
    }

    #[test]
    fn a_chain_that_was_not_seen_is_not_incomplete() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
