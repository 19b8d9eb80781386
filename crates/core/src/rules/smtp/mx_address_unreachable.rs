//! `mx-address-unreachable`: one address of an MX host fails while another works.

use super::reachability::{Vantage, account_of_silence, silence, speaks};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: MX_ADDRESS_UNREACHABLE,
    severity: Attention,
    title: "one address of the mail server can’t be reached",
    page: "mx_address_unreachable.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let vantage = Vantage::of(case.facts);
    if vantage == Vantage::Port25Blocked {
        return;
    }
    for server in case.mail_servers() {
        let working = server.sessions.iter().filter(|session| speaks(session));
        let working = in_words(working.map(|session| session.ip));
        // If this network blocks one address family, port-25-blocked-here reports it.
        let silent: Vec<_> = server
            .sessions
            .iter()
            .filter_map(silence)
            .filter(|silence| silence.block(case.facts).is_none())
            .collect();
        if working.is_empty() || silent.is_empty() {
            continue;
        }
        let account = format!(
            "{} {working} did answer.",
            account_of_silence(server, |silence| silence.block(case.facts).is_none())
        );
        let is_proven = vantage != Vantage::Offline
            && silent
                .iter()
                .all(|silence| silence.is_of_the_server(case.facts));
        if is_proven {
            let dead = in_words(silent.iter().map(|silence| silence.ip));
            findings.report(
                Subject::mail_server(&server.host),
                account,
                format!(
                    "Make sure that the mail server listens on port 25 of {dead} and that the \
                     firewall lets connections in, or remove {dead} from the address records of \
                     {}.",
                    shown(&server.host)
                ),
            );
        } else {
            findings.not_checked(
                Subject::mail_server(&server.host),
                format!(
                    "{account} This computer may be unable to reach such an address at all, \
                     perhaps because it has no IPv6, so this says nothing about the mail server."
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{
        add_address, assert_ends, assert_has, failed, fires, not_checked, offline, port_25_blocked,
        silent,
    };

    #[test]
    fn a_dead_address_beside_a_working_one_is_found() {
        let finding = fires(&RULE, |facts| {
            add_address(facts, 0, "192.0.2.7").connected = failed(FailureKind::Refused);
        });
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "Port 25 of 192.0.2.7");
        assert_ends(&finding.evidence, "192.0.2.1 did answer.");
        assert_has(&finding.fix, "remove 192.0.2.7");
    }

    #[test]
    fn two_dead_addresses_of_one_host_are_one_finding() {
        fires(&RULE, |facts| {
            add_address(facts, 0, "192.0.2.7").connected = failed(FailureKind::Refused);
            add_address(facts, 0, "192.0.2.8").greeting = failed(FailureKind::TimedOut);
        });
    }

    #[test]
    fn a_host_without_any_working_address_is_another_matter() {
        silent(&RULE, |facts| {
            facts.mail_servers[0].sessions[0].connected = failed(FailureKind::TimedOut);
            add_address(facts, 0, "192.0.2.7").connected = failed(FailureKind::Refused);
        });
    }

    #[test]
    fn a_second_host_that_works_does_not_count_as_a_second_address() {
        silent(&RULE, |facts| {
            facts.mail_servers[0].sessions[0].connected = failed(FailureKind::Refused);
        });
    }

    #[test]
    fn a_computer_without_ipv6_does_not_accuse_the_ipv6_address() {
        let reason = not_checked(&RULE, |facts| {
            add_address(facts, 0, "2001:db8::1").connected = failed(FailureKind::Unreachable);
        });
        assert!(
            reason.contains("2001:db8::1") && reason.contains("has no IPv6"),
            "{reason}"
        );
    }

    #[test]
    fn an_ipv6_address_that_refuses_has_been_reached() {
        fires(&RULE, |facts| {
            add_address(facts, 0, "2001:db8::1").connected = failed(FailureKind::Refused);
        });
    }

    #[test]
    fn where_port_25_is_blocked_or_nothing_works_nobody_is_accused() {
        silent(&RULE, |facts| {
            add_address(facts, 0, "192.0.2.7").connected = failed(FailureKind::TimedOut);
            port_25_blocked(facts);
        });
        not_checked(&RULE, |facts| {
            add_address(facts, 0, "192.0.2.7").connected = failed(FailureKind::TimedOut);
            offline(facts);
        });
    }

    #[test]
    fn an_address_that_is_still_being_tried_is_not_called_dead() {
        silent(&RULE, |facts| {
            let waiting = add_address(facts, 0, "192.0.2.7");
            waiting.connected = Observed::NotAsked;
            waiting.greeting = Observed::NotAsked;
        });
    }
}
