//! What every fetch over HTTPS shares: a client that follows nothing and looks nothing up, and its
//! errors in plain words.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mta_sts_core::facts::{FailureKind, ProbeFailure};
use reqwest::redirect::Policy as Redirects;
use reqwest::{Client, retry};

use crate::failure;

/// The most header lines that are read.
const MAX_HEADERS: usize = 1_000;

/// A client for one fetch from a host at these addresses, the first that answers. The port is that of
/// the address, because the URLs have none.
pub(crate) fn client(
    host: &str,
    addresses: &[SocketAddr],
    config: rustls::ClientConfig,
    connect: Duration,
) -> Result<Client, reqwest::Error> {
    Client::builder()
        .tls_backend_preconfigured(config)
        .resolve_to_addrs(host, addresses)
        .user_agent(concat!(
            env!("CARGO_PKG_NAME"),
            "/",
            env!("CARGO_PKG_VERSION")
        ))
        .connect_timeout(connect)
        .redirect(Redirects::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .http1_max_headers(MAX_HEADERS)
        .https_only(true)
        .pool_max_idle_per_host(0)
        .build()
}

/// The kind of a client error: socket or TLS trouble if that is the cause, otherwise an answer that
/// is not HTTP.
pub(crate) fn of_http(error: &reqwest::Error, connect: Duration) -> ProbeFailure {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            // The client wraps an error of the handshake in one of the socket.
            let handshaking = io
                .get_ref()
                .is_some_and(<dyn Error + Send + Sync>::is::<io::Error>);
            let failure = if handshaking {
                failure::of_handshake(io)
            } else {
                failure::of_io(io)
            };
            // What the library says of an answer comes as such an error too, without a number of the
            // system.
            if failure.kind != FailureKind::Other || io.raw_os_error().is_some() {
                return failure;
            }
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        return failure::timed_out("no connection", connect);
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(http) = inner.downcast_ref::<hyper::Error>() {
            if http.is_incomplete_message() {
                return ProbeFailure::new(FailureKind::CutShort, "");
            }
            if http.is_parse_too_large() {
                return ProbeFailure::new(FailureKind::Http, "its header is too long");
            }
        }
        cause = inner.source();
    }
    ProbeFailure::new(FailureKind::Http, "")
}
