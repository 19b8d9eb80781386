//! Why a session failed: the result types of RFC 8460 4.3, and what each asks a domain to do.

use serde::{Deserialize, Serialize};

/// A result type. The list grows (RFC 8460 6.6), so others are kept as they are written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum FailureResult {
    /// `starttls-not-supported`
    StarttlsNotSupported,
    /// `certificate-host-mismatch`
    CertificateHostMismatch,
    /// `certificate-expired`
    CertificateExpired,
    /// `certificate-not-trusted`
    CertificateNotTrusted,
    /// `validation-failure`
    ValidationFailure,
    /// `tlsa-invalid`
    TlsaInvalid,
    /// `dnssec-invalid`
    DnssecInvalid,
    /// `dane-required`
    DaneRequired,
    /// `sts-policy-fetch-error`
    StsPolicyFetchError,
    /// `sts-policy-invalid`
    StsPolicyInvalid,
    /// `sts-webpki-invalid`
    StsWebpkiInvalid,
    /// One that is not known here; empty where the sender gave none.
    Other(String),
}

impl FailureResult {
    /// All that RFC 8460 names.
    pub const NAMED: [Self; 11] = [
        Self::StarttlsNotSupported,
        Self::CertificateHostMismatch,
        Self::CertificateExpired,
        Self::CertificateNotTrusted,
        Self::ValidationFailure,
        Self::TlsaInvalid,
        Self::DnssecInvalid,
        Self::DaneRequired,
        Self::StsPolicyFetchError,
        Self::StsPolicyInvalid,
        Self::StsWebpkiInvalid,
    ];

    /// The word in the report.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Other(code) => code,
            named => named.page().0,
        }
    }

    /// What the sender met, in a sentence without its full stop.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.page().1
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.page().2
    }

    /// Whether the sender could not use the policy at all. Then mail goes on as without MTA-STS:
    /// it arrives, and nothing protects it.
    #[must_use]
    pub fn is_of_policy(&self) -> bool {
        matches!(
            self,
            Self::StsPolicyFetchError | Self::StsPolicyInvalid | Self::StsWebpkiInvalid
        )
    }

    fn page(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::StarttlsNotSupported => (
                "starttls-not-supported",
                "The mail server did not offer encryption",
                "Turn on STARTTLS on this server. If it is on, look for a firewall that filters \
                 SMTP, or for a spare server behind the same name that was set up without it.",
            ),
            Self::CertificateHostMismatch => (
                "certificate-host-mismatch",
                "The certificate does not name the mail server",
                "Get a certificate with the name of the MX record in it. If the name is another \
                 on purpose, let the MX record point to that one. See also that the policy lists \
                 this server.",
            ),
            Self::CertificateExpired => (
                "certificate-expired",
                "The certificate had run out",
                "Renew it, and restart the mail server so that it uses the new one. See that it \
                 is renewed by itself from now on.",
            ),
            Self::CertificateNotTrusted => (
                "certificate-not-trusted",
                "The certificate comes from nobody whom the sender trusts",
                "Use a certificate of a public authority, and install the whole chain: the \
                 certificate with its intermediates.",
            ),
            Self::ValidationFailure => (
                "validation-failure",
                "The encrypted connection could not be set up, for a reason of its own",
                "Check the mail server here: step 1 tries the handshake. A few of these among \
                 many good sessions are mostly broken connections. What senders add to it, if \
                 anything, tells more.",
            ),
            Self::TlsaInvalid => (
                "tlsa-invalid",
                "The TLSA record does not fit the certificate (DANE)",
                "Publish a TLSA record for the present certificate, or remove the old record. \
                 Senders that use DANE keep back mail until then, with or without MTA-STS.",
            ),
            Self::DnssecInvalid => (
                "dnssec-invalid",
                "The signatures of the domain in the DNS are not valid (DNSSEC)",
                "Let your DNS host mend the signatures, or switch DNSSEC off at the registrar. \
                 Many senders do not find your domain at all until then.",
            ),
            Self::DaneRequired => (
                "dane-required",
                "The sender insists on DANE, and the domain has no TLSA record",
                "This is a rule of that sender. Ask it, or publish TLSA records.",
            ),
            Self::StsPolicyFetchError => (
                "sts-policy-fetch-error",
                "The policy file could not be fetched",
                "See that the web address mta-sts.DOMAIN answers everybody over HTTPS, without \
                 redirect, login, country block or protection against robots.",
            ),
            Self::StsPolicyInvalid => (
                "sts-policy-invalid",
                "The policy file could not be understood",
                "Check the domain in step 1: it names the line. Then upload the file of step 2.",
            ),
            Self::StsWebpkiInvalid => (
                "sts-webpki-invalid",
                "The certificate of the web address of the policy was refused",
                "Renew or replace the certificate of mta-sts.DOMAIN: it must name that host, be \
                 in force and come with its intermediates.",
            ),
            Self::Other(code) if code.is_empty() => (
                "",
                "The sender gives no reason",
                "Check the mail servers. If nothing is wrong with them, ask the sender: the \
                 report names a contact.",
            ),
            Self::Other(_) => (
                "",
                "The sender gives a reason that is not in the list of the standard",
                "Check the mail servers. If nothing is wrong with them, ask the sender: the \
                 report names a contact.",
            ),
        }
    }
}

impl From<String> for FailureResult {
    fn from(code: String) -> Self {
        let known = Self::NAMED.into_iter().find(|named| named.code() == code);
        known.unwrap_or(Self::Other(code))
    }
}

impl From<FailureResult> for String {
    fn from(result: FailureResult) -> Self {
        result.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_result_type_of_the_standard_is_known_and_has_its_own_advice() {
        // RFC 8460 4.3, copied.
        let codes = [
            "starttls-not-supported",
            "certificate-host-mismatch",
            "certificate-expired",
            "certificate-not-trusted",
            "validation-failure",
            "tlsa-invalid",
            "dnssec-invalid",
            "dane-required",
            "sts-policy-fetch-error",
            "sts-policy-invalid",
            "sts-webpki-invalid",
        ];
        let mut advice = BTreeSet::new();
        for (code, named) in codes.into_iter().zip(FailureResult::NAMED) {
            assert_eq!(FailureResult::from(code.to_owned()), named);
            assert_eq!(String::from(named.clone()), code);
            assert!(advice.insert(named.advice()), "{code}");
        }
        assert_eq!(advice.len(), 11);
    }

    #[test]
    fn a_result_type_of_tomorrow_is_kept_as_it_is() {
        let result = FailureResult::from("sts-quantum".to_owned());
        assert_eq!(result.code(), "sts-quantum");
        assert!(!result.is_of_policy());
        assert!(result.title().contains("not in the list"));
    }
}
