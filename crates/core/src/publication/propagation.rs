//! What a look at the publication saw: every authoritative name server, the system's resolver,
//! public resolvers, and the policy host. Observations only; [`crate::Progress`] compares them with
//! a setup.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::facts::Facts;
use crate::facts::server_view::{Observer, ServerView};
use crate::facts::{Answer, NearMiss, Observed, PolicyFetch, Zone, replace_or_push};
use crate::knowledge::senders::SenderVerdict;
use crate::publication::artifacts::Setup;
use crate::report;
use crate::rules::case::Case;
use crate::text::domain::Domain;
use crate::text::policy::PolicyReading;
use crate::text::sts_record::StsSelection;
use crate::text::tls_rpt_record::TlsRptSelection;

/// One look at the publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Propagation {
    /// When the look began, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub asked_at: OffsetDateTime,
    /// The zone and its name servers.
    pub zone: Observed<Zone>,
    /// One entry for each observer, in the order in which they answered first.
    pub views: Vec<ServerView>,
    /// What came of fetching the policy, over IPv4 where its host has that.
    pub policy: Observed<PolicyFetch>,
    /// The same over IPv6, where its host has both families.
    #[serde(default)]
    pub policy_over_ipv6: Observed<PolicyFetch>,
    /// What a name server has at the names where a record is found by mistake. Asked only where
    /// the right name has none, sorted by name.
    #[serde(default)]
    pub near_misses: Vec<NearMiss>,
}

/// One observation of a look, sent as soon as it is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Sighting {
    /// The zone and its name servers.
    Zone(Observed<Zone>),
    /// The answers of one observer.
    View(Box<ServerView>),
    /// The policy fetch.
    Policy(Observed<PolicyFetch>),
    /// The policy fetch over IPv6.
    PolicyOverIpv6(Observed<PolicyFetch>),
    /// What stands at a name beside the right one.
    NearMiss(NearMiss),
}

/// The time between two looks, of which so many were taken: soon at first, when a person has just
/// pressed a button, then slower, as a DNS takes minutes.
#[must_use]
pub fn wait_before_look(looks_taken: u32) -> Duration {
    const FIRST_SECS: i64 = 10;
    const MAX_SECS: i64 = 300;
    let doublings = looks_taken.saturating_sub(1).min(10);
    Duration::seconds((FIRST_SECS << doublings).min(MAX_SECS))
}

impl Propagation {
    /// The next look. What a cache must still say is taken over from this one, so that nobody asks
    /// it before its time.
    #[must_use]
    pub fn again(&self, asked_at: OffsetDateTime) -> Self {
        let still_says = |view: &&ServerView| {
            view.unchanged_until()
                .is_some_and(|unchanged_until| asked_at < unchanged_until)
        };
        Self {
            views: self.views.iter().filter(still_says).cloned().collect(),
            ..Self::new(asked_at)
        }
    }

    /// A look at which nothing has been seen yet.
    #[must_use]
    pub fn new(asked_at: OffsetDateTime) -> Self {
        Self {
            asked_at,
            zone: Observed::NotAsked,
            views: Vec::new(),
            policy: Observed::NotAsked,
            policy_over_ipv6: Observed::NotAsked,
            near_misses: Vec::new(),
        }
    }

    /// What the first name server that answered says; `None` if none did.
    pub(crate) fn first_answer<T>(
        &self,
        of: impl Fn(&ServerView) -> &Observed<Answer<T>>,
    ) -> Option<&Answer<T>> {
        let name_servers = self.views.iter().filter(|view| !view.observer.is_cache());
        let answers = name_servers.filter_map(|view| Some((&view.observer, of(view).seen()?)));
        let first = answers.min_by(|(a, _), (b, _)| a.cmp(b));
        first.map(|(_, answer)| answer)
    }

    /// Whether a name server said what is at the name of the MTA-STS record.
    #[must_use]
    pub fn is_determined(&self) -> bool {
        self.first_answer(|view| &view.record).is_some()
    }

