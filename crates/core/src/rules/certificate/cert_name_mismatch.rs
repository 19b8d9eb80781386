//! `cert-name-mismatch`: no DNS name in the certificate covers the MX host.

use super::chain::{Fault, Shown, name_mismatch, of_mail_servers};

rule! {
    code: CERT_NAME_MISMATCH,
    severity: Problem,
    title: "the certificate is for another host",
    page: "cert_name_mismatch.md",
    check: |case, findings| of_mail_servers(case, findings, nameable_mismatch),
}

/// No certificate can name a host with an underscore, which mx-name-underscore tells.
fn nameable_mismatch(shown: &Shown<'_>) -> Option<Fault> {
    let fault = name_mismatch(shown)?;
    (!shown.host_has_underscore()).then_some(fault)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, Observed};
    use crate::rules::testing::{assert_has, fires, leaf, session, silent, unseen};

    fn name(facts: &mut Facts, names: &[&str]) {
        leaf(facts, 0).dns_names = names.iter().map(|&name| name.to_owned()).collect();
    }

    #[test]
    fn a_certificate_for_another_host_is_found_with_both_names() {
        let finding = fires(&RULE, |facts| {
            name(facts, &["web12.host.example", "host.example"]);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(
            &finding.evidence,
            "web12.host.example and host.example, not for mx1",
        );
        assert_has(&finding.fix, "names mx1.example.com");
    }

    #[test]
    fn a_star_that_would_cover_two_parts_is_explained() {
        let finding = fires(&RULE, |facts| name(facts, &["*.com"]));
        assert_has(&finding.evidence, "exactly one part");
    }

    #[test]
    fn a_long_list_of_names_is_cut() {
        let finding = fires(&RULE, |facts| {
            name(
                facts,
                &[
                    "a.example",
                    "b.example",
                    "c.example",
                    "d.example",
                    "e.example",
                ],
            );
        });
        assert_has(&finding.evidence, "c.example and 2 more names");
    }

    #[test]
    fn a_star_for_one_part_and_other_capitals_stand_for_the_host() {
        silent(&RULE, |facts| name(facts, &["*.example.com"]));
        silent(&RULE, |facts| name(facts, &["MX1.Example.COM"]));
    }

    #[test]
    fn a_certificate_without_any_name_is_told_by_another_rule() {
        silent(&RULE, |facts| name(facts, &[]));
    }

    #[test]
    fn a_certificate_that_was_not_seen_has_no_wrong_name() {
        unseen(&RULE, |facts| session(facts, 0).chain = Observed::NotAsked);
    }
}
