//! The facts together with what their texts parse to, read once for all rules.

use std::net::IpAddr;

use crate::facts::{Chain, Facts, MailServer, Response};
use crate::text::policy::PolicyReading;
use crate::text::sts_record::StsSelection;
use crate::text::tls_rpt_record::TlsRptSelection;

/// What the rules look at.
pub(crate) struct Case<'a> {
    /// The observations.
    pub(crate) facts: &'a Facts,
    /// The MTA-STS record, where the lookup was answered.
    pub(crate) record: Option<StsSelection>,
    /// The TLS-RPT record, where the lookup was answered.
    pub(crate) tls_rpt: Option<TlsRptSelection>,
    /// The policy, where a web server answered with status 200.
    pub(crate) policy: Option<PolicyReading>,
    /// The chains served by the MX hosts, a chain served by several addresses of a host once: so
    /// that one expired certificate is one finding.
    pub(crate) served: Vec<Served<'a>>,
}

/// One certificate chain and the addresses of a host that serve it.
pub(crate) struct Served<'a> {
    /// The MX host.
    pub(crate) host: &'a str,
    /// The addresses, in order.
    pub(crate) addresses: Vec<IpAddr>,
    /// The chain.
    pub(crate) chain: &'a Chain,
}

impl<'a> Case<'a> {
    /// Reads the texts of the facts.
    pub(crate) fn of(facts: &'a Facts) -> Self {
        Self {
            facts,
            record: facts
                .record
                .seen()
                .map(|answer| StsSelection::of(&answer.records)),
            tls_rpt: facts
                .tls_rpt
                .seen()
                .map(|answer| TlsRptSelection::of(&answer.records)),
            policy: response(facts)
                .filter(|response| response.status == 200)
                .map(|response| PolicyReading::read(&response.body.0)),
            served: served(facts),
        }
    }

    /// The HTTP answer of the policy host, whatever its status.
    pub(crate) fn response(&self) -> Option<&'a Response> {
        response(self.facts)
    }

    /// The MX hosts.
    pub(crate) fn mail_servers(&self) -> impl Iterator<Item = &'a MailServer> + use<'a> {
        self.facts.mail_servers.iter()
    }
}

fn served(facts: &Facts) -> Vec<Served<'_>> {
    let mut all: Vec<Served<'_>> = Vec::new();
    for server in &facts.mail_servers {
        let of_this_host = all.len();
        for session in &server.sessions {
            let Some(chain) = session.chain.seen() else {
                continue;
            };
            let same = all[of_this_host..]
                .iter_mut()
                .find(|served| served.chain == chain);
            match same {
                Some(served) => served.addresses.push(session.ip),
                None => all.push(Served {
                    host: &server.host,
                    addresses: vec![session.ip],
                    chain,
                }),
            }
        }
    }
    all
}

fn response(facts: &Facts) -> Option<&Response> {
    facts.policy.seen()?.response.seen()
}
