//! What follows from the inputs, worked out once after each change.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_sts_core::{
    Artifact, DnsHost, DnsHosting, Domain, ExplainedBounce, Hosting, HostingAdvice, Mode, Plan,
    PolicyReading, Progress, Publication, ReadyMailServers, Report, ReportedSessions,
    SenderVerdict, Setup, Stop, dns_hosts, hosting_advice, judge, read_bounce,
    sender_compatibility,
};
use mta_sts_domains::{NextStep, Summary, Work};
use time::OffsetDateTime;

use super::check_rows::{self, RowGroup};
use super::enforce::{self, EnforceLock};
use super::finish::{self, Files};
use super::guard::{self, Guard, GuardField};
use super::inputs::{Inputs, Overlay};
use super::plan;
use super::reports;
use super::session::Session;
use super::to_do::{self, HostLine, ToDo};
use crate::calendar;

/// What follows from the inputs.
#[derive(Debug, Default)]
pub struct Derived {
    /// The judgement of what step 1 shows: the facts so far, while a check is running.
    pub report: Option<Report>,
    /// Whether mail is refused now.
    pub is_refused: bool,
    /// What to do about it, the worst first.
    pub to_dos: Vec<ToDo>,
    /// The way of a message, stop by stop.
    pub path: Vec<Stop>,
    /// The mail servers in a line each.
    pub hosts: Vec<HostLine>,
    /// The rows of step 1.
    pub rows: Vec<RowGroup>,
    /// The ways to serve the policy, the one that suits best first.
    pub hosting_advice: Vec<HostingAdvice>,
    /// The DNS hosts that the name servers tell.
    pub dns_hosting: DnsHosting,
    /// The DNS host whose words are used: the one the person chose, else the one that all name
    /// servers belong to.
    pub dns_host: Option<&'static DnsHost>,
    /// What the draft sets up, if nothing in it is in the way.
    pub setup: Option<Setup>,
    /// What stands against the draft.
    pub guards: Vec<Guard>,
    /// What known senders make of the policy file as the draft would write it.
    pub senders_of_draft: Vec<SenderVerdict>,
    /// The steps for the chosen web host, as its files have them.
    pub host_steps: Option<String>,
    /// How far the publication is.
    pub progress: Option<Progress>,
    /// What known senders make of the policy as the last look fetched it.
    pub senders_of_live: Vec<SenderVerdict>,
    /// What senders report.
    pub reported: Option<ReportedSessions>,
    /// The plan that the person follows.
    pub plan: Option<Plan>,
    /// What comes next, the first first.
    pub next_steps: Vec<NextStep>,
    /// Whether enforce mode can be chosen now.
    pub enforce_lock: EnforceLock,
    /// What saving writes and where to, once there is a folder; a sentence where it cannot be
    /// written.
    pub files: Option<Result<Files, String>>,
    /// What the bounce says, while it is shown.
    pub bounce: Option<ExplainedBounce>,
    /// Where each domain stands.
    pub summaries: BTreeMap<Domain, Summary>,
    /// All domains, the worst and nearest first.
    pub order: Vec<Domain>,
    /// Those that the table shows, in the same order.
    pub listed: Vec<Domain>,
    /// When this was worked out.
    pub as_of: Option<OffsetDateTime>,
}

impl Derived {
    /// Works everything out.
    pub(super) fn refresh(&mut self, inputs: &mut Inputs, now: OffsetDateTime) {
        for domain in inputs.take_changed() {
            if let Some(work) = inputs.domains().get(&domain) {
                self.summaries.insert(domain, work.summary(now));
            }
        }
        self.summaries
            .retain(|domain, _| inputs.domains().contains_key(domain));
        let order = self.order(inputs);
        *self = Self {
            listed: filtered(&order, &inputs.home.filter),
            order,
            summaries: std::mem::take(&mut self.summaries),
            bounce: bounce(inputs),
            as_of: Some(now),
            ..match (inputs.session(), inputs.work()) {
                (Some(session), Some(work)) => Self::of_domain(session, work, inputs, now),
                _ => Self::default(),
            }
        };
    }

