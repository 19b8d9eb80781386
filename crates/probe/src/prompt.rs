//! A TCP connection that is acknowledged at once, in both directions.
//!
//! A server whose last packets are unacknowledged may hold its next answer back (Nagle's algorithm), and
//! a receiver may wait up to 40 ms with an acknowledgement (RFC 1122 4.2.3.2). After a TLS handshake the
//! session tickets are such packets, so each mail server would cost that time.

use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The connection.
#[derive(Debug)]
pub(crate) struct PromptStream(TcpStream);

impl PromptStream {
    /// Takes over a connection that was just made.
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        // Each command waits for its answer, so holding small packets back only costs round trips.
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// The kernel forgets this by and by, so it is said again before each read. Other systems have no
    /// such switch; there it costs what it costs.
    fn acknowledge_at_once(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // Only speed depends on it.
            let _ = self.0.set_quickack(true);
        }
    }
}

impl Deref for PromptStream {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        &self.0
    }
}

impl AsyncRead for PromptStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.acknowledge_at_once();
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for PromptStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
