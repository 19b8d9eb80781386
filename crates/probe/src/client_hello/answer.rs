//! What a server answers to a `ClientHello`, as far as it comes in the clear (RFC 5246 7.4). Every
//! byte is foreign: its count is bounded, and a message that cannot be read ends the reading.

use mta_sts_core::facts::{FailureKind, ProbeFailure, Tls, TlsVersion};
use rustls::{AlertDescription, NamedGroup};
use rustls_pki_types::CertificateDer;
use tls_parser::{
    TlsCipherSuite, TlsMessage, TlsMessageHandshake, TlsServerHelloContents,
    parse_tls_message_handshake,
};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{Described, wire};
use crate::failure::{self, excerpt};
use crate::trust::MAX_CERTIFICATES;

/// The most bytes of an answer.
const MAX_BYTES: usize = 64 * 1024;
const HEADER_BYTES: usize = 5;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// Reads up to the end of what a server says before it waits for the client.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Described {
    let mut answer = Answer::default();
    let ended = answer.read(stream).await;
    let agreed = answer.agreed.ok_or_else(|| {
        ended.err().unwrap_or_else(|| {
            ProbeFailure::new(FailureKind::TlsHandshake, "the server named no version")
        })
    });
    Described {
        agreed,
        certificates: answer.certificates,
    }
}

#[derive(Default)]
struct Answer {
    agreed: Option<Tls>,
    certificates: Vec<CertificateDer<'static>>,
    /// Handshake messages that have come, whole or in part: one can span records, and one record
    /// can hold several.
    messages: Vec<u8>,
}

impl Answer {
    async fn read(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<(), ProbeFailure> {
        let closed = |error: std::io::Error| failure::of_handshake(&error);
        let mut room = MAX_BYTES;
        loop {
            let mut header = [0; HEADER_BYTES];
            stream.read_exact(&mut header).await.map_err(closed)?;
            let [kind, major, _, high, low] = header;
            let length = usize::from(u16::from_be_bytes([high, low]));
            if major != 3 || !matches!(kind, ALERT | HANDSHAKE) {
                return Err(not_tls(&header));
            }
            room = room.checked_sub(length + HEADER_BYTES).ok_or_else(|| {
                ProbeFailure::new(FailureKind::TlsHandshake, "an answer without an end")
            })?;
            let mut payload = vec![0; length];
            stream.read_exact(&mut payload).await.map_err(closed)?;
            if kind == ALERT {
                return Err(alert(&payload));
            }
            self.messages.extend(payload);
            if self.take_messages()? {
                return Ok(());
            }
        }
    }

    /// Takes in every whole message; true after the last one.
    fn take_messages(&mut self) -> Result<bool, ProbeFailure> {
        while let [_, a, b, c, ..] = *self.messages.as_slice() {
            let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX);
            let Some(message) = self.messages.get(..4 + length) else {
                return Ok(false);
            };
            let Ok((_, TlsMessage::Handshake(message))) = parse_tls_message_handshake(message)
            else {
                return Err(not_tls(message));
            };
            match message {
                TlsMessageHandshake::ServerHello(hello) => self.agreed = agreed(&hello),
                TlsMessageHandshake::Certificate(sent) => {
                    let sent = sent.cert_chain.iter().take(MAX_CERTIFICATES);
                    self.certificates = sent
                        .map(|it| CertificateDer::from(it.data.to_vec()))
                        .collect();
                }
                TlsMessageHandshake::ServerKeyExchange(exchange) => {
                    if let Some(agreed) = &mut self.agreed {
                        agreed.key_exchange = key_exchange(&agreed.cipher, exchange.parameters);
                    }
                }
                TlsMessageHandshake::ServerDone(_) => return Ok(true),
                _ => {}
            }
            self.messages.drain(..4 + length);
        }
        Ok(false)
    }
}

fn agreed(hello: &TlsServerHelloContents<'_>) -> Option<Tls> {
    let version = [
        TlsVersion::Ssl3,
        TlsVersion::Tls10,
        TlsVersion::Tls11,
        TlsVersion::Tls12,
    ]
    .into_iter()
    .find(|&version| wire(version) == hello.version.0)?;
    let cipher = TlsCipherSuite::from_id(hello.cipher.0);
    Some(Tls {
        version,
        cipher: cipher.map_or_else(
            || format!("0x{:04X}", hello.cipher.0),
            |cipher| cipher.name.to_owned(),
        ),
        key_exchange: None,
    })
}

/// The group of a key exchange with curves (RFC 8422 5.4), or the size of one without.
fn key_exchange(cipher: &str, parameters: &[u8]) -> Option<String> {
    const NAMED_CURVE: u8 = 3;
    match *parameters {
        [NAMED_CURVE, high, low, ..] if cipher.starts_with("TLS_ECDHE_") => {
            let group = NamedGroup::from(u16::from_be_bytes([high, low]));
            Some(
                group
                    .as_str()
                    .map_or_else(|| format!("{group:?}"), str::to_owned),
            )
        }
        [high, low, ..] if cipher.starts_with("TLS_DHE_") => {
            let bits = usize::from(u16::from_be_bytes([high, low])) * 8;
            Some(format!("DH with {bits} bits"))
        }
        _ => None,
    }
}

