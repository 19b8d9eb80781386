//! What was seen of a domain over time. Senders may keep a policy for its `max_age` (RFC 8461 3.2)
//! and an MX answer for its TTL, so what is safe today depends on what was published before.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::facts::{Facts, KnownPolicy, MxRecord, Observed};
use crate::publication::artifacts::Setup;
use crate::text::escape::escaped;
use crate::text::policy::{MaxAge, Mode, Policy, PolicyReading};
use crate::text::sts_record::{PolicyId, StsSelection};

/// More versions than anybody publishes. The oldest are dropped first.
const MAX_VERSIONS: usize = 200;
/// A longer text is cut and can no longer be compared.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Everything that was seen published for a domain.
///
/// ```
/// use mta_sts_core::facts::{Observed, PolicyFetch};
/// use mta_sts_core::{Domain, Facts, History};
/// use time::macros::datetime;
///
/// let now = datetime!(2026-11-23 12:00 UTC);
/// let mut facts = Facts::new(Domain::parse("example.com")?, now);
/// let file = b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";
/// facts.policy = Observed::Seen(PolicyFetch::of_file(file));
///
/// let history = History::of(&facts);
/// assert_eq!(history.held_until(now), Some(datetime!(2026-11-30 12:00 UTC)));
/// # Ok::<(), mta_sts_core::DomainError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Every version of the policy, in the order in which they were first seen.
    #[serde(rename = "history", default)]
    pub policies: Vec<Served>,
    /// Every change of the MX records, the oldest first.
    #[serde(rename = "mx_history", default)]
    pub mx: Vec<SeenMx>,
    /// Since when there has been no MTA-STS record, if there is none.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub record_gone_since: Option<OffsetDateTime>,
    /// Since when there has been no policy that a sender could fetch, if there is none.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub file_gone_since: Option<OffsetDateTime>,
    /// The mode that has been live everywhere.
    #[serde(default)]
    pub live: Option<Live>,
    /// The alias of the policy host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_alias: Option<SeenAlias>,
}

/// One version of a policy that was seen published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The policy file as text.
    pub text: String,
    /// The id in the MTA-STS record, if there was one.
    pub id: Option<String>,
    /// How long senders may keep it, in seconds.
    pub max_age_secs: u32,
    /// When it was first seen.
    #[serde(with = "time::serde::rfc3339")]
    pub first_seen: OffsetDateTime,
    /// When it was last seen.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen: OffsetDateTime,
    /// When every place that was asked had it; `None` if that was never seen.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub everywhere_since: Option<OffsetDateTime>,
}

/// The MX records, from one change to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenMx {
    /// The records, sorted.
    pub records: Vec<MxRecord>,
    /// The longest TTL that was seen, in seconds. Only a name server shows the whole.
    pub ttl_secs: u32,
    /// When they were first seen.
    #[serde(with = "time::serde::rfc3339")]
    pub first_seen: OffsetDateTime,
    /// When they were last seen.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen: OffsetDateTime,
}

/// The name that the policy host is an alias of, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAlias {
    /// The name, if there is an alias.
    pub name: Option<String>,
    /// Since when it has been this one.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

/// The mode that is live everywhere, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The mode.
    pub mode: Mode,
    /// The id of the last version that was seen everywhere. A new version in the same mode does not
    /// restart the mode.
    pub id: PolicyId,
    /// Since when the domain has been in this mode.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

impl Served {
    /// In the form that the judge uses.
    #[must_use]
    pub fn known(&self) -> KnownPolicy {
        KnownPolicy {
            at: self.first_seen,
            id: self.id.clone(),
            text: self.text.clone(),
        }
    }

