//! The TLS door of a server: the handshakes that succeed, and those that fail in an old or broken
//! way.
//!
//! What is spoken behind the door belongs to `smtp` and `https`.

use std::io::{self, Cursor};
use std::sync::Arc;
use std::time::Duration;

use rustls::server::{Acceptor, ClientHello, NoServerSessionStorage, ResolvesServerCert};
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

/// How a server answers a `ClientHello`.
#[derive(Debug, Clone)]
pub(crate) struct TlsDoor {
    behaviour: TlsBehaviour,
    config: Arc<ServerConfig>,
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
        let unnamed = unnamed.unwrap_or_else(|| Arc::clone(&named));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Certificates { named, unnamed }));
        // Every check sees the certificate of the moment, not a session of a minute ago.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            behaviour,
            config: Arc::new(config),
        })
    }

    /// Answers the opening; `None` when there is no way in.
    pub(crate) async fn pass(
        &self,
        mut stream: TcpStream,
        opening: Opening,
    ) -> io::Result<Option<Secured>> {
        let refusal = match self.behaviour {
            TlsBehaviour::TooOld => opening.old_server_hello(),
            TlsBehaviour::LegacyToo if opening.client_version() < TLS_1_2 => {
                opening.old_server_hello()
            }
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

/// Turns away a client that named a server which is not here (RFC 6066 3).
pub(crate) async fn refuse_name(stream: &mut TcpStream) -> io::Result<()> {
    say_last(stream, &fatal_alert(Alert::UnrecognizedName)).await
}

async fn say_last(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    sockets::linger(stream).await;
    Ok(())
}

/// The first record of a client, which holds its `ClientHello`.
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

    /// A `ServerHello` that settles on TLS 1.1, or on what the client can do if that is less (RFC
    /// 4346 7.4.1.3).
    fn old_server_hello(&self) -> Vec<u8> {
        const RANDOM: [u8; 32] = [0x42; 32];
        const NO_SESSION: u8 = 0;
        const TLS_RSA_WITH_AES_128_CBC_SHA: [u8; 2] = [0x00, 0x2f];
        const NO_COMPRESSION: u8 = 0;

        let [major, minor] = self.client_version().min(TLS_1_1).to_be_bytes();
        let mut record = vec![
            0x16, major, minor, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, major, minor,
        ];
        record.extend(RANDOM);
        record.push(NO_SESSION);
        record.extend(TLS_RSA_WITH_AES_128_CBC_SHA);
        record.push(NO_COMPRESSION);
        record
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
        for (offered, settled) in [(0x0301, [3, 1]), (0x0302, [3, 2]), (TLS_1_2, [3, 2])] {
            let hello = opening(offered).old_server_hello();
            assert_eq!(hello.get(1..3).unwrap(), settled, "record");
            assert_eq!(hello.get(9..11).unwrap(), settled, "handshake");
            assert_eq!(hello.len(), 5 + 0x2a);
        }
    }

    #[test]
    fn an_opening_without_a_client_hello_names_no_server() {
        assert_eq!(opening(TLS_1_2).server_name(), None);
        let record = b"GET / HTTP/1.1".to_vec();
        assert_eq!(Opening { record }.server_name(), None);
    }
}
