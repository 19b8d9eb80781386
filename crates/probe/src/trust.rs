//! Whether the served certificates lead to a trusted root, and if not, why. A pure function of the
//! certificates, the roots and the time. Names are not checked. Dates are judged elsewhere: an
//! expired certificate can still be trusted here.

use std::ops::RangeInclusive;
use std::time::Duration;

use mta_sts_core::facts::{
    Certificate, CertificateError, Chain, ChainFault, FailureKind, Observed, ProbeFailure, Trust,
};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use time::OffsetDateTime;
use webpki::{
    ALL_VERIFICATION_ALGS, Cert, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert,
};

/// The most certificates read of one chain. Fewer are saved.
pub(crate) const MAX_CERTIFICATES: usize = 100;

/// The object identifier of the access method caIssuers (RFC 5280 4.2.2.1), as encoded.
const CA_ISSUERS: [u8; 10] = [0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];

/// The most certificates saved of one chain.
const MAX_SAVED: usize = 16;

/// The sizes of RSA keys in bits that our library can verify, rounded up to whole bytes.
const VERIFIABLE_RSA_BITS: RangeInclusive<u32> = 2048..=8192;

/// Signature algorithms that senders gave up: RSA with MD2, MD5 and SHA-1, ECDSA and DSA with SHA-1
/// (RFC 3279 2.2).
const WEAK_SIGNATURES: [&str; 5] = [
    "1.2.840.113549.1.1.2",
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.2.840.10045.4.1",
    "1.2.840.10040.4.3",
];

