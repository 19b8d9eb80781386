//! The policy fetch (RFC 8461 3.3): one GET, no redirect, no cache, bounded in size and time, any
//! certificate. Addresses come from our own lookup. `publication` decides which fetches a check
//! needs.

use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use mta_sts_core::facts::{Body, FailureKind, Observed, PolicyFetch, ProbeFailure, Response};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap,
    HeaderName, LOCATION, TRANSFER_ENCODING,
};
use reqwest::{Client, Url};
use tokio::time::{sleep, timeout_at};

use crate::endpoints::HTTPS_PORT;
use crate::failure;
use crate::https::{client, of_http};
use crate::network::{Network, millis_since};
use crate::run::Run;
use crate::tls::{Capture, Offer, capturing_config};
use crate::trust;

/// Policies beyond this size may be ignored (RFC 8461 3.3).
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest header value that is saved.
const MAX_HEADER_BYTES: usize = 1024;
/// More addresses of the policy host than this are not tried.
const MAX_ADDRESSES: usize = 4;

/// Fetches from the first address that can be connected to; all of it ends `within` this time.
pub(crate) async fn fetch(
    run: &Run<'_>,
    url: &str,
    addresses: &[IpAddr],
    within: Duration,
) -> PolicyFetch {
    let began = Instant::now();
    let deadline = tokio::time::Instant::now() + within;
    let allowed = addresses.iter().filter(|ip| run.allows(**ip).is_ok());
    let allowed: Vec<IpAddr> = allowed.copied().take(MAX_ADDRESSES).collect();
    let refused = addresses.iter().find_map(|ip| run.allows(*ip).err());
    let addresses = allowed.as_slice();
    // As in RFC 8305, the addresses share one limit, so that a dead one cannot use up all the
    // time.
    let each = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    let connect = run.options.timeouts.connect / each.max(1);

    let mut fetched = PolicyFetch {
        ip: None,
        chain: Observed::NotAsked,
        response: refused.map_or(Observed::NotAsked, Observed::Failed),
        millis: 0,
    };
    for &ip in addresses {
        let mut attempt = match Attempt::new(run.network, url, ip, connect) {
            Ok(attempt) => attempt,
            Err(failure) => {
                fetched.response = Observed::Failed(failure);
                break;
            }
        };
        let outcome = timeout_at(deadline, attempt.get()).await;
        let certificates = attempt.capture.certificates();
        let stood = attempt.answered || !certificates.is_empty();
        let host = attempt.url.host_str().unwrap_or_default();
        fetched.chain = trust::chain(certificates, host, &run.network.anchors, run.at);
        fetched.response = match outcome {
            Ok(Ok(response)) => Observed::Seen(response),
            Ok(Err(failure)) => Observed::Failed(failure),
            Err(_) => Observed::Failed(failure::timed_out(
                &format!(
                    "the answer was incomplete ({} bytes arrived)",
                    attempt.body.len()
                ),
                within,
            )),
        };
        let never_stood = |failure: &ProbeFailure| {
            !stood
                && matches!(
                    failure.kind,
                    FailureKind::Refused
                        | FailureKind::Forbidden
                        | FailureKind::Unreachable
                        | FailureKind::TimedOut
                )
        };
        if !fetched.response.failed().is_some_and(never_stood) {
            fetched.ip = Some(ip);
            break;
        }
        if tokio::time::Instant::now() >= deadline {
            break;
        }
    }
    fetched.millis = millis_since(began);
    fetched
}

/// One GET from one address.
struct Attempt {
    url: Url,
    /// `None` for an address without a route.
    client: Option<Client>,
    capture: Arc<Capture>,
    connect: Duration,
    /// Whether the header of an answer arrived.
    answered: bool,
    body: Vec<u8>,
}

