//! The next steps for a domain: what to do, and when.

use std::collections::BTreeMap;

use mta_sts_core::facts::Certificate;
use mta_sts_core::{Mode, Plan, StageStatus, day, escaped, plan};
use serde::Serialize;
use time::{Date, Duration, OffsetDateTime};

use crate::work::Work;

/// How long testing mode should be live. In two weeks of daily reports, every regular sender should
/// appear once. RFC 8461 gives no number.
const TESTING: Duration = Duration::weeks(2);

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// The kind of step. With the domain, it identifies the event in a calendar.
    pub kind: NextStepKind,
    /// The day, if there is one.
    pub on: Option<Date>,
    /// What to do, in one line.
    pub title: String,
    /// How and why.
    pub text: String,
}

/// What a next step is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextStepKind {
    /// The new version has to be published everywhere.
    Publish,
    /// From testing to enforce mode.
    Enforce,
    /// Enforce mode is on. The policy has to match the mail servers.
    Keep,
    /// MTA-STS is switched off. Record and file can be removed.
    Remove,
    /// The certificate of this host has to be renewed.
    Renew(String),
    /// A stage of the plan.
    Stage {
        /// What the plan changes.
        change: &'static str,
        /// The stage.
        stage: &'static str,
    },
}

impl NextStepKind {
    /// A short name that stays the same when the date moves.
    #[must_use]
    pub fn slug(&self) -> String {
        match self {
            Self::Publish => "publish".into(),
            Self::Enforce => "enforce".into(),
            Self::Keep => "keep".into(),
            Self::Remove => "remove".into(),
            Self::Renew(host) => format!("renew-{host}"),
            Self::Stage { change, stage } => format!("{change}-{stage}"),
        }
    }
}

impl Work {
    /// The day to come back: two weeks after testing mode went live.
    #[must_use]
    pub fn come_back_on(&self) -> Option<OffsetDateTime> {
        self.draft
            .as_ref()
            .filter(|draft| draft.mode == Mode::Testing)?;
        self.testing_ends_on()
    }

    /// When testing mode has been live for two weeks, whatever the draft says now. `None` if it was
    /// never live everywhere.
    #[must_use]
    pub fn testing_ends_on(&self) -> Option<OffsetDateTime> {
        let live = self.history.live.as_ref()?;
        match live.mode {
            Mode::Testing => live.since.checked_add(TESTING),
            Mode::Enforce => Some(live.since),
            Mode::None => None,
        }
    }

    /// Until when some sender may still use an earlier policy, if the draft switches MTA-STS off.
    /// The policy with the longest `max_age` decides (RFC 8461 8.3).
    #[must_use]
    pub fn held_until(&self) -> Option<OffsetDateTime> {
        self.history.held_until(self.live_since()?)
    }

    /// The stages of the plan that the person follows.
    #[must_use]
    pub fn plan(&self, now: OffsetDateTime) -> Option<Plan> {
        let facts = self.facts.as_deref()?;
        Some(plan(self.plan.as_ref()?, facts, &self.history, now))
    }

    /// The stages that aren’t done, as next steps.
    fn stages(&self, now: OffsetDateTime) -> Option<Vec<NextStep>> {
        let change = self.plan.as_ref()?.name();
        let plan = self.plan(now)?;
        let left = plan
            .stages
            .iter()
            .filter(|it| it.status != StageStatus::Done);
        let steps = left.map(|stage| NextStep {
            kind: NextStepKind::Stage {
                change,
                stage: stage.id,
            },
            on: (stage.earliest.at > now).then(|| stage.earliest.at.date()),
            title: stage.title.clone(),
            text: stage.text.clone(),
        });
        Some(steps.collect())
    }

