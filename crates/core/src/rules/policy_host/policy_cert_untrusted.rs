//! `policy-cert-untrusted`: senders don't trust the root of the policy host's chain, or the chain
//! breaks a rule that they check.

use crate::rules::certificate::chain::{of_policy_host, untrusted, unverified_policy_host};

rule! {
    code: POLICY_CERT_UNTRUSTED,
    severity: Problem,
    title: "the policy host’s certificate isn’t trusted",
    page: "policy_cert_untrusted.md",
    check: |case, findings| {
        of_policy_host(case, findings, untrusted);
        unverified_policy_host(case, findings);
    },
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{ChainFault, Observed, Trust};
    use crate::rules::testing::{
        assert_has, fetch, fires, not_checked, policy_chain, silent, unseen,
    };

    #[test]
    fn an_unknown_root_is_found_and_named() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).trust = Trust::UnknownRoot {
                root: "CN=Office".into(),
            };
        });
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "“CN=Office”");
        assert_has(&finding.fix, "mta-sts.example.com");
    }

    #[test]
    fn a_certificate_for_another_purpose_is_told_as_that() {
        let finding = fires(&RULE, |facts| {
            policy_chain(facts).trust = Trust::Faulty(ChainFault::WrongPurpose);
        });
        assert_has(&finding.evidence, "isn’t meant for servers");
    }

    #[test]
    fn a_chain_that_this_program_cannot_verify_is_not_called_untrusted() {
        let reason = not_checked(&RULE, |facts| {
            policy_chain(facts).trust = Trust::Unverified {
                detail: "this program can’t verify RSA keys of 1024 bits".into(),
            };
        });
        assert_has(&reason, "mta-sts.example.com on port 443");
    }

    #[test]
    fn a_chain_with_a_gap_is_left_to_another_rule() {
        silent(&RULE, |facts| {
            policy_chain(facts).trust = Trust::IssuerMissing {
                issuer: "CN=Example Root".into(),
            };
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_is_not_untrusted() {
        unseen(&RULE, |facts| fetch(facts).chain = Observed::NotAsked);
    }
}
