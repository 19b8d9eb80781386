//! The web sites of a scenario: its policy host, other hosts with the policy, and the host at which the
//! DNS provider describes itself.

use std::collections::BTreeMap;
use std::time::Duration;

use super::page::{policy_page, policy_page_over_ipv6};
use super::{absolute, domain_connect, policy_host};
use crate::authority::Authority;
use crate::error::LabError;
use crate::https::{Document, Page, Site};
use crate::scenario::{CertificateSettings, Scenario, StrayPolicy, TlsBehaviour};
use crate::tls::TlsDoor;

/// A new customer of the web host.
#[derive(Debug)]
pub(crate) struct Tenancy {
    pub(crate) host: String,
    pub(crate) site: Option<Site>,
    /// After this, later changes show.
    pub(crate) delay: Duration,
}

/// The customers of a scenario. A policy host without a site is one all the same, so that a
/// publication finds a place.
pub(super) fn of(scenario: &Scenario, authority: &Authority) -> Result<Vec<Tenancy>, LabError> {
    let Scenario { domain, web, .. } = scenario;
    let host = policy_host(domain);
    let mut site = None;
    if scenario.published {
        let certificate = authority.issue(&host, &web.certificate)?;
        site = Some(Site {
            door: TlsDoor::new(web.tls, certificate, None)?,
            page: policy_page(scenario)?,
            page_over_ipv6: policy_page_over_ipv6(scenario)?,
        });
    }
    let mut tenancies = Vec::new();
    for StrayPolicy { host: stray, path } in &web.strays {
        let stray = absolute(stray, domain);
        let document = Document::plain_text(scenario.policy_body());
        if stray != host {
            let page = Page::Documents(BTreeMap::from([(path.clone(), document)]));
            tenancies.push(Tenancy {
                site: Some(good_site(&stray, page, authority)?),
                host: stray,
                delay: Duration::ZERO,
            });
        } else if let Some(Site {
            page: Page::Documents(documents),
            ..
        }) = &mut site
        {
            documents.insert(path.clone(), document);
        }
    }
    if let Some(answer) = scenario.dns.domain_connect {
        tenancies.push(Tenancy {
            host: domain_connect::host(domain),
            site: Some(domain_connect::site(answer, domain, authority)?),
            delay: Duration::ZERO,
        });
    }
    tenancies.push(Tenancy {
        host,
        site,
        delay: Duration::from_secs(scenario.publishing.web_delay_secs.into()),
    });
    Ok(tenancies)
}

/// A site without faults.
pub(crate) fn good_site(host: &str, page: Page, authority: &Authority) -> Result<Site, LabError> {
    let certificate = authority.issue(host, &CertificateSettings::default())?;
    let door = TlsDoor::new(TlsBehaviour::Modern, certificate, None)?;
    Ok(Site {
        door,
        page,
        page_over_ipv6: None,
    })
}
