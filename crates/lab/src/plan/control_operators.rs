//! Mail servers of other operators, which show what the network does to port 25: one set of three
//! for each kind of network, each over IPv4 and IPv6.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::{A, AAAA, MX};

use super::{Plan, mail_server, smtp, web_addresses};
use crate::authority::Authority;
use crate::error::LabError;
use crate::scenario::{Connection, MailHost, Network};
use crate::zone::{Records, Zone, dns_name};

/// Three operators with nothing in common, whose servers show whether port 25 is open at all.
const CONTROL_OPERATORS: [&str; 3] = [
    "control-one.example",
    "control-two.example",
    "control-three.example",
];

/// The same three as somebody behind a blocked port 25 sees them.
const BLOCKED_OPERATORS: [&str; 3] = [
    "blocked-one.example",
    "blocked-two.example",
    "blocked-three.example",
];

/// The same three behind a firewall that refuses connections.
const REFUSED_OPERATORS: [&str; 3] = [
    "refused-one.example",
    "refused-two.example",
    "refused-three.example",
];

/// The same three as somebody sees them whose network blocks port 25 over IPv6.
const HALF_BLOCKED_OPERATORS: [&str; 3] = [
    "half-blocked-one.example",
    "half-blocked-two.example",
    "half-blocked-three.example",
];

/// The same three behind a device that answers in their place.
const ANSWERED_OPERATORS: [&str; 3] = [
    "answered-one.example",
    "answered-two.example",
    "answered-three.example",
];

/// The same three behind a device that removes STARTTLS from their replies.
const STRIPPED_OPERATORS: [&str; 3] = [
    "stripped-one.example",
    "stripped-two.example",
    "stripped-three.example",
];

/// The control operators as seen from this network.
pub(crate) fn operators(network: Network) -> [&'static str; 3] {
    match network {
        Network::Open => CONTROL_OPERATORS,
        Network::Port25Blocked => BLOCKED_OPERATORS,
        Network::Port25Refused => REFUSED_OPERATORS,
        Network::Ipv6Port25Blocked => HALF_BLOCKED_OPERATORS,
        Network::Answering => ANSWERED_OPERATORS,
        Network::Stripping => STRIPPED_OPERATORS,
    }
}

/// A web site that answers.
pub(crate) const CONTROL_WEB_HOST: &str = "www.control-one.example";

/// The mail server of a control operator.
pub(crate) fn mail_name(operator: &str) -> String {
    format!("in.{operator}")
}

impl Plan {
    /// Plans the operators of every network.
    pub(super) fn add_control_operators(&mut self, authority: &Authority) -> Result<(), LabError> {
        for (network, first) in [
            (Network::Open, 1),
            (Network::Port25Blocked, 101),
            (Network::Answering, 111),
            (Network::Stripping, 121),
            (Network::Port25Refused, 131),
            (Network::Ipv6Port25Blocked, 141),
        ] {
            for (operator, last) in operators(network).into_iter().zip(first..) {
                self.add_control_operator(operator, network, last, authority)?;
            }
        }
        Ok(())
    }

    fn add_control_operator(
        &mut self,
        operator: &str,
        network: Network,
        last: u8,
        authority: &Authority,
    ) -> Result<(), LabError> {
        let ipv4 = Ipv4Addr::new(198, 51, 100, last);
        let ipv6 = Ipv6Addr::new(0x2001, 0xdb8, 0x100, 0, 0, 0, 0, last.into());
        let mut zone = operator_zone(operator, ipv4, ipv6)?;
        if CONTROL_WEB_HOST.ends_with(operator) {
            let (web_address, _) = web_addresses(Connection::Serve);
            zone.add(CONTROL_WEB_HOST, RData::A(A(web_address)))?;
        }
        self.zones.insert(Zone::new(zone));
        let host = MailHost {
            host: mail_name(operator),
            ..MailHost::default()
        };
        let certificate = authority.issue(&host.host, &host.certificate)?;
        let server = Arc::new(mail_server(&host, network, certificate, authority)?);
        self.add_mail_address(smtp(ipv4.into()), network.at(false), &server);
        self.add_mail_address(smtp(ipv6.into()), network.at(true), &server);
        Ok(())
    }
}

fn operator_zone(operator: &str, ipv4: Ipv4Addr, ipv6: Ipv6Addr) -> Result<Records, LabError> {
    let mut records = Records::new(operator, 300)?;
    let host = mail_name(operator);
    records.add(operator, RData::MX(MX::new(10, dns_name(&host)?)))?;
    records.add(&host, RData::A(A(ipv4)))?;
    records.add(&host, RData::AAAA(AAAA(ipv6)))?;
    Ok(records)
}
