//! The running lab: brings every planned server up on loopback, and publishes while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::A;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::authority::Authority;
use crate::dns::{DNS_OVER_HTTPS_PATH, DnsServer};
use crate::error::LabError;
use crate::https::{Document, Family, Page, WebHost};
use crate::plan::{self, Plan, Story, Tenancy};
use crate::scenario::{CertificateSettings, Connection, Network, Scenario};
use crate::sockets;
use crate::zone::{PUBLIC_RESOLVERS, Seat, Zones};

/// TXT texts of one publication, together.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// Every sender already refuses a policy this long (RFC 8461 3.3).
const MAX_POLICY_BYTES: usize = 128 * 1024;

/// How many copies one lab serves: see [`Lab::serve_copy`].
pub const MAX_COPIES: usize = 5_000;

/// What to publish for a domain; `None` leaves a part as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// TXT texts at `_mta-sts.DOMAIN`, instead of those that are there (RFC 8461 3.1).
    pub record: Option<Vec<String>>,
    /// TXT texts at `_smtp._tls.DOMAIN`, instead of those that are there (RFC 8460 3).
    pub tls_rpt: Option<Vec<String>>,
    /// The policy file, byte for byte. The policy host gets an address and a good certificate with
    /// it, whatever was wrong with it before (RFC 8461 3.3).
    pub policy: Option<Vec<u8>>,
    /// The MX records, instead of those that are there: preference and host.
    pub mx: Option<Vec<(u16, String)>>,
    /// Takes the file and the name of the policy host away.
    pub no_policy_host: bool,
}

/// Public resolvers of the practice internet, each of another operator.
pub const PUBLIC_RESOLVER_NAMES: [&str; PUBLIC_RESOLVERS as usize] = [
    "Resolver 1",
    "Resolver 2",
    "Resolver 3",
    "Resolver 4",
    "Resolver 5",
    "Resolver 6",
];

fn public_address(number: u8) -> SocketAddr {
    let ip = Ipv4Addr::new(198, 51, 100, 200_u8.saturating_add(number));
    SocketAddr::new(ip.into(), plan::DNS_PORT)
}

/// A public resolver, also over HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicResolver {
    /// What people call it.
    pub name: String,
    /// Its documentation address.
    pub address: SocketAddr,
    /// The host that its certificate names.
    pub https_host: String,
    /// The path for DNS over HTTPS (RFC 8484).
    pub https_path: String,
}

fn public_host(number: u8) -> String {
    format!("resolver-{}.practice-dns.example", u16::from(number) + 1)
}

/// A running practice internet. Dropping it stops every server.
pub struct Lab {
    authority: Authority,
    zones: Arc<RwLock<Zones>>,
    web: Arc<WebHost>,
    /// Of every scenario's domain, what a copy is made from; `None` where it is not in the DNS.
    stories: BTreeMap<String, Option<Story>>,
    /// Domains of the copies that are served.
    copies: Mutex<BTreeSet<String>>,
    routes: BTreeMap<SocketAddr, SocketAddr>,
    connections: BTreeMap<SocketAddr, Arc<AtomicUsize>>,
    resolver: DnsServer,
    _name_servers: [DnsServer; 2],
    public_resolvers: Vec<DnsServer>,
    _refusing: TcpSocket,
    _servers: JoinSet<()>,
}

