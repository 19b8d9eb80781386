//! The plainest possible clients for DNS, SMTP and HTTPS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_proto::op::{Edns, Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use mta_sts_lab::{Lab, Scenario, scenarios};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A scenario of the built-in ones.
pub(crate) fn scenario(name: &str) -> Scenario {
    scenarios()
        .iter()
        .find(|scenario| scenario.name == name)
        .unwrap()
        .clone()
}

/// A lab with one built-in scenario.
pub(crate) async fn lab_with(name: &str) -> Lab {
    Lab::start(&[scenario(name)]).await.unwrap()
}

/// A lab with one domain, `d.example`, and this in its scenario file.
pub(crate) async fn lab_of(toml: &str) -> Lab {
    let head = "story = \"A test.\"\ndomain = \"d.example\"\nexpected = []\n";
    let scenario = Scenario::parse("test", &format!("{head}{toml}")).unwrap();
    Lab::start(&[scenario]).await.unwrap()
}

/// A question with EDNS.
pub(crate) fn question(name: &str, kind: RecordType) -> Message {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(
        Name::from_ascii(format!("{name}.")).unwrap(),
        kind,
    ));
    let mut edns = Edns::new();
    edns.set_max_payload(1232);
    message.set_edns(edns);
    message
}

/// The answer over UDP.
pub(crate) async fn ask(server: SocketAddr, question: &Message) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket
        .send_to(&question.to_vec().unwrap(), server)
        .await
        .unwrap();
    let mut buffer = vec![0; 4096];
    let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
    Message::from_vec(buffer.get(..length).unwrap()).unwrap()
}

/// The TXT texts at a name, each record's strings joined.
pub(crate) async fn texts(server: SocketAddr, name: &str) -> Vec<String> {
    let answer = ask(server, &question(name, RecordType::TXT)).await;
    answer
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::TXT(txt) => Some(String::from_utf8(txt.txt_data.concat()).unwrap()),
            _ => None,
        })
        .collect()
}

/// The addresses of a name, as the resolver has them.
pub(crate) async fn addresses(lab: &Lab, host: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for kind in [RecordType::A, RecordType::AAAA] {
        let answer = ask(lab.resolver(), &question(host, kind)).await;
        found.extend(
            answer
                .answers
                .iter()
                .filter_map(|record| record.data.ip_addr()),
        );
    }
    found
}

/// A TLS client that trusts the lab's root.
pub(crate) fn tls_client(lab: &Lab) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(lab.trust_root_der()))
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A line-wise SMTP client.
pub(crate) struct MailClient<S> {
    stream: BufReader<S>,
}

impl MailClient<TcpStream> {
    /// Connects to the first address of the host.
    pub(crate) async fn connect(lab: &Lab, host: &str) -> Self {
        let address = *addresses(lab, host).await.first().unwrap();
        let loopback = lab.routes()[&SocketAddr::new(address, 25)];
        Self {
            stream: BufReader::new(TcpStream::connect(loopback).await.unwrap()),
        }
    }

    /// The way to encryption, as far as the server's consent.
    pub(crate) async fn connect_and_ask_for_tls(lab: &Lab, host: &str) -> Self {
        let mut client = Self::connect(lab, host).await;
        client.reply().await;
        client.command("EHLO probe.example").await;
        client.command("STARTTLS").await;
        client
    }

    /// Sends these bytes, and takes whatever comes until the server closes.
    pub(crate) async fn exchange_raw(mut self, bytes: &[u8]) -> Vec<u8> {
        self.stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).await.unwrap();
        answer
    }

    /// The handshake, whatever comes of it.
    pub(crate) async fn handshake(
        self,
        lab: &Lab,
        host: &str,
    ) -> std::io::Result<MailClient<TlsStream<TcpStream>>> {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let stream = tls_client(lab)
            .connect(name, self.stream.into_inner())
            .await?;
        Ok(MailClient {
            stream: BufReader::new(stream),
        })
    }
}

impl MailClient<TlsStream<TcpStream>> {
    pub(crate) fn connection(&self) -> &rustls::ClientConnection {
        self.stream.get_ref().get_ref().1
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> MailClient<S> {
    /// One line, empty at the end of the conversation.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }

    /// One reply, its lines joined with `|`.
    pub(crate) async fn reply(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            let more = line.as_bytes().get(3) == Some(&b'-');
            lines.push(line);
            if !more {
                return lines.join("|");
            }
        }
    }

    pub(crate) async fn command(&mut self, command: &str) -> String {
        self.stream
            .write_all(format!("{command}\r\n").as_bytes())
            .await
            .unwrap();
        self.stream.flush().await.unwrap();
        self.reply().await
    }

    /// What the server has sent beyond the last reply, in the same packet.
    pub(crate) fn already_received(&self) -> &[u8] {
        self.stream.buffer()
    }
}

/// The raw answer of a web server: head and body.
pub(crate) async fn fetch(lab: &Lab, host: &str, path: &str) -> std::io::Result<(String, Vec<u8>)> {
    let address = *addresses(lab, host).await.first().unwrap();
    fetch_from(lab, address, host, path).await
}

/// The same from this address of the host.
pub(crate) async fn fetch_from(
    lab: &Lab,
    address: IpAddr,
    host: &str,
    path: &str,
) -> std::io::Result<(String, Vec<u8>)> {
    let loopback = lab.routes()[&SocketAddr::new(address, 443)];
    let stream = TcpStream::connect(loopback).await?;
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut stream = tls_client(lab).connect(name, stream).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap()
        + 4;
    let body = answer.split_off(end);
    Ok((
        String::from_utf8(answer).unwrap().to_ascii_lowercase(),
        body,
    ))
}
