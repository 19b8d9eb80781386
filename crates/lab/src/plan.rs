//! From scenarios to servers: who gets which name, address, certificate and text.
//!
//! Nothing is opened here; `lab` gives every planned server its socket.

mod control_operators;
mod domain_connect;
mod page;
mod scenario_records;
mod sites;
mod story;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NULL, TLSA};
use hickory_proto::rr::{LowerName, Name, RData, RecordType};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};

pub(crate) use control_operators::{CONTROL_WEB_HOST, mail_name, operators};
use scenario_records::ScenarioRecords;
pub(crate) use sites::{Tenancy, good_site};
pub(crate) use story::Story;
pub use story::original_of;

use crate::authority::Authority;
use crate::error::LabError;
use crate::https::{Page, WebHost};
use crate::scenario::{
    CertificateSettings, Connection, ExtraRecord, MailHost, Network, RecordKind, Scenario,
    Starttls, StrayPolicy, Tlsa,
};
use crate::smtp::MailServer;
use crate::tls::TlsDoor;
use crate::zone::{Delays, NAME_SERVERS, NameSet, Records, Zone, ZoneFaults, Zones, dns_name};

pub(crate) const SMTP_PORT: u16 = 25;
/// Message submission, encrypted from the first byte (RFC 8314 3.3).
const TLS_SUBMISSION_PORT: u16 = 465;
/// Message submission with STARTTLS (RFC 6409 3.1).
const STARTTLS_SUBMISSION_PORT: u16 = 587;
pub(crate) const HTTPS_PORT: u16 = 443;
pub(crate) const DNS_PORT: u16 = 53;

/// Addresses of the two name servers, in the order of their names.
pub(crate) const NAME_SERVER_ADDRESSES: [Ipv4Addr; 2] = [
    Ipv4Addr::new(198, 51, 100, 53),
    Ipv4Addr::new(198, 51, 100, 54),
];

const MTA_STS_TEXT: &str = "v=STSv1; id=20261101T000000Z";
const TLS_RPT_TEXT: &str = "v=TLSRPTv1; rua=mailto:tls-reports@practice-reports.example";

/// The web host's address for this kind of connection.
pub(crate) fn web_addresses(connection: Connection) -> (Ipv4Addr, Ipv6Addr) {
    let last = match connection {
        Connection::Serve => 0x80,
        Connection::Refuse => 0x81,
        Connection::Silent => 0x82,
    };
    let ipv6 = Ipv6Addr::new(0x2001, 0xdb8, 0x443, 0, 0, 0, 0, u16::from(last));
    (Ipv4Addr::new(203, 0, 113, last), ipv6)
}

/// Everything that the lab must start.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) zones: Zones,
    pub(crate) web: WebHost,
    /// Of every scenario's domain, what a copy is made from; `None` where it is not in the DNS.
    pub(crate) stories: BTreeMap<String, Option<Story>>,
    /// Mail servers at their documentation addresses.
    pub(crate) mail: Vec<(SocketAddr, Arc<MailServer>)>,
    /// The same, with encryption from the first byte.
    pub(crate) wrapped_mail: Vec<(SocketAddr, Arc<MailServer>)>,
    /// Documentation addresses that refuse connections.
    pub(crate) refusing: Vec<SocketAddr>,
    mail_addresses_given: u8,
}

impl Plan {
    /// Plans the common ground and all scenarios.
    pub(crate) fn new(scenarios: &[Scenario], authority: &Authority) -> Result<Self, LabError> {
        let mut plan = Self::default();
        let (ipv4, ipv6) = web_addresses(Connection::Refuse);
        plan.refusing
            .extend([https(ipv4.into()), https(ipv6.into())]);
        plan.add_common_ground(authority)?;
        for scenario in scenarios {
            plan.add_scenario(scenario, authority)?;
        }
        Ok(plan)
    }

    fn add_common_ground(&mut self, authority: &Authority) -> Result<(), LabError> {
        let mut dns_operator = Records::new("practice-dns.example", 300)?;
        for (name, address) in NAME_SERVERS.iter().zip(NAME_SERVER_ADDRESSES) {
            dns_operator.add(name, RData::A(A(address)))?;
        }
        self.zones.insert(Zone::new(dns_operator));
        self.zones
            .insert(Zone::new(Records::new("practice-reports.example", 300)?));

        self.add_control_operators(authority)?;
        let site = good_site(CONTROL_WEB_HOST, Page::Everywhere, authority)?;
        self.web.admit(CONTROL_WEB_HOST, Some(site), Duration::ZERO);
        Ok(())
    }