impl Lab {
    /// Starts the servers of all scenarios at once, each with its own domain, in the current tokio
    /// runtime.
    ///
    /// # Errors
    /// [`LabError`] when a socket cannot be opened, a certificate cannot be made, or the scenarios
    /// do not fit together.
    pub async fn start(scenarios: &[Scenario]) -> Result<Self, LabError> {
        sockets::make_room();
        let authority = Authority::new()?;
        let Plan {
            zones,
            web,
            stories,
            mail,
            wrapped_mail,
            refusing,
            ..
        } = Plan::new(scenarios, &authority)?;
        let zones = Arc::new(RwLock::new(zones));
        let web = Arc::new(web);
        let mut routes = BTreeMap::new();
        let mut connections = BTreeMap::new();
        let mut servers = JoinSet::new();

        let start_dns = async |seat| {
            let started = DnsServer::start(seat, Arc::clone(&zones)).await;
            started.map_err(socket_error("DNS"))
        };
        let resolver = start_dns(Seat::Resolver).await?;
        let name_servers = [
            start_dns(Seat::FirstNameServer).await?,
            start_dns(Seat::SecondNameServer).await?,
        ];
        let mut public_resolvers = Vec::new();
        for number in 0..PUBLIC_RESOLVERS {
            let host = public_host(number);
            let certificate = authority.issue(&host, &CertificateSettings::default())?;
            let seat = Seat::PublicResolver(number);
            let zones = Arc::clone(&zones);
            let (server, https) = DnsServer::start_with_https(seat, zones, &certificate).await?;
            let address = public_address(number);
            routes.insert(address, server.address);
            routes.insert(plan::https(address.ip()), https);
            public_resolvers.push(server);
        }
        for (address, server) in plan::NAME_SERVER_ADDRESSES.iter().zip(&name_servers) {
            routes.insert(
                SocketAddr::new((*address).into(), plan::DNS_PORT),
                server.address,
            );
        }

        for (address, server) in mail {
            let (listener, loopback) = sockets::listen().await.map_err(socket_error("SMTP"))?;
            let count = Arc::new(AtomicUsize::new(0));
            routes.insert(address, loopback);
            connections.insert(address, Arc::clone(&count));
            servers.spawn(sockets::accept_all(listener, move |stream| {
                count.fetch_add(1, Ordering::Relaxed);
                Arc::clone(&server).serve(stream)
            }));
        }
        for (address, server) in wrapped_mail {
            let (listener, loopback) = sockets::listen().await.map_err(socket_error("SMTP"))?;
            routes.insert(address, loopback);
            servers.spawn(sockets::accept_all(listener, move |stream| {
                Arc::clone(&server).serve_wrapped(stream)
            }));
        }

        let (ipv4, ipv6) = plan::web_addresses(Connection::Serve);
        for (address, family) in [(ipv4.into(), Family::Ipv4), (ipv6.into(), Family::Ipv6)] {
            let (listener, loopback) = sockets::listen().await.map_err(socket_error("HTTPS"))?;
            routes.insert(plan::https(address), loopback);
            let web_host = Arc::clone(&web);
            servers.spawn(sockets::accept_all(listener, move |stream| {
                Arc::clone(&web_host).serve(stream, family)
            }));
        }

        let held = sockets::hold_refusing_port().map_err(socket_error("a refusing address"))?;
        let (held_socket, held_address) = held;
        routes.extend(refusing.into_iter().map(|address| (address, held_address)));

        Ok(Self {
            authority,
            zones,
            web,
            stories,
            copies: Mutex::default(),
            routes,
            connections,
            resolver,
            _name_servers: name_servers,
            public_resolvers,
            _refusing: held_socket,
            _servers: servers,
        })
    }

    /// Loopback address of the resolver, which answers for all names of the practice internet.
    #[must_use]
    pub fn resolver(&self) -> SocketAddr {
        self.resolver.address
    }

    /// Public resolvers. A publication arrives at one after the other.
    #[must_use]
    pub fn public_resolvers(&self) -> Vec<PublicResolver> {
        let names = PUBLIC_RESOLVER_NAMES.into_iter().zip(0..);
        names
            .take(self.public_resolvers.len())
            .map(|(name, number)| PublicResolver {
                name: name.to_owned(),
                address: public_address(number),
                https_host: public_host(number),
                https_path: DNS_OVER_HTTPS_PATH.to_owned(),
            })
            .collect()
    }

    /// From documentation address and port to the loopback socket behind it. What is missing never
    /// answers.
    #[must_use]
    pub fn routes(&self) -> BTreeMap<SocketAddr, SocketAddr> {
        self.routes.clone()
    }

