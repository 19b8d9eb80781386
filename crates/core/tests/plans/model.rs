//! The modelled internet: what is published when, and what senders make of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mta_sts_core::facts::{MailServer, MxRecord, PolicyFetch};
use mta_sts_core::{Answer, Domain, Facts, MaxAge, Mode, Observed, Policy, PolicyReading};
use time::{Duration, OffsetDateTime};

/// A value that changes at moments.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<T>(BTreeMap<OffsetDateTime, T>);

impl<T: Clone + PartialEq> Timeline<T> {
    pub(crate) fn new(from: OffsetDateTime, value: T) -> Self {
        Self(BTreeMap::from([(from, value)]))
    }

    pub(crate) fn set(&mut self, at: OffsetDateTime, value: T) {
        self.0.insert(at, value);
    }

    pub(crate) fn at(&self, at: OffsetDateTime) -> &T {
        let earlier = self.0.range(..=at).next_back();
        earlier.expect("time before the model begins").1
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = OffsetDateTime> {
        self.0.keys().copied()
    }
}

/// A policy file as it is served, read once as a strict sender does and once by the last line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct File {
    pub(crate) text: String,
    strict: Option<Policy>,
    last_wins: Option<Policy>,
}

impl File {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let read = PolicyReading::read(text.as_bytes());
        let last = |key: &str| read.fields.iter().rev().find(|it| it.key == key);
        let last_wins = || {
            let mode = last("mode")?.value.parse::<Mode>().ok()?;
            let max_age = last("max_age")?.value.parse::<MaxAge>().ok()?;
            let mx = read.policy.as_ref()?.mx().to_vec();
            Policy::new(mode, max_age.min(MaxAge::LONGEST_WRITTEN), mx).ok()
        };
        Self {
            last_wins: last_wins(),
            strict: read.policy,
            text,
        }
    }
}

/// What is published for one domain, at every moment.
#[derive(Clone, Debug)]
pub(crate) struct Internet {
    pub(crate) domain: Domain,
    pub(crate) mx: Timeline<Vec<MxRecord>>,
    pub(crate) mx_ttl: Duration,
    pub(crate) file: Timeline<Option<File>>,
    /// The id in the MTA-STS record.
    pub(crate) id: Timeline<Option<String>>,
    pub(crate) record_ttl: Duration,
}

impl Internet {
    /// What a check sees at a moment.
    pub(crate) fn facts(&self, at: OffsetDateTime, planned: &[MxRecord]) -> Facts {
        let mut facts = Facts::new(self.domain.clone(), at);
        let mx = self.mx.at(at);
        let ttl = |ttl: Duration| Some(u32::try_from(ttl.whole_seconds()).unwrap());
        let mut answer = Answer::of(mx.iter().cloned());
        answer.ttl_secs = ttl(self.mx_ttl);
        facts.mx = Observed::Seen(answer);
        facts.mail_servers = mx.iter().map(healthy).collect();
        let is_new = |it: &&MxRecord| !mx.iter().any(|mx| mx.exchange == it.exchange);
        facts.planned = planned.iter().filter(is_new).map(healthy).collect();
        let mut record = Answer::of(self.id.at(at).iter().map(|id| format!("v=STSv1; id={id};")));
        if record.records.is_empty() {
            (record.ttl_secs, record.negative_ttl_secs) = (None, ttl(self.record_ttl));
        } else {
            record.ttl_secs = ttl(self.record_ttl);
        }
        facts.record = Observed::Seen(record);
        if let Some(file) = self.file.at(at) {
            facts.policy_host = Observed::Seen(Answer::of(["192.0.2.80".parse().unwrap()]));
            facts.policy = Observed::Seen(PolicyFetch::of_file(file.text.as_bytes()));
        } else {
            facts.policy_host = Observed::Seen(Answer::no_such_name());
        }
        facts
    }

    /// Every moment at which something changes.
    pub(crate) fn changes(&self) -> Vec<OffsetDateTime> {
        let all = self
            .mx
            .changes()
            .chain(self.file.changes())
            .chain(self.id.changes());
        let mut all: Vec<_> = all.collect();
        all.sort();
        all.dedup();
        all
    }
}

/// A mail server without a fault.
fn healthy(record: &MxRecord) -> MailServer {
    static RECORDED: LazyLock<MailServer> = LazyLock::new(|| {
        let facts = Facts::from_json(include_str!("../recorded/healthy.json")).unwrap();
        let mut server = facts.mail_servers[0].clone();
        server.sessions.truncate(1);
        let Observed::Seen(chain) = &mut server.sessions[0].chain else {
            panic!("no chain")
        };
        for certificate in &mut chain.certificates {
            certificate.not_before = time::macros::datetime!(2010-01-01 0:00 UTC);
            certificate.not_after = time::macros::datetime!(2100-01-01 0:00 UTC);
        }
        server
    });
    let mut server = RECORDED.clone();
    server.host.clone_from(&record.exchange);
    server.preference = record.preference;
    if let Observed::Seen(chain) = &mut server.sessions[0].chain {
        chain.certificates[0].dns_names = vec![record.exchange.clone()];
    }
    server
}

