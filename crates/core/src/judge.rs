//! From facts to report: runs every rule and weighs what they found.

use std::net::IpAddr;

use crate::facts::{Facts, FailureKind, Family, MailServer, Observed, Session};
use crate::report::headline::headline;
use crate::report::{Published, Readiness, ReadyMailServers, Report};
use crate::rules;
use crate::rules::case::Case;
use crate::rules::finding::{Area, Finding, Findings, NotChecked, Rule, Severity};
use crate::text::policy::Mode;
use crate::text::sts_record::StsSelection;

/// Judges facts. Total: any facts give a report, and the same facts the same report.
#[must_use]
pub fn judge(facts: &Facts) -> Report {
    let case = Case::of(facts);
    let (findings, not_checked) = run_rules(&case, |_| true);
    let readiness = if dns_is_intercepted(&case) {
        Readiness {
            mail_servers: ReadyMailServers::Undetermined,
            published: Published::Undetermined,
            effective_mode: None,
        }
    } else {
        Readiness {
            mail_servers: mail_servers(&case, &findings, &not_checked),
            published: published(&case, &findings, &not_checked),
            effective_mode: effective_mode(&case, &findings),
        }
    };
    let mut report = Report::new(&case, readiness, findings, not_checked);
    report.headline = headline(&report, &case);
    report
}

/// What the rules of a subset find, for whoever has facts about a part of a domain only.
pub(crate) fn run(facts: &Facts, subset: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    run_rules(&Case::of(facts), subset).0
}

fn run_rules(case: &Case<'_>, subset: impl Fn(&Rule) -> bool) -> (Vec<Finding>, Vec<NotChecked>) {
    let (mut found, mut not_checked) = (Vec::new(), Vec::new());
    for rule in rules::all().filter(|rule| subset(rule)) {
        let mut findings = Findings::of(rule);
        (rule.check)(case, &mut findings);
        found.append(&mut findings.found);
        not_checked.append(&mut findings.not_checked);
    }
    if dns_is_intercepted(case) {
        // Nothing that such a network says is about the domain.
        found.clear();
    } else if intercepted(case) {
        // What a device on the way says is not what the mail servers say.
        found.retain(|finding| {
            !matches!(
                finding.rule.area,
                Area::Smtp | Area::Tls | Area::Certificate
            )
        });
    }
    if case.facts.nothing_published() && case.facts.written.is_none() {
        // Without an MTA-STS record no sender looks at the policy host; a wildcard address is enough
        // for one to exist. What is wrong there is worth a note until something is published.
        for finding in &mut found {
            if matches!(finding.rule.area, Area::PolicyHost | Area::PolicyFile) {
                finding.severity = finding.severity.max(Severity::Note);
            }
        }
    }
    // Stable: within a severity the rules' own order, which follows the way of a message.
    found.sort_by_key(|finding| finding.severity);
    (found, not_checked)
}

fn dns_is_intercepted(case: &Case<'_>) -> bool {
    let controls = case.facts.controls.seen();
    controls.is_some_and(|controls| controls.dns_interception().is_some())
}

fn intercepted(case: &Case<'_>) -> bool {
    let controls = case.facts.controls.seen();
    controls.is_some_and(|controls| controls.interception().is_some())
}

/// The MX half alone: what must be right before a policy in enforce mode is published.
fn mail_servers(
    case: &Case<'_>,
    findings: &[Finding],
    not_checked: &[NotChecked],
) -> ReadyMailServers {
    if case.facts.takes_no_mail() {
        return ReadyMailServers::NoMail;
    }
    let worst = worst(findings, Area::is_mail_servers);
    // Rules about look-ups speak of mail servers and of published names alike; the name tells which.
    let doubt = case.facts.mx.seen().is_none()
        || not_checked.iter().any(|entry| {
            entry.rule.area.is_mail_servers()
                && !entry.subject.is_published()
                && !is_for_want_of_ipv6(case, entry.subject.name())
        })
        || !every_mail_server_was_seen(case, findings);
    match worst {
        Some(Severity::Problem) => ReadyMailServers::NotReady,
        _ if doubt => ReadyMailServers::Undetermined,
        Some(Severity::Attention) => ReadyMailServers::Attention,
        _ => ReadyMailServers::Ready,
    }
}

