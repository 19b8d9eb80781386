//! Network trouble as a fact: the kind of an error of the system or of TLS, in plain words. DNS
//! errors are in `dns`.

use std::io;
use std::time::Duration;

use mta_sts_core::facts::{FailureKind, Observed, ProbeFailure};
use rustls::{AlertDescription, InvalidMessage, PeerIncompatible};

/// The longest excerpt of foreign bytes that is saved as evidence.
const MAX_EXCERPT_BYTES: usize = 200;

/// An outcome as an observation.
pub(crate) fn observed<T>(outcome: Result<T, ProbeFailure>) -> Observed<T> {
    match outcome {
        Ok(seen) => Observed::Seen(seen),
        Err(failure) => Observed::Failed(failure),
    }
}

/// Nothing, or not everything, within a limit: "no greeting within 20 s".
pub(crate) fn timed_out(what: &str, within: Duration) -> ProbeFailure {
    ProbeFailure::new(
        FailureKind::TimedOut,
        format!("{what} within {}", spoken(within)),
    )
}

/// A limit as people read it.
fn spoken(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else if limit.as_secs() >= 2 {
        format!("{:.1} s", limit.as_secs_f64())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

/// The first bytes of something foreign.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_EXCERPT_BYTES)]).into_owned()
}

/// An error of a socket, which may carry one of TLS inside.
pub(crate) fn of_io(error: &io::Error) -> ProbeFailure {
    if let Some(inner) = error.get_ref() {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            return of_tls(tls);
        }
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return of_io(io);
        }
    }
    let kind = io_kind(error);
    // The kind already says these in full.
    let detail = match kind {
        FailureKind::Refused | FailureKind::TimedOut => String::new(),
        _ => io_detail(error),
    };
    ProbeFailure::new(kind, detail)
}

/// What went wrong, without the error number of the system or the manual of a library.
fn io_detail(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return "the answer ended too soon".to_owned();
    }
    let said = error.to_string();
    let words = said.split(" (os error").next().unwrap_or_default();
    words.split(": http").next().unwrap_or_default().to_owned()
}

fn io_kind(error: &io::Error) -> FailureKind {
    use io::ErrorKind as Io;
    match error.kind() {
        Io::TimedOut => FailureKind::TimedOut,
        Io::ConnectionRefused => FailureKind::Refused,
        // A firewall of the system itself: EACCES or EPERM on Unix, WSAEACCES on Windows.
        Io::PermissionDenied => FailureKind::Forbidden,
        _ if is_exhausted(error) => FailureKind::Exhausted,
        Io::HostUnreachable | Io::NetworkUnreachable | Io::NetworkDown | Io::AddrNotAvailable => {
            FailureKind::Unreachable
        }
        Io::ConnectionReset
        | Io::ConnectionAborted
        | Io::NotConnected
        | Io::BrokenPipe
        | Io::UnexpectedEof => FailureKind::Closed,
        _ if lacks_address_family(error) => FailureKind::Unreachable,
        _ => FailureKind::Other,
    }
}

/// This computer, or this program, has no more descriptors or buffers: EMFILE, ENFILE, ENOBUFS and
/// ENOMEM, for which the standard library has no kinds of its own.
fn is_exhausted(error: &io::Error) -> bool {
    let numbers = if cfg!(windows) {
        // WSAEMFILE, WSAENOBUFS, and the two of the file system.
        [10024, 10055, 4, 8]
    } else if cfg!(target_vendor = "apple") {
        [24, 23, 55, 12]
    } else {
        [24, 23, 105, 12]
    };
    error
        .raw_os_error()
        .is_some_and(|number| numbers.contains(&number))
}

/// A machine without IPv6 may answer EAFNOSUPPORT, for which the standard library has no kind.
fn lacks_address_family(error: &io::Error) -> bool {
    let number = if cfg!(windows) {
        10047
    } else if cfg!(target_vendor = "apple") {
        47
    } else {
        97
    };
    error.raw_os_error() == Some(number)
}

/// An error of TLS. A server is too old if it names its version as the reason, by an alert or in
/// its answer. What our library can't do is not the server's fault. Everything else is a failed
/// handshake.
pub(crate) fn of_tls(error: &rustls::Error) -> ProbeFailure {
    match error {
        rustls::Error::AlertReceived(alert) => ProbeFailure::new(
            match alert {
                AlertDescription::ProtocolVersion => FailureKind::TlsTooOld,
                _ => FailureKind::TlsHandshake,
            },
            format!("the server sent the TLS alert {}", alert_name(*alert)),
        ),
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => ProbeFailure::new(FailureKind::TlsTooOld, ""),
        // OpenSSL reads 100 kB.
        rustls::Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        ) => ProbeFailure::new(
            FailureKind::Unsupported,
            "the certificates of the server take more than 64 kB",
        ),
        _ => ProbeFailure::new(FailureKind::TlsHandshake, tls_detail(error)),
    }
}