    /// The policy that a sender reads from it.
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        PolicyReading::read(self.text.as_bytes()).policy
    }

    /// The longest time that any known sender keeps it. Where a field is repeated, some senders
    /// go by another line than the first.
    fn kept_for(&self) -> Duration {
        let read = PolicyReading::read(self.text.as_bytes());
        let repeated = read.fields.iter().filter(|field| field.key == "max_age");
        let secs = repeated
            .filter_map(|field| field.value.parse::<MaxAge>().ok())
            .map(MaxAge::secs)
            .fold(self.max_age_secs, u32::max);
        Duration::seconds(secs.into())
    }

    /// Whether a sender may read this mode from it. Of repeated modes, some senders go by the last.
    fn may_say(&self, mode: Mode) -> bool {
        let read = PolicyReading::read(self.text.as_bytes());
        let mut modes = read.fields.iter().filter(|field| field.key == "mode");
        modes.any(|field| field.value == mode.as_str())
    }

    /// Whether a sender that has it may refuse mail to one of these hosts.
    fn may_refuse(&self, hosts: &[&str]) -> bool {
        let policy = self.policy();
        let is_covered = |host: &&str| policy.as_ref().is_some_and(|policy| policy.covers(host));
        self.may_say(Mode::Enforce) && !hosts.iter().all(is_covered)
    }
}

