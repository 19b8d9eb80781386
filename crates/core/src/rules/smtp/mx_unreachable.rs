//! `mx-unreachable`: no address of an MX host answers, and this network is not to blame.

use super::reachability::{Vantage, account_of_silence, is_silent, silence};
use crate::facts::MailServer;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: MX_UNREACHABLE,
    severity: Problem,
    title: "the mail server can’t be reached",
    page: "mx_unreachable.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let silent: Vec<&MailServer> = case
        .mail_servers()
        .filter(|server| is_silent(server))
        .collect();
    if silent.is_empty() {
        return;
    }
    match Vantage::of(case.facts) {
        // Reported once for all hosts by port-25-blocked-here.
        Vantage::Port25Blocked => {}
        Vantage::Offline => {
            findings.not_checked(Subject::domain(&case.facts.domain), offline(&silent));
        }
        Vantage::Unknown => {
            for server in silent {
                findings.not_checked(
                    Subject::mail_server(&server.host),
                    format!(
                        "{} We don’t know whether this network can reach port 25 at all, so this \
                         says nothing about the mail server.",
                        account_of_silence(server, |_| true)
                    ),
                );
            }
        }
        Vantage::Open => {
            for server in silent {
                let mut silences = server.sessions.iter().filter_map(silence);
                // So are hosts that have only one address family, if this network blocks it.
                if silences.any(|silence| silence.block(case.facts).is_none()) {
                    judge(case, server, findings);
                }
            }
        }
    }
}

fn judge(case: &Case<'_>, server: &MailServer, findings: &mut Findings) {
    let host = shown(&server.host);
    let account = account_of_silence(server, |_| true);
    let mut silences = server.sessions.iter().filter_map(silence);
    if silences.all(|silence| silence.is_of_the_server(case.facts)) {
        let greets_too_late = server
            .sessions
            .iter()
            .any(|it| it.connected.seen().is_some());
        let expects_tls = if greets_too_late {
            " A silent server may also expect encryption from the first byte, as on port 465; on \
             port 25 it must greet first."
        } else {
            ""
        };
        findings.report(
            Subject::mail_server(&server.host),
            format!("{account} Mail servers of other operators did answer."),
            format!(
                "Make sure that the mail server {host} is running and that its firewall opens port \
                 25 to everyone. If the server no longer exists, delete its MX \
                 record.{expects_tls}"
            ),
        );
    } else {
        findings.not_checked(
            Subject::mail_server(&server.host),
            format!(
                "{account} This computer couldn’t test every address properly, perhaps because it \
                 has no IPv6, so this says nothing about {host}."
            ),
        );
    }
}

fn offline(silent: &[&MailServer]) -> String {
    format!(
        "This computer couldn’t reach {}, or the mail servers and the web server of other \
         operators. It seems to be offline, or a firewall blocks this program. Check again when \
         it’s online.",
        in_words(silent.iter().map(|server| shown(&server.host)))
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind, Observed};
    use crate::rules::testing::{
        add_address, assert_has, assert_starts, failed, fires, not_checked, offline,
        port_25_blocked, port_25_open, session, silent, unseen,
    };

    fn silence(facts: &mut Facts) {
        session(facts, 0).connected = failed(FailureKind::TimedOut);
    }

    #[test]
    fn a_silent_host_is_a_problem_once_other_operators_answer() {
        let finding = fires(&RULE, |facts| {
            silence(facts);
            port_25_open(facts);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_starts(
            &finding.evidence,
            "Port 25 of 192.0.2.1 could not be reached",
        );
    }

    #[test]
    fn all_addresses_of_a_host_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            add_address(facts, 0, "192.0.2.9").greeting = failed(FailureKind::Closed);
            silence(facts);
            add_address(facts, 0, "192.0.2.7").connected = failed(FailureKind::TimedOut);
            port_25_open(facts);
        });
        assert_has(&finding.evidence, "192.0.2.1 and 192.0.2.7");
        assert_has(&finding.evidence, "192.0.2.9 took the connection");
    }

    #[test]
    fn a_host_with_one_address_that_answers_can_be_reached() {
        silent(&RULE, |facts| {
            silence(facts);
            add_address(facts, 0, "192.0.2.7").connected = Observed::Seen(20);
            port_25_open(facts);
        });
    }

    #[test]
    fn a_garbled_greeting_is_another_matter() {
        silent(&RULE, |facts| {
            session(facts, 0).greeting = failed(FailureKind::Garbled);
            port_25_open(facts);
        });
    }

    #[test]
    fn without_control_hosts_nobody_is_accused() {
        let reason = not_checked(&RULE, silence);
        assert!(
            reason.contains("192.0.2.1") && reason.contains("don’t know whether"),
            "{reason}"
        );
    }

    #[test]
    fn a_blocked_network_is_left_to_its_own_rule() {
        silent(&RULE, |facts| {
            silence(facts);
            port_25_blocked(facts);
        });
    }

    #[test]
    fn a_computer_that_is_offline_is_told_once_for_all_hosts() {
        let reason = not_checked(&RULE, |facts| {
            silence(facts);
            session(facts, 1).connected = failed(FailureKind::Unreachable);
            offline(facts);
        });
        assert_has(&reason, "mx1.example.com and mx2.example.com");
    }

    #[test]
    fn a_computer_without_ipv6_does_not_accuse_an_ipv6_host() {
        let findings = unseen(&RULE, |facts| {
            add_address(facts, 0, "2001:db8::1").connected = failed(FailureKind::Unreachable);
            let server = &mut facts.mail_servers[0];
            server.sessions.remove(0);
            server.ipv4 = Observed::NotAsked;
            port_25_open(facts);
        });
        assert_eq!(findings.not_checked.len(), 1);
    }

    #[test]
    fn an_address_that_is_still_being_tried_may_yet_answer() {
        silent(&RULE, |facts| {
            silence(facts);
            let waiting = add_address(facts, 0, "192.0.2.7");
            waiting.connected = Observed::NotAsked;
            waiting.greeting = Observed::NotAsked;
            port_25_open(facts);
        });
    }
}
