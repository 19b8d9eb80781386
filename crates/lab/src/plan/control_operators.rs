//! Mail servers of other operators, which show what the network does to port 25: one set of three
//! for each kind of network.

use std::net::Ipv4Addr;
use std::sync::Arc;

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::{A, MX};

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

/// The same three behind a device that answers in their place.
const ANSWERED_OPERATORS: [&str; 3] = [
    "answered-one.example",
    "answered-two.example",
    "answered-three.example",
];

/// The same three behind a device that takes STARTTLS out of what they say.
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
        Network::Answering => ANSWERED_OPERATORS,
        Network::Stripping => STRIPPED_OPERATORS,
    }
}

/// A web site that is simply there.
pub(crate) const CONTROL_WEB_HOST: &str = "www.control-one.example";

/// The mail host of a control operator.
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
        ] {
            for (operator, last) in operators(network).into_iter().zip(first..) {
                let address = Ipv4Addr::new(198, 51, 100, last);
                self.add_control_operator(operator, network, address, authority)?;
            }
        }
        Ok(())
    }

    fn add_control_operator(
        &mut self,
        operator: &str,
        network: Network,
        address: Ipv4Addr,
        authority: &Authority,
    ) -> Result<(), LabError> {
        let mut zone = operator_zone(operator, address)?;
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
        let server = mail_server(&host, network, certificate, authority)?;
        if network != Network::Port25Blocked {
            self.mail.push((smtp(address.into()), Arc::new(server)));
        }
        Ok(())
    }
}

fn operator_zone(operator: &str, address: Ipv4Addr) -> Result<Records, LabError> {
    let mut records = Records::new(operator, 300)?;
    let host = mail_name(operator);
    records.add(operator, RData::MX(MX::new(10, dns_name(&host)?)))?;
    records.add(&host, RData::A(A(address)))?;
    Ok(records)
}