    /// The root certificate that clients must trust, as DER.
    #[must_use]
    pub fn trust_root_der(&self) -> Vec<u8> {
        self.authority.root_der()
    }

    /// The root certificate that clients must trust, as PEM.
    #[must_use]
    pub fn trust_root_pem(&self) -> String {
        self.authority.root_pem()
    }

    /// Mail servers of three other operators, which show that port 25 is open.
    #[must_use]
    pub fn control_hosts(&self) -> Vec<String> {
        plan::operators(Network::Open).map(plan::mail_name).to_vec()
    }

    /// The control hosts as a check of this domain has to see them: black holes, where the scenario
    /// blocks port 25, and played by the device on the way, where one answers in their place. Those
    /// of a copy are those of its story, whether it is served yet or not.
    #[must_use]
    pub fn control_hosts_for(&self, domain: &str) -> Vec<String> {
        let domain = canonical(domain);
        let own = self.stories.get(&domain).and_then(Option::as_ref);
        let story = own.or_else(|| self.story_of_copy(&domain));
        plan::operators(story.map(Story::network).unwrap_or_default())
            .map(plan::mail_name)
            .to_vec()
    }

    /// A host that answers 200 over HTTPS for every path, which shows that the web is reachable.
    #[must_use]
    pub fn control_web_host(&self) -> String {
        plan::CONTROL_WEB_HOST.to_owned()
    }