/// Silence is not proof: each MX host needs a whole session, or a finding that says what it lacks.
fn every_mail_server_was_seen(case: &Case<'_>, findings: &[Finding]) -> bool {
    case.mail_servers().all(|server| {
        let told = || {
            findings.iter().any(|finding| {
                finding.rule.area.is_mail_servers() && finding.subject.name() == server.host
            })
        };
        let whole = server.addresses().next().is_some()
            && server
                .addresses()
                .all(|ip| session_at(server, ip).is_some_and(Session::is_complete));
        whole || told() || lacks_only_ipv6(case, server)
    })
}

/// A machine without IPv6, or in a network that closes port 25 over IPv6 alone, cannot try an IPv6
/// address. Where the same host was seen whole over IPv4, that is worth a line, and no doubt about
/// the host.
fn is_for_want_of_ipv6(case: &Case<'_>, subject: &str) -> bool {
    case.mail_servers()
        .any(|server| server.host == subject && lacks_only_ipv6(case, server))
}

fn lacks_only_ipv6(case: &Case<'_>, server: &MailServer) -> bool {
    let controls = case.facts.controls.seen();
    let is_closed = controls.is_some_and(|controls| controls.block(Family::Ipv6).is_some());
    let mut over_ipv4 = false;
    server.addresses().all(|ip| {
        session_at(server, ip).is_some_and(|session| {
            let whole = session.is_complete();
            over_ipv4 |= whole && ip.is_ipv4();
            whole
                || ip.is_ipv6()
                    && session.connected.failed().is_some_and(|failure| {
                        is_closed || failure.kind == FailureKind::Unreachable
                    })
        })
    }) && over_ipv4
}

fn session_at(server: &MailServer, ip: IpAddr) -> Option<&Session> {
    server.sessions.iter().find(|session| session.ip == ip)
}

/// Record, policy, and their fit with the live MX hosts.
fn published(case: &Case<'_>, findings: &[Finding], not_checked: &[NotChecked]) -> Published {
    let facts = case.facts;
    if facts.nothing_published() {
        return Published::None;
    }
    let asked = facts.record.seen().is_some() && facts.policy_host.seen().is_some();
    let answered = asked && !matches!(facts.policy, Observed::NotAsked);
    let doubt = not_checked
        .iter()
        .any(|entry| !entry.rule.area.is_mail_servers() || entry.subject.is_published());
    match worst(findings, |area| !area.is_mail_servers()) {
        Some(Severity::Problem) => Published::Broken,
        _ if doubt || !answered => Published::Undetermined,
        Some(Severity::Attention) => Published::Attention,
        _ => Published::Ok,
    }
}

fn worst(findings: &[Finding], counts: impl Fn(Area) -> bool) -> Option<Severity> {
    findings
        .iter()
        .filter(|finding| counts(finding.rule.area))
        .map(|finding| finding.severity)
        .min()
}

/// What a sender without a cached policy would apply, where it would not ignore the policy.
fn effective_mode(case: &Case<'_>, findings: &[Finding]) -> Option<Mode> {
    let record_holds =
        matches!(&case.record, Some(StsSelection::One(reading)) if reading.record.is_some());
    let host_fails = findings.iter().any(|finding| {
        finding.rule.area == Area::PolicyHost && finding.severity == Severity::Problem
    });
    let chain_seen = case
        .facts
        .policy
        .seen()
        .is_some_and(|fetch| fetch.chain.seen().is_some());
    let whole = case.response().is_some_and(|response| !response.too_large);
    let policy = case.policy.as_ref()?.policy.as_ref()?;
    (record_holds && chain_seen && whole && !host_fails).then_some(policy.mode())
}