    fn add_scenario(&mut self, scenario: &Scenario, authority: &Authority) -> Result<(), LabError> {
        let domain = &scenario.domain;
        if !scenario.dns.registered {
            self.stories.entry(domain.clone()).or_default();
            return Ok(());
        }
        let mut records = ScenarioRecords::new(scenario)?;
        if scenario.null_mx {
            let nowhere = RData::MX(MX::new(0, Name::root()));
            records.own.add(domain, nowhere)?;
        }
        for host in scenario.mail_hosts() {
            self.add_mail_host(scenario, host, &mut records, authority)?;
        }
        let ScenarioRecords {
            own: mut records,
            elsewhere,
            ..
        } = records;
        add_announcements(scenario, &mut records)?;
        add_extra(&scenario.dns.records, domain, &mut records)?;
        if scenario.dns.bogus {
            records.add(domain, delegation_signer())?;
        }
        let records = Arc::new(records);
        self.add_zone(domain, zone(scenario, Arc::clone(&records))?)?;
        for (host, records) in elsewhere {
            self.add_zone(&host, Zone::new(records))?;
        }
        for Tenancy { host, site, delay } in sites::of(scenario, authority)? {
            self.web.admit(&host, site, delay);
        }
        let story = Story::new(scenario.clone(), records);
        self.stories.insert(domain.clone(), Some(story));
        Ok(())
    }

    fn add_zone(&mut self, apex: &str, zone: Zone) -> Result<(), LabError> {
        if self.zones.insert(zone) {
            Ok(())
        } else {
            Err(LabError::DuplicateDomain(apex.to_owned()))
        }
    }

    fn add_mail_host(
        &mut self,
        scenario: &Scenario,
        host: &MailHost,
        records: &mut ScenarioRecords<'_>,
        authority: &Authority,
    ) -> Result<(), LabError> {
        if host.mx_record {
            let data = RData::MX(MX::new(host.preference, dns_name(&host.host)?));
            records.own.add(&scenario.domain, data)?;
        }
        if let Some(holder) = &host.alias_of {
            let alias = RData::CNAME(CNAME(dns_name(holder)?));
            records.zone_of(&host.host)?.add(&host.host, alias)?;
        }
        let certificate = authority.issue(&host.host, &host.certificate)?;
        if let Some(tlsa) = host.tlsa {
            let name = format!("_25._tcp.{}", host.host);
            let record = RData::TLSA(tlsa_record(tlsa, &certificate));
            records.zone_of(&host.host)?.add(&name, record)?;
        }
        let server = mail_server(host, scenario.network, certificate, authority)?;
        let server = Arc::new(server);
        let holder = host.alias_of.as_ref().unwrap_or(&host.host);
        for (connections, ipv6) in [(&host.ipv4, false), (&host.ipv6, true)] {
            for connection in connections {
                let address = self.next_mail_address(ipv6)?;
                let record = address_record(address);
                records.zone_of(holder)?.add(holder, record)?;
                let connection = match connection {
                    Connection::Serve => scenario.network.at(ipv6),
                    other => *other,
                };
                self.add_mail_address(smtp(address), connection, &server);
                if host.submission {
                    self.mail.push((
                        SocketAddr::new(address, STARTTLS_SUBMISSION_PORT),
                        Arc::clone(&server),
                    ));
                    let wrapped = SocketAddr::new(address, TLS_SUBMISSION_PORT);
                    self.wrapped_mail.push((wrapped, Arc::clone(&server)));
                }
            }
        }
        Ok(())
    }

    fn add_mail_address(
        &mut self,
        address: SocketAddr,
        connection: Connection,
        server: &Arc<MailServer>,
    ) {
        match connection {
            Connection::Serve => self.mail.push((address, Arc::clone(server))),
            Connection::Refuse => self.refusing.push(address),
            Connection::Silent => {}
        }
    }

