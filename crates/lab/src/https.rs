//! The web host: one HTTPS server for all policy hosts, told apart by the name the client asks for.
//!
//! It knows paths and answers; which zone points here is decided elsewhere.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{AGE, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, interval, sleep};

use crate::timeline::Timeline;
use crate::tls::{self, Opening, TlsDoor};

/// The path of every policy (RFC 8461 3.2).
pub(crate) const POLICY_PATH: &str = "/.well-known/mta-sts.txt";

/// Bytes of a request before its body.
const MAX_REQUEST_BYTES: usize = 16 * 1024;

const PLAIN_TEXT: &str = "text/plain";

type Reply = Response<Either<Full<Bytes>, SlowBody>>;

/// A web site: its door, and what it answers.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) door: TlsDoor,
    pub(crate) page: Page,
    /// What it answers over IPv6, where that is something else.
    pub(crate) page_over_ipv6: Option<Page>,
}

/// The family of the documentation address that a client came for; behind it everything is IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Ipv4,
    Ipv6,
}

/// What a site answers.
#[derive(Debug, Clone)]
pub(crate) enum Page {
    /// 200 for every path.
    Everywhere,
    /// One document for each of these paths, 404 for every other.
    Documents(BTreeMap<String, Document>),
    /// For the path of the policy, nothing, ever.
    Hang,
    /// For the path of the policy, this text at one byte a second.
    Drip(Bytes),
    /// These bytes as they are, whatever is asked.
    Raw(Bytes),
}

/// A complete answer.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) status: StatusCode,
    pub(crate) content_type: HeaderValue,
    pub(crate) location: Option<HeaderValue>,
    /// The Content-Encoding header.
    pub(crate) encoding: Option<HeaderValue>,
    /// The Age header (RFC 9111 5.1).
    pub(crate) age: Option<HeaderValue>,
    /// How long the server waits before it answers.
    pub(crate) delay: Duration,
    pub(crate) body: Bytes,
}

impl Document {
    /// A text, served well.
    pub(crate) fn plain_text(body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: HeaderValue::from_static(PLAIN_TEXT),
            location: None,
            encoding: None,
            age: None,
            delay: Duration::ZERO,
            body: body.into(),
        }
    }

    fn reply(&self) -> Reply {
        let mut reply = Response::new(Either::Left(Full::new(self.body.clone())));
        *reply.status_mut() = self.status;
        reply
            .headers_mut()
            .insert(CONTENT_TYPE, self.content_type.clone());
        if let Some(location) = &self.location {
            reply.headers_mut().insert(LOCATION, location.clone());
        }
        if let Some(encoding) = &self.encoding {
            reply
                .headers_mut()
                .insert(CONTENT_ENCODING, encoding.clone());
        }
        if let Some(age) = &self.age {
            reply.headers_mut().insert(AGE, age.clone());
        }
        reply
    }
}

/// All web sites, by host name.
#[derive(Debug, Default)]
pub(crate) struct WebHost {
    sites: RwLock<BTreeMap<String, Tenant>>,
}

/// A customer of the web host. Before the site is set up there is none.
#[derive(Debug)]
struct Tenant {
    site: Timeline<Option<Site>>,
    delay: Duration,
}

impl WebHost {
    /// Sets up a customer, whose later changes show after `delay`.
    pub(crate) fn admit(&self, host: &str, site: Option<Site>, delay: Duration) {
        let mut sites = self.sites.write().unwrap_or_else(PoisonError::into_inner);
        sites.insert(
            host.to_owned(),
            Tenant {
                site: Timeline::new(site),
                delay,
            },
        );
    }

    /// Every client gets the newest site of every customer from now on.
    pub(crate) fn settle(&self) {
        let mut sites = self.sites.write().unwrap_or_else(PoisonError::into_inner);
        sites.values_mut().for_each(|tenant| tenant.site.settle());
    }

    /// Changes a customer's site, or takes it away; false when there is no such customer.
    pub(crate) fn change(&self, host: &str, now: Instant, site: Option<Site>) -> bool {
        let mut sites = self.sites.write().unwrap_or_else(PoisonError::into_inner);
        let Some(tenant) = sites.get_mut(host) else {
            return false;
        };
        tenant.site.push(now, site, tenant.delay);
        true
    }

    fn site(&self, host: &str, now: Instant) -> Option<Site> {
        let sites = self.sites.read().unwrap_or_else(PoisonError::into_inner);
        let tenant = sites.get(host)?;
        tenant.site.seen(tenant.delay, now).clone()
    }

    /// Serves one connection to an address of this family.
    pub(crate) async fn serve(
        self: Arc<Self>,
        mut stream: TcpStream,
        family: Family,
    ) -> io::Result<()> {
        let opening = Opening::read(&mut stream).await?;
        let asked_for = opening.server_name();
        let Some(site) = asked_for.and_then(|host| self.site(&host, Instant::now())) else {
            return tls::refuse_name(&mut stream).await;
        };
        let Some(secured) = site.door.pass(stream, opening).await? else {
            return Ok(());
        };
        let page = match family {
            Family::Ipv6 => site.page_over_ipv6.unwrap_or(site.page),
            Family::Ipv4 => site.page,
        };
        if let Page::Raw(bytes) = &page {
            return Box::pin(raw(secured, bytes)).await;
        }
        let page = Arc::new(page);
        let service = service_fn(move |request: Request<Incoming>| {
            let page = Arc::clone(&page);
            async move { Ok::<_, Infallible>(page.answer(request.uri().path()).await) }
        });
        http1::Builder::new()
            .max_buf_size(MAX_REQUEST_BYTES)
            .serve_connection(TokioIo::new(secured), service)
            .await
            .map_err(io::Error::other)
    }
}

impl Page {
    /// This for the path of the policy, and nothing else.
    pub(crate) fn policy(document: Document) -> Self {
        Self::Documents(BTreeMap::from([(POLICY_PATH.to_owned(), document)]))
    }

    async fn answer(&self, path: &str) -> Reply {
        match self {
            Self::Everywhere => Document::plain_text("hello\r\n").reply(),
            Self::Documents(documents) => match documents.get(path) {
                Some(document) => {
                    sleep(document.delay).await;
                    document.reply()
                }
                None => not_found(),
            },
            Self::Raw(_) => not_found(),
            Self::Hang | Self::Drip(_) if path != POLICY_PATH => not_found(),
            Self::Hang => std::future::pending().await,
            Self::Drip(text) => {
                let mut reply = Response::new(Either::Right(SlowBody::new(text.clone())));
                let plain_text = HeaderValue::from_static(PLAIN_TEXT);
                reply.headers_mut().insert(CONTENT_TYPE, plain_text);
                reply
            }
        }
    }
}

/// Answers a request, whatever it is, and hangs up.
async fn raw(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> io::Result<()> {
    let mut request = vec![0; MAX_REQUEST_BYTES];
    let _ = stream.read(&mut request).await?;
    stream.write_all(bytes).await?;
    stream.shutdown().await
}

fn not_found() -> Reply {
    Document {
        status: StatusCode::NOT_FOUND,
        ..Document::plain_text("not found\r\n")
    }
    .reply()
}

/// A body that comes one byte a second.
#[derive(Debug)]
pub(crate) struct SlowBody {
    rest: Bytes,
    tick: Interval,
}

impl SlowBody {
    fn new(rest: Bytes) -> Self {
        Self {
            rest,
            tick: interval(Duration::from_secs(1)),
        }
    }
}

impl Body for SlowBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.tick.poll_tick(context));
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(1)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}
