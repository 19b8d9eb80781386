//! The control: when a mail server does not answer, do those of other operators? Checked at most
//! once in a check, and only in doubt, because many networks block port 25.

use std::net::IpAddr;

use futures_util::future::join_all;
use mta_sts_core::facts::{Answer, ControlHost, Controls, FailureKind, Observed, ProbeFailure};
use tokio::sync::mpsc;

use crate::endpoints::{HTTPS_PORT, SMTP_PORT};
use crate::failure::observed;
use crate::run::Run;
use crate::smtp::{Dialogue, MAX_BYTES, ehlo_name};

/// Raised by the first session that is late or gets no offer of STARTTLS: a device on the way may
/// be the cause.
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
        // A full channel means that the doubt was already raised.
        let _ = self.0.try_send(());
    }
}

impl InDoubt {
    /// True as soon as the doubt is raised; false when it can no longer be.
    pub(crate) async fn raised(mut self) -> bool {
        self.0.recv().await.is_some()
    }
}

/// Reads the greeting and the EHLO reply of every control host over each of its address families,
/// and connects to the control web host.
pub(crate) async fn observe(run: &Run<'_>) -> Controls {
    let hosts = join_all(
        run.network
            .control_hosts
            .iter()
            .map(|host| control_host(run, host)),
    );
    let (hosts, web) = tokio::join!(hosts, web(run));
    Controls {
        hosts: hosts.into_iter().flatten().collect(),
        web: observed(web),
    }
}

/// One control host over each of its address families. At least one entry.
async fn control_host(run: &Run<'_>, host: &str) -> Vec<ControlHost> {
    let [ipv4, ipv6] = first_of_each_family(run, host).await;
    let unasked = |failure| ControlHost {
        host: host.to_owned(),
        ip: None,
        greeting: Observed::Failed(failure),
        ehlo: Observed::NotAsked,
    };
    let failure = match (&ipv4, &ipv6) {
        (Err(failure), Err(_)) => Some(failure.clone()),
        _ => None,
    };
    if let Some(failure) = failure {
        return vec![unasked(failure)];
    }
    let ips = [ipv4, ipv6].into_iter().flatten();
    join_all(ips.map(|ip| heard_at(run, host, ip))).await
}

async fn heard_at(run: &Run<'_>, host: &str, ip: IpAddr) -> ControlHost {
    let timeouts = &run.options.timeouts;
    let mut control = ControlHost {
        host: host.to_owned(),
        ip: Some(ip),
        greeting: Observed::NotAsked,
        ehlo: Observed::NotAsked,
    };
    let stream = match run.connect(ip, SMTP_PORT, timeouts.connect).await {
        Ok(stream) => stream,
        Err(failure) => {
            control.greeting = Observed::Failed(failure);
            return control;
        }
    };
    let ehlo = format!(
        "EHLO {}",
        ehlo_name(run.options.ehlo_name.as_deref(), &stream)
    );
    let mut dialogue = Dialogue::new(stream, MAX_BYTES);
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

/// A connection to the web host over whichever address family works.
async fn web(run: &Run<'_>) -> Result<(), ProbeFailure> {
    let host = &run.network.control_web_host;
    let connected = async |ip: Result<IpAddr, ProbeFailure>| {
        run.connect(ip?, HTTPS_PORT, run.options.timeouts.connect)
            .await
    };
    let [ipv4, ipv6] = first_of_each_family(run, host).await;
    let (ipv4, ipv6) = tokio::join!(connected(ipv4), connected(ipv6));
    match (ipv4, ipv6) {
        (Ok(_), _) | (_, Ok(_)) => Ok(()),
        (Err(failure), Err(_)) => Err(failure),
    }
}

/// The first IPv4 and the first IPv6 address of a host.
async fn first_of_each_family(run: &Run<'_>, host: &str) -> [Result<IpAddr, ProbeFailure>; 2] {
    let (ipv4, ipv6) = tokio::join!(run.resolvers.ipv4(host), run.resolvers.ipv6(host));
    [first(ipv4), first(ipv6)]
}

fn first<T: Copy + Into<IpAddr>>(answer: Observed<Answer<T>>) -> Result<IpAddr, ProbeFailure> {
    match answer {
        Observed::Failed(failure) => Err(failure),
        answer => answer
            .seen()
            .and_then(|answer| answer.records.first())
            .map(|&ip| ip.into())
            .ok_or_else(|| ProbeFailure::new(FailureKind::Other, "this host has no address")),
    }
}
