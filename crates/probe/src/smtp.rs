//! The SMTP dialogue (RFC 5321 4.2): commands out, replies in, everything bounded. `session`
//! decides what to send.

use std::net::IpAddr;
use std::time::Duration;

use mta_sts_core::facts::{FailureKind, ProbeFailure, Reply};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::failure::{self, excerpt};
use crate::prompt::PromptStream;

/// The longest line that is read; RFC 5321 4.5.3.1.5 allows 512 octets.
const MAX_LINE_BYTES: usize = 4096;
/// The most lines of one reply.
const MAX_LINES: usize = 100;
/// The most bytes that are read of one conversation.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// The longest EHLO name (RFC 5321 4.5.3.1.2).
const MAX_EHLO_NAME: usize = 255;
/// How long a server may take to take in QUIT.
const FAREWELL: Duration = Duration::from_millis(500);

/// One side of a conversation with a mail server.
pub(crate) struct Dialogue<S> {
    stream: S,
    /// Bytes that arrived but are not yet part of a reply.
    unread: Vec<u8>,
    /// How many more bytes are accepted.
    room: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    /// At most this many bytes are read.
    pub(crate) fn new(stream: S, room: usize) -> Self {
        Self {
            stream,
            unread: Vec::new(),
            room,
        }
    }

    /// Reads one whole reply. `what` names it in the evidence: "greeting".
    pub(crate) async fn reply(
        &mut self,
        what: &str,
        within: Duration,
    ) -> Result<Reply, ProbeFailure> {
        let room = self.room;
        match timeout(within, self.read_reply()).await {
            Ok(reply) => reply,
            Err(_) => Err(self.late(&format!("no complete {what}"), room, within)),
        }
    }

    /// Nothing within the limit; or something, but not all of it. `room` was left when it began.
    fn late(&self, what: &str, room: usize, within: Duration) -> ProbeFailure {
        let failure = failure::timed_out(what, within);
        match room - self.room {
            0 => failure,
            bytes => {
                let detail = format!("{}, {bytes} bytes arrived", failure.detail);
                ProbeFailure::new(FailureKind::Incomplete, detail)
            }
        }
    }

    /// Sends a command and reads the reply to it.
    pub(crate) async fn command(
        &mut self,
        command: &str,
        within: Duration,
    ) -> Result<Reply, ProbeFailure> {
        let room = self.room;
        let spoken = async {
            self.stream
                .write_all(format!("{command}\r\n").as_bytes())
                .await
                .map_err(|error| failure::of_io(&error))?;
            self.stream
                .flush()
                .await
                .map_err(|error| failure::of_io(&error))?;
            self.read_reply().await
        };
        let verb = command.split(' ').next().unwrap_or(command);
        match timeout(within, spoken).await {
            Ok(reply) => reply,
            Err(_) => Err(self.late(&format!("no complete reply to {verb}"), room, within)),
        }
    }

    /// Sends QUIT, as a polite client does (RFC 5321 4.1.1.10), and closes. Nobody waits for the
    /// answer: nothing depends on it.
    pub(crate) async fn quit(mut self) {
        let farewell = async {
            self.stream.write_all(b"QUIT\r\n").await?;
            self.stream.flush().await?;
            self.stream.shutdown().await
        };
        let _ = timeout(FAREWELL, farewell).await;
    }

    /// The stream, with the number of unexpected bytes and the number of bytes still accepted.
    pub(crate) fn into_stream(self) -> (S, usize, usize) {
        (self.stream, self.unread.len(), self.room)
    }

    async fn read_reply(&mut self) -> Result<Reply, ProbeFailure> {
        let mut lines = Vec::new();
        loop {
            let line = self.read_line().await?;
            let Some((code, last, text)) = parts(&line) else {
                return Err(garbled("not an SMTP reply", &line));
            };
            if lines.len() == MAX_LINES {
                return Err(garbled("a reply without an end", &line));
            }
            lines.push(String::from_utf8_lossy(text).into_owned());
            if last {
                return Ok(Reply { code, lines });
            }
        }
    }

    /// One line without its end. A bare line feed counts as one.
    async fn read_line(&mut self) -> Result<Vec<u8>, ProbeFailure> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.unread[searched..]
                .iter()
                .position(|&byte| byte == b'\n')
            {
                let mut line: Vec<u8> = self.unread.drain(..=searched + end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            searched = self.unread.len();
            if searched > MAX_LINE_BYTES {
                return Err(garbled("a line that is too long", &self.unread));
            }
            if self.room == 0 {
                return Err(garbled("a reply that is too long", &self.unread));
            }
            let mut incoming = [0; 2048];
            let most = self.room.min(incoming.len());
            match self.stream.read(&mut incoming[..most]).await {
                Ok(0) => {
                    return Err(ProbeFailure::new(
                        FailureKind::Closed,
                        excerpt(&self.unread),
                    ));
                }
                Ok(count) => {
                    self.room -= count;
                    self.unread.extend_from_slice(&incoming[..count]);
                }
                Err(error) => return Err(failure::of_io(&error)),
            }
        }
    }
}

