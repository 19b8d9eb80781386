//! The private certificate authority: root, intermediate and leaves, in every state of health a
//! scenario asks for.
//!
//! Which server shows which certificate is decided elsewhere.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, CustomExtension,
    DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};

use crate::error::LabError;
use crate::scenario::{CertificateKind, CertificateSettings};

/// Name in a certificate of the kind `wrong-name`.
const OTHER_CUSTOMER: &str = "web12.practice-hosting.example";

/// Where the intermediate could be fetched, as certificates of public authorities say it (RFC 5280
/// 4.2.2.1).
const ISSUER_URL: &str = "http://ca.practice-authority.example/intermediate.der";

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// Two certificate authorities, of which clients of the lab trust the first.
#[derive(Debug)]
pub(crate) struct Authority {
    now: OffsetDateTime,
    trusted: Chain,
    unknown: Chain,
}

#[derive(Debug)]
struct Chain {
    root: Issuer,
    intermediate: Issuer,
    /// What the certificate of the intermediate says.
    intermediate_params: CertificateParams,
}

impl Authority {
    /// Makes both authorities; the validity of all leaves is counted from now.
    pub(crate) fn new() -> Result<Self, LabError> {
        let now = OffsetDateTime::now_utc();
        Ok(Self {
            now,
            trusted: Chain::new("Practice Authority", now)?,
            unknown: Chain::new("Unknown Authority", now)?,
        })
    }

    pub(crate) fn root_der(&self) -> Vec<u8> {
        self.trusted.root.der().to_vec()
    }

    pub(crate) fn root_pem(&self) -> String {
        self.trusted.root.pem()
    }

    /// A certificate and its key for `host`, as the settings have it.
    pub(crate) fn issue(
        &self,
        host: &str,
        settings: &CertificateSettings,
    ) -> Result<Arc<CertifiedKey>, LabError> {
        let key = KeyPair::generate()?;
        let params = self.leaf_params(host, settings)?;
        let chain = match settings.kind {
            CertificateKind::SelfSigned => vec![der(&params.self_signed(&key)?)],
            CertificateKind::MissingIntermediate => {
                vec![der(&params.signed_by(&key, &self.trusted.intermediate)?)]
            }
            CertificateKind::UnknownRoot => {
                let Chain {
                    root, intermediate, ..
                } = &self.unknown;
                let leaf = der(&params.signed_by(&key, intermediate)?);
                vec![leaf, intermediate.der().clone(), root.der().clone()]
            }
            CertificateKind::DeadEndFirst => {
                let intermediate = &self.trusted.intermediate;
                let twin = &self.trusted.intermediate_params;
                let twin = twin.signed_by(intermediate.key(), &self.unknown.root)?;
                let leaf = der(&params.signed_by(&key, intermediate)?);
                vec![leaf, der(&twin), intermediate.der().clone()]
            }
            _ => {
                let intermediate = &self.trusted.intermediate;
                let mut leaf = der(&params.signed_by(&key, intermediate)?);
                if settings.kind == CertificateKind::ImpossibleDate {
                    leaf = with_impossible_date(&leaf);
                }
                vec![leaf, intermediate.der().clone()]
            }
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing_key = rustls::crypto::ring::sign::any_supported_type(&key)?;
        Ok(Arc::new(CertifiedKey::new(chain, signing_key)))
    }

    fn leaf_params(
        &self,
        host: &str,
        settings: &CertificateSettings,
    ) -> Result<CertificateParams, LabError> {
        let kind = settings.kind;
        let mut names = settings.names.clone();
        if names.is_empty() {
            let wrong = kind == CertificateKind::WrongName;
            names.push(if wrong { OTHER_CUSTOMER } else { host }.to_owned());
        }
        if kind == CertificateKind::ManyNames {
            let others = (1..250).map(|number| format!("customer-{number}.example"));
            names = others.chain(names).collect();
        }
        let common_name = names.first().cloned().unwrap_or_default();
        if kind == CertificateKind::CommonNameOnly {
            names.clear();
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        match kind {
            CertificateKind::ForClients => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
            CertificateKind::SignsOnly => params.key_usages = vec![KeyUsagePurpose::KeyCertSign],
            _ => {}
        }
        (params.not_before, params.not_after) = self.validity(settings);
        if kind != CertificateKind::SelfSigned {
            params.use_authority_key_identifier_extension = true;
            params.custom_extensions = vec![issuer_location()];
        }
        Ok(params)
    }

    fn validity(&self, settings: &CertificateSettings) -> (OffsetDateTime, OffsetDateTime) {
        let days = |usual: i64| Duration::days(settings.days.map_or(usual, i64::from));
        let full_term = Duration::days(90);
        match settings.kind {
            CertificateKind::Expired => {
                let end = self.now - days(3);
                (end - full_term, end)
            }
            CertificateKind::ExpiresSoon => {
                // Half a day more, so that "days left" does not change while somebody looks on.
                let end = self.now + days(5) + Duration::hours(12);
                (end - full_term, end)
            }
            CertificateKind::ShortLived | CertificateKind::ShortLivedDue => {
                let is_due = settings.kind == CertificateKind::ShortLivedDue;
                let left = Duration::hours(if is_due { 40 } else { 136 });
                let end = self.now + left;
                (end - Duration::hours(160), end)
            }
            CertificateKind::NotYetValid => {
                let start = self.now + days(3);
                (start, start + full_term)
            }
            _ => (self.now - Duration::days(10), self.now + days(80)),
        }
    }
}

impl Chain {
    fn new(organisation: &str, now: OffsetDateTime) -> Result<Self, LabError> {
        let issuer_params = |common_name: &str, constraint| {
            let mut params = CertificateParams::default();
            params.distinguished_name = DistinguishedName::new();
            params
                .distinguished_name
                .push(DnType::OrganizationName, organisation);
            let common_name = format!("{organisation} {common_name}");
            params
                .distinguished_name
                .push(DnType::CommonName, common_name);
            params.is_ca = IsCa::Ca(constraint);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.not_before = now - Duration::days(365);
            params.not_after = now + Duration::days(3650);
            params
        };
        let root = Issuer::self_signed(
            issuer_params("Root", BasicConstraints::Unconstrained),
            KeyPair::generate()?,
        )?;
        let mut params = issuer_params("Intermediate", BasicConstraints::Constrained(0));
        params.use_authority_key_identifier_extension = true;
        let intermediate = Issuer::signed_by(params.clone(), KeyPair::generate()?, &root)?;
        Ok(Self {
            root,
            intermediate,
            intermediate_params: params,
        })
    }
}

/// The certificate with another end: 30 February 2027, which is no day. The signature doesn't fit any
/// more, but nobody gets as far as that.
fn with_impossible_date(certificate: &CertificateDer<'static>) -> CertificateDer<'static> {
    const UTC_TIME: [u8; 2] = [0x17, 0x0d];
    let mut bytes = certificate.to_vec();
    let starts: Vec<usize> = bytes
        .windows(2)
        .enumerate()
        .filter_map(|(at, pair)| (pair == UTC_TIME).then_some(at + 2))
        .collect();
    if let Some(date) = starts.get(1).and_then(|at| bytes.get_mut(*at..*at + 13)) {
        date.copy_from_slice(b"270230120000Z");
    }
    bytes.into()
}

fn der(certificate: &Certificate) -> CertificateDer<'static> {
    certificate.der().clone()
}

/// The extension that says where the issuer's certificate can be fetched (RFC 5280 4.2.2.1).
fn issuer_location() -> CustomExtension {
    const AUTHORITY_INFO_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];
    /// DER of the object identifier 1.3.6.1.5.5.7.48.2, caIssuers.
    const CA_ISSUERS: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    const URI: u8 = 0x86;
    const SEQUENCE: u8 = 0x30;

    let location = tagged(URI, ISSUER_URL.as_bytes());
    let description = tagged(SEQUENCE, &[CA_ISSUERS, &location].concat());
    CustomExtension::from_oid_content(AUTHORITY_INFO_ACCESS, tagged(SEQUENCE, &description))
}

/// DER of a value under 128 bytes, whose length takes one byte.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    debug_assert!(length < 128, "the short form holds up to 127 bytes");
    [&[tag, length], content].concat()
}

