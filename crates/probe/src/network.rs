//! What all parts of the probe share, built once: resolvers, routes, trust anchors and the crypto
//! provider.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_resolver::system_conf::read_system_conf;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::TrustAnchor;

use crate::ProbeError;
use crate::dns::{NameServers, Transport};
use crate::endpoints::{DNS_PORT, Endpoints, HTTPS_PORT, OpenResolver, Resolvers, Routes};
use crate::tls::{Offer, capturing_config};

/// More resolvers than this are not used. glibc also stops at three.
const MAX_RESOLVERS: usize = 3;
/// An address reserved for documentation (RFC 5737). An answer from there means that a device in
/// this network answers instead of all name servers.
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 253));

pub(crate) struct Network {
    resolvers: Vec<SocketAddr>,
    pub(crate) routes: Routes,
    pub(crate) anchors: Vec<TrustAnchor<'static>>,
    pub(crate) provider: Arc<CryptoProvider>,
    pub(crate) control_hosts: Vec<String>,
    pub(crate) control_web_host: String,
    pub(crate) public_resolvers: Vec<OpenResolver>,
    /// For DNS over HTTPS, which requires valid certificates.
    dns_tls: Arc<ClientConfig>,
    /// For web servers whose certificate must be valid.
    pub(crate) web_tls: ClientConfig,
}

impl Network {
    pub(crate) fn new(endpoints: Endpoints) -> Result<Self, ProbeError> {
        let mut resolvers = match endpoints.resolvers {
            Resolvers::These(resolvers) => resolvers,
            Resolvers::System => system_resolvers()?,
        };
        resolvers.truncate(MAX_RESOLVERS);

        let mozilla: &[_] = if endpoints.mozilla_roots {
            webpki_roots::TLS_SERVER_ROOTS
        } else {
            &[]
        };
        let mut anchors = mozilla.to_vec();
        for root in &endpoints.own_roots {
            let anchor = webpki::anchor_from_trusted_cert(root)
                .map_err(|_| ProbeError::TrustRoot("it is damaged".to_owned()))?;
            anchors.push(anchor.to_owned());
        }

        let provider = Arc::new(ring::default_provider());
        // Built once here only to find out early whether that works.
        capturing_config(&provider, Offer::Usual)?;

        // DNS over HTTPS speaks only HTTP/2 (RFC 8484 5.2).
        let dns_tls = Arc::new(trusting(&provider, &anchors, "h2")?);
        let web_tls = trusting(&provider, &anchors, "http/1.1")?;
        Ok(Self {
            resolvers,
            routes: endpoints.routes,
            anchors,
            provider,
            control_hosts: endpoints.control_hosts,
            control_web_host: endpoints.control_web_host,
            public_resolvers: endpoints.public_resolvers,
            dns_tls,
            web_tls,
        })
    }

    /// The resolvers. Their addresses belong to this machine's network and are not routed.
    pub(crate) fn resolvers(&self, within: Duration) -> NameServers {
        NameServers {
            addresses: self.resolvers.clone(),
            recursion: true,
            transport: Transport::Plain,
            within,
        }
    }

    /// A public resolver.
    pub(crate) fn public(&self, resolver: &OpenResolver, within: Duration) -> NameServers {
        let routed = resolver.addresses.iter();
        NameServers {
            addresses: routed.filter_map(|&at| self.routes.to(at)).collect(),
            recursion: true,
            transport: Transport::Plain,
            within,
        }
    }

    /// The same over HTTPS, which nobody on the way can fake; `None` if it has none.
    pub(crate) fn public_over_https(
        &self,
        resolver: &OpenResolver,
        within: Duration,
    ) -> Option<NameServers> {
        let https = resolver.https.as_ref()?;
        let at = |at: &SocketAddr| self.routes.to(SocketAddr::new(at.ip(), HTTPS_PORT));
        Some(NameServers {
            addresses: resolver.addresses.iter().filter_map(at).collect(),
            recursion: true,
            transport: Transport::Https {
                host: https.host.as_str().into(),
                path: https.path.as_str().into(),
                tls: Arc::clone(&self.dns_tls),
            },
            within,
        })
    }

    /// An address without a name server, queried like a resolver: any answer from there counts.
    pub(crate) fn nobody(&self, within: Duration) -> NameServers {
        NameServers {
            recursion: true,
            ..self.authoritative(NOBODY, within)
        }
    }

    /// One authoritative name server, queried without recursion.
    pub(crate) fn authoritative(&self, ip: IpAddr, within: Duration) -> NameServers {
        let address = self.routes.to(SocketAddr::new(ip, DNS_PORT));
        NameServers {
            addresses: address.into_iter().collect(),
            recursion: false,
            transport: Transport::Plain,
            within,
        }
    }
}

/// Requires a valid certificate, and speaks only this version of HTTP.
fn trusting(
    provider: &Arc<CryptoProvider>,
    anchors: &[TrustAnchor<'static>],
    http: &str,
) -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore {
        roots: anchors.to_vec(),
    };
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![http.as_bytes().to_vec()];
    Ok(config)
}

fn system_resolvers() -> Result<Vec<SocketAddr>, ProbeError> {
    let Ok((config, _)) = read_system_conf() else {
        let unreadable = "the system’s configuration could not be read";
        return listed_resolvers().ok_or_else(|| ProbeError::NoResolver(unreadable.into()));
    };
    let mut resolvers = Vec::new();
    for server in &config.name_servers {
        // Link-local servers need an interface, which the configuration does not carry.
        let usable = !matches!(server.ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let port = server
            .connections
            .first()
            .map_or(DNS_PORT, |connection| connection.port);
        let address = SocketAddr::new(server.ip, port);
        if usable && !resolvers.contains(&address) {
            resolvers.push(address);
        }
    }
    if resolvers.is_empty() {
        return Err(ProbeError::NoResolver(
            "the system’s configuration lists none".into(),
        ));
    }
    Ok(resolvers)
}

/// The resolvers in resolv.conf(5), without the lines that cannot be read: an address with an
/// interface name must not hide the others.
#[cfg(unix)]
fn listed_resolvers() -> Option<Vec<SocketAddr>> {
    let text = std::fs::read_to_string("/etc/resolv.conf").ok()?;
    Some(resolvers_in(&text)).filter(|resolvers| !resolvers.is_empty())
}

#[cfg(not(unix))]
fn listed_resolvers() -> Option<Vec<SocketAddr>> {
    None
}

#[cfg(any(unix, test))]
fn resolvers_in(resolv_conf: &str) -> Vec<SocketAddr> {
    let addresses = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let address = words
            .next()
            .filter(|&word| word == "nameserver")
            .and(words.next());
        address?.parse::<IpAddr>().ok()
    });
    addresses.map(|ip| SocketAddr::new(ip, DNS_PORT)).collect()
}

/// Whole milliseconds since then.
pub(crate) fn millis_since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unreadable_resolver_does_not_hide_the_others() {
        let text = "# local\nnameserver fe80::1%en0\nnameserver 192.0.2.53\nsearch a_b c\n";
        assert_eq!(resolvers_in(text), ["192.0.2.53:53".parse().unwrap()]);
        assert!(resolvers_in("").is_empty());
    }
}
