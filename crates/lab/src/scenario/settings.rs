//! The settings in a scenario file: mail servers, zone, policy and web host.
//!
//! The default of everything is healthy.

use serde::Deserialize;

/// What is between this computer and port 25 of every mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Network {
    /// Nothing.
    #[default]
    Open,
    /// A filter: port 25 is a black hole.
    #[serde(rename = "port-25-blocked")]
    Port25Blocked,
    /// A firewall that refuses every connection to port 25.
    #[serde(rename = "port-25-refused")]
    Port25Refused,
    /// A filter: port 25 is a black hole only over IPv6.
    #[serde(rename = "ipv6-port-25-blocked")]
    Ipv6Port25Blocked,
    /// A device that answers instead of every mail server.
    Answering,
    /// A device that removes STARTTLS from the replies of mail servers.
    Stripping,
}

impl Network {
    /// What happens to a connection to port 25 of an address that serves it.
    pub(crate) fn at(self, ipv6: bool) -> Connection {
        match self {
            Self::Port25Blocked => Connection::Silent,
            Self::Ipv6Port25Blocked if ipv6 => Connection::Silent,
            Self::Port25Refused => Connection::Refuse,
            _ => Connection::Serve,
        }
    }
}

/// How an address behaves when somebody connects to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Connection {
    /// A server answers.
    Serve,
    /// The connection is refused.
    Refuse,
    /// There is never an answer.
    Silent,
}

/// One mail server of the domain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MailHost {
    /// Full name; `mx1.DOMAIN`, `mx2.DOMAIN` ... when left out. A name outside the domain belongs
    /// to another operator; the lab plays that host too.
    pub(crate) host: String,
    pub(crate) preference: u16,
    /// Whether an MX record names the host.
    pub(crate) mx_record: bool,
    /// The name that has the addresses; the host is an alias of it.
    pub(crate) alias_of: Option<String>,
    /// One IPv4 address for each entry.
    pub(crate) ipv4: Vec<Connection>,
    /// One IPv6 address for each entry.
    pub(crate) ipv6: Vec<Connection>,
    /// The greeting, its lines separated by `\n`; `220 HOST ESMTP` when left out.
    pub(crate) greeting: Option<String>,
    pub(crate) greeting_delay_secs: u32,
    /// How long the server waits before each further line of its greeting.
    pub(crate) greeting_line_delay_secs: u32,
    pub(crate) conduct: Conduct,
    pub(crate) starttls: Starttls,
    pub(crate) tls: TlsBehaviour,
    pub(crate) certificate: CertificateSettings,
    /// Names of another certificate, shown to clients that send no server name.
    pub(crate) certificate_without_sni: Vec<String>,
    /// Whether the submission ports 465 and 587 are open.
    pub(crate) submission: bool,
    /// A TLSA record for the host.
    pub(crate) tlsa: Option<Tlsa>,
}

impl Default for MailHost {
    fn default() -> Self {
        Self {
            host: String::new(),
            preference: 10,
            mx_record: true,
            alias_of: None,
            ipv4: vec![Connection::Serve],
            ipv6: Vec::new(),
            greeting: None,
            greeting_delay_secs: 0,
            greeting_line_delay_secs: 0,
            conduct: Conduct::Usual,
            starttls: Starttls::Offered,
            tls: TlsBehaviour::Modern,
            certificate: CertificateSettings::default(),
            certificate_without_sni: Vec::new(),
            submission: false,
            tlsa: None,
        }
    }
}

/// How a mail server behaves in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Conduct {
    /// As in RFC 5321.
    Usual,
    /// The greeting goes on forever.
    EndlessGreeting,
    /// The reply to EHLO goes on forever.
    EndlessEhlo,
    /// The greeting is a single line that never ends.
    LongLine,
    /// TLS is expected from the first byte, as on port 465.
    TlsOnConnect,
    /// EHLO is unknown, and the greeting overwritten by a firewall.
    WithoutEhlo,
    /// Never an answer to EHLO inside TLS.
    SilentInTls,
    /// The greeting comes a letter a second.
    DripGreeting,
    /// The connection is reset as soon as it is open.
    ResetAtOnce,
    /// The connection is reset instead of an answer to EHLO.
    ResetAtEhlo,
    /// The connection is reset instead of an answer to STARTTLS.
    ResetAtStarttls,
    /// The connection is reset in the middle of the handshake.
    ResetInHandshake,
}