    fn next_mail_address(&mut self, ipv6: bool) -> Result<IpAddr, LabError> {
        let address = |last: u8| -> IpAddr {
            if ipv6 {
                Ipv6Addr::new(0x2001, 0xdb8, 0x25, 0, 0, 0, 0, last.into()).into()
            } else {
                Ipv4Addr::new(192, 0, 2, last).into()
            }
        };
        let given = self.mail_addresses_given;
        let next = given.checked_add(1).filter(|last| *last < u8::MAX);
        let next = next.ok_or(LabError::OutOfAddresses {
            last: address(given),
        })?;
        self.mail_addresses_given = next;
        Ok(address(next))
    }
}

/// Where the policy of a domain is served (RFC 8461 3.2).
pub(crate) fn policy_host(domain: &str) -> String {
    format!("mta-sts.{domain}")
}

/// The name of the MTA-STS record (RFC 8461 3.1).
pub(crate) fn sts_name(domain: &str) -> String {
    format!("_mta-sts.{domain}")
}

/// The name of the TLS-RPT record (RFC 8460 3).
pub(crate) fn tls_rpt_name(domain: &str) -> String {
    format!("_smtp._tls.{domain}")
}

/// The MTA-STS and TLS-RPT records and the addresses of the web sites.
fn add_announcements(scenario: &Scenario, records: &mut Records) -> Result<(), LabError> {
    let Scenario {
        domain,
        dns,
        web,
        published,
        ..
    } = scenario;
    let usual = |text: &str| {
        if *published {
            vec![text.to_owned()]
        } else {
            vec![]
        }
    };
    let texts = dns.mta_sts.clone().unwrap_or_else(|| usual(MTA_STS_TEXT));
    add_texts(records, &sts_name(domain), &texts)?;
    let texts = dns.tls_rpt.clone().unwrap_or_else(|| usual(TLS_RPT_TEXT));
    add_texts(records, &tls_rpt_name(domain), &texts)?;

    let host = policy_host(domain);
    if *published {
        for connection in &web.ipv4 {
            records.add(&host, RData::A(A(web_addresses(*connection).0)))?;
        }
        for connection in &web.ipv6 {
            records.add(&host, RData::AAAA(AAAA(web_addresses(*connection).1)))?;
        }
    }
    if dns.domain_connect.is_some() {
        let host = domain_connect::host(domain);
        records.add_text(&domain_connect::record_name(domain), &host)?;
        records.add(&host, RData::A(A(web_addresses(Connection::Serve).0)))?;
    }
    for StrayPolicy { host: stray, .. } in &web.strays {
        let stray = absolute(stray, domain);
        if stray != host {
            records.add(&stray, RData::A(A(web_addresses(Connection::Serve).0)))?;
        }
    }
    Ok(())
}

/// A DS record (RFC 4034 5): the parent says that the zone is signed. It matches no key.
fn delegation_signer() -> RData {
    const KEY_TAG_ALGORITHM_DIGEST_TYPE: [u8; 4] = [0, 1, 13, 2];
    let data = [&KEY_TAG_ALGORITHM_DIGEST_TYPE[..], &[0; 32]].concat();
    RData::Unknown {
        code: RecordType::DS,
        rdata: NULL::with(data),
    }
}

fn add_extra(extra: &[ExtraRecord], domain: &str, records: &mut Records) -> Result<(), LabError> {
    for ExtraRecord { name, kind, value } in extra {
        let name = absolute(name, domain);
        match kind {
            RecordKind::Txt => records.add_text(&name, value)?,
            RecordKind::Cname => records.add(&name, RData::CNAME(CNAME(dns_name(value)?)))?,
            RecordKind::A => {
                let address = value
                    .parse()
                    .map_err(|_| LabError::Address(value.clone()))?;
                records.add(&name, address_record(address))?;
            }
        }
    }
    Ok(())
}

fn smtp(address: IpAddr) -> SocketAddr {
    SocketAddr::new(address, SMTP_PORT)
}

pub(crate) fn https(address: IpAddr) -> SocketAddr {
    SocketAddr::new(address, HTTPS_PORT)
}

fn add_texts(records: &mut Records, name: &str, texts: &[String]) -> Result<(), LabError> {
    texts
        .iter()
        .try_for_each(|text| records.add_text(name, text))
}

fn address_record(address: IpAddr) -> RData {
    match address {
        IpAddr::V4(ipv4) => RData::A(A(ipv4)),
        IpAddr::V6(ipv6) => RData::AAAA(AAAA(ipv6)),
    }
}

