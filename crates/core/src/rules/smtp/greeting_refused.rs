//! `greeting-refused`: the mail server rejected us in its greeting or its answer to EHLO.

use super::alike::{Alike, alike};
use crate::facts::{FailureKind, MailServer, ProbeFailure, Reply, Session};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Severity, Subject};
use crate::text::wording::{in_quotes, in_words, shown};

rule! {
    code: GREETING_REFUSED,
    severity: NotChecked,
    title: "the mail server rejected our connection",
    page: "greeting_refused.md",
    check,
}

/// Words in refusals that are based on a list of addresses.
const BLOCK_LIST_WORDS: [&str; 6] = [
    "blocked",
    "blocklist",
    "block list",
    "blacklist",
    "spamhaus",
    "reputation",
];

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        if turns_everybody_away(server) {
            report_closed_server(server, findings);
            continue;
        }
        for group in alike(server, refusal, Refusal::kind) {
            findings.report(Subject::mail_server(&server.host), reason(&group), "");
        }
    }
}

/// How a server refused to talk.
enum Refusal<'a> {
    Greeting(&'a Reply),
    Ehlo(&'a Reply),
    EhloUnanswered(&'a ProbeFailure),
    EhloInTls(&'a Reply),
}

impl Refusal<'_> {
    fn kind(&self) -> (u8, u16) {
        match self {
            Self::Greeting(reply) => (0, reply.code),
            Self::Ehlo(reply) => (1, reply.code),
            Self::EhloUnanswered(_) => (2, 0),
            Self::EhloInTls(reply) => (3, reply.code),
        }
    }
}

fn refusal(session: &Session) -> Option<Refusal<'_>> {
    let greeting = session.greeting.seen()?;
    if greeting.code != 220 {
        return Some(Refusal::Greeting(greeting));
    }
    if let Some(ehlo) = session.ehlo.seen() {
        // A server that doesn’t know EHLO has no STARTTLS, which is another rule’s to tell.
        if session.knows_no_extensions() {
            return None;
        }
        if ehlo.code != 250 {
            return Some(Refusal::Ehlo(ehlo));
        }
        let encrypted = session.ehlo_in_tls.seen()?;
        return (encrypted.code != 250).then_some(Refusal::EhloInTls(encrypted));
    }
    // A reply that is not SMTP has its own rule.
    let failure = session
        .ehlo
        .failed()
        .filter(|failure| failure.kind != FailureKind::Garbled);
    failure.map(Refusal::EhloUnanswered)
}

/// 554 instead of a greeting means that there is no mail service here (RFC 5321 3.1, 4.3.2).
fn turns_everybody_away(server: &MailServer) -> bool {
    let greets_with_554 = |session: &Session| {
        session
            .greeting
            .seen()
            .is_some_and(|reply| reply.code == 554)
    };
    let was_tried = |ip| server.sessions.iter().any(|session| session.ip == ip);
    !server.sessions.is_empty()
        && server.sessions.iter().all(greets_with_554)
        && server.addresses().all(was_tried)
}

fn report_closed_server(server: &MailServer, findings: &mut Findings) {
    let Some(greeting) = server
        .sessions
        .first()
        .and_then(|session| session.greeting.seen())
    else {
        return;
    };
    let host = shown(&server.host);
    findings.report_as(
        Severity::Problem,
        Subject::mail_server(&server.host),
        format!(
            "Every address of {host} ({}) answers connections with {}. The code 554 can mean that \
             it doesn’t receive mail, or that it rejects this network.",
            in_words(server.sessions.iter().map(|session| session.ip)),
            quoted(greeting)
        ),
        format!(
            "If {host} should receive mail, look in its log to see why it answers 554. If mail \
             does arrive there, the server only rejects the network that this check ran in; check \
             from another one."
        ),
    );
}

fn reason(group: &Alike<Refusal<'_>>) -> String {
    let addresses = group.address_list();
    let seen = match group.example {
        Refusal::Greeting(reply) => {
            format!(
                "At {addresses}, the server answered the connection with {}.",
                quoted(reply)
            )
        }
        Refusal::Ehlo(reply) => {
            format!(
                "At {addresses}, the server answered the opening command EHLO with {}.",
                quoted(reply)
            )
        }
        Refusal::EhloUnanswered(failure) => {
            format!("At {addresses}, the server didn’t answer the opening command EHLO: {failure}.")
        }
        Refusal::EhloInTls(reply) => {
            format!(
                "At {addresses}, the server encrypted the connection, then answered EHLO with {}.",
                quoted(reply)
            )
        }
    };
    format!(
        "{seen} {} That says nothing about how it treats other senders. Check again later or from \
         another network.",
        likely_cause(&group.example)
    )
}

fn likely_cause(refusal: &Refusal<'_>) -> &'static str {
    let (Refusal::Greeting(reply) | Refusal::Ehlo(reply) | Refusal::EhloInTls(reply)) = refusal
    else {
        return "Mail servers often reject computers they don’t know.";
    };
    let text = reply.lines.join(" ").to_ascii_lowercase();
    if (400..500).contains(&reply.code) {
        "A code that begins with 4 means “try again later”, often because a network made many \
         connections or isn’t known yet."
    } else if BLOCK_LIST_WORDS.iter().any(|word| text.contains(word)) {
        "The reply suggests that your network’s address is on a blocklist, like those of most home \
         connections."
    } else {
        "Mail servers often reject computers they don’t know."
    }
}

fn quoted(reply: &Reply) -> String {
    in_quotes(&reply.to_string(), 300)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed, Reply};
    use crate::rules::finding::Severity;
    use crate::rules::testing::{
        add_address, assert_has, failed, fires, not_checked, run, session, silent,
    };

    #[test]
    fn a_rate_limit_and_a_block_list_are_told_by_code_and_words() {
        for (code, words, cause) in [
            (421, "too many connections", "means “try again later”"),
            (450, "greylisted", "means “try again later”"),
            (550, "blocked using zen.example", "is on a blocklist"),
            (550, "go away", "often reject computers they don’t know"),
        ] {
            let reason = not_checked(&RULE, |facts| {
                session(facts, 0).greeting = Observed::Seen(Reply::new(code, &[words]));
            });
            assert_has(&reason, cause);
            assert_has(&reason, words);
        }
    }

    #[test]
    fn a_server_that_refuses_only_inside_the_encrypted_connection_has_not_been_seen() {
        let reason = not_checked(&RULE, |facts| {
            let text = "4.7.1 Error: No client certificate presented";
            session(facts, 0).ehlo_in_tls = Observed::Seen(Reply::new(421, &[text]));
        });
        assert_has(&reason, "No client certificate presented");
    }

    fn saying(code: u16) -> Observed<Reply> {
        Observed::Seen(Reply::new(code, &["mx1.example.com too busy"]))
    }

    #[test]
    fn a_server_that_asks_to_come_back_later_is_quoted_and_not_accused() {
        let reason = not_checked(&RULE, |facts| session(facts, 0).greeting = saying(421));
        assert_has(&reason, "“421 mx1.example.com too busy”");
        assert_has(&reason, "At 192.0.2.1");
    }

    #[test]
    fn the_same_refusal_at_two_addresses_is_one_entry() {
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).greeting = saying(421);
            let other_text = Reply::new(421, &["busy, session 0815"]);
            add_address(facts, 0, "192.0.2.7").greeting = Observed::Seen(other_text);
        });
        assert_has(&reason, "At 192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn a_server_that_answers_554_everywhere_is_a_problem() {
        let finding = fires(&RULE, |facts| {
            session(facts, 0).greeting = saying(554);
            add_address(facts, 0, "192.0.2.7").greeting = saying(554);
        });
        assert_eq!(finding.severity, Severity::Problem);
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
    }

    #[test]
    fn a_554_at_one_of_two_addresses_is_no_problem_yet() {
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).greeting = saying(554);
            add_address(facts, 0, "192.0.2.7").greeting = saying(220);
        });
        assert_has(&reason, "“554");
        not_checked(&RULE, |facts| {
            session(facts, 0).greeting = saying(554);
            add_address(facts, 0, "192.0.2.7");
            facts.mail_servers[0].sessions.pop();
        });
    }

    #[test]
    fn a_refused_or_unanswered_ehlo_counts() {
        let reason = not_checked(&RULE, |facts| session(facts, 0).ehlo = saying(550));
        assert_has(&reason, "EHLO with “550");
        let reason = not_checked(&RULE, |facts| {
            session(facts, 0).ehlo = failed(FailureKind::TimedOut);
        });
        assert_has(&reason, "no answer in time");
    }

    #[test]
    fn other_steps_have_other_rules() {
        silent(&RULE, |facts| {
            session(facts, 0).ehlo = failed(FailureKind::Garbled);
        });
        silent(&RULE, |facts| {
            session(facts, 0).greeting = failed(FailureKind::TimedOut);
        });
        silent(&RULE, |facts| {
            session(facts, 0).greeting = Observed::NotAsked;
        });
    }

    #[test]
    fn a_hostile_greeting_stays_on_its_line() {
        let hostile = Reply::new(421, &["\u{1b}[2J\u{202e}"]);
        let findings = run(&RULE, |facts| {
            session(facts, 0).greeting = Observed::Seen(hostile);
        });
        let reason = &findings.not_checked[0].reason;
        assert!(!reason.contains(['\u{1b}', '\u{202e}']), "{reason}");
    }
}
