//! TLS handshakes that accept and capture every certificate, because a wrong one must be described.
//! `trust` finds out whether a sender would accept it; other code judges that.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mta_sts_core::facts::{FailureKind, ProbeFailure, Tls, TlsVersion};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::prompt::PromptStream;
use crate::{failure, trust};

/// Senders accept keys on the curve P-521, which our library cannot verify. It is offered last and
/// accepted unverified, so that such a server is not called broken.
const UNVERIFIED_SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP521_SHA512;

/// What a handshake offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// TLS 1.2 and 1.3 with a server name: what senders do (RFC 8461 7.1).
    Usual,
    /// Only TLS 1.2.
    Tls12Alone,
    /// Without a server name.
    WithoutServerName,
}

/// The result of a handshake.
pub(crate) struct Handshake {
    /// What was agreed on, and the encrypted stream.
    pub(crate) outcome: Result<(Tls, TlsStream<PromptStream>), ProbeFailure>,
    /// The certificates that were sent, leaf first, even if the handshake failed later.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

/// Does a TLS handshake with the server for `host`.
pub(crate) async fn handshake(
    provider: &Arc<CryptoProvider>,
    stream: PromptStream,
    host: &str,
    offer: Offer,
    within: Duration,
) -> Handshake {
    let refused = |outcome| Handshake {
        outcome: Err(outcome),
        certificates: Vec::new(),
    };
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        return refused(ProbeFailure::new(
            FailureKind::Other,
            "this host name can’t be used as a TLS server name",
        ));
    };
    let (config, capture) = match capturing_config(provider, offer) {
        Ok(made) => made,
        Err(error) => return refused(failure::of_tls(&error)),
    };
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let outcome = match timeout(within, connecting).await {
        Ok(Ok(stream)) => agreed(stream.get_ref().1)
            .map(|tls| (tls, stream))
            .ok_or_else(|| {
                ProbeFailure::new(FailureKind::TlsHandshake, "no TLS version was agreed on")
            }),
        Ok(Err(error)) => Err(failure::of_handshake(&error)),
        Err(_) => Err(failure::timed_out(
            "the TLS handshake was not finished",
            within,
        )),
    };
    Handshake {
        outcome,
        certificates: capture.certificates().to_vec(),
    }
}

fn agreed(connection: &ClientConnection) -> Option<Tls> {
    let version = match connection.protocol_version()? {
        ProtocolVersion::TLSv1_2 => TlsVersion::Tls12,
        ProtocolVersion::TLSv1_3 => TlsVersion::Tls13,
        _ => return None,
    };
    let suite = connection.negotiated_cipher_suite()?.suite();
    let cipher = match suite.as_str() {
        // The library writes TLS13_ where the registered names have TLS_.
        Some(name) => name.replacen("TLS13_", "TLS_", 1),
        None => format!("{suite:?}"),
    };
    let group = connection
        .negotiated_key_exchange_group()
        .map(SupportedKxGroup::name);
    let key_exchange = group.map(|group| {
        group
            .as_str()
            .map_or_else(|| format!("{group:?}"), str::to_owned)
    });
    Some(Tls {
        version,
        cipher,
        key_exchange,
    })
}

/// A configuration for one connection, and the place of its certificates.
pub(crate) fn capturing_config(
    provider: &Arc<CryptoProvider>,
    offer: Offer,
) -> Result<(ClientConfig, Arc<Capture>), rustls::Error> {
    let versions: &[_] = match offer {
        Offer::Usual | Offer::WithoutServerName => &[&TLS13, &TLS12],
        Offer::Tls12Alone => &[&TLS12],
    };
    let capture = Arc::new(Capture {
        algorithms: provider.signature_verification_algorithms,
        certificates: OnceLock::new(),
    });
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Capture>::clone(&capture))
        .with_no_client_auth();
    config.enable_sni = offer != Offer::WithoutServerName;
    config.resumption = Resumption::disabled();
    Ok((config, capture))
}

/// Accepts and captures every chain. Still proves that the server has the key of its leaf.
#[derive(Debug)]
pub(crate) struct Capture {
    algorithms: WebPkiSupportedAlgorithms,
    certificates: OnceLock<Vec<CertificateDer<'static>>>,
}

impl Capture {
    /// The certificates as sent, leaf first; none before the server has sent them.
    pub(crate) fn certificates(&self) -> &[CertificateDer<'static>] {
        self.certificates.get().map_or(&[], Vec::as_slice)
    }
}

/// Senders also accept keys and certificates that our library can't use, such as RSA keys of 1024
/// bits. The signature of such a key counts unverified, so that the server is not called broken. Its
/// chain is judged apart.
fn unless_beyond_us(
    verified: Result<HandshakeSignatureValid, rustls::Error>,
    certificate: &CertificateDer<'_>,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    match verified {
        Err(rustls::Error::InvalidCertificate(error))
            if !matches!(error, CertificateError::BadSignature)
                || trust::has_odd_rsa_key(certificate) =>
        {
            Ok(HandshakeSignatureValid::assertion())
        }
        verified => verified,
    }
}

impl ServerCertVerifier for Capture {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.certificates.get_or_init(|| {
            std::iter::once(end_entity)
                .chain(intermediates)
                .take(trust::MAX_CERTIFICATES)
                .map(|certificate| certificate.clone().into_owned())
                .collect()
        });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if signature.scheme == UNVERIFIED_SCHEME {
            return Ok(HandshakeSignatureValid::assertion());
        }
        unless_beyond_us(
            crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms),
            certificate,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if signature.scheme == UNVERIFIED_SCHEME {
            return Ok(HandshakeSignatureValid::assertion());
        }
        unless_beyond_us(
            crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms),
            certificate,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.algorithms.supported_schemes();
        schemes.push(UNVERIFIED_SCHEME);
        schemes
    }
}