#[cfg(test)]
mod tests {
    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    /// What a verifier of the web's rules says to a certificate of this kind.
    fn verdict(kind: CertificateKind) -> String {
        let authority = Authority::new().unwrap();
        let settings = CertificateSettings {
            kind,
            ..CertificateSettings::default()
        };
        let issued = authority.issue("mx1.d.example", &settings).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.root_der().into()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let name = ServerName::try_from("mx1.d.example").unwrap();
        let (leaf, rest) = issued.cert.split_first().unwrap();
        let result =
            verifier
                .build()
                .unwrap()
                .verify_server_cert(leaf, rest, &name, &[], UnixTime::now());
        result.map_or_else(|error| error.to_string(), |_| "good".to_owned())
    }

    #[test]
    fn each_kind_fails_for_its_own_reason() {
        let expectations = [
            (CertificateKind::Valid, "good"),
            (CertificateKind::ExpiresSoon, "good"),
            (CertificateKind::Expired, "expired"),
            (CertificateKind::NotYetValid, "not valid yet"),
            (CertificateKind::WrongName, "not valid for name"),
            (CertificateKind::CommonNameOnly, "not valid for"),
            (CertificateKind::SelfSigned, "UnknownIssuer"),
            (CertificateKind::UnknownRoot, "UnknownIssuer"),
            (CertificateKind::MissingIntermediate, "UnknownIssuer"),
        ];
        for (kind, expected) in expectations {
            let seen = verdict(kind);
            assert!(seen.contains(expected), "{kind:?}: {seen}");
        }
    }

    #[test]
    fn the_chain_is_as_long_as_the_kind_says() {
        let authority = Authority::new().unwrap();
        let length = |kind| {
            let settings = CertificateSettings {
                kind,
                ..CertificateSettings::default()
            };
            authority
                .issue("mx1.d.example", &settings)
                .unwrap()
                .cert
                .len()
        };
        assert_eq!(length(CertificateKind::Valid), 2);
        assert_eq!(length(CertificateKind::SelfSigned), 1);
        assert_eq!(length(CertificateKind::MissingIntermediate), 1);
        assert_eq!(length(CertificateKind::UnknownRoot), 3);
    }

    #[test]
    fn a_leaf_says_where_its_issuer_is() {
        let authority = Authority::new().unwrap();
        let leaf = authority
            .issue("mx1.d.example", &CertificateSettings::default())
            .unwrap();
        let der: &[u8] = leaf.cert.first().unwrap();
        assert!(
            der.windows(ISSUER_URL.len())
                .any(|bytes| bytes == ISSUER_URL.as_bytes())
        );
    }
}
