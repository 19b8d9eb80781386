//! Why a session failed: the result types of RFC 8460 4.3.

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
    pub(crate) const NAMED: [Self; 11] = [
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

    /// Whether the sender could not use the policy at all. Then mail goes on as without MTA-STS:
    /// it arrives, and nothing protects it.
    #[must_use]
    pub(crate) fn is_of_policy(&self) -> bool {
        matches!(
            self,
            Self::StsPolicyFetchError | Self::StsPolicyInvalid | Self::StsWebpkiInvalid
        )
    }

    fn page(&self) -> (&'static str, &'static str) {
        match self {
            Self::StarttlsNotSupported => (
                "starttls-not-supported",
                "The mail server didn’t offer encryption",
            ),
            Self::CertificateHostMismatch => (
                "certificate-host-mismatch",
                "The certificate doesn’t name the mail server",
            ),
            Self::CertificateExpired => ("certificate-expired", "The certificate had expired"),
            Self::CertificateNotTrusted => (
                "certificate-not-trusted",
                "The sender doesn’t trust the issuer of the certificate",
            ),
            Self::ValidationFailure => {
                ("validation-failure", "Encryption failed for another reason")
            }
            Self::TlsaInvalid => (
                "tlsa-invalid",
                "The TLSA record doesn’t match the certificate (DANE)",
            ),
            Self::DnssecInvalid => (
                "dnssec-invalid",
                "The domain’s DNSSEC signatures aren’t valid",
            ),
            Self::DaneRequired => (
                "dane-required",
                "The sender insists on DANE, but the domain has no TLSA record",
            ),
            Self::StsPolicyFetchError => (
                "sts-policy-fetch-error",
                "The sender couldn’t fetch the policy file",
            ),
            Self::StsPolicyInvalid => ("sts-policy-invalid", "The policy file isn’t valid"),
            Self::StsWebpkiInvalid => (
                "sts-webpki-invalid",
                "The sender rejected the certificate of the policy host",
            ),
            Self::Other(code) if code.is_empty() => ("", "The sender gives no reason"),
            Self::Other(_) => ("", "The sender gives a non-standard reason"),
        }
    }
}

impl From<String> for FailureResult {
    fn from(code: String) -> Self {
        let known = Self::NAMED
            .into_iter()
            .find(|named| named.code().eq_ignore_ascii_case(&code));
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
    use super::*;

    #[test]
    fn every_result_type_of_the_standard_is_known() {
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
        for (code, named) in codes.into_iter().zip(FailureResult::NAMED) {
            assert_eq!(FailureResult::from(code.to_owned()), named);
            assert_eq!(String::from(named), code);
        }
    }

    #[test]
    fn a_result_type_of_tomorrow_is_kept_as_it_is() {
        let result = FailureResult::from("sts-quantum".to_owned());
        assert_eq!(result.code(), "sts-quantum");
        assert!(!result.is_of_policy());
        assert!(result.title().contains("non-standard"));
    }
}
