//! The mail servers: SMTP as far as STARTTLS and a little beyond (RFC 5321, RFC 3207), with the
//! faults of a scenario.
//!
//! No mail is ever taken.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::scenario::{Conduct, Starttls};
use crate::sockets;
use crate::tls::{Opening, TlsDoor};

/// A command line may have 512 octets (RFC 5321 4.5.3.1.4); a little more is read before giving up.
const MAX_LINE_BYTES: usize = 1000;

/// Commands of one connection.
const MAX_COMMANDS: usize = 50;

/// A mail server's conduct.
#[derive(Debug)]
pub(crate) struct MailServer {
    pub(crate) host: String,
    /// Lines of the greeting, without their ends.
    pub(crate) greeting: Vec<String>,
    pub(crate) greeting_delay: Duration,
    pub(crate) greeting_line_delay: Duration,
    pub(crate) conduct: Conduct,
    pub(crate) starttls: Starttls,
    pub(crate) door: TlsDoor,
}

/// What the server turns to after a command.
enum Next {
    Command,
    Handshake,
    Goodbye,
}

impl MailServer {
    /// Talks to one client until one of the two has had enough.
    pub(crate) async fn serve(self: Arc<Self>, stream: TcpStream) -> io::Result<()> {
        match self.conduct {
            Conduct::TlsOnConnect => return self.serve_wrapped(stream).await,
            Conduct::ResetAtOnce => return stream.set_zero_linger(),
            _ => {}
        }
        let mut plain = Dialogue::new(stream);
        sleep(self.greeting_delay).await;
        match self.conduct {
            Conduct::DripGreeting => return plain.drip(&self.greeting.join("\r\n")).await,
            Conduct::EndlessGreeting => return plain.repeat("220-please hold the line\r\n").await,
            Conduct::LongLine => return plain.repeat("220 and so on ").await,
            _ => {}
        }
        for (number, line) in self.greeting.iter().enumerate() {
            if number > 0 {
                sleep(self.greeting_line_delay).await;
            }
            plain.say(line).await?;
        }
        if self.greeting.iter().any(|line| line.starts_with("421")) {
            return plain.close().await;
        }
        if !self.welcomes() {
            return self.turn_away(plain).await;
        }
        for _ in 0..MAX_COMMANDS {
            let Some(command) = plain.hear().await? else {
                return Ok(());
            };
            match (verb(&command).as_str(), self.conduct) {
                ("EHLO", Conduct::WithoutEhlo) => {
                    plain.say("502 command not implemented").await?;
                    continue;
                }
                ("EHLO", Conduct::EndlessEhlo) => return plain.repeat("250-X-AGAIN\r\n").await,
                ("EHLO", Conduct::ResetAtEhlo) | ("STARTTLS", Conduct::ResetAtStarttls) => {
                    return plain.stream.set_zero_linger();
                }
                _ => {}
            }
            match self.answer_in_plain(&mut plain, &command).await? {
                Next::Command => {}
                Next::Goodbye => return plain.close().await,
                Next::Handshake => {
                    // What was sent along with STARTTLS must not be taken for the encrypted part
                    // (RFC 3207 6).
                    let mut stream = plain.stream;
                    let opening = Opening::read(&mut stream).await?;
                    if self.conduct == Conduct::ResetInHandshake {
                        return stream.set_zero_linger();
                    }
                    return match self.door.pass(stream, opening).await? {
                        Some(secured) => self.serve_secured(Dialogue::new(secured)).await,
                        None => Ok(()),
                    };
                }
            }
        }
        plain.say("421 4.7.0 too many commands").await?;
        plain.close().await
    }

    /// The same where the encryption begins with the connection (RFC 8314 3.3).
    pub(crate) async fn serve_wrapped(self: Arc<Self>, mut stream: TcpStream) -> io::Result<()> {
        let opening = Opening::read(&mut stream).await?;
        let Some(secured) = self.door.pass(stream, opening).await? else {
            return Ok(());
        };
        let mut client = Dialogue::new(secured);
        client.say(&format!("220 {} ESMTP", self.host)).await?;
        self.serve_secured(client).await
    }

    /// Whether the greeting invites the client to go on.
    fn welcomes(&self) -> bool {
        self.greeting.iter().all(|line| line.starts_with("220"))
    }

    /// After a refusal the server waits for QUIT and answers everything else 503 (RFC 5321 3.1).
    async fn turn_away(&self, mut plain: Dialogue<TcpStream>) -> io::Result<()> {
        for _ in 0..MAX_COMMANDS {
            let Some(command) = plain.hear().await? else {
                return Ok(());
            };
            if verb(&command) == "QUIT" {
                plain.say(&format!("221 {} goodbye", self.host)).await?;
                break;
            }
            plain.say("503 no service here").await?;
        }
        plain.close().await
    }

