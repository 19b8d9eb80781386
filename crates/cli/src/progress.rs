//! The progress line on a terminal: it names what the command is waiting for.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mta_sts_core::facts::{MailServer, Session};
use mta_sts_core::{Domain, Facts};

/// A spinner, or nothing if standard error is not a terminal.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start(domain: &Domain) -> Self {
        if !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_message(format!("Waiting for the mail servers of {domain}"));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    pub(crate) fn show(&self, facts: &Facts) {
        if !self.0.is_hidden() {
            self.0
                .set_message(format!("Waiting for {}", awaited(facts)));
        }
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// The first thing without an answer, in the order of a sender's lookups.
fn awaited(facts: &Facts) -> String {
    let domain = &facts.domain;
    if facts.mx.is_not_asked() {
        return format!("the MX records of {domain}");
    }
    if let Some(server) = facts.mail_servers.iter().find(|server| is_pending(server)) {
        return mta_sts_core::escaped(&server.host, 100);
    }
    if facts.record.is_not_asked() {
        return format!("the record {}", domain.mta_sts_record_name());
    }
    if facts.tls_rpt.is_not_asked() {
        return format!("the record {}", domain.tls_rpt_record_name());
    }
    if facts.policy_host.is_not_asked() || facts.policy.is_not_asked() {
        return format!("the policy at {}", domain.policy_host());
    }
    "the last answers".to_owned()
}

fn is_pending(server: &MailServer) -> bool {
    let is_settled = |ip| {
        server
            .sessions
            .iter()
            .any(|session| session.ip == ip && is_settled(session))
    };
    server.ipv4.is_not_asked() || server.ipv6.is_not_asked() || !server.addresses().all(is_settled)
}

/// Whether no further step of the session can follow.
fn is_settled(session: &Session) -> bool {
    session.tls.seen().is_some()
        || session.connected.failed().is_some()
        || session.greeting.failed().is_some()
        || session
            .greeting
            .seen()
            .is_some_and(|reply| reply.code != 220)
        || session.ehlo.failed().is_some()
        || session.ehlo.seen().is_some() && session.offers_starttls() != Some(true)
        || session.starttls.failed().is_some()
        || session
            .starttls
            .seen()
            .is_some_and(|reply| reply.code != 220)
        || session.tls.failed().is_some()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use mta_sts_core::facts::{MxRecord, ProbeFailure, Reply};
    use mta_sts_core::{Answer, Fact, FailureKind, Observed};
    use time::OffsetDateTime;

    use super::*;

    #[test]
    fn what_is_waited_for_follows_what_is_known() {
        let domain = Domain::parse("example.com").unwrap();
        let mut facts = Facts::new(domain, OffsetDateTime::UNIX_EPOCH);
        assert_eq!(awaited(&facts), "the MX records of example.com");

        facts.mx = Observed::Seen(Answer::of([MxRecord {
            preference: 10,
            exchange: "mx.example.com".into(),
        }]));
        let ip = Ipv4Addr::new(192, 0, 2, 1);
        facts.fold(Fact::MailServer(MailServer {
            ipv4: Observed::Seen(Answer::of([ip])),
            ipv6: Observed::Seen(Answer::no_data()),
            ..MailServer::named("mx.example.com", 10)
        }));
        assert_eq!(awaited(&facts), "mx.example.com");

        let mut session = Session::to(IpAddr::from(ip));
        session.connected = Observed::Seen(1);
        session.greeting = Observed::Seen(Reply::new(220, &["hello"]));
        for (ehlo, expected) in [
            (Observed::NotAsked, "mx.example.com"),
            (
                Observed::Failed(ProbeFailure::new(FailureKind::Closed, "")),
                "the record _mta-sts.example.com",
            ),
        ] {
            session.ehlo = ehlo;
            facts.fold(Fact::Session {
                host: "mx.example.com".into(),
                session: Box::new(session.clone()),
            });
            assert_eq!(awaited(&facts), expected);
        }

        facts.record = Observed::Seen(Answer::no_such_name());
        facts.tls_rpt = Observed::Seen(Answer::no_such_name());
        assert_eq!(awaited(&facts), "the policy at mta-sts.example.com");
    }
}
