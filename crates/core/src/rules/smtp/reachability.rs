//! Whether an MX host can be spoken to, and whose fault it is if not. A network that closes port
//! 25 or a machine without IPv6 looks just like a dead mail server; this tells them apart.

use std::net::IpAddr;

use super::alike::alike;
use crate::facts::{Block, Facts, FailureKind, Family, MailServer, ProbeFailure, Session};
use crate::text::address::Scope;
use crate::text::wording::in_words;

/// What can be said about port 25 as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vantage {
    /// A mail server of another operator answered: silence elsewhere is the server's own.
    Open,
    /// The web works and no mail server of any operator answers.
    Port25Blocked,
    /// Neither the web nor any mail server answers.
    Offline,
    /// Not checked, or the answers don't show it.
    Unknown,
}

impl Vantage {
    pub(crate) fn of(facts: &Facts) -> Self {
        match facts.controls.seen() {
            Some(controls)
                if controls
                    .hosts
                    .iter()
                    .any(|host| host.greeting.seen().is_some()) =>
            {
                Self::Open
            }
            Some(controls) if controls.port_25_blocked() => Self::Port25Blocked,
            Some(controls) if controls.offline() && !web_works(facts) => Self::Offline,
            _ => Self::Unknown,
        }
    }
}

/// True when the policy host was spoken to, so that this machine is not offline.
fn web_works(facts: &Facts) -> bool {
    facts.policy.seen().is_some_and(|fetch| fetch.ip.is_some())
}

/// An address where nobody spoke.
pub(crate) struct Silence<'a> {
    pub(crate) ip: IpAddr,
    /// The connection was made, but no greeting came.
    connected: bool,
    failure: &'a ProbeFailure,
}

/// The silence of a session. A greeting that is no SMTP, or a part of one, is not silence.
pub(crate) fn silence(session: &Session) -> Option<Silence<'_>> {
    let no_greeting = || {
        session.greeting.failed().filter(|failure| {
            !matches!(failure.kind, FailureKind::Garbled | FailureKind::Incomplete)
        })
    };
    // An address that was not tried says nothing, and the rules about such addresses tell it.
    let is_public = Scope::of(session.ip) == Scope::Public;
    let tried = |failure: &&ProbeFailure| is_public || failure.kind != FailureKind::NotPublic;
    let failure = session.connected.failed().or_else(no_greeting);
    let failure = failure.filter(tried)?;
    Some(Silence {
        ip: session.ip,
        connected: session.connected.seen().is_some(),
        failure,
    })
}

impl Silence<'_> {
    /// Whether this says something about the mail server. A machine without IPv6 gets no answer
    /// either, so over IPv6 a time-out counts only where something else was reached by it.
    pub(crate) fn is_of_the_server(&self, facts: &Facts) -> bool {
        if self.block(facts).is_some() {
            return false;
        }
        match self.failure.kind {
            FailureKind::Refused | FailureKind::Closed => true,
            FailureKind::TimedOut | FailureKind::Unreachable => {
                self.connected || self.ip.is_ipv4() || ipv6_works(facts)
            }
            _ => false,
        }
    }

    /// How this network closes port 25 to addresses of this family, if it does.
    pub(crate) fn block(&self, facts: &Facts) -> Option<Block> {
        facts.controls.seen()?.block(Family::of(self.ip))
    }
}

/// True when something answered over IPv6, so that this machine has it.
pub(crate) fn ipv6_works(facts: &Facts) -> bool {
    let controls = facts.controls.seen();
    if controls.is_some_and(|controls| controls.port_25_open(Family::Ipv6)) {
        return true;
    }
    let reached = |session: &Session| {
        session.connected.seen().is_some()
            || session
                .connected
                .failed()
                .is_some_and(|failure| failure.kind == FailureKind::Refused)
    };
    let sessions = facts
        .mail_servers
        .iter()
        .flat_map(|server| &server.sessions);
    sessions.filter(|session| session.ip.is_ipv6()).any(reached)
}

/// True when somebody spoke at this address, whatever was said.
pub(crate) fn speaks(session: &Session) -> bool {
    !session.greeting.is_not_asked() && silence(session).is_none()
}

