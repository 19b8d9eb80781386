//! `port-25-blocked-here`: this computer's network blocks outgoing mail connections.

use std::net::IpAddr;

use super::reachability::{Vantage, silence};
use crate::facts::{Block, Controls, Family};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: PORT_25_BLOCKED_HERE,
    severity: NotChecked,
    title: "port 25 can’t be reached from this network",
    page: "port_25_blocked_here.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(controls) = case.facts.controls.seen() else {
        return;
    };
    if Vantage::of(case.facts) == Vantage::Port25Blocked {
        let mut sessions = case.mail_servers().flat_map(|server| &server.sessions);
        if sessions.any(|session| silence(session).is_some()) {
            report_everywhere(case, controls, findings);
        }
        return;
    }
    for family in Family::BOTH {
        let Some(block) = controls.block(family) else {
            continue;
        };
        for server in case.mail_servers() {
            let silences = server.sessions.iter().filter_map(silence);
            let of_family = silences.filter(|silence| Family::of(silence.ip) == family);
            let silent: Vec<_> = of_family.map(|silence| silence.ip).collect();
            if !silent.is_empty() {
                let reason = over_one_family(&server.host, &silent, family, block);
                findings.report(Subject::mail_server(&server.host), reason, "");
            }
        }
    }
}

fn report_everywhere(case: &Case<'_>, controls: &Controls, findings: &mut Findings) {
    let domain = &case.facts.domain;
    let mut hosts: Vec<&str> = controls.hosts.iter().map(|it| it.host.as_str()).collect();
    hosts.dedup();
    let asked = in_words(hosts.into_iter().map(shown));
    let block = controls
        .block(Family::Ipv4)
        .or(controls.block(Family::Ipv6))
        .unwrap_or(Block::Silent);
    findings.report(
        Subject::domain(domain),
        format!(
            "This computer couldn’t reach the mail servers of {domain} or those of other operators \
             ({asked}), although the web works. {} This says nothing about your mail servers. To \
             test them, check from another network or from a server.",
            whose_doing(block)
        ),
        "",
    );
}

fn whose_doing(block: Block) -> &'static str {
    match block {
        Block::Silent => {
            "Nothing came back at all, so your network probably blocks port 25. That’s normal for \
             a home or office connection."
        }
        Block::Refused => {
            "Each connection was rejected at once, so a firewall on this computer or in its \
             network, often part of a virus scanner or a router, blocks port 25."
        }
        Block::OnThisComputer => {
            "This computer’s system forbids the connection: its firewall or virus scanner blocks \
             port 25 for this program."
        }
    }
}

fn over_one_family(host: &str, silent: &[IpAddr], family: Family, block: Block) -> String {
    let how = match block {
        Block::Silent => "this network blocks mail connections",
        Block::Refused => "this network rejects mail connections at once",
        Block::OnThisComputer => "this computer forbids mail connections",
    };
    format!(
        "Over {family}, {how}: the mail servers of other operators couldn’t be reached either. So \
         this says nothing about {} at {}. To test it, check from another network or from a \
         server.",
        shown(host),
        in_words(silent)
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind};
    use crate::judge::judge;
    use crate::rules::testing::{
        add_address, assert_has, controls_over, failed, healthy, not_checked, offline,
        port_25_blocked, port_25_open, session, silent,
    };

    fn silence_all(facts: &mut Facts) {
        session(facts, 0).connected = failed(FailureKind::TimedOut);
        session(facts, 1).connected = failed(FailureKind::TimedOut);
    }

    #[test]
    fn a_blocked_network_is_told_once_and_the_server_is_not_accused() {
        let reason = not_checked(&RULE, |facts| {
            silence_all(facts);
            port_25_blocked(facts);
        });
        assert_has(&reason, "in.control.example");
        assert_has(&reason, "says nothing about your mail servers");
    }

    #[test]
    fn a_firewall_nearby_is_told_from_a_network_that_drops() {
        for (kind, said) in [
            (FailureKind::TimedOut, "normal for a home or office"),
            (FailureKind::Refused, "rejected at once"),
            (FailureKind::Forbidden, "forbids the connection"),
        ] {
            let reason = not_checked(&RULE, |facts| {
                silence_all(facts);
                controls_over(facts, &[("198.51.100.1", Some(kind))]);
            });
            assert_has(&reason, said);
        }
    }

    #[test]
    fn a_block_over_one_family_leaves_the_other_judged() {
        let ipv6_blocked = |facts: &mut Facts| {
            add_address(facts, 0, "2001:db8::1").connected = failed(FailureKind::TimedOut);
            let closed = Some(FailureKind::TimedOut);
            controls_over(facts, &[("198.51.100.1", None), ("2001:db8:c::1", closed)]);
        };
        let reason = not_checked(&RULE, ipv6_blocked);
        assert_has(&reason, "Over IPv6, this network blocks mail connections");
        assert_has(&reason, "mx1.example.com at 2001:db8::1");
        let mut facts = healthy();
        ipv6_blocked(&mut facts);
        assert!(judge(&facts).findings.is_empty());
    }

    #[test]
    fn one_control_host_that_answers_proves_port_25_open() {
        silent(&RULE, |facts| {
            silence_all(facts);
            port_25_open(facts);
        });
    }

    #[test]
    fn a_computer_that_is_offline_is_another_matter() {
        silent(&RULE, |facts| {
            silence_all(facts);
            offline(facts);
        });
    }

    #[test]
    fn a_block_that_hides_nothing_is_not_worth_a_line() {
        silent(&RULE, port_25_blocked);
    }

    #[test]
    fn control_hosts_that_were_not_asked_prove_no_block() {
        silent(&RULE, silence_all);
    }
}
