//! To other mail servers, without a moment in which a sender refuses one of them.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{Planner, policy, span};
use crate::facts::{Facts, MxRecord};
use crate::knowledge::catalogue::mail_provider;
use crate::publication::plan::stage::{Action, PlanStage, Requirement};
use crate::text::date_style::day;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{Mode, Policy};
use crate::text::wording::{in_words, shown};

/// How long the way back stays open after the last MX record of the old mail servers is gone.
const AFTERMATH: Duration = Duration::weeks(1);
/// The step between the preferences of two mail servers.
const STEP: u16 = 10;

/// A move to other mail servers, as it was when the plan began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The MX records to come. Hosts in lower case, no trailing dot.
    pub to: Vec<MxRecord>,
    /// The MX records that go.
    pub from: Vec<MxRecord>,
    /// The mode to end in.
    pub mode: Mode,
    /// Whether the person checked the new mail servers in another way.
    #[serde(default)]
    pub vouched: bool,
}

impl Move {
    /// A move to these hosts, the first of which is preferred.
    #[must_use]
    pub fn to_hosts(hosts: &[String], facts: &Facts) -> Self {
        let to: Vec<MxRecord> = (1..)
            .zip(hosts)
            .map(|(place, host)| MxRecord {
                preference: STEP.saturating_mul(place),
                exchange: host.clone(),
            })
            .collect();
        let known = facts.mx.seen().map(|mx| mx.records.clone());
        let goes = |it: &MxRecord| !it.is_null() && !hosts.contains(&it.exchange);
        let mode = facts.published_policy().map_or(Mode::None, |it| it.mode());
        Self {
            from: known.into_iter().flatten().filter(goes).collect(),
            to,
            mode,
            vouched: false,
        }
    }

    pub(super) fn in_words(&self) -> String {
        in_words(self.to.iter().map(|it| shown(&it.exchange)))
    }

    fn hosts(&self) -> Vec<&str> {
        self.to.iter().map(|it| it.exchange.as_str()).collect()
    }

    fn is_new(&self, record: &MxRecord) -> bool {
        self.to.iter().any(|it| it.exchange == record.exchange)
    }

    /// Whether these are the MX records to come: all of them, and no others.
    fn is_reached_by(&self, records: &[MxRecord]) -> bool {
        self.is_within(records) && records.iter().all(|it| self.is_new(it))
    }

    /// Whether all hosts to come are in these records.
    fn is_within(&self, records: &[MxRecord]) -> bool {
        let is_there = |new: &MxRecord| records.iter().any(|it| it.exchange == new.exchange);
        self.to.iter().all(is_there)
    }

    /// Whether both sides belong to one provider, where the new hosts can be tried behind the old.
    fn is_within_a_provider(&self) -> bool {
        let brand = |it: &MxRecord| {
            let id = mail_provider(&it.exchange)?.id.as_str();
            // One provider with two generations of names.
            Some(if id.starts_with("microsoft-365") {
                "microsoft-365"
            } else {
                id
            })
        };
        let new = self.to.first().and_then(brand);
        let all = || self.to.iter().chain(&self.from);
        new.is_some() && !self.from.is_empty() && all().all(|it| brand(it) == new)
    }

    /// The new records in front of the old ones, which keep their order.
    fn in_front(&self) -> Vec<MxRecord> {
        behind(&self.to, &self.from)
    }

    /// The new records behind the old ones.
    fn at_the_back(&self) -> Vec<MxRecord> {
        behind(&self.from, &self.to)
    }
}

/// Records, and others with a preference behind all of them.
fn behind(first: &[MxRecord], others: &[MxRecord]) -> Vec<MxRecord> {
    let last = first.iter().map(|it| it.preference).max().unwrap_or(0);
    let lowest = others.iter().map(|it| it.preference).min().unwrap_or(0);
    let pushed = others.iter().map(|it| MxRecord {
        preference: (it.preference - lowest)
            .saturating_add(last)
            .saturating_add(STEP),
        exchange: it.exchange.clone(),
    });
    first.iter().cloned().chain(pushed).collect()
}

