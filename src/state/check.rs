//! Step 1: the question, the facts so far, and what follows from them.

use std::collections::BTreeMap;
use std::sync::Arc;

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{Artifact, Domain, Facts, Readiness, Report, judge};
use time::OffsetDateTime;

use super::Mark;
use super::check_rows::{self, RowGroup};

/// Step 1: the question, the facts so far, and their judgement.
#[derive(Debug, Default)]
pub struct Check {
    /// What is in the domain field.
    pub domain_text: String,
    /// Why the domain field cannot be used.
    pub domain_error: Option<String>,
    /// True while a check is running.
    pub running: bool,
    pub(super) furthest: f32,
    pub(super) facts: Option<Facts>,
    /// What senders may know of each domain that was checked before.
    pub(super) known: BTreeMap<Domain, KnownPolicy>,
    report: Option<Arc<Report>>,
    rows: Arc<Vec<RowGroup>>,
}

impl Check {
    /// Begins a check. What an earlier one of the same domain saw published goes with it, so that
    /// a change without a new id shows.
    pub(super) fn begin(&mut self, domain: &Domain, now: OffsetDateTime) {
        self.remember();
        let mut facts = Facts::new(domain.clone(), now);
        facts.earlier = self.known.get(domain).cloned();
        self.running = true;
        self.furthest = 0.0;
        self.take(facts);
    }

    /// Takes over what another computer saw. What was written for publication there is not what
    /// is written here.
    pub(super) fn import(&mut self, mut facts: Facts) {
        self.remember();
        facts.written = None;
        if let Some(known) = self.known.get(&facts.domain) {
            facts.earlier = Some(known.clone());
        }
        self.running = false;
        self.take(facts);
    }

    /// Puts away what senders know of the domain that was checked last.
    fn remember(&mut self) {
        if let Some(before) = self.facts.take()
            && let Some(known) = before.known_to_senders()
        {
            self.known.insert(before.domain, known);
        }
    }

    /// Takes over facts as a whole.
    pub(super) fn take(&mut self, facts: Facts) {
        self.facts = Some(facts);
        self.judge_again();
    }

    /// Judges the facts so far.
    pub(super) fn judge_again(&mut self) {
        let Some(facts) = &self.facts else { return };
        let report = judge(facts);
        self.furthest = self.furthest.max(share_known(facts));
        self.rows = Arc::new(check_rows::rows(facts, &report, self.running));
        self.report = Some(Arc::new(report));
    }

    /// The facts so far.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref()
    }

    /// The judgement of the facts so far.
    #[must_use]
    pub fn report(&self) -> Option<&Arc<Report>> {
        self.report.as_ref()
    }

    /// The report as files to keep; none of a check that is still running.
    pub(super) fn report_files(&self) -> Vec<Artifact> {
        let Some(report) = self.report.as_ref().filter(|_| !self.running) else {
            return Vec::new();
        };
        let json = serde_json::to_string_pretty(report.as_ref()).ok();
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

    /// The rows to show.
    #[must_use]
    pub fn rows(&self) -> Arc<Vec<RowGroup>> {
        Arc::clone(&self.rows)
    }

    /// The verdict once the check has ended.
    #[must_use]
    pub fn readiness(&self) -> Option<Readiness> {
        self.report
            .as_ref()
            .filter(|_| !self.running)
            .map(|report| report.readiness)
    }

    /// How far the check is, from 0 to 1. Never goes back.
    #[must_use]
    pub fn progress(&self) -> f32 {
        self.furthest
    }

    /// Whether the domain in the field is the one that was checked.
    #[must_use]
    pub fn is_of_the_field(&self) -> bool {
        let domain = Domain::parse(&self.domain_text).ok();
        domain.is_some() && domain.as_ref() == self.facts.as_ref().map(|facts| &facts.domain)
    }

    /// Whether the person can go on to step 2: something is known, and the domain takes mail.
    #[must_use]
    pub fn may_go_on(&self) -> bool {
        let useful = |facts: &Facts| !facts.has_no_use_for_a_policy();
        self.readiness().is_some() && self.facts.as_ref().is_some_and(useful)
    }

    /// The mark of the step.
    pub(super) fn verdict(&self) -> Option<Mark> {
        use mta_sts_core::ReadyMailServers as Ready;
        if self.running {
            return Some(Mark::Waiting);
        }
        Some(match self.readiness()?.mail_servers {
            Ready::Ready | Ready::NoMail => Mark::Ok,
            Ready::Attention => Mark::Attention,
            Ready::NotReady => Mark::Problem,
            Ready::Undetermined => Mark::NotChecked,
        })
    }
}

/// The share of questions that have been answered. New hosts bring new questions, so it can fall.
fn share_known(facts: &Facts) -> f32 {
    let host_has_address = || {
        facts
            .policy_host
            .seen()
            .is_some_and(|answer| !answer.records.is_empty())
    };
    let mut questions = vec![
        !facts.zone.is_not_asked(),
        !facts.mx.is_not_asked(),
        !facts.record.is_not_asked(),
        !facts.tls_rpt.is_not_asked(),
        !facts.policy_host.is_not_asked(),
        !facts.policy.is_not_asked() || !host_has_address(),
    ];
    for server in &facts.mail_servers {
        questions.push(!server.ipv4.is_not_asked());
        questions.extend(server.sessions.iter().map(session_has_ended));
    }
    let count = |all: usize| f32::from(u16::try_from(all).unwrap_or(u16::MAX));
    count(questions.iter().filter(|&&known| known).count()) / count(questions.len())
}

fn session_has_ended(session: &mta_sts_core::facts::Session) -> bool {
    use mta_sts_core::Observed::Failed;
    session.is_complete()
        || matches!(session.connected, Failed(_))
        || matches!(session.greeting, Failed(_))
        || matches!(session.ehlo, Failed(_))
        || matches!(session.starttls, Failed(_))
        || matches!(session.tls, Failed(_))
        || !session.ehlo_in_tls.is_not_asked()
        || session.offers_starttls() == Some(false)
        || session
            .greeting
            .seen()
            .is_some_and(|reply| reply.code != 220)
        || session
            .starttls
            .seen()
            .is_some_and(|reply| reply.code != 220)
}