/// Why a handshake failed, in plain words, if more is known.
fn tls_detail(error: &rustls::Error) -> &'static str {
    use rustls::Error as Tls;
    match error {
        Tls::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => {
            "the server accepts none of the usual ciphers"
        }
        Tls::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon) => {
            "the server accepts none of the usual key exchanges"
        }
        Tls::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon) => {
            "the server accepts none of the usual signature algorithms"
        }
        Tls::PeerIncompatible(_) => "the server’s TLS is incompatible",
        Tls::PeerMisbehaved(_)
        | Tls::InappropriateMessage { .. }
        | Tls::InappropriateHandshakeMessage { .. } => "the server broke the rules of TLS",
        Tls::InvalidMessage(_) => "the server’s answer is not valid TLS",
        Tls::PeerSentOversizedRecord => "the server’s answer is too large for TLS",
        Tls::NoCertificatesPresented => "the server sent no certificate",
        Tls::InvalidCertificate(_) => "the certificate or its signature could not be used",
        Tls::DecryptError => "the server’s encrypted answer could not be read",
        _ => "",
    }
}

/// A handshake that broke off. A connection that closes in the middle of a handshake is a failed
/// handshake, whatever the socket says.
pub(crate) fn of_handshake(error: &io::Error) -> ProbeFailure {
    let failure = of_io(error);
    match failure.kind {
        FailureKind::Closed => ProbeFailure::new(
            FailureKind::TlsHandshake,
            "the server closed the connection",
        ),
        _ => failure,
    }
}

/// The name of an alert as registered (RFC 8446 6): `handshake_failure`.
fn alert_name(alert: AlertDescription) -> String {
    // The TLS library spells only this name differently.
    if alert == AlertDescription::UnrecognisedName {
        return "unrecognized_name".into();
    }
    match alert.as_str() {
        Some(name) => {
            let mut registered = String::with_capacity(name.len() + 4);
            for character in name.chars() {
                if character.is_ascii_uppercase() && !registered.is_empty() {
                    registered.push('_');
                }
                registered.push(character.to_ascii_lowercase());
            }
            registered
        }
        None => format!("{}", u8::from(alert)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_with_its_unit() {
        let failure = timed_out("no greeting", Duration::from_secs(20));
        assert_eq!(failure.detail, "no greeting within 20 s");
        assert_eq!(spoken(Duration::from_millis(1500)), "1500 ms");
        assert_eq!(spoken(Duration::from_millis(7340)), "7.3 s");
    }

    #[test]
    fn alerts_carry_their_registered_names() {
        assert_eq!(
            alert_name(AlertDescription::HandshakeFailure),
            "handshake_failure"
        );
        assert_eq!(
            alert_name(AlertDescription::UnrecognisedName),
            "unrecognized_name"
        );
        assert_eq!(alert_name(AlertDescription::from(222)), "222");
    }

    #[test]
    fn only_the_version_makes_a_server_too_old() {
        let kind = |error| of_tls(&error).kind;
        let alert = |alert| kind(rustls::Error::AlertReceived(alert));
        assert_eq!(
            alert(AlertDescription::ProtocolVersion),
            FailureKind::TlsTooOld
        );
        assert_eq!(
            alert(AlertDescription::HandshakeFailure),
            FailureKind::TlsHandshake
        );
        let old = rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13);
        assert_eq!(kind(old), FailureKind::TlsTooOld);
        let suites = rustls::Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon);
        assert_eq!(kind(suites), FailureKind::TlsHandshake);
    }

    #[test]
    fn more_certificates_than_our_library_reads_are_no_fault_of_the_server() {
        let large = rustls::Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge);
        assert_eq!(of_tls(&large).kind, FailureKind::Unsupported);
        let garbled = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        assert_eq!(of_tls(&garbled).kind, FailureKind::TlsHandshake);
    }

    #[test]
    fn tls_errors_are_found_inside_socket_errors() {
        let tls = rustls::Error::AlertReceived(AlertDescription::ProtocolVersion);
        let io = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert_eq!(of_io(&io).kind, FailureKind::TlsTooOld);
        assert_eq!(of_io(&io::Error::other(io)).kind, FailureKind::TlsTooOld);
    }

    #[test]
    fn a_missing_address_family_is_no_route() {
        for kind in [
            io::ErrorKind::NetworkUnreachable,
            io::ErrorKind::AddrNotAvailable,
        ] {
            assert_eq!(of_io(&io::Error::from(kind)).kind, FailureKind::Unreachable);
        }
    }

    #[test]
    fn a_firewall_of_this_computer_is_told_from_a_refusal() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(of_io(&denied).kind, FailureKind::Forbidden);
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(of_io(&refused).kind, FailureKind::Refused);
    }

    #[test]
    fn a_connection_closed_within_the_handshake_is_a_failed_handshake() {
        let closed = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(of_handshake(&closed).kind, FailureKind::TlsHandshake);
        assert_eq!(of_io(&closed).kind, FailureKind::Closed);
    }
}
