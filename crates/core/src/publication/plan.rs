//! A change to a domain that takes days or weeks, as stages: what to publish, when, and why then.
//!
//! Nothing of a plan’s progress is stored. Which stages are done follows from what is published and
//! what was published before, so a plan goes on after a restart, and after changes made elsewhere.

mod enforce;
mod leave;
mod move_mail;
mod off;
mod stage;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

pub use self::leave::Leave;
pub use self::move_mail::Move;
pub use self::stage::{Action, Earliest, PlanStage, Requirement, StageStatus};

use crate::facts::{Answer, Facts, Observed};
use crate::knowledge::hosted_policy::{HostedPolicy, hosted_policy};
use crate::publication::artifacts::Setup;
use crate::publication::history::{History, is_file_gone};
use crate::publication::reported_sessions::EnforceProof;
use crate::report::delivery::{Delivery, has_no_address, simulate};
use crate::text::date_style::day;
use crate::text::domain::Domain;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{MaxAge, Mode, Policy, PolicyReading};
use crate::text::sts_record::{PolicyId, StsSelection};
use crate::text::tls_rpt_record::TlsRptSelection;
use crate::text::wording::{duration, in_words, shown};

/// What is to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum Change {
    /// From testing to enforce mode.
    Enforce {
        /// What the TLS reports show, where some were read.
        #[serde(skip)]
        reports: Option<EnforceProof>,
    },
    /// To other mail servers.
    Move(Move),
    /// To no MTA-STS.
    Off,
    /// From a policy that a service hosts to one on an own web host.
    Leave(Leave),
}

impl Change {
    /// Its name for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Enforce { .. } => "enforce",
            Self::Move(_) => "move",
            Self::Off => "off",
            Self::Leave(_) => "leave",
        }
    }
}

/// The stages of a change, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The domain.
    pub domain: Domain,
    /// What it changes, in a few words.
    pub title: String,
    /// The stages.
    pub stages: Vec<PlanStage>,
    /// What to know about the whole.
    pub remarks: Vec<String>,
}

impl Plan {
    /// Whether every stage is done, and there was one.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !self.stages.is_empty() && self.current().is_none()
    }

    /// The stage that is next; `None` when all are done.
    #[must_use]
    pub fn current(&self) -> Option<&PlanStage> {
        self.stages
            .iter()
            .find(|stage| stage.status != StageStatus::Done)
    }
}

/// Works out the stages of a change.
///
/// A date lies as early as every known sender allows: one that keeps a policy for its whole `max_age`
/// without looking at the record again, too (RFC 8461 3.3 lets it). Later stages count from the
/// earliest date of those before them.
///
/// ```
/// use mta_sts_core::facts::{Answer, Observed, PolicyFetch};
/// use mta_sts_core::{Change, Domain, Facts, History, plan};
/// use time::macros::datetime;
///
/// let now = datetime!(2026-11-23 12:00 UTC);
/// let mut facts = Facts::new(Domain::parse("example.com")?, now);
/// let file = b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";
/// facts.policy = Observed::Seen(PolicyFetch::of_file(file));
/// facts.record = Observed::Seen(Answer::of(["v=STSv1; id=1;".to_owned()]));
///
/// let plan = plan(&Change::Off, &facts, &History::of(&facts), now);
/// let ids: Vec<_> = plan.stages.iter().map(|stage| stage.id).collect();
/// assert_eq!(ids, ["none", "remove-record", "remove-host"]);
/// assert_eq!(plan.stages[1].earliest.at, datetime!(2026-11-30 12:00 UTC));
/// # Ok::<(), mta_sts_core::DomainError>(())
/// ```
#[must_use]
pub fn plan(change: &Change, facts: &Facts, history: &History, now: OffsetDateTime) -> Plan {
    let mut history = history.clone();
    history.note(facts);
    let mut planner = Planner {
        facts,
        history: &history,
        now,
        at: now,
        stages: Vec::new(),
        remarks: Vec::new(),
    };
    let domain = facts.domain.to_unicode();
    let rests_on_mx = matches!(change, Change::Enforce { .. } | Change::Move(_));
    let is_known = planner.look_first(rests_on_mx);
    let title = match change {
        Change::Enforce { reports } => {
            if is_known {
                planner.enforce(*reports);
            }
            format!("Switch {domain} to enforce mode")
        }
        Change::Move(to) => {
            if is_known {
                planner.move_mail(to);
            }
            format!("Move the mail of {domain} to {}", to.in_words())
        }
        Change::Off => {
            if is_known {
                planner.off();
            }
            format!("Switch MTA-STS off for {domain}")
        }
        Change::Leave(from) => {
            if is_known {
                planner.leave(from);
            }
            format!("Host the policy of {domain} yourself")
        }
    };
    Plan {
        domain: facts.domain.clone(),
        title,
        stages: planner.stages,
        remarks: planner.remarks,
    }
}

