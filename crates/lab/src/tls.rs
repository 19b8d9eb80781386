//! The TLS door of a server: the handshakes that succeed, and those that fail in an old or broken
//! way.
//!
//! What is spoken behind the door belongs to `smtp` and `https`.

use std::io::{self, Cursor};
use std::sync::Arc;
use std::time::Duration;

use rustls::server::{Acceptor, ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Chain, Join};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::scenario::TlsBehaviour;
use crate::sockets;

/// A connection whose handshake has succeeded.
pub(crate) type Secured = TlsStream<Join<Chain<Cursor<Vec<u8>>, OwnedReadHalf>, OwnedWriteHalf>>;

const HANDSHAKE_LIMIT: Duration = Duration::from_secs(20);

/// `legacy_version` of a `ClientHello` that can do TLS 1.2 or better (RFC 8446 4.1.2).
const TLS_1_2: u16 = 0x0303;
const TLS_1_1: u16 = 0x0302;
const TLS_1_0: u16 = 0x0301;
const SSL_3_0: u16 = 0x0300;

/// How a server answers a `ClientHello`.
#[derive(Debug, Clone)]
pub(crate) struct TlsDoor {
    behaviour: TlsBehaviour,
    config: Arc<ServerConfig>,
    certificate: Arc<CertifiedKey>,
}

/// The certificate of a server, and the other one for clients that name no server.
#[derive(Debug)]
struct Certificates {
    named: Arc<CertifiedKey>,
    unnamed: Arc<CertifiedKey>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().is_some();
        Some(Arc::clone(if named { &self.named } else { &self.unnamed }))
    }
}

impl TlsDoor {
    /// A door showing this certificate, and another to clients that name no server.
    pub(crate) fn new(
        behaviour: TlsBehaviour,
        named: Arc<CertifiedKey>,
        unnamed: Option<Arc<CertifiedKey>>,
    ) -> Result<Self, rustls::Error> {
        let versions: &[&SupportedProtocolVersion] = match behaviour {
            TlsBehaviour::Tls13Only => &[&TLS13],
            TlsBehaviour::Tls12Only => &[&TLS12],
            _ => &[&TLS13, &TLS12],
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certificate = Arc::clone(&named);
        let unnamed = unnamed.unwrap_or_else(|| Arc::clone(&named));
        // With session tickets, as most servers send them: the answer that follows waits for a client
        // that is slow to acknowledge them.
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Certificates { named, unnamed }));
        Ok(Self {
            behaviour,
            config: Arc::new(config),
            certificate,
        })
    }

    /// Answers the opening; `None` when there is no way in.
    pub(crate) async fn pass(
        &self,
        mut stream: TcpStream,
        opening: Opening,
    ) -> io::Result<Option<Secured>> {
        let refusal = match self.behaviour {
            TlsBehaviour::TooOld => self.begin(&opening, OLD),
            TlsBehaviour::LegacyToo if opening.client_version() < TLS_1_2 => {
                self.begin(&opening, OLD)
            }
            TlsBehaviour::Ssl3Only => self.begin(&opening, SSL_3),
            TlsBehaviour::WeakSuites => self.begin(&opening, WEAK),
            TlsBehaviour::TooOldAlert => fatal_alert(Alert::ProtocolVersion),
            TlsBehaviour::HandshakeFailure => fatal_alert(Alert::HandshakeFailure),
            TlsBehaviour::Close => Vec::new(),
            TlsBehaviour::Modern
            | TlsBehaviour::Tls13Only
            | TlsBehaviour::Tls12Only
            | TlsBehaviour::LegacyToo => {
                let (reader, writer) = stream.into_split();
                let reader = Cursor::new(opening.record).chain(reader);
                let handshake = TlsAcceptor::from(Arc::clone(&self.config))
                    .accept(tokio::io::join(reader, writer));
                return timeout(HANDSHAKE_LIMIT, handshake).await?.map(Some);
            }
        };
        say_last(&mut stream, &refusal).await?;
        Ok(None)
    }
}

