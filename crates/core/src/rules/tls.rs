//! Rules about STARTTLS and the handshake behind it.

pub(crate) mod handshake;

rules! { Tls:
    starttls_missing,
    starttls_stripped_here,
    starttls_refused,
    starttls_injection,
    tls_too_old,
    tls_legacy_accepted,
    tls_weak_suites_only,
    tls13_only,
    tls_handshake_failed,
}
