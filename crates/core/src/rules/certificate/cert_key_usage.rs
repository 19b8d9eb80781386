//! `cert-key-usage`: the key usage of a certificate rules out what it is used for.

use super::chain::{key_usage, of_mail_servers};

rule! {
    code: CERT_KEY_USAGE,
    severity: Attention,
    title: "some senders refuse the key usage in the certificate chain",
    page: "cert_key_usage.md",
    check: |case, findings| of_mail_servers(case, findings, key_usage),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, KeyUsage, Observed, Trust};
    use crate::rules::testing::{assert_has, fires, served_chain, session, silent, unseen};

    /// A change: the certificate with this number may be used for this.
    fn usage(index: usize, handshake: bool, certificates: bool) -> impl FnOnce(&mut Facts) {
        move |facts| {
            served_chain(facts, 0).certificates[index].key_usage = Some(KeyUsage {
                handshake,
                certificates,
            });
        }
    }

    #[test]
    fn an_intermediate_that_may_not_sign_certificates_is_named() {
        let finding = fires(&RULE, usage(1, true, false));
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "CN=Example Intermediate");
        assert_has(&finding.evidence, "Postfix and Exim, refuse it");
    }

    #[test]
    fn a_certificate_that_may_only_sign_others_is_found() {
        let finding = fires(&RULE, usage(0, false, true));
        assert_has(&finding.evidence, "neither “digital signature”");
    }

    #[test]
    fn certificates_that_do_not_say_may_be_used_for_all() {
        silent(&RULE, |facts| {
            for certificate in &mut served_chain(facts, 0).certificates {
                certificate.key_usage = None;
            }
        });
    }

    #[test]
    fn a_certificate_beyond_the_path_may_have_any_usage() {
        silent(&RULE, |facts| {
            let chain = served_chain(facts, 0);
            let mut stray = chain.certificates[1].clone();
            stray.subject = "CN=Stray".into();
            stray.key_usage = Some(KeyUsage {
                handshake: true,
                certificates: false,
            });
            chain.certificates.push(stray);
        });
    }

    #[test]
    fn a_chain_that_nobody_trusts_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            usage(0, false, true)(facts);
            served_chain(facts, 0).trust = Trust::SelfSigned;
        });
    }

    #[test]
    fn a_certificate_that_was_not_seen_has_no_wrong_usage() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
