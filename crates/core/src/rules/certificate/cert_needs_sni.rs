//! `cert-needs-sni`: without a server name (SNI), an MX host shows another certificate or none.

use crate::facts::{FailureKind, MailServer, Observed, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_quotes, in_words, shown};

rule! {
    code: CERT_NEEDS_SNI,
    severity: Note,
    title: "senders that don’t use SNI get a different certificate",
    page: "cert_needs_sni.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        let host = shown(&server.host);
        if let Some((addresses, what)) = answer_without_sni(server) {
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "On port 25, {host} ({addresses}) shows {what} to senders that don’t use SNI."
                ),
                format!(
                    "Nothing has to change for MTA-STS. To serve old senders as well, make the \
                     certificate of {host} the mail server’s default."
                ),
            );
        }
        for session in &server.sessions {
            if let Observed::Failed(failure) = &session.chain_without_sni
                && failure.kind != FailureKind::TlsHandshake
            {
                findings.not_checked(
                    Subject::mail_server(&server.host),
                    format!("The test of {} without SNI failed: {failure}.", session.ip),
                );
            }
        }
    }
}

/// What senders without SNI are shown, if it differs from what others are shown.
fn answer_without_sni(server: &MailServer) -> Option<(String, String)> {
    let differing: Vec<&Session> = server
        .sessions
        .iter()
        .filter(|session| needs_sni(session))
        .collect();
    let first = differing.first()?;
    let what = match first
        .chain_without_sni
        .seen()
        .and_then(|chain| chain.leaf())
    {
        Some(leaf) => {
            let name = leaf.dns_names.first().unwrap_or(&leaf.subject);
            format!("a different certificate, for {},", in_quotes(name, 100))
        }
        None => "no certificate".to_owned(),
    };
    Some((in_words(differing.iter().map(|session| session.ip)), what))
}

fn needs_sni(session: &Session) -> bool {
    let Some(chain) = session.chain.seen() else {
        return false;
    };
    match &session.chain_without_sni {
        Observed::Seen(other) => other.leaf() != chain.leaf(),
        Observed::Failed(failure) => failure.kind == FailureKind::TlsHandshake,
        Observed::NotAsked => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{
        assert_has, chain, failed, fires, not_checked, session, silent, unseen,
    };

    #[test]
    fn another_certificate_without_sni_is_found_and_named() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).chain_without_sni = Observed::Seen(chain("default.host.example"));
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "“default.host.example”");
    }

    #[test]
    fn a_server_that_refuses_a_caller_without_sni_is_found() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).chain_without_sni = failed(FailureKind::TlsHandshake);
        });
        assert_has(&finding.evidence, "no certificate");
    }

    #[test]
    fn the_same_certificate_for_every_caller_is_fine() {
        silent(&RULE, |facts| {
            let mut same = chain("mx1.example.com");
            same.certificates.truncate(1);
            session(facts, 0).chain_without_sni = Observed::Seen(same);
        });
    }

    #[test]
    fn a_connection_that_failed_says_nothing() {
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).chain_without_sni = failed(FailureKind::TimedOut);
        });
        assert_has(&reason, "192.0.2.1");
    }

    #[test]
    fn a_certificate_that_was_not_seen_cannot_differ() {
        unseen(&RULE, |facts| {
            session(facts, 0).chain = Observed::NotAsked;
            session(facts, 0).chain_without_sni = Observed::Seen(chain("default.host.example"));
        });
    }
}
