//! Policy files at wrong addresses.

use crate::facts::{Facts, StrayPolicy};
use crate::text::policy::PolicyReading;

/// The wrong addresses that show a policy file, if the right one has none: its host has no address,
/// or answers that there is no such file.
pub(crate) fn stray_policies(facts: &Facts) -> Vec<&str> {
    if !has_no_file(facts) {
        return Vec::new();
    }
    let strays = facts.stray_policies.iter();
    strays
        .filter(|stray| shows_a_policy(stray))
        .map(|stray| stray.url.as_str())
        .collect()
}

fn has_no_file(facts: &Facts) -> bool {
    let host_is_missing = facts
        .policy_host
        .seen()
        .is_some_and(|answer| answer.records.is_empty());
    let response = || facts.policy.seen()?.response.seen();
    host_is_missing || response().is_some_and(|response| matches!(response.status, 404 | 410))
}

/// Other text files, such as robots.txt, also have lines with a name and a value.
fn shows_a_policy(stray: &StrayPolicy) -> bool {
    let response = || stray.fetch.seen()?.response.seen();
    response()
        .filter(|response| response.status == 200)
        .is_some_and(|response| {
            PolicyReading::read(&response.body.0)
                .fields
                .iter()
                .any(|field| matches!(field.key.as_str(), "version" | "mode" | "max_age" | "mx"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{POLICY, healthy, response, seen, stray_policy};

    const AT_THE_APEX: &str = "https://example.com/.well-known/mta-sts.txt";

    fn found(status: u16, body: &str) -> usize {
        let mut facts = healthy();
        response(&mut facts).status = status;
        stray_policy(&mut facts, AT_THE_APEX, body);
        stray_policies(&facts).len()
    }

    #[test]
    fn a_stray_policy_counts_only_where_the_right_place_has_none() {
        assert_eq!(found(404, POLICY), 1);
        assert_eq!(found(410, POLICY), 1);
        for status in [200, 301, 403, 500] {
            assert_eq!(found(status, POLICY), 0, "{status}");
        }
    }

    #[test]
    fn other_files_are_no_policies() {
        for body in ["<html>", "User-agent: *\nDisallow: /\n", "", "hello"] {
            assert_eq!(found(404, body), 0, "{body}");
        }
    }

    #[test]
    fn an_error_page_that_reads_like_a_policy_does_not_count() {
        let mut facts = healthy();
        response(&mut facts).status = 404;
        stray_policy(&mut facts, AT_THE_APEX, POLICY);
        let fetch = seen(&mut facts.stray_policies[0].fetch);
        seen(&mut fetch.response).status = 500;
        assert_eq!(stray_policies(&facts).len(), 0);
    }
}
