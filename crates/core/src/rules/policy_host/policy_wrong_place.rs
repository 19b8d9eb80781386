//! `policy-wrong-place`: a policy file is at an address where no sender looks.

use super::stray_policy::stray_policies;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: POLICY_WRONG_PLACE,
    severity: Problem,
    title: "the policy file is at the wrong address",
    page: "policy_wrong_place.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let strays = stray_policies(facts);
    if strays.is_empty() || facts.has_no_use_for_a_policy() {
        return;
    }
    let (host, url) = (facts.domain.policy_host(), facts.domain.policy_url());
    let instead = match case.response() {
        Some(response) => format!("answers with status {}", response.status),
        None => format!("can’t be reached, because DNS has no address for {host}"),
    };
    let evidence = format!(
        "There is a policy file at {}. Senders only look at {url}, which {instead}.",
        in_words(strays.iter().map(|url| shown(url)))
    );
    let in_the_site = format!("https://{host}/");
    let fix = if strays.iter().any(|url| url.starts_with(&in_the_site)) {
        format!(
            "Move the file to the folder .well-known of the site {host} and name it mta-sts.txt, \
             so that {url} shows it."
        )
    } else if case.response().is_some() {
        format!(
            "Put the same file on the site {host} as well, in the folder .well-known under the \
             name mta-sts.txt, so that {url} shows it."
        )
    } else {
        format!(
            "Add a record for {host} (type A or CNAME) that leads to the web server with the file. \
             Add {host} to the names of that site and to its certificate, and check that {url} \
             shows the file."
        )
    };
    findings.report(Subject::policy_host(&case.facts.domain), evidence, fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind, Observed, StrayPolicy};
    use crate::rules::testing::{
        POLICY, assert_has, failed, fetch, fires, no_name, response, silent, stray_policy, unseen,
    };

    const AT_THE_APEX: &str = "https://example.com/.well-known/mta-sts.txt";

    fn found_at(url: &str) -> impl FnOnce(&mut Facts) {
        move |facts| {
            response(facts).status = 404;
            stray_policy(facts, url, POLICY);
        }
    }

    fn lose_the_host(facts: &mut Facts) {
        facts.policy_host = no_name();
        facts.policy = Observed::NotAsked;
    }

    #[test]
    fn a_file_on_the_website_is_found_and_quoted_with_its_address() {
        let finding = fires(&RULE, found_at(AT_THE_APEX));
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, AT_THE_APEX);
        assert_has(&finding.evidence, "answers with status 404");
        assert_has(&finding.fix, "site mta-sts.example.com as well");
    }

    #[test]
    fn a_file_beside_its_folder_is_moved() {
        let finding = fires(&RULE, found_at("https://mta-sts.example.com/mta-sts.txt"));
        assert_has(&finding.fix, "Move the file to the folder .well-known");
    }

    #[test]
    fn a_host_without_address_needs_one_first() {
        let finding = fires(&RULE, |facts| {
            found_at(AT_THE_APEX)(facts);
            lose_the_host(facts);
        });
        assert_has(&finding.evidence, "no address for mta-sts.example.com");
        assert_has(&finding.fix, "Add a record for mta-sts.example.com");
    }

    #[test]
    fn beside_a_file_in_the_right_place_another_does_no_harm() {
        silent(&RULE, |facts| stray_policy(facts, AT_THE_APEX, POLICY));
    }

    #[test]
    fn a_place_that_was_not_seen_holds_no_file() {
        unseen(&RULE, |facts| {
            found_at(AT_THE_APEX)(facts);
            fetch(facts).response = failed(FailureKind::TimedOut);
        });
        unseen(&RULE, |facts| {
            response(facts).status = 404;
            facts.stray_policies.push(StrayPolicy {
                url: AT_THE_APEX.into(),
                fetch: failed(FailureKind::TimedOut),
            });
        });
    }
}
