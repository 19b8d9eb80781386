//! The records of one zone at one time, and which of them stand at a name.

use std::collections::BTreeMap;

use hickory_proto::rr::rdata::{NS, SOA, TXT};
use hickory_proto::rr::{LowerName, Name, RData, Record};

use crate::error::LabError;

/// Names of the authoritative servers of every practice zone.
pub(crate) const NAME_SERVERS: [&str; 2] = ["ns1.practice-dns.example", "ns2.practice-dns.example"];

/// The records of a zone at one time.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) apex: Name,
    ttl_secs: u32,
    serial: u32,
    by_name: BTreeMap<LowerName, Vec<Record>>,
}

impl Records {
    /// A zone with nothing in it but its SOA and NS records.
    pub(crate) fn new(apex: &str, ttl_secs: u32) -> Result<Self, LabError> {
        let mut records = Self {
            apex: dns_name(apex)?,
            ttl_secs,
            serial: 1,
            by_name: BTreeMap::new(),
        };
        for server in NAME_SERVERS {
            records.add(apex, RData::NS(NS(dns_name(server)?)))?;
        }
        Ok(records)
    }

    pub(crate) fn add(&mut self, name: &str, data: RData) -> Result<(), LabError> {
        let name = dns_name(name)?;
        let record = Record::from_rdata(name.clone(), self.ttl_secs, data);
        self.by_name.entry(name.into()).or_default().push(record);
        Ok(())
    }

    /// A TXT record, its text cut into strings of at most 255 bytes (RFC 1035 3.3).
    pub(crate) fn add_text(&mut self, name: &str, text: &str) -> Result<(), LabError> {
        let mut strings: Vec<&[u8]> = text.as_bytes().chunks(255).collect();
        if strings.is_empty() {
            strings.push(&[]);
        }
        self.add(name, RData::TXT(TXT::from_bytes(strings)))
    }

    /// Puts these texts at the name, in place of whatever stands there.
    pub(crate) fn replace_texts(&mut self, name: &str, texts: &[String]) -> Result<(), LabError> {
        self.remove(name)?;
        texts.iter().try_for_each(|text| self.add_text(name, text))
    }

    pub(crate) fn remove(&mut self, name: &str) -> Result<(), LabError> {
        self.by_name.remove(&LowerName::from(dns_name(name)?));
        Ok(())
    }

    /// Marks a new version of the zone (RFC 1035 3.3.13).
    pub(crate) fn count_change(&mut self) {
        self.serial = self.serial.wrapping_add(1);
    }

    /// The records at a name, straight or through a wildcard (RFC 4592). `None`: there is no such
    /// name.
    pub(crate) fn at(&self, name: &LowerName) -> Option<&[Record]> {
        if let Some(records) = self.by_name.get(name) {
            return Some(records);
        }
        if self.has_below(name) {
            return Some(&[]);
        }
        let mut encloser = name.base_name();
        while !self.by_name.contains_key(&encloser) && !self.has_below(&encloser) {
            if encloser.is_root() {
                return None;
            }
            encloser = encloser.base_name();
        }
        let wildcard = Name::from_ascii("*")
            .and_then(|star| star.append_domain(&encloser))
            .ok()?;
        self.by_name
            .get(&LowerName::from(wildcard))
            .map(Vec::as_slice)
    }

    /// Whether names exist below this one, which then exists too, if without records (RFC 8020).
    fn has_below(&self, name: &LowerName) -> bool {
        self.by_name
            .keys()
            .any(|existing| existing != name && name.zone_of(existing))
    }

    pub(crate) fn soa(&self) -> Record {
        soa_record(self.apex.clone(), self.serial, self.ttl_secs)
    }
}

/// A full name from text.
pub(crate) fn dns_name(text: &str) -> Result<Name, LabError> {
    let parsed = Name::from_ascii(text);
    let mut name = parsed
        .map_err(|source| LabError::Name {
            text: text.to_owned(),
            source,
        })?
        .to_lowercase();
    name.set_fqdn(true);
    Ok(name)
}

fn soa_record(apex: Name, serial: u32, ttl_secs: u32) -> Record {
    let [first, _] = NAME_SERVERS;
    let primary = dns_name(first).unwrap_or_default();
    let mailbox = dns_name("hostmaster.practice-dns.example").unwrap_or_default();
    let soa = SOA::new(primary, mailbox, serial, 3600, 600, 604_800, ttl_secs);
    Record::from_rdata(apex, ttl_secs, RData::SOA(soa))
}

/// The SOA of the root, which says no for everything outside the practice internet.
pub(crate) fn root_soa() -> Record {
    soa_record(Name::root(), 1, 300)
}
