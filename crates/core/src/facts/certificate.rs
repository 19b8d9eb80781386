//! Certificates as served, and what the probe found out about their trust.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};
use time::{Duration, OffsetDateTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, ParsedExtension};
use x509_parser::public_key::PublicKey;

use super::Digests;
use crate::text::moment;

/// The certificates that a server sent, leaf first, and whether they lead to a trusted root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// As served, leaf first. Never empty.
    pub certificates: Vec<Certificate>,
    /// Whether the server sent more than are kept. Trust was judged on all of them.
    #[serde(default)]
    pub certificates_cut: bool,
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
    /// The chain breaks a rule that senders check.
    Faulty(ChainFault),
    /// The program that made the check can’t verify this chain. Senders may.
    Unverified {
        /// What it can’t do, as a sentence without its full stop.
        detail: String,
    },
    /// The chain is damaged. Older facts files have this where there is a [`ChainFault`] now.
    Invalid {
        /// What the verifier said.
        detail: String,
    },
}

/// The rules for chains that senders check in addition to signatures, dates and names (RFC 5280 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChainFault {
    /// The extended key usage of a certificate lacks TLS servers (RFC 5280 4.2.1.12).
    WrongPurpose,
    /// An authority signed a name that its name constraints exclude (RFC 5280 4.2.1.10).
    NameNotAllowed,
    /// The server’s own certificate is that of an authority (RFC 5280 4.2.1.9).
    AuthorityAsServer,
    /// A certificate is signed with one that is not an authority’s (RFC 5280 4.2.1.9).
    ServerAsAuthority,
    /// A signature does not fit the key of its issuer.
    BadSignature,
    /// A signature is made with an algorithm that senders gave up, such as SHA-1.
    WeakSignature,
    /// A critical extension is unknown (RFC 5280 4.2).
    UnknownCriticalExtension,
    /// There are more intermediate certificates than an authority allows (RFC 5280 4.2.1.9).
    PathTooLong,
    /// The format is older than version 3 (RFC 5280 4.1.2.1).
    OldVersion,
    /// A certificate expires before it becomes valid.
    InvalidDates,
    /// A certificate breaks the format in another way.
    Damaged,
}

/// What the key of a certificate may be used for (RFC 5280 4.2.1.3), as far as TLS goes by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage {
    /// For a TLS handshake: digitalSignature, keyEncipherment or keyAgreement.
    pub handshake: bool,
    /// For signatures on other certificates: keyCertSign.
    pub certificates: bool,
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
    /// Whether the certificate has more DNS names than are kept. Those that cover the host it was
    /// read for are kept first, so a host that none of them covers is in none of the others either.
    #[serde(default)]
    pub names_cut: bool,
    /// The issuer as a distinguished name.
    pub issuer: String,
    /// Start of validity.
    #[serde(
        serialize_with = "time::serde::rfc3339::serialize",
        deserialize_with = "moment::read"
    )]
    pub not_before: OffsetDateTime,
    /// End of validity.
    #[serde(
        serialize_with = "time::serde::rfc3339::serialize",
        deserialize_with = "moment::read"
    )]
    pub not_after: OffsetDateTime,
    /// Key type and size, for example `RSA 2048` or `EC 256`.
    pub key: String,
    /// The signature algorithm as an object identifier.
    pub signature_algorithm: String,
    /// What the key may be used for; absent where the certificate doesn’t say, or where an older
    /// facts file doesn’t.
    #[serde(default)]
    pub key_usage: Option<KeyUsage>,
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// The hashes that TLSA records go by.
    #[serde(default)]
    pub digests: Option<Digests>,
}

/// Why a certificate could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Its validity has a date that no calendar has, such as 30 February.
    #[error("one of its dates doesn’t exist")]
    InvalidDate,
    /// The bytes are not an X.509 certificate, or not one that this program can read.
    #[error("this isn’t an X.509 certificate, or it’s damaged")]
    Malformed,
}

/// How long before it expires a certificate should have been renewed, unless the last
/// [`RENEWED_AT_SHARE`] of its lifetime is shorter.
const RENEWED_BEFORE_END: Duration = Duration::days(14);

/// Clients renew when a third of the lifetime is left, or sooner.
const RENEWED_AT_SHARE: i32 = 3;

/// The most names that are kept of one certificate.
const MAX_NAMES: usize = 200;

impl Certificate {
    /// Reads the facts out of a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError`] when the bytes are no certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        Self::read(der, None)
    }

    /// Reads the facts out of a certificate in DER that a server showed for this host. Of a long list
    /// of names, those that cover the host are kept first.
    ///
    /// # Errors
    /// [`CertificateError`] when the bytes are no certificate.
    pub fn for_host(der: &[u8], host: &str) -> Result<Self, CertificateError> {
        Self::read(der, Some(host))
    }

    fn read(der: &[u8], host: Option<&str>) -> Result<Self, CertificateError> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| {
            if matches!(X509Error::from(error), X509Error::InvalidDate) {
                CertificateError::InvalidDate
            } else {
                CertificateError::Malformed
            }
        })?;
        let (dns_names, names_cut) = kept(dns_names(&certificate), host);
        Ok(Self {
            subject: certificate.subject().to_string(),
            common_name: certificate
                .subject()
                .iter_common_name()
                .next()
                .and_then(|name| name.as_str().ok())
                .map(str::to_owned),
            dns_names,
            names_cut,
            issuer: certificate.issuer().to_string(),
            not_before: certificate.validity().not_before.to_datetime(),
            not_after: certificate.validity().not_after.to_datetime(),
            key: key(&certificate),
            signature_algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
            key_usage: key_usage(&certificate),
            serial: hex(certificate.raw_serial()),
            digests: Some(Digests {
                certificate_sha256: hex(&Sha256::digest(der)),
                certificate_sha512: hex(&Sha512::digest(der)),
                key_sha256: hex(&Sha256::digest(certificate.public_key().raw)),
                key_sha512: hex(&Sha512::digest(certificate.public_key().raw)),
            }),
        })
    }

    /// How long the certificate is valid from start to end.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.not_after - self.not_before
    }

    /// The moment by which automatic renewal has replaced the certificate: two weeks before it expires,
    /// or when a third of its lifetime is left if that is later.
    #[must_use]
    pub fn renewal_due(&self) -> OffsetDateTime {
        let left = RENEWED_BEFORE_END.min(self.lifetime() / RENEWED_AT_SHARE);
        self.not_after.saturating_sub(left)
    }

    /// The size of an RSA key in bits; `None` for a key of another kind.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<u32> {
        self.key.strip_prefix("RSA ")?.parse().ok()
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
        .collect()
}

