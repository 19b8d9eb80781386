//! A `ClientHello` that offers every version up to TLS 1.2 and every cipher, and reads the start of
//! the answer: version, suite, key exchange and the certificates, which are not encrypted there.
//! For servers that the TLS library cannot talk to. No handshake is finished.

mod answer;
mod suites;

use std::time::Duration;

use mta_sts_core::facts::{FailureKind, ProbeFailure, Tls, TlsVersion};
use rustls::crypto::CryptoProvider;
use rustls_pki_types::CertificateDer;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use crate::failure;
use crate::prompt::PromptStream;

/// What a server agrees to.
pub(crate) struct Described {
    /// Version, suite and key exchange, or why there is none.
    pub(crate) agreed: Result<Tls, ProbeFailure>,
    /// The certificates as sent, leaf first.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

/// Groups for ECDHE: x25519, the three NIST curves, then older ones (RFC 8422 5.1.1).
const GROUPS: [u16; 8] = [29, 23, 24, 25, 22, 21, 20, 19];

/// Signatures (RFC 8446 4.2.3): today's first, SHA-1 and MD5 last.
const SIGNATURES: [u16; 15] = [
    0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203,
    0x0201, 0x0202, 0x0101,
];

/// Finds out what a server agrees to, offering versions up to `most`, then hangs up.
pub(crate) async fn describe(
    provider: &CryptoProvider,
    mut stream: PromptStream,
    host: &str,
    most: TlsVersion,
    within: Duration,
) -> Described {
    let mut random = [0; 32];
    let failed = |failure| Described {
        agreed: Err(failure),
        certificates: Vec::new(),
    };
    if provider.secure_random.fill(&mut random).is_err() {
        let why = "this computer supplies no random numbers";
        return failed(ProbeFailure::new(FailureKind::Other, why));
    }
    let hello = client_hello(host, most, random);
    let asked = async {
        match stream.write_all(&hello).await {
            Ok(()) => answer::read(&mut stream).await,
            Err(error) => failed(failure::of_handshake(&error)),
        }
    };
    let described = timeout(within, asked).await.unwrap_or_else(|_| {
        failed(failure::timed_out(
            "the TLS handshake was not answered",
            within,
        ))
    });
    // A polite end: the alert user_canceled (RFC 5246 7.2.1).
    let farewell = [21, 3, 1, 0, 2, 2, 90];
    let _ = timeout(Duration::from_millis(500), async {
        stream.write_all(&farewell).await?;
        stream.shutdown().await
    })
    .await;
    described
}

/// The number of a version on the wire.
pub(crate) fn wire(version: TlsVersion) -> u16 {
    match version {
        TlsVersion::Ssl3 => 0x0300,
        TlsVersion::Tls10 => 0x0301,
        TlsVersion::Tls11 => 0x0302,
        TlsVersion::Tls12 => 0x0303,
        TlsVersion::Tls13 => 0x0304,
    }
}

/// One record with one message (RFC 5246 7.4.1.2).
fn client_hello(host: &str, most: TlsVersion, random: [u8; 32]) -> Vec<u8> {
    const NO_SESSION: u8 = 0;
    const NO_COMPRESSION: [u8; 2] = [1, 0];
    let mut body = wire(most).to_be_bytes().to_vec();
    body.extend(random);
    body.push(NO_SESSION);
    let suites = suites::ALL.iter().flat_map(|suite| suite.to_be_bytes());
    put(&mut body, 2, &suites.collect::<Vec<u8>>());
    body.extend(NO_COMPRESSION);
    // SSL 3.0 has no extensions, and some old servers fail on them.
    if most > TlsVersion::Ssl3 {
        put(&mut body, 2, &extensions(host, most));
    }
    let mut message = vec![1];
    put(&mut message, 3, &body);
    // Old servers also check the version of the record. The oldest of TLS suits all.
    let record_version = wire(most.min(TlsVersion::Tls10));
    let mut record = vec![22];
    record.extend(record_version.to_be_bytes());
    put(&mut record, 2, &message);
    record
}

fn extensions(host: &str, most: TlsVersion) -> Vec<u8> {
    const SERVER_NAME: u16 = 0;
    const SUPPORTED_GROUPS: u16 = 10;
    const EC_POINT_FORMATS: u16 = 11;
    const SIGNATURE_ALGORITHMS: u16 = 13;
    const HOST_NAME: u8 = 0;
    let mut extensions = Vec::new();
    let mut extension = |kind: u16, contents: &[u8]| {
        extensions.extend(kind.to_be_bytes());
        put(&mut extensions, 2, contents);
    };
    let list = |values: &[u16]| {
        let bytes: Vec<u8> = values.iter().flat_map(|it| it.to_be_bytes()).collect();
        let mut list = Vec::new();
        put(&mut list, 2, &bytes);
        list
    };
    let mut name = vec![HOST_NAME];
    put(&mut name, 2, host.as_bytes());
    let mut names = Vec::new();
    put(&mut names, 2, &name);
    extension(SERVER_NAME, &names);
    extension(SUPPORTED_GROUPS, &list(&GROUPS));
    // Only uncompressed.
    extension(EC_POINT_FORMATS, &[1, 0]);
    if most >= TlsVersion::Tls12 {
        extension(SIGNATURE_ALGORITHMS, &list(&SIGNATURES));
    }
    extensions
}

/// Writes bytes after their length of `length_bytes` bytes. Nothing here comes near the limit.
fn put(to: &mut Vec<u8>, length_bytes: usize, bytes: &[u8]) {
    let length = bytes.len().to_be_bytes();
    to.extend(&length[length.len() - length_bytes..]);
    to.extend(bytes);
}

#[cfg(test)]
mod tests {
    use tls_parser::{TlsMessage, TlsMessageHandshake, parse_tls_plaintext};

    use super::*;

    #[test]
    fn a_hello_says_what_it_offers() {
        for most in [TlsVersion::Ssl3, TlsVersion::Tls10, TlsVersion::Tls12] {
            let bytes = client_hello("mx.example.com", most, [7; 32]);
            let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
            assert!(rest.is_empty());
            let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))] =
                record.msg.as_slice()
            else {
                panic!("{record:?}")
            };
            assert_eq!(hello.version.0, wire(most));
            assert_eq!(hello.random, [7; 32]);
            assert_eq!(hello.ciphers.len(), suites::ALL.len());
            assert_eq!(hello.ext.is_some(), most > TlsVersion::Ssl3);
            let named = bytes.windows(14).any(|part| part == b"mx.example.com");
            assert_eq!(named, most > TlsVersion::Ssl3);
        }
    }
}
