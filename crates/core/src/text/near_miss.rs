//! Where records and policies end up by mistake: the names and addresses beside the right ones
//! that a probe asks where the right one has nothing good, and that the rules tell.

use crate::text::domain::Domain;
use crate::text::domain::MAX_NAME_OCTETS;

/// Labels in front of the domain that were meant as `_mta-sts`.
const RECORD_LABELS: [&str; 5] = ["mta-sts", "_mta_sts", "_mtasts", "mta_sts", "_.mta-sts"];
/// Labels in front of the domain that were meant as `_smtp._tls`. `_smtp-tlsrpt` and `_tlsrpt` are
/// names of drafts before RFC 8460.
const TLS_RPT_LABELS: [&str; 6] = [
    "_smtp.tls",
    "_tlsrpt",
    "_smtp-tlsrpt",
    "_smtp_tls",
    "smtp._tls",
    "_tls",
];

impl Domain {
    /// Names at which the MTA-STS record is found by mistake, the likeliest first: the domain
    /// itself, the name with the domain twice, names that look alike. Lower case, no trailing dot.
    ///
    /// ```
    /// let domain = mta_sts_core::Domain::parse("example.com")?;
    /// let names = domain.record_near_misses();
    /// assert_eq!(names[..2], ["example.com", "_mta-sts.example.com.example.com"]);
    /// # Ok::<(), mta_sts_core::DomainError>(())
    /// ```
    #[must_use]
    pub fn record_near_misses(&self) -> Vec<String> {
        let first = [self.to_string(), self.twice(&self.mta_sts_record_name())];
        self.names(first, &RECORD_LABELS)
    }

    /// Names at which the TLS-RPT record is found by mistake: the name with the domain twice,
    /// then names that look alike. Lower case, no trailing dot.
    #[must_use]
    pub fn tls_rpt_near_misses(&self) -> Vec<String> {
        self.names([self.twice(&self.tls_rpt_record_name())], &TLS_RPT_LABELS)
    }

    /// Addresses at which the policy file is found by mistake: at the domain itself, at its `www`
    /// host, outside the folder `.well-known`, with the ending doubled.
    #[must_use]
    pub fn policy_near_misses(&self) -> Vec<String> {
        let host = self.policy_host();
        vec![
            format!("https://{self}/.well-known/mta-sts.txt"),
            format!("https://www.{self}/.well-known/mta-sts.txt"),
            format!("https://{host}/mta-sts.txt"),
            format!("https://{host}/.well-known/mta-sts.txt.txt"),
        ]
    }

    /// The name with the domain once more: a form added the domain that was typed already.
    pub(crate) fn twice(&self, name: &str) -> String {
        format!("{name}.{self}")
    }

    fn names(&self, first: impl IntoIterator<Item = String>, labels: &[&str]) -> Vec<String> {
        let alike = labels.iter().map(|label| format!("{label}.{self}"));
        first
            .into_iter()
            .chain(alike)
            .filter(|name| name.len() <= MAX_NAME_OCTETS)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_beside_the_right_one() {
        let domain = Domain::parse("example.com").unwrap();
        assert_eq!(
            domain.record_near_misses(),
            [
                "example.com",
                "_mta-sts.example.com.example.com",
                "mta-sts.example.com",
                "_mta_sts.example.com",
                "_mtasts.example.com",
                "mta_sts.example.com",
                "_.mta-sts.example.com",
            ]
        );
        assert_eq!(
            domain.tls_rpt_near_misses(),
            [
                "_smtp._tls.example.com.example.com",
                "_smtp.tls.example.com",
                "_tlsrpt.example.com",
                "_smtp-tlsrpt.example.com",
                "_smtp_tls.example.com",
                "smtp._tls.example.com",
                "_tls.example.com",
            ]
        );
        assert_eq!(
            domain.policy_near_misses(),
            [
                "https://example.com/.well-known/mta-sts.txt",
                "https://www.example.com/.well-known/mta-sts.txt",
                "https://mta-sts.example.com/mta-sts.txt",
                "https://mta-sts.example.com/.well-known/mta-sts.txt.txt",
            ]
        );
    }

    #[test]
    fn no_right_name_is_among_them_and_none_is_there_twice() {
        let domain = Domain::parse("example.com").unwrap();
        let mut names = domain.record_near_misses();
        names.extend(domain.tls_rpt_near_misses());
        names.extend(domain.policy_near_misses());
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        for right in [
            domain.mta_sts_record_name(),
            domain.tls_rpt_record_name(),
            domain.policy_url(),
        ] {
            assert!(!names.contains(&right), "{right}");
        }
    }

    #[test]
    fn a_name_that_no_dns_question_can_hold_is_left_out() {
        let label = "a".repeat(60);
        let domain = Domain::parse(&format!("{label}.{label}.example")).unwrap();
        assert_eq!(domain.record_near_misses().len(), 6);
        assert_eq!(domain.tls_rpt_near_misses().len(), 6);
    }
}
