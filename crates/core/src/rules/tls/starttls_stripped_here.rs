//! `starttls-stripped-here`: a device on the way has masked the offer of STARTTLS.

use crate::facts::Session;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::alike::alike;
use crate::text::wording::{in_quotes, shown};

rule! {
    code: STARTTLS_STRIPPED_HERE,
    severity: NotChecked,
    title: "STARTTLS was masked on the way",
    page: "starttls_stripped_here.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        for group in alike(server, Session::masked_keyword, |_| ()) {
            findings.report(
                Subject::mail_server(&server.host),
                format!(
                    "At {}, the answer of {} to EHLO contains {} where servers usually offer \
                     STARTTLS. Firewalls overwrite an offer to encrypt like this. The firewall may \
                     be in your network or in front of the mail server, so this says nothing about \
                     the server. Check from another network. If you see the same there, switch off \
                     SMTP (ESMTP) inspection in the server’s firewall.",
                    group.address_list(),
                    shown(&server.host),
                    in_quotes(group.example, 40)
                ),
                "",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, Reply};
    use crate::rules::testing::{
        add_address, assert_has, failed, not_checked, session, silent, unseen,
    };

    fn offering(keyword: &str) -> Observed<Reply> {
        Observed::Seen(Reply::new(250, &["mx1.example.com", "SIZE", keyword]))
    }

    #[test]
    fn a_masked_offer_is_quoted_and_the_server_not_accused() {
        for mask in ["XXXXXXXA", "XXXXXXXX", "XXXXXXXXC"] {
            let reason = not_checked(&RULE, |facts| session(facts, 0).ehlo = offering(mask));
            assert_has(&reason, &format!("“{mask}”"));
            assert_has(&reason, "says nothing about the server");
        }
    }

    #[test]
    fn one_host_is_one_entry() {
        not_checked(&RULE, |facts| {
            session(facts, 0).ehlo = offering("XXXXXXXA");
            add_address(facts, 0, "192.0.2.7").ehlo = offering("XXXXXXXB");
        });
    }

    #[test]
    fn private_keywords_are_no_masks() {
        for keyword in [
            "XCLIENT",
            "XFORWARD",
            "XX",
            "X-EXPS",
            "XXXXXX1",
            "AXXXXXXX",
            "größßßX",
        ] {
            silent(&RULE, |facts| session(facts, 0).ehlo = offering(keyword));
        }
    }

    #[test]
    fn a_mask_beside_the_offer_hides_nothing() {
        silent(&RULE, |facts| {
            let lines = ["mx1.example.com", "XXXXXXXA", "STARTTLS"];
            session(facts, 0).ehlo = Observed::Seen(Reply::new(250, &lines));
        });
    }

    #[test]
    fn without_an_answer_to_ehlo_nothing_is_said() {
        unseen(&RULE, |facts| {
            session(facts, 0).ehlo = failed(FailureKind::Closed);
        });
    }
}