/// The chain that a server for `host` served, as facts. Not asked if there is no certificate; failed
/// if the leaf cannot be read. Other certificates that cannot be read are left out.
pub(crate) fn chain(
    served: &[CertificateDer<'_>],
    host: &str,
    anchors: &[TrustAnchor<'_>],
    at: OffsetDateTime,
) -> Observed<Chain> {
    let Some((leaf, rest)) = served.split_first() else {
        return Observed::NotAsked;
    };
    let leaf = match Certificate::for_host(leaf, host) {
        Ok(leaf) => leaf,
        Err(error) => return Observed::Failed(unreadable(error)),
    };
    let mut certificates = vec![leaf];
    let mut readable = vec![&served[0]];
    for der in rest {
        if let Ok(certificate) = Certificate::from_der(der) {
            certificates.push(certificate);
            readable.push(der);
        }
    }
    let trust = trust(served, anchors, &certificates, &readable, at);
    let certificates_cut = certificates.len() > MAX_SAVED;
    Observed::Seen(Chain {
        certificates: saved(certificates),
        certificates_cut,
        trust,
    })
}

/// No date that does not exist can be right, whatever reads it. Our library is stricter than others
/// about the rest of the format.
fn unreadable(error: CertificateError) -> ProbeFailure {
    let kind = match error {
        CertificateError::InvalidDate => FailureKind::UnreadableCertificate,
        CertificateError::Malformed => FailureKind::Unsupported,
    };
    ProbeFailure::new(kind, error.to_string())
}

/// At most [`MAX_SAVED`] certificates, in their order. If some must go, those that lead from issuer
/// to issuer stay.
fn saved(certificates: Vec<Certificate>) -> Vec<Certificate> {
    if certificates.len() <= MAX_SAVED {
        return certificates;
    }
    let linked = linked(&certificates);
    let mut room = MAX_SAVED - linked.len().min(MAX_SAVED);
    let mut linked_room = MAX_SAVED;
    certificates
        .into_iter()
        .enumerate()
        .filter(|(index, _)| {
            let room = if linked.contains(index) {
                &mut linked_room
            } else {
                &mut room
            };
            let stays = *room > 0;
            *room = room.saturating_sub(1);
            stays
        })
        .map(|(_, certificate)| certificate)
        .collect()
}

/// Looks for a path at the time of the check. If only dates are in the way, it looks at the start
/// and the end of every certificate's validity: expiry is found from the dates, and reported once.
fn trust(
    served: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    certificates: &[Certificate],
    readable: &[&CertificateDer<'_>],
    at: OffsetDateTime,
) -> Trust {
    let error = match verified_root(served, anchors, unix_time(at)) {
        Ok(root) => return Trust::Trusted { root },
        Err(error) => error,
    };
    let edges = certificates
        .iter()
        .flat_map(|certificate| [certificate.not_before, certificate.not_after]);
    let mut only_dates = is_of_time(&error);
    for moment in edges {
        match verified_root(served, anchors, unix_time(moment)) {
            Ok(root) => return Trust::Trusted { root },
            Err(error) => only_dates &= is_of_time(&error),
        }
    }
    let last = last_linked(certificates);
    if only_dates && ends_at_a_known_root(readable[last], anchors) {
        // The whole chain was never valid at the same time, but nothing else is wrong.
        return Trust::Trusted {
            root: certificates[last].issuer.clone(),
        };
    }
    let trust = untrusted(&error, certificates, readable, at);
    let leads_nowhere = matches!(
        trust,
        Trust::IssuerMissing { .. } | Trust::UnknownRoot { .. }
    );
    if leads_nowhere && served.len() >= MAX_CERTIFICATES {
        return unverified("the server sends more certificates than this program reads");
    }
    trust
}

/// Whether a certificate names a known root as its issuer. The verifier stops at the dates before
/// it reaches the root.
fn ends_at_a_known_root(der: &CertificateDer<'_>, anchors: &[TrustAnchor<'_>]) -> bool {
    EndEntityCert::try_from(der).is_ok_and(|certificate| {
        anchors
            .iter()
            .any(|anchor| anchor.subject.as_ref() == certificate.issuer())
    })
}

fn is_of_time(error: &Error) -> bool {
    matches!(meaning(error), Meaning::Time)
}

fn unix_time(moment: OffsetDateTime) -> UnixTime {
    let since_epoch = u64::try_from(moment.unix_timestamp()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(since_epoch))
}

/// The time of the check, or the nearest moment at which the leaf is valid.
fn validity_moment(leaf: &Certificate, at: OffsetDateTime) -> UnixTime {
    let moment = if at < leaf.not_before {
        leaf.not_before
    } else if at > leaf.not_after {
        leaf.not_after
    } else {
        at
    };
    unix_time(moment)
}

/// The subject of the root at the end of a verified path.
fn verified_root(
    served: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    moment: UnixTime,
) -> Result<String, Error> {
    let (leaf, rest) = served.split_first().ok_or(Error::BadDer)?;
    let leaf = EndEntityCert::try_from(leaf)?;
    let path = leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        anchors,
        rest,
        moment,
        KeyUsage::server_auth(),
        None,
        None,
    )?;
    let last = path
        .intermediate_certificates()
        .next_back()
        .map_or_else(|| leaf.der(), Cert::der);
    // The issuer of the last certificate is the subject of the root, byte for byte.
    Certificate::from_der(&last)
        .map(|last| last.issuer)
        .map_err(|_| Error::BadDer)
}

/// Why there is no trusted path. The verifier reports an unknown issuer for a self-signed
/// certificate, a missing intermediate and a private root alike, so the chain is walked here.
fn untrusted(
    error: &Error,
    certificates: &[Certificate],
    served: &[&CertificateDer<'_>],
    at: OffsetDateTime,
) -> Trust {
    let leaf = &certificates[0];
    if leaf.is_self_issued() && is_self_signed(served[0], validity_moment(leaf, at)) {
        return Trust::SelfSigned;
    }
    match meaning(error) {
        Meaning::Time | Meaning::NoPath => {}
        Meaning::Fault(ChainFault::BadSignature) => {
            // The signature of a key that our library can't use looks wrong to it as well.
            return match odd_issuer_key(certificates) {
                Some(bits) => {
                    unverified(format!("this program can’t verify RSA keys of {bits} bits"))
                }
                None => Trust::Faulty(ChainFault::BadSignature),
            };
        }
        Meaning::Fault(fault) => return Trust::Faulty(fault),
        Meaning::Algorithm => {
            let is_weak = |certificate: &Certificate| {
                WEAK_SIGNATURES.contains(&certificate.signature_algorithm.as_str())
            };
            return if path_of(certificates).any(is_weak) {
                Trust::Faulty(ChainFault::WeakSignature)
            } else {
                unverified("this program can’t verify the signature algorithm of one of them")
            };
        }
        Meaning::Date => {
            // Our library counts from 1970.
            let is_early =
                |certificate: &Certificate| certificate.not_before < OffsetDateTime::UNIX_EPOCH;
            return if path_of(certificates).any(is_early) {
                unverified("this program can’t verify certificates from before 1970")
            } else {
                Trust::Faulty(ChainFault::Damaged)
            };
        }
        Meaning::Limit => {
            return unverified("the chain is longer than this program can follow");
        }
    }
    let last = last_linked(certificates);
    let names_its_issuer = || {
        served[last]
            .windows(CA_ISSUERS.len())
            .any(|window| window == CA_ISSUERS.as_slice())
    };
    let last_certificate = &certificates[last];
    if last_certificate.is_self_issued() {
        Trust::UnknownRoot {
            root: last_certificate.subject.clone(),
        }
    } else if last == 0 || names_its_issuer() {
        // Certificates of public authorities say where to get their issuer's certificate.
        Trust::IssuerMissing {
            issuer: last_certificate.issuer.clone(),
        }
    } else {
        Trust::UnknownRoot {
            root: last_certificate.issuer.clone(),
        }
    }
}

fn unverified(detail: impl Into<String>) -> Trust {
    Trust::Unverified {
        detail: detail.into(),
    }
}

/// The certificates on the way from issuer to issuer, in whatever order they were served: their
/// places, the leaf first.
fn linked(certificates: &[Certificate]) -> Vec<usize> {
    let mut path = vec![0];
    let mut last = 0;
    while !certificates[last].is_self_issued() {
        let issuer = (0..certificates.len()).find(|&next| {
            !path.contains(&next) && certificates[next].subject == certificates[last].issuer
        });
        let Some(next) = issuer else { break };
        path.push(next);
        last = next;
    }
    path
}

fn path_of(certificates: &[Certificate]) -> impl Iterator<Item = &Certificate> {
    linked(certificates)
        .into_iter()
        .map(move |index| &certificates[index])
}

/// The last certificate on the way from issuer to issuer.
fn last_linked(certificates: &[Certificate]) -> usize {
    linked(certificates).last().copied().unwrap_or_default()
}

/// The size of the first issuer's RSA key that our library can't use.
fn odd_issuer_key(certificates: &[Certificate]) -> Option<u32> {
    path_of(certificates).skip(1).find_map(odd_rsa_bits)
}

fn odd_rsa_bits(certificate: &Certificate) -> Option<u32> {
    certificate
        .rsa_bits()
        .filter(|bits| !VERIFIABLE_RSA_BITS.contains(&bits.next_multiple_of(8)))
}

/// Whether the key of a certificate is an RSA key of a size that our library can't use. To the library,
/// every signature by such a key is wrong.
pub(crate) fn has_odd_rsa_key(der: &CertificateDer<'_>) -> bool {
    Certificate::from_der(der).is_ok_and(|certificate| odd_rsa_bits(&certificate).is_some())
}

/// What an error of the verifier says of a chain.
enum Meaning {
    /// It breaks this rule.
    Fault(ChainFault),
    /// No path to a root was found.
    NoPath,
    /// It is not valid at this time.
    Time,
    /// A date is in a form that the verifier doesn't read.
    Date,
    /// The verifier does not know an algorithm.
    Algorithm,
    /// The verifier gave up.
    Limit,
}

fn meaning(error: &Error) -> Meaning {
    match error {
        Error::UnknownIssuer => Meaning::NoPath,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => Meaning::Time,
        Error::BadDerTime => Meaning::Date,
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Meaning::Algorithm,
        Error::MaximumPathDepthExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumSignatureChecksExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => Meaning::Limit,
        Error::CaUsedAsEndEntity => Meaning::Fault(ChainFault::AuthorityAsServer),
        Error::EndEntityUsedAsCa => Meaning::Fault(ChainFault::ServerAsAuthority),
        Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => {
            Meaning::Fault(ChainFault::WrongPurpose)
        }
        Error::NameConstraintViolation | Error::MalformedNameConstraint => {
            Meaning::Fault(ChainFault::NameNotAllowed)
        }
        Error::PathLenConstraintViolated => Meaning::Fault(ChainFault::PathTooLong),
        Error::InvalidSignatureForPublicKey | Error::SignatureAlgorithmMismatch => {
            Meaning::Fault(ChainFault::BadSignature)
        }
        Error::UnsupportedCriticalExtension => Meaning::Fault(ChainFault::UnknownCriticalExtension),
        Error::UnsupportedCertVersion => Meaning::Fault(ChainFault::OldVersion),
        Error::InvalidCertValidity => Meaning::Fault(ChainFault::InvalidDates),
        _ => Meaning::Fault(ChainFault::Damaged),
    }
}

/// Whether a self-issued certificate is signed with its own key: it verifies with itself as the
/// only root, apart from errors that have nothing to do with the signature. One that our library
/// can't verify counts as well: the certificate says so.
fn is_self_signed(der: &CertificateDer<'_>, moment: UnixTime) -> bool {
    let (Ok(anchor), Ok(leaf)) = (anchor_from_trusted_cert(der), EndEntityCert::try_from(der))
    else {
        return true;
    };
    let anchors = [anchor];
    let verified = leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &anchors,
        &[],
        moment,
        KeyUsage::server_auth(),
        None,
        None,
    );
    !matches!(
        verified,
        Err(Error::InvalidSignatureForPublicKey | Error::UnknownIssuer)
    ) || has_odd_rsa_key(der)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &[u8] = include_bytes!("../tests/certificates/leaf.der");
    const INTERMEDIATE: &[u8] = include_bytes!("../tests/certificates/intermediate.der");
    const ROOT: &[u8] = include_bytes!("../tests/certificates/root.der");

    /// The trust of a chain that was never valid as a whole.
    fn trust_of_disjoint_chain(anchors: &[TrustAnchor<'_>]) -> Trust {
        let served = [LEAF, INTERMEDIATE].map(CertificateDer::from);
        let at = time::macros::datetime!(2026-11-23 12:00 UTC);
        let chain = chain(&served, "mx.example.com", anchors, at);
        chain.seen().unwrap().trust.clone()
    }

    #[test]
    fn a_chain_whose_dates_never_met_is_trusted_under_a_known_root() {
        let root = CertificateDer::from(ROOT);
        let anchors = [anchor_from_trusted_cert(&root).unwrap()];
        let root = "CN=Test Root".to_owned();
        assert_eq!(trust_of_disjoint_chain(&anchors), Trust::Trusted { root });
    }

    #[test]
    fn dates_that_never_met_do_not_make_an_unknown_root_trusted() {
        let trust = trust_of_disjoint_chain(&[]);
        assert!(!matches!(trust, Trust::Trusted { .. }), "{trust:?}");
    }

    #[test]
    fn the_kinds_of_errors_that_senders_share_are_faults_and_our_own_are_not() {
        let fault = |error| match meaning(&error) {
            Meaning::Fault(fault) => Some(fault),
            _ => None,
        };
        for (error, expected) in [
            (Error::CaUsedAsEndEntity, ChainFault::AuthorityAsServer),
            (Error::EndEntityUsedAsCa, ChainFault::ServerAsAuthority),
            (Error::EmptyEkuExtension, ChainFault::WrongPurpose),
            (Error::NameConstraintViolation, ChainFault::NameNotAllowed),
            (Error::PathLenConstraintViolated, ChainFault::PathTooLong),
            (
                Error::InvalidSignatureForPublicKey,
                ChainFault::BadSignature,
            ),
            (
                Error::UnsupportedCriticalExtension,
                ChainFault::UnknownCriticalExtension,
            ),
            (Error::UnsupportedCertVersion, ChainFault::OldVersion),
            (Error::InvalidCertValidity, ChainFault::InvalidDates),
            (Error::BadDer, ChainFault::Damaged),
        ] {
            assert_eq!(fault(error.clone()), Some(expected), "{error:?}");
        }
        for ours in [
            Error::UnknownIssuer,
            Error::BadDerTime,
            Error::MaximumPathDepthExceeded,
            Error::MaximumSignatureChecksExceeded,
        ] {
            assert_eq!(fault(ours.clone()), None, "{ours:?}");
        }
    }

    fn certificate(subject: &str, issuer: &str, key: &str) -> Certificate {
        Certificate {
            subject: subject.into(),
            issuer: issuer.into(),
            key: key.into(),
            ..Certificate::from_der(LEAF).unwrap()
        }
    }

    /// What the verifier's error leads to for a leaf and its intermediate.
    fn untrusted_with(error: &Error, leaf: Certificate, intermediate: Certificate) -> Trust {
        let served = [LEAF, INTERMEDIATE].map(CertificateDer::from);
        let served: Vec<&CertificateDer<'_>> = served.iter().collect();
        let at = time::macros::datetime!(2026-11-23 12:00 UTC);
        untrusted(error, &[leaf, intermediate], &served, at)
    }

    #[test]
    fn a_signature_by_a_key_that_our_library_cannot_use_is_not_called_wrong() {
        for (key, is_wrong) in [
            ("RSA 1024", false),
            ("RSA 16384", false),
            ("RSA 2048", true),
            ("EC 256", true),
        ] {
            let trust = untrusted_with(
                &Error::InvalidSignatureForPublicKey,
                certificate("CN=mx", "CN=ca", "EC 256"),
                certificate("CN=ca", "CN=root", key),
            );
            let wrong = Trust::Faulty(ChainFault::BadSignature);
            assert_eq!(trust == wrong, is_wrong, "{key}: {trust:?}");
        }
    }

    #[test]
    fn a_date_before_1970_is_not_called_damage() {
        let mut early = certificate("CN=mx", "CN=ca", "EC 256");
        let ca = certificate("CN=ca", "CN=root", "EC 256");
        let trust = untrusted_with(&Error::BadDerTime, early.clone(), ca.clone());
        assert_eq!(trust, Trust::Faulty(ChainFault::Damaged));
        early.not_before = time::macros::datetime!(1960-01-01 00:00 UTC);
        let trust = untrusted_with(&Error::BadDerTime, early, ca);
        assert!(matches!(trust, Trust::Unverified { .. }), "{trust:?}");
    }

    #[test]
    fn only_dates_that_do_not_exist_are_the_fault_of_the_certificate() {
        let kind = |error| unreadable(error).kind;
        assert_eq!(
            kind(CertificateError::InvalidDate),
            FailureKind::UnreadableCertificate
        );
        assert_eq!(kind(CertificateError::Malformed), FailureKind::Unsupported);
        let no_certificate = [CertificateDer::from(&b"no certificate"[..])];
        let at = time::macros::datetime!(2026-11-23 12:00 UTC);
        let chain = chain(&no_certificate, "mx.example.com", &[], at);
        assert_eq!(chain.failed().unwrap().kind, FailureKind::Unsupported);
    }

    #[test]
    fn of_many_certificates_those_that_lead_to_the_root_are_saved() {
        let mut certificates = vec![certificate("CN=mx", "CN=ca", "EC 256")];
        for stray in 0..20 {
            certificates.push(certificate(&format!("CN=stray {stray}"), "CN=x", "EC 256"));
        }
        certificates.push(certificate("CN=ca", "CN=root", "EC 256"));
        let saved = saved(certificates);
        assert_eq!(saved.len(), MAX_SAVED);
        assert_eq!(saved[0].subject, "CN=mx");
        assert_eq!(saved[1].subject, "CN=stray 0");
        assert_eq!(saved.last().unwrap().subject, "CN=ca");
    }

    /// The chain that these certificates make under the root of their kind.
    fn observed(served: &[&'static [u8]]) -> Observed<Chain> {
        let root =
            CertificateDer::from(&include_bytes!("../tests/certificates/kinds-root.der")[..]);
        let anchors = [anchor_from_trusted_cert(&root).unwrap()];
        let served: Vec<CertificateDer<'_>> =
            served.iter().copied().map(CertificateDer::from).collect();
        let at = time::macros::datetime!(2027-06-01 12:00 UTC);
        chain(&served, "mx.example.com", &anchors, at)
    }

    fn trust_in(served: &[&'static [u8]]) -> Trust {
        observed(served).seen().unwrap().trust.clone()
    }

    #[test]
    fn a_chain_through_a_key_that_our_library_cannot_use_is_not_verified() {
        let short = trust_in(&[
            include_bytes!("../tests/certificates/rsa-1024-intermediate-leaf.der"),
            include_bytes!("../tests/certificates/rsa-1024-intermediate.der"),
        ]);
        let detail = "this program can’t verify RSA keys of 1024 bits".to_owned();
        assert_eq!(short, Trust::Unverified { detail });
        let long = trust_in(&[
            include_bytes!("../tests/certificates/p-521-intermediate-leaf.der"),
            include_bytes!("../tests/certificates/p-521-intermediate.der"),
        ]);
        assert!(matches!(long, Trust::Unverified { .. }), "{long:?}");
    }

    #[test]
    fn a_self_signed_certificate_is_told_as_that_whatever_its_key() {
        let der = include_bytes!("../tests/certificates/rsa-1024-self-signed.der");
        assert_eq!(trust_in(&[der]), Trust::SelfSigned);
        assert!(has_odd_rsa_key(&CertificateDer::from(&der[..])));
    }

    #[test]
    fn a_wrong_purpose_and_an_outdated_signature_are_faults_of_the_chain() {
        let for_clients = include_bytes!("../tests/certificates/for-clients.der");
        let purpose = Trust::Faulty(ChainFault::WrongPurpose);
        assert_eq!(trust_in(&[for_clients]), purpose);
        let sha_1 = include_bytes!("../tests/certificates/sha-1.der");
        let signature = Trust::Faulty(ChainFault::WeakSignature);
        assert_eq!(trust_in(&[sha_1]), signature);
    }

    #[test]
    fn an_intermediate_that_may_not_sign_is_trusted_here_and_says_so() {
        let observed = observed(&[
            include_bytes!("../tests/certificates/no-cert-sign-intermediate-leaf.der"),
            include_bytes!("../tests/certificates/no-cert-sign-intermediate.der"),
        ]);
        let chain = observed.seen().unwrap();
        assert!(matches!(chain.trust, Trust::Trusted { .. }), "{chain:?}");
        let usage: Vec<_> = chain
            .certificates
            .iter()
            .map(|certificate| certificate.key_usage.unwrap())
            .map(|usage| (usage.handshake, usage.certificates))
            .collect();
        assert_eq!(usage, [(true, false), (false, false)]);
    }

    #[test]
    fn a_date_that_does_not_exist_makes_a_certificate_unreadable() {
        let der = include_bytes!("../tests/certificates/for-clients.der");
        // UTCTime of 13 characters (RFC 5280 4.1.2.5.1).
        let place = der
            .windows(2)
            .position(|bytes| bytes == [0x17, 13])
            .unwrap();
        for date in [b"270230120000Z", b"271301120000Z", b"27ab01120000Z"] {
            let mut der = der.to_vec();
            der[place + 2..place + 15].copy_from_slice(date);
            let served = [CertificateDer::from(der)];
            let at = time::macros::datetime!(2027-06-01 12:00 UTC);
            let chain = chain(&served, "mx.example.com", &[], at);
            let failure = chain.failed().unwrap();
            assert_eq!(failure.kind, FailureKind::UnreadableCertificate, "{date:?}");
        }
    }
}
