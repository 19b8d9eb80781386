//! `policy-mx-wildcard-broad`: a wildcard covers the MX hosts, and a great deal more.

use super::covered::{exact_values, lines_with, mx_hosts, policy_in_use};
use crate::knowledge::catalogue::{MailProvider, mail_provider};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::domain::Domain;
use crate::text::mx_pattern::MxPattern;
use crate::text::wording::{in_words, shown};

rule! {
    code: POLICY_MX_WILDCARD_BROAD,
    severity: Note,
    title: "the wildcard in the policy covers more than the mail servers",
    page: "policy_mx_wildcard_broad.md",
    check,
}

/// Hosts that a sentence names.
const MAX_HOSTS: usize = 10;

/// Whom a wildcard lets in besides the mail servers.
enum Opening<'a> {
    /// Everybody with a name directly below a top-level domain.
    TopLevel,
    /// Every host of the domain, or of the one above it.
    OwnDomain,
    /// Hosts of a provider that documents no such pattern.
    Provider(&'a MailProvider),
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(policy) = policy_in_use(case) else {
        return;
    };
    let domain = &case.facts.domain;
    let mut reported: Vec<&MxPattern> = Vec::new();
    for wildcard in policy.mx().iter().filter(|pattern| pattern.is_wildcard()) {
        let mut covered = mx_hosts(case);
        covered.retain(|host| wildcard.matches(host));
        let Some(opening) = opening(wildcard, &covered, domain) else {
            continue;
        };
        if reported.contains(&wildcard) {
            continue;
        }
        reported.push(wildcard);
        let (line, parent) = (lines_with(&[wildcard]), &wildcard.as_str()[2..]);
        let lets_in = match opening {
            Opening::TopLevel => format!(
                "It also lets in everybody who owns a name directly below .{parent}, so it \
                 protects against nobody."
            ),
            Opening::OwnDomain => format!(
                "It also lets in every other host directly below {parent} that has a certificate, \
                 such as a web server, whoever runs it."
            ),
            Opening::Provider(provider) => format!(
                "{} doesn’t document such a line. Which other hosts there are directly below \
                 {parent}, and whose, is up to {}.",
                provider.name, provider.name
            ),
        };
        findings.report(
            Subject::policy_host(domain),
            format!(
                "The policy at {} contains {line}. Of the MX hosts, it covers {}. {lets_in}",
                domain.policy_url(),
                in_words(covered.iter().take(MAX_HOSTS).map(|host| shown(host)))
            ),
            format!(
                "Replace {line} with {}. Then publish the file and give {} a new id.",
                lines_with(&exact_values(&covered)),
                domain.mta_sts_record_name()
            ),
        );
    }
}

/// Whom the wildcard lets in needlessly; `None` if it covers no host, or looks narrow enough.
fn opening(wildcard: &MxPattern, covered: &[&str], domain: &Domain) -> Option<Opening<'static>> {
    let parent = wildcard.as_str().strip_prefix("*.")?;
    let first = covered.first()?;
    if !parent.contains('.') {
        return Some(Opening::TopLevel);
    }
    let below = domain.as_str().strip_suffix(parent);
    if below.is_some_and(|below| below.is_empty() || below.ends_with('.')) {
        return Some(Opening::OwnDomain);
    }
    let provider = mail_provider(first)?;
    (!provider.policy_mx.contains(wildcard)).then_some(Opening::Provider(provider))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, MxRecord, Observed};
    use crate::rules::finding::Severity;
    use crate::rules::testing::{assert_has, failed, fires, set_policy, silent, unseen};
    use crate::text::domain::Domain;

    fn wildcard_over(facts: &mut Facts, wildcard: &str, hosts: &[&str]) {
        let records = hosts.iter().map(|&host| MxRecord {
            preference: 10,
            exchange: host.into(),
        });
        facts.mx = Observed::Seen(Answer::of(records));
        facts.mail_servers.clear();
        let text = format!("version: STSv1\nmode: enforce\nmx: {wildcard}\nmax_age: 604800\n");
        set_policy(facts, &text);
    }

    #[test]
    fn a_wildcard_over_the_whole_domain_is_found_with_the_lines_that_would_do() {
        let finding = fires(&RULE, |facts| {
            wildcard_over(
                facts,
                "*.Example.com",
                &["mx1.example.com", "mx2.example.com"],
            );
        });
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(
            &finding.evidence,
            "every other host directly below example.com",
        );
        assert_has(
            &finding.fix,
            "Replace “mx: *.example.com” with “mx: mx1.example.com” and \
             “mx: mx2.example.com”",
        );
    }

    #[test]
    fn a_wildcard_over_the_domain_above_is_as_wide() {
        fires(&RULE, |facts| {
            wildcard_over(facts, "*.example.com", &["mx.example.com"]);
            facts.domain = Domain::parse("mail.example.com").unwrap();
        });
    }

    #[test]
    fn a_wildcard_over_a_top_level_domain_opens_the_door_to_all() {
        let finding = fires(&RULE, |facts| {
            wildcard_over(facts, "*.com", &["example.com"]);
        });
        assert_has(&finding.evidence, "owns a name directly below .com");
    }

    #[test]
    fn a_wildcard_over_a_provider_that_documents_none_is_found() {
        let finding = fires(&RULE, |facts| {
            wildcard_over(facts, "*.l.google.com", &["aspmx.l.google.com"]);
        });
        assert_has(
            &finding.evidence,
            "Google Workspace doesn’t document such a line",
        );
        assert_has(&finding.fix, "“mx: aspmx.l.google.com”");
    }

    #[test]
    fn a_wildcard_that_the_provider_documents_is_right() {
        silent(&RULE, |facts| {
            let host = "example-com.mail.protection.outlook.com";
            wildcard_over(facts, "*.mail.protection.outlook.com", &[host]);
        });
    }

    #[test]
    fn a_wildcard_over_mail_servers_alone_and_one_that_covers_none_are_no_matter() {
        silent(&RULE, |facts| {
            wildcard_over(facts, "*.mx.example.com", &["a.mx.example.com"]);
        });
        silent(&RULE, |facts| {
            wildcard_over(facts, "*.example.com", &["mx.example.net"]);
        });
    }

    #[test]
    fn mail_servers_and_policies_that_were_not_seen_are_not_compared() {
        unseen(&RULE, |facts| {
            wildcard_over(facts, "*.example.com", &[]);
            facts.mx = failed(FailureKind::TimedOut);
        });
        unseen(&RULE, |facts| facts.policy = Observed::NotAsked);
    }
}
