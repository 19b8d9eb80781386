//! The whole check of a domain. Everything that can run at once does, and every fact is reported as
//! soon as it is known. All of it is one future; dropping it frees every socket. The mail servers
//! are here, what is published is in `publication`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use mta_sts_core::facts::{
    Fact, FailureKind, HostView, MailServer, MxRecord, Observed, ProbeFailure, Session,
    SubmissionPort,
};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::controls::{self, Doubt};
use crate::dns::both_families;
use crate::endpoints::SMTP_PORT;
use crate::publication::Publication;
use crate::run::Run;
use crate::session::Visit;

/// More MX hosts than this are not looked up.
const MAX_HOSTS: usize = 20;
/// More addresses of one MX host than this are not connected to.
const MAX_ADDRESSES: usize = 8;
/// More silent hosts than this are not checked at the submission ports.
const MAX_HINTS: usize = 3;
/// The ports for message submission, and whether encryption there starts with STARTTLS (RFC 8314
/// 3.3, RFC 6409 3.1).
const SUBMISSION_PORTS: [(u16, bool); 2] = [(465, false), (587, true)];

/// One check.
pub(crate) struct Check<'a> {
    pub(crate) run: Run<'a>,
    /// When all of it ends.
    pub(crate) until: Instant,
    /// Takes in each fact.
    pub(crate) tell: &'a (dyn Fn(Fact) + Send + Sync),
}

