//! `port-25-blocked-here`: the network of this computer lets no mail connection out.

use super::Rule;
use super::reachability::{Vantage, silence};
use super::wording::{in_words, shown};
use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

pub(super) static RULE: Rule = Rule {
    code: "port-25-blocked-here",
    area: Area::Smtp,
    severity: Severity::NotChecked,
    title: "port 25 cannot be reached from this network",
    doc: include_str!("port_25_blocked_here.md"),
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    if Vantage::of(case.facts) != Vantage::Port25Blocked {
        return;
    }
    let mut sessions = case.mail_servers().flat_map(|server| &server.sessions);
    let Some(controls) = case.facts.controls.seen() else {
        return;
    };
    if !sessions.any(|session| silence(session).is_some()) {
        return;
    }
    let domain = &case.facts.domain;
    let asked = in_words(controls.hosts.iter().map(|host| shown(&host.host)));
    findings.report(
        domain.as_str(),
        format!(
            "The mail servers of {domain} could not be reached, and neither could those of other \
             operators ({asked}), while the web works. Your network probably blocks port 25, \
             which is normal for a home or office connection. This says nothing about your mail \
             servers. To test them, check from another network or from a server."
        ),
        "",
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Facts, FailureKind};
    use crate::rules::testing::{
        assert_has, failed, not_checked, offline, port_25_blocked, port_25_open, session, silent,
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
