//! The control question: when a mail server does not answer, do those of other operators? Asked
//! at most once in a check, and only in doubt, as many networks block port 25.

use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;
use mta_sts_core::facts::{ControlHost, Controls, FailureKind, Observed, ProbeFailure};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::failure::observed;
use crate::network::Network;
use crate::smtp::{Dialogue, ehlo_name};
use crate::{Plan, Timeouts};

const SMTP_PORT: u16 = 25;
const HTTPS_PORT: u16 = 443;

/// Raised by the first session with a mail server that is late or does not get as far as an offer
/// of STARTTLS: a device between here and there may be the cause.
pub(crate) struct Doubt(mpsc::Sender<()>);

/// Waits for a [`Doubt`].
pub(crate) struct InDoubt(mpsc::Receiver<()>);

/// A doubt that nobody has raised yet.
pub(crate) fn doubt() -> (Doubt, InDoubt) {
    let (raised, waiting) = mpsc::channel(1);
    (Doubt(raised), InDoubt(waiting))
}

impl Doubt {
    pub(crate) fn raise(&self) {
        // A full channel means that the doubt was raised before, which is enough.
        let _ = self.0.try_send(());
    }
}

impl InDoubt {
    /// True as soon as the doubt is raised; false when it can no longer be.
    pub(crate) async fn raised(mut self) -> bool {
        self.0.recv().await.is_some()
    }
}

/// Asks every control host for its greeting and its EHLO reply, and the control web host for a
/// connection.
pub(crate) async fn observe(network: &Network, plan: &Plan) -> Controls {
    let timeouts = &plan.timeouts;
    let hosts = join_all(
        network
            .control_hosts
            .iter()
            .map(|host| control_host(network, plan, host)),
    );
    let web = connected(network, timeouts, &network.control_web_host, HTTPS_PORT);
    let (hosts, web) = tokio::join!(hosts, web);
    Controls {
        hosts,
        web: observed(web.map(drop)),
    }
}

async fn control_host(network: &Network, plan: &Plan, host: &str) -> ControlHost {
    let timeouts = &plan.timeouts;
    let mut control = ControlHost {
        host: host.to_owned(),
        greeting: Observed::NotAsked,
        ehlo: Observed::NotAsked,
    };
    let stream = match connected(network, timeouts, host, SMTP_PORT).await {
        Ok(stream) => stream,
        Err(failure) => {
            control.greeting = Observed::Failed(failure);
            return control;
        }
    };
    let ehlo = format!("EHLO {}", ehlo_name(plan.ehlo_name.as_deref(), &stream));
    let mut dialogue = Dialogue::new(stream);
    control.greeting = observed(dialogue.reply("greeting", timeouts.reply).await);
    let Some(greeting) = control.greeting.seen() else {
        return control;
    };
    if greeting.code == 220 {
        control.ehlo = observed(dialogue.command(&ehlo, timeouts.reply).await);
    }
    dialogue.quit().await;
    control
}

/// A connection to the first address of either family, whichever stands first.
async fn connected(
    network: &Network,
    timeouts: &Timeouts,
    host: &str,
    port: u16,
) -> Result<TcpStream, ProbeFailure> {
    let resolvers = network.resolvers(timeouts.dns);
    let (ipv4, ipv6) = tokio::join!(
        async {
            let answer = resolvers.ipv4(host).await;
            first(network, timeouts, answer.seen().map(|a| &a.records), port).await
        },
        async {
            let answer = resolvers.ipv6(host).await;
            first(network, timeouts, answer.seen().map(|a| &a.records), port).await
        }
    );
    ipv4.or_else(|failure| ipv6.map_err(|_| failure))
}

async fn first<T: Copy + Into<IpAddr>>(
    network: &Network,
    timeouts: &Timeouts,
    addresses: Option<&Vec<T>>,
    port: u16,
) -> Result<TcpStream, ProbeFailure> {
    match addresses.and_then(|addresses| addresses.first()) {
        Some(&ip) => {
            network
                .routes
                .connect(SocketAddr::new(ip.into(), port), timeouts.connect)
                .await
        }
        None => Err(ProbeFailure::new(
            FailureKind::Other,
            "no address of this host was found",
        )),
    }
}
