//! `provider-recognised`: the name of an MX host shows whose it is.

use crate::knowledge::catalogue::{Evidence, MailProvider, mail_provider};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: PROVIDER_RECOGNISED,
    severity: Note,
    title: "a known mail provider runs the mail servers",
    page: "provider_recognised.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let mut providers: Vec<(&MailProvider, Vec<&str>)> = Vec::new();
    for server in case.mail_servers() {
        let Some(provider) = mail_provider(&server.host) else {
            continue;
        };
        match providers
            .iter_mut()
            .find(|(known, _)| known.id == provider.id)
        {
            Some((_, hosts)) => hosts.push(&server.host),
            None => providers.push((provider, vec![&server.host])),
        }
    }
    for (provider, hosts) in providers {
        let domain = Subject::domain(&case.facts.domain);
        findings.report(domain, evidence(provider, &hosts), advice(provider, &hosts));
    }
}

fn evidence(provider: &MailProvider, hosts: &[&str]) -> String {
    let names = in_words(hosts.iter().map(|host| shown(host)));
    let are = if hosts.len() == 1 {
        "is a host"
    } else {
        "are hosts"
    };
    let sureness = match provider.evidence {
        Evidence::Doc | Evidence::CommonKnowledge => "This is based on the name alone.",
        Evidence::Unverified => "This is based on the name alone, and on a single source.",
    };
    format!("{names} {are} of {}. {sureness}", provider.name)
}

fn advice(provider: &MailProvider, hosts: &[&str]) -> String {
    let is_covered = |host: &&str| {
        provider
            .policy_mx
            .iter()
            .any(|pattern| pattern.matches(host))
    };
    let lines = match &provider.policy_source {
        Some(source) if hosts.iter().all(is_covered) => {
            let documented: Vec<String> = provider
                .policy_mx
                .iter()
                .map(|pattern| format!("mx: {}", pattern.as_str()))
                .collect();
            format!(
                "For the policy, {} documents “{}” ({source}). The exact names in your MX records \
                 are narrower and just as good.",
                provider.name,
                documented.join("” and “")
            )
        }
        _ => "In the policy, write each host exactly as in the MX records, one mx line each."
            .to_owned(),
    };
    match &provider.note {
        Some(note) => format!("{lines} {note}"),
        None => lines,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, MailServer};
    use crate::rules::testing::{fires, run, silent, unseen};

    fn set_hosts(facts: &mut Facts, hosts: &[&str]) {
        facts.mail_servers = hosts
            .iter()
            .map(|&host| MailServer::named(host, 10))
            .collect();
    }

    #[test]
    fn the_hosts_of_one_provider_are_one_note() {
        let finding = fires(&RULE, |facts| {
            set_hosts(facts, &["aspmx.l.google.com", "alt1.aspmx.l.google.com"]);
        });
        assert_eq!(finding.subject, "example.com");
        assert_eq!(
            finding.evidence,
            "aspmx.l.google.com and alt1.aspmx.l.google.com are hosts of Google Workspace. This is \
             based on the name alone."
        );
    }

    #[test]
    fn two_providers_are_two_notes() {
        let hosts = [
            "aspmx.l.google.com",
            "example-com.mail.protection.outlook.com",
        ];
        let findings = run(&RULE, |facts| set_hosts(facts, &hosts));
        let told: Vec<_> = findings
            .found
            .iter()
            .map(|finding| &finding.evidence)
            .collect();
        assert_eq!(told.len(), 2);
        assert!(
            told[0].contains("is a host of Google Workspace"),
            "{}",
            told[0]
        );
        assert!(
            told[1].contains("is a host of Microsoft 365"),
            "{}",
            told[1]
        );
    }

    #[test]
    fn a_documented_line_is_offered_only_where_it_covers_the_host() {
        let fix_for = |host: &str| fires(&RULE, |facts| set_hosts(facts, &[host])).fix;
        let covered = fix_for("example-com.mail.protection.outlook.com");
        assert!(
            covered.contains("“mx: *.mail.protection.outlook.com”"),
            "{covered}"
        );
        assert!(
            covered.contains("https://learn.microsoft.com/"),
            "{covered}"
        );
        let uncovered = fix_for("a.example-com.mail.protection.outlook.com");
        assert!(
            uncovered.starts_with("In the policy, write each host"),
            "{uncovered}"
        );
    }

    #[test]
    fn a_name_that_only_resembles_a_provider_is_not_recognised() {
        silent(&RULE, |facts| {
            set_hosts(facts, &["notmimecast.com", "mimecast.com.example.com"]);
        });
    }

    #[test]
    fn without_mx_hosts_nobody_is_recognised() {
        unseen(&RULE, |facts| set_hosts(facts, &[]));
    }
}