/// The EHLO name: the given one if it is a single word, otherwise the address, as for a client
/// without a host name (RFC 5321 4.1.3).
pub(crate) fn ehlo_name(given: Option<&str>, stream: &PromptStream) -> String {
    let given = given.filter(|name| {
        (1..=MAX_EHLO_NAME).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_graphic())
    });
    given.map_or_else(
        || match stream.local_addr().map(|local| local.ip().to_canonical()) {
            Ok(IpAddr::V4(ip)) => format!("[{ip}]"),
            Ok(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
            Err(_) => "[127.0.0.1]".to_owned(),
        },
        str::to_owned,
    )
}

/// Code, whether it is the last line, and text: `250-text`, `250 text`, or a bare `250`.
fn parts(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.iter().try_fold(0, |code, digit| {
        digit
            .is_ascii_digit()
            .then(|| code * 10 + u16::from(digit - b'0'))
    })?;
    match rest {
        [] => Some((code, true, rest)),
        [b' ', text @ ..] => Some((code, true, text)),
        [b'-', text @ ..] => Some((code, false, text)),
        _ => None,
    }
}

fn garbled(what: &str, bytes: &[u8]) -> ProbeFailure {
    ProbeFailure::new(FailureKind::Garbled, format!("{what}: {}", excerpt(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMPLE: Duration = Duration::from_secs(30);

    /// The result of reading these bytes, after which the server closes.
    async fn read(bytes: &[u8]) -> Result<Reply, ProbeFailure> {
        let (client, mut server) = tokio::io::duplex(MAX_BYTES * 4);
        server.write_all(bytes).await.unwrap();
        drop(server);
        Dialogue::new(client, MAX_BYTES)
            .reply("greeting", AMPLE)
            .await
    }

    async fn kind(bytes: &[u8]) -> FailureKind {
        read(bytes).await.unwrap_err().kind
    }

    #[tokio::test]
    async fn replies_of_one_and_of_many_lines_are_read() {
        assert_eq!(
            read(b"220 hello\r\n").await.unwrap(),
            Reply::new(220, &["hello"])
        );
        assert_eq!(
            read(b"250-mx\r\n250-SIZE\r\n250 STARTTLS\r\n")
                .await
                .unwrap(),
            Reply::new(250, &["mx", "SIZE", "STARTTLS"])
        );
        assert_eq!(read(b"250\n").await.unwrap(), Reply::new(250, &[""]));
        assert_eq!(
            read(b"220 \xff\r\n").await.unwrap(),
            Reply::new(220, &["\u{fffd}"])
        );
    }

    #[tokio::test]
    async fn what_is_not_smtp_is_garbled() {
        for bytes in [
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            b"\r\n",
            b"22\r\n",
            b"220_hello\r\n",
            b"-20 hello\r\n",
        ] {
            assert_eq!(kind(bytes).await, FailureKind::Garbled, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn lines_and_replies_without_end_are_garbled() {
        assert_eq!(kind(&vec![b'2'; 10_000]).await, FailureKind::Garbled);
        assert_eq!(
            kind(&b"220-more\r\n".repeat(MAX_LINES + 1)).await,
            FailureKind::Garbled
        );
        let long = [b"220-".as_slice(), &[b'x'; 4000], b"\r\n"].concat();
        assert_eq!(kind(&long.repeat(20)).await, FailureKind::Garbled);
    }

    #[tokio::test]
    async fn no_more_is_read_of_a_conversation_than_there_is_room_for() {
        let (client, mut server) = tokio::io::duplex(1024);
        server.write_all(&b"220-more\r\n".repeat(20)).await.unwrap();
        let mut dialogue = Dialogue::new(client, 64);
        let failure = dialogue.reply("greeting", AMPLE).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Garbled);
        assert_eq!(dialogue.into_stream().2, 0);
    }

    #[tokio::test]
    async fn a_connection_that_ends_early_is_closed() {
        assert_eq!(kind(b"").await, FailureKind::Closed);
        let failure = read(b"220-half a gree").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Closed);
        assert_eq!(failure.detail, "220-half a gree");
    }

    #[tokio::test]
    async fn bytes_after_a_reply_are_counted_and_not_interpreted() {
        let (client, mut server) = tokio::io::duplex(1024);
        server
            .write_all(b"220 go ahead\r\n250 injected\r\n")
            .await
            .unwrap();
        let mut dialogue = Dialogue::new(client, MAX_BYTES);
        assert_eq!(dialogue.reply("reply", AMPLE).await.unwrap().code, 220);
        assert_eq!(dialogue.into_stream().1, "250 injected\r\n".len());
    }

    #[tokio::test]
    async fn silence_is_told_with_the_limit() {
        let (client, _server) = tokio::io::duplex(64);
        let failure = Dialogue::new(client, MAX_BYTES)
            .reply("greeting", Duration::from_millis(10))
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::TimedOut);
        assert_eq!(failure.detail, "no complete greeting within 10 ms");
    }
}