    async fn answer_in_plain(
        &self,
        client: &mut Dialogue<TcpStream>,
        command: &str,
    ) -> io::Result<Next> {
        match verb(command).as_str() {
            "EHLO" => {
                let extra: &[&str] = match self.starttls {
                    Starttls::Offered | Starttls::Refused | Starttls::Injected => &["STARTTLS"],
                    Starttls::Twice => &["STARTTLS", "STARTTLS"],
                    Starttls::Masked => &["XXXXXXXA"],
                    Starttls::Missing => &[],
                };
                self.introduce(client, extra).await?;
            }
            "STARTTLS" => match self.starttls {
                Starttls::Offered | Starttls::Twice => {
                    client.say("220 2.0.0 ready to start TLS").await?;
                    return Ok(Next::Handshake);
                }
                Starttls::Injected => {
                    // One write, so that both arrive together.
                    client
                        .say("220 2.0.0 ready to start TLS\r\n250 smuggled in")
                        .await?;
                    return Ok(Next::Handshake);
                }
                Starttls::Refused => {
                    client
                        .say("454 4.7.0 TLS not available due to temporary reason")
                        .await?;
                }
                Starttls::Missing | Starttls::Masked => {
                    client.say("502 5.5.1 command not implemented").await?;
                }
            },
            _ => return self.answer_anywhere(client, command).await,
        }
        Ok(Next::Command)
    }

    /// After the handshake nothing said before counts, and STARTTLS is not offered again (RFC 3207
    /// 4.2), unless the scenario wants just that.
    async fn serve_secured<S>(&self, mut client: Dialogue<S>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        for _ in 0..MAX_COMMANDS {
            let Some(command) = client.hear().await? else {
                return Ok(());
            };
            if verb(&command) == "EHLO" {
                if self.conduct == Conduct::SilentInTls {
                    return std::future::pending().await;
                }
                let extra: &[&str] = match self.starttls {
                    Starttls::Twice => &["STARTTLS"],
                    _ => &[],
                };
                self.introduce(&mut client, extra).await?;
                continue;
            }
            if let Next::Goodbye = self.answer_anywhere(&mut client, &command).await? {
                break;
            }
        }
        client.close().await
    }

    async fn introduce<S>(&self, client: &mut Dialogue<S>, extra: &[&str]) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        client.say(&format!("250-{}", self.host)).await?;
        for keyword in extra {
            client.say(&format!("250-{keyword}")).await?;
        }
        client.say("250-8BITMIME").await?;
        client.say("250 SIZE 10485760").await
    }

    async fn answer_anywhere<S>(&self, client: &mut Dialogue<S>, command: &str) -> io::Result<Next>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match verb(command).as_str() {
            "QUIT" => {
                client
                    .say(&format!("221 2.0.0 {} goodbye", self.host))
                    .await?;
                Ok(Next::Goodbye)
            }
            "NOOP" | "RSET" => client.say("250 2.0.0 ok").await.map(|()| Next::Command),
            "HELO" => client
                .say(&format!("250 {}", self.host))
                .await
                .map(|()| Next::Command),
            _ => client
                .say("502 5.5.1 command not implemented")
                .await
                .map(|()| Next::Command),
        }
    }
}

fn verb(command: &str) -> String {
    command
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase()
}

/// A conversation in lines.
struct Dialogue<S> {
    stream: S,
    heard: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    fn new(stream: S) -> Self {
        Self {
            stream,
            heard: Vec::new(),
        }
    }

    /// A line at one letter a second.
    async fn drip(mut self, line: &str) -> io::Result<()> {
        for byte in line.bytes().chain(*b"\r\n") {
            self.stream.write_all(&[byte]).await?;
            self.stream.flush().await?;
            sleep(Duration::from_secs(1)).await;
        }
        self.close().await
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream
            .write_all(format!("{line}\r\n").as_bytes())
            .await?;
        self.stream.flush().await
    }

    /// Repeats the same text until the client hangs up.
    async fn repeat(&mut self, text: &str) -> io::Result<()> {
        loop {
            self.stream.write_all(text.as_bytes()).await?;
        }
    }

    /// The next line without its end; `None` when the client has closed.
    async fn hear(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.heard.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            if self.heard.len() > MAX_LINE_BYTES {
                self.say("500 5.5.2 line too long").await?;
                return Ok(None);
            }
            let mut chunk = [0; 512];
            match self.stream.read(&mut chunk).await? {
                0 => return Ok(None),
                count => self.heard.extend(chunk.iter().take(count)),
            }
        }
    }

    async fn close(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        sockets::linger(&mut self.stream).await;
        Ok(())
    }
}