    /// The setup that is published as the first name server that answered and the web host show it;
    /// `None` where they show none that senders could use. For whoever has no files to compare with.
    #[must_use]
    pub fn published(&self, domain: &Domain) -> Option<Setup> {
        let record = self.first_answer(|view| &view.record)?;
        let StsSelection::One(reading) = StsSelection::of(&record.records) else {
            return None;
        };
        let response = self.policy.seen()?.response.seen()?;
        let policy = PolicyReading::read(&response.body.0).policy;
        let tls_rpt = self.first_answer(|view| &view.tls_rpt);
        let tls_rpt = tls_rpt.map(|it| TlsRptSelection::of(&it.records));
        let rua = match tls_rpt {
            Some(TlsRptSelection::One(reading)) => reading.record.map(|record| record.rua),
            _ => None,
        };
        Some(Setup {
            domain: domain.clone(),
            zone: domain.clone(),
            policy: policy.filter(|_| response.status == 200)?,
            id: reading.record?.id,
            rua: rua.unwrap_or_default(),
        })
    }

    /// What known senders make of the policy as it was fetched, the time it took included: the same
    /// judgement as that of a check.
    #[must_use]
    pub fn sender_compatibility(&self, domain: &Domain) -> Vec<SenderVerdict> {
        let mut facts = Facts::new(domain.clone(), self.asked_at);
        facts.policy = self.policy.clone();
        let resolver = |view: &&ServerView| view.observer == Observer::SystemResolver;
        if let Some(view) = self.views.iter().find(resolver) {
            facts.record = view.record.clone();
        }
        report::senders(&Case::of(&facts))
    }

    /// Takes in one observation. A later one of the same observer replaces the earlier.
    pub fn fold(&mut self, sighting: Sighting) {
        match sighting {
            Sighting::Zone(zone) => self.zone = zone,
            Sighting::Policy(policy) => self.policy = policy,
            Sighting::PolicyOverIpv6(policy) => self.policy_over_ipv6 = policy,
            Sighting::NearMiss(near_miss) => {
                replace_or_push(&mut self.near_misses, near_miss, |it| it.name.clone());
            }
            Sighting::View(view) => {
                match self
                    .views
                    .iter_mut()
                    .find(|known| known.observer == view.observer)
                {
                    Some(known) => *known = *view,
                    None => self.views.push(*view),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::facts::Answer;

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn view(observer: Observer) -> ServerView {
        let nothing = Answer {
            negative_ttl_secs: Some(900),
            ..Answer::no_such_name()
        };
        ServerView {
            observer,
            asked_at: Some(NOON),
            record: Observed::Seen(nothing),
            tls_rpt: Observed::Seen(Answer::of(["v=TLSRPTv1; rua=mailto:a@b.example".into()])),
            policy_host: Observed::Seen(Answer {
                ttl_secs: Some(3600),
                ..Answer::of([[192, 0, 2, 1].into()])
            }),
            mx: Observed::NotAsked,
        }
    }

    #[test]
    fn a_cache_is_not_asked_before_the_first_of_its_answers_has_run_out() {
        let cache = view(Observer::SystemResolver);
        let five_past = NOON + Duration::minutes(5);
        assert_eq!(cache.unchanged_until(), Some(five_past));
        let mut look = Propagation::new(NOON);
        look.fold(Sighting::View(Box::new(cache.clone())));
        assert_eq!(look.again(five_past - Duration::SECOND).views, [cache]);
        assert!(look.again(five_past).views.is_empty());
    }

    #[test]
    fn a_name_server_and_a_cache_that_did_not_answer_can_be_asked_at_any_time() {
        let name_server = Observer::NameServer {
            name: "ns1.example.com".into(),
            ip: [192, 0, 2, 53].into(),
        };
        assert_eq!(view(name_server).unchanged_until(), None);
        let mut silent = view(Observer::SystemResolver);
        silent.record = Observed::NotAsked;
        assert_eq!(silent.unchanged_until(), None);
    }
    #[test]
    fn looks_grow_rarer_up_to_every_five_minutes() {
        let waits: Vec<i64> = (1..8)
            .map(|looks| wait_before_look(looks).whole_seconds())
            .collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(wait_before_look(0), wait_before_look(1));
        assert_eq!(wait_before_look(u32::MAX), Duration::minutes(5));
    }
}