/// True when every address of the host was tried and nobody spoke at any of them.
pub(crate) fn is_silent(server: &MailServer) -> bool {
    let tried = |ip| server.sessions.iter().any(|session| session.ip == ip);
    !server.sessions.is_empty()
        && server
            .sessions
            .iter()
            .all(|session| silence(session).is_some())
        && server.addresses().all(tried)
}

/// What happened at the selected silent addresses of a host, in sentences.
pub(crate) fn account_of_silence(
    server: &MailServer,
    is_told: impl Fn(&Silence<'_>) -> bool,
) -> String {
    let told = |session| silence(session).filter(|silence| is_told(silence));
    let groups = alike(server, told, |silence| {
        (silence.connected, silence.failure.kind)
    });
    let sentences = groups.iter().map(|group| {
        let (places, failure) = (in_words(&group.addresses), group.example.failure);
        if group.example.connected {
            format!("Port 25 of {places} took the connection but sent no greeting: {failure}.")
        } else {
            format!("Port 25 of {places} could not be reached: {failure}.")
        }
    });
    sentences.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Observed, Reply};
    use crate::rules::testing::{
        add_address, failed, healthy, offline, port_25_blocked, port_25_open, session,
    };

    #[test]
    fn the_control_hosts_tell_where_we_stand() {
        let mut facts = healthy();
        assert_eq!(Vantage::of(&facts), Vantage::Unknown);
        facts.controls = failed(FailureKind::Other);
        assert_eq!(Vantage::of(&facts), Vantage::Unknown);
        port_25_open(&mut facts);
        assert_eq!(Vantage::of(&facts), Vantage::Open);
        port_25_blocked(&mut facts);
        assert_eq!(Vantage::of(&facts), Vantage::Port25Blocked);
        offline(&mut facts);
        assert_eq!(Vantage::of(&facts), Vantage::Offline);
    }

    #[test]
    fn a_host_is_silent_only_when_every_address_was_tried() {
        let mut facts = healthy();
        assert!(!is_silent(&facts.mail_servers[0]));
        session(&mut facts, 0).connected = failed(FailureKind::TimedOut);
        assert!(is_silent(&facts.mail_servers[0]));
        add_address(&mut facts, 0, "192.0.2.9").connected = Observed::Seen(20);
        assert!(!is_silent(&facts.mail_servers[0]));
        facts.mail_servers[0].sessions.pop();
        assert!(
            !is_silent(&facts.mail_servers[0]),
            "an address that was not tried may work"
        );
        facts.mail_servers[0].sessions.clear();
        assert!(!is_silent(&facts.mail_servers[0]));
    }

    #[test]
    fn a_greeting_that_never_came_is_silence_and_a_garbled_one_is_not() {
        let mut facts = healthy();
        let session = session(&mut facts, 0);
        session.greeting = failed(FailureKind::Closed);
        assert!(silence(session).is_some() && !speaks(session));
        session.greeting = failed(FailureKind::Garbled);
        assert!(silence(session).is_none() && speaks(session));
        session.greeting = Observed::Seen(Reply::new(554, &["no"]));
        assert!(silence(session).is_none() && speaks(session));
        session.greeting = Observed::NotAsked;
        assert!(
            silence(session).is_none() && !speaks(session),
            "still waiting"
        );
    }

    #[test]
    fn silence_over_ipv6_needs_proof_that_ipv6_works_here() {
        let mut facts = healthy();
        add_address(&mut facts, 0, "2001:db8::1").connected = failed(FailureKind::TimedOut);
        let of_the_server = |facts: &Facts| {
            let silent: Vec<_> = facts.mail_servers[0]
                .sessions
                .iter()
                .filter_map(silence)
                .collect();
            assert_eq!(silent.len(), 1);
            silent[0].is_of_the_server(facts)
        };
        assert!(!of_the_server(&facts));
        add_address(&mut facts, 1, "2001:db8::2").connected = Observed::Seen(20);
        assert!(of_the_server(&facts));
    }
}
