//! `cert-self-signed`: an MX host's certificate is self-signed.

use super::chain::{of_mail_servers, self_signed};

rule! {
    code: CERT_SELF_SIGNED,
    severity: Problem,
    title: "the certificate is self-signed",
    page: "cert_self_signed.md",
    check: |case, findings| of_mail_servers(case, findings, self_signed),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Observed, Trust};
    use crate::rules::testing::{assert_has, fires, served_chain, session, silent, unseen};

    #[test]
    fn a_self_signed_certificate_is_found() {
        let finding = fires(&RULE, |facts| {
            served_chain(facts, 0).trust = Trust::SelfSigned;
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "self-signed");
        assert_has(&finding.fix, "mx1.example.com");
    }

    #[test]
    fn a_certificate_of_an_unknown_authority_is_not_self_signed() {
        silent(&RULE, |facts| {
            served_chain(facts, 0).trust = Trust::UnknownRoot {
                root: "CN=Office".into(),
            };
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_self_signed() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
