//! `starttls-injection`: bytes came unencrypted after the agreement to encrypt (RFC 3207 6).

use crate::facts::Session;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::shown;

rule! {
    code: STARTTLS_INJECTION,
    severity: Attention,
    title: "unencrypted bytes arrived after STARTTLS",
    page: "starttls_injection.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, injected_bytes, |_| ()) {
            let host = shown(&server.host);
            let count = match group.example {
                1 => "1 byte".to_owned(),
                bytes => format!("{bytes} bytes"),
            };
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {count} arrived unencrypted after {host} had agreed to encrypt. The \
                     check discarded this unread.",
                    group.address_list()
                ),
                format!(
                    "Update the mail server software of {host}, and any proxy or firewall that \
                     handles SMTP in front of it. If there is none, something on the way may be \
                     adding the bytes: check from another network."
                ),
            );
        }
    }
}

fn injected_bytes(session: &Session) -> Option<u64> {
    Some(session.injected_bytes).filter(|&bytes| bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Observed, Session};
    use crate::rules::testing::{add_address, assert_has, fires, session, silent, unseen};

    #[test]
    fn bytes_before_the_handshake_are_counted() {
        let finding = fires(&RULE, |facts| session(facts, 0).injected_bytes = 42);
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "42 bytes");
    }

    #[test]
    fn a_host_that_does_so_at_all_addresses_is_one_finding() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).injected_bytes = 1;
            add_address(facts, 0, "192.0.2.7").injected_bytes = 9;
        });
        assert!(finding.evidence.contains("192.0.2.1 and 192.0.2.7, 1 byte"));
    }

    #[test]
    fn a_clean_start_of_encryption_is_no_news() {
        silent(&RULE, |facts| session(facts, 0).injected_bytes = 0);
    }

    #[test]
    fn a_connection_that_never_stood_injected_nothing() {
        unseen(&RULE, |facts| {
            let ip = session(facts, 0).ip;
            *session(facts, 0) = Session {
                connected: Observed::NotAsked,
                ..Session::to(ip)
            };
        });
    }
}