/// What kinds of sender there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RFC 8461 to the letter: looks at the record for each message, through a caching resolver.
    Strict,
    /// The same without a cache for the record.
    Uncached,
    /// Goes by its policy until that expires, and never looks at the record meanwhile.
    Sticky,
    /// As sticky, but looks at the record before it refuses (RFC 8461 5.1).
    LooksBeforeItRefuses,
    /// As sticky, but fetches the file once a day, whatever the record says.
    Daily,
    /// As strict, but the last of repeated lines counts.
    LastWins,
    /// As sticky, but the last of repeated lines counts.
    StickyLastWins,
    /// Stalwart up to 0.16.17: every policy counts as enforce.
    OldStalwart,
}

impl Kind {
    /// All whose mail must not be lost.
    pub(crate) const PROMISED: [Self; 7] = [
        Self::Strict,
        Self::Uncached,
        Self::Sticky,
        Self::LooksBeforeItRefuses,
        Self::Daily,
        Self::LastWins,
        Self::StickyLastWins,
    ];
}

/// One sending server, with what it has cached.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    kind: Kind,
    policy: Option<Cached>,
    mx: Option<(Vec<MxRecord>, OffsetDateTime)>,
    id: Option<(Option<String>, OffsetDateTime)>,
}

#[derive(Clone, Debug)]
struct Cached {
    policy: Policy,
    id: Option<String>,
    fetched_at: OffsetDateTime,
}

impl Cached {
    fn is_valid(&self, at: OffsetDateTime) -> bool {
        let max_age = Duration::seconds(self.policy.max_age().secs().into());
        at <= self.fetched_at.saturating_add(max_age)
    }
}

impl Sender {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            policy: None,
            mx: None,
            id: None,
        }
    }

    /// Sends one message. Gives the first mail server that it refuses to use.
    pub(crate) fn send(&mut self, internet: &Internet, at: OffsetDateTime) -> Option<String> {
        let mx = match &self.mx {
            Some((mx, until)) if at < *until => mx.clone(),
            _ => {
                let mx = internet.mx.at(at).clone();
                self.mx = Some((mx.clone(), at + internet.mx_ttl));
                mx
            }
        };
        self.refresh(internet, at);
        let refused = self.refused(&mx, at);
        if refused.is_some() && self.kind == Kind::LooksBeforeItRefuses {
            let id = internet.id.at(at).clone();
            if id.is_some() && self.policy.as_ref().is_some_and(|cached| cached.id != id) {
                self.fetch(internet, id, at);
                return self.refused(&mx, at);
            }
        }
        refused
    }

    fn refused(&self, mx: &[MxRecord], at: OffsetDateTime) -> Option<String> {
        let cached = self.policy.as_ref().filter(|it| it.is_valid(at))?;
        let is_strict = match cached.policy.mode() {
            Mode::Enforce => true,
            Mode::Testing => self.kind == Kind::OldStalwart,
            Mode::None => false,
        };
        let mut refused = mx.iter().filter(|it| !cached.policy.covers(&it.exchange));
        refused
            .next()
            .filter(|_| is_strict)
            .map(|it| it.exchange.clone())
    }

    fn refresh(&mut self, internet: &Internet, at: OffsetDateTime) {
        let is_valid = self.policy.as_ref().is_some_and(|it| it.is_valid(at));
        match self.kind {
            Kind::Sticky | Kind::StickyLastWins | Kind::LooksBeforeItRefuses if is_valid => return,
            Kind::Daily if is_valid => {
                let age = self.policy.as_ref().map(|it| at - it.fetched_at);
                if age.is_some_and(|age| age >= Duration::DAY) {
                    let id = self.policy.as_ref().and_then(|it| it.id.clone());
                    self.fetch(internet, id, at);
                }
                return;
            }
            _ => {}
        }
        let id = match &self.id {
            Some((id, until)) if at < *until && self.kind != Kind::Uncached => id.clone(),
            _ => {
                let id = internet.id.at(at).clone();
                self.id = Some((id.clone(), at + internet.record_ttl));
                id
            }
        };
        // Without a record, a cached policy stays in force (RFC 8461 3.3).
        let is_new = self.policy.as_ref().is_none_or(|cached| cached.id != id);
        if id.is_some() && (is_new || !is_valid) {
            self.fetch(internet, id, at);
        }
    }

    /// Fetches the file. What can’t be read changes nothing.
    fn fetch(&mut self, internet: &Internet, id: Option<String>, at: OffsetDateTime) {
        let Some(file) = internet.file.at(at) else {
            return;
        };
        let policy = match self.kind {
            Kind::LastWins | Kind::StickyLastWins => &file.last_wins,
            _ => &file.strict,
        };
        if let Some(policy) = policy {
            self.policy = Some(Cached {
                policy: policy.clone(),
                id,
                fetched_at: at,
            });
        }
    }
}
