//! The plan of the open domain: how it begins, what its current stage publishes, how it ends.

use mta_sts_core::{
    Change, EnforceProof, Leave, Move, MxPattern, Plan, ReportedSessions, StageStatus, host_name,
    plan, sentence,
};
use mta_sts_domains::{PracticePublication, Step, Work};
use time::{Duration, OffsetDateTime};

use super::inputs::{Inputs, Notice};
use crate::command::{Breakage, PlanKind};

/// A mail server of another practice domain, to which mail can move.
pub(crate) fn practice_mx(domain: &str) -> &'static str {
    match domain {
        "healthy.example" => "mx1.healthy-testing.example",
        _ => "mx1.healthy.example",
    }
}

/// The stages of the plan, with what the TLS reports show.
pub(super) fn of(
    work: &Work,
    reported: Option<&ReportedSessions>,
    now: OffsetDateTime,
) -> Option<Plan> {
    let facts = work.facts.as_deref()?;
    let change = match work.plan.clone()? {
        Change::Enforce { .. } => Change::Enforce {
            reports: reported
                .map(|it| it.proof)
                .filter(|it| *it != EnforceProof::NoReports),
        },
        other => other,
    };
    Some(plan(&change, facts, &work.history, now))
}

impl Inputs {
    /// Shows the plan of the open domain.
    pub(crate) fn show_plan(&mut self) {
        self.at_home = false;
        self.change_session(|session| session.at_plan = true);
    }

    /// Begins a plan. A move first asks for the new mail servers.
    pub fn begin_plan(&mut self, kind: PlanKind) {
        let Some((session, work)) = self.open_work() else {
            return;
        };
        let Some(facts) = work.facts.clone() else {
            return;
        };
        let change = match kind {
            PlanKind::Enforce => Change::Enforce { reports: None },
            PlanKind::Off => Change::Off,
            PlanKind::Leave => match Leave::of(&facts) {
                Some(from) => Change::Leave(from),
                None => return,
            },
            PlanKind::Move => {
                // Where mail has moved already, the new mail servers are known.
                let policy = facts.published_policy();
                let is_new = |host: &&String| policy.as_ref().is_some_and(|it| !it.covers(host));
                let hosts = facts.mail_servers.iter().map(|it| &it.host);
                let known: Vec<String> = hosts.filter(is_new).cloned().collect();
                session.new_mx = Some(known.join("\n"));
                session.new_mx_error = None;
                self.show_plan();
                return;
            }
        };
        work.plan = Some(change);
        session.new_mx = None;
        self.show_plan();
    }

    /// Makes the plan for the mail servers in the field, or says what is wrong with one. Whether
    /// there is a plan now.
    pub(crate) fn plan_move(&mut self) -> bool {
        let Some((session, work)) = self.open_work() else {
            return false;
        };
        let Some(facts) = work.facts.clone() else {
            return false;
        };
        let text = session.new_mx.clone().unwrap_or_default();
        // People paste MX records, with their preferences.
        let words = text.split(|it: char| it.is_whitespace() || matches!(it, ',' | ';'));
        let is_host = |word: &&str| word.parse::<u16>().is_err() && !word.is_empty();
        let words = words.filter(is_host);
        let host = |text: &str| {
            let host = host_name(text)
                .ok_or_else(|| format!("“{text}” isn’t the name of a mail server."))?;
            let pattern = MxPattern::of_host(&host).map_err(|error| {
                let shown = mta_sts_core::escaped(text, 60);
                format!("“{shown}”: {}.", sentence(&error.to_string()))
            })?;
            Ok(pattern.to_string())
        };
        let hosts: Result<Vec<String>, String> = words.map(host).collect();
        match hosts {
            Ok(hosts) if hosts.is_empty() => {
                session.new_mx_error = Some("Enter the name of at least one mail server.".into());
                false
            }
            Ok(mut hosts) => {
                let mut seen = std::collections::BTreeSet::new();
                hosts.retain(|host| seen.insert(host.clone()));
                work.plan = Some(Change::Move(Move::to_hosts(&hosts, &facts)));
                session.new_mx = None;
                session.new_mx_error = None;
                true
            }
            Err(reason) => {
                session.new_mx_error = Some(reason);
                false
            }
        }
    }

    /// Says that the new mail servers were checked in another way, or takes that back.
    pub(crate) fn vouch(&mut self, vouched: bool) {
        self.change_work(|work| {
            if let Some(Change::Move(to)) = &mut work.plan {
                to.vouched = vouched;
            }
        });
    }

    /// Gives the plan up, or clears it away once it is done. Step 1 shows where the domain is now.
    pub(crate) fn end_plan(&mut self, now: OffsetDateTime) {
        self.change_session(|session| session.new_mx = None);
        self.change_work(|work| work.plan = None);
        self.go(Step::Check, now);
    }

    /// Puts what a stage publishes into the draft.
    pub(crate) fn take_setup(&mut self, setup: &mta_sts_core::Setup, now: OffsetDateTime) {
        // The draft begins with what is published, such as the report address.
        self.go(Step::Create, now);
        let Some((_, work)) = self.open_work() else {
            return;
        };
        if let Some(draft) = &mut work.draft {
            draft.take(setup);
        }
        self.edited(now);
    }

    /// The mail servers of a move: those to come, and the old ones, which receive mail for a while.
    pub(crate) fn planned_hosts(&self) -> Vec<String> {
        match self.work().and_then(|work| work.plan.as_ref()) {
            Some(Change::Move(to)) => {
                let records = to.to.iter().chain(&to.from);
                records.map(|it| it.exchange.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Breaks something on the practice internet, or repairs it. What is to be published for that.
    pub(crate) fn break_practice(
        &mut self,
        what: Breakage,
        now: OffsetDateTime,
    ) -> Option<PracticePublication> {
        let facts = self.work()?.facts.clone()?;
        let elsewhere = practice_mx(facts.domain.as_str());
        let mut publication = PracticePublication::default();
        match what {
            Breakage::Certificates => {
                let sessions = facts.mail_servers.iter().flat_map(|it| &it.sessions);
                let leaves = sessions.filter_map(|it| it.chain.seen()?.leaf());
                let last = leaves.map(|it| it.not_after).max()?;
                self.world.stop_renewal(true);
                self.world.skip_to(last.saturating_add(Duration::DAY), now);
                self.notice = Some(Notice::attention(
                    "Time went on, and no certificate was renewed.",
                ));
            }
            Breakage::MailServers => {
                let to = Move::to_hosts(&[elsewhere.to_owned()], &facts);
                publication.mx = Some(to.to);
                let text =
                    format!("The MX record names {elsewhere} now, and nobody told the policy.");
                self.notice = Some(Notice::attention(text));
            }
            Breakage::Nothing => {
                self.world.stop_renewal(false);
                let before = self.work()?.history.mx.iter().rev();
                let mut before = before
                    .filter(|it| !it.records.iter().any(|record| record.exchange == elsewhere));
                publication.mx = before.next().map(|it| it.records.clone());
                self.notice = Some(Notice::ok(
                    "The certificates are renewed, and mail is where it was.",
                ));
            }
        }
        Some(publication)
    }

    /// Notes what is published on the practice internet for the open domain.
    pub(crate) fn note_practice(&mut self, publication: &PracticePublication) {
        if let Some(session) = self.session() {
            let domain = session.domain().clone();
            self.world.publish(&domain, publication);
        }
    }
}

/// Whether a stage can be done now.
pub(crate) fn is_open(plan: &Plan) -> bool {
    plan.current()
        .is_some_and(|it| it.status == StageStatus::Open)
}
