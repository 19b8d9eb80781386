//! Where a domain stands, in one line: the first thing that the window, the command and the report
//! say. It is as bad as the worse of the two halves, mail servers and publication.

use crate::code;
use crate::facts::{Controls, FailureKind};
use crate::report::delivery::Delivery;
use crate::report::{Headline, Published, ReadyMailServers, Report};
use crate::rules::case::Case;
use crate::rules::finding::{Area, Finding, Severity};
use crate::text::escape::escaped;
use crate::text::policy::Mode;

/// Whether senders that enforce the published policy refuse mail now (RFC 8461 5): such a sender
/// passes over each mail server that fails the policy, and delivers to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The mail servers that are passed over.
    pub refused: Vec<String>,
    /// Those that still receive.
    pub usable: Vec<String>,
    /// Those of which nothing is known.
    pub unknown: Vec<String>,
    /// Why the first of them is passed over, in a sentence.
    pub because: String,
}

impl Refusal {
    /// Whether no mail server is left that is known to receive, or may.
    #[must_use]
    pub fn is_of_all_mail(&self) -> bool {
        self.usable.is_empty() && self.unknown.is_empty()
    }
}

impl Report {
    /// What is refused now; `None` where nothing is, or where the policy is not enforced.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        if self.readiness.effective_mode != Some(Mode::Enforce) {
            return None;
        }
        let hosts = |delivery: Delivery| -> Vec<String> {
            let hosts = self.delivery.iter();
            let hosts = hosts.filter(|host| host.enforce.delivery == delivery);
            hosts.map(|host| escaped(&host.host, 253)).collect()
        };
        let is_refused = |host: &&crate::HostDelivery| host.enforce.delivery == Delivery::Refused;
        let first = self.delivery.iter().find(is_refused)?;
        Some(Refusal {
            refused: hosts(Delivery::Refused),
            usable: hosts(Delivery::Delivered),
            unknown: hosts(Delivery::Unknown),
            because: first.enforce.because.clone(),
        })
    }

    /// Whether a rule reported a fault, or could not decide.
    fn mentions(&self, code: &str) -> bool {
        let findings = self.findings.iter().map(|finding| finding.rule);
        let not_checked = self.not_checked.iter().map(|entry| entry.rule);
        findings.chain(not_checked).any(|rule| rule.code == code)
    }

    fn worst_of(&self, counts: impl Fn(Area) -> bool) -> Option<&Finding> {
        let mut findings = self.findings.iter();
        findings.find(|it| counts(it.rule.area) && it.severity <= Severity::Attention)
    }
}

/// The headline of a report.
pub(crate) fn headline(report: &Report, case: &Case<'_>) -> Headline {
    let domain = report.domain.to_unicode();
    unreachable(report, case, &domain)
        .or_else(|| unusable_domain(report, &domain))
        .or_else(|| refused(report, &domain))
        .or_else(|| down(report, &domain))
        .or_else(|| seen_otherwise(report, &domain))
        .or_else(|| stopped(report, case, &domain))
        .unwrap_or_else(|| published(report, &domain))
}

fn line(severity: impl Into<Option<Severity>>, text: String) -> Headline {
    Headline {
        severity: severity.into(),
        text,
    }
}

/// This network has its own view of the domain, and what is wrong with the public one is not known.
fn seen_otherwise(report: &Report, domain: &str) -> Option<Headline> {
    let is_fine = report.worst_of(|_| true).is_none();
    (is_fine && report.mentions(code::DNS_ANSWERS_DIFFER_HERE)).then(|| {
        let text = format!(
            "{domain} couldn’t be checked from here: this network’s DNS gives other addresses than \
             the public one. Check from another network."
        );
        line(Severity::NotChecked, text)
    })
}

