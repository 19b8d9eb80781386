//! How many round trips a check takes, as a ratio: its wall time over that of the trips a sender
//! cannot do without. The practice internet stands behind links that delay every packet; no root,
//! no kernel module, and nothing leaves the machine.
//!
//! ```sh
//! cargo bench -p mta-sts-probe --bench round_trips
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and fails by panicking"
)]

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mta_sts_core::facts::Session;
use mta_sts_core::{Fact, Facts};
use mta_sts_lab::{Lab, Scenario};
use mta_sts_probe::{CheckOptions, Endpoints, Probe};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

/// One round trip: half of it each way.
const ROUND_TRIP: Duration = Duration::from_millis(100);
/// MX, address, TCP, greeting, EHLO, STARTTLS, TLS 1.3.
const FLOOR: u32 = 7;
/// The best of so many runs counts: the one that was disturbed least.
const RUNS: usize = 5;

#[tokio::main]
async fn main() {
    let healthy = measure(1, 1).await;
    let many = measure(10, 2).await;
    let goal = |times: f64| if times <= 1.0 { "reached" } else { "missed" };
    println!(
        "wall time / ({FLOOR} round trips of {ROUND_TRIP:?}), to the last fact of a mail server:"
    );
    println!(
        "  one MX host, one address:            {:.3} (goal 1.15: {}), whole check {:.3}",
        healthy.servers,
        goal(healthy.servers / 1.15),
        healthy.whole
    );
    println!(
        "  ten MX hosts, two addresses each:    {:.3} ({:.3} of the above, goal 1.2: {}), whole check {:.3}",
        many.servers,
        many.servers / healthy.servers,
        goal(many.servers / healthy.servers / 1.2),
        many.whole
    );
    println!(
        "  connections to each address:         {} and {}",
        healthy.connections, many.connections
    );
    println!("  from Stop to the last closed socket: {:?}", stop().await);
}

struct Measured {
    /// To the last fact of a mail server, over the floor.
    servers: f64,
    /// To the end of the check, farewells included, over the floor.
    whole: f64,
    /// The most connections that one address got in a run.
    connections: usize,
}

async fn measure(hosts: usize, addresses: usize) -> Measured {
    let mut best = Measured {
        servers: f64::MAX,
        whole: f64::MAX,
        connections: 0,
    };
    let floor = (ROUND_TRIP * FLOOR).as_secs_f64();
    for _ in 0..RUNS {
        let lab = Lab::start(&[scenario(hosts, addresses)]).await.unwrap();
        let (probe, _links) = far_away(&lab).await;
        let options = CheckOptions::new("measured.example".parse().unwrap());
        let at = OffsetDateTime::now_utc();
        let facts = Mutex::new((Facts::new(options.domain.clone(), at), Instant::now()));
        let began = Instant::now();
        let tell = |fact: Fact| {
            let mut facts = facts.lock().unwrap();
            if matches!(fact, Fact::Session { .. }) {
                facts.1 = Instant::now();
            }
            facts.0.fold(fact);
        };
        probe.check(&options, at, tell).await;
        let whole = began.elapsed();
        let (facts, last) = facts.into_inner().unwrap();
        let sessions: Vec<_> = facts
            .mail_servers
            .iter()
            .flat_map(|it| &it.sessions)
            .collect();
        assert_eq!(sessions.len(), hosts * addresses);
        assert!(sessions.iter().all(|session| Session::is_complete(session)));
        let connections = sessions
            .iter()
            .map(|session| lab.connections(SocketAddr::new(session.ip, 25)));
        best.connections = best.connections.max(connections.max().unwrap());
        best.servers = best.servers.min((last - began).as_secs_f64() / floor);
        best.whole = best.whole.min(whole.as_secs_f64() / floor);
    }
    best
}

fn scenario(hosts: usize, addresses: usize) -> Scenario {
    let ipv6 = if addresses > 1 {
        "ipv6 = [\"serve\"]\n"
    } else {
        ""
    };
    let host = format!("[[mx]]\n{ipv6}");
    let text = format!(
        "story = \"Measured.\"\ndomain = \"measured.example\"\nexpected = []\n{}",
        host.repeat(hosts)
    );
    Scenario::parse("measured", &text).unwrap()
}

/// A probe that is a round trip away from everything, and the links between.
async fn far_away(lab: &Lab) -> (Probe, JoinSet<()>) {
    let mut links = JoinSet::new();
    let mut routes = BTreeMap::new();
    for (address, server) in lab.routes() {
        let near = if address.port() == 53 {
            udp_link(server, &mut links).await
        } else {
            tcp_link(server, &mut links).await
        };
        routes.insert(address, near);
    }
    let resolver = udp_link(lab.resolver(), &mut links).await;
    let endpoints = Endpoints::practice(
        resolver,
        routes,
        lab.trust_root_der(),
        lab.control_hosts(),
        lab.control_web_host(),
    );
    (Probe::new(endpoints).unwrap(), links)
}

