//! Whether the served certificates lead to a trusted root, and if not, why. A pure function of the
//! certificates, the roots and the time. Names are not checked. Dates are judged elsewhere: an
//! expired certificate can still be trusted here.

use std::time::Duration;

use mta_sts_core::facts::{Certificate, Chain, FailureKind, Observed, ProbeFailure, Trust};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use time::OffsetDateTime;
use webpki::{
    ALL_VERIFICATION_ALGS, Cert, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert,
};

/// The object identifier of the access method caIssuers (RFC 5280 4.2.2.1), as encoded.
const CA_ISSUERS: [u8; 10] = [0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];

/// The chain as facts. Not asked if there is no certificate; failed if the leaf cannot be read.
/// Other certificates that cannot be read are left out.
pub(crate) fn chain(
    served: &[CertificateDer<'_>],
    anchors: &[TrustAnchor<'_>],
    at: OffsetDateTime,
) -> Observed<Chain> {
    let Some((leaf, rest)) = served.split_first() else {
        return Observed::NotAsked;
    };
    let Ok(leaf) = Certificate::from_der(leaf) else {
        let unreadable = "the certificate could not be read";
        return Observed::Failed(ProbeFailure::new(FailureKind::Other, unreadable));
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
    Observed::Seen(Chain {
        certificates,
        trust,
    })
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
    untrusted(&error, certificates, readable, at)
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
    matches!(
        error,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. }
    )
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
    if !matches!(error, Error::UnknownIssuer) && !is_of_time(error) {
        return Trust::Invalid {
            detail: detail(error).to_owned(),
        };
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

/// The last certificate on the way from issuer to issuer, in whatever order they were served.
fn last_linked(certificates: &[Certificate]) -> usize {
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
    last
}

/// What is wrong with a chain, as the rest of a sentence.
fn detail(error: &Error) -> &'static str {
    match error {
        Error::CaUsedAsEndEntity => "the server uses the certificate of an authority as its own",
        Error::EndEntityUsedAsCa => {
            "a certificate is signed with one that is not allowed to sign others"
        }
        Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => {
            "a certificate is not meant for servers (its extended key usage lacks TLS server)"
        }
        Error::NameConstraintViolation | Error::MalformedNameConstraint => {
            "an authority signed a name that it is not allowed to sign"
        }
        Error::PathLenConstraintViolated
        | Error::MaximumPathDepthExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumSignatureChecksExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => "the chain is too long",
        Error::InvalidSignatureForPublicKey | Error::SignatureAlgorithmMismatch => {
            "a signature is wrong"
        }
        Error::UnsupportedCriticalExtension => {
            "a certificate has a critical extension that senders don’t know"
        }
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "a certificate has a signature algorithm that senders don’t accept"
        }
        Error::UnsupportedCertVersion => "a certificate has an old format version",
        Error::InvalidCertValidity => "a certificate expires before it becomes valid",
        _ => "a certificate is damaged",
    }
}

/// Whether a self-issued certificate is signed with its own key: it verifies with itself as the
/// only root, apart from errors that have nothing to do with the signature.
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
    )
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
        let chain = chain(&served, anchors, at);
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
}