/// This computer or its network is in the way of everything.
fn unreachable(report: &Report, case: &Case<'_>, domain: &str) -> Option<Headline> {
    if report.mentions(code::DNS_INTERCEPTED_HERE) {
        let text = format!(
            "{domain} couldn’t be checked: this network answers DNS questions itself. Sign in to \
             it, or use another network."
        );
        return Some(line(Severity::NotChecked, text));
    }
    let is_silent = case.facts.mx.failed().is_some() && case.facts.record.failed().is_some();
    let controls = case.facts.controls.seen();
    let is_offline = controls.is_some_and(Controls::offline);
    if is_silent && !is_offline && !report.mentions(code::DNSSEC_BROKEN) {
        let text = format!("We couldn’t look up {domain}: the DNS didn’t answer.");
        return Some(line(Severity::NotChecked, text));
    }
    let no_answer = case.facts.mx.failed().is_some_and(|failure| {
        matches!(
            failure.kind,
            FailureKind::TimedOut | FailureKind::Unreachable | FailureKind::Refused
        )
    });
    (is_offline && no_answer).then(|| {
        let text = format!(
            "This computer is offline, so {domain} couldn’t be checked. Connect to the internet \
             and check again."
        );
        line(Severity::NotChecked, text)
    })
}

/// There is no mail that a policy could protect.
fn unusable_domain(report: &Report, domain: &str) -> Option<Headline> {
    let problem = |text| Some(line(Severity::Problem, text));
    if report.mentions(code::DOMAIN_NOT_FOUND) {
        return problem(format!(
            "The domain {domain} doesn’t exist. Is it spelled correctly?"
        ));
    }
    if report.readiness.mail_servers == ReadyMailServers::NoMail {
        let text = format!("{domain} doesn’t receive mail, so there is nothing to protect.");
        return Some(line(None, text));
    }
    if report.mentions(code::DNSSEC_BROKEN) {
        return problem(format!(
            "The DNSSEC signatures of {domain} are broken, so many senders can’t find it at all. \
             Fix that first."
        ));
    }
    if report.mentions(code::MX_NONE) {
        return problem(format!("{domain} has no mail server (no MX record)."));
    }
    None
}

/// Mail is refused now.
fn refused(report: &Report, domain: &str) -> Option<Headline> {
    let refusal = report.refusal()?;
    let because = clause(&refusal.because);
    let (refused, all) = (refusal.refused.len(), report.delivery.len());
    let text = if refusal.is_of_all_mail() {
        let more = match refused {
            1 => String::new(),
            _ => format!(" None of its {refused} mail servers passes."),
        };
        format!("Mail to {domain} is being refused right now: {because}.{more}")
    } else {
        let which = match refused {
            1 => format!("one of the {all} mail servers"),
            _ => format!("{refused} of the {all} mail servers"),
        };
        let rest = match refusal.usable.as_slice() {
            [] => "We couldn’t check whether mail arrives through the others.".to_owned(),
            [host] => format!("Mail can still arrive through {host}."),
            [host, ..] => {
                let others = refusal.usable.len() - 1;
                format!("Mail can still arrive through {host} and {others} more.")
            }
        };
        format!("Senders won’t deliver to {which} of {domain} right now: {because}. {rest}")
    };
    Some(line(Severity::Problem, text))
}

/// No mail server speaks SMTP to anybody.
fn down(report: &Report, domain: &str) -> Option<Headline> {
    let is_down = |finding: &&Finding| {
        let code = finding.rule.code;
        finding.severity == Severity::Problem
            && (code == code::MX_UNREACHABLE || code == code::SMTP_GARBLED)
    };
    let down = || report.findings.iter().filter(is_down);
    let first = down().next()?;
    let all = report.mail_servers.iter();
    let none_is_left = all
        .map(|server| server.host.as_str())
        .all(|host| down().any(|finding| finding.subject.name() == host));
    none_is_left.then(|| {
        let text = format!(
            "No mail reaches {domain} right now: {}.",
            about(first, report)
        );
        line(Severity::Problem, text)
    })
}

/// The person stopped the check.
fn stopped(report: &Report, case: &Case<'_>, domain: &str) -> Option<Headline> {
    (case.facts.cut_short && report.readiness.is_undetermined()).then(|| {
        let text = format!(
            "The check of {domain} was stopped before it ended. Check again for the whole result."
        );
        line(Severity::NotChecked, text)
    })
}