/// A check older than this doesn’t count as today’s.
const FRESH: Duration = Duration::DAY;
/// Where no TTL was seen: as long as a DNS provider’s default may be.
const UNKNOWN_TTL_SECS: u32 = 86_400;

/// Collects the stages of one plan.
struct Planner<'a> {
    facts: &'a Facts,
    history: &'a History,
    now: OffsetDateTime,
    /// When the next stage begins at the earliest.
    at: OffsetDateTime,
    stages: Vec<PlanStage>,
    remarks: Vec<String>,
}

impl Planner<'_> {
    /// Adds a stage. The first that isn’t done is the current one.
    fn add(&mut self, mut stage: PlanStage, is_done: bool) {
        let is_current = self.stages.iter().all(|it| it.status == StageStatus::Done);
        stage.status = if is_done {
            StageStatus::Done
        } else if !is_current {
            StageStatus::Later
        } else if stage.earliest.at > self.now {
            StageStatus::Waiting
        } else {
            if !stage.is_urgent {
                stage.requirements.push(self.is_fresh());
            }
            stage.begin()
        };
        if !is_done {
            self.at = self.at.max(stage.earliest.at);
        }
        self.stages.push(stage);
    }

    /// Without the published policy, or the MX records where they matter, no stage can be told from
    /// another: a fetch that failed doesn’t mean that nothing is published. Whether all of it is known.
    fn look_first(&mut self, rests_on_mx: bool) -> bool {
        let is_policy_known = self.published().is_some() || is_file_gone(self.facts);
        let missing = [
            (
                is_policy_known,
                "the policy that is published",
                self.facts.policy.failed(),
            ),
            (
                self.facts.record.seen().is_some(),
                "the MTA-STS record",
                self.facts.record.failed(),
            ),
            (
                self.facts.mx.seen().is_some() || !rests_on_mx,
                "the MX records",
                self.facts.mx.failed(),
            ),
        ];
        let missing = missing.into_iter().filter(|(is_known, _, _)| !is_known);
        let requirements: Vec<Requirement> = missing
            .map(|(_, what, failure)| Requirement {
                text: what.into(),
                is_met: None,
                seen: match failure {
                    Some(failure) => format!("It couldn’t be checked: {failure}."),
                    None => "It hasn’t been checked yet.".into(),
                },
            })
            .collect();
        if requirements.is_empty() {
            return true;
        }
        let stage = PlanStage {
            text: "The plan follows from what is published, and that isn’t known.".into(),
            requirements,
            done_when: "the check has seen all of it".into(),
            ..PlanStage::new("look-first", "Check the domain again", self.at_once(""))
        };
        self.add(stage, false);
        false
    }

    /// At once, as far as this plan is concerned.
    fn at_once(&self, why: impl Into<String>) -> Earliest {
        Earliest {
            at: self.at,
            why: why.into(),
        }
    }

    fn not_before(&self, at: Option<OffsetDateTime>, why: impl Into<String>) -> Earliest {
        Earliest {
            at: at.map_or(self.at, |at| at.max(self.at)),
            why: why.into(),
        }
    }

    fn is_fresh(&self) -> Requirement {
        let checked_at = self.facts.checked_at;
        let age = self.now - checked_at;
        Requirement {
            text: "a check from today".into(),
            is_met: (-FRESH..=FRESH).contains(&age).then_some(true),
            seen: format!("The last check is from {}.", day(checked_at)),
        }
    }

    /// The stage that publishes a policy: the file first, then the record with a new id (RFC 8461
    /// 8.1). A service that hosts the policy does both.
    fn publish(&mut self, stage: PlanStage, policy: Policy, is_done: bool) {
        let setup = self.setup(policy, stage.earliest.at.max(self.now));
        let actions = match self.service() {
            Some(service) => {
                let change = Action::ChangeAtService {
                    service: service.name.clone(),
                    place: service.change_at.clone(),
                    policy: setup.policy.write(),
                };
                // Where the record isn’t an alias, it is one’s own, and so is its id.
                let is_own = self
                    .facts
                    .record
                    .seen()
                    .is_some_and(|it| it.aliases.is_empty());
                let record = is_own.then(|| self.record_of(&setup));
                std::iter::once(change).chain(record).collect()
            }
            None => self.publishing(&setup),
        };
        let stage = PlanStage {
            actions,
            setup: self.service().is_none().then_some(setup),
            done_when: "every name server, every resolver and the web host show the new version"
                .into(),
            ..stage
        };
        self.add(stage, is_done);
    }

    /// The file and the record of a setup, as far as they differ from what is published.
    fn publishing(&self, setup: &Setup) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.published().as_ref() != Some(&setup.policy) || !self.is_read_alike() {
            actions.push(Action::ServeFile {
                url: self.facts.domain.policy_url(),
                text: setup.policy.write(),
            });
        }
        actions.push(self.record_of(setup));
        actions
    }

    fn record_of(&self, setup: &Setup) -> Action {
        let record = setup.mta_sts_record();
        Action::PublishRecord {
            name: record.name,
            value: record.value,
            replaces: self.record_text(),
        }
    }

    /// The same policy under an id that tells it from the published one.
    fn setup_with_new_id(&self, policy: Policy) -> Setup {
        let mut setup = self.setup(policy, self.now);
        if self.facts.announced_id().as_ref() == Some(&setup.id) {
            setup.id = self.free_id(&setup.policy, self.now);
        }
        setup
    }

    fn setup(&self, policy: Policy, at: OffsetDateTime) -> Setup {
        let tls_rpt = self.facts.tls_rpt.seen();
        let rua = tls_rpt.and_then(|answer| match TlsRptSelection::of(&answer.records) {
            TlsRptSelection::One(reading) => reading.record,
            TlsRptSelection::None | TlsRptSelection::Several(_) => None,
        });
        Setup {
            domain: self.facts.domain.clone(),
            zone: self.facts.zone_or_domain(),
            id: self.new_id(&policy, at),
            policy,
            rua: rua.map(|record| record.rua).unwrap_or_default(),
        }
    }

    /// The id of a policy that is announced already; else one that no sender has seen with another.
    fn new_id(&self, policy: &Policy, at: OffsetDateTime) -> PolicyId {
        if self.published().as_ref() == Some(policy)
            && let Some(id) = self.facts.announced_id()
            && !self.history.is_id_of_another(id.as_str(), policy)
        {
            return id;
        }
        self.free_id(policy, at)
    }

    fn free_id(&self, policy: &Policy, at: OffsetDateTime) -> PolicyId {
        let ids = (0..).map(|secs| PolicyId::from_utc(at.saturating_add(Duration::seconds(secs))));
        let is_free = |id: &PolicyId| {
            self.facts.announced_id().as_ref() != Some(id)
                && !self.history.is_id_of_another(id.as_str(), policy)
        };
        // Fewer versions are kept than there are seconds to try.
        let mut free = ids.take(1_000).filter(is_free);
        free.next().unwrap_or_else(|| PolicyId::from_utc(at))
    }

    /// The published policy.
    fn published(&self) -> Option<Policy> {
        self.facts.published_policy()
    }

    /// Whether every sender reads the same from the published file. Where a field is repeated, some
    /// go by the last.
    fn is_read_alike(&self) -> bool {
        let fetch = self.facts.policy.seen();
        let response = fetch.and_then(|fetch| fetch.response.seen());
        let fields = response.map(|it| PolicyReading::read(&it.body.0).fields);
        fields.is_some_and(|fields| {
            let count = |key: &str| fields.iter().filter(|field| field.key == key).count();
            count("mode") == 1 && count("max_age") == 1
        })
    }

    /// The service that hosts the policy.
    fn service(&self) -> Option<&'static HostedPolicy> {
        hosted_policy(self.facts)
    }

    /// The text of the MTA-STS record, where there is one.
    fn record_text(&self) -> Option<String> {
        match StsSelection::of(&self.facts.record.seen()?.records) {
            StsSelection::One(reading) => reading.record.map(|record| record.write()),
            StsSelection::None | StsSelection::Several(_) => None,
        }
    }

    /// Whether the published policy is announced with an id of its own by everyone who was asked.
    fn is_announced(&self) -> bool {
        let Some(policy) = self.published() else {
            return false;
        };
        let Some(id) = self.facts.announced_id() else {
            return false;
        };
        let has_id = |answer: &Observed<Answer<String>>| match answer {
            Observed::Seen(answer) => matches!(
                StsSelection::of(&answer.records),
                StsSelection::One(reading) if reading.record.as_ref().is_some_and(|it| it.id == id)
            ),
            // A server that can’t be asked is no obstacle.
            Observed::Failed(_) | Observed::NotAsked => true,
        };
        let mut answers = self.facts.name_servers.iter().map(|view| &view.record);
        self.is_read_alike()
            && has_id(&self.facts.record)
            && answers.all(has_id)
            && !self.history.is_id_of_another(id.as_str(), &policy)
    }

    /// Whether nobody who was asked has an MTA-STS record.
    fn is_record_gone(&self) -> bool {
        let has_none = |answer: &Answer<String>| {
            matches!(StsSelection::of(&answer.records), StsSelection::None)
        };
        let views = self.facts.name_servers.iter().map(|view| &view.record);
        self.facts.record.seen().is_some_and(has_none)
            && views.filter_map(Observed::seen).all(has_none)
    }

    /// The longest that a resolver keeps the MTA-STS record, or that there is none.
    fn record_ttl(&self) -> Duration {
        let views = self.facts.name_servers.iter().map(|view| &view.record);
        let answers = views.chain([&self.facts.record]).filter_map(Observed::seen);
        let ttls = answers.flat_map(|it| [it.ttl_secs, it.negative_ttl_secs]);
        ttl(ttls.flatten().max())
    }

    /// The longest that a resolver keeps the MX records.
    fn mx_ttl(&self) -> Duration {
        ttl(self.history.mx_ttl_secs().filter(|secs| *secs > 0))
    }

    /// Whether these hosts pass a sender’s check, whatever the policy lists.
    fn receive(&self, hosts: &[&str]) -> Requirement {
        let mut facts = self.facts.clone();
        let planned = std::mem::take(&mut facts.planned);
        for server in planned {
            if !facts.mail_servers.iter().any(|it| it.host == server.host) {
                facts.mail_servers.push(server);
            }
        }
        let outcomes = simulate(None, &facts);
        let mut met = Some(true);
        let mut seen = Vec::new();
        for host in hosts {
            let outcome = outcomes.iter().find(|it| it.host == *host);
            let server = facts.mail_servers.iter().find(|it| it.host == *host);
            if server.is_some_and(has_no_address) {
                met = Some(false);
                seen.push(format!("{} has no address in the DNS.", shown(host)));
                continue;
            }
            match outcome.map(|it| it.under(Mode::Enforce)) {
                Some(outcome) if outcome.delivery == Delivery::Delivered => {}
                Some(outcome) if outcome.delivery == Delivery::Refused => {
                    met = Some(false);
                    seen.push(outcome.because.clone());
                }
                Some(outcome) => {
                    met = met.filter(|met| !met);
                    seen.push(outcome.because.clone());
                }
                None => {
                    met = met.filter(|met| !met);
                    seen.push(format!("{} hasn’t been checked yet.", shown(host)));
                }
            }
        }
        if hosts.is_empty() {
            met = None;
            seen.push("No mail server is known.".into());
        }
        Requirement {
            text: format!(
                "{} with encryption and a certificate that senders accept",
                match hosts {
                    [host] => format!("{} receives mail", shown(host)),
                    _ => format!(
                        "{} receive mail",
                        in_words(hosts.iter().map(|it| shown(it)))
                    ),
                }
            ),
            is_met: met,
            seen: if seen.is_empty() {
                "All of them do.".into()
            } else {
                seen.join(" ")
            },
        }
    }
}

/// A time in words.
fn span(time: Duration) -> String {
    duration(time.whole_seconds().try_into().unwrap_or(u32::MAX))
}

fn ttl(secs: Option<u32>) -> Duration {
    Duration::seconds(secs.unwrap_or(UNKNOWN_TTL_SECS).into())
}

/// A policy with these lines; what can’t be written, such as no line at all, is none.
fn policy(mode: Mode, max_age: MaxAge, mx: Vec<MxPattern>) -> Option<Policy> {
    Policy::new(mode, max_age.min(MaxAge::LONGEST_WRITTEN), mx).ok()
}
