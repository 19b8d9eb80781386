//! The records of one zone at one time, and those at a name.

use std::collections::BTreeMap;

use hickory_proto::rr::rdata::{CNAME, MX, NS, SOA, TXT};
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

    /// Replaces all texts at the name with these.
    pub(crate) fn replace_texts(&mut self, name: &str, texts: &[String]) -> Result<(), LabError> {
        self.remove(name)?;
        texts.iter().try_for_each(|text| self.add_text(name, text))
    }

    /// Replaces the MX records of the zone with these.
    pub(crate) fn replace_mx(&mut self, hosts: &[(u16, String)]) -> Result<(), LabError> {
        let apex = LowerName::from(self.apex.clone());
        let mail: Result<Vec<RData>, LabError> = hosts
            .iter()
            .map(|(preference, host)| Ok(RData::MX(MX::new(*preference, dns_name(host)?))))
            .collect();
        let records = self.by_name.entry(apex).or_default();
        records.retain(|record| !matches!(record.data, RData::MX(_)));
        let (owner, ttl) = (&self.apex, self.ttl_secs);
        let record = |data| Record::from_rdata(owner.clone(), ttl, data);
        records.extend(mail?.into_iter().map(record));
        Ok(())
    }

    pub(crate) fn remove(&mut self, name: &str) -> Result<(), LabError> {
        self.by_name.remove(&LowerName::from(dns_name(name)?));
        Ok(())
    }

    /// The same zone under another name. Aliases that stay inside follow, so that they still do;
    /// every other record goes on pointing where it did.
    pub(crate) fn renamed(&self, apex: &str) -> Result<Self, LabError> {
        let apex = dns_name(apex)?;
        let mut by_name = BTreeMap::new();
        for (owner, records) in &self.by_name {
            let owner = with_replaced(&Name::from(owner), &self.apex, &apex)?;
            let mut renamed = records.clone();
            for record in &mut renamed {
                record.name = owner.clone();
                if let RData::CNAME(CNAME(target)) = &mut record.data
                    && self.apex.zone_of(target)
                {
                    *target = with_replaced(target, &self.apex, &apex)?;
                }
            }
            by_name.insert(owner.into(), renamed);
        }
        Ok(Self {
            apex,
            ttl_secs: self.ttl_secs,
            serial: self.serial,
            by_name,
        })
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

/// A name with every `old` in it replaced, also one in the middle: that is where a zone file
/// without final dots leaves the domain twice.
fn with_replaced(name: &Name, old: &Name, new: &Name) -> Result<Name, LabError> {
    let old: Vec<&[u8]> = old.iter().collect();
    let all: Vec<&[u8]> = name.iter().collect();
    let mut labels = Vec::new();
    let mut rest = all.as_slice();
    while let Some((first, further)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(old.as_slice()) {
            labels.extend(new.iter());
            rest = behind;
        } else {
            labels.push(*first);
            rest = further;
        }
    }
    Name::from_labels(labels).map_err(|source| LabError::Name {
        text: name.to_ascii(),
        source,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(target: &str) -> RData {
        RData::CNAME(CNAME(dns_name(target).unwrap()))
    }

    #[test]
    fn in_a_renamed_zone_names_and_inner_aliases_change_and_nothing_else() {
        let mut records = Records::new("d.example", 60).unwrap();
        let mail = RData::MX(MX::new(10, dns_name("mx1.d.example").unwrap()));
        let foreign = alias("d.example.org");
        records.add("d.example", mail.clone()).unwrap();
        records.add_text("*.D.example", "about d.example").unwrap();
        records.add_text("_x.d.example.d.example", "twice").unwrap();
        records.add("in.d.example", alias("z.d.example")).unwrap();
        records.add("out.d.example", foreign.clone()).unwrap();
        records.add_text("old.d.example", "other label").unwrap();

        let renamed = records.renamed("d-7.example").unwrap();
        let mut seen = Vec::new();
        for (owner, found) in &renamed.by_name {
            for Record {
                name, ttl, data, ..
            } in found
            {
                assert_eq!((LowerName::new(name), *ttl), (owner.clone(), 60));
                if !matches!(data, RData::NS(_)) {
                    seen.push((name.to_ascii(), data.clone()));
                }
            }
        }
        let text = |text: &str| RData::TXT(TXT::new(vec![text.to_owned()]));
        let expected = [
            ("d-7.example.", mail),
            ("*.d-7.example.", text("about d.example")),
            ("_x.d-7.example.d-7.example.", text("twice")),
            ("in.d-7.example.", alias("z.d-7.example")),
            ("out.d-7.example.", foreign),
            ("old.d-7.example.", text("other label")),
        ];
        assert_eq!(seen.len(), expected.len());
        for (name, data) in expected {
            assert!(seen.contains(&(name.to_owned(), data)), "{name}: {seen:?}");
        }
        assert_eq!(renamed.soa().name.to_ascii(), "d-7.example.");
        assert!(
            records
                .at(&dns_name("in.d.example").unwrap().into())
                .is_some()
        );
    }
}