/// What happens to STARTTLS (RFC 3207).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Starttls {
    /// Offered and honoured.
    Offered,
    /// Not offered, and answered 502.
    Missing,
    /// Overwritten with `XXXXXXXA` by a device on the way.
    Masked,
    /// Offered, then answered 454.
    Refused,
    /// Offered twice, honoured, and offered again inside TLS, which RFC 3207 4.2 forbids.
    Twice,
    /// Honoured, with a plain-text reply smuggled in after the 220.
    Injected,
}

/// Which TLS a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TlsBehaviour {
    /// TLS 1.2 and 1.3.
    Modern,
    Tls13Only,
    Tls12Only,
    /// TLS 1.2 and 1.3, and the start of TLS 1.0 or 1.1 for clients that ask for it.
    LegacyToo,
    /// The start of TLS 1.1, or of 1.0 for clients that support nothing newer.
    TooOld,
    /// The start of SSL 3.0, with RC4.
    Ssl3Only,
    /// The start of TLS 1.2, with only RSA key exchange and AES-CBC.
    WeakSuites,
    /// Answers everybody with the alert `protocol_version`.
    TooOldAlert,
    /// Answers everybody with the alert `handshake_failure`.
    HandshakeFailure,
    /// Closes the connection instead of answering.
    Close,
}

/// The certificate a server shows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CertificateSettings {
    pub(crate) kind: CertificateKind,
    /// Names in the certificate; the host's own name when left out.
    pub(crate) names: Vec<String>,
    /// Days since expiry, until expiry or until the start, depending on the kind.
    pub(crate) days: Option<u16>,
}

/// What is right or wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CertificateKind {
    #[default]
    Valid,
    Expired,
    ExpiresSoon,
    NotYetValid,
    WrongName,
    CommonNameOnly,
    SelfSigned,
    UnknownRoot,
    MissingIntermediate,
    /// Six days long, one of them over.
    ShortLived,
    /// Six days long, with less than two left.
    ShortLivedDue,
    /// The host's own name behind 249 others.
    ManyNames,
    /// For clients, not for servers.
    ForClients,
    /// Its key may only sign certificates.
    SignsOnly,
    /// A second certificate of the issuer, of an authority that nobody knows, comes first.
    DeadEndFirst,
    /// It ends on 30 February.
    ImpossibleDate,
}

/// Whether a TLSA record fits the certificate (RFC 6698).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tlsa {
    Matching,
    Mismatching,
}

/// The zone of the domain. Names are relative to it; `@` is the domain itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DnsSettings {
    /// Whether the domain is in the DNS at all.
    pub(crate) registered: bool,
    pub(crate) ttl_secs: u32,
    /// TXT texts at `_mta-sts`.
    pub(crate) mta_sts: Option<Vec<String>>,
    /// TXT texts at `_mta-sts` as the second name server has them, when it disagrees.
    pub(crate) mta_sts_on_second: Option<Vec<String>>,
    /// TXT texts at `_smtp._tls`.
    pub(crate) tls_rpt: Option<Vec<String>>,
    pub(crate) records: Vec<ExtraRecord>,
    /// What the resolver of this network has at a name instead, as in an office with a DNS of its
    /// own.
    pub(crate) here: Vec<ExtraRecord>,
    /// Names for which every server answers SERVFAIL; `*` is the whole zone.
    pub(crate) servfail: Vec<String>,
    /// Names for which no server ever answers; `*` is the whole zone.
    pub(crate) silent: Vec<String>,
    /// Whether DNSSEC validation fails: the resolver answers SERVFAIL unless checking is disabled.
    pub(crate) bogus: bool,
    /// Whether the resolver calls the answers authentic (AD).
    pub(crate) signed: bool,
    /// What the DNS provider answers to Domain Connect; without this it doesn’t take part.
    pub(crate) domain_connect: Option<DomainConnect>,
}