/// Waits more exactly than the timer of the runtime, which counts whole milliseconds and would add
/// one at each end of each link.
async fn wait_until(due: Instant) {
    let nearly = due.checked_sub(Duration::from_millis(2)).unwrap_or(due);
    sleep_until(nearly.into()).await;
    while Instant::now() < due {
        tokio::task::yield_now().await;
    }
}

const LOOPBACK: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// A link for datagrams.
async fn udp_link(server: SocketAddr, links: &mut JoinSet<()>) -> SocketAddr {
    let near = Arc::new(UdpSocket::bind(LOOPBACK).await.unwrap());
    let address = near.local_addr().unwrap();
    links.spawn(async move {
        let mut questions = JoinSet::new();
        let mut packet = [0; 4096];
        loop {
            let (length, client) = near.recv_from(&mut packet).await.unwrap();
            let (question, near) = (packet[..length].to_vec(), Arc::clone(&near));
            questions.spawn(async move {
                wait_until(Instant::now() + ROUND_TRIP / 2).await;
                let far = UdpSocket::bind(LOOPBACK).await.unwrap();
                far.send_to(&question, server).await.unwrap();
                let mut answer = [0; 4096];
                let (length, _) = far.recv_from(&mut answer).await.unwrap();
                wait_until(Instant::now() + ROUND_TRIP / 2).await;
                near.send_to(&answer[..length], client).await.unwrap();
            });
        }
    });
    address
}

/// A link for connections. The kernel lets a connection stand at once, so the round trip of its
/// handshake is waited for before the first byte.
async fn tcp_link(server: SocketAddr, links: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    links.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (near, _) = listener.accept().await.unwrap();
            connections.spawn(async move {
                wait_until(Instant::now() + ROUND_TRIP + ROUND_TRIP / 2).await;
                let far = TcpStream::connect(server).await.unwrap();
                // Like that of most mail servers, the near end holds small packets back as long as the
                // ones before are unacknowledged (Nagle's algorithm).
                far.set_nodelay(true).unwrap();
                let (near, far) = (near.into_split(), far.into_split());
                tokio::join!(carry(near.0, far.1), carry(far.0, near.1));
            });
        }
    });
    address
}

/// Carries bytes one way, each half a round trip after it came.
async fn carry(mut from: tokio::net::tcp::OwnedReadHalf, mut to: tokio::net::tcp::OwnedWriteHalf) {
    let (sender, mut receiver): (_, UnboundedReceiver<(Instant, Vec<u8>)>) = unbounded_channel();
    let read = async move {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            let due = Instant::now() + ROUND_TRIP / 2;
            if sender.send((due, bytes[..length].to_vec())).is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, bytes)) = receiver.recv().await {
            wait_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}

/// How long after a check was dropped the mail servers see their connections closed.
async fn stop() -> Duration {
    let lab = Lab::start(&[scenario(10, 2)]).await.unwrap();
    let mut routes = lab.routes();
    let mut accepted = HashMap::new();
    for (address, server) in &mut routes {
        if address.port() == 25 {
            // Servers that take the connection and say nothing.
            let listener = TcpListener::bind(LOOPBACK).await.unwrap();
            *server = listener.local_addr().unwrap();
            accepted.insert(*address, listener);
        }
    }
    let endpoints = Endpoints::practice(
        lab.resolver(),
        routes,
        lab.trust_root_der(),
        lab.control_hosts(),
        lab.control_web_host(),
    );
    let probe = Probe::new(endpoints).unwrap();
    let options = CheckOptions::new("measured.example".parse().unwrap());
    let check = tokio::spawn(async move {
        probe
            .check(&options, OffsetDateTime::now_utc(), |_| ())
            .await;
    });
    let mut streams = Vec::new();
    for (address, listener) in &accepted {
        // Only the mail servers of the domain are asked before there is a doubt.
        let of_domain = match address.ip() {
            std::net::IpAddr::V4(ip) => ip.octets()[..3] == [192, 0, 2],
            std::net::IpAddr::V6(ip) => ip.segments()[2] == 0x25,
        };
        if of_domain {
            streams.push(listener.accept().await.unwrap().0);
        }
    }
    assert_eq!(streams.len(), 20);
    let stopped = Instant::now();
    check.abort();
    for mut stream in streams {
        let mut byte = [0; 1];
        let ended = stream.read(&mut byte).await;
        assert!(matches!(ended, Ok(0) | Err(_)));
    }
    stopped.elapsed()
}
