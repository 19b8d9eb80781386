//! Domain Connect: what the DNS provider says of itself. One TXT query, and one GET from the host that
//! it names: with a valid certificate, without a redirect, bounded in size and time.

use std::net::SocketAddr;
use std::time::Duration;

use mta_sts_core::HttpsAddress;
use mta_sts_core::facts::{DomainConnect, FailureKind, Observed, ProbeFailure};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING};
use reqwest::{StatusCode, Url};
use tokio::time::timeout;

use crate::endpoints::HTTPS_PORT;
use crate::failure;
use crate::https::{client, of_http};
use crate::run::Run;

/// Longer settings are refused.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// More addresses of the host than this are not tried.
const MAX_ADDRESSES: usize = 4;

/// Ends `within` this time. Not asked where the zone names no host.
pub(crate) async fn observe(run: &Run<'_>, within: Duration) -> Observed<DomainConnect> {
    match timeout(within, ask(run, within)).await {
        Ok(seen) => seen,
        Err(_) => Observed::Failed(failure::timed_out("no complete answer", within)),
    }
}

async fn ask(run: &Run<'_>, within: Duration) -> Observed<DomainConnect> {
    let domain = &run.options.domain;
    let name = domain.domain_connect_record_name();
    let texts = match run.resolvers.txt(&name).await {
        Observed::Seen(answer) => answer.records,
        Observed::Failed(failure) => return Observed::Failed(failure),
        Observed::NotAsked => return Observed::NotAsked,
    };
    let [text] = texts.as_slice() else {
        return Observed::NotAsked;
    };
    // A wildcard, for example, answers with a text for something else.
    let Some(address) = DomainConnect::settings_address(text, domain) else {
        return Observed::NotAsked;
    };
    let settings = match fetch(run, &address, within).await {
        Ok(settings) => settings,
        Err(failure) => return Observed::Failed(failure),
    };
    match DomainConnect::read(&settings, domain) {
        Ok(provider) => Observed::Seen(provider),
        Err(error) => Observed::Failed(other(error.to_string())),
    }
}

async fn fetch(
    run: &Run<'_>,
    address: &HttpsAddress,
    within: Duration,
) -> Result<Vec<u8>, ProbeFailure> {
    // The client connects to the addresses of this very name and looks up no other.
    let url = Url::parse(address.as_str()).map_err(|_| other("this address is invalid"))?;
    let host = url.domain().ok_or_else(|| other("this host has no name"))?;
    let found = match run.resolvers.addresses(host).await {
        Observed::Seen(answer) => answer.records,
        Observed::Failed(failure) => return Err(failure),
        Observed::NotAsked => Vec::new(),
    };
    found.iter().try_for_each(|ip| run.allows(*ip))?;
    let routed = found.iter().take(MAX_ADDRESSES);
    let addresses: Vec<SocketAddr> = routed
        .filter_map(|ip| run.network.routes.to(SocketAddr::new(*ip, HTTPS_PORT)))
        .collect();
    if addresses.is_empty() {
        return Err(other("no address of the host can be connected to"));
    }
    let client = client(host, &addresses, run.network.web_tls.clone(), within)
        .map_err(|_| other("the connection could not be set up"))?;
    let failed = |error: reqwest::Error| of_http(&error, within);
    let request = client
        .get(url.clone())
        .header(ACCEPT, "application/json")
        .header(ACCEPT_ENCODING, "identity");
    let mut answer = request.send().await.map_err(failed)?;
    if answer.status() != StatusCode::OK {
        let status = answer.status().as_u16();
        return Err(other(format!(
            "the web server answered with status {status}"
        )));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(other("the settings have more than 64 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn other(detail: impl Into<String>) -> ProbeFailure {
    ProbeFailure::new(FailureKind::Other, detail)
}