/// What is published, and what keeps it from being right.
fn published(report: &Report, domain: &str) -> Headline {
    let readiness = report.readiness;
    let of_mail = |area: Area| area.is_mail_servers();
    let of_publication = |area: Area| !area.is_mail_servers();
    let mail_servers = || mail_servers(report);
    match (readiness.published, readiness.effective_mode) {
        (Published::None, _) => {
            let (severity, text) = mail_servers();
            // Not being set up is not all right, but it is no fault.
            let severity = severity.unwrap_or(Severity::Attention);
            line(
                severity,
                format!("MTA-STS isn’t set up for {domain}. {text}"),
            )
        }
        (Published::Broken, None) => {
            let fault = report.worst_of(of_publication);
            let why = fault.map_or_else(String::new, |it| format!(": {}", it.rule.title));
            let who = match fault.map(|it| it.rule.code) {
                // Those that use IPv4 can still fetch it.
                Some(code::POLICY_IPV6_BROKEN) => "some senders can’t fetch it",
                Some(code::RECORD_SPACE_BEFORE_SEMICOLON) => "most senders ignore it",
                _ => "senders ignore it",
            };
            let text = format!("MTA-STS is published for {domain}, but {who}{why}.");
            line(Severity::Problem, text)
        }
        (_, Some(Mode::None)) => {
            let text = format!("MTA-STS is switched off for {domain} by its policy.");
            let severity = report.worst_of(of_publication).map(|it| it.severity);
            line(severity.unwrap_or(Severity::Attention), text)
        }
        (Published::Undetermined, None) => line(
            Severity::NotChecked,
            format!("We couldn’t check everything that is published for {domain}."),
        ),
        (_, None) => {
            let fault = report.worst_of(of_publication);
            let why = fault.map_or_else(String::new, |it| format!(": {}", it.rule.title));
            let text =
                format!("MTA-STS is published for {domain}, but some senders ignore it{why}.");
            line(Severity::Attention, text)
        }
        (published, Some(mode)) => {
            let lead = match mode {
                Mode::Enforce if readiness.is_undetermined() || !all_receive(report) => {
                    format!("MTA-STS is enforced for {domain}")
                }
                Mode::Enforce => format!("{domain} is protected: MTA-STS is enforced"),
                _ => format!("Testing mode is on for {domain}"),
            };
            let close = match mode {
                Mode::Enforce => "",
                _ => " Senders that follow the standard refuse nothing yet.",
            };
            let halves = [report.worst_of(of_publication), report.worst_of(of_mail)];
            let worst = halves.into_iter().flatten().min_by_key(|it| it.severity);
            match worst {
                Some(finding) if finding.severity == Severity::Problem => {
                    let about = about(finding, report);
                    let text = match mode {
                        Mode::Enforce => {
                            format!(
                                "MTA-STS is enforced for {domain}, but there is a problem: {about}."
                            )
                        }
                        _ => format!("{lead}.{close} Fix this before you enforce it: {about}."),
                    };
                    line(Severity::Problem, text)
                }
                _ if readiness.is_undetermined() => {
                    let (severity, text) = if published == Published::Undetermined {
                        (
                            None,
                            "We couldn’t check everything that is published.".to_owned(),
                        )
                    } else {
                        mail_servers()
                    };
                    let severity = severity.unwrap_or(Severity::NotChecked);
                    line(severity, format!("{lead}.{close} {text}"))
                }
                Some(finding) => {
                    let text = format!("{lead}, but {}.{close}", attention(report, finding));
                    line(Severity::Attention, text)
                }
                None => line(None, format!("{lead}.{close}")),
            }
        }
    }
}

/// Whether every sender that enforces the policy delivers to every mail server.
fn all_receive(report: &Report) -> bool {
    let mut hosts = report.delivery.iter();
    hosts.all(|host| host.enforce.delivery == Delivery::Delivered)
}

