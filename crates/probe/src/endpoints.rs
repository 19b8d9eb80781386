//! Where everything is: resolvers, routes, trust roots and control hosts. Practice mode replaces
//! all of this, and nothing else. The other files talk to these endpoints.

use std::collections::BTreeMap;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use mta_sts_core::facts::ProbeFailure;
use mta_sts_core::{PublicResolver, public_resolvers};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::ProbeError;
use crate::failure;
use crate::prompt::PromptStream;

/// Name servers listen here (RFC 1035 4.2).
pub(crate) const DNS_PORT: u16 = 53;
/// Mail arrives at this port (RFC 5321 4.5.4.2). Other ports say nothing about MTA-STS.
pub(crate) const SMTP_PORT: u16 = 25;
/// The policy host answers here (RFC 8461 3.3).
pub(crate) const HTTPS_PORT: u16 = 443;

/// Mail servers of unrelated operators that offer STARTTLS, at least three for each address family.
/// Only their greeting and EHLO reply are read, and only if a mail server of the checked domain did
/// not answer or did not offer encryption.
const CONTROL_HOSTS: [&str; 5] = [
    "gmail-smtp-in.l.google.com",
    "mx01.mail.icloud.com",
    "in1-smtp.messagingengine.com",
    "mx1.mailbox.org",
    "mx1a1.comcast.net",
];

/// The web server of IANA, which runs the DNS root. One connection, no request.
const CONTROL_WEB_HOST: &str = "www.iana.org";

/// More certificates than this in one file of trust roots are refused.
const MAX_TRUST_ROOTS: usize = 1000;

/// Where resolvers, servers and trust come from.
///
/// ```
/// use mta_sts_probe::Endpoints;
///
/// let resolver = "192.0.2.53:53".parse()?;
/// let endpoints = Endpoints::internet().with_resolvers([resolver]);
/// assert_ne!(format!("{endpoints:?}"), format!("{:?}", Endpoints::internet()));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Endpoints {
    pub(crate) resolvers: Resolvers,
    pub(crate) routes: Routes,
    /// Whether the roots of the Mozilla set are trusted.
    pub(crate) mozilla_roots: bool,
    /// Further trusted roots.
    pub(crate) own_roots: Vec<CertificateDer<'static>>,
    pub(crate) control_hosts: Vec<String>,
    pub(crate) control_web_host: String,
    pub(crate) public_resolvers: Vec<OpenResolver>,
}

/// A public resolver, used to check whether a publication has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenResolver {
    /// What people call it.
    pub name: String,
    /// Its addresses, tried in this order until one answers. Never empty.
    pub addresses: Vec<SocketAddr>,
    /// DNS over HTTPS at the same addresses (RFC 8484), for networks that answer instead of every
    /// name server.
    pub https: Option<DnsOverHttps>,
}

/// DNS over HTTPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsOverHttps {
    /// The host that the certificate names.
    pub host: String,
    /// The path, such as `/dns-query`.
    pub path: String,
}

impl DnsOverHttps {
    /// Reads `https://HOST/PATH`.
    fn parse(url: &str) -> Option<Self> {
        let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
        Some(Self {
            host: host.to_owned(),
            path: format!("/{path}"),
        })
    }
}

impl OpenResolver {
    /// A resolver with one address, and DNS over HTTPS at the same address.
    #[must_use]
    pub fn new(name: String, address: SocketAddr, https_host: String, https_path: String) -> Self {
        Self {
            name,
            addresses: vec![address],
            https: Some(DnsOverHttps {
                host: https_host,
                path: https_path,
            }),
        }
    }
}

impl From<&PublicResolver> for OpenResolver {
    fn from(resolver: &PublicResolver) -> Self {
        let at = |&ip| SocketAddr::new(ip, DNS_PORT);
        Self {
            name: resolver.name.clone(),
            addresses: resolver.addresses.iter().map(at).collect(),
            https: resolver.https.as_deref().and_then(DnsOverHttps::parse),
        }
    }
}

/// The resolvers to use.
#[derive(Clone, Debug)]
pub(crate) enum Resolvers {
    /// The resolvers of this machine's configuration.
    System,
    /// These, in this order.
    These(Vec<SocketAddr>),
}

/// How an address of the DNS is reached.
#[derive(Clone, Debug)]
pub(crate) enum Routes {
    /// As it is.
    Direct,
    /// Only by this table. Any other address is a black hole: connections stay pending, and nothing
    /// leaves the machine.
    Map(BTreeMap<SocketAddr, SocketAddr>),
}

impl Endpoints {
    /// The internet: resolvers of this machine, direct routes, the Mozilla roots.
    #[must_use]
    pub fn internet() -> Self {
        Self {
            resolvers: Resolvers::System,
            routes: Routes::Direct,
            mozilla_roots: true,
            own_roots: Vec::new(),
            control_hosts: CONTROL_HOSTS.map(str::to_owned).to_vec(),
            control_web_host: CONTROL_WEB_HOST.to_owned(),
            public_resolvers: public_resolvers().iter().map(OpenResolver::from).collect(),
        }
    }

