//! One conversation with one address of an MX host: connect, greeting, EHLO, STARTTLS, handshake,
//! QUIT. Each step is reported as soon as it is over. No mail is sent.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use mta_sts_core::facts::{Chain, FailureKind, Observed, ProbeFailure, Reply, Session, TlsVersion};
use rustls_pki_types::CertificateDer;
use tokio::time::timeout;

use crate::client_hello::{Described, describe};
use crate::controls::Doubt;
use crate::failure::observed;
use crate::network::millis_since;
use crate::prompt::PromptStream;
use crate::run::Run;
use crate::smtp::{Dialogue, MAX_BYTES, ehlo_name};
use crate::tls::{Handshake, Offer, handshake};
use crate::{Timeouts, trust};

/// A connection that takes longer than this casts doubt on the network.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(4);

/// One address of one MX host.
pub(crate) struct Visit<'a> {
    pub(crate) run: &'a Run<'a>,
    pub(crate) host: &'a str,
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
}

/// Takes in the state of the session after each step.
type Tell<'a> = &'a (dyn Fn(&Session) + Send + Sync);

/// What is left of a conversation's limits. It ends with the first of the two.
struct Patience {
    until: tokio::time::Instant,
    room: usize,
}

impl Patience {
    fn begin(limits: &Timeouts) -> Self {
        Self {
            until: tokio::time::Instant::now() + limits.conversation,
            room: MAX_BYTES,
        }
    }

    /// A limit, but not beyond the end of the conversation.
    fn within(&self, limit: Duration) -> Duration {
        limit.min(
            self.until
                .saturating_duration_since(tokio::time::Instant::now()),
        )
    }
}

