//! `mx-not-found`: an MX host has no address.

use super::mx_is_cname::alias_target;
use super::mx_is_ip_address::address_in;
use super::records::mx_line;
use crate::facts::{Facts, FailureKind, MailServer, Session};
use crate::knowledge::catalogue::mail_provider;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Severity, Subject};
use crate::text::domain::{Domain, is_at_or_below};
use crate::text::wording::shown;

rule! {
    code: MX_NOT_FOUND,
    severity: Problem,
    title: "the MX host has no address",
    page: "mx_not_found.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    let another_works = case
        .mail_servers()
        .any(|server| server.sessions.iter().any(Session::is_complete));
    let severity = if another_works {
        Severity::Attention
    } else {
        Severity::Problem
    };
    for server in case.mail_servers() {
        let Some(seen) = what_the_dns_has(server) else {
            continue;
        };
        // An IP address instead of a name has its own rule.
        if address_in(&server.host).is_some() {
            continue;
        }
        let evidence = format!(
            "An MX record of {domain} is “{} {}”. {seen}",
            server.preference,
            shown(&server.host)
        );
        findings.report_as(
            severity,
            Subject::mail_server(&server.host),
            evidence,
            fix(server, case.facts),
        );
    }
}

/// What was found instead of an address; `None` if there is one, or if that is unknown.
fn what_the_dns_has(server: &MailServer) -> Option<String> {
    let failures = server.ipv4.failed().or(server.ipv6.failed());
    if let Some(circle) = failures.filter(|it| it.kind == FailureKind::AliasLoop) {
        return Some(format!("It has no address: {circle}."));
    }
    let (ipv4, ipv6) = (server.ipv4.seen()?, server.ipv6.seen()?);
    if !ipv4.records.is_empty() || !ipv6.records.is_empty() {
        return None;
    }
    Some(if let Some(target) = alias_target(server) {
        format!(
            "This name is an alias (CNAME) for {}, which has no address.",
            shown(target)
        )
    } else if ipv4.name_exists || ipv6.name_exists {
        "This name exists, but has neither an IPv4 nor an IPv6 address.".to_owned()
    } else {
        "The DNS says there is no such name (NXDOMAIN).".to_owned()
    })
}

fn fix(server: &MailServer, facts: &Facts) -> String {
    let domain = &facts.domain;
    let host = shown(&server.host);
    if is_at_or_below(&server.host, "mx-verification.google.com") {
        return "This MX record only proves to Google that the domain is yours; it is no mail server. \
                Delete it: Google needs it only until it has looked."
            .to_owned();
    }
    if !server.host.contains('.') {
        return format!(
            "{host} is no name of the internet, so no sender can find it. Delete this MX record, or \
             write the whole name of your mail server."
        );
    }
    if let Some(meant) = without_appended_domain(&server.host, domain) {
        return format!(
            "Your domain was probably added to the end of the name by mistake. Change the MX \
             record to {} and keep the dot at the end, unless your DNS provider doesn’t accept it.",
            mx_line(domain, server.preference, meant)
        );
    }
    if !is_at_or_below(&server.host, facts.zone_or_domain().as_str()) {
        return format!(
            "Compare {host} with the instructions of your mail provider, and correct the MX record. \
             Only whoever runs this host can give it an address. If the server no longer exists, \
             delete the MX record."
        );
    }
    let first_step = if alias_target(server).is_some() {
        format!("Correct the CNAME record of {host}, or replace it with an A record")
    } else {
        format!("Check the spelling of {host} in the MX record. If it’s right, add an A record")
    };
    format!(
        "{first_step} containing your mail server’s address. If the server no longer exists, \
         delete the MX record."
    )
}

