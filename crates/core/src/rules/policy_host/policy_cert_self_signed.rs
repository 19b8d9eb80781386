//! `policy-cert-self-signed`: the policy host's certificate is self-signed.

use crate::rules::certificate::chain::{of_policy_host, self_signed};

rule! {
    code: POLICY_CERT_SELF_SIGNED,
    severity: Problem,
    title: "the policy host’s certificate is self-signed",
    page: "policy_cert_self_signed.md",
    check: |case, findings| of_policy_host(case, findings, self_signed),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Observed, Trust};
    use crate::rules::testing::{assert_has, fetch, fires, policy_chain, silent, unseen};

    #[test]
    fn a_self_signed_certificate_is_found() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).trust = Trust::SelfSigned;
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "self-signed");
        assert_has(&finding.fix, "mta-sts.example.com");
    }

    #[test]
    fn a_certificate_of_an_unknown_authority_is_not_self_signed() {
        silent(&RULE, |facts| {
            policy_chain(facts).trust = Trust::UnknownRoot {
                root: "CN=Office".into(),
            };
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_self_signed() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
