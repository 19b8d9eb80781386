//! One zone as it changes: what each server sees of it at a moment.

use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::{LowerName, Name, RData, Record, RecordType};
use tokio::time::Instant;

use super::records::Records;
use crate::error::LabError;
use crate::timeline::Timeline;

/// The servers that answer, each with its own view of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    FirstNameServer,
    SecondNameServer,
    Resolver,
    /// A public resolver, counted from 0.
    PublicResolver(u8),
}

impl Seat {
    /// Whether it is a resolver with a cache.
    pub(crate) fn is_resolver(self) -> bool {
        matches!(self, Self::Resolver | Self::PublicResolver(_))
    }
}

/// How many public resolvers there are.
pub(crate) const PUBLIC_RESOLVERS: u8 = 6;

/// How long each server keeps showing the previous version of a zone.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Delays {
    pub(crate) first: Duration,
    pub(crate) second: Duration,
    pub(crate) resolver: Duration,
}

impl Delays {
    fn of(&self, seat: Seat) -> Duration {
        match seat {
            Seat::FirstNameServer => self.first,
            Seat::SecondNameServer => self.second,
            Seat::Resolver => self.resolver,
            // One after the other: a quarter, a half and so on of what the first resolver takes.
            Seat::PublicResolver(number) => self.resolver * (u32::from(number) + 1) / 4,
        }
    }

    fn longest(&self) -> Duration {
        let last = Seat::PublicResolver(PUBLIC_RESOLVERS.saturating_sub(1));
        let resolvers = self.resolver.max(self.of(last));
        self.first.max(self.second).max(resolvers)
    }
}

/// What is wrong with a zone beyond its contents.
#[derive(Debug, Default)]
pub(crate) struct ZoneFaults {
    /// Names answered with SERVFAIL.
    pub(crate) servfail: NameSet,
    /// Names that are never answered.
    pub(crate) silent: NameSet,
    /// Whether validation fails: SERVFAIL from the resolver unless checking is disabled (RFC 4035
    /// 3.2.2).
    pub(crate) bogus: bool,
}

/// Some names of a zone, or all of them.
#[derive(Debug, Default)]
pub(crate) struct NameSet {
    pub(crate) all: bool,
    pub(crate) names: Vec<LowerName>,
}

impl NameSet {
    pub(crate) fn contains(&self, name: &LowerName) -> bool {
        self.all || self.names.contains(name)
    }
}

/// A zone: its records as they change, as the servers see them.
#[derive(Debug)]
pub(crate) struct Zone {
    versions: Timeline<Version>,
    delays: Delays,
    faults: ZoneFaults,
    /// Whether the resolver calls the answers authentic (RFC 4035 3.2.3).
    signed: bool,
}

/// The records at one time; the second name server and the resolver of this network may disagree with
/// everybody else.
#[derive(Debug)]
struct Version {
    records: Arc<Records>,
    on_second: Arc<Records>,
    here: Arc<Records>,
}

impl Version {
    fn agreed(records: Arc<Records>) -> Self {
        Self {
            on_second: Arc::clone(&records),
            here: Arc::clone(&records),
            records,
        }
    }

    fn for_seat(&self, seat: Seat) -> &Records {
        match seat {
            Seat::SecondNameServer => &self.on_second,
            Seat::Resolver => &self.here,
            _ => &self.records,
        }
    }
}

impl Zone {
    pub(crate) fn new(records: impl Into<Arc<Records>>) -> Self {
        Self {
            versions: Timeline::new(Version::agreed(records.into())),
            delays: Delays::default(),
            faults: ZoneFaults::default(),
            signed: false,
        }
    }

    pub(crate) fn with_delays(self, delays: Delays) -> Self {
        Self { delays, ..self }
    }

    pub(crate) fn with_faults(self, faults: ZoneFaults) -> Self {
        Self { faults, ..self }
    }

    pub(crate) fn with_signature(self, signed: bool) -> Self {
        Self { signed, ..self }
    }