impl Planner<'_> {
    pub(super) fn move_mail(&mut self, to: &Move) {
        let hosts = to.hosts();
        if hosts.is_empty() {
            self.remarks.push("No new mail server is named.".into());
            return;
        }
        let published = self.published();
        let is_off = |it: &Policy| it.mode() == Mode::None && self.is_read_alike();
        let promised = published.filter(|it| !is_off(it));
        if let Some(promised) = &promised {
            self.emergency(to, promised);
        }
        self.check_new(to);
        let wait = match &promised {
            Some(promised) => self.promise_both(to, promised),
            None => self.wait_without_a_policy(to),
        };
        if to.is_within_a_provider() {
            self.cut_over_by_preference(to, wait);
        } else {
            self.change_mx(to, wait);
        }
        if let Some(promised) = &promised {
            self.drop_old(to, promised);
        } else {
            self.remarks.push(
                "No policy is published. Set MTA-STS up after the move, for the new mail servers."
                    .into(),
            );
        }
        let is_microsoft = |it: &&MxRecord| it.exchange.ends_with(".mx.microsoft");
        if let Some(new) = to.to.iter().find(is_microsoft) {
            self.remarks.push(format!(
                "The policy lists {} as it is: *.mx.microsoft doesn’t cover it, because a wildcard covers \
                 only one part of a name.",
                shown(&new.exchange)
            ));
        }
    }

    fn mx(&self) -> &[MxRecord] {
        self.facts.mx.seen().map_or(&[], |mx| &mx.records)
    }

    /// The mail servers are already others, and the policy refuses them: testing mode first.
    fn emergency(&mut self, to: &Move, promised: &Policy) {
        let new: Vec<&str> = self
            .mx()
            .iter()
            .map(|it| it.exchange.as_str())
            .filter(|it| !it.is_empty())
            .collect();
        let is_covered = |host: &&str| promised.covers(host);
        let is_refused =
            promised.mode() == Mode::Enforce && !new.is_empty() && !new.iter().any(is_covered);
        let held = self.history.refused_until(&new, self.at);
        let is_over = promised.mode() == Mode::Testing && to.mode == Mode::Enforce;
        let is_recent = is_over && held.is_some_and(|at| at > self.now);
        if !(is_refused || is_recent) {
            return;
        }
        let Some(testing) = self.with_both(to, promised, Mode::Testing) else {
            return;
        };
        let text = match held {
            Some(at) => format!(
                "Your MX records name mail servers that the policy doesn’t list, so senders hold mail \
                 back. In testing mode they deliver. A sender that doesn’t look at the record again may \
                 hold mail back until {}.",
                day(at)
            ),
            None => String::new(),
        };
        let stage = PlanStage {
            text,
            is_urgent: true,
            way_back: "Or put the old MX records back until the policy lists the new mail servers."
                .into(),
            ..PlanStage::new(
                "testing-now",
                "Switch the policy to testing mode now",
                self.at_once(""),
            )
        };
        self.publish(stage, testing, !is_refused && self.is_announced());
    }

    fn check_new(&mut self, to: &Move) {
        let mut receive = self.receive(&to.hosts());
        if to.vouched {
            receive.is_met = Some(true);
            receive.seen = "You said that you have checked them.".into();
        }
        let is_microsoft = to
            .to
            .iter()
            .any(|it| it.exchange.ends_with(".mx.microsoft"));
        let run = Action::Run {
            shell: "Exchange Online PowerShell".into(),
            lines: vec![
                "Connect-ExchangeOnline".into(),
                format!(
                    "Enable-DnssecForVerifiedDomain -DomainName {}",
                    self.facts.domain
                ),
                format!(
                    "Get-DnssecStatusForVerifiedDomain -DomainName {}",
                    self.facts.domain
                ),
            ],
        };
        let stage = PlanStage {
            text: if is_microsoft {
                "The first command gives the new name as DnssecMxValue. Nothing is published before the \
                 new mail server passes a sender’s check."
            } else {
                "Nothing is published before the new mail servers pass a sender’s check."
            }
            .into(),
            actions: is_microsoft.then_some(run).into_iter().collect(),
            done_when: receive.text.clone(),
            way_back: "Nothing has changed yet.".into(),
            ..PlanStage::new("check-new", "Check the new mail servers", self.at_once(""))
        };
        // Once the MX records name them, they are the mail servers, which later stages check.
        let is_done = receive.is_met == Some(true) || to.is_within(self.mx());
        let stage = PlanStage {
            requirements: vec![receive],
            ..stage
        };
        self.add(stage, is_done);
    }

    /// The policy with the old and the new mail servers. Gives the wait before the MX records change.
    fn promise_both(&mut self, to: &Move, promised: &Policy) -> (OffsetDateTime, String) {
        let covers_all = || {
            let live = self.mx().iter().filter(|it| !it.is_null());
            to.to
                .iter()
                .chain(live)
                .all(|it| promised.covers(&it.exchange))
        };
        let is_done = covers_all() && self.is_announced();
        let Some(both) = self.with_both(to, promised, promised.mode()) else {
            return (self.at, String::new());
        };
        let stage = PlanStage {
            text: "The policy lists the mail servers of today and those to come, so that senders accept \
                   both."
                .into(),
            way_back: "Publish the earlier policy again, with a new id. Your mail servers are still the \
                       same, so nothing is held back."
                .into(),
            ..PlanStage::new("list-both", "List the old and the new mail servers", self.at_once(""))
        };
        let mut published_at = self.at;
        if is_done {
            published_at = self
                .history
                .announced_at(promised)
                .unwrap_or(self.facts.checked_at);
        }
        self.publish(stage, both, is_done);
        published_at = if is_done {
            published_at
        } else {
            published_at.max(self.at)
        };

        let ttl = self.record_ttl();
        let seen_by_all = published_at.saturating_add(ttl);
        let ttl = span(ttl);
        // Of a policy that was there when it was first seen, nobody knows what was before.
        let is_first = is_done && !self.history.is_older_known(promised);
        let before = (is_first && promised.mode() == Mode::Enforce).then(|| {
            let max_age = Duration::seconds(promised.max_age().secs().into());
            published_at.saturating_add(max_age)
        });
        let held = self.history.refused_until(&to.hosts(), published_at);
        match held.max(before) {
            Some(held) => (
                held.max(seen_by_all),
                format!(
                    "Senders look at the record again, within {ttl}. One that doesn’t may go by the \
                     earlier policy until {}. Your mail servers are the same until then, so waiting \
                     costs nothing.",
                    day(held)
                ),
            ),
            None => (
                seen_by_all,
                format!("Senders look at the record again, within {ttl}."),
            ),
        }
    }

    /// A policy that was removed may still be held.
    fn wait_without_a_policy(&self, to: &Move) -> (OffsetDateTime, String) {
        match self.history.refused_until(&to.hosts(), self.at) {
            Some(held) => (
                held,
                format!(
                    "A sender may still hold an earlier policy until {}.",
                    day(held)
                ),
            ),
            None => (
                self.at,
                "No sender holds a policy that refuses the new mail servers.".into(),
            ),
        }
    }

    fn change_mx(&mut self, to: &Move, (at, why): (OffsetDateTime, String)) {
        let is_done = to.is_reached_by(self.mx());
        let earliest = self.not_before(Some(at), why);
        let ttl = self.mx_ttl_in_words();
        let stage = PlanStage {
            text: format!(
                "Keep the old mail servers running: for {ttl}, some senders still go there."
            ),
            requirements: vec![self.new_are_fine(to)],
            actions: vec![Action::ChangeMx {
                from: to.from.clone(),
                to: to.to.clone(),
            }],
            done_when: "the MX records name the new mail servers only".into(),
            way_back: "Put the old MX records back. The policy lists both.".into(),
            ..PlanStage::new("change-mx", "Change the MX records", earliest)
        };
        self.add(stage, is_done);
    }

    /// Within one provider both names lead to the same mailboxes, so the new one can be tried first.
    fn cut_over_by_preference(&mut self, to: &Move, (at, why): (OffsetDateTime, String)) {
        let live = self.mx();
        let has_new = to
            .to
            .iter()
            .all(|new| live.iter().any(|it| it.exchange == new.exchange));
        let new = || live.iter().filter(|it| to.is_new(it));
        let old = || live.iter().filter(|it| !to.is_new(it));
        let last_new = new().map(|it| it.preference).max();
        let first_old = old().map(|it| it.preference).min();
        let is_in_front =
            has_new && first_old.is_none_or(|old| last_new.is_some_and(|new| new < old));
        let is_alone = has_new && old().next().is_none();

        let stage = PlanStage {
            text: "Senders use it only if the old one doesn’t answer, so you can send a test message to it \
                   first."
                .into(),
            requirements: vec![self.new_are_fine(to)],
            actions: vec![Action::ChangeMx {
                from: to.from.clone(),
                to: to.at_the_back(),
            }],
            done_when: "the MX records name the new mail server, too".into(),
            way_back: "Remove the new MX record.".into(),
            ..PlanStage::new(
                "add-mx",
                "Add the new MX record behind the old one",
                self.not_before(Some(at), why),
            )
        };
        self.add(stage, has_new);

        let ttl = self.mx_ttl();
        let named = |names: &Self, is_so: bool, check: &dyn Fn(&[MxRecord]) -> bool| {
            let since = names.history.mx_since(check).filter(|_| is_so);
            since.unwrap_or(names.at).saturating_add(ttl)
        };
        let has_all = |records: &[MxRecord]| {
            to.to
                .iter()
                .all(|new| records.iter().any(|it| it.exchange == new.exchange))
        };
        let why = format!(
            "A resolver may keep the earlier MX records for {}.",
            self.mx_ttl_in_words()
        );
        let earliest = self.not_before(Some(named(self, has_new, &has_all)), why.clone());
        let stage = PlanStage {
            text: "From then on, senders use the new mail server first.".into(),
            actions: vec![Action::ChangeMx {
                from: to.at_the_back(),
                to: to.in_front(),
            }],
            done_when: "the new MX record is preferred".into(),
            way_back: "Swap the preferences back.".into(),
            ..PlanStage::new("prefer-new-mx", "Put the new MX record in front", earliest)
        };
        self.add(stage, is_in_front);

        let earliest = self.not_before(Some(named(self, is_in_front, &has_all)), why);
        let stage = PlanStage {
            text: "The old name is not needed any more.".into(),
            actions: vec![Action::ChangeMx {
                from: to.in_front(),
                to: to.to.clone(),
            }],
            done_when: "the MX records name the new mail server only".into(),
            way_back: "Add the old MX record again, behind the new one.".into(),
            ..PlanStage::new("remove-old-mx", "Remove the old MX record", earliest)
        };
        self.add(stage, is_alone);
    }

    /// The policy without the old mail servers, in the mode to end in.
    fn drop_old(&mut self, to: &Move, promised: &Policy) {
        let of_new = |pattern: &&MxPattern| to.to.iter().any(|it| pattern.matches(&it.exchange));
        let mut mx: Vec<MxPattern> = promised.mx().iter().filter(of_new).cloned().collect();
        add_exact(&mut mx, &to.to);
        let Some(last) = policy(to.mode, promised.max_age(), mx) else {
            return;
        };

        let is_only_new = |records: &[MxRecord]| to.is_reached_by(records);
        let is_moved = is_only_new(self.mx());
        let since = self.history.mx_since(is_only_new).filter(|_| is_moved);
        let mut earliest = since
            .unwrap_or(self.at)
            .saturating_add(self.mx_ttl())
            .saturating_add(AFTERMATH);
        let drops_nothing = promised.mx().iter().all(|it| of_new(&it));
        if drops_nothing && promised.mode() == to.mode {
            earliest = self.at;
        }
        let back = to.mode == Mode::Enforce && promised.mode() == Mode::Testing;
        let stage = PlanStage {
            text: "The old mail servers are not yours any more, so the policy shouldn’t vouch for them."
                .into(),
            requirements: vec![self.new_are_fine(to)],
            way_back: "Publish the policy with both again, with a new id, before you put an old MX record \
                       back."
                .into(),
            ..PlanStage::new(
                "drop-old",
                if back {
                    "Switch back to enforce mode, without the old mail servers"
                } else {
                    "Remove the old mail servers from the policy"
                },
                self.not_before(
                    Some(earliest),
                    format!(
                        "A resolver may keep the earlier MX records for {}. A week more leaves time to go back.",
                        self.mx_ttl_in_words()
                    ),
                ),
            )
        };
        let is_done =
            is_moved && drops_nothing && promised.mode() == to.mode && self.is_announced();
        self.publish(stage, last, is_done);
    }

    fn new_are_fine(&self, to: &Move) -> Requirement {
        let mut receive = self.receive(&to.hosts());
        if to.vouched && receive.is_met.is_none() {
            receive.is_met = Some(true);
        }
        receive
    }

    fn mx_ttl_in_words(&self) -> String {
        span(self.mx_ttl())
    }

    /// What is published, and each new host that it doesn’t cover, and each of today’s.
    fn with_both(&self, to: &Move, promised: &Policy, mode: Mode) -> Option<Policy> {
        let mut mx = promised.mx().to_vec();
        add_exact(&mut mx, self.mx());
        add_exact(&mut mx, &to.to);
        policy(mode, promised.max_age(), mx)
    }
}

/// Adds the exact name of each host that no pattern covers. A wildcard covers one label only.
fn add_exact(mx: &mut Vec<MxPattern>, records: &[MxRecord]) {
    for record in records {
        if let Ok(pattern) = MxPattern::of_host(&record.exchange)
            && !mx.iter().any(|it| it.matches(pattern.as_str()))
        {
            mx.push(pattern);
        }
    }
}
