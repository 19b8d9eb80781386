//! From a policy that a service hosts (RFC 8461 8.2) to the same policy on an own web host.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{Planner, span};
use crate::facts::{Answer, Facts, Observed};
use crate::knowledge::hosted_policy::hosted_policy;
use crate::publication::plan::stage::{Action, PlanStage, Requirement};
use crate::text::policy::Policy;
use crate::text::wording::shown;

/// The aliases to leave, as they were when the plan began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// The name of the service, for people.
    pub service: String,
    /// The name that the policy host is an alias of.
    pub policy_host: Option<String>,
    /// The name that the MTA-STS record is an alias of.
    pub record: Option<String>,
}

impl Leave {
    /// The aliases that are published now; `None` where there is none.
    #[must_use]
    pub fn of(facts: &Facts) -> Option<Self> {
        let leave = Self {
            service: hosted_policy(facts)
                .map_or("the service", |it| &it.name)
                .to_owned(),
            policy_host: facts.policy_host.seen().and_then(own_alias),
            record: facts.record.seen().and_then(own_alias),
        };
        (leave.policy_host.is_some() || leave.record.is_some()).then_some(leave)
    }
}

/// The alias in one’s own zone. What is behind it belongs to the service.
fn own_alias<T>(answer: &Answer<T>) -> Option<String> {
    answer.aliases.first().cloned()
}

/// Whether an answer no longer comes by this alias.
fn has_left<T>(answer: &Observed<Answer<T>>, alias: Option<&String>) -> bool {
    let is_away = |alias: &String| answer.seen().is_some_and(|it| !it.aliases.contains(alias));
    alias.is_none_or(is_away)
}

/// How to go back to an alias.
fn put_back(alias: Option<&String>) -> String {
    match alias {
        Some(alias) => format!("Put the CNAME to {} back.", shown(alias)),
        None => "Nothing changes for senders: it is the same policy.".into(),
    }
}

impl Planner<'_> {
    pub(super) fn leave(&mut self, from: &Leave) {
        // The own web host may fail right after the switch; the policy is still the same.
        let published = self.published();
        let is_served = published.is_some();
        let Some(published) = published.or_else(|| self.history.latest_policy()) else {
            self.remarks
                .push("No policy is published that could be hosted elsewhere.".into());
            return;
        };
        let is_own = is_served && has_left(&self.facts.policy_host, from.policy_host.as_ref());
        self.own_host(from, &published, is_own);
        let is_record_own = has_left(&self.facts.record, from.record.as_ref());
        let has_own = is_own && is_record_own && self.is_announced();
        self.own_record(from, &published, is_own, has_own);
        self.end_service(from, &published, has_own);
    }

    fn own_host(&mut self, from: &Leave, published: &Policy, is_own: bool) {
        let domain = &self.facts.domain;
        let (host, url) = (domain.policy_host(), domain.policy_url());
        let alias = from.policy_host.as_ref();
        let file = Action::ServeFile {
            url: url.clone(),
            text: published.write(),
        };
        let switch = alias.map(|alias| Action::PointPolicyHost {
            name: host.clone(),
            alias: alias.clone(),
        });
        let title = "Serve the policy from your own web host";
        let stage = PlanStage {
            text: format!(
                "It is the same policy, so nothing changes for senders. Your web host needs a \
                 certificate for {host} before its name points there; a DNS record (DNS-01) can prove \
                 it. To try the web host before the switch: curl --resolve {host}:443:ADDRESS {url}"
            ),
            actions: std::iter::once(file).chain(switch).collect(),
            done_when: "the policy comes from your own web host, with a certificate for its name"
                .into(),
            way_back: put_back(alias),
            ..PlanStage::new("own-host", title, self.at_once(""))
        };
        self.add(stage, is_own);
    }

    fn own_record(&mut self, from: &Leave, published: &Policy, is_own: bool, has_own: bool) {
        let record = self.setup_with_new_id(published.clone()).mta_sts_record();
        let removal = from.record.as_ref().map(|alias| Action::RemoveRecord {
            name: record.name.clone(),
            value: Some(format!("CNAME {alias}")),
        });
        let own = Action::PublishRecord {
            name: record.name,
            value: record.value,
            replaces: self.record_text(),
        };
        let requirement = Requirement {
            text: "the policy from your own web host".into(),
            is_met: Some(is_own),
            seen: if is_own {
                "The policy host no longer points to the service.".into()
            } else {
                "The policy host still points to the service.".into()
            },
        };
        let title = "Publish your own MTA-STS record";
        let stage = PlanStage {
            text:
                "Use your own record, with a new id. From then on you change the policy yourself."
                    .into(),
            requirements: vec![requirement],
            actions: removal.into_iter().chain([own]).collect(),
            done_when: "every name server has your own record".into(),
            way_back: put_back(from.record.as_ref()),
            ..PlanStage::new("own-record", title, self.at_once(""))
        };
        self.add(stage, has_own);
    }

    /// The service has to answer for as long as a resolver may send senders there.
    fn end_service(&mut self, from: &Leave, published: &Policy, has_own: bool) {
        let ttl = self.record_ttl().max(Duration::DAY);
        let announced = self.history.announced_at(published).filter(|_| has_own);
        let alias = self.history.host_alias.as_ref().map(|it| it.since);
        let at = announced.unwrap_or(self.at).max(alias.unwrap_or(self.at));
        let at = at.saturating_add(ttl);
        let service = &from.service;
        let why = format!(
            "A resolver may send senders to {service} for {}.",
            span(ttl)
        );
        let earliest = self.not_before(Some(at), why);
        let is_over = has_own && earliest.at <= self.now;
        let stage = PlanStage {
            text: "Nothing points there any more.".into(),
            done_when: "that day has come".into(),
            way_back: "Nothing depends on it any more.".into(),
            ..PlanStage::new(
                "end-service",
                format!("End the service at {service}"),
                earliest,
            )
        };
        self.add(stage, is_over);
    }
}