fn alert(payload: &[u8]) -> ProbeFailure {
    match *payload {
        [_, description, ..] => {
            let alert = AlertDescription::from(description);
            failure::of_tls(&rustls::Error::AlertReceived(alert))
        }
        _ => not_tls(payload),
    }
}

fn not_tls(bytes: &[u8]) -> ProbeFailure {
    let detail = format!("not a TLS answer: {}", excerpt(bytes));
    ProbeFailure::new(FailureKind::TlsHandshake, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind, 3, 1], &length[..], payload].concat()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind], &length[1..], body].concat()
    }

    fn server_hello(version: u16, suite: u16) -> Vec<u8> {
        let body = [
            &version.to_be_bytes()[..],
            &[0x42; 32],
            &[0],
            &suite.to_be_bytes(),
            &[0],
        ];
        message(2, &body.concat())
    }

    /// A certificate message with these two certificates, which are none.
    fn certificates() -> Vec<u8> {
        message(11, &[0, 0, 10, 0, 0, 2, b'a', b'b', 0, 0, 2, b'c', b'd'])
    }

    /// As an old server answers: RSA key exchange, so nothing between certificates and the end.
    fn whole() -> Vec<u8> {
        [
            server_hello(0x0301, 0x002F),
            certificates(),
            message(14, &[]),
        ]
        .concat()
    }

    async fn described(bytes: &[u8]) -> Described {
        read(&mut &*bytes).await
    }

    #[tokio::test]
    async fn version_suite_and_certificates_are_read_however_they_are_cut_into_records() {
        for size in [1, 7, 40, 1000] {
            let records: Vec<u8> = whole()
                .chunks(size)
                .flat_map(|part| record(HANDSHAKE, part))
                .collect();
            let seen = described(&records).await;
            let tls = seen.agreed.unwrap();
            assert_eq!(tls.version, TlsVersion::Tls10);
            assert_eq!(tls.cipher, "TLS_RSA_WITH_AES_128_CBC_SHA");
            let certificates: Vec<&[u8]> = seen.certificates.iter().map(AsRef::as_ref).collect();
            assert_eq!(certificates, [b"ab", b"cd"]);
        }
    }

    #[tokio::test]
    async fn the_group_of_the_key_exchange_is_named() {
        for (suite, parameters, named) in [
            (0xC02F, &[3, 0, 23, 1, 4][..], "secp256r1"),
            (0x0033, &[0, 2, 9, 9, 0, 1, 2, 0, 1, 3], "DH with 16 bits"),
        ] {
            let answer = [
                server_hello(0x0303, suite),
                message(12, parameters),
                message(14, &[]),
            ];
            let seen = described(&record(HANDSHAKE, &answer.concat())).await;
            assert_eq!(seen.agreed.unwrap().key_exchange.as_deref(), Some(named));
        }
    }

    #[tokio::test]
    async fn an_alert_is_told_by_its_name() {
        let failure = described(&record(ALERT, &[2, 40]))
            .await
            .agreed
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::TlsHandshake);
        assert!(failure.detail.contains("handshake_failure"), "{failure}");
        let failure = described(&record(ALERT, &[2, 70]))
            .await
            .agreed
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::TlsTooOld);
    }

    #[tokio::test]
    async fn what_came_before_an_answer_broke_off_is_kept() {
        let cut = record(HANDSHAKE, &server_hello(0x0300, 0x0005));
        let seen = described(&cut).await;
        let tls = seen.agreed.unwrap();
        assert_eq!(
            (tls.version, tls.cipher.as_str()),
            (TlsVersion::Ssl3, "TLS_RSA_WITH_RC4_128_SHA")
        );
        assert!(seen.certificates.is_empty());
    }

    #[tokio::test]
    async fn foreign_bytes_are_a_failure_and_never_more() {
        let whole = record(HANDSHAKE, &whole());
        for end in 0..whole.len() {
            let _ = described(&whole[..end]).await;
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0xFF;
            let _ = described(&damaged).await;
        }
        for bytes in [
            &b"220 mx.example.com ESMTP\r\n"[..],
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"",
            &[HANDSHAKE, 3, 3, 0, 4, 2, 0xFF, 0xFF, 0xFF],
            &record(ALERT, &[2]),
        ] {
            assert!(described(bytes).await.agreed.is_err(), "{bytes:?}");
        }
        let endless = record(HANDSHAKE, &[0xFF; 16_000]).repeat(10);
        let failure = described(&endless).await.agreed.unwrap_err();
        assert!(failure.detail.contains("without an end"), "{failure}");
    }
}