impl Attempt {
    fn new(
        network: &Network,
        url: &str,
        ip: IpAddr,
        connect: Duration,
    ) -> Result<Self, ProbeFailure> {
        let url = Url::parse(url)
            .map_err(|_| ProbeFailure::new(FailureKind::Other, "this address is invalid"))?;
        let (mut config, capture) = capturing_config(&network.provider, Offer::Usual)
            .map_err(|error| failure::of_tls(&error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let address = network.routes.to(SocketAddr::new(ip, HTTPS_PORT));
        let client = address
            .map(|address| {
                client(
                    url.host_str().unwrap_or_default(),
                    &[address],
                    config,
                    connect,
                )
            })
            .transpose();
        let client = client.map_err(|_| {
            ProbeFailure::new(FailureKind::Other, "the connection could not be set up")
        })?;
        Ok(Self {
            url,
            client,
            capture,
            connect,
            answered: false,
            body: Vec::new(),
        })
    }

    async fn get(&mut self) -> Result<Response, ProbeFailure> {
        let Some(client) = &self.client else {
            sleep(self.connect).await;
            return Err(failure::timed_out("no connection", self.connect));
        };
        // Senders differ on which packed bodies they can read, so none is asked for.
        let request = client.get(self.url.clone());
        let request = request
            .header(ACCEPT, "text/plain")
            .header(ACCEPT_ENCODING, "identity");
        let connect = self.connect;
        let failed = |error: reqwest::Error| of_http(&error, connect);
        let mut answer = request.send().await.map_err(failed)?;
        self.answered = true;
        let mut too_large = false;
        // Without a length, the end of the connection is the end of the file. Many servers close it
        // without the closing alert of TLS, and senders accept the file anyway.
        let ends_by_closing =
            answer.content_length().is_none() && !answer.headers().contains_key(TRANSFER_ENCODING);
        let answer_length = answer.content_length();
        loop {
            let chunk = match answer.chunk().await.map_err(failed) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(failure) if ends_by_closing && failure.kind == FailureKind::Closed => break,
                Err(failure)
                    if matches!(failure.kind, FailureKind::Closed | FailureKind::CutShort) =>
                {
                    let arrived = self.body.len();
                    let of =
                        answer_length.map_or_else(String::new, |length| format!(" of {length}"));
                    let detail = format!("{arrived}{of} bytes arrived");
                    return Err(ProbeFailure::new(FailureKind::CutShort, detail));
                }
                Err(failure) => return Err(failure),
            };
            let room = MAX_BODY_BYTES - self.body.len();
            self.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                too_large = true;
                break;
            }
        }
        let content_encoding = header(answer.headers(), &CONTENT_ENCODING);
        let packed = std::mem::take(&mut self.body);
        let (body, unpacks_beyond) = unpacked(packed, content_encoding.as_deref());
        too_large |= unpacks_beyond;
        Ok(Response {
            status: answer.status().as_u16(),
            content_type: header(answer.headers(), &CONTENT_TYPE),
            location: header(answer.headers(), &LOCATION),
            age_secs: header(answer.headers(), &AGE).and_then(|age| age.trim().parse().ok()),
            cache_control: header(answer.headers(), &CACHE_CONTROL),
            content_encoding,
            body: Body(body),
            too_large,
        })
    }
}

/// The body as it was before it was packed (RFC 9110 8.4.1), and whether it goes on beyond the limit.
/// As it came, where the packing is not known here or the body is damaged.
fn unpacked(body: Vec<u8>, encoding: Option<&str>) -> (Vec<u8>, bool) {
    let encoding = encoding.unwrap_or_default().trim().to_ascii_lowercase();
    let mut plain = Vec::new();
    let limit = MAX_BODY_BYTES as u64 + 1;
    let read = match encoding.as_str() {
        "gzip" | "x-gzip" => MultiGzDecoder::new(&body[..])
            .take(limit)
            .read_to_end(&mut plain),
        "deflate" => ZlibDecoder::new(&body[..])
            .take(limit)
            .read_to_end(&mut plain),
        _ => return (body, false),
    };
    if read.is_err() {
        return (body, false);
    }
    let is_beyond = plain.len() > MAX_BODY_BYTES;
    plain.truncate(MAX_BODY_BYTES);
    (plain, is_beyond)
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| {
        let bytes = value.as_bytes();
        String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_HEADER_BYTES)]).into_owned()
    })
}
