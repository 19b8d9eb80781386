//! What a person did to the practice internet: what was published there, and how far its clock is
//! ahead. It is saved, so that practice goes on after a restart.

use std::collections::BTreeMap;

use mta_sts_core::facts::MxRecord;
use mta_sts_core::{Action, Domain};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The practice internet, as far as it differs from its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeWorld {
    /// How far its clock is ahead of the real one, in seconds.
    #[serde(default)]
    ahead_secs: i64,
    /// From when on no certificate is renewed any more, on the same scale.
    #[serde(default)]
    unrenewed_secs: Option<i64>,
    /// What was published, a part at a time.
    #[serde(default)]
    published: BTreeMap<Domain, PracticePublication>,
}

/// What was published for one domain. `None` is a part that nobody changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticePublication {
    /// The text of the MTA-STS record; empty once it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The text of the TLS-RPT record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_rpt: Option<String>,
    /// The policy file; empty once file and policy host are removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The MX records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mx: Option<Vec<MxRecord>>,
}

/// Nobody gets there by skipping waits, and no calendar ends before.
const MAX_AHEAD: Duration = Duration::days(100 * 365);

impl PracticeWorld {
    /// How far the clock is ahead.
    #[must_use]
    pub fn ahead(&self) -> Duration {
        Duration::seconds(self.ahead_secs).clamp(Duration::ZERO, MAX_AHEAD)
    }

    /// How far certificates are ahead: with the clock, until they are no longer renewed.
    #[must_use]
    pub fn renewed(&self) -> Duration {
        let unrenewed = self.unrenewed_secs.map(Duration::seconds);
        unrenewed.map_or(self.ahead(), |at| at.clamp(Duration::ZERO, self.ahead()))
    }

    /// Moves the clock forward to this moment, seen from the present one. It never goes back.
    pub fn skip_to(&mut self, then: OffsetDateTime, now: OffsetDateTime) {
        let skipped = (then - now).max(Duration::ZERO);
        // Up to a whole second, so that the moment has come.
        let secs = skipped.whole_seconds() + i64::from(skipped.subsec_nanoseconds() > 0);
        let ahead = self.ahead() + Duration::seconds(secs);
        self.ahead_secs = ahead.min(MAX_AHEAD).whole_seconds();
    }

    /// Lets every certificate expire, or renews them all.
    pub fn stop_renewal(&mut self, stopped: bool) {
        let since = self.unrenewed_secs.unwrap_or(self.ahead_secs);
        self.unrenewed_secs = stopped.then_some(since);
    }

    /// Whether certificates are no longer renewed.
    #[must_use]
    pub fn is_renewal_stopped(&self) -> bool {
        self.unrenewed_secs.is_some()
    }

    /// Notes what is published for a domain from now on.
    pub fn publish(&mut self, domain: &Domain, publication: &PracticePublication) {
        let known = self.published.entry(domain.clone()).or_default();
        known.add(publication);
    }

    /// What was published for each domain.
    pub fn published(&self) -> impl Iterator<Item = (&Domain, &PracticePublication)> {
        self.published.iter()
    }
}

impl PracticePublication {
    /// What these actions publish.
    #[must_use]
    pub fn of(actions: &[Action]) -> Self {
        let mut all = Self::default();
        for action in actions {
            match action {
                Action::ServeFile { text, .. } => all.policy = Some(text.clone()),
                Action::PublishRecord { value, .. } => all.record = Some(value.clone()),
                Action::RemoveRecord { .. } => all.record = Some(String::new()),
                Action::ChangeMx { to, .. } => all.mx = Some(to.clone()),
                Action::RemovePolicyHost { .. } => all.policy = Some(String::new()),
                Action::ChangeAtService { policy, .. } => all.policy = Some(policy.clone()),
                Action::PointPolicyHost { .. } | Action::Run { .. } => {}
            }
        }
        all
    }

    fn add(&mut self, later: &Self) {
        let Self {
            record,
            tls_rpt,
            policy,
            mx,
        } = later.clone();
        self.record = record.or(self.record.take());
        self.tls_rpt = tls_rpt.or(self.tls_rpt.take());
        self.policy = policy.or(self.policy.take());
        self.mx = mx.or(self.mx.take());
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_clock_goes_forward_and_certificates_with_it_until_they_are_no_longer_renewed() {
        let now = datetime!(2026-11-23 12:00 UTC);
        let mut world = PracticeWorld::default();
        world.skip_to(now + Duration::days(14), now);
        assert_eq!(
            (world.ahead(), world.renewed()),
            (Duration::days(14), Duration::days(14))
        );
        world.skip_to(now, now + Duration::days(1));
        assert_eq!(world.ahead(), Duration::days(14), "never back");
        world.stop_renewal(true);
        world.skip_to(now + Duration::days(10), now);
        assert_eq!(
            (world.ahead(), world.renewed()),
            (Duration::days(24), Duration::days(14))
        );
        world.stop_renewal(false);
        assert_eq!(world.renewed(), Duration::days(24));
    }

    #[test]
    fn what_was_published_adds_up_and_survives_a_restart() {
        let domain = Domain::parse("healthy.example").unwrap();
        let mut world = PracticeWorld::default();
        let record = |value: &str| Action::PublishRecord {
            name: String::new(),
            value: value.into(),
            replaces: None,
        };
        world.publish(&domain, &PracticePublication::of(&[record("1")]));
        let removal = Action::RemovePolicyHost {
            url: String::new(),
            name: String::new(),
        };
        world.publish(&domain, &PracticePublication::of(&[removal]));
        let json = serde_json::to_string(&world).unwrap();
        let again: PracticeWorld = serde_json::from_str(&json).unwrap();
        assert_eq!(again, world);
        let (_, published) = again.published().next().unwrap();
        assert_eq!(published.record.as_deref(), Some("1"));
        assert_eq!(published.policy.as_deref(), Some(""));
    }
}