    /// Connections accepted so far by the mail server at this documentation address; 0 where there
    /// is none.
    #[must_use]
    pub fn connections(&self, address: SocketAddr) -> usize {
        self.connections
            .get(&address)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Serves a copy of a story under a numbered name, so that somebody can practise with hundreds
    /// of domains: of the scenario `healthy.example`, `healthy-1.example` to
    /// `healthy-9999.example`, without leading zeros. True when the domain is served now: it is a
    /// copy, made just now or before, or the domain of a scenario. False when it is neither.
    ///
    /// A copy begins as its story began, whatever has been published there since, and has records
    /// and web sites of its own. Its mail servers are those of the story, to which its MX records
    /// point. Works outside the runtime too.
    ///
    /// # Errors
    /// [`LabError::TooManyCopies`] beyond [`MAX_COPIES`], [`LabError::Name`] when the number makes
    /// the name too long for the DNS, [`LabError::Certificate`] or [`LabError::Tls`] when its web
    /// site cannot be set up. Nothing of the copy is served then.
    pub fn serve_copy(&self, domain: &str) -> Result<bool, LabError> {
        let domain = canonical(domain);
        if let Some(story) = self.stories.get(&domain) {
            return Ok(story.is_some());
        }
        let Some(story) = self.story_of_copy(&domain) else {
            return Ok(false);
        };
        // Held to the end, so that nobody is told of a copy that is half set up.
        let mut copies = self.copies();
        if copies.contains(&domain) {
            return Ok(true);
        }
        if copies.len() >= MAX_COPIES {
            let limit = MAX_COPIES;
            return Err(LabError::TooManyCopies { domain, limit });
        }
        let (zone, sites) = story.copy(&domain, &self.authority)?;
        let mut zones = self.zones.write().unwrap_or_else(PoisonError::into_inner);
        if !zones.insert(zone) {
            // The name belongs to somebody else, such as a mail server of another operator.
            return Ok(false);
        }
        for Tenancy { host, site, delay } in sites {
            self.web.admit(&host, site, delay);
        }
        copies.insert(domain);
        Ok(true)
    }

    /// The story of which this domain, if it is no scenario's, is a copy by its name.
    fn story_of_copy(&self, domain: &str) -> Option<&Story> {
        if self.stories.contains_key(domain) {
            return None;
        }
        self.stories.get(&plan::original_of(domain)?)?.as_ref()
    }

    fn copies(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serves(&self, domain: &str) -> bool {
        let story = self.stories.get(domain);
        story.is_some_and(Option::is_some) || self.copies().contains(domain)
    }

    /// Plays the DNS provider and the web host of a domain: publishes now, and each server shows it
    /// after the delay of its scenario. Works outside the runtime too.
    ///
    /// # Errors
    /// [`LabError::UnknownDomain`] for a domain that is not in the practice DNS, such as a copy
    /// that [`Lab::serve_copy`] has not been asked for, [`LabError::TooLong`] for texts or a policy
    /// that are too long.
    pub fn publish(&self, domain: &str, publication: &Publication) -> Result<(), LabError> {
        let domain = canonical(domain);
        if !self.serves(&domain) {
            return Err(LabError::UnknownDomain(domain));
        }
        let Publication {
            record,
            tls_rpt,
            policy,
            mx,
            no_policy_host,
        } = publication;
        for (what, texts) in [
            ("the _mta-sts record", record),
            ("the _smtp._tls record", tls_rpt),
        ] {
            let bytes = texts.iter().flatten().map(String::len).sum();
            check_length(what, bytes, MAX_TEXT_BYTES)?;
        }
        let bytes = policy.as_ref().map_or(0, Vec::len);
        check_length("the policy", bytes, MAX_POLICY_BYTES)?;

        let now = Instant::now();
        let policy_host = plan::policy_host(&domain);
        if let Some(body) = policy {
            let page = Page::policy(Document::plain_text(body.clone()));
            let site = plan::good_site(&policy_host, page, &self.authority)?;
            self.web.change(&policy_host, now, Some(site));
        } else if *no_policy_host {
            self.web.change(&policy_host, now, None);
        }
        let mut zones = self.zones.write().unwrap_or_else(PoisonError::into_inner);
        let Some(zone) = zones.zone_mut(&domain) else {
            return Err(LabError::UnknownDomain(domain));
        };
        zone.change(now, |records| {
            if let Some(texts) = record {
                records.replace_texts(&plan::sts_name(&domain), texts)?;
            }
            if let Some(texts) = tls_rpt {
                records.replace_texts(&plan::tls_rpt_name(&domain), texts)?;
            }
            if policy.is_some() {
                let (address, _) = plan::web_addresses(Connection::Serve);
                records.remove(&policy_host)?;
                records.add(&policy_host, RData::A(A(address)))?;
            } else if *no_policy_host {
                records.remove(&policy_host)?;
            }
            if let Some(mx) = mx {
                records.replace_mx(mx)?;
            }
            Ok(())
        })
    }

    /// Lets as much time pass as every cache needs: what was published shows everywhere.
    pub fn settle(&self) {
        let mut zones = self.zones.write().unwrap_or_else(PoisonError::into_inner);
        zones.settle();
        self.web.settle();
    }
}

fn canonical(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}

fn check_length(what: &'static str, bytes: usize, limit: usize) -> Result<(), LabError> {
    if bytes > limit {
        Err(LabError::TooLong { what, bytes, limit })
    } else {
        Ok(())
    }
}

fn socket_error(server: &'static str) -> impl FnOnce(io::Error) -> LabError {
    move |source| LabError::Socket { server, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_can_be_shared_between_threads() {
        fn shareable<T: Send + Sync + 'static>() {}
        shareable::<Lab>();
    }

    #[tokio::test]
    async fn beyond_the_limit_no_new_copy_is_served() {
        let toml = "story = \"A test.\"\ndomain = \"d.example\"\nexpected = []\n";
        let scenario = Scenario::parse("d", toml).unwrap();
        let lab = Lab::start(&[scenario]).await.unwrap();
        assert!(lab.serve_copy("d-1.example").unwrap());
        let others = (2..=MAX_COPIES).map(|number| format!("d-{number}.example"));
        lab.copies().extend(others);
        assert!(lab.serve_copy("d-1.example").unwrap());
        let error = lab.serve_copy("d-9999.example").unwrap_err();
        assert_eq!(
            error.to_string(),
            "d-9999.example is one copy too many: the practice internet serves 5000 at most"
        );
        assert!(!lab.serves("d-9999.example"));
    }
}