impl Visit<'_> {
    /// Talks to the server, with more connections if the options ask for them. Returns whether it
    /// answered.
    pub(crate) async fn observe(&self, doubt: &Doubt, tell: Tell<'_>) -> bool {
        let mut session = Session::to(self.ip);
        tell(&session);
        let mut patience = Patience::begin(&self.run.options.timeouts);
        let opened = self.open(&mut session, &mut patience, Some(doubt), tell);
        let Some(stream) = opened.await else {
            return session.greeting.seen().is_some();
        };
        let Handshake {
            outcome,
            certificates,
        } = self.shake_hands(stream, Offer::Usual, &patience).await;
        session.chain = self.chain(&certificates);
        let (agreed, encrypted) = match outcome {
            Ok((agreed, encrypted)) => (Ok(agreed), Some(encrypted)),
            Err(failure) => (Err(failure), None),
        };
        let is_at_odds = certificates.is_empty() && agreed.as_ref().is_err_and(is_at_odds);
        session.tls = observed(agreed);
        tell(&session);
        if is_at_odds {
            // The only case in which a second connection helps: what would the server accept?
            let described = self.described(TlsVersion::Tls12).await;
            if let Ok(Described { certificates, .. }) = &described {
                session.chain = self.chain(certificates);
            }
            session.anything_goes = observed(described.and_then(|it| it.agreed));
            tell(&session);
        }
        if let Some(encrypted) = encrypted {
            let ehlo = format!("EHLO {}", self.ehlo_name(encrypted.get_ref().0));
            let mut dialogue = Dialogue::new(encrypted, patience.room);
            let within = patience.within(self.run.options.timeouts.reply);
            let reply = dialogue.command(&ehlo, within).await;
            session.ehlo_in_tls = observed(reply);
            tell(&session);
            dialogue.quit().await;
        }
        // If the usual handshake fails, the others say nothing more about senders.
        if self.run.options.legacy && session.is_complete() {
            self.observe_legacy(&mut session, tell).await;
        }
        true
    }

    /// The certificates at a submission port, with or without STARTTLS.
    pub(crate) async fn certificates(&self, starttls: bool) -> Observed<Chain> {
        let handshake = if starttls {
            self.again(Offer::Usual).await
        } else {
            let patience = Patience::begin(&self.run.options.timeouts);
            match self.connect(&self.run.options.timeouts, None).await {
                Ok(stream) => Ok(self.shake_hands(stream, Offer::Usual, &patience).await),
                Err(failure) => Err(failure),
            }
        };
        match handshake {
            Ok(handshake) => self.chain_of(handshake),
            Err(failure) => Observed::Failed(failure),
        }
    }

    fn chain(&self, certificates: &[CertificateDer<'_>]) -> Observed<Chain> {
        let Run { network, at, .. } = self.run;
        trust::chain(certificates, self.host, &network.anchors, *at)
    }

    fn chain_of(&self, handshake: Handshake) -> Observed<Chain> {
        let Handshake {
            certificates,
            outcome,
        } = handshake;
        match (self.chain(&certificates), outcome) {
            (Observed::NotAsked, Err(failure)) => Observed::Failed(failure),
            (chain, _) => chain,
        }
    }

    /// One more connection, with a handmade hello that offers versions up to `most`.
    async fn described(&self, most: TlsVersion) -> Result<Described, ProbeFailure> {
        let (stream, patience) = self.open_again().await?;
        let within = patience.within(self.run.options.timeouts.handshake);
        let provider = &self.run.network.provider;
        Ok(describe(provider, stream, self.host, most, within).await)
    }

    /// The versions below TLS 1.2 that the server accepts, newest first. A server picks the newest
    /// that both know, so each answer leaves only older ones to try. Silence is no refusal.
    async fn legacy_versions(&self) -> Observed<Vec<TlsVersion>> {
        let mut taken = Vec::new();
        let mut next = Some(TlsVersion::Tls11);
        while let Some(most) = next {
            let described = self.described(most).await;
            let tls = match described.and_then(|described| described.agreed) {
                Ok(tls) => tls,
                Err(failure) if is_at_odds(&failure) => break,
                Err(failure) => return Observed::Failed(failure),
            };
            if tls.version > most {
                // Newer than what was offered: no TLS server may answer that (RFC 5246 E.1).
                break;
            }
            taken.push(tls.version);
            next = match tls.version.min(most) {
                TlsVersion::Tls11 => Some(TlsVersion::Tls10),
                TlsVersion::Tls10 => Some(TlsVersion::Ssl3),
                _ => None,
            };
        }
        Observed::Seen(taken)
    }

    /// The checks that need their own connections: does TLS 1.2 alone work, which certificate do
    /// senders without SNI get, and which old versions are accepted?
    async fn observe_legacy(&self, session: &mut Session, tell: Tell<'_>) {
        session.tls12 = match session.tls.seen() {
            Some(tls) if tls.version == TlsVersion::Tls12 => Observed::Seen(true),
            _ => observed(self.again(Offer::Tls12Alone).await.and_then(|handshake| {
                match handshake.outcome {
                    Ok(_) => Ok(true),
                    Err(failure) => match failure.kind {
                        FailureKind::TlsTooOld | FailureKind::TlsHandshake => Ok(false),
                        _ => Err(failure),
                    },
                }
            })),
        };
        tell(session);
        session.chain_without_sni = match self.again(Offer::WithoutServerName).await {
            Ok(handshake) => self.chain_of(handshake),
            Err(failure) => Observed::Failed(failure),
        };
        tell(session);
        session.legacy_versions = self.legacy_versions().await;
        tell(session);
    }

    /// One more connection, up to the end of another handshake.
    async fn again(&self, offer: Offer) -> Result<Handshake, ProbeFailure> {
        let (stream, patience) = self.open_again().await?;
        Ok(self.shake_hands(stream, offer, &patience).await)
    }

    /// One more connection, up to the start of a handshake.
    async fn open_again(&self) -> Result<(PromptStream, Patience), ProbeFailure> {
        let mut session = Session::to(self.ip);
        let mut patience = Patience::begin(&self.run.options.timeouts);
        let opened = self.open(&mut session, &mut patience, None, &|_| ());
        let stream = opened.await.ok_or_else(|| stopped_by(&session))?;
        Ok((stream, patience))
    }

    async fn shake_hands(
        &self,
        stream: PromptStream,
        offer: Offer,
        patience: &Patience,
    ) -> Handshake {
        let within = patience.within(self.run.options.timeouts.handshake);
        handshake(&self.run.network.provider, stream, self.host, offer, within).await
    }

    fn ehlo_name(&self, stream: &PromptStream) -> String {
        ehlo_name(self.run.options.ehlo_name.as_deref(), stream)
    }

    /// Everything before the handshake. `None` if there is none.
    async fn open(
        &self,
        session: &mut Session,
        patience: &mut Patience,
        doubt: Option<&Doubt>,
        tell: Tell<'_>,
    ) -> Option<PromptStream> {
        let limits = self.run.options.timeouts;
        let began = Instant::now();
        let stream = match self.connect(&limits, doubt).await {
            Ok(stream) => stream,
            Err(failure) => {
                session.connected = Observed::Failed(failure);
                tell(session);
                return None;
            }
        };
        session.connected = Observed::Seen(millis_since(began));
        tell(session);

        let ehlo = format!("EHLO {}", self.ehlo_name(&stream));
        let mut dialogue = Dialogue::new(stream, patience.room);
        let began = Instant::now();
        let within = patience.within(limits.greeting);
        session.greeting = observed(dialogue.reply("greeting", within).await);
        session.greeting_millis = session.greeting.seen().map(|_| millis_since(began));
        tell(session);
        let is_welcome = |reply: &Reply| reply.code == 220;
        if let Some(doubt) = doubt
            && !session.greeting.seen().is_some_and(is_welcome)
        {
            // Some networks accept the connection themselves, then say nothing or reject it.
            doubt.raise();
        }
        if !is_welcome(session.greeting.seen()?) {
            dialogue.quit().await;
            return None;
        }

        session.ehlo = observed(dialogue.command(&ehlo, patience.within(limits.reply)).await);
        tell(session);
        if let Some(doubt) = doubt
            && session.offers_starttls() != Some(true)
        {
            // Others remove the offer of encryption from the server's reply.
            doubt.raise();
        }
        session.ehlo.seen()?;
        if session.offers_starttls() != Some(true) {
            dialogue.quit().await;
            return None;
        }

        let within = patience.within(limits.reply);
        session.starttls = observed(dialogue.command("STARTTLS", within).await);
        if session
            .starttls
            .seen()
            .is_none_or(|reply| reply.code != 220)
        {
            tell(session);
            if session.starttls.seen().is_some() {
                dialogue.quit().await;
            }
            return None;
        }
        let (stream, unread, room) = dialogue.into_stream();
        patience.room = room;
        let injected_bytes = unread + discard_waiting(&stream);
        session.injected_bytes = u64::try_from(injected_bytes).unwrap_or(u64::MAX);
        tell(session);
        Some(stream)
    }

    async fn connect(
        &self,
        limits: &Timeouts,
        doubt: Option<&Doubt>,
    ) -> Result<PromptStream, ProbeFailure> {
        let mut connecting = Box::pin(self.run.connect(self.ip, self.port, limits.connect));
        let Some(doubt) = doubt else {
            return connecting.await;
        };
        let connected = if let Ok(connected) = timeout(DOUBTFUL_AFTER, &mut connecting).await {
            connected
        } else {
            doubt.raise();
            connecting.await
        };
        if let Err(failure) = &connected {
            // A machine without IPv6 casts no doubt on port 25.
            if failure.kind != FailureKind::Unreachable || self.ip.is_ipv4() {
                doubt.raise();
            }
        }
        connected
    }
}

