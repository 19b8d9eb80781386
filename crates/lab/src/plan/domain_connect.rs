//! Domain Connect: the host at which the DNS provider of a domain describes itself, and what it answers
//! there.

use std::collections::BTreeMap;

use hyper::StatusCode;
use hyper::header::HeaderValue;

use crate::authority::Authority;
use crate::error::LabError;
use crate::https::{Document, Page, Site};
use crate::scenario::{CertificateKind, CertificateSettings, DomainConnect, TlsBehaviour};
use crate::tls::TlsDoor;

const SETTINGS: &str = r#"{
  "providerId": "practice-dns.example",
  "providerName": "Practice DNS",
  "providerDisplayName": "Practice DNS",
  "urlSyncUX": "https://panel.practice-dns.example/connect",
  "urlAPI": "https://api.practice-dns.example/connect",
  "width": 750,
  "height": 750,
  "urlControlPanel": "https://panel.practice-dns.example/zones/%domain%",
  "nameServers": ["ns1.practice-dns.example", "ns2.practice-dns.example"]
}
"#;

/// Where a redirect leads to. The settings there are good, so that whoever follows it is noticed.
const ELSEWHERE: &str = "/settings";

/// The most bytes that a client reads.
const LIMIT_BYTES: usize = 64 * 1024;

/// The name of the TXT record.
pub(super) fn record_name(domain: &str) -> String {
    format!("_domainconnect.{domain}")
}

/// The host that the TXT record names.
pub(super) fn host(domain: &str) -> String {
    format!("domainconnect.{domain}")
}

/// The web site of that host.
pub(super) fn site(
    answer: DomainConnect,
    domain: &str,
    authority: &Authority,
) -> Result<Site, LabError> {
    let host = host(domain);
    let json = |body: String| Document {
        content_type: HeaderValue::from_static("application/json"),
        ..Document::plain_text(body)
    };
    let document = match answer {
        DomainConnect::Settings | DomainConnect::UnknownRoot => json(SETTINGS.to_owned()),
        DomainConnect::WrongType => json(SETTINGS.replace("\"Practice DNS\"", "42")),
        // Spaces behind JSON are still JSON: nothing but the size is wrong.
        DomainConnect::TooLarge => json(format!("{SETTINGS}{}", " ".repeat(LIMIT_BYTES))),
        DomainConnect::PlainHttp => json(SETTINGS.replace("https://panel", "http://panel")),
        DomainConnect::Redirect => Document {
            status: StatusCode::MOVED_PERMANENTLY,
            location: Some(HeaderValue::from_static(ELSEWHERE)),
            ..Document::plain_text("moved\r\n")
        },
    };
    let page = Page::Documents(BTreeMap::from([
        (format!("/v2/{domain}/settings"), document),
        (ELSEWHERE.to_owned(), json(SETTINGS.to_owned())),
    ]));
    let mut settings = CertificateSettings::default();
    if answer == DomainConnect::UnknownRoot {
        settings.kind = CertificateKind::UnknownRoot;
    }
    let certificate = authority.issue(&host, &settings)?;
    Ok(Site {
        door: TlsDoor::new(TlsBehaviour::Modern, certificate, None)?,
        page,
        page_over_ipv6: None,
    })
}