fn absolute(name: &str, domain: &str) -> String {
    if name == "@" {
        domain.to_owned()
    } else {
        format!("{name}.{domain}")
    }
}

fn name_set(names: &[String], domain: &str) -> Result<NameSet, LabError> {
    let mut set = NameSet::default();
    for name in names {
        if name == "*" {
            set.all = true;
        } else {
            set.names
                .push(LowerName::from(dns_name(&absolute(name, domain))?));
        }
    }
    Ok(set)
}

/// The zone of a scenario's domain with these records.
fn zone(scenario: &Scenario, records: Arc<Records>) -> Result<Zone, LabError> {
    let Scenario {
        domain,
        dns,
        publishing,
        ..
    } = scenario;
    let [first, second] = publishing.name_server_delays_secs;
    let seconds = |count: u32| Duration::from_secs(count.into());
    let delays = Delays {
        first: seconds(first),
        second: seconds(second),
        resolver: seconds(publishing.resolver_delay_secs),
    };
    let faults = ZoneFaults {
        servfail: name_set(&dns.servfail, domain)?,
        silent: name_set(&dns.silent, domain)?,
        bogus: dns.bogus,
    };
    let on_second = match &dns.mta_sts_on_second {
        Some(texts) => {
            let mut on_second = Records::clone(&records);
            on_second.replace_texts(&sts_name(domain), texts)?;
            Some(on_second)
        }
        None => None,
    };
    let here = if dns.here.is_empty() {
        None
    } else {
        let mut here = Records::clone(&records);
        for extra in &dns.here {
            here.remove(&absolute(&extra.name, domain))?;
        }
        add_extra(&dns.here, domain, &mut here)?;
        Some(here)
    };
    let zone = Zone::new(records)
        .with_delays(delays)
        .with_faults(faults)
        .with_signature(dns.signed);
    let zone = match on_second {
        Some(records) => zone.with_other_second(records),
        None => zone,
    };
    Ok(match here {
        Some(records) => zone.with_other_resolver(records),
        None => zone,
    })
}

/// The greeting of a device that answers instead of every mail server.
const DEVICE_GREETING: &str = "220 mail-filter.practice-network.example ready";

/// A mail server as seen from this network.
fn mail_server(
    host: &MailHost,
    network: Network,
    certificate: Arc<CertifiedKey>,
    authority: &Authority,
) -> Result<MailServer, LabError> {
    let without_sni = match host.certificate_without_sni.as_slice() {
        [] => None,
        names => {
            let settings = CertificateSettings {
                names: names.to_vec(),
                ..CertificateSettings::default()
            };
            Some(authority.issue(&host.host, &settings)?)
        }
    };
    let usual = || format!("220 {} ESMTP", host.host);
    let greeting = match network {
        Network::Answering => DEVICE_GREETING.to_owned(),
        _ => host.greeting.clone().unwrap_or_else(usual),
    };
    let starttls = match network {
        Network::Answering | Network::Stripping => Starttls::Missing,
        _ => host.starttls,
    };
    Ok(MailServer {
        host: host.host.clone(),
        greeting: greeting.lines().map(str::to_owned).collect(),
        greeting_delay: Duration::from_secs(host.greeting_delay_secs.into()),
        greeting_line_delay: Duration::from_secs(host.greeting_line_delay_secs.into()),
        conduct: host.conduct,
        starttls,
        door: TlsDoor::new(host.tls, certificate, without_sni)?,
    })
}

/// DANE-EE with the hash of the certificate (RFC 6698 2.1): "3 0 1".
fn tlsa_record(tlsa: Tlsa, certificate: &CertifiedKey) -> TLSA {
    let leaf = certificate.cert.first();
    let mut data = leaf.map_or_else(Vec::new, |leaf| Sha256::digest(leaf).to_vec());
    if tlsa == Tlsa::Mismatching {
        data.reverse();
    }
    TLSA::new(CertUsage::DaneEe, Selector::Full, Matching::Sha256, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_run_out_without_wrapping_round() {
        let mut plan = Plan::default();
        let given = (0..300)
            .map_while(|_| plan.next_mail_address(false).ok())
            .count();
        assert_eq!(given, 254);
    }
}