/// At most [`MAX_NAMES`] of the names, those that cover the host first if any must go, and whether
/// any did.
fn kept(mut names: Vec<String>, host: Option<&str>) -> (Vec<String>, bool) {
    let is_cut = names.len() > MAX_NAMES;
    if is_cut {
        if let Some(host) = host {
            names.sort_by_key(|name| !name_covers(name, host));
        }
        names.truncate(MAX_NAMES);
    }
    (names, is_cut)
}

/// The key usage extension; `None` where it is missing or can’t be read.
fn key_usage(certificate: &X509Certificate<'_>) -> Option<KeyUsage> {
    let usage = certificate.key_usage().ok()??.value;
    Some(KeyUsage {
        handshake: usage.digital_signature() || usage.key_encipherment() || usage.key_agreement(),
        certificates: usage.key_cert_sign(),
    })
}

fn key(certificate: &X509Certificate<'_>) -> String {
    let key = certificate.public_key();
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", bits(rsa.modulus)),
        // A point of the curve P-521 has whole bytes.
        Ok(PublicKey::EC(point)) => match point.key_size() {
            528 => "EC 521".to_owned(),
            size => format!("EC {size}"),
        },
        _ => key.algorithm.algorithm.to_id_string(),
    }
}

/// The bits of a big-endian number, without the zeros before it.
fn bits(number: &[u8]) -> usize {
    let start = number.iter().take_while(|&&byte| byte == 0).count();
    let bits_of_first = number
        .get(start)
        .map_or(0, |first| 8 - first.leading_zeros() as usize);
    number[start..].len().saturating_sub(1) * 8 + bits_of_first
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
            assert_eq!(Certificate::from_der(der), Err(CertificateError::Malformed));
        }
    }

    #[test]
    fn of_a_long_list_the_names_that_cover_the_host_are_kept() {
        let many = |last: &str| {
            let mut names: Vec<String> = (0..MAX_NAMES).map(|n| format!("n{n}.example")).collect();
            names.push(last.to_owned());
            names
        };
        for last in ["mx.example.com", "*.example.com"] {
            let (names, is_cut) = kept(many(last), Some("mx.example.com"));
            assert!(is_cut);
            assert_eq!(names.len(), MAX_NAMES);
            assert_eq!(names[..2], [last, "n0.example"]);
        }
        let (names, is_cut) = kept(many("other.example"), None);
        assert!(is_cut && !names.contains(&"other.example".to_owned()));
    }

    #[test]
    fn a_list_that_fits_keeps_its_order() {
        let names = vec!["a.example".to_owned(), "mx.example.com".to_owned()];
        assert_eq!(kept(names.clone(), Some("mx.example.com")), (names, false));
    }

    #[test]
    fn the_size_of_a_key_leaves_zeros_out() {
        assert_eq!(bits(&[0, 0x80, 0]), 16);
        assert_eq!(bits(&[0x7f, 0xff]), 15);
        assert_eq!(bits(&[1]), 1);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[]), 0);
    }

    #[test]
    fn facts_files_from_before_key_usage_and_cut_lists_can_be_read() {
        let chain = serde_json::json!({
            "certificates": [{
                "subject": "CN=mx", "common_name": null, "dns_names": [], "issuer": "CN=ca",
                "not_before": "2026-01-01T00:00:00Z", "not_after": "2026-03-01T00:00:00Z",
                "key": "RSA 1024", "signature_algorithm": "1.2.3", "serial": "01",
            }],
            "trust": { "invalid": { "detail": "a signature is wrong" } },
        });
        let chain: Chain = serde_json::from_value(chain).unwrap();
        let leaf = chain.leaf().unwrap();
        assert_eq!(leaf.key_usage, None);
        assert!(!leaf.names_cut && !chain.certificates_cut);
        assert_eq!(leaf.rsa_bits(), Some(1024));
        assert_eq!(leaf.lifetime(), Duration::days(59));
        assert_eq!(leaf.renewal_due(), leaf.not_after - Duration::days(14));
    }

    #[test]
    fn a_fault_of_the_chain_is_one_word_in_a_facts_file() {
        let trust = Trust::Faulty(ChainFault::WrongPurpose);
        let json = serde_json::json!({ "faulty": "wrong-purpose" });
        assert_eq!(serde_json::to_value(&trust).unwrap(), json);
        assert_eq!(serde_json::from_value::<Trust>(json).unwrap(), trust);
    }
}
