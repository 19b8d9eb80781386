//! Loopback sockets, and the loop that accepts connections from them.
//!
//! Only 127.0.0.1 and ports the system chooses. What is said on a connection is not decided here.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Connections per server at once. Further ones wait until one of them ends.
const MAX_CONNECTIONS: usize = 64;

/// The longest a connection lives: longer than the minute a sender may wait for a policy (RFC 8461
/// 3.3).
const CONNECTION_LIMIT: Duration = Duration::from_secs(150);

/// Lets this process hold as many sockets as all scenarios together need, far below what a system
/// allows at the most: macOS starts with 256. If that is refused, the first socket too many fails.
pub(crate) fn make_room() {
    const SOCKETS: u64 = 4096;
    let _ = rlimit::increase_nofile_limit(SOCKETS);
}

/// A listening TCP socket.
pub(crate) async fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(LOOPBACK).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A UDP and a TCP socket with the same port number, as DNS needs them.
pub(crate) async fn listen_on_both() -> io::Result<(UdpSocket, TcpListener, SocketAddr)> {
    const ATTEMPTS: usize = 32;
    let mut last_error = io::ErrorKind::AddrInUse.into();
    for _ in 0..ATTEMPTS {
        let (listener, address) = listen().await?;
        match UdpSocket::bind(address).await {
            Ok(socket) => return Ok((socket, listener, address)),
            Err(error) => last_error = error,
        }
    }
    Err(last_error)
}

/// A socket that holds a port without listening on it, so that connections to the port are refused.
pub(crate) fn hold_refusing_port() -> io::Result<(TcpSocket, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(LOOPBACK)?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

/// Hands each connection to `serve` until the future is dropped, which ends all its connections
/// too.
pub(crate) async fn accept_all<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, or a client that has gone: spinning helps neither.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Lines are written one by one; none of them waits for the one before to be acknowledged.
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let conversation = serve(stream);
        connections.spawn(async move {
            // A client that breaks off or says nonsense is everyday business for a server.
            let _ended = timeout(CONNECTION_LIMIT, conversation).await;
            drop(place);
        });
    }
}

/// Reads what the client still sends, so that closing does not reset the connection and lose our
/// last bytes.
pub(crate) async fn linger(stream: &mut (impl AsyncRead + Unpin)) {
    const PATIENCE: Duration = Duration::from_secs(5);
    const MAX_BYTES: u64 = 64 * 1024;
    let mut rest = stream.take(MAX_BYTES);
    let _drained = timeout(PATIENCE, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn a_held_port_refuses() {
        let (_held, address) = hold_refusing_port().unwrap();
        let error = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn a_connection_too_many_waits_for_its_turn() {
        let (listener, address) = listen().await.unwrap();
        let greet_and_wait = |mut stream: TcpStream| async move {
            stream.write_all(b"!").await?;
            stream.read_u8().await.map(|_| ())
        };
        let _server = JoinSet::from_iter([accept_all(listener, greet_and_wait)]);
        let mut served = Vec::new();
        for _ in 0..MAX_CONNECTIONS {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.read_u8().await.unwrap();
            served.push(client);
        }
        let mut waiting = TcpStream::connect(address).await.unwrap();
        served.pop();
        assert_eq!(waiting.read_u8().await.unwrap(), b'!');
    }

    #[tokio::test]
    async fn dns_sockets_share_a_port() {
        let (socket, listener, address) = listen_on_both().await.unwrap();
        assert_eq!(socket.local_addr().unwrap(), address);
        assert_eq!(listener.local_addr().unwrap(), address);
    }
}
