//! What changed on a domain since the last run of `mta-sts watch`: each change is told once.
//!
//! [`compare`] is pure: what was known and what was seen go in, messages and what is known now come
//! out. [`WatchFolder`] saves it between runs.

mod changes;
mod own;
mod reach;
mod store;

use std::collections::BTreeSet;

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::rules::rule;
use mta_sts_core::{
    Area, Change, Domain, EnforceProof, Facts, FailureResult, Finding, Headline, History, Plan,
    Report, ReportedSessions, Severity, StageStatus, code, escaped, judge, plan,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::watch::changes::Published;
use crate::watch::reach::Reach;
use crate::work::Work;

pub use store::WatchFolder;

/// A host name is no longer than this.
const MAX_NAME_CHARS: usize = 253;

/// What is known of a domain after a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// The domain.
    pub domain: Domain,
    /// When it was last checked.
    #[serde(with = "time::serde::rfc3339")]
    pub checked_at: OffsetDateTime,
    /// Whether any run saw where the domain stands. Until then every run is a first one.
    is_begun: bool,
    /// The faults that were told and not seen to be gone.
    faults: Vec<Fault>,
    /// What couldn’t be checked, since everything last could.
    unchecked: BTreeSet<String>,
    /// The policy that senders may have, so that a change without a new id shows.
    known: Option<KnownPolicy>,
    /// The policy and the id that were last seen.
    published: Option<KnownPolicy>,
    /// How long the last fetches of the policy took.
    fetch_millis: Vec<u64>,
    /// What was seen published over time. The window may be closed for long.
    #[serde(flatten)]
    history: History,
    /// The stage of a plan that was told to be due.
    due: Option<Due>,
    /// Failed sessions in the TLS reports, if reports were ever read.
    failed_sessions: Option<Vec<FailedSessions>>,
}

/// A problem, or something that needs attention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fault {
    code: String,
    subject: String,
    severity: Severity,
    /// How far the check got that last found it.
    reach: Reach,
}

/// A stage of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Due {
    change: String,
    stage: String,
}

/// Failed sessions of one kind with one MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FailedSessions {
    result: FailureResult,
    mx: Option<String>,
    sessions: u64,
}

/// What a run saw of a domain.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What the check saw.
    pub facts: &'a Facts,
    /// What the window saved, if it looks after the domain.
    pub work: Option<&'a Work>,
    /// What TLS reports say, if any were to be read.
    pub reports: Option<Reported<'a>>,
    /// What TLS reports say about enforce mode, for a plan that waits for that.
    pub proof: Option<EnforceProof>,
}

/// What TLS reports say of a domain.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// The sessions.
    pub sessions: &'a ReportedSessions,
    /// Whether every file could be read.
    pub is_whole: bool,
}

/// What came of comparing a run with the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Where the domain stands.
    pub headline: Headline,
    /// What changed, the worst first.
    pub messages: Vec<Message>,
    /// Whether everything could be checked.
    pub is_whole: bool,
    /// What is known now. Save it once the messages were delivered.
    pub watched: Watched,
}

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// What it is about.
    pub kind: MessageKind,
    /// The code of the finding, if it is one.
    pub code: Option<&'static str>,
    /// The host, domain or record that it is about. As it came: escape it where it is shown.
    pub subject: Option<String>,
    /// Whether the domain is worse off than at the last run.
    pub worse: bool,
    /// What was seen, in sentences. Safe to show.
    pub text: String,
    /// What to do. Safe to show.
    pub fix: Option<String>,
}

/// The kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// Where the domain stands when it is first watched.
    FirstRun,
    /// A fault that wasn’t there, or that became a problem.
    New,
    /// A fault that is gone.
    WellAgain,
    /// What is published changed.
    Changed,
    /// Something couldn’t be checked. It is neither well nor broken.
    NotChecked,
    /// A stage of a plan can begin.
    Due,
    /// Senders report failures that weren’t there.
    Reports,
}

/// A fault as this run found it.
struct Found {
    code: &'static str,
    subject: String,
    severity: Severity,
    evidence: String,
    fix: String,
}