impl Check<'_> {
    pub(crate) async fn run(&self) {
        let publication = Publication {
            run: self.run,
            until: self.until,
            tell: self.tell,
        };
        tokio::join!(publication.observe(), self.mail_servers());
    }

    /// The mail servers and, in doubt, what this network does to mail connections.
    async fn mail_servers(&self) {
        let (doubt, in_doubt) = controls::doubt();
        let (silent, blocked) = tokio::join!(
            // The doubt ends with the mail servers, so that the controls do not wait forever.
            async { self.mail(doubt).await },
            async {
                if !in_doubt.raised().await {
                    return false;
                }
                let controls = controls::observe(&self.run).await;
                let blocked = controls.port_25_blocked();
                (self.tell)(Fact::Controls(Observed::Seen(controls)));
                blocked
            }
        );
        if blocked {
            self.submission_ports(silent).await;
        }
    }

    /// What the submission ports show, as a clue when this network blocks port 25.
    async fn submission_ports(&self, silent: Vec<Silent>) {
        let ports = silent
            .into_iter()
            .take(MAX_HINTS)
            .flat_map(|silent| SUBMISSION_PORTS.map(|port| (silent.clone(), port)));
        join_all(ports.map(async |(Silent { host, ip }, (port, starttls))| {
            let visit = Visit {
                run: &self.run,
                host: &host,
                ip,
                port,
            };
            let chain = visit.certificates(starttls).await;
            let port = SubmissionPort { port, ip, chain };
            (self.tell)(Fact::Submission { host, port });
        }))
        .await;
    }

    /// Checks all mail servers; returns those that never answered.
    async fn mail(&self, doubt: Doubt) -> Vec<Silent> {
        let mx = self
            .run
            .resolvers
            .mx(self.run.options.domain.as_str())
            .await;
        (self.tell)(Fact::Mx(mx.clone()));
        if mx.seen().is_none_or(|answer| answer.records.is_empty()) {
            // The network may answer instead of the DNS, or not work at all.
            doubt.raise();
        }
        let records = mx.seen().map_or(&[][..], |answer| &answer.records);
        let planned = self.planned(records, &doubt);
        let today = async {
            match &mx {
                Observed::Seen(mx) if mx.records.is_empty() && mx.name_exists => {
                    let silent = self.domain_itself(&doubt).await;
                    silent.into_iter().collect()
                }
                Observed::Seen(mx) => self.hosts(mx.records.clone(), &doubt).await,
                Observed::NotAsked | Observed::Failed(_) => Vec::new(),
            }
        };
        let (silent, ()) = tokio::join!(today, planned);
        silent
    }

    /// The hosts to come, each reported as a whole: they are no mail servers of the domain yet.
    async fn planned(&self, mx: &[MxRecord], doubt: &Doubt) {
        let is_to_come = |host: &&String| !mx.iter().any(|it| it.exchange == **host);
        let hosts = self.run.options.planned.iter().filter(is_to_come);
        join_all(hosts.take(MAX_HOSTS).map(async |host| {
            let (ipv4, ipv6) =
                tokio::join!(self.run.resolvers.ipv4(host), self.run.resolvers.ipv6(host));
            let server = MailServer {
                ipv4,
                ipv6,
                ..MailServer::named(host, 0)
            };
            let seen = Mutex::new(self.run.options.facts(OffsetDateTime::UNIX_EPOCH));
            let lock = || seen.lock().unwrap_or_else(PoisonError::into_inner);
            let check = Check {
                run: self.run,
                until: self.until,
                tell: &|fact| lock().fold(fact),
            };
            check.server(server, doubt).await;
            for server in std::mem::take(&mut lock().mail_servers) {
                (self.tell)(Fact::Planned(Box::new(server)));
            }
        }))
        .await;
    }

    /// Without an MX record, the domain itself receives its mail if it has an address (RFC 5321
    /// 5.1).
    async fn domain_itself(&self, doubt: &Doubt) -> Option<Silent> {
        let domain = self.run.options.domain.as_str();
        let (ipv4, ipv6) = tokio::join!(
            self.run.resolvers.ipv4(domain),
            self.run.resolvers.ipv6(domain)
        );
        let addresses = both_families(ipv4.clone(), ipv6.clone());
        let takes_mail = addresses
            .seen()
            .is_some_and(|answer| !answer.records.is_empty());
        (self.tell)(Fact::DomainAddresses(addresses));
        if !takes_mail {
            return None;
        }
        let server = MailServer {
            ipv4,
            ipv6,
            ..MailServer::named(domain, 0)
        };
        self.server(server, doubt).await
    }

    async fn hosts(&self, records: Vec<MxRecord>, doubt: &Doubt) -> Vec<Silent> {
        let hosts = in_order(records);
        // Every host is reported at once, so that its row is there before the first answer.
        for (place, (preference, host)) in hosts.iter().enumerate() {
            let mut server = MailServer::named(host.clone(), *preference);
            if place >= MAX_HOSTS {
                let many = left_out(&format!(
                    "the domain has more than {MAX_HOSTS} mail servers"
                ));
                server.ipv4 = Observed::Failed(many.clone());
                server.ipv6 = Observed::Failed(many);
            }
            (self.tell)(Fact::MailServer(server));
        }
        let silent = join_all(
            hosts
                .iter()
                .take(MAX_HOSTS)
                // An MX record with an address is invalid; there is nothing to look up.
                .filter(|(_, host)| host.parse::<IpAddr>().is_err())
                .map(async |(preference, host)| {
                    let (ipv4, ipv6) =
                        tokio::join!(self.run.resolvers.ipv4(host), self.run.resolvers.ipv6(host));
                    let server = MailServer::named(host.clone(), *preference);
                    self.server(
                        MailServer {
                            ipv4,
                            ipv6,
                            ..server
                        },
                        doubt,
                    )
                    .await
                }),
        )
        .await;
        silent.into_iter().flatten().collect()
    }

    /// Reports a mail server with its addresses, then talks to each of them at once.
    async fn server(&self, server: MailServer, doubt: &Doubt) -> Option<Silent> {
        (self.tell)(Fact::MailServer(server.clone()));
        let (addresses, elsewhere): (BTreeSet<IpAddr>, BTreeSet<IpAddr>) = server
            .addresses()
            .partition(|&ip| self.run.allows(ip).is_ok());
        let tell_session = |session: &Session| {
            let host = server.host.clone();
            (self.tell)(Fact::Session {
                host,
                session: Box::new(session.clone()),
            });
        };
        for &ip in &elsewhere {
            if let Err(not_public) = self.run.allows(ip) {
                tell_session(&Session {
                    connected: Observed::Failed(not_public),
                    ..Session::to(ip)
                });
            }
        }
        for &ip in addresses.iter().skip(MAX_ADDRESSES) {
            let many = left_out(&format!("the host has more than {MAX_ADDRESSES} addresses"));
            tell_session(&Session {
                connected: Observed::Failed(many),
                ..Session::to(ip)
            });
        }
        let tlsa = async {
            let host = server.host.clone();
            let tlsa = self.run.resolvers.tlsa(&host).await;
            (self.tell)(Fact::Tlsa { host, tlsa });
        };
        let sessions = join_all(addresses.iter().take(MAX_ADDRESSES).map(async |&ip| {
            let visit = Visit {
                run: &self.run,
                host: &server.host,
                ip,
                port: SMTP_PORT,
            };
            visit.observe(doubt, &tell_session).await
        }));
        let view = async {
            if !elsewhere.is_empty() {
                let host = server.host.clone();
                let addresses = self.run.authoritative_addresses(&host).await;
                (self.tell)(Fact::HostView(HostView { host, addresses }));
            }
        };
        let (spoke, (), ()) = tokio::join!(sessions, tlsa, view);
        let ip = *addresses.first()?;
        let host = server.host;
        (!spoke.contains(&true)).then_some(Silent { host, ip })
    }
}

/// A mail server that never answered, and its first address.
#[derive(Clone)]
struct Silent {
    host: String,
    ip: IpAddr,
}

/// The hosts by preference, each once with its best preference, without a null MX (RFC 7505).
fn in_order(records: Vec<MxRecord>) -> Vec<(u16, String)> {
    let mut preferences = BTreeMap::new();
    for record in records.into_iter().filter(|record| !record.is_null()) {
        let preference = preferences
            .entry(record.exchange)
            .or_insert(record.preference);
        *preference = record.preference.min(*preference);
    }
    let mut hosts: Vec<_> = preferences
        .into_iter()
        .map(|(host, preference)| (preference, host))
        .collect();
    hosts.sort();
    hosts
}

fn left_out(why: &str) -> ProbeFailure {
    ProbeFailure::new(FailureKind::Other, format!("skipped: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_stand_in_order_of_preference_each_once() {
        let record = |preference, exchange: &str| MxRecord {
            preference,
            exchange: exchange.into(),
        };
        let hosts = in_order(vec![
            record(20, "b.example"),
            record(10, "c.example"),
            record(5, "b.example"),
            record(10, "a.example"),
            record(0, ""),
        ]);
        let hosts: Vec<_> = hosts.iter().map(|(_, host)| host.as_str()).collect();
        assert_eq!(hosts, ["b.example", "a.example", "c.example"]);
    }
}
