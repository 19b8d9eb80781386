//! The contents of the practice DNS, and what each server answers from them.
//!
//! Pure: names and a moment go in, an answer comes out. The sockets are in `dns`.

mod history;
mod records;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{LowerName, Record, RecordType};
use tokio::time::Instant;

use history::Held;
pub(crate) use history::{Delays, NameSet, PUBLIC_RESOLVERS, Seat, Zone, ZoneFaults};
pub(crate) use records::{NAME_SERVERS, Records, dns_name, root_soa};

/// Aliases that are followed before the chain counts as a loop.
const MAX_ALIASES: usize = 8;

/// One question, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) seat: Seat,
    pub(crate) name: &'a LowerName,
    pub(crate) kind: RecordType,
    /// The CD bit (RFC 4035 3.2.2).
    pub(crate) checking_disabled: bool,
    pub(crate) now: Instant,
}

/// What a server does about a question.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It never answers.
    Silence,
    Answer(Answer),
}

/// An answer without its header.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) code: ResponseCode,
    pub(crate) records: Vec<Record>,
    /// The SOA of the zone that says no (RFC 2308).
    pub(crate) authority: Vec<Record>,
    /// Whether the data is authentic as far as the resolver can tell.
    pub(crate) authentic: bool,
}

impl Answer {
    fn error(code: ResponseCode) -> Reply {
        Reply::Answer(Self {
            code,
            ..Self::default()
        })
    }

    /// Ends the answer, which may contain aliases by now, with a no.
    fn no(mut self, code: ResponseCode, soa: Record, authentic: bool) -> Reply {
        self.code = code;
        self.authority = vec![soa];
        self.authentic &= authentic;
        Reply::Answer(self)
    }
}

/// All zones of the practice DNS.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    by_apex: BTreeMap<LowerName, Zone>,
}

impl Zones {
    /// Adds a zone; false, and nothing is changed, when there is one of that name.
    pub(crate) fn insert(&mut self, zone: Zone) -> bool {
        match self.by_apex.entry(zone.apex()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(zone);
                true
            }
        }
    }

    pub(crate) fn zone_mut(&mut self, apex: &str) -> Option<&mut Zone> {
        self.by_apex.get_mut(&LowerName::from(dns_name(apex).ok()?))
    }

    /// Every server shows the newest version of every zone from now on.
    pub(crate) fn settle(&mut self) {
        self.by_apex.values_mut().for_each(Zone::settle);
    }

    /// Answers a question as the server in that seat does.
    pub(crate) fn answer(&self, question: Question<'_>) -> Reply {
        let Question {
            seat,
            kind,
            checking_disabled,
            now,
            ..
        } = question;
        let Some(home) = self.zone_of(question.name) else {
            return answer_outside(seat, question.name);
        };
        let mut answer = Answer {
            authentic: true,
            ..Answer::default()
        };
        let mut name = question.name.clone();
        for _ in 0..=MAX_ALIASES {
            let Some(zone) = self.zone_of(&name) else {
                // An alias that points outside the practice internet has no target.
                return answer.no(ResponseCode::NXDomain, root_soa(), false);
            };
            if !seat.is_resolver() && !std::ptr::eq(zone, home) {
                // Behind the alias another server has authority.
                return Reply::Answer(answer);
            }
            if zone.faults().silent.contains(&name) {
                return Reply::Silence;
            }
            let bogus = zone.faults().bogus && seat.is_resolver() && !checking_disabled;
            if bogus || zone.faults().servfail.contains(&name) {
                return Answer::error(ResponseCode::ServFail);
            }
            answer.authentic &= zone.is_signed();
            match zone.look_up(seat, &name, kind, now) {
                Held::Records(records) => {
                    answer.records.extend(records);
                    return Reply::Answer(answer);
                }
                Held::Alias { record, target } => {
                    answer.records.push(record);
                    name = target;
                    // A name server shows the whole circle and stops there.
                    let passed = |record: &Record| LowerName::new(&record.name) == name;
                    if !seat.is_resolver() && answer.records.iter().any(passed) {
                        return Reply::Answer(answer);
                    }
                }
                Held::NoRecords { soa } => {
                    return answer.no(ResponseCode::NoError, soa, zone.is_signed());
                }
                Held::NoSuchName { soa } => {
                    return answer.no(ResponseCode::NXDomain, soa, zone.is_signed());
                }
            }
        }
        // A loop of aliases.
        Answer::error(ResponseCode::ServFail)
    }

    fn zone_of(&self, name: &LowerName) -> Option<&Zone> {
        let mut apex = name.clone();
        loop {
            if let Some(zone) = self.by_apex.get(&apex) {
                return Some(zone);
            }
            if apex.is_root() {
                return None;
            }
            apex = apex.base_name();
        }
    }
}

