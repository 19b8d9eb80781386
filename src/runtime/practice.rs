//! The practice internet as the person left it: what was published there, and its own clock.

use mta_sts_core::facts::{Chain, Observed, PolicyFetch, Session};
use mta_sts_core::{Domain, Fact, Facts, Sighting};
use mta_sts_domains::{PracticePublication, PracticeWorld};
use mta_sts_lab::{Lab, LabError, Publication};
use time::Duration;

/// Starts the practice internet with everything that was published there before.
pub(super) async fn start(world: &PracticeWorld) -> Result<Lab, LabError> {
    let lab = mta_sts_practice::start_all().await?;
    for (domain, publication) in world.published() {
        // A domain that only an earlier version had is left out.
        let _ = lab.serve_copy(domain.as_str());
        let _ = publish(&lab, domain, publication);
    }
    lab.settle();
    Ok(lab)
}

/// Publishes for a domain.
pub(super) fn publish(
    lab: &Lab,
    domain: &Domain,
    what: &PracticePublication,
) -> Result<(), LabError> {
    let is_something = |text: &&String| !text.is_empty();
    let texts = |text: &Option<String>| {
        let text = text.as_ref()?;
        Some(
            Some(text)
                .filter(is_something)
                .into_iter()
                .cloned()
                .collect(),
        )
    };
    let policy = what.policy.as_ref().filter(is_something);
    let mx = what.mx.as_ref().map(|records| {
        let records = records.iter();
        records
            .map(|it| (it.preference, it.exchange.clone()))
            .collect()
    });
    let publication = Publication {
        record: texts(&what.record),
        tls_rpt: texts(&what.tls_rpt),
        policy: policy.map(|text| text.clone().into_bytes()),
        no_policy_host: what.policy.as_ref().is_some_and(String::is_empty),
        mx,
    };
    lab.publish(domain.as_str(), &publication)
}

/// How far the clock of the practice internet is ahead, and how far the certificates of its mail
/// servers are. Policy hosts always renew theirs, so that senders still see the policy.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub(super) ahead: Duration,
    pub(super) renewed: Duration,
}

impl Clock {
    pub(super) fn of(world: &PracticeWorld) -> Self {
        Self {
            ahead: world.ahead(),
            renewed: world.renewed(),
        }
    }

    /// A fact as it is by this clock.
    pub(super) fn fact(self, mut fact: Fact) -> Fact {
        match &mut fact {
            Fact::Session { session, .. } => self.session(session),
            Fact::MailServer(server) => self.sessions(&mut server.sessions),
            Fact::Planned(server) => self.sessions(&mut server.sessions),
            Fact::Submission { port, .. } => renew(&mut port.chain, self.renewed),
            Fact::Policy(fetch) | Fact::PolicyOverIpv6(fetch) => self.fetch(fetch),
            Fact::StrayPolicy(stray) => self.fetch(&mut stray.fetch),
            Fact::NameServer(view) => self.asked(&mut view.asked_at),
            _ => {}
        }
        fact
    }

    /// The same for a whole check.
    pub(super) fn facts(self, mut facts: Facts) -> Facts {
        facts.checked_at = facts.checked_at.saturating_add(self.ahead);
        for server in facts.mail_servers.iter_mut().chain(&mut facts.planned) {
            self.sessions(&mut server.sessions);
            server
                .submission
                .iter_mut()
                .for_each(|port| renew(&mut port.chain, self.renewed));
        }
        self.fetch(&mut facts.policy);
        self.fetch(&mut facts.policy_over_ipv6);
        facts
            .stray_policies
            .iter_mut()
            .for_each(|it| self.fetch(&mut it.fetch));
        facts
            .name_servers
            .iter_mut()
            .for_each(|it| self.asked(&mut it.asked_at));
        facts
    }

    /// The same for what a look saw.
    pub(super) fn sighting(self, mut sighting: Sighting) -> Sighting {
        match &mut sighting {
            Sighting::View(view) => self.asked(&mut view.asked_at),
            Sighting::Policy(fetch) | Sighting::PolicyOverIpv6(fetch) => self.fetch(fetch),
            Sighting::Zone(_) | Sighting::NearMiss(_) => {}
        }
        sighting
    }

    fn asked(self, at: &mut Option<time::OffsetDateTime>) {
        *at = at.map(|at| at.saturating_add(self.ahead));
    }

    fn sessions(self, sessions: &mut [Session]) {
        for session in sessions {
            self.session(session);
        }
    }

    fn session(self, session: &mut Session) {
        renew(&mut session.chain, self.renewed);
        renew(&mut session.chain_without_sni, self.renewed);
    }

    fn fetch(self, fetch: &mut Observed<PolicyFetch>) {
        if let Observed::Seen(fetch) = fetch {
            renew(&mut fetch.chain, self.ahead);
        }
    }
}

/// Moves the lifetimes of certificates.
fn renew(chain: &mut Observed<Chain>, by: Duration) {
    if let Observed::Seen(chain) = chain {
        for certificate in &mut chain.certificates {
            certificate.not_before = certificate.not_before.saturating_add(by);
            certificate.not_after = certificate.not_after.saturating_add(by);
        }
    }
}
