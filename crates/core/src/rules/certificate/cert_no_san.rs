//! `cert-no-san`: the certificate has no DNS name, at best a common name.

use super::chain::{no_san, of_mail_servers};

rule! {
    code: CERT_NO_SAN,
    severity: Problem,
    title: "the certificate lists no host name",
    page: "cert_no_san.md",
    check: |case, findings| of_mail_servers(case, findings, no_san),
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Observed;
    use crate::rules::testing::{assert_has, fires, leaf, session, silent, unseen};

    #[test]
    fn a_name_only_in_the_common_name_is_found() {
        let finding = fires(&RULE, |facts| leaf(facts, 0).dns_names.clear());
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "“mx1.example.com” as its common name");
        assert_has(&finding.fix, "mx1.example.com");
    }

    #[test]
    fn a_certificate_without_any_name_is_found() {
        let finding = fires(&RULE, |facts| {
            leaf(facts, 0).dns_names.clear();
            leaf(facts, 0).common_name = None;
        });
        assert_has(&finding.evidence, "names no host");
    }

    #[test]
    fn a_common_name_is_not_needed() {
        silent(&RULE, |facts| leaf(facts, 0).common_name = None);
    }

    #[test]
    fn a_certificate_that_was_not_seen_does_not_lack_a_name() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