/// Compares what was seen with what is known from the last run, if there was one.
///
/// What couldn’t be reached changes nothing: a fault stays known until a check that got as far no
/// longer finds it.
#[must_use]
pub fn compare(last: Option<&Watched>, seen: &Seen<'_>) -> Comparison {
    let mut facts = seen.facts.clone();
    let known = last.and_then(|last| last.known.clone());
    let known = known.or_else(|| seen.work.and_then(Work::known_to_senders));
    facts.earlier = known.or(facts.earlier);
    let report = judge(&facts);
    let reach = Reach::of(&facts);

    let fetch_millis = last.map_or(&[][..], |last| &last.fetch_millis);
    let is_known_slow = last.is_some_and(|last| last.knows(own::POLICY_SLOWER));
    let mut found: Vec<Found> = report.findings.iter().filter_map(Found::of).collect();
    if !is_dns_another(&report) {
        found.extend(own::mx_answers_differ(&facts));
        found.extend(own::policy_slower(&facts, fetch_millis, is_known_slow));
    }
    let is_slow = found.iter().any(|it| it.code == own::POLICY_SLOWER);
    let is_whole =
        !facts.cut_short && !report.readiness.is_undetermined() && report.not_checked.is_empty();
    let was_begun = last.is_some_and(|last| last.is_begun);
    let sees_something = (facts.mx.seen().is_some() || facts.record.seen().is_some())
        && !facts.cut_short
        && !is_dns_another(&report);

    let mut history = last.map(|it| it.history.clone()).unwrap_or_default();
    if !is_dns_another(&report) {
        history.note(&facts);
    }
    let mut watched = Watched {
        history,
        domain: facts.domain.clone(),
        checked_at: facts.checked_at,
        is_begun: was_begun || sees_something,
        faults: Vec::new(),
        unchecked: last.map(|it| it.unchecked.clone()).unwrap_or_default(),
        known: facts.known_to_senders(),
        published: last.and_then(|it| it.published.clone()),
        fetch_millis: own::fetch_times(&facts, fetch_millis, is_slow),
        due: last.and_then(|it| it.due.clone()),
        failed_sessions: last.and_then(|it| it.failed_sessions.clone()),
    };
    let mut messages = watched.take_faults(last, found, &report, &facts, &reach);
    messages.extend(seen.reports.iter().flat_map(|it| watched.take_reports(it)));
    if !is_dns_another(&report) {
        messages.extend(watched.take_published(&facts, seen.work, &messages));
    }
    messages.extend(watched.take_unchecked(&report, is_whole));
    if !was_begun {
        let is_news = last.is_none() || watched.is_begun;
        let first = is_news.then(|| watched.first(&report.headline));
        messages = first.into_iter().collect();
    }
    // Without port 25 a plan goes on as far as it can, but not without the DNS.
    let is_published_known = report.readiness.published != mta_sts_core::Published::Undetermined;
    if is_published_known && facts.mx.seen().is_some() && !facts.cut_short {
        messages.extend(watched.take_plan(seen, &facts));
    }
    messages.sort_by_key(|message| (!message.worse, message.kind == MessageKind::WellAgain));
    Comparison {
        headline: report.headline,
        messages,
        is_whole,
        watched,
    }
}

impl Found {
    fn of(finding: &Finding) -> Option<Self> {
        let counts = matches!(finding.severity, Severity::Problem | Severity::Attention);
        counts.then(|| Self {
            code: finding.rule.code,
            subject: finding.subject.name().to_owned(),
            severity: finding.severity,
            evidence: finding.evidence.clone(),
            fix: finding.fix.clone(),
        })
    }

    fn message(self, lead: &str) -> Message {
        let subject = escaped(&self.subject, MAX_NAME_CHARS);
        let title = title(self.code).unwrap_or_default();
        let renewal = match self.code {
            code::CERT_EXPIRES_SOON | code::POLICY_CERT_EXPIRES_SOON => {
                " Automatic renewal seems to have failed."
            }
            _ => "",
        };
        Message {
            kind: MessageKind::New,
            code: rule(self.code).map(|rule| rule.code),
            subject: Some(self.subject),
            worse: true,
            text: format!("{lead}{subject}: {title}. {}{renewal}", self.evidence),
            fix: Some(self.fix),
        }
    }
}

impl Fault {
    fn is(&self, found: &Found) -> bool {
        self.code == found.code && self.subject == found.subject
    }