/// The mail servers alone, as what follows on another sentence.
fn mail_servers(report: &Report) -> (Option<Severity>, String) {
    let first = report.worst_of(Area::is_mail_servers);
    match report.readiness.mail_servers {
        ReadyMailServers::NotReady => {
            let fault = first.map_or_else(String::new, |it| format!(": {}", about(it, report)));
            let text = format!("Its mail servers aren’t ready for enforce mode{fault}.");
            (Some(Severity::Problem), text)
        }
        ReadyMailServers::Undetermined if report.mentions(code::PORT_25_BLOCKED_HERE) => {
            let text = "We couldn’t reach its mail servers from here: this network blocks port 25.";
            (Some(Severity::NotChecked), text.to_owned())
        }
        ReadyMailServers::Undetermined if report.mentions(code::MAIL_INTERCEPTED_HERE) => {
            let text = "We couldn’t check its mail servers: this network intercepts mail \
                        connections.";
            (Some(Severity::NotChecked), text.to_owned())
        }
        ReadyMailServers::Undetermined => {
            let text = "We couldn’t finish checking its mail servers.";
            (Some(Severity::NotChecked), text.to_owned())
        }
        ReadyMailServers::Attention => {
            let what = first.map_or_else(String::new, |it| attention(report, it));
            let text = format!("Its mail servers are ready for it, but {what}.");
            (Some(Severity::Attention), text)
        }
        ReadyMailServers::Ready | ReadyMailServers::NoMail => {
            (None, "Its mail servers are ready for it.".to_owned())
        }
    }
}

/// A fault as a clause, with the mail server that has it where there are several.
fn about(finding: &Finding, report: &Report) -> String {
    let mut hosts = report.mail_servers.iter();
    if hosts.any(|server| server.host == finding.subject.name()) {
        format!(
            "{}: {}",
            escaped(finding.subject.name(), 253),
            finding.rule.title
        )
    } else {
        finding.rule.title.to_owned()
    }
}

