//! Copies of a story under a numbered name.
//!
//! Zone and web sites are new, the mail servers are those of the story: addresses for them are few.

use std::sync::Arc;

use super::{Tenancy, domain_connect, sites, tls_rpt_name, zone};
use crate::authority::Authority;
use crate::error::LabError;
use crate::scenario::{Network, Scenario};
use crate::zone::{Records, Zone};

/// What the copies of a scenario are made from.
#[derive(Debug)]
pub(crate) struct Story {
    scenario: Scenario,
    /// The zone as it was at the beginning.
    records: Arc<Records>,
}

impl Story {
    pub(super) fn new(scenario: Scenario, records: Arc<Records>) -> Self {
        Self { scenario, records }
    }

    /// The network of the story.
    pub(crate) fn network(&self) -> Network {
        self.scenario.network
    }

    /// Zone and web sites of a copy with this domain.
    pub(crate) fn copy(
        &self,
        domain: &str,
        authority: &Authority,
    ) -> Result<(Zone, Vec<Tenancy>), LabError> {
        // Its mail hosts keep their names, so that the policy lists what the MX records name. Mail
        // without an MX record goes to the domain itself.
        let mut copy = Scenario {
            domain: domain.to_owned(),
            ..self.scenario.clone()
        };
        for mx in copy.mx.iter_mut().flatten() {
            if mx.host == self.scenario.domain && !mx.mx_record {
                domain.clone_into(&mut mx.host);
            }
        }
        let mut records = self.records.renamed(domain)?;
        if let Some(texts) = &copy.dns.tls_rpt {
            // Reports that go home go to the home of the copy.
            let [old, new] = [&self.scenario.domain, domain].map(|home| format!("@{home}"));
            let own: Vec<String> = texts.iter().map(|text| text.replace(&old, &new)).collect();
            // Else the name may hold an alias, which stays.
            if own != *texts {
                records.replace_texts(&tls_rpt_name(domain), &own)?;
            }
        }
        if copy.dns.domain_connect.is_some() {
            let host = domain_connect::host(domain);
            records.replace_texts(&domain_connect::record_name(domain), &[host])?;
        }
        let sites = sites::of(&copy, authority)?;
        Ok((zone(&copy, Arc::new(records))?, sites))
    }
}

/// The domain of which this one is a copy by its name: `healthy.example` of `healthy-17.example`.
/// Numbers go from 1 to 9999 and have no leading zeros. Whether there is such a story is not
/// checked.
#[must_use]
pub fn original_of(domain: &str) -> Option<String> {
    const MAX_DIGITS: usize = 4;
    let (label, parent) = domain.split_once('.')?;
    let (name, number) = label.rsplit_once('-')?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let in_range = (1..=MAX_DIGITS).contains(&number.len()) && !number.starts_with('0');
    (digits && in_range).then(|| format!("{name}.{parent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_copy_goes_from_1_to_9999_without_leading_zeros() {
        for (domain, original) in [
            ("healthy-1.example", Some("healthy.example")),
            ("healthy-9999.example", Some("healthy.example")),
            ("port-25-7.example", Some("port-25.example")),
            ("healthy-1-1.example", Some("healthy-1.example")),
            ("d-3.long.example", Some("d.long.example")),
            ("healthy.example", None),
            ("healthy-.example", None),
            ("healthy-0.example", None),
            ("healthy-01.example", None),
            ("healthy-+1.example", None),
            ("healthy-10000.example", None),
            ("healthy-one.example", None),
            ("mta-sts.healthy-1.example", None),
            ("healthy-1", None),
        ] {
            assert_eq!(original_of(domain).as_deref(), original, "{domain}");
        }
    }
}