    /// `None` for a code that an earlier version of this program knew.
    fn well_again(&self) -> Option<Message> {
        let subject = escaped(&self.subject, MAX_NAME_CHARS);
        let title = title(&self.code)?;
        Some(Message {
            kind: MessageKind::WellAgain,
            code: rule(&self.code).map(|rule| rule.code),
            subject: Some(self.subject.clone()),
            worse: false,
            text: format!("Well again at {subject}: it’s no longer true that {title}."),
            fix: None,
        })
    }
}

/// The fault in a few words.
fn title(code: &str) -> Option<&'static str> {
    rule(code).map_or_else(|| own::title(code), |rule| Some(rule.title))
}

impl Watched {
    fn knows(&self, code: &str) -> bool {
        self.faults.iter().any(|fault| fault.code == code)
    }

    fn first(&self, headline: &Headline) -> Message {
        let more = match self.faults.len() {
            0 | 1 => String::new(),
            count => format!(
                " {count} things need attention: mta-sts check {} lists them.",
                self.domain
            ),
        };
        Message {
            kind: MessageKind::FirstRun,
            code: None,
            subject: None,
            worse: false,
            text: headline.text.clone() + &more,
            fix: None,
        }
    }

    /// Takes in the faults: those that are new, those that stay, and those that are gone.
    fn take_faults(
        &mut self,
        last: Option<&Self>,
        found: Vec<Found>,
        report: &Report,
        facts: &Facts,
        reach: &Reach,
    ) -> Vec<Message> {
        let mut messages = Vec::new();
        let told = last.map_or(&[][..], |last| &last.faults);
        for found in found {
            // Two findings of one rule about one host are one fault.
            if self.faults.iter().any(|fault| fault.is(&found)) {
                continue;
            }
            self.faults.push(Fault {
                code: found.code.to_owned(),
                subject: found.subject.clone(),
                severity: found.severity,
                reach: reach.about(found.code, &found.subject),
            });
            match told.iter().find(|fault| fault.is(&found)) {
                None => messages.push(found.message("")),
                Some(fault) if found.severity < fault.severity => {
                    messages.push(found.message("Now a problem: "));
                }
                Some(_) => {}
            }
        }
        for fault in told {
            let is = |code: &str, subject: &str| fault.code == code && fault.subject == subject;
            if self.faults.iter().any(|it| is(&it.code, &it.subject)) {
                continue;
            }
            let mut noted = report.findings.iter();
            if noted.any(|it| is(it.rule.code, it.subject.name())) {
                // It became a mere note.
                continue;
            }
            let mut unclear = report.not_checked.iter();
            let is_unclear = unclear.any(|it| is(it.rule.code, it.subject.name()))
                || is_hidden(&fault.code, report)
                || !reach.shows_gone(fault, facts);
            if is_unclear {
                self.faults.push(fault.clone());
            } else {
                messages.extend(fault.well_again());
            }
        }
        messages
    }

    /// Takes in what couldn’t be checked. It is told once, until everything could be checked again.
    fn take_unchecked(&mut self, report: &Report, is_whole: bool) -> Option<Message> {
        if is_whole {
            self.unchecked.clear();
            return None;
        }
        if report.not_checked.is_empty() {
            // The check was stopped, or ran out of time.
            return self.unchecked.insert(String::new()).then(|| Message {
                kind: MessageKind::NotChecked,
                code: None,
                subject: None,
                worse: false,
                text: report.headline.text.clone(),
                fix: None,
            });
        }
        let entries = report.not_checked.iter();
        let new = entries.filter(|it| self.unchecked.insert(it.subject.name().to_owned()));
        let new: Vec<_> = new.collect();
        let first = new.first()?;
        let more = match new.len() {
            1 => String::new(),
            count => format!(" And {} more.", count - 1),
        };
        let subject = escaped(first.subject.name(), MAX_NAME_CHARS);
        Some(Message {
            kind: MessageKind::NotChecked,
            code: Some(first.rule.code),
            subject: Some(first.subject.name().to_owned()),
            worse: false,
            text: format!(
                "Not everything could be checked. {subject}: {}. {}{more}",
                first.title(),
                first.reason
            ),
            fix: None,
        })
    }