/// Whether a handshake probably failed because the two sides have no version or suite in common.
/// Old servers just hang up.
fn is_at_odds(failure: &ProbeFailure) -> bool {
    matches!(
        failure.kind,
        FailureKind::TlsTooOld | FailureKind::TlsHandshake
    )
}

/// Discards what arrived before the handshake (RFC 3207 6). A TLS server waits for the client's
/// first message, so this cannot be part of the handshake.
fn discard_waiting(stream: &PromptStream) -> usize {
    let mut waiting = [0; 4096];
    stream.try_read(&mut waiting).unwrap_or(0)
}

/// The step at which a session ended before its handshake.
fn stopped_by(session: &Session) -> ProbeFailure {
    let failed = session.connected.failed();
    let failed = failed
        .or(session.greeting.failed())
        .or(session.ehlo.failed());
    failed
        .or(session.starttls.failed())
        .cloned()
        .unwrap_or_else(|| {
            ProbeFailure::new(FailureKind::Other, "the server did not start TLS this time")
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::{Ipv4Addr, SocketAddr};

    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use time::OffsetDateTime;

    use super::*;
    use crate::CheckOptions;
    use crate::controls::doubt;
    use crate::endpoints::{Endpoints, Routes, SMTP_PORT};
    use crate::network::Network;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    /// A network in which the listener answers on port 25 of [`IP`].
    fn network_of(listener: &TcpListener) -> Network {
        let route = (
            SocketAddr::new(IP, SMTP_PORT),
            listener.local_addr().unwrap(),
        );
        let endpoints = Endpoints {
            routes: Routes::Map(BTreeMap::from([route])),
            ..Endpoints::internet().with_resolvers([route.1])
        };
        Network::new(endpoints).unwrap()
    }

    /// Accepts STARTTLS on every connection, then says nothing more.
    async fn falls_silent(listener: &TcpListener) {
        let mut silent = Vec::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 hello\r\n").await.unwrap();
            for reply in ["250-mx.example.com\r\n250 STARTTLS\r\n", "220 go\r\n"] {
                let mut line = String::new();
                stream.read_line(&mut line).await.unwrap();
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
            silent.push(stream);
        }
    }

    #[tokio::test]
    async fn silence_is_no_refusal_of_old_versions() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let network = network_of(&listener);
        let mut options = CheckOptions::new("example.com".parse().unwrap());
        options.timeouts.handshake = Duration::from_millis(100);
        let resolvers = network.resolvers(options.timeouts.dns);
        let run = Run {
            network: &network,
            options: &options,
            resolvers: &resolvers,
            at: OffsetDateTime::UNIX_EPOCH,
        };
        let visit = Visit {
            run: &run,
            host: "mx.example.com",
            ip: IP,
            port: SMTP_PORT,
        };
        let versions = tokio::select! {
            versions = visit.legacy_versions() => versions,
            () = falls_silent(&listener) => Observed::NotAsked,
        };
        let failure = versions.failed().unwrap();
        assert_eq!(failure.kind, FailureKind::TimedOut);
    }

    /// The lines that a server without STARTTLS hears from a client with this EHLO name.
    async fn heard(ehlo_name: Option<&str>) -> Vec<String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let network = network_of(&listener);
        let mut options = CheckOptions::new("example.com".parse().unwrap());
        options.ehlo_name = ehlo_name.map(str::to_owned);
        let server = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut lines = Vec::new();
            for reply in ["220 hello\r\n", "250 mx.example.com\r\n", "221 bye\r\n"] {
                if reply != "220 hello\r\n" {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    lines.push(line.trim_end().to_owned());
                }
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
            lines
        };
        let resolvers = network.resolvers(options.timeouts.dns);
        let run = Run {
            network: &network,
            options: &options,
            resolvers: &resolvers,
            at: OffsetDateTime::UNIX_EPOCH,
        };
        let visit = Visit {
            run: &run,
            host: "mx.example.com",
            ip: IP,
            port: SMTP_PORT,
        };
        let (doubt, _in_doubt) = doubt();
        let (lines, _) = tokio::join!(server, visit.observe(&doubt, &|_| ()));
        lines
    }

    #[tokio::test]
    async fn a_client_without_a_name_gives_its_address() {
        assert_eq!(heard(None).await, ["EHLO [127.0.0.1]", "QUIT"]);
    }

    #[tokio::test]
    async fn a_given_name_is_used_where_it_is_one_word() {
        assert_eq!(
            heard(Some("probe.example.org")).await[0],
            "EHLO probe.example.org"
        );
        for unusable in ["", "two words", "line\r\nbreak"] {
            assert_eq!(
                heard(Some(unusable)).await[0],
                "EHLO [127.0.0.1]",
                "{unusable:?}"
            );
        }
    }
}
