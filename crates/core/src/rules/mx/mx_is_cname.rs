//! `mx-is-cname`: an MX host is an alias (RFC 5321 section 5.1, RFC 2181 section 10.3).

use super::records::mx_line;
use crate::facts::MailServer;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::shown;

rule! {
    code: MX_IS_CNAME,
    severity: Attention,
    title: "the MX host is an alias",
    page: "mx_is_cname.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    for server in case.mail_servers() {
        let Some(target) = alias_target(server) else {
            continue;
        };
        // mx-not-found reports an alias that leads nowhere, and mx-implicit a domain that replaces
        // a missing MX record.
        if server.addresses().next().is_none() || server.host == domain.as_str() {
            continue;
        }
        let (host, shown_target) = (shown(&server.host), shown(target));
        findings.report(
            Subject::mail_server(&server.host),
            format!(
                "The MX record of {domain} names {host}, which is an alias (CNAME) for \
                 {shown_target}. The standard doesn’t allow that, and some senders refuse it."
            ),
            format!(
                "Name the server itself: {}. If you have a policy, add {shown_target} to it first. \
                 Or replace the alias with address records (A, AAAA) for {host}. As long as the \
                 alias stays, policy and certificate must both name {host}.",
                mx_line(domain, server.preference, target)
            ),
        );
    }
}

/// Where the aliases of an MX host finally lead, if it is an alias.
pub(crate) fn alias_target(server: &MailServer) -> Option<&str> {
    let ipv4 = server.ipv4.seen().and_then(|answer| answer.aliases.last());
    let ipv6 = || server.ipv6.seen().and_then(|answer| answer.aliases.last());
    ipv4.or_else(ipv6).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fires, seen, silent, unseen};

    fn alias(facts: &mut Facts) {
        let aliases = ["one.example.net", "two.example.net"]
            .map(str::to_owned)
            .to_vec();
        seen(&mut facts.mail_servers[0].ipv4).aliases = aliases;
    }

    #[test]
    fn an_alias_is_found_with_the_name_it_ends_at() {
        let finding = fires(&RULE, alias);
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "for two.example.net");
        assert_has(&finding.fix, "example.com. IN MX 10 two.example.net.");
    }

    #[test]
    fn an_alias_seen_over_ipv6_alone_counts() {
        fires(&RULE, |facts| {
            facts.mail_servers[0].ipv4 = failed(FailureKind::TimedOut);
            let answer = Answer::of(["2001:db8::1".parse().unwrap()]);
            let aliases = vec!["one.example.net".to_owned()];
            facts.mail_servers[0].ipv6 = Observed::Seen(Answer { aliases, ..answer });
        });
    }

    #[test]
    fn an_alias_that_leads_nowhere_is_another_matter() {
        silent(&RULE, |facts| {
            alias(facts);
            seen(&mut facts.mail_servers[0].ipv4).records.clear();
        });
    }

    #[test]
    fn an_alias_at_the_domain_itself_is_no_mx_target() {
        silent(&RULE, |facts| {
            alias(facts);
            facts.mail_servers[0].host = "example.com".into();
        });
    }

    #[test]
    fn a_host_that_was_not_looked_up_is_not_called_an_alias() {
        unseen(&RULE, |facts| {
            facts.mail_servers[0].ipv4 = failed(FailureKind::TimedOut);
            facts.mail_servers[0].ipv6 = Observed::NotAsked;
        });
    }
}