/// The rest of the world: nothing for the resolver, no business of a name server.
fn answer_outside(seat: Seat, name: &LowerName) -> Reply {
    if !seat.is_resolver() {
        return Answer::error(ResponseCode::Refused);
    }
    let top_level = dns_name("example").map(LowerName::from);
    let exists = name.is_root() || top_level.is_ok_and(|top_level| top_level == *name);
    let code = if exists {
        ResponseCode::NoError
    } else {
        ResponseCode::NXDomain
    };
    Answer::default().no(code, root_soa(), false)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hickory_proto::rr::RData;
    use hickory_proto::rr::rdata::{A, CNAME};

    use super::*;

    fn zones() -> Zones {
        let mut records = Records::new("d.example", 300).unwrap();
        records
            .add_text("_smtp._tls.d.example", "v=TLSRPTv1;")
            .unwrap();
        records.add_text("*.wild.d.example", "anything").unwrap();
        let away = RData::CNAME(CNAME(dns_name("target.e.example").unwrap()));
        records.add("alias.d.example", away).unwrap();
        let circle = RData::CNAME(CNAME(dns_name("circle.d.example").unwrap()));
        records.add("circle.d.example", circle).unwrap();
        let lost = RData::CNAME(CNAME(dns_name("nowhere.e.example").unwrap()));
        records.add("lost.d.example", lost).unwrap();
        let mut others = Records::new("e.example", 300).unwrap();
        others
            .add("target.e.example", RData::A(A::new(192, 0, 2, 9)))
            .unwrap();
        let mut zones = Zones::default();
        assert!(zones.insert(Zone::new(records)));
        assert!(zones.insert(Zone::new(others)));
        zones
    }

    fn ask_at(zones: &Zones, seat: Seat, name: &str, kind: RecordType, now: Instant) -> Answer {
        let name = LowerName::from(dns_name(name).unwrap());
        let question = Question {
            seat,
            name: &name,
            kind,
            checking_disabled: false,
            now,
        };
        match zones.answer(question) {
            Reply::Answer(answer) => answer,
            Reply::Silence => panic!("no answer"),
        }
    }

    fn ask(seat: Seat, name: &str, kind: RecordType) -> (ResponseCode, usize, usize) {
        let answer = ask_at(&zones(), seat, name, kind, Instant::now());
        (answer.code, answer.records.len(), answer.authority.len())
    }

    #[test]
    fn no_such_name_and_no_such_type_are_told_apart() {
        use ResponseCode::{NXDomain, NoError};
        let seat = Seat::Resolver;
        assert_eq!(
            ask(seat, "missing.d.example", RecordType::TXT),
            (NXDomain, 0, 1)
        );
        assert_eq!(
            ask(seat, "_smtp._tls.d.example", RecordType::A),
            (NoError, 0, 1)
        );
        assert_eq!(
            ask(seat, "_tls.d.example", RecordType::TXT),
            (NoError, 0, 1)
        );
        assert_eq!(ask(seat, "d.example", RecordType::SOA), (NoError, 1, 0));
        assert_eq!(ask(seat, "d.example", RecordType::NS), (NoError, 2, 0));
        assert_eq!(ask(seat, "elsewhere.test", RecordType::A), (NXDomain, 0, 1));
        assert_eq!(ask(seat, "example", RecordType::NS), (NoError, 0, 1));
    }

    #[test]
    fn aliases_are_followed_across_zones_by_the_resolver_alone() {
        use ResponseCode::{NXDomain, NoError, ServFail};
        let kind = RecordType::A;
        assert_eq!(
            ask(Seat::Resolver, "alias.d.example", kind),
            (NoError, 2, 0)
        );
        assert_eq!(
            ask(Seat::FirstNameServer, "alias.d.example", kind),
            (NoError, 1, 0)
        );
        assert_eq!(
            ask(Seat::Resolver, "lost.d.example", kind),
            (NXDomain, 1, 1)
        );
        assert_eq!(
            ask(Seat::Resolver, "circle.d.example", kind),
            (ServFail, 0, 0)
        );
        assert_eq!(
            ask(Seat::FirstNameServer, "circle.d.example", kind),
            (NoError, 1, 0)
        );
        assert_eq!(
            ask(Seat::Resolver, "alias.d.example", RecordType::CNAME),
            (NoError, 1, 0)
        );
    }

    #[test]
    fn a_wildcard_answers_under_the_name_asked_for() {
        let answer = ask_at(
            &zones(),
            Seat::Resolver,
            "x.wild.d.example",
            RecordType::TXT,
            Instant::now(),
        );
        let [record] = answer.records.as_slice() else {
            panic!("{answer:?}")
        };
        assert_eq!(record.name.to_ascii(), "x.wild.d.example.");
    }

    #[test]
    fn name_servers_refuse_foreign_names() {
        let code = ask(Seat::FirstNameServer, "elsewhere.test", RecordType::A).0;
        assert_eq!(code, ResponseCode::Refused);
    }

    #[test]
    fn a_change_reaches_each_server_in_its_own_time() {
        let four = Duration::from_secs(4);
        let eight = Duration::from_secs(8);
        let delays = Delays {
            first: Duration::ZERO,
            second: four,
            resolver: eight,
        };
        let mut zones = Zones::default();
        let zone = Zone::new(Records::new("d.example", 300).unwrap()).with_delays(delays);
        zones.insert(zone);
        let start = Instant::now();
        let texts = ["v=STSv1; id=1".to_owned()];
        let edit = |records: &mut Records| records.replace_texts("_mta-sts.d.example", &texts);
        zones
            .zone_mut("d.example")
            .unwrap()
            .change(start, edit)
            .unwrap();

        let seen = |seat, after| {
            let now = start + after;
            ask_at(&zones, seat, "_mta-sts.d.example", RecordType::TXT, now)
                .records
                .len()
        };
        assert_eq!(seen(Seat::FirstNameServer, Duration::ZERO), 1);
        assert_eq!(seen(Seat::SecondNameServer, Duration::ZERO), 0);
        assert_eq!(seen(Seat::SecondNameServer, four), 1);
        assert_eq!(seen(Seat::Resolver, four), 0);
        assert_eq!(seen(Seat::Resolver, eight), 1);

        let stale = ask_at(
            &zones,
            Seat::Resolver,
            "_mta-sts.d.example",
            RecordType::TXT,
            start + four,
        );
        assert_eq!(
            stale.authority.first().unwrap().ttl,
            5,
            "the negative answer counts down"
        );
    }

    #[test]
    fn validation_fails_at_the_resolver_unless_checking_is_disabled() {
        let mut zones = Zones::default();
        let faults = ZoneFaults {
            bogus: true,
            ..ZoneFaults::default()
        };
        zones.insert(Zone::new(Records::new("d.example", 300).unwrap()).with_faults(faults));
        let name = LowerName::from(dns_name("d.example").unwrap());
        let code = |seat, checking_disabled| {
            let now = Instant::now();
            let kind = RecordType::NS;
            match zones.answer(Question {
                seat,
                name: &name,
                kind,
                checking_disabled,
                now,
            }) {
                Reply::Answer(answer) => answer.code,
                Reply::Silence => panic!("no answer"),
            }
        };
        assert_eq!(code(Seat::Resolver, false), ResponseCode::ServFail);
        assert_eq!(code(Seat::Resolver, true), ResponseCode::NoError);
        assert_eq!(code(Seat::FirstNameServer, false), ResponseCode::NoError);
    }
}
