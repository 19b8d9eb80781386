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
                "The mail server didn’t offer encryption",
                "Turn on STARTTLS on this server. If it is on, look for a firewall that filters \
                 SMTP, or for a backup server behind the same name that was set up without it.",
            ),
            Self::CertificateHostMismatch => (
                "certificate-host-mismatch",
                "The certificate doesn’t name the mail server",
                "Get a certificate that contains the name in the MX record. If it has another name \
                 on purpose, point the MX record to that name. Also make sure that the policy \
                 lists this server.",
            ),
            Self::CertificateExpired => (
                "certificate-expired",
                "The certificate had expired",
                "Renew it, and restart the mail server so that it uses the new one. Make sure that \
                 it renews automatically from now on.",
            ),
            Self::CertificateNotTrusted => (
                "certificate-not-trusted",
                "The sender doesn’t trust the issuer of the certificate",
                "Use a certificate from a public authority, and install the whole chain: the \
                 certificate with its intermediates.",
            ),
            Self::ValidationFailure => (
                "validation-failure",
                "Encryption failed for another reason",
                "Check the mail server in step 1, which tries the handshake. A few of these among \
                 many good connections are mostly dropped connections. If a sender adds a remark, \
                 it tells you more.",
            ),
            Self::TlsaInvalid => (
                "tlsa-invalid",
                "The TLSA record doesn’t match the certificate (DANE)",
                "Publish a TLSA record for the current certificate, or remove the old record. \
                 Until then, senders that use DANE hold mail back, with or without MTA-STS.",
            ),
            Self::DnssecInvalid => (
                "dnssec-invalid",
                "The domain’s DNSSEC signatures aren’t valid",
                "Ask your DNS provider to fix the signatures, or switch DNSSEC off at the \
                 registrar. Until then, many senders can’t find your domain at all.",
            ),
            Self::DaneRequired => (
                "dane-required",
                "The sender insists on DANE, but the domain has no TLSA record",
                "This is the sender’s own rule. Ask the sender about it, or publish TLSA records.",
            ),
            Self::StsPolicyFetchError => (
                "sts-policy-fetch-error",
                "The sender couldn’t fetch the policy file",
                "Make sure that the policy host (mta-sts in front of your domain) answers \
                 everybody over HTTPS, without a redirect, login, country block or bot protection.",
            ),
            Self::StsPolicyInvalid => (
                "sts-policy-invalid",
                "The policy file isn’t valid",
                "Check the domain in step 1, which names the line. Then upload the file from step \
                 2.",
            ),
            Self::StsWebpkiInvalid => (
                "sts-webpki-invalid",
                "The sender rejected the certificate of the policy host",
                "Renew or replace the certificate of the policy host (mta-sts in front of your \
                 domain). It must name that host, be valid now and come with its intermediates.",
            ),
            Self::Other(code) if code.is_empty() => (
                "",
                "The sender gives no reason",
                "Check the mail servers. If nothing is wrong with them, ask the sender. The report \
                 names a contact.",
            ),
            Self::Other(_) => (
                "",
                "The sender gives a non-standard reason",
                "Check the mail servers. If nothing is wrong with them, ask the sender. The report \
                 names a contact.",
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
        assert!(result.title().contains("non-standard"));
    }
}
