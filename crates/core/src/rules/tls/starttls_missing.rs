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
        for group in alike(server, ehlo_without_starttls, |_| ()) {
            let host = shown(&server.host);
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

/// A masked offer has its own rule.
fn ehlo_without_starttls(session: &Session) -> Option<&Reply> {
    let is_missing = session.offers_starttls() == Some(false) && session.masked_keyword().is_none();
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
}
