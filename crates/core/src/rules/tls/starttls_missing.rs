//! `starttls-missing`: the reply to EHLO does not offer STARTTLS.

use crate::facts::{Reply, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::{in_quotes, shown};

rule! {
    code: STARTTLS_MISSING,
    severity: Problem,
    title: "STARTTLS is not offered",
    page: "starttls_missing.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        let host = shown(&server.host);
        for group in alike(server, without_ehlo, |session| session.is_greeting_masked()) {
            let ehlo = group.example.ehlo.seen().map(ToString::to_string);
            let (device, fix) = if group.example.is_greeting_masked() {
                (
                    " Its greeting is overwritten with asterisks, as a firewall does that inspects \
                     SMTP (Cisco calls it “inspect esmtp” or “fixup smtp”).",
                    format!(
                        "Switch off the inspection of SMTP in the firewall in front of {host}. Then \
                         switch on STARTTLS on {host}, if it isn’t on."
                    ),
                )
            } else {
                (
                    "",
                    format!(
                        "Look for a firewall in front of {host} that inspects SMTP, and switch that \
                         off. If there is none, the mail server is too old for STARTTLS."
                    ),
                )
            };
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} answered EHLO with {}. Without EHLO there are no extensions of \
                     SMTP, and so no STARTTLS.{device}",
                    group.address_list(),
                    in_quotes(&ehlo.unwrap_or_default(), 300)
                ),
                fix,
            );
        }
        for group in alike(server, ehlo_without_starttls, |_| ()) {
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, {host} answered EHLO with {}. STARTTLS, the offer to encrypt, is \
                     missing from that list.",
                    group.address_list(),
                    in_quotes(&group.example.to_string(), 300)
                ),
                format!(
                    "Switch on STARTTLS for incoming mail on {host}, with a certificate that names \
                     {host}. If it’s already on, a firewall in front of the server may be hiding \
                     it: switch off its inspection of SMTP."
                ),
            );
        }
    }
}

/// A server that doesn't know EHLO.
fn without_ehlo(session: &Session) -> Option<&Session> {
    session.knows_no_extensions().then_some(session)
}

/// A masked offer has its own rule.
fn ehlo_without_starttls(session: &Session) -> Option<&Reply> {
    let is_missing = session.offers_starttls() == Some(false)
        && !session.knows_no_extensions()
        && session.masked_keyword().is_none();
    session.ehlo.seen().filter(|_| is_missing)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, Reply};
    use crate::rules::testing::{add_address, assert_has, failed, fires, session, silent, unseen};

    fn offering(keywords: &[&str]) -> Observed<Reply> {
        let lines: Vec<&str> = [&["mx1.example.com"], keywords].concat();
        Observed::Seen(Reply::new(250, &lines))
    }

    #[test]
    fn a_server_without_the_offer_is_found_and_its_answer_quoted() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).ehlo = offering(&["SIZE 1000", "8BITMIME"]);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(
            &finding.evidence,
            "“250 mx1.example.com / SIZE 1000 / 8BITMIME”",
        );
        assert_has(&finding.fix, "certificate that names mx1.example.com");
    }

    #[test]
    fn two_addresses_without_the_offer_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).ehlo = offering(&["SIZE 1000"]);
            add_address(facts, 0, "192.0.2.7").ehlo = offering(&["SIZE 2000"]);
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn the_offer_counts_in_any_letter_case() {
        silent(&RULE, |facts| {
            session(facts, 0).ehlo = offering(&["size", "StartTLS"]);
        });
    }

    #[test]
    fn a_host_that_calls_itself_starttls_offers_nothing() {
        fires(&RULE, |facts| {
            session(facts, 0).ehlo = Observed::Seen(Reply::new(250, &["STARTTLS", "SIZE"]));
        });
    }

    #[test]
    fn a_masked_offer_is_another_matter() {
        silent(&RULE, |facts| {
            session(facts, 0).ehlo = offering(&["XXXXXXXA"]);
        });
    }

    #[test]
    fn without_an_answer_to_ehlo_nothing_is_said() {
        unseen(&RULE, |facts| {
            session(facts, 0).ehlo = failed(FailureKind::TimedOut);
        });
        unseen(&RULE, |facts| {
            session(facts, 0).ehlo = Observed::Seen(Reply::new(421, &["later"]));
        });
    }

    #[test]
    fn a_server_without_ehlo_has_no_starttls_and_a_masked_greeting_names_the_firewall() {
        let finding = fires(&RULE, |facts| {
            let session = session(facts, 0);
            let asterisks = "*".repeat(40);
            session.greeting = Observed::Seen(Reply::new(220, &[&asterisks]));
            session.ehlo = Observed::Seen(Reply::new(502, &["command not implemented"]));
            for later in [&mut session.starttls, &mut session.ehlo_in_tls] {
                *later = Observed::NotAsked;
            }
            session.tls = Observed::NotAsked;
        });
        assert_has(&finding.evidence, "502 command not implemented");
        assert_has(&finding.evidence, "asterisks");
        assert_has(&finding.fix, "firewall");
    }
}