    /// The worst and nearest first. While all are checked, rows keep their places, so that none moves
    /// under the pointer, and new ones come last.
    fn order(&self, inputs: &Inputs) -> Vec<Domain> {
        let mut lines: Vec<&Summary> = self.summaries.values().collect();
        lines.sort_by(|one, other| one.urgency().cmp(&other.urgency()));
        if inputs.home.batch.is_some() {
            let place = |line: &&Summary| {
                let mut known = self.order.iter();
                known.position(|domain| *domain == line.domain)
            };
            lines.sort_by_cached_key(|line| place(line).unwrap_or(usize::MAX));
        }
        lines.into_iter().map(|line| line.domain.clone()).collect()
    }

    fn of_domain(session: &Session, work: &Work, inputs: &Inputs, now: OffsetDateTime) -> Self {
        let running = session.checking();
        let Some(shown) = running.or(work.facts.as_deref()) else {
            return Self::default();
        };
        let report = judge(shown);
        let reported = reported(session, work, now);
        let rows = check_rows::rows(shown, &report, running.is_some());
        let mut derived = Self {
            is_refused: report.refusal().is_some(),
            to_dos: to_do::to_dos(shown, &report),
            path: report.mail_path().into(),
            hosts: to_do::host_lines(&report, &rows),
            rows,
            report: Some(report),
            hosting_advice: hosting_advice(shown),
            dns_hosting: DnsHosting::of(shown),
            reported,
            ..Self::default()
        };
        derived.dns_host = derived.dns_host(work);
        let Some(facts) = work.facts.as_deref() else {
            return derived;
        };
        // While a check is running, what is shown is not what the draft rests on.
        let last = running.map(|_| judge(facts));
        let ready = last
            .as_ref()
            .or(derived.report.as_ref())
            .map_or(ReadyMailServers::Undetermined, |it| {
                it.readiness.mail_servers
            });
        if let Some(draft) = &work.draft {
            let doubts = enforce::doubts(work, facts, ready, derived.reported.as_ref(), now);
            let is_new = work.testing_ends_on().is_none_or(|date| now < date);
            derived.guards = guard::guards(draft, facts, doubts, is_new);
            if draft.mode == Mode::Enforce
                && let Some(text) = reports::failures(derived.reported.as_ref())
            {
                derived.guards.push(Guard::warn(
                    GuardField::Mode,
                    format!("TLS reports: {text}"),
                ));
            }
            let stops = derived.guards.iter().any(|guard| guard.stops);
            derived.setup = work.setup().filter(|_| !stops);
        }
        derived.enforce_lock = enforce::lock(work, ready, derived.reported.as_ref(), now);
        derived.plan = plan::of(work, derived.reported.as_ref(), now);
        derived.next_steps = work.next_steps(now);
        let seen = session.publish.seen(&work.left_out);
        if let Some(setup) = &derived.setup {
            let file = setup.policy.write();
            let reading = PolicyReading::read(file.as_bytes());
            let publication = Publication::of_file(&reading, file.as_bytes());
            derived.senders_of_draft = sender_compatibility(&publication);
            derived.progress = session.publish.progress(setup, &work.left_out);
            derived.host_steps = work
                .draft
                .as_ref()
                .and_then(|draft| host_steps(setup, draft.hosting?));
        }
        if let Some(seen) = seen.filter(|_| derived.progress.is_some()) {
            derived.senders_of_live = seen.sender_compatibility(&work.domain);
        }
        derived.files = inputs
            .folder()
            .and_then(|folder| derived.files(work, finish::target(work, folder), last.as_ref()));
        derived
    }