impl History {
    /// What one check alone tells.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let mut history = Self::default();
        history.note(facts);
        history
    }

    /// Takes in what another program on this computer saw.
    pub fn merge(&mut self, other: &Self) {
        for seen in &other.policies {
            let is_same = |it: &&mut Served| it.text == seen.text && it.id == seen.id;
            if let Some(known) = self.policies.iter_mut().find(is_same) {
                known.first_seen = known.first_seen.min(seen.first_seen);
                known.last_seen = known.last_seen.max(seen.last_seen);
                known.everywhere_since = known.everywhere_since.or(seen.everywhere_since);
            } else {
                self.policies.push(seen.clone());
            }
        }
        self.mx.extend(other.mx.iter().cloned());
        self.mx.sort_by_key(|it| it.first_seen);
        self.mx.dedup_by(|later, known| {
            let is_same = later.records == known.records;
            if is_same {
                known.last_seen = known.last_seen.max(later.last_seen);
                known.ttl_secs = known.ttl_secs.max(later.ttl_secs);
            }
            is_same
        });
        // Who saw it last knows whether it is gone; the next check says so again.
        self.record_gone_since = self.record_gone_since.min(other.record_gone_since);
        self.file_gone_since = self.file_gone_since.min(other.file_gone_since);
        self.live = self.live.take().or_else(|| other.live.clone());
        self.host_alias = self.host_alias.take().or_else(|| other.host_alias.clone());
    }

    /// Takes in what a check saw.
    pub fn note(&mut self, facts: &Facts) {
        if let Some(published) = facts.published() {
            self.note_policy(&published);
        } else if is_file_gone(facts) {
            self.file_gone_since.get_or_insert(facts.checked_at);
        }
        if let Some(record) = facts.record.seen() {
            self.record_gone_since = match StsSelection::of(&record.records) {
                StsSelection::None => self.record_gone_since.or(Some(facts.checked_at)),
                StsSelection::One(_) | StsSelection::Several(_) => None,
            };
        }
        if !facts.cut_short && facts.nothing_published() {
            // What was live is gone: a new policy is tested anew. Switching off ends so as well.
            self.live = self.live.take().filter(|live| live.mode == Mode::None);
        }
        if let Some(host) = facts.policy_host.seen() {
            let name = host.aliases.first();
            if self
                .host_alias
                .as_ref()
                .is_none_or(|it| it.name.as_ref() != name)
            {
                self.host_alias = Some(SeenAlias {
                    name: name.cloned(),
                    since: facts.checked_at,
                });
            }
        }
        if let Some(mx) = facts.mx.seen() {
            let of_views = facts.name_servers.iter().map(|view| &view.mx);
            let answers = of_views.chain([&facts.mx]).filter_map(Observed::seen);
            let ttl = answers.filter_map(|answer| answer.ttl_secs).max();
            self.note_mx(mx.records.clone(), ttl, facts.checked_at);
        }
    }

    /// Takes in the policy that is published now.
    pub fn note_policy(&mut self, published: &KnownPolicy) {
        let Some(policy) = PolicyReading::read(published.text.as_bytes()).policy else {
            return;
        };
        self.file_gone_since = None;
        let text = if published.text.len() <= MAX_TEXT_BYTES {
            published.text.clone()
        } else {
            escaped(&published.text, MAX_TEXT_BYTES)
        };
        // Name servers and caches may show two versions in turn.
        let is_same = |it: &&mut Served| it.text == text && it.id == published.id;
        if let Some(known) = self.policies.iter_mut().find(is_same) {
            known.last_seen = known.last_seen.max(published.at);
            return;
        }
        self.policies.push(Served {
            text,
            id: published.id.clone(),
            max_age_secs: policy.max_age().secs(),
            first_seen: published.at,
            last_seen: published.at,
            everywhere_since: None,
        });
        if self.policies.len() > MAX_VERSIONS {
            self.policies.sort_by_key(|it| it.last_seen);
            self.policies.remove(0);
        }
    }

    /// Takes in that a setup has been seen everywhere.
    pub fn note_live(&mut self, setup: &Setup, now: OffsetDateTime) {
        let mode = setup.policy.mode();
        let since = match &self.live {
            Some(live) if live.mode == mode => live.since,
            _ => now,
        };
        self.live = Some(Live {
            mode,
            id: setup.id.clone(),
            since,
        });
        let is_this = |it: &&mut Served| {
            it.id.as_deref() == Some(setup.id.as_str())
                && it.policy().as_ref() == Some(&setup.policy)
        };
        if let Some(served) = self.policies.iter_mut().rev().find(is_this) {
            served.everywhere_since.get_or_insert(now);
        }
    }

    fn note_mx(&mut self, mut records: Vec<MxRecord>, ttl: Option<u32>, at: OffsetDateTime) {
        records.sort_by(|a, b| (a.preference, &a.exchange).cmp(&(b.preference, &b.exchange)));
        let ttl_secs = ttl.unwrap_or(0);
        if let Some(last) = self.mx.last_mut().filter(|last| last.records == records) {
            last.last_seen = last.last_seen.max(at);
            last.ttl_secs = last.ttl_secs.max(ttl_secs);
            return;
        }
        self.mx.push(SeenMx {
            records,
            ttl_secs,
            first_seen: at,
            last_seen: at,
        });
        if self.mx.len() > MAX_VERSIONS {
            self.mx.remove(0);
        }
    }

    /// Until when some sender may go by a policy that was ever seen and isn’t `none`. The longest
    /// `max_age` decides (RFC 8461 8.3). Of a policy that is published now, the time counts from
    /// `replaced_at`, when it is replaced.
    #[must_use]
    pub fn held_until(&self, replaced_at: OffsetDateTime) -> Option<OffsetDateTime> {
        let is_on = |it: &&Served| it.may_say(Mode::Enforce) || it.may_say(Mode::Testing);
        self.longest(self.policies.iter().filter(is_on), replaced_at)
    }

    /// Until when some sender may refuse mail to one of these hosts because of a policy that was
    /// ever seen. `replaced_at` as in [`Self::held_until`].
    #[must_use]
    pub fn refused_until(
        &self,
        hosts: &[&str],
        replaced_at: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let refusing = self.policies.iter().filter(|it| it.may_refuse(hosts));
        self.longest(refusing, replaced_at)
    }

    fn longest<'a>(
        &self,
        held: impl Iterator<Item = &'a Served>,
        replaced_at: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        held.map(|it| {
            let last_fetch = self.replaced(it).unwrap_or(replaced_at);
            last_fetch.saturating_add(it.kept_for())
        })
        .max()
    }

    /// When another file was seen everywhere in the place of this one: no sender fetched it after
    /// that. `None` while it is published.
    fn replaced(&self, served: &Served) -> Option<OffsetDateTime> {
        let is_later = |it: &&Served| {
            it.text != served.text
                && it.first_seen > served.first_seen
                && it.last_seen > served.last_seen
        };
        let later = self.policies.iter().filter(is_later);
        let next = later.min_by_key(|it| it.first_seen);
        let Some(next) = next else {
            return self.file_gone_since;
        };
        // The same file may have been published before; that time doesn’t count.
        let same_file = self
            .policies
            .iter()
            .filter(|it| it.text == next.text && it.first_seen >= next.first_seen);
        let everywhere = same_file.filter_map(|it| it.everywhere_since).min();
        let replaced = everywhere.unwrap_or(next.first_seen);
        Some(replaced.max(served.last_seen))
    }

    /// The policies that were replaced by others, each with the moment.
    pub(crate) fn replaced_policies(&self) -> Vec<(Policy, OffsetDateTime)> {
        let replaced = self
            .policies
            .iter()
            .filter_map(|it| Some((it.policy()?, self.replaced(it)?)));
        // What was published again isn’t an old policy.
        let live: Vec<Policy> = self
            .policies
            .iter()
            .filter(|it| self.replaced(it).is_none())
            .filter_map(Served::policy)
            .collect();
        replaced
            .filter(|(policy, _)| !live.contains(policy))
            .collect()
    }

    /// Since when the published policy has been in this mode: as it was seen everywhere, or else as it
    /// was first seen.
    #[must_use]
    pub fn mode_since(&self, mode: Mode) -> Option<OffsetDateTime> {
        if let Some(live) = self.live.as_ref().filter(|live| live.mode == mode) {
            return Some(live.since);
        }
        let mut by_time: Vec<&Served> = self.policies.iter().collect();
        by_time.sort_by_key(|it| it.last_seen);
        let of_mode = |it: &&&Served| it.policy().is_some_and(|policy| policy.mode() == mode);
        let latest = by_time.iter().rev().take_while(of_mode);
        latest.map(|it| it.first_seen).min()
    }

    /// When this policy was first seen with an id that no other policy has, which is what makes
    /// senders fetch it (RFC 8461 3.1): seen everywhere, or else anywhere.
    #[must_use]
    pub fn announced_at(&self, policy: &Policy) -> Option<OffsetDateTime> {
        let versions = self.policies.iter();
        let announced = versions.filter(|it| {
            let is_this = it.policy().as_ref() == Some(policy);
            is_this
                && it
                    .id
                    .as_deref()
                    .is_some_and(|id| !self.is_id_of_another(id, policy))
        });
        let this = announced.max_by_key(|it| it.last_seen)?;
        let at = this.everywhere_since.unwrap_or(this.first_seen);
        // It may have been published before, with another in between.
        let others = self.policies.iter().map(|it| it.last_seen);
        let between = others.filter(|at| *at < this.last_seen).max();
        Some(between.map_or(at, |between| at.max(between)))
    }

    /// Whether an earlier policy than this one is known.
    pub(crate) fn is_older_known(&self, policy: &Policy) -> bool {
        let is_this = |it: &&Served| it.policy().as_ref() == Some(policy);
        let first = self
            .policies
            .iter()
            .filter(is_this)
            .map(|it| it.first_seen)
            .min();
        first.is_some_and(|first| self.policies.iter().any(|it| it.first_seen < first))
    }

    /// The policy that was seen last.
    pub(crate) fn latest_policy(&self) -> Option<Policy> {
        self.policies.iter().max_by_key(|it| it.last_seen)?.policy()
    }

    /// Whether an id was seen with another policy. A sender that has that one doesn’t fetch again.
    #[must_use]
    pub fn is_id_of_another(&self, id: &str, policy: &Policy) -> bool {
        let with_id = |it: &&Served| it.id.as_deref() == Some(id);
        let mut others = self.policies.iter().filter(with_id);
        others.any(|it| it.policy().as_ref() != Some(policy))
    }

    /// Since when the MX records have been as `is_so` says, if they are.
    #[must_use]
    pub fn mx_since(&self, is_so: impl Fn(&[MxRecord]) -> bool) -> Option<OffsetDateTime> {
        let latest = self.mx.iter().rev().take_while(|it| is_so(&it.records));
        latest.last().map(|it| it.first_seen)
    }

    /// The longest TTL of the MX records that was ever seen, in seconds.
    #[must_use]
    pub fn mx_ttl_secs(&self) -> Option<u32> {
        self.mx.iter().map(|it| it.ttl_secs).max()
    }
}

/// Whether it is known that no sender gets a policy. A fetch that failed says nothing.
pub(crate) fn is_file_gone(facts: &Facts) -> bool {
    let has_no_host = facts
        .policy_host
        .seen()
        .is_some_and(|it| it.records.is_empty());
    let fetch = facts.policy.seen();
    has_no_host || fetch.is_some_and(|fetch| fetch.response.seen().is_some())
}
