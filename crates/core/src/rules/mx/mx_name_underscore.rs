//! `mx-name-underscore`: the name of an MX host has an underscore, which no certificate and no policy can
//! have (RFC 5280 4.2.1.6, RFC 8461 3.2).

use super::records::mx_line;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::domain::is_at_or_below;
use crate::text::wording::shown;

rule! {
    code: MX_NAME_UNDERSCORE,
    severity: Problem,
    title: "the MX host’s name has an underscore",
    page: "mx_name_underscore.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let domain = &case.facts.domain;
    for server in case.mail_servers() {
        if !server.host.contains('_') {
            continue;
        }
        let host = shown(&server.host);
        let is_proxied = server.host.starts_with("_dc-mx.");
        let origin = if is_proxied {
            " Cloudflare makes such names for a mail server whose own name is proxied."
        } else {
            ""
        };
        let first = if is_proxied {
            "In Cloudflare’s DNS, switch off the proxy (grey cloud) for the name of your mail server. "
        } else if is_at_or_below(&server.host, domain.as_str()) {
            "Give the mail server a name without an underscore, with the same address. "
        } else {
            "Ask your mail provider for the host’s name without an underscore. "
        };
        findings.report(
            Subject::mail_server(&server.host),
            format!(
                "An MX record of {domain} names {host}. A host name has no underscore, so neither a \
                 certificate nor a policy can name this one.{origin}"
            ),
            format!(
                "{first}Then name it in the MX record, such as {}, and in its certificate and the \
                 policy.",
                mx_line(domain, server.preference, &format!("mail.{domain}"))
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{assert_has, failed, fires, silent, unseen};

    #[test]
    fn a_name_with_an_underscore_is_found() {
        let finding = fires(&RULE, |facts| {
            facts.mail_servers[0].host = "mail_1.example.com".into();
        });
        assert_eq!(finding.subject, "mail_1.example.com");
        assert_has(&finding.fix, "name without an underscore");
    }

    #[test]
    fn the_name_of_a_proxied_mail_server_is_told_with_its_cause() {
        let finding = fires(&RULE, |facts| {
            facts.mail_servers[0].host = "_dc-mx.1a2b3c.example.com".into();
        });
        assert_has(&finding.evidence, "Cloudflare");
        assert_has(&finding.fix, "switch off the proxy");
    }

    #[test]
    fn usual_names_are_fine() {
        silent(&RULE, |_| ());
    }

    #[test]
    fn without_an_answer_there_is_no_name() {
        unseen(&RULE, |facts| {
            facts.mx = failed(FailureKind::TimedOut);
            facts.mail_servers.clear();
        });
    }
}