/// `mx.example.com` for `mx.example.com.example.com`, and a host of a known provider likewise: a
/// zone file appends the zone's own name to any name without a dot at its end.
fn without_appended_domain<'a>(host: &'a str, domain: &Domain) -> Option<&'a str> {
    let meant = host.strip_suffix(domain.as_str())?.strip_suffix('.')?;
    let is_doubled = meant
        .strip_suffix(domain.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    (is_doubled || mail_provider(meant).is_some()).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Answer, Facts, FailureKind, Observed};
    use crate::rules::finding::Severity;
    use crate::rules::testing::{assert_has, assert_starts, failed, fires, seen, silent, unseen};

    fn lose_address(facts: &mut Facts, server: usize) {
        let server = &mut facts.mail_servers[server];
        server.ipv4 = Observed::Seen(Answer::no_such_name());
        server.ipv6 = Observed::Seen(Answer::no_such_name());
        server.sessions.clear();
    }

    fn named(host: &str) -> String {
        fires(&RULE, |facts| {
            lose_address(facts, 0);
            facts.mail_servers[0].host = host.into();
        })
        .fix
    }

    #[test]
    fn nobody_is_told_to_give_an_address_to_a_host_of_somebody_else() {
        assert_has(&named("abc.mx-verification.google.com"), "Delete it");
        assert_has(&named("localhost"), "no name of the internet");
        assert_has(
            &named("mx.elsewhere.example"),
            "Only whoever runs this host",
        );
        assert_has(&named("mail.example.com"), "add an A record");
    }

    #[test]
    fn a_host_without_address_wants_attention_while_another_works() {
        let finding = fires(&RULE, |facts| lose_address(facts, 0));
        assert_eq!(finding.subject, "mx1.example.com");
        assert_eq!(finding.severity, Severity::Attention);
        assert_has(&finding.evidence, "“10 mx1.example.com”");
        assert_has(&finding.evidence, "no such name");
    }

    #[test]
    fn the_only_host_without_address_is_a_problem() {
        let finding = fires(&RULE, |facts| {
            facts.mail_servers.truncate(1);
            lose_address(facts, 0);
        });
        assert_eq!(finding.severity, Severity::Problem);
        assert_has(&finding.fix, "spelling of mx1.example.com");
    }

    #[test]
    fn an_appended_domain_is_recognised() {
        for (host, meant) in [
            ("mx1.example.com.example.com", "IN MX 10 mx1.example.com.”"),
            ("example.com.example.com", "IN MX 10 example.com.”"),
            (
                "aspmx.l.google.com.example.com",
                "IN MX 10 aspmx.l.google.com.”",
            ),
        ] {
            let finding = fires(&RULE, |facts| {
                lose_address(facts, 0);
                facts.mail_servers[0].host = host.into();
            });
            assert_has(&finding.fix, meant);
        }
    }

    #[test]
    fn a_name_below_the_domain_is_not_called_doubled() {
        let finding = fires(&RULE, |facts| {
            lose_address(facts, 0);
            facts.mail_servers[0].host = "mx.notexample.com.example.com".into();
        });
        assert_starts(&finding.fix, "Check the spelling");
    }

    #[test]
    fn an_alias_that_leads_nowhere_is_followed_to_its_end() {
        let finding = fires(&RULE, |facts| {
            lose_address(facts, 0);
            seen(&mut facts.mail_servers[0].ipv4).aliases = vec!["gone.example.net".into()];
        });
        assert!(
            finding
                .evidence
                .contains("alias (CNAME) for gone.example.net")
        );
        assert_has(&finding.fix, "CNAME record of mx1.example.com");
    }

    #[test]
    fn one_address_family_is_enough() {
        silent(&RULE, |facts| {
            lose_address(facts, 0);
            facts.mail_servers[0].ipv6 =
                Observed::Seen(Answer::of(["2001:db8::1".parse().unwrap()]));
        });
    }

    #[test]
    fn an_ip_address_in_place_of_a_name_is_another_matter() {
        silent(&RULE, |facts| {
            lose_address(facts, 0);
            facts.mail_servers[0].host = "[192.0.2.1]".into();
        });
    }

    #[test]
    fn a_lookup_that_failed_may_hide_an_address() {
        let findings = unseen(&RULE, |facts| {
            lose_address(facts, 0);
            facts.mail_servers[0].ipv6 = failed(FailureKind::TimedOut);
        });
        assert_eq!(findings.not_checked, []);
    }
}
