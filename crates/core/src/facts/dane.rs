//! TLSA records (RFC 6698, RFC 7672): what DANE, the other way to authenticated mail, promises.

use serde::{Deserialize, Serialize};

use super::{Certificate, Chain};

/// The TLSA records at `_25._tcp.HOST`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsaAnswer {
    /// Whether a validating resolver vouched for the answer with DNSSEC. Without that, senders must
    /// not use the records (RFC 7672 2.2).
    pub authenticated: bool,
    /// The records; empty where there are none.
    pub records: Vec<Tlsa>,
}

/// One TLSA record (RFC 6698 2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tlsa {
    /// Certificate usage; senders of mail go by 2 (an issuer) and 3 (the server's own).
    pub usage: u8,
    /// 0 the whole certificate, 1 its public key.
    pub selector: u8,
    /// 0 as it is, 1 SHA-256, 2 SHA-512.
    pub matching: u8,
    /// The data in lower-case hexadecimal digits.
    pub data: String,
}

/// The hashes of a certificate that TLSA records name, in lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// SHA-256 of the whole certificate in DER.
    pub certificate_sha256: String,
    /// SHA-512 of the whole certificate in DER.
    pub certificate_sha512: String,
    /// SHA-256 of the public key (`SubjectPublicKeyInfo` in DER).
    pub key_sha256: String,
    /// SHA-512 of the public key (`SubjectPublicKeyInfo` in DER).
    pub key_sha512: String,
}

impl Tlsa {
    /// True for a record that senders of mail use: the usages 2 and 3 (RFC 7672 3.1.3) with a hash.
    #[must_use]
    pub(crate) fn is_usable(&self) -> bool {
        matches!(self.usage, 2 | 3) && self.selector <= 1 && matches!(self.matching, 1 | 2)
    }

    /// Whether the record stands for the chain: its leaf for usage 3, one of its issuers for usage
    /// 2. `None` where the digests of the chain are not known.
    #[must_use]
    pub fn matches(&self, chain: &Chain) -> Option<bool> {
        let digests: Option<Vec<&Digests>> = self
            .candidates(chain)
            .iter()
            .map(|certificate| certificate.digests.as_ref())
            .collect();
        Some(digests?.iter().any(|digests| self.is(digests)))
    }

    fn candidates<'a>(&self, chain: &'a Chain) -> &'a [Certificate] {
        match (self.usage, chain.certificates.as_slice()) {
            (3, [leaf, ..]) => std::slice::from_ref(leaf),
            (2, [_, issuers @ ..]) => issuers,
            _ => &[],
        }
    }

    fn is(&self, digests: &Digests) -> bool {
        let digest = match (self.selector, self.matching) {
            (0, 1) => &digests.certificate_sha256,
            (0, 2) => &digests.certificate_sha512,
            (1, 1) => &digests.key_sha256,
            (1, 2) => &digests.key_sha512,
            _ => return false,
        };
        digest.eq_ignore_ascii_case(&self.data)
    }
}

impl std::fmt::Display for Tlsa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            usage,
            selector,
            matching,
            data,
        } = self;
        let data = crate::escaped(data, 130);
        write!(f, "{usage} {selector} {matching} {data}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::chain;

    fn digests(mark: &str) -> Digests {
        Digests {
            certificate_sha256: format!("c256{mark}"),
            certificate_sha512: format!("c512{mark}"),
            key_sha256: format!("k256{mark}"),
            key_sha512: format!("k512{mark}"),
        }
    }

    fn tlsa(usage: u8, selector: u8, matching: u8, data: &str) -> Tlsa {
        Tlsa {
            usage,
            selector,
            matching,
            data: data.into(),
        }
    }

    #[test]
    fn usage_3_is_the_leaf_and_usage_2_an_issuer() {
        let mut chain = chain("mx1.example.com");
        assert_eq!(tlsa(3, 1, 1, "k256aa").matches(&chain), None);
        chain.certificates[0].digests = Some(digests("aa"));
        chain.certificates[1].digests = Some(digests("bb"));
        for (record, matches) in [
            (tlsa(3, 0, 1, "c256aa"), true),
            (tlsa(3, 0, 2, "C512AA"), true),
            (tlsa(3, 1, 1, "k256aa"), true),
            (tlsa(3, 1, 2, "k512aa"), true),
            (tlsa(3, 1, 1, "k256bb"), false),
            (tlsa(2, 1, 1, "k256bb"), true),
            (tlsa(2, 1, 1, "k256aa"), false),
            (tlsa(1, 1, 1, "k256aa"), false),
        ] {
            assert_eq!(record.matches(&chain), Some(matches), "{record}");
        }
    }

    #[test]
    fn only_usages_2_and_3_with_a_hash_are_used_for_mail() {
        assert!(tlsa(3, 1, 1, "").is_usable() && tlsa(2, 0, 2, "").is_usable());
        for record in [tlsa(0, 1, 1, ""), tlsa(1, 1, 1, ""), tlsa(3, 1, 0, "")] {
            assert!(!record.is_usable(), "{record}");
        }
    }
}
