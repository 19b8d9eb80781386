//! The name in an MX record as a line of a policy. Anything can be in an MX record; a policy must
//! list hosts that other mail servers can find and check.

use std::net::IpAddr;

use crate::text::mx_pattern::{MxPattern, MxPatternError};

/// Why a policy can’t list the host of an MX record. Completes the sentence “… was left out: ”.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailHostError {
    /// A `*`. As a line of a policy it would stand for every host below.
    #[error("a host name can’t contain a wildcard")]
    Wildcard,
    /// An address.
    #[error("an MX record must have a host name, and this is an IP address")]
    Address,
    /// `localhost` and every name below it (RFC 6761 6.3).
    #[error("this name means the sending server itself")]
    Localhost,
    /// One label.
    #[error("the name has no dot, so other mail servers can’t find it")]
    OneLabel,
    /// No host name at all.
    #[error(transparent)]
    Invalid(MxPatternError),
}

impl MxPattern {
    /// The line for exactly one host, as an MX record names it. One dot at the end is ignored.
    ///
    /// ```
    /// use mta_sts_core::{MailHostError, MxPattern};
    /// assert_eq!(MxPattern::of_host("MX.example.com.")?.as_str(), "mx.example.com");
    /// assert_eq!(MxPattern::of_host("*.example.com"), Err(MailHostError::Wildcard));
    /// # Ok::<(), MailHostError>(())
    /// ```
    ///
    /// # Errors
    /// [`MailHostError`] if no other mail server could find or check such a host.
    pub fn of_host(host: &str) -> Result<Self, MailHostError> {
        let name = host.strip_suffix('.').unwrap_or(host);
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let last = name.rsplit('.').next().unwrap_or_default();
        if name.contains('*') {
            Err(MailHostError::Wildcard)
        } else if is_address {
            Err(MailHostError::Address)
        } else if last.eq_ignore_ascii_case("localhost") {
            Err(MailHostError::Localhost)
        } else {
            match Self::parse(name) {
                Ok(_) if !name.contains('.') => Err(MailHostError::OneLabel),
                parsed => parsed.map_err(MailHostError::Invalid),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_others_can_find_is_a_line() {
        for host in ["mx.example.com", "MX.Example.COM.", "1.2.3.4.example"] {
            let name = host.trim_end_matches('.').to_lowercase();
            assert_eq!(MxPattern::of_host(host).unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_no_other_mail_server_can_find_is_none() {
        use MailHostError::{Address, Invalid, Localhost, OneLabel, Wildcard};
        for (host, error) in [
            ("*.example.com", Wildcard),
            ("*", Wildcard),
            ("mx*.example.com", Wildcard),
            ("192.0.2.25", Address),
            ("2001:db8::25", Address),
            ("[192.0.2.25]", Address),
            ("localhost", Localhost),
            ("LocalHost.", Localhost),
            ("mx.localhost", Localhost),
            ("mail", OneLabel),
            ("mx_1.example.com", Invalid(MxPatternError::Underscore)),
            ("", Invalid(MxPatternError::Empty)),
        ] {
            assert_eq!(MxPattern::of_host(host), Err(error), "{host}");
        }
    }
}
