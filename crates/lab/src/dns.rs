//! The DNS servers: two name servers and a resolver, each on UDP and TCP.
//!
//! This is the wire side only: header bits, EDNS and transport. `zone` decides what a name
//! contains.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hickory_proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::{DNSClass, Record, RecordType};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use rustls::ServerConfig;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::time::Instant;

use crate::error::LabError;
use crate::sockets;
use crate::zone::{Answer, Question, Reply, Seat, Zones};

/// The largest answer over UDP, whatever the client says it can take (DNS Flag Day 2020).
const MAX_UDP_PAYLOAD: u16 = 1232;

/// The longest a TCP client may be idle.
const TCP_IDLE_LIMIT: Duration = Duration::from_secs(10);

/// Answers waiting for one slow TCP client.
const TCP_ANSWERS_IN_FLIGHT: usize = 16;

/// The path for DNS over HTTPS.
pub(crate) const DNS_OVER_HTTPS_PATH: &str = "/dns-query";

/// A running DNS server; dropping it stops it.
pub(crate) struct DnsServer {
    pub(crate) address: SocketAddr,
    server: Server<Desk>,
}

impl DnsServer {
    /// The same server, which answers over HTTPS too (RFC 8484), under this certificate; with the
    /// socket for that.
    pub(crate) async fn start_with_https(
        seat: Seat,
        zones: Arc<RwLock<Zones>>,
        certificate: &CertifiedKey,
    ) -> Result<(Self, SocketAddr), LabError> {
        let dns = |source| LabError::Socket {
            server: "DNS",
            source,
        };
        let mut started = Self::start(seat, zones).await.map_err(dns)?;
        let (listener, address) = sockets::listen().await.map_err(dns)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certificate.clone())));
        tls.alpn_protocols = vec![b"h2".to_vec()];
        started
            .server
            .register_https_listener_with_tls_config(
                listener,
                TCP_IDLE_LIMIT,
                Arc::new(tls),
                None,
                DNS_OVER_HTTPS_PATH.to_owned(),
            )
            .map_err(dns)?;
        Ok((started, address))
    }

    pub(crate) async fn start(seat: Seat, zones: Arc<RwLock<Zones>>) -> io::Result<Self> {
        let (socket, listener, address) = sockets::listen_on_both().await?;
        let mut server = Server::new(Desk { seat, zones });
        server.register_socket(socket);
        server.register_listener(listener, TCP_IDLE_LIMIT, TCP_ANSWERS_IN_FLIGHT);
        Ok(Self { address, server })
    }
}

/// Takes the questions of one server.
struct Desk {
    seat: Seat,
    zones: Arc<RwLock<Zones>>,
}

impl Desk {
    fn reply(&self, request: &Request) -> Reply {
        let refuse = |code| {
            Reply::Answer(Answer {
                code,
                ..Answer::default()
            })
        };
        if request.metadata.op_code != OpCode::Query {
            return refuse(ResponseCode::NotImp);
        }
        if request.version() > 0 {
            return refuse(ResponseCode::BADVERS);
        }
        let Ok(asked) = request.request_info() else {
            return refuse(ResponseCode::FormErr);
        };
        let kind = asked.query.query_type();
        let transfer = matches!(kind, RecordType::AXFR | RecordType::IXFR);
        if transfer || asked.query.query_class() != DNSClass::IN {
            return refuse(ResponseCode::Refused);
        }
        let zones = self.zones.read().unwrap_or_else(PoisonError::into_inner);
        zones.answer(Question {
            seat: self.seat,
            name: asked.query.name(),
            kind,
            checking_disabled: request.metadata.checking_disabled,
            now: Instant::now(),
        })
    }

    fn header(&self, request: &Request, answer: &Answer) -> Metadata {
        let mut header = Metadata::response_from_request(&request.metadata);
        header.response_code = answer.code;
        let answered = matches!(answer.code, ResponseCode::NoError | ResponseCode::NXDomain);
        if self.seat.is_resolver() {
            header.recursion_available = true;
            // RFC 6840 5.8: said to those only who show that they understand it.
            let dnssec_ok = request
                .edns
                .as_ref()
                .is_some_and(|edns| edns.flags().dnssec_ok);
            let asked_for = dnssec_ok || request.metadata.authentic_data;
            header.authentic_data = answered && answer.authentic && asked_for;
        } else {
            header.authoritative = answered;
        }
        header
    }

    async fn handle(&self, request: &Request, mut client: impl ResponseHandler) -> ResponseInfo {
        let answer = match self.reply(request) {
            Reply::Answer(answer) => answer,
            Reply::Silence => return nothing_sent(request),
        };
        let edns = request.edns.as_ref().map(|asked| {
            let mut edns = Edns::new();
            edns.set_max_payload(asked.max_payload().min(MAX_UDP_PAYLOAD));
            edns.set_dnssec_ok(asked.flags().dnssec_ok);
            edns.set_rcode_high(answer.code.high());
            edns
        });
        let none: [&Record; 0] = [];
        let response = MessageResponseBuilder::new(&request.queries, edns.as_ref()).build(
            self.header(request, &answer),
            &answer.records,
            none,
            &answer.authority,
            none,
        );
        // A client that has gone away does not trouble the server.
        client
            .send_response(response)
            .await
            .unwrap_or_else(|_| nothing_sent(request))
    }
}

/// What the server keeps of an exchange in which nothing was sent.
fn nothing_sent(request: &Request) -> ResponseInfo {
    let metadata = Metadata::response_from_request(&request.metadata);
    ResponseInfo::from(Header {
        metadata,
        counts: HeaderCounts::default(),
    })
}

/// The trait's `async fn`, written out: its attribute macro is not a dependency of the lab.
impl RequestHandler for Desk {
    fn handle_request<'desk, 'request, 'handling, R, T>(
        &'desk self,
        request: &'request Request,
        client: R,
    ) -> Pin<Box<dyn Future<Output = ResponseInfo> + Send + 'handling>>
    where
        'desk: 'handling,
        'request: 'handling,
        R: ResponseHandler + 'handling,
        T: Time + 'handling,
        Self: 'handling,
    {
        Box::pin(self.handle(request, client))
    }
}
