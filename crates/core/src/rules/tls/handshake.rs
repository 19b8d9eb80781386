//! Why a TLS handshake with an MX host failed. The cause is determined in one place, so that one
//! rule reports one failure.

use crate::facts::{FailureKind, ProbeFailure, Session, Tls, TlsVersion};

/// A failed handshake and its cause.
pub(crate) struct FailedHandshake<'a> {
    pub(crate) failure: &'a ProbeFailure,
    pub(crate) cause: Cause<'a>,
}

/// What a second connection that offers every version and suite shows.
pub(crate) enum Cause<'a> {
    /// The server has no version from 1.2 on; what it chose instead, if that was seen.
    OldVersion(Option<&'a Tls>),
    /// The server has TLS 1.2, but only with suites that careful senders do not offer.
    WeakSuite(&'a Tls),
    /// Anything else.
    Unexplained,
}

/// The handshake of a session, if it failed.
pub(crate) fn failed_handshake(session: &Session) -> Option<FailedHandshake<'_>> {
    // In TLS 1.3 a server can break off as late as after the client has finished. Silence then is
    // that of a server with which the handshake is done.
    let broken_off = |failure: &&ProbeFailure| is_of_the_server(failure.kind);
    let late = || session.ehlo_in_tls.failed().filter(broken_off);
    let failure = session.tls.failed().or_else(late)?;
    let cause = match session.anything_goes.seen() {
        _ if !is_of_the_server(failure.kind) => Cause::Unexplained,
        Some(taken) if taken.version < TlsVersion::Tls12 => Cause::OldVersion(Some(taken)),
        Some(taken) if taken.version == TlsVersion::Tls12 && is_weak(&taken.cipher) => {
            Cause::WeakSuite(taken)
        }
        _ if failure.kind == FailureKind::TlsTooOld => Cause::OldVersion(None),
        _ => Cause::Unexplained,
    };
    Some(FailedHandshake { failure, cause })
}

/// An alert, garbage or hanging up is the server's doing; silence may have other causes.
pub(crate) fn is_of_the_server(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::TlsTooOld | FailureKind::TlsHandshake | FailureKind::Closed
    )
}

/// Whether a TLS 1.2 suite lacks a fresh key for each connection (ECDHE) or encryption that detects
/// changes (AEAD). RFC 9325 4.2 asks for both. A suite without a registered name is not judged.
fn is_weak(cipher: &str) -> bool {
    let is_aead = ["_GCM", "_CCM", "_CHACHA20_POLY1305"]
        .iter()
        .any(|mode| cipher.contains(mode));
    cipher.starts_with("TLS_") && !(cipher.starts_with("TLS_ECDHE_") && is_aead)
}

#[cfg(test)]
mod tests {
    use super::is_weak;

    #[test]
    fn a_good_suite_has_both_ecdhe_and_aead() {
        for good in [
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
        ] {
            assert!(!is_weak(good), "{good}");
        }
        for weak in [
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        ] {
            assert!(is_weak(weak), "{weak}");
        }
        assert!(!is_weak("0xfefe"), "a suite without a name is not judged");
    }
}