impl Default for DnsSettings {
    fn default() -> Self {
        Self {
            registered: true,
            ttl_secs: 300,
            mta_sts: None,
            mta_sts_on_second: None,
            tls_rpt: None,
            records: Vec::new(),
            here: Vec::new(),
            servfail: Vec::new(),
            silent: Vec::new(),
            bogus: false,
            signed: false,
            domain_connect: None,
        }
    }
}

/// What the DNS provider says of itself where its TXT record at `_domainconnect` leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DomainConnect {
    /// Its name, and the page of the domain.
    Settings,
    /// The same, with a certificate of an authority that nobody knows.
    UnknownRoot,
    /// A number as its name.
    WrongType,
    /// Settings of more than 64 KiB.
    TooLarge,
    /// A page without encryption.
    PlainHttp,
    /// A redirect to good settings.
    Redirect,
}

/// A record beyond the usual ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtraRecord {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: RecordKind,
    /// The text, the address, or the full name the alias leads to.
    pub(crate) value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum RecordKind {
    Txt,
    Cname,
    /// An IPv4 or an IPv6 address.
    A,
}

/// The policy text (RFC 8461 3.2).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicySettings {
    pub(crate) mode: String,
    pub(crate) max_age_secs: u64,
    /// Patterns of the `mx` lines; the hosts with an MX record when left out.
    pub(crate) mx: Option<Vec<String>>,
    /// The whole text, its lines separated by `\n`, served with CRLF.
    pub(crate) text: Option<String>,
    /// The whole text, served unchanged.
    pub(crate) raw: Option<String>,
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self {
            mode: "enforce".to_owned(),
            max_age_secs: 1_209_600,
            mx: None,
            text: None,
            raw: None,
        }
    }
}

/// The web host `mta-sts.DOMAIN`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebSettings {
    pub(crate) ipv4: Vec<Connection>,
    pub(crate) ipv6: Vec<Connection>,
    pub(crate) answer: WebAnswer,
    /// The answer over IPv6, if it is different.
    pub(crate) answer_over_ipv6: Option<WebAnswer>,
    /// How long the web host waits before it answers.
    pub(crate) delay_secs: u32,
    /// The age that a cache in front of the web host gives for the answer.
    pub(crate) age_secs: Option<u32>,
    /// Other places of the policy, in addition or instead.
    pub(crate) strays: Vec<StrayPolicy>,
    pub(crate) status: Option<u16>,
    pub(crate) content_type: Option<String>,
    /// Target of a redirect.
    pub(crate) location: Option<String>,
    pub(crate) tls: TlsBehaviour,
    pub(crate) certificate: CertificateSettings,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            ipv4: vec![Connection::Serve],
            ipv6: Vec::new(),
            answer: WebAnswer::Policy,
            answer_over_ipv6: None,
            delay_secs: 0,
            age_secs: None,
            strays: Vec::new(),
            status: None,
            content_type: None,
            location: None,
            tls: TlsBehaviour::Modern,
            certificate: CertificateSettings::default(),
        }
    }
}

/// The policy at another place, on a web host with a good certificate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StrayPolicy {
    /// The host, relative to the domain; `@` is the domain itself.
    pub(crate) host: String,
    /// The path, from its first slash on.
    pub(crate) path: String,
}

/// The answer for the policy's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WebAnswer {
    Policy,
    Redirect,
    Html,
    /// A page that checks for robots.
    Challenge,
    /// The page of a service that knows no such site.
    Unclaimed,
    /// A greeting of another protocol.
    NotHttp,
    /// A policy that ends before its length.
    CutShort,
    /// The policy, packed.
    Gzip,
    /// A policy of more than 64 KiB.
    TooLarge,
    Empty,
    /// Never an answer.
    Hang,
    /// The policy, one byte a second.
    Drip,
}
