//! `dnssec-broken`: a resolver has the answer but withholds it, because the zone's DNSSEC
//! signatures are broken.

use crate::facts::{Facts, FailureKind, ProbeFailure};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: DNSSEC_BROKEN,
    severity: Problem,
    title: "DNS signatures are broken, so resolvers withhold answers",
    page: "dnssec_broken.md",
    check,
}

/// How many names to list in a sentence.
const MAX_NAMES: usize = 6;

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let apex = facts
        .zone
        .seen()
        .map_or(facts.domain.as_str(), |zone| zone.apex.as_str());
    let (in_the_zone, elsewhere): (Vec<Withheld<'_>>, Vec<Withheld<'_>>) = withheld(facts)
        .into_iter()
        .partition(|withheld| is_within(withheld.subject.name(), apex));
    if !in_the_zone.is_empty() {
        let fix = format!(
            "Ask whoever hosts the DNS of {} to sign the zone again. Until that works, have the DS \
             record of {0} removed at the registrar. Without it, nobody checks the signatures.",
            shown(apex)
        );
        report(findings, &in_the_zone, fix);
    }
    for other in &elsewhere {
        let fix = format!(
            "Tell whoever runs {} to have its zone signed again, or the zone’s DS record removed \
             at the registrar until that works.",
            shown(other.subject.name())
        );
        report(findings, std::slice::from_ref(other), fix);
    }
}

/// A name whose answers are withheld.
struct Withheld<'a> {
    subject: Subject,
    /// What was looked up there.
    records: Vec<&'static str>,
    failure: &'a ProbeFailure,
}

/// All such names, in the order a message needs them. A fault of their zone is reported for the
/// first.
fn withheld<'a>(facts: &'a Facts) -> Vec<Withheld<'a>> {
    let mut all: Vec<Withheld<'a>> = Vec::new();
    let mut ask = |subject: Subject, records: &'static str, failure: Option<&'a ProbeFailure>| {
        let Some(failure) = failure.filter(|failure| failure.kind == FailureKind::DnssecBroken)
        else {
            return;
        };
        match all.iter_mut().find(|known| known.subject == subject) {
            Some(known) => known.records.push(records),
            None => all.push(Withheld {
                subject,
                records: vec![records],
                failure,
            }),
        }
    };
    let domain = &facts.domain;
    ask(Subject::domain(domain), "MX records", facts.mx.failed());
    ask(
        Subject::domain(domain),
        "addresses",
        facts.domain_addresses.failed(),
    );
    ask(Subject::domain(domain), "name servers", facts.zone.failed());
    for server in &facts.mail_servers {
        let addresses = server.ipv4.failed().or(server.ipv6.failed());
        ask(Subject::mail_server(&server.host), "addresses", addresses);
        ask(
            Subject::mail_server(&server.host),
            "TLSA records",
            server.tlsa.failed(),
        );
    }
    let (record, tls_rpt) = (&facts.record, &facts.tls_rpt);
    ask(Subject::record(domain), "TXT records", record.failed());
    ask(
        Subject::tls_rpt_record(domain),
        "TXT records",
        tls_rpt.failed(),
    );
    ask(
        Subject::policy_host(domain),
        "addresses",
        facts.policy_host.failed(),
    );
    all
}

fn is_within(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn report(findings: &mut Findings, withheld: &[Withheld<'_>], fix: String) {
    let Some(first) = withheld.first() else {
        return;
    };
    let mut asked: Vec<String> = withheld
        .iter()
        .take(MAX_NAMES)
        .map(|withheld| {
            let name = shown(withheld.subject.name());
            format!("the {} of {name}", in_words(&withheld.records))
        })
        .collect();
    if withheld.len() > MAX_NAMES {
        asked.push(format!("{} more", withheld.len() - MAX_NAMES));
    }
    let evidence = format!(
        "When asked for {}, the resolver reported a failure: {}. Senders that check signatures see \
         none of this.",
        in_words(asked),
        first.failure
    );
    findings.report(first.subject.clone(), evidence, fix);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{assert_has, failed, fires, run, seen, silent, unseen};

    #[test]
    fn all_names_of_one_zone_are_one_finding() {
        let finding = fires(&RULE, |facts| {
            facts.mx = failed(FailureKind::DnssecBroken);
            facts.domain_addresses = failed(FailureKind::DnssecBroken);
            facts.mail_servers.clear();
            facts.record = failed(FailureKind::DnssecBroken);
            facts.policy_host = failed(FailureKind::DnssecBroken);
            facts.zone = Observed::NotAsked;
        });
        assert_eq!(finding.subject, "example.com");
        assert_has(
            &finding.evidence,
            "the MX records and addresses of example.com, the TXT records of _mta-sts.example.com \
             and the addresses of mta-sts.example.com",
        );
        assert_has(&finding.fix, "the DS record of example.com");
    }

    #[test]
    fn the_zone_may_begin_above_the_domain() {
        let finding = fires(&RULE, |facts| {
            seen(&mut facts.zone).apex = "com".into();
            facts.tls_rpt = failed(FailureKind::DnssecBroken);
        });
        assert_eq!(finding.subject, "_smtp._tls.example.com");
        assert_has(&finding.fix, "the DNS of com to sign");
    }

    #[test]
    fn a_mail_server_in_another_zone_is_a_finding_of_its_own() {
        let findings = run(&RULE, |facts| {
            facts.mail_servers[0].host = "mx.notexample.com".into();
            facts.mail_servers[0].ipv4 = failed(FailureKind::DnssecBroken);
            facts.mail_servers[0].ipv6 = failed(FailureKind::DnssecBroken);
            facts.mx = failed(FailureKind::DnssecBroken);
        });
        let subjects: Vec<_> = findings
            .found
            .iter()
            .map(|finding| finding.subject.name())
            .collect();
        assert_eq!(subjects, ["example.com", "mx.notexample.com"]);
        assert_has(
            &findings.found[1].fix,
            "Tell whoever runs mx.notexample.com",
        );
    }

    #[test]
    fn a_failure_of_another_kind_is_told_by_another_rule() {
        silent(&RULE, |facts| {
            facts.mx = failed(FailureKind::ServFail);
            facts.record = failed(FailureKind::TimedOut);
        });
    }

    #[test]
    fn what_was_not_asked_is_not_broken() {
        unseen(&RULE, |facts| {
            facts.mx = Observed::NotAsked;
            facts.record = Observed::NotAsked;
        });
    }
}