    fn dns_host(&self, work: &Work) -> Option<&'static DnsHost> {
        let chosen = work
            .draft
            .as_ref()
            .and_then(|draft| draft.dns_host.as_ref());
        match chosen {
            Some(id) => dns_hosts().iter().find(|host| host.id == *id),
            None => self.dns_hosting.only(),
        }
    }

    /// Every file that saving writes: what is published, what the chosen web host needs, the report
    /// of the last check, and the dates to come back.
    fn files(
        &self,
        work: &Work,
        target: mta_sts_save::Target,
        last: Option<&Report>,
    ) -> Option<Result<Files, String>> {
        let setup = self.setup.as_ref()?;
        let artifacts = setup.artifacts().and_then(|mut artifacts| {
            if let Some(hosting) = work.draft.as_ref().and_then(|draft| draft.hosting) {
                artifacts.extend(setup.hosting_artifacts(hosting)?);
            }
            Ok(artifacts)
        });
        Some(match artifacts {
            Ok(mut artifacts) => {
                let report = last.or(self.report.as_ref());
                artifacts.extend(report.into_iter().flat_map(report_files));
                let checked_at = work.facts.as_ref().map(|it| it.checked_at);
                if let Some(as_of) = work.live_since().or(checked_at) {
                    artifacts.extend(calendar::file(&setup.domain, &self.next_steps, as_of));
                }
                let artifacts = Arc::new(artifacts);
                Ok(Files { target, artifacts })
            }
            Err(error) => Err(format!("{error}.")),
        })
    }

    /// The setup in a few lines, to paste into a message.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let setup = self.setup.as_ref()?;
        let artifacts = setup.artifacts().ok()?;
        let sheet = artifacts.iter().find(|it| it.path == "dns-records.txt")?;
        let sheet = String::from_utf8_lossy(&sheet.contents).replace("\r\n", "\n");
        let mut lines = Vec::new();
        if let Some(report) = &self.report {
            lines.push(report.headline.text.clone());
        }
        for step in &self.next_steps {
            let on = step.on.map_or_else(String::new, |date| {
                format!(" on {}", mta_sts_core::day(date.midnight().assume_utc()))
            });
            lines.push(format!("Next: {}{on}.", step.title));
        }
        Some(format!(
            "{}\n\n{sheet}\nPolicy file:\n{}",
            lines.join("\n"),
            setup.policy.write()
        ))
    }
}

/// The README for a web host, with the line ends of a screen.
fn host_steps(setup: &Setup, hosting: Hosting) -> Option<String> {
    let artifacts = setup.hosting_artifacts(hosting).ok()?;
    let mut files = artifacts.into_iter();
    let readme = files.find(|it| it.path.ends_with("README.txt"))?;
    let text = String::from_utf8_lossy(&readme.contents).replace("\r\n", "\n");
    Some(text.trim_end().to_owned())
}

/// What the pasted bounce says.
fn bounce(inputs: &Inputs) -> Option<ExplainedBounce> {
    let is_shown = inputs.overlay == Some(Overlay::Bounce) && !inputs.bounce.trim().is_empty();
    is_shown.then(|| {
        let text = mta_sts_reports::bounce_text(inputs.bounce.as_bytes());
        ExplainedBounce::of(&read_bounce(&text))
    })
}

/// The domains with this in their name, however it is written.
fn filtered(order: &[Domain], filter: &str) -> Vec<Domain> {
    let wanted = filter.trim().to_lowercase();
    let is_wanted = |domain: &&Domain| {
        domain.as_str().contains(&wanted) || domain.to_unicode().contains(&wanted)
    };
    order.iter().filter(is_wanted).cloned().collect()
}

fn reported(session: &Session, work: &Work, now: OffsetDateTime) -> Option<ReportedSessions> {
    let all = &session.reports.all;
    (!all.is_empty()).then(|| {
        let mut sessions = all.sessions_of(work.domain.as_str(), now);
        sessions.older_policies = all.older_policies(work.domain.as_str(), &work.history);
        sessions
    })
}

/// The report of the last check as files to keep.
fn report_files(report: &Report) -> Vec<Artifact> {
    let json = serde_json::to_string_pretty(report).ok();
    let json = json.map(|json| ("report.json", json + "\n"));
    let html = ("report.html", report.to_html());
    json.into_iter()
        .chain([html])
        .map(|(path, text)| Artifact {
            path,
            contents: text.into_bytes(),
        })
        .collect()
}