    /// Takes in the policy and the id that are published.
    fn take_published(
        &mut self,
        facts: &Facts,
        work: Option<&Work>,
        told: &[Message],
    ) -> Option<Message> {
        let mut now = facts.published()?;
        let before = self.published.take();
        // A record that is gone or couldn’t be looked up is told otherwise.
        now.id = now.id.or_else(|| before.as_ref()?.id.clone());
        self.published = Some(now.clone());
        let before = before?;
        // Who changes the policy and forgets the id gets a message about that already.
        let is_told = told
            .iter()
            .any(|it| it.kind == MessageKind::New && it.code == Some(code::RECORD_ID_NOT_BUMPED));
        let change = Published::new(&before, &now)?;
        (!is_told).then(|| change.message(&facts.domain, work))
    }

    /// Takes in the failures in TLS reports.
    fn take_reports(&mut self, reported: &Reported<'_>) -> Vec<Message> {
        let known = self.failed_sessions.take();
        let known_of = |result: &FailureResult, mx: &Option<String>| {
            let mut all = known.iter().flatten();
            all.find(|it| it.result == *result && it.mx == *mx)
                .map_or(0, |it| it.sessions)
        };
        let mut messages = Vec::new();
        let mut failed = Vec::new();
        for failure in &reported.sessions.failures {
            let before = known_of(&failure.result, &failure.mx);
            let grown = failure.sessions.saturating_sub(before);
            if known.is_some() && grown > 0 {
                messages.push(changes::grown(failure, grown));
            }
            // What couldn’t be read this time isn’t new when it can be read again.
            let floor = if reported.is_whole { 0 } else { before };
            failed.push(FailedSessions {
                result: failure.result.clone(),
                mx: failure.mx.clone(),
                sessions: failure.sessions.max(floor),
            });
        }
        if !reported.is_whole {
            let is_listed = |it: &FailedSessions| {
                failed
                    .iter()
                    .any(|at| at.result == it.result && at.mx == it.mx)
            };
            let unlisted = known.iter().flatten().filter(|it| !is_listed(it));
            let unlisted: Vec<_> = unlisted.cloned().collect();
            failed.extend(unlisted);
        }
        self.failed_sessions = Some(failed);
        messages
    }

    /// Takes in the plan that the person follows in the window. Each stage is told once.
    fn take_plan(&mut self, seen: &Seen<'_>, facts: &Facts) -> Option<Message> {
        let followed = seen.work.and_then(|work| Some((work, work.plan.clone()?)));
        let Some((work, mut change)) = followed else {
            self.due = None;
            return None;
        };
        if let Change::Enforce { reports } = &mut change {
            *reports = seen.proof;
        }
        let mut history = work.history.clone();
        history.merge(&self.history);
        let plan: Plan = plan(&change, facts, &history, facts.checked_at);
        let stage = plan.current()?;
        let due = Due {
            change: change.name().to_owned(),
            stage: stage.id.to_owned(),
        };
        let is_told = self.due.as_ref() == Some(&due);
        match stage.status {
            StageStatus::Open if !is_told => {
                self.due = Some(due);
                Some(Message {
                    kind: MessageKind::Due,
                    code: None,
                    subject: None,
                    worse: false,
                    text: format!("Due: {}.", escaped(&stage.title, 500)),
                    fix: None,
                })
            }
            // A stage that is blocked may be so only because something couldn’t be checked.
            StageStatus::Open | StageStatus::Blocked if is_told => None,
            _ => {
                self.due = None;
                None
            }
        }
    }
}

/// Whether this network is in the way of what the rule looks at.
fn is_hidden(code: &str, report: &Report) -> bool {
    let is_of_port_25 =
        rule(code).is_some_and(|it| matches!(it.area, Area::Smtp | Area::Tls | Area::Certificate));
    let in_the_way = [
        code::PORT_25_BLOCKED_HERE,
        code::MAIL_INTERCEPTED_HERE,
        code::STARTTLS_STRIPPED_HERE,
    ];
    is_dns_another(report) || is_of_port_25 && in_the_way.iter().any(|it| says(report, it))
}

/// Whether this network’s DNS isn’t that of the internet.
fn is_dns_another(report: &Report) -> bool {
    says(report, code::DNS_INTERCEPTED_HERE) || says(report, code::DNS_ANSWERS_DIFFER_HERE)
}

fn says(report: &Report, code: &str) -> bool {
    report.not_checked.iter().any(|it| it.rule.code == code)
}

#[cfg(test)]
mod tests;
