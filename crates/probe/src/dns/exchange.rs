//! One question to one server, over UDP and, where the answer does not fit, over TCP. Both sockets
//! live in the future of the exchange: dropping it closes them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use hickory_net::h2::HttpsClientStream;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::udp::UdpClientStream;
use hickory_net::xfer::DnsRequestSender as _;
use hickory_net::{DnsError, NetError};
use hickory_proto::op::{DnsRequest, DnsRequestOptions, Message, Query, ResponseCode};
use mta_sts_core::facts::{FailureKind, ProbeFailure};
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Checking;
use crate::failure;

/// A question as it goes out.
pub(super) fn request(
    question: &Query,
    recursion: bool,
    checking: Checking,
    within: Duration,
) -> DnsRequest {
    let mut options = DnsRequestOptions::default();
    options.recursion_desired = recursion;
    // Against lost packets: sent again after a quarter of the time, and after half of it.
    options.retry_interval = within / 4;
    let mut request = DnsRequest::from_query(question.clone(), options);
    request.metadata.checking_disabled = checking == Checking::Disabled;
    // Asks a validating resolver to say so where the answer is signed (RFC 6840 5.7).
    request.metadata.authentic_data = recursion;
    request
}

/// Asks over UDP, then over TCP if the answer is cut short (RFC 7766 5). The UDP client of hickory
/// guards against forged answers: its port and id are random, and the question has to come back.
pub(super) async fn over_udp(
    server: SocketAddr,
    request: DnsRequest,
    within: Duration,
) -> Result<Message, ProbeFailure> {
    let mut udp = UdpClientStream::builder(server, TokioRuntimeProvider::new())
        .with_timeout(Some(within))
        .with_max_retries(3)
        // Ports chosen by the program itself make Windows ask for a firewall exception.
        .with_os_port_selection(true)
        .build();
    match udp.send_message(request.clone()).next().await {
        Some(Ok(response)) if response.truncation => over_tcp(server, &request).await,
        Some(Ok(response)) => Ok(response.into_message()),
        Some(Err(error)) => Err(of_net(&error)),
        None => Err(failure::timed_out("no answer", within)),
    }
}

/// Asks over HTTPS (RFC 8484), on a connection for this question alone.
pub(super) async fn over_https(
    server: SocketAddr,
    request: DnsRequest,
    host: &Arc<str>,
    path: &Arc<str>,
    tls: &Arc<ClientConfig>,
) -> Result<Message, ProbeFailure> {
    let builder = HttpsClientStream::builder(Arc::clone(tls), TokioRuntimeProvider::new());
    let connected = builder.build(server, Arc::clone(host), Arc::clone(path));
    let mut https = connected.await.map_err(|error| of_net(&error))?;
    match https.send_message(request).next().await {
        Some(Ok(response)) => Ok(response.into_message()),
        Some(Err(error)) => Err(of_net(&error)),
        None => Err(ProbeFailure::new(FailureKind::Closed, "no answer arrived")),
    }
}

async fn over_tcp(server: SocketAddr, request: &Message) -> Result<Message, ProbeFailure> {
    let io = |error: io::Error| failure::of_io(&error);
    let malformed = |what: &str| ProbeFailure::new(FailureKind::Other, format!("over TCP: {what}"));
    let query = request
        .to_vec()
        .map_err(|_| malformed("the query could not be written"))?;
    let length = u16::try_from(query.len()).map_err(|_| malformed("the query is too long"))?;
    let mut stream = TcpStream::connect(server).await.map_err(io)?;
    stream
        .write_all(&[&length.to_be_bytes()[..], &query].concat())
        .await
        .map_err(io)?;
    let length = stream.read_u16().await.map_err(io)?;
    let mut reply = vec![0; usize::from(length)];
    stream.read_exact(&mut reply).await.map_err(io)?;
    let reply = Message::from_vec(&reply).map_err(|_| malformed("the answer is damaged"))?;
    if reply.id != request.id || reply.queries != request.queries {
        return Err(malformed("the answer is to another query"));
    }
    if reply.truncation {
        return Err(malformed("the answer is cut short"));
    }
    Ok(reply)
}

fn of_net(error: &NetError) -> ProbeFailure {
    match error {
        NetError::Timeout => ProbeFailure::new(FailureKind::TimedOut, ""),
        NetError::Io(io) => failure::of_io(io),
        NetError::Dns(DnsError::ResponseCode(code)) => refusal(*code),
        _ => ProbeFailure::new(FailureKind::Other, "the answer could not be used"),
    }
}

/// A response code other than "here it is" and "no such name".
pub(super) fn refusal(code: ResponseCode) -> ProbeFailure {
    match code {
        ResponseCode::ServFail => ProbeFailure::new(FailureKind::ServFail, ""),
        other => ProbeFailure::new(FailureKind::DnsRefused, other.to_str()),
    }
}