    /// The next steps in order: those of the plan, if there is one. While the draft is invalid, only
    /// renewals.
    #[must_use]
    pub fn next_steps(&self, now: OffsetDateTime) -> Vec<NextStep> {
        if let Some(mut steps) = self.stages(now) {
            steps.extend(self.renewals());
            return steps;
        }
        let Some(setup) = self.setup() else {
            return self.renewals();
        };
        let domain = setup.domain.to_unicode();
        let mut steps = Vec::new();
        if !self.is_live() {
            steps.push(NextStep {
                kind: NextStepKind::Publish,
                on: None,
                title: "Finish step 3".into(),
                text: "When step 3 is all green, you’ll find your next date here.".into(),
            });
        }
        match (setup.policy.mode(), self.live_since()) {
            (_, None) => {}
            // All of it is gone already.
            (Mode::None, Some(_)) if self.is_removed() => {}
            (Mode::Testing, Some(_)) => steps.push(NextStep {
                kind: NextStepKind::Enforce,
                on: self.come_back_on().map(OffsetDateTime::date),
                title: format!("Switch {domain} to enforce mode"),
                text: "MTA-STS is live in testing mode. Until that day, open the TLS reports you \
                       receive (below). If they show no failures, come back, check again and switch."
                    .into(),
            }),
            (Mode::Enforce, Some(_)) => steps.push(NextStep {
                kind: NextStepKind::Keep,
                on: None,
                title: "Keep it working".into(),
                text: "Come back before you change mail servers: the new server has to be in the \
                       policy before your MX records name it."
                    .into(),
            }),
            (Mode::None, Some(_)) => steps.push(NextStep {
                kind: NextStepKind::Remove,
                on: self.held_until().map(OffsetDateTime::date),
                title: format!("Remove MTA-STS from {domain}"),
                text: match self.held_until() {
                    Some(date) => format!(
                        "Keep the record, the file and the policy host until {}. By then every \
                         sender has dropped the old policy. Then remove the record first, then the \
                         file and the policy host.",
                        day(date)
                    ),
                    None => "Keep the record, the file and the policy host until every sender has \
                             dropped the old policy. Then remove the record first, then the file and \
                             the policy host."
                        .into(),
                },
            }),
        }
        steps.extend(self.renewals());
        steps
    }

    /// Whether the last check found nothing published any more.
    fn is_removed(&self) -> bool {
        let facts = self.facts.as_deref();
        facts.is_some_and(|facts| !facts.cut_short && facts.nothing_published())
    }

    /// The certificates to renew: those of the mail servers and of the policy host.
    fn renewals(&self) -> Vec<NextStep> {
        let Some(facts) = &self.facts else {
            return Vec::new();
        };
        let servers = facts.mail_servers.iter().filter_map(|server| {
            let leaves = server.sessions.iter();
            let leaves = leaves.filter_map(|session| session.chain.seen()?.leaf());
            let leaf = leaves.min_by_key(|leaf| leaf.not_after)?;
            Some((escaped(&server.host, 253), leaf))
        });
        let policy_host = facts
            .policy
            .seen()
            .and_then(|fetch| Some((facts.domain.policy_host(), fetch.chain.seen()?.leaf()?)));
        let mut by_day: BTreeMap<Date, (&Certificate, Vec<String>)> = BTreeMap::new();
        for (host, leaf) in servers.chain(policy_host) {
            let day = by_day.entry(leaf.not_after.date());
            let (first, hosts) = day.or_insert((leaf, Vec::new()));
            // What is due first is due for all.
            if leaf.renewal_due() < first.renewal_due() {
                *first = leaf;
            }
            hosts.push(host);
        }
        let mode = self.draft.as_ref().map(|draft| draft.mode);
        let policy_host = facts.domain.policy_host();
        // Without the policy host, senders rely on the policy that they have (RFC 8461 3.3).
        let then = |hosts: &[String]| match mode {
            Some(Mode::None) | None => "",
            _ if hosts.iter().all(|host| *host == policy_host) => {
                " From then on, senders can’t fetch the policy."
            }
            Some(Mode::Enforce) => " From then on, senders hold mail back.",
            Some(Mode::Testing) => " In enforce mode, senders would hold mail back from then on.",
        };
        let step = |(leaf, mut hosts): (&Certificate, Vec<String>)| {
            hosts.sort();
            hosts.dedup();
            let of = match hosts.as_slice() {
                [] => return None,
                [host] => format!("certificate of {host}"),
                [first, second] => format!("certificates of {first} and {second}"),
                [first, rest @ ..] => {
                    format!("certificates of {first} and {} more", rest.len())
                }
            };
            let it = if hosts.len() == 1 {
                "It expires"
            } else {
                "They expire"
            };
            Some(NextStep {
                on: Some(leaf.renewal_due().date()),
                title: format!("Renew the {of}"),
                text: format!(
                    "{it} on {}.{} If renewal is automatic, confirm that it ran.",
                    day(leaf.not_after),
                    then(&hosts)
                ),
                kind: NextStepKind::Renew(hosts.swap_remove(0)),
            })
        };
        by_day.into_values().filter_map(step).collect()
    }
}
