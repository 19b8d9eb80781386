//! `mail-intercepted-here`: a device in this computer's network answers for mail servers.

use crate::facts::{ControlHost, Controls, Interception, Observed, Reply};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_quotes, in_words, shown};

rule! {
    code: MAIL_INTERCEPTED_HERE,
    severity: NotChecked,
    title: "mail connections are intercepted in this network",
    page: "mail_intercepted_here.md",
    check,
}

/// How many control hosts to name in a sentence.
const MAX_HOSTS: usize = 5;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(controls) = case.facts.controls.seen() else {
        return;
    };
    let Some(sign) = controls.interception() else {
        return;
    };
    let domain = &case.facts.domain;
    findings.report(
        Subject::domain(domain),
        format!(
            "{} So a device between this computer and the internet, such as a firewall, a virus \
             scanner or the internet provider’s equipment, interferes with mail connections. \
             Anything seen of the mail servers of {domain} on port 25 may be its doing and is left \
             out. Check from another network or from a server.",
            account(controls, sign)
        ),
        "",
    );
}

/// What gave the device away.
fn account(controls: &Controls, sign: Interception) -> String {
    match sign {
        Interception::OneGreetingForAll => {
            let (hosts, greeting) = heard(controls, |host| &host.greeting);
            format!(
                "Mail servers of different operators ({hosts}) all sent exactly the same greeting: \
                 {greeting}."
            )
        }
        Interception::StarttlsMissing => {
            let (hosts, answer) = heard(controls, |host| &host.ehlo);
            format!(
                "Mail servers of other operators ({hosts}) are known to offer STARTTLS, but from \
                 here none does. One answered EHLO with {answer}."
            )
        }
    }
}

/// The control hosts that gave such a reply, and the reply of the first.
fn heard(controls: &Controls, reply: fn(&ControlHost) -> &Observed<Reply>) -> (String, String) {
    let heard = || {
        let replies = controls.hosts.iter().map(|host| (host, reply(host).seen()));
        replies.filter_map(|(host, reply)| Some((host, reply?)))
    };
    let hosts = in_words(heard().take(MAX_HOSTS).map(|(host, _)| shown(&host.host)));
    let first = heard().next().map(|(_, reply)| reply.to_string());
    (hosts, in_quotes(&first.unwrap_or_default(), 300))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{ControlHost, Controls, Facts, FailureKind, Observed, Reply};
    use crate::rules::testing::{assert_has, failed, not_checked, port_25_blocked, silent, unseen};

    /// Two control hosts, with the words of the greeting and of the answer to EHLO.
    fn controls(facts: &mut Facts, said: [(&str, &[&str]); 2]) {
        let host = |name: &str, (greeting, ehlo): (&str, &[&str])| ControlHost {
            host: name.into(),
            ip: None,
            greeting: Observed::Seen(Reply::new(220, &[greeting])),
            ehlo: Observed::Seen(Reply::new(250, ehlo)),
        };
        let hosts = vec![
            host("a.control.example", said[0]),
            host("b.control.example", said[1]),
        ];
        let web = Observed::Seen(());
        facts.controls = Observed::Seen(Controls { hosts, web });
    }

    #[test]
    fn one_greeting_for_all_is_quoted() {
        let reason = not_checked(&RULE, |facts| {
            let said: (&str, &[&str]) = ("mail proxy\u{7}", &["proxy", "STARTTLS"]);
            controls(facts, [said, said]);
        });
        assert_has(&reason, "(a.control.example and b.control.example)");
        assert_has(&reason, "“220 mail proxy\\u{7}”");
    }

    #[test]
    fn an_offer_that_every_control_host_lacks_was_taken_out_on_the_way() {
        let reason = not_checked(&RULE, |facts| {
            controls(
                facts,
                [
                    ("a", &["a.control.example", "SIZE"]),
                    ("b", &["b.control.example"]),
                ],
            );
        });
        assert_has(&reason, "none does");
        assert_has(&reason, "“250 a.control.example / SIZE”");
    }

    #[test]
    fn one_control_host_that_is_as_it_should_be_proves_the_way_open() {
        silent(&RULE, |facts| {
            controls(facts, [("a", &["a", "SIZE"]), ("b", &["b", "STARTTLS"])]);
        });
    }

    #[test]
    fn control_hosts_that_did_not_answer_show_no_device() {
        unseen(&RULE, port_25_blocked);
        unseen(&RULE, |facts| facts.controls = failed(FailureKind::Other));
    }
}
