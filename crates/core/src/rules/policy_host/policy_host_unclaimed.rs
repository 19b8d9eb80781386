//! `policy-host-unclaimed`: the service behind the policy host’s address does not know its name.

use super::block::block;
use super::stray_policy::stray_policies;
use crate::facts::Response;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};

/// What the page of a service says for a name that no customer has claimed, in lower case, and whose
/// page it is.
const MARKS: [(&str, &str); 16] = [
    ("there isn’t a github pages site here", "GitHub Pages"),
    ("there isn't a github pages site here", "GitHub Pages"),
    ("there isn&#39;t a github pages site here", "GitHub Pages"),
    ("nosuchbucket", "Amazon S3"),
    ("the specified bucket does not exist", "Amazon S3"),
    ("deployment_not_found", "Vercel"),
    ("the deployment could not be found on vercel", "Vercel"),
    (
        "looks like you’ve followed a broken link or entered a url that doesn’t exist on this site",
        "Netlify",
    ),
    ("not found - request id", "Netlify"),
    ("fastly error: unknown domain", "Fastly"),
    ("no such app", "Heroku"),
    ("404 web site not found", "Microsoft Azure"),
    ("project not found", "Surge"),
    ("the gitlab pages site", "GitLab Pages"),
    ("domain isn't connected", "a site builder"),
    ("error 1001", "Cloudflare"),
];

pub(super) fn unclaimed_at(response: &Response) -> Option<&'static str> {
    const MAX_BYTES: usize = 16 * 1024;
    let body = &response.body.0[..response.body.0.len().min(MAX_BYTES)];
    let body = String::from_utf8_lossy(body).to_lowercase();
    let is_told = |(mark, _): &&(&str, &str)| body.contains(mark);
    MARKS.iter().find(is_told).map(|(_, service)| *service)
}

rule! {
    code: POLICY_HOST_UNCLAIMED,
    severity: Problem,
    title: "the web host doesn’t know this name",
    page: "policy_host_unclaimed.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let unclaimed = case.response().and_then(unclaimed_at);
    let Some(service) = unclaimed else { return };
    if block(case).is_some() || !stray_policies(case.facts).is_empty() {
        return;
    }
    let domain = &case.facts.domain;
    let (host, url) = (domain.policy_host(), domain.policy_url());
    findings.report(
        Subject::policy_host(domain),
        format!(
            "{url} shows the page with which {service} answers for a name that none of its customers \
             has claimed."
        ),
        format!(
            "At {service}, add {host} as the custom domain of your site. Do it soon: as long as \
             nobody has claimed the name there, another customer can, and then serves a policy for \
             your domain. If you no longer use {service}, remove {host} from the DNS."
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Body;
    use crate::rules::testing::{assert_has, fires, not_fetched, response, silent, unseen};

    #[test]
    fn the_page_of_a_service_that_knows_no_such_site_is_found() {
        for (page, service) in [
            (
                "<p><strong>There isn't a GitHub Pages site here.</strong></p>",
                "GitHub Pages",
            ),
            ("<Error><Code>NoSuchBucket</Code></Error>", "Amazon S3"),
            ("404: NOT_FOUND\nCode: DEPLOYMENT_NOT_FOUND", "Vercel"),
            ("Not Found - Request ID: 01HX", "Netlify"),
        ] {
            let finding = fires(&RULE, |facts| {
                response(facts).status = 404;
                response(facts).body = Body(page.into());
            });
            assert_has(&finding.evidence, service);
            assert_has(&finding.fix, "another customer can");
        }
    }

    #[test]
    fn a_missing_file_on_a_site_of_ones_own_is_another_matter() {
        silent(&RULE, |facts| {
            response(facts).status = 404;
            response(facts).body = Body("<h1>Not found</h1>".into());
        });
    }

    #[test]
    fn a_file_that_was_not_fetched_says_nothing() {
        unseen(&RULE, not_fetched);
    }
}