/// What is worth attention, as a clause: by its name where it is one thing.
fn attention(report: &Report, first: &Finding) -> String {
    let mut codes: Vec<&str> = report
        .findings
        .iter()
        .filter(|it| it.severity == Severity::Attention)
        .map(|it| it.rule.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    match codes.len() {
        0 | 1 => format!("one thing needs your attention: {}", first.rule.title),
        count => format!("{count} things need your attention"),
    }
}

/// A sentence as what follows a colon: without its dot, and small where it does not begin with a
/// name.
fn clause(text: &str) -> String {
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if letters.next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::facts::{Answer, Facts, Observed, Session};
    use crate::judge::judge;
    use crate::rules::testing::{failed, healthy, leaf, port_25_blocked, response, seen, session};

    fn of(change: impl FnOnce(&mut Facts)) -> Headline {
        let mut facts = healthy();
        change(&mut facts);
        judge(&facts).headline
    }

    #[track_caller]
    fn assert_says(headline: &Headline, severity: Option<Severity>, text: &str) {
        assert_eq!(headline.severity, severity, "{headline:?}");
        assert!(headline.text.contains(text), "{headline:?}");
        assert!(headline.text.contains("example.com"), "{headline:?}");
        assert!(headline.text.ends_with(['.', '?']), "{headline:?}");
    }

    fn testing(facts: &mut Facts) {
        let body = &mut response(facts).body.0;
        *body = String::from_utf8_lossy(body)
            .replace("enforce", "testing")
            .into_bytes();
    }

    fn unpublished(facts: &mut Facts) {
        facts.record = Observed::Seen(Answer::no_such_name());
        facts.policy_host = Observed::Seen(Answer::no_such_name());
        facts.policy = Observed::NotAsked;
    }

    fn expired(facts: &mut Facts, server: usize) {
        leaf(facts, server).not_after = facts.checked_at - Duration::days(1);
    }

    #[test]
    fn a_right_domain_is_told_so() {
        let text = "example.com is protected: MTA-STS is enforced.";
        assert_says(&of(|_| ()), None, text);
        assert_says(&of(testing), None, "Testing mode is on for example.com.");
        assert_says(
            &of(unpublished),
            Some(Severity::Attention),
            "are ready for it",
        );
    }

    #[test]
    fn mail_that_is_refused_comes_first_and_names_server_and_cause() {
        let all = of(|facts| {
            expired(facts, 0);
            expired(facts, 1);
        });
        let problem = Some(Severity::Problem);
        assert_says(
            &all,
            problem,
            "Mail to example.com is being refused right now: mx1",
        );
        assert_says(&all, problem, "22 November 2026");
        assert_says(&all, problem, "None of its 2 mail servers passes.");
        let part = of(|facts| expired(facts, 0));
        assert_says(&part, problem, "won’t deliver to one of the 2 mail servers");
        assert_says(
            &part,
            problem,
            "Mail can still arrive through mx2.example.com.",
        );
        let unlisted = of(|facts| {
            let body = &mut response(facts).body.0;
            *body = String::from_utf8_lossy(body)
                .replace("mx1.", "old.")
                .into_bytes();
        });
        assert_says(&unlisted, problem, "mx1.example.com");
    }

    #[test]
    fn what_nobody_enforces_refuses_nothing() {
        let headline = of(|facts| {
            testing(facts);
            expired(facts, 0);
        });
        let text = "Fix this before you enforce it: mx1.example.com: ";
        assert_says(&headline, Some(Severity::Problem), text);
        let headline = of(|facts| {
            unpublished(facts);
            expired(facts, 0);
        });
        let text = "Its mail servers aren’t ready for enforce mode: mx1.example.com: ";
        assert_says(&headline, Some(Severity::Problem), text);
    }

    #[test]
    fn a_policy_that_senders_ignore_protects_nobody() {
        let headline = of(|facts| facts.record = Observed::Seen(Answer::no_such_name()));
        let text = "senders ignore it: ";
        assert_says(&headline, Some(Severity::Problem), text);
    }

    #[test]
    fn a_policy_that_works_with_a_blemish_does_not_pass_for_right() {
        let headline = of(|facts| response(facts).content_type = Some("text/html".into()));
        let text = "but one thing needs your attention: ";
        assert_says(&headline, Some(Severity::Attention), text);
    }

    #[test]
    fn a_domain_without_mail_is_told_before_anything_else() {
        let headline = of(|facts| facts.mx = Observed::Seen(Answer::no_such_name()));
        assert_says(&headline, Some(Severity::Problem), "doesn’t exist");
        let headline = of(|facts| {
            facts.mx = Observed::Seen(Answer::no_data());
            facts.domain_addresses = Observed::Seen(Answer::no_data());
            facts.mail_servers.clear();
        });
        assert_says(&headline, Some(Severity::Problem), "no mail server");
        let headline = of(|facts| facts.mx = failed(FailureKind::DnssecBroken));
        assert_says(&headline, Some(Severity::Problem), "DNSSEC");
    }

    #[test]
    fn what_was_not_reached_is_no_fault() {
        let not_checked = Some(Severity::NotChecked);
        let silent = |facts: &mut Facts, server| {
            let ip = session(facts, server).ip;
            *session(facts, server) = Session {
                connected: failed(FailureKind::TimedOut),
                ..Session::to(ip)
            };
        };
        let headline = of(|facts| silent(facts, 0));
        assert_says(&headline, not_checked, "We couldn’t finish checking");
        let headline = of(|facts| {
            silent(facts, 0);
            silent(facts, 1);
            port_25_blocked(facts);
        });
        assert_says(&headline, not_checked, "this network blocks port 25");
        let headline = of(|facts| {
            silent(facts, 0);
            silent(facts, 1);
            port_25_blocked(facts);
            facts.mx = failed(FailureKind::TimedOut);
            facts.policy = failed(FailureKind::TimedOut);
            seen(&mut facts.controls).web = failed(FailureKind::TimedOut);
        });
        assert_says(&headline, not_checked, "This computer is offline");
    }

    #[test]
    fn a_sentence_becomes_a_clause() {
        assert_eq!(clause("No line matches."), "no line matches");
        assert_eq!(
            clause("mx1.example.com is late."),
            "mx1.example.com is late"
        );
        assert_eq!(clause("TLS is old."), "TLS is old");
    }
}
