//! Certificates as served, and what the probe found out about their trust.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, ParsedExtension};
use x509_parser::public_key::PublicKey;

use super::Digests;

/// The certificates that a server sent, leaf first, and whether they lead to a trusted root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// As served, leaf first. Never empty.
    pub certificates: Vec<Certificate>,
    /// Whether a path to a trust anchor exists, time and name left aside.
    pub trust: Trust,
}

impl Chain {
    /// The server's own certificate.
    #[must_use]
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first()
    }
}

/// Whether the signatures lead from the leaf to a root that senders trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// They do; the root is named.
    Trusted {
        /// The subject of the root.
        root: String,
    },
    /// The leaf is self-signed.
    SelfSigned,
    /// The certificate of this issuer was not sent, and it is no known root.
    IssuerMissing {
        /// The issuer that the last linked certificate names.
        issuer: String,
    },
    /// The chain ends at a root that is not in the set of trusted roots.
    UnknownRoot {
        /// The subject of the last certificate, or the issuer that it names.
        root: String,
    },
    /// The chain is damaged in another way: a wrong signature, a constraint, an unknown algorithm.
    Invalid {
        /// What the verifier said.
        detail: String,
    },
}

/// The facts of one certificate. Strings are as in the certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The subject as a distinguished name.
    pub subject: String,
    /// The common name in the subject, which senders ignore (RFC 9525 2).
    pub common_name: Option<String>,
    /// The DNS names of the subject alternative name extension, lower case.
    pub dns_names: Vec<String>,
    /// The issuer as a distinguished name.
    pub issuer: String,
    /// Start of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// End of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// Key type and size, for example `RSA 2048` or `EC 256`.
    pub key: String,
    /// The signature algorithm as an object identifier.
    pub signature_algorithm: String,
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// The hashes that TLSA records go by.
    #[serde(default)]
    pub digests: Option<Digests>,
}

/// A certificate that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("this isn’t an X.509 certificate: {0}")]
pub struct CertificateError(String);

/// Names taken from one certificate; a certificate with more is cut here.
const MAX_NAMES: usize = 200;

impl Certificate {
    /// Reads the facts out of a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError`] when the bytes are no certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|error| CertificateError(error.to_string()))?;
        Ok(Self {
            subject: certificate.subject().to_string(),
            common_name: certificate
                .subject()
                .iter_common_name()
                .next()
                .and_then(|name| name.as_str().ok())
                .map(str::to_owned),
            dns_names: dns_names(&certificate),
            issuer: certificate.issuer().to_string(),
            not_before: certificate.validity().not_before.to_datetime(),
            not_after: certificate.validity().not_after.to_datetime(),
            key: key(&certificate),
            signature_algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
            serial: hex(certificate.raw_serial()),
            digests: Some(Digests {
                certificate_sha256: hex(&Sha256::digest(der)),
                certificate_sha512: hex(&Sha512::digest(der)),
                key_sha256: hex(&Sha256::digest(certificate.public_key().raw)),
                key_sha512: hex(&Sha512::digest(certificate.public_key().raw)),
            }),
        })
    }

    /// True when subject and issuer are the same name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether a DNS name of the certificate stands for this host: equal without regard to case,
    /// or a wildcard as its whole left-most label, which covers one label (RFC 8461 4.1, RFC 9525).
    #[must_use]
    pub fn names(&self, host: &str) -> bool {
        self.dns_names.iter().any(|name| name_covers(name, host))
    }
}

fn name_covers(name: &str, host: &str) -> bool {
    if name.eq_ignore_ascii_case(host) {
        return !name.contains('*');
    }
    let (Some(parent), Some((first, rest))) = (name.strip_prefix("*."), host.split_once('.'))
    else {
        return false;
    };
    !first.is_empty() && !parent.contains('*') && parent.eq_ignore_ascii_case(rest)
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    certificate
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
            _ => None,
        })
        .flatten()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .take(MAX_NAMES)
        .collect()
}

fn key(certificate: &X509Certificate<'_>) -> String {
    let key = certificate.public_key();
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(point)) => format!("EC {}", point.key_size()),
        _ => key.algorithm.algorithm.to_id_string(),
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(
        String::with_capacity(bytes.len() * 2),
        |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_exactly_one_label() {
        assert!(name_covers("*.example.com", "mx.example.com"));
        assert!(name_covers("*.EXAMPLE.com", "MX.example.com"));
        for host in [
            "example.com",
            "a.b.example.com",
            ".example.com",
            "mx.example.org",
        ] {
            assert!(!name_covers("*.example.com", host), "{host}");
        }
        for name in [
            "*",
            "m*.example.com",
            "*.*.com",
            "mx.*.com",
            "*mx.example.com",
        ] {
            assert!(!name_covers(name, "mx.example.com"), "{name}");
        }
    }

    #[test]
    fn an_equal_name_counts_without_regard_to_case() {
        assert!(name_covers("Mail.Example.com", "mail.example.com"));
        assert!(!name_covers("*.example.com", "*.example.com"));
    }

    #[test]
    fn bytes_that_are_no_certificate_are_an_error() {
        for der in [
            &b""[..],
            b"-----BEGIN CERTIFICATE-----",
            &[0x30, 0x82, 0xff, 0xff],
        ] {
            assert!(Certificate::from_der(der).is_err());
        }
    }
}