    /// A practice internet: one resolver, a table with the only routes, one trusted root and its
    /// own control hosts.
    #[must_use]
    pub fn practice(
        resolver: SocketAddr,
        routes: BTreeMap<SocketAddr, SocketAddr>,
        trust_root_der: Vec<u8>,
        control_hosts: Vec<String>,
        control_web_host: String,
    ) -> Self {
        Self {
            resolvers: Resolvers::These(vec![resolver]),
            routes: Routes::Map(routes),
            mozilla_roots: false,
            own_roots: vec![trust_root_der.into()],
            control_hosts,
            control_web_host,
            public_resolvers: Vec::new(),
        }
    }

    /// Uses these public resolvers instead of the built-in ones. They are routed like all other
    /// addresses.
    #[must_use]
    pub fn with_public_resolvers(mut self, resolvers: Vec<OpenResolver>) -> Self {
        self.public_resolvers = resolvers;
        self
    }

    /// Uses these resolvers, in this order, instead of the system's. If empty, the system's again.
    #[must_use]
    pub fn with_resolvers(mut self, resolvers: impl IntoIterator<Item = SocketAddr>) -> Self {
        let resolvers: Vec<_> = resolvers.into_iter().collect();
        self.resolvers = if resolvers.is_empty() {
            Resolvers::System
        } else {
            Resolvers::These(resolvers)
        };
        self
    }

    /// Trusts one more root, given in DER.
    ///
    /// # Errors
    /// [`ProbeError::TrustRoot`] when the bytes are not a certificate.
    pub fn with_trust_root_der(mut self, der: &[u8]) -> Result<Self, ProbeError> {
        let root = CertificateDer::from(der.to_vec());
        if webpki::anchor_from_trusted_cert(&root).is_err() {
            return Err(ProbeError::TrustRoot("it is damaged".to_owned()));
        }
        self.own_roots.push(root);
        Ok(self)
    }

    /// Trusts every certificate of a PEM file as a root as well.
    ///
    /// # Errors
    /// [`ProbeError::TrustRoot`] when there is no certificate in the file, or one is damaged.
    pub fn with_trust_root_pem(self, pem: &[u8]) -> Result<Self, ProbeError> {
        let roots: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem)
            .take(MAX_TRUST_ROOTS + 1)
            .collect::<Result<_, _>>()
            .map_err(|_| ProbeError::TrustRoot("the file is damaged".to_owned()))?;
        match roots.len() {
            0 => Err(ProbeError::TrustRoot(
                "the file contains no PEM certificate".into(),
            )),
            1..=MAX_TRUST_ROOTS => roots
                .iter()
                .try_fold(self, |endpoints, root| endpoints.with_trust_root_der(root)),
            _ => Err(ProbeError::TrustRoot(format!(
                "the file contains more than {MAX_TRUST_ROOTS} certificates"
            ))),
        }
    }
}

impl Routes {
    /// The socket behind an address; `None` for a black hole.
    pub(crate) fn to(&self, address: SocketAddr) -> Option<SocketAddr> {
        match self {
            Self::Direct => Some(address),
            Self::Map(routes) => routes.get(&address).copied(),
        }
    }

    /// Connects over TCP.
    pub(crate) async fn connect(
        &self,
        address: SocketAddr,
        within: Duration,
    ) -> Result<PromptStream, ProbeFailure> {
        let attempt = async {
            match self.to(address) {
                Some(address) => TcpStream::connect(address).await,
                None => pending().await,
            }
        };
        match timeout(within, attempt).await {
            Ok(connected) => connected
                .and_then(PromptStream::new)
                .map_err(|error| failure::of_io(&error)),
            Err(_) => Err(failure::timed_out("no connection", within)),
        }
    }
}

#[cfg(test)]
mod tests {
    use mta_sts_core::facts::FailureKind;

    use super::*;

    #[test]
    fn bytes_that_are_no_certificate_are_refused_as_roots() {
        let refused = |result: Result<Endpoints, ProbeError>| matches!(result, Err(ProbeError::TrustRoot(detail)) if !detail.is_empty());
        assert!(refused(
            Endpoints::internet().with_trust_root_der(b"no certificate")
        ));
        assert!(refused(
            Endpoints::internet().with_trust_root_pem(b"no certificate")
        ));
        let damaged = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(refused(Endpoints::internet().with_trust_root_pem(damaged)));
    }

    #[tokio::test]
    async fn an_address_without_a_route_stays_pending_until_the_time_out() {
        let routes = Routes::Map(BTreeMap::new());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let failed = routes
            .connect(address, Duration::from_millis(10))
            .await
            .unwrap_err();
        assert_eq!(failed.kind, FailureKind::TimedOut);
        assert!(
            Routes::Direct
                .connect(address, Duration::from_secs(10))
                .await
                .is_ok()
        );
    }
}