/// What a server that the library does not play can do.
#[derive(Debug, Clone, Copy)]
struct Ability {
    /// From the oldest to the newest version.
    versions: (u16, u16),
    suite: u16,
}

const TLS_RSA_WITH_AES_128_CBC_SHA: u16 = 0x002f;
const TLS_RSA_WITH_RC4_128_SHA: u16 = 0x0005;

const OLD: Ability = Ability {
    versions: (TLS_1_0, TLS_1_1),
    suite: TLS_RSA_WITH_AES_128_CBC_SHA,
};
const SSL_3: Ability = Ability {
    versions: (SSL_3_0, SSL_3_0),
    suite: TLS_RSA_WITH_RC4_128_SHA,
};
const WEAK: Ability = Ability {
    versions: (TLS_1_2, TLS_1_2),
    suite: TLS_RSA_WITH_AES_128_CBC_SHA,
};

impl TlsDoor {
    /// The first flight of a handshake in the old way (RFC 5246 7.3), which never goes on.
    fn begin(&self, opening: &Opening, ability: Ability) -> Vec<u8> {
        let (oldest, newest) = ability.versions;
        let version = opening.client_version().min(newest);
        if version < oldest {
            return fatal_alert(Alert::ProtocolVersion);
        }
        // Servers of TLS 1.1 and older play the version first, whatever the suites.
        if version == TLS_1_2 && !opening.offers(ability.suite) {
            return fatal_alert(Alert::HandshakeFailure);
        }
        let certificates: Vec<u8> = self
            .certificate
            .cert
            .iter()
            .flat_map(|certificate| behind_length(certificate))
            .collect();
        [
            handshake(version, 2, &server_hello(version, ability.suite)),
            handshake(version, 11, &behind_length(&certificates)),
            handshake(version, 14, &[]),
        ]
        .concat()
    }
}

/// A `ServerHello` (RFC 5246 7.4.1.3) without extensions.
fn server_hello(version: u16, suite: u16) -> Vec<u8> {
    const RANDOM: [u8; 32] = [0x42; 32];
    const NO_SESSION: u8 = 0;
    const NO_COMPRESSION: u8 = 0;
    let mut body = version.to_be_bytes().to_vec();
    body.extend(RANDOM);
    body.push(NO_SESSION);
    body.extend(suite.to_be_bytes());
    body.push(NO_COMPRESSION);
    body
}

/// A handshake message in a record of its own.
fn handshake(version: u16, kind: u8, body: &[u8]) -> Vec<u8> {
    const HANDSHAKE_RECORD: u8 = 0x16;
    let message = [&[kind][..], &behind_length(body)].concat();
    let [.., high, low] = message.len().to_be_bytes();
    let [major, minor] = version.to_be_bytes();
    [&[HANDSHAKE_RECORD, major, minor, high, low][..], &message].concat()
}

/// Bytes behind their length in three bytes.
fn behind_length(bytes: &[u8]) -> Vec<u8> {
    let [.., high, middle, low] = bytes.len().to_be_bytes();
    [&[high, middle, low][..], bytes].concat()
}

/// Rejects a client that named an unknown server (RFC 6066 3).
pub(crate) async fn refuse_name(stream: &mut TcpStream) -> io::Result<()> {
    say_last(stream, &fatal_alert(Alert::UnrecognizedName)).await
}

async fn say_last(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    sockets::linger(stream).await;
    Ok(())
}

/// The first record of a client, with its `ClientHello`.
#[derive(Debug)]
pub(crate) struct Opening {
    record: Vec<u8>,
}