    /// The second name server starts with other records, and falls in line at the next change.
    pub(crate) fn with_other_second(self, on_second: Records) -> Self {
        let newest = self.versions.newest();
        let version = Version {
            records: Arc::clone(&newest.records),
            on_second: Arc::new(on_second),
            here: Arc::clone(&newest.here),
        };
        Self {
            versions: Timeline::new(version),
            ..self
        }
    }

    /// The resolver of this network starts with other records, until the next change.
    pub(crate) fn with_other_resolver(self, here: Records) -> Self {
        let newest = self.versions.newest();
        let version = Version {
            records: Arc::clone(&newest.records),
            on_second: Arc::clone(&newest.on_second),
            here: Arc::new(here),
        };
        Self {
            versions: Timeline::new(version),
            ..self
        }
    }

    /// Changes the newest version of the zone, and leaves it alone when the change fails.
    pub(crate) fn change(
        &mut self,
        now: Instant,
        edit: impl FnOnce(&mut Records) -> Result<(), LabError>,
    ) -> Result<(), LabError> {
        let mut records = Records::clone(&self.versions.newest().records);
        edit(&mut records)?;
        records.count_change();
        let version = Version::agreed(Arc::new(records));
        self.versions.push(now, version, self.delays.longest());
        Ok(())
    }

    /// Every server shows the newest version from now on.
    pub(crate) fn settle(&mut self) {
        self.versions.settle();
    }

    pub(crate) fn faults(&self) -> &ZoneFaults {
        &self.faults
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.signed
    }

    pub(crate) fn apex(&self) -> LowerName {
        LowerName::new(&self.versions.newest().records.apex)
    }

    /// What this server has at a name of the zone.
    pub(crate) fn look_up(
        &self,
        seat: Seat,
        name: &LowerName,
        kind: RecordType,
        now: Instant,
    ) -> Held {
        let ttl_limit_secs = self.ttl_limit_secs(seat, now);
        let records = self.versions.seen(self.delays.of(seat), now).for_seat(seat);
        let owner = Name::from(name.clone());
        let limited = |mut record: Record, owner: &Name| {
            record.name = owner.clone();
            record.ttl = record.ttl.min(ttl_limit_secs);
            record
        };
        let soa = || limited(records.soa(), &records.apex);
        let Some(found) = records.at(name) else {
            return Held::NoSuchName { soa: soa() };
        };
        for record in found {
            if let RData::CNAME(target) = &record.data
                && kind != RecordType::CNAME
            {
                let target = LowerName::new(&target.0);
                return Held::Alias {
                    record: limited(record.clone(), &owner),
                    target,
                };
            }
        }
        let wanted = |record: &&Record| kind == RecordType::ANY || record.record_type() == kind;
        let mut wanted: Vec<Record> = found
            .iter()
            .filter(wanted)
            .map(|record| limited(record.clone(), &owner))
            .collect();
        if kind == RecordType::SOA && owner == records.apex {
            wanted.push(soa());
        }
        if wanted.is_empty() {
            Held::NoRecords { soa: soa() }
        } else {
            Held::Records(wanted)
        }
    }

    /// A resolver drops an old version when its time is up, and says so in the TTL; so it never
    /// promises to keep an answer for longer than a change takes to arrive.
    fn ttl_limit_secs(&self, seat: Seat, now: Instant) -> u32 {
        let delay = self.delays.of(seat);
        if !seat.is_resolver() || delay.is_zero() {
            return u32::MAX;
        }
        let left = self.versions.next_in(delay, now).unwrap_or(delay);
        u32::try_from(left.as_secs())
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    }
}

/// What a server has at a name.
#[derive(Debug)]
pub(crate) enum Held {
    Records(Vec<Record>),
    Alias {
        record: Record,
        target: LowerName,
    },
    /// The name exists, records of this type do not.
    NoRecords {
        soa: Record,
    },
    NoSuchName {
        soa: Record,
    },
}
