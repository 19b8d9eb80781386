//! `dns-intercepted-here`: the network of this computer answers DNS questions itself.

use crate::facts::DnsInterception;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: DNS_INTERCEPTED_HERE,
    severity: NotChecked,
    title: "this network answers DNS questions itself",
    page: "dns_intercepted_here.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(controls) = case.facts.controls.seen() else {
        return;
    };
    let Some(sign) = controls.dns_interception() else {
        return;
    };
    let mut hosts: Vec<&str> = controls.hosts.iter().map(|it| it.host.as_str()).collect();
    hosts.dedup();
    let hosts = in_words(hosts.into_iter().map(shown));
    let account = match sign {
        DnsInterception::EveryNameDenied => format!(
            "We looked up mail servers of other operators that are known to exist ({hosts}). This \
             network says that none of them has an address."
        ),
        DnsInterception::OneAddressForAll => format!(
            "We looked up mail servers of unrelated operators ({hosts}). This network gives the \
             same address for all of them, as the sign-in page of a hotel or café does."
        ),
    };
    findings.report(
        Subject::domain(&case.facts.domain),
        format!(
            "{account} So its answers about {} mean nothing.",
            case.facts.domain
        ),
        "",
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{ControlHost, Controls, Facts, FailureKind, Observed};
    use crate::judge::judge;
    use crate::report::{Published, ReadyMailServers};
    use crate::rules::testing::{assert_has, failed, healthy, seen, silent, unseen};

    fn controls(facts: &mut Facts, ips: [Option<&str>; 2], web: Observed<()>) {
        let host = |(number, ip): (usize, Option<&str>)| ControlHost {
            host: format!("mx{number}.example.net"),
            ip: ip.map(|ip| ip.parse().unwrap()),
            greeting: failed(match ip {
                Some(_) => FailureKind::TimedOut,
                None => FailureKind::Other,
            }),
            ehlo: Observed::NotAsked,
        };
        facts.controls = Observed::Seen(Controls {
            hosts: ips.into_iter().enumerate().map(host).collect(),
            web,
        });
    }

    #[test]
    fn a_network_that_denies_every_name_is_told() {
        let findings = unseen(&RULE, |facts| {
            controls(facts, [None, None], failed(FailureKind::Other));
        });
        assert_has(
            &findings.not_checked[0].reason,
            "mx0.example.net and mx1.example.net",
        );
    }

    #[test]
    fn a_sign_in_page_that_answers_for_everybody_is_told() {
        let findings = unseen(&RULE, |facts| {
            let portal = Some("192.0.2.99");
            controls(facts, [portal, portal], Observed::Seen(()));
        });
        assert_has(&findings.not_checked[0].reason, "same address");
    }

    #[test]
    fn a_sign_in_page_over_both_families_is_told() {
        let findings = unseen(&RULE, |facts| {
            controls(
                facts,
                [Some("192.0.2.99"), Some("192.0.2.99")],
                Observed::Seen(()),
            );
            let controls = seen(&mut facts.controls);
            for host in controls.hosts.clone() {
                controls.hosts.push(ControlHost {
                    ip: Some("2001:db8::99".parse().unwrap()),
                    ..host
                });
            }
        });
        assert_eq!(findings.not_checked.len(), 1);
    }

    #[test]
    fn other_addresses_or_one_that_is_missing_say_nothing_of_the_kind() {
        let two = [Some("192.0.2.1"), Some("192.0.2.2")];
        silent(&RULE, |facts| controls(facts, two, Observed::Seen(())));
        let one = [Some("192.0.2.1"), None];
        silent(&RULE, |facts| controls(facts, one, Observed::Seen(())));
        silent(&RULE, |facts| {
            controls(facts, [None, None], failed(FailureKind::TimedOut));
        });
    }

    #[test]
    fn what_such_a_network_says_accuses_nobody() {
        let mut facts = healthy();
        facts.mx = Observed::Seen(crate::Answer::no_such_name());
        facts.record = Observed::Seen(crate::Answer::no_such_name());
        controls(&mut facts, [None, None], failed(FailureKind::Other));
        let report = judge(&facts);
        assert_eq!(report.findings, []);
        assert_eq!(
            report.readiness.mail_servers,
            ReadyMailServers::Undetermined
        );
        assert_eq!(report.readiness.published, Published::Undetermined);
        assert_eq!(report.readiness.effective_mode, None);
    }
}