impl Opening {
    /// Reads one record (RFC 8446 5.1), of whatever kind.
    pub(crate) async fn read(stream: &mut TcpStream) -> io::Result<Self> {
        const HEADER_BYTES: usize = 5;
        const MAX_RECORD_BYTES: usize = 1 << 14;
        let reading = async {
            let mut record = vec![0; HEADER_BYTES];
            stream.read_exact(&mut record).await?;
            let length = match record.as_slice() {
                [.., high, low] => usize::from(u16::from_be_bytes([*high, *low])),
                _ => 0,
            };
            if length > MAX_RECORD_BYTES {
                return Err(io::ErrorKind::InvalidData.into());
            }
            record.resize(HEADER_BYTES + length, 0);
            stream
                .read_exact(record.get_mut(HEADER_BYTES..).unwrap_or_default())
                .await?;
            Ok(Self { record })
        };
        timeout(HANDSHAKE_LIMIT, reading).await?
    }

    /// The server name the client asks for (RFC 6066 3).
    pub(crate) fn server_name(&self) -> Option<String> {
        let mut acceptor = Acceptor::default();
        acceptor.read_tls(&mut self.record.as_slice()).ok()?;
        let accepted = acceptor.accept().ok()??;
        accepted
            .client_hello()
            .server_name()
            .map(str::to_ascii_lowercase)
    }

    fn client_version(&self) -> u16 {
        match self.record.get(9..11) {
            Some([major, minor]) => u16::from_be_bytes([*major, *minor]),
            _ => TLS_1_2,
        }
    }

    /// Whether the client can do this suite.
    fn offers(&self, suite: u16) -> bool {
        const SESSION_LENGTH_AT: usize = 43;
        let suites = || {
            let session = usize::from(*self.record.get(SESSION_LENGTH_AT)?);
            let rest = self.record.get(SESSION_LENGTH_AT + 1 + session..)?;
            let (length, rest) = rest.split_first_chunk::<2>()?;
            rest.get(..usize::from(u16::from_be_bytes(*length)))
        };
        let wanted = suite.to_be_bytes();
        suites().is_some_and(|suites| suites.chunks(2).any(|offered| offered == wanted))
    }
}

/// Alert descriptions (RFC 8446 6).
#[derive(Debug, Clone, Copy)]
enum Alert {
    HandshakeFailure = 40,
    ProtocolVersion = 70,
    UnrecognizedName = 112,
}

fn fatal_alert(alert: Alert) -> Vec<u8> {
    const ALERT_RECORD: u8 = 0x15;
    const FATAL: u8 = 2;
    vec![ALERT_RECORD, 0x03, 0x03, 0x00, 0x02, FATAL, alert as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a `ClientHello` with this `legacy_version`.
    fn opening(version: u16) -> Opening {
        let [major, minor] = version.to_be_bytes();
        let record = vec![0x16, 3, 1, 0, 6, 1, 0, 0, 2, major, minor];
        Opening { record }
    }

    #[test]
    fn an_old_server_settles_on_what_the_client_can_do() {
        let authority = crate::authority::Authority::new().unwrap();
        let certificate = authority
            .issue(
                "mx.example",
                &crate::scenario::CertificateSettings::default(),
            )
            .unwrap();
        let door = TlsDoor::new(TlsBehaviour::TooOld, certificate, None).unwrap();
        for (offered, settled) in [(TLS_1_0, [3, 1]), (TLS_1_1, [3, 2]), (TLS_1_2, [3, 2])] {
            let flight = door.begin(&opening(offered), OLD);
            assert_eq!(flight.get(1..3).unwrap(), settled, "record");
            assert_eq!(flight.get(9..11).unwrap(), settled, "handshake");
        }
        let refusal = fatal_alert(Alert::ProtocolVersion);
        assert_eq!(door.begin(&opening(SSL_3_0), OLD), refusal);
        let refusal = fatal_alert(Alert::HandshakeFailure);
        assert_eq!(door.begin(&opening(TLS_1_2), WEAK), refusal);
    }

    #[test]
    fn an_opening_without_a_client_hello_names_no_server() {
        assert_eq!(opening(TLS_1_2).server_name(), None);
        let record = b"GET / HTTP/1.1".to_vec();
        assert_eq!(Opening { record }.server_name(), None);
    }
}
