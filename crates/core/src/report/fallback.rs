//! What a person can do where this network keeps the mail servers from being tested, the most useful
//! first. None of it is a judgement, and none makes a row green.

use serde::Serialize;

use crate::code;
use crate::facts::{MailServer, SubmissionPort, Trust};
use crate::rules::case::Case;
use crate::rules::coverage::covered::policy_in_use;
use crate::rules::finding::{Finding, NotChecked};
use crate::text::date_style::day;
use crate::text::escape::escaped;
use crate::text::policy::Mode;

/// One way on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fallback {
    /// What it is, in a few words.
    pub title: &'static str,
    /// What to do or what it shows, in sentences. Safe to show.
    pub text: String,
}

/// The codes that say: the network here is in the way.
const IN_THE_WAY: [&str; 2] = [code::PORT_25_BLOCKED_HERE, code::MAIL_INTERCEPTED_HERE];

/// The ways on; none where the network was not in the way of everything.
pub(crate) fn fallbacks(
    case: &Case<'_>,
    findings: &[Finding],
    not_checked: &[NotChecked],
) -> Vec<Fallback> {
    let domain = &case.facts.domain;
    let is_in_the_way = not_checked.iter().any(|entry| {
        IN_THE_WAY.contains(&entry.rule.code) && entry.subject.name() == domain.as_str()
    });
    if !is_in_the_way {
        return Vec::new();
    }
    let provider = findings
        .iter()
        .find(|finding| finding.rule.code == code::PROVIDER_RECOGNISED);
    let provider = provider.map(|finding| Fallback {
        title: "We recognise the mail provider",
        text: format!(
            "{} We couldn’t test it from here, but large providers usually keep their mail servers \
             in order.",
            finding.evidence
        ),
    });
    let another_network = Fallback {
        title: "Try another network",
        text: "Some office and mobile networks allow mail connections. Check again from one of \
               them."
            .to_owned(),
    };
    let server = Fallback {
        title: "Check from a server",
        text: format!(
            "On a server you rent, or on the mail server itself, run “mta-sts check {domain} \
             --save-facts facts.json”. Then open that file in MTA-STS Wizard, or with “mta-sts check \
             --facts facts.json”, to see the full result."
        ),
    };
    let hints: Vec<String> = case.mail_servers().filter_map(hint).collect();
    let hints = (!hints.is_empty()).then(|| Fallback {
        title: "A clue from ports 465 and 587",
        text: format!(
            "{} Port 25 usually uses the same certificate, but that isn’t certain.",
            hints.join(" ")
        ),
    });
    let testing = Fallback {
        title: "Continue in testing mode",
        text: "Senders then test your mail servers for you. Those that follow the standard refuse \
               nothing, and with a TLS-RPT record they tell you each day what failed."
            .to_owned(),
    };
    // Whoever enforces already has left testing behind.
    let is_enforced = policy_in_use(case).is_some_and(|policy| policy.mode() == Mode::Enforce);
    let testing = (!is_enforced).then_some(testing);
    provider
        .into_iter()
        .chain([another_network, server])
        .chain(hints)
        .chain(testing)
        .collect()
}

/// What the other ports of a host show of its certificate.
fn hint(server: &MailServer) -> Option<String> {
    let host = escaped(&server.host, 253);
    server.submission.iter().find_map(|seen| {
        let SubmissionPort { port, chain, .. } = seen;
        let chain = chain.seen()?;
        let leaf = chain.leaf()?;
        let names = if leaf.names(&server.host) {
            "names it"
        } else {
            "doesn’t name it"
        };
        let trust = match chain.trust {
            Trust::Trusted { .. } => "leads to a trusted root",
            Trust::Unverified { .. } => "has a chain that this program can’t verify",
            _ => "doesn’t lead to a trusted root",
        };
        Some(format!(
            "At port {port}, {host} has a certificate that {names}, {trust} and is valid until {}.",
            day(leaf.not_after)
        ))
    })
}

#[cfg(test)]
mod tests {
    use crate::facts::{Facts, FailureKind, Observed, SubmissionPort};
    use crate::judge::judge;
    use crate::rules::testing::{
        POLICY, chain, failed, healthy, port_25_blocked, session, set_policy,
    };

    fn blocked() -> Facts {
        let mut facts = healthy();
        for server in 0..2 {
            session(&mut facts, server).connected = failed(FailureKind::TimedOut);
        }
        port_25_blocked(&mut facts);
        facts
    }

    fn titles(facts: &Facts) -> Vec<&'static str> {
        let report = judge(facts);
        report.fallbacks.iter().map(|way| way.title).collect()
    }

    #[test]
    fn where_the_network_is_in_the_way_the_ways_on_are_told_in_order() {
        let mut facts = blocked();
        let enforced = ["Try another network", "Check from a server"];
        assert_eq!(titles(&facts), enforced);
        set_policy(&mut facts, &POLICY.replace("enforce", "testing"));
        assert_eq!(titles(&facts)[2..], ["Continue in testing mode"]);
        assert!(judge(&healthy()).fallbacks.is_empty());
    }

    #[test]
    fn other_ports_give_a_hint_that_changes_no_verdict() {
        let mut facts = blocked();
        let before = judge(&facts);
        facts.mail_servers[0].submission = vec![SubmissionPort {
            port: 465,
            ip: [192, 0, 2, 1].into(),
            chain: Observed::Seen(chain("mx1.example.com")),
        }];
        let after = judge(&facts);
        let hint = &after.fallbacks[2].text;
        assert!(hint.starts_with("At port 465, mx1.example.com has a certificate that names it"));
        assert_eq!(after.readiness, before.readiness);
        assert_eq!(after.findings, before.findings);
        assert_eq!(after.not_checked, before.not_checked);
    }
}
