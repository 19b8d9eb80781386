//! `mx-none`: there is neither an MX record nor an address to fall back on.

use super::mx_implicit::addresses_without_mx;
use super::records::mx_line;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

rule! {
    code: MX_NONE,
    severity: Problem,
    title: "the domain has neither an MX record nor an address",
    page: "mx_none.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    if addresses_without_mx(case.facts).is_some_and(|addresses| addresses.records.is_empty()) {
        findings.report(
            Subject::domain(domain),
            format!("{domain} exists, but it has no MX record and no address to try instead."),
            format!(
                "Publish the MX records that your mail provider gives you, for example {}. If \
                 {domain} isn’t meant to receive mail, say so: {}",
                mx_line(domain, 10, &format!("mail.{domain}")),
                mx_line(domain, 0, "")
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fires, silent, unseen};

    fn without_anything(facts: &mut Facts) {
        facts.mx = Observed::Seen(Answer::no_data());
        facts.mail_servers.clear();
        facts.domain_addresses = Observed::Seen(Answer::no_data());
    }

    #[test]
    fn a_domain_that_no_mail_can_reach_is_found() {
        let finding = fires(&RULE, without_anything);
        assert_eq!(finding.subject, "example.com");
        assert_has(&finding.fix, "example.com. IN MX 10");
    }

    #[test]
    fn a_domain_that_does_not_exist_is_another_matter() {
        silent(&RULE, |facts| {
            without_anything(facts);
            facts.mx = Observed::Seen(Answer::no_such_name());
        });
    }

    #[test]
    fn an_address_is_enough_for_mail() {
        silent(&RULE, |facts| {
            without_anything(facts);
            facts.domain_addresses = Observed::Seen(Answer::of(["192.0.2.1".parse().unwrap()]));
        });
    }

    #[test]
    fn unanswered_questions_are_not_taken_for_missing_records() {
        unseen(&RULE, |facts| {
            without_anything(facts);
            facts.mx = failed(FailureKind::TimedOut);
        });
        unseen(&RULE, |facts| {
            without_anything(facts);
            facts.domain_addresses = Observed::NotAsked;
        });
    }
}
