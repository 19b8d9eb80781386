//! What a sender that obeys MTA-STS does with mail to each MX host (RFC 8461 4 and 5): delivers it,
//! delivers it and reports a failure, or refuses the host. The fact that decides is named.

use std::net::IpAddr;

use serde::Serialize;
use time::OffsetDateTime;

use crate::facts::{Facts, FailureKind, MailServer, Observed, Session};
use crate::rules::certificate::chain::{Server, Verdict, verdict};
use crate::rules::tls::handshake::{Cause, FailedHandshake, failed_handshake, is_of_the_server};
use crate::text::escape::escaped;
use crate::text::policy::{Mode, Policy};
use crate::text::tls_rpt_record::TlsRptSelection;

/// What becomes of mail to one MX host, for each mode that a policy can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostDelivery {
    /// The MX host.
    pub host: String,
    /// Under a policy in mode `none`.
    pub none: Outcome,
    /// Under a policy in mode `testing`.
    pub testing: Outcome,
    /// Under a policy in mode `enforce`.
    pub enforce: Outcome,
}

/// What a sender does, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What it does.
    pub delivery: Delivery,
    /// The fact that decides, as a sentence. Safe to show.
    pub because: String,
}

/// What a sender does with mail to one MX host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// It hands the mail over.
    Delivered,
    /// It hands the mail over and tells the domain, in a TLS report, what failed.
    DeliveredAndReported,
    /// It does not hand mail to this host. It tries the others, and again later.
    Refused,
    /// What was seen does not say.
    Unknown,
}

impl Delivery {
    /// In words for a person.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::DeliveredAndReported => "delivered and reported",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

impl HostDelivery {
    /// The outcome under a mode.
    #[must_use]
    pub fn under(&self, mode: Mode) -> &Outcome {
        match mode {
            Mode::None => &self.none,
            Mode::Testing => &self.testing,
            Mode::Enforce => &self.enforce,
        }
    }
}

/// Goes through the MX hosts as a sender would, under a policy with these mx lines; without a
/// policy, under one that lists every MX host. The mode of the policy is left aside: each is shown.
///
/// ```
/// use mta_sts_core::facts::{Fact, MailServer};
/// use mta_sts_core::{Delivery, Domain, Facts, Mode, PolicyReading, simulate};
///
/// let domain = Domain::parse("example.com")?;
/// let mut facts = Facts::new(domain, time::macros::datetime!(2026-11-23 12:00 UTC));
/// facts.fold(Fact::MailServer(MailServer::named("mx.example.com", 10)));
///
/// let text = b"version: STSv1\nmode: enforce\nmx: other.example.com\nmax_age: 604800\n";
/// let policy = PolicyReading::read(text).policy;
/// let hosts = simulate(policy.as_ref(), &facts);
/// assert_eq!(hosts[0].under(Mode::Enforce).delivery, Delivery::Refused);
/// # Ok::<(), mta_sts_core::DomainError>(())
/// ```
#[must_use]
pub fn simulate(policy: Option<&Policy>, facts: &Facts) -> Vec<HostDelivery> {
    let reports = facts.tls_rpt.seen().map(|answer| {
        matches!(TlsRptSelection::of(&answer.records),
            TlsRptSelection::One(reading) if reading.record.is_some())
    });
    let intercepted = facts.controls.seen().is_some_and(|controls| {
        controls.interception().is_some() || controls.dns_interception().is_some()
    });
    facts
        .mail_servers
        .iter()
        .map(|server| {
            let name = || escaped(&server.host, 253);
            let check = match policy {
                _ if has_no_address(server) => Check::Unseen(format!(
                    "{} has no address, so mail goes to the other mail servers.",
                    name()
                )),
                Some(policy) if !policy.covers(&server.host) => {
                    Check::Fails(format!("No mx line of the policy matches {}.", name()))
                }
                _ if intercepted => Check::Unseen(
                    "This network answers instead of the mail servers, so we can’t tell."
                        .to_owned(),
                ),
                _ => host(server, facts.checked_at),
            };
            outcomes(&server.host, check, reports)
        })
        .collect()
}

/// Whether the DNS is known to have no address for a host: no sender can go there.
pub(crate) fn has_no_address(server: &MailServer) -> bool {
    server.addresses().next().is_none()
        && server.ipv4.seen().is_some()
        && server.ipv6.seen().is_some()
}

/// How the check of a host, or of one address of it, ends for a sender (RFC 8461 4).
enum Check {
    Passes(String),
    Fails(String),
    Unseen(String),
}

fn outcomes(host: &str, check: Check, reports: Option<bool>) -> HostDelivery {
    let none = Outcome {
        delivery: Delivery::Delivered,
        because: "With mode none, senders deliver as if there were no policy.".to_owned(),
    };
    let alike = |delivery, because: String| {
        let outcome = Outcome { delivery, because };
        (outcome.clone(), outcome)
    };
    let (testing, enforce) = match check {
        Check::Passes(because) => alike(Delivery::Delivered, because),
        Check::Unseen(because) => alike(Delivery::Unknown, because),
        Check::Fails(because) => {
            let testing = match reports {
                Some(true) => Outcome {
                    delivery: Delivery::DeliveredAndReported,
                    because: because.clone(),
                },
                Some(false) => Outcome {
                    delivery: Delivery::Delivered,
                    because: format!(
                        "{because} You won’t hear about it, because there is no usable TLS-RPT \
                         record."
                    ),
                },
                None => Outcome {
                    delivery: Delivery::Delivered,
                    because: format!(
                        "{because} We couldn’t check the TLS-RPT record, so you may or may not \
                         hear about it."
                    ),
                },
            };
            let enforce = Outcome {
                delivery: Delivery::Refused,
                because,
            };
            (testing, enforce)
        }
    };
    HostDelivery {
        host: host.to_owned(),
        none,
        testing,
        enforce,
    }
}

/// A sender picks any address: one that fails is a failure, and one that was not seen does not make
/// another one worse.
fn host(server: &MailServer, at: OffsetDateTime) -> Check {
    if server.addresses().next().is_none() {
        let name = escaped(&server.host, 253);
        return Check::Unseen(format!("We don’t know the addresses of {name}."));
    }
    let mut passed = None;
    let mut unseen = None;
    for ip in server.addresses() {
        let session = server.sessions.iter().find(|session| session.ip == ip);
        match address(ip, session, &server.host, at) {
            Check::Fails(because) => return Check::Fails(because),
            Check::Passes(because) => {
                passed.get_or_insert(because);
            }
            Check::Unseen(because) => {
                unseen.get_or_insert(because);
            }
        }
    }
    match (passed, unseen) {
        (Some(because), None) => Check::Passes(because),
        (Some(because), Some(open)) => Check::Passes(format!("{because} {open}")),
        (None, open) => Check::Unseen(open.unwrap_or_default()),
    }
}

/// The steps of one delivery, up to the first that decides.
fn address(ip: IpAddr, session: Option<&Session>, name: &str, at: OffsetDateTime) -> Check {
    let host = escaped(name, 253);
    let Some(session) = session else {
        return Check::Unseen(format!("We didn’t try {ip}."));
    };
    if let Some(failure) = session.connected.failed().or(session.greeting.failed()) {
        return Check::Unseen(format!("We couldn’t reach port 25 of {ip}: {failure}."));
    }
    match session.greeting.seen() {
        None => return Check::Unseen(format!("We didn’t try {ip}.")),
        Some(reply) if reply.code != 220 => {
            return Check::Unseen(format!("{ip} rejected our connection: {reply}."));
        }
        Some(_) => {}
    }
    match session.offers_starttls() {
        None => return Check::Unseen(format!("{ip} didn’t list its features in reply to EHLO.")),
        Some(false) if session.masked_keyword().is_some() => {
            return Check::Unseen(format!(
                "A device on the way to {ip} hides whether it offers STARTTLS."
            ));
        }
        Some(false) => return Check::Fails(format!("{host} at {ip} doesn’t offer STARTTLS.")),
        Some(true) => {}
    }
    match &session.starttls {
        Observed::Seen(reply) if reply.code != 220 => {
            return Check::Fails(format!("{host} at {ip} answers STARTTLS with {reply}."));
        }
        Observed::Seen(_) => {}
        Observed::Failed(failure) if failure.kind == FailureKind::Closed => {
            return Check::Fails(format!(
                "{host} at {ip} offers STARTTLS, but closes the connection when it is used."
            ));
        }
        Observed::Failed(failure) => {
            return Check::Unseen(format!("{ip} didn’t answer STARTTLS: {failure}."));
        }
        Observed::NotAsked => return Check::Unseen(format!("We didn’t try STARTTLS at {ip}.")),
    }
    let Some(tls) = session.tls.seen() else {
        return handshake(ip, session, &host);
    };
    match verdict(name, Server::Mail, &session.chain, at) {
        Verdict::Accepted => {}
        Verdict::Refused(fault) => {
            return Check::Fails(format!("{host} at {ip} {}.", fault.brief));
        }
        Verdict::Unclear(why) => {
            return Check::Unseen(format!(
                "We couldn’t verify the certificate of {ip}: {why}."
            ));
        }
    }
    match &session.ehlo_in_tls {
        Observed::Seen(reply) if reply.code != 250 => Check::Unseen(format!(
            "{ip} rejected us once the connection was encrypted: {reply}."
        )),
        Observed::Failed(_) => handshake(ip, session, &host),
        _ => Check::Passes(format!(
            "{host} offers {} with a trusted certificate for its name.",
            tls.version
        )),
    }
}

/// A handshake that did not end in a connection, or ended it at once.
fn handshake(ip: IpAddr, session: &Session, host: &str) -> Check {
    let Some(FailedHandshake { failure, cause }) = failed_handshake(session) else {
        let failure = session.tls.failed().or(session.ehlo_in_tls.failed());
        let failure = failure.map_or_else(String::new, |failure| format!(": {failure}"));
        return Check::Unseen(format!(
            "We couldn’t check the encryption of {ip}{failure}."
        ));
    };
    match cause {
        Cause::OldVersion(Some(taken)) => Check::Fails(format!(
            "{host} at {ip} supports nothing newer than {}.",
            taken.version
        )),
        Cause::WeakSuite(taken) => Check::Unseen(format!(
            "{host} at {ip} only negotiates {} with {}, which some senders accept and others \
             don’t.",
            taken.version,
            escaped(&taken.cipher, 60)
        )),
        _ if is_of_the_server(failure.kind) => Check::Fails(format!(
            "{host} at {ip} accepted STARTTLS, but encryption failed: {failure}."
        )),
        _ => Check::Unseen(format!(
            "We couldn’t check the encryption of {ip}: {failure}."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Answer, ControlHost, Controls, Reply, Tls, TlsVersion, Trust};
    use crate::rules::testing::{
        POLICY, add_address, failed, healthy, leaf, seen, served_chain, session,
    };
    use crate::text::policy::PolicyReading;

    fn first(change: impl FnOnce(&mut Facts)) -> HostDelivery {
        let mut facts = healthy();
        change(&mut facts);
        let policy = PolicyReading::read(POLICY.as_bytes()).policy;
        simulate(policy.as_ref(), &facts).remove(0)
    }

    #[track_caller]
    fn assert_refused(change: impl FnOnce(&mut Facts), because: &str) {
        let host = first(change);
        assert_eq!(host.none.delivery, Delivery::Delivered);
        assert_eq!(host.testing.delivery, Delivery::DeliveredAndReported);
        assert_eq!(host.enforce.delivery, Delivery::Refused);
        assert!(host.enforce.because.contains(because), "{host:#?}");
    }

    #[track_caller]
    fn assert_unknown(change: impl FnOnce(&mut Facts), because: &str) {
        let host = first(change);
        assert_eq!(host.testing.delivery, Delivery::Unknown);
        assert_eq!(host.enforce.delivery, Delivery::Unknown);
        assert!(host.enforce.because.contains(because), "{host:#?}");
    }

    #[test]
    fn a_right_mail_server_gets_its_mail_in_every_mode() {
        let host = first(|_| ());
        for mode in [Mode::None, Mode::Testing, Mode::Enforce] {
            assert_eq!(host.under(mode).delivery, Delivery::Delivered, "{mode}");
        }
        assert!(host.enforce.because.contains("TLS 1.3"), "{host:#?}");
    }

    #[test]
    fn whatever_fails_the_check_is_refused_in_enforce_alone() {
        let old = |facts: &mut Facts| session(facts, 0).tls = failed(FailureKind::TlsTooOld);
        assert_refused(old, "only TLS versions below 1.2");
        let plain = |facts: &mut Facts| {
            session(facts, 0).ehlo = Observed::Seen(Reply::new(250, &["mx1", "SIZE"]));
        };
        assert_refused(plain, "doesn’t offer STARTTLS");
        let refused = |facts: &mut Facts| {
            session(facts, 0).starttls = Observed::Seen(Reply::new(454, &["not now"]));
        };
        assert_refused(refused, "454 not now");
        assert_refused(
            |facts| session(facts, 0).starttls = failed(FailureKind::Closed),
            "closes the connection when it is used",
        );
        assert_refused(
            |facts| session(facts, 0).ehlo_in_tls = failed(FailureKind::TlsHandshake),
            "accepted STARTTLS, but encryption failed",
        );
        assert_refused(
            |facts| leaf(facts, 0).dns_names = vec!["other.example".into()],
            "doesn’t name it",
        );
        assert_refused(
            |facts| leaf(facts, 0).not_after = facts.checked_at - time::Duration::days(1),
            "expired on 22 November 2026",
        );
        assert_refused(
            |facts| leaf(facts, 0).not_before = facts.checked_at + time::Duration::days(1),
            "isn’t valid before 24 November 2026",
        );
        assert_refused(
            |facts| served_chain(facts, 0).trust = Trust::SelfSigned,
            "self-signed",
        );
        let expired_intermediate = |facts: &mut Facts| {
            served_chain(facts, 0).certificates[1].not_after =
                facts.checked_at - time::Duration::days(1);
        };
        assert_refused(expired_intermediate, "an intermediate certificate");
        assert_refused(
            |facts| session(facts, 0).chain = failed(FailureKind::UnreadableCertificate),
            "can’t be read",
        );
    }

    #[test]
    fn a_host_that_the_policy_leaves_out_is_refused_however_good_it_is() {
        let text = b"version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 604800\n";
        let policy = PolicyReading::read(text).policy;
        let hosts = simulate(policy.as_ref(), &healthy());
        assert_eq!(hosts[0].enforce.delivery, Delivery::Delivered);
        assert_eq!(hosts[1].enforce.delivery, Delivery::Refused);
        assert!(hosts[1].enforce.because.contains("mx2.example.com"));
        assert_eq!(
            simulate(None, &healthy())[1].enforce.delivery,
            Delivery::Delivered,
            "without a policy every host counts as listed"
        );
        let mut facts = healthy();
        facts.mail_servers[1].ipv4 = Observed::Seen(Answer::no_such_name());
        assert_eq!(
            simulate(policy.as_ref(), &facts)[1].enforce.delivery,
            Delivery::Unknown,
            "where no sender can go, none refuses"
        );
    }

    #[test]
    fn what_could_not_be_seen_is_never_called_refused() {
        assert_unknown(
            |facts| session(facts, 0).connected = failed(FailureKind::TimedOut),
            "couldn’t reach port 25",
        );
        let refused = |facts: &mut Facts| {
            session(facts, 0).greeting = Observed::Seen(Reply::new(554, &["go away"]));
        };
        assert_unknown(refused, "554 go away");
        let masked = |facts: &mut Facts| {
            session(facts, 0).ehlo = Observed::Seen(Reply::new(250, &["mx1", "XXXXXXXA"]));
        };
        assert_unknown(masked, "hides");
        assert_unknown(
            |facts| session(facts, 0).tls = failed(FailureKind::TimedOut),
            "couldn’t check",
        );
        assert_unknown(
            |facts| session(facts, 0).ehlo_in_tls = failed(FailureKind::TimedOut),
            "couldn’t check",
        );
        assert_unknown(
            |facts| session(facts, 0).tls = failed(FailureKind::Unsupported),
            "this program doesn’t support it",
        );
        assert_unknown(
            |facts| session(facts, 0).chain = failed(FailureKind::Other),
            "couldn’t verify the certificate",
        );
        let odd_key = |facts: &mut Facts| {
            served_chain(facts, 0).trust = Trust::Unverified {
                detail: "this program can’t verify RSA keys of 1024 bits".into(),
            };
        };
        assert_unknown(odd_key, "RSA keys of 1024 bits");
        let nowhere = |facts: &mut Facts| {
            facts.mail_servers[0].ipv4 = Observed::Seen(Answer::no_such_name());
        };
        assert_unknown(nowhere, "no address");
        assert_unknown(|facts| facts.mail_servers[0].sessions.clear(), "didn’t try");
    }

    #[test]
    fn an_old_server_is_refused_and_one_with_odd_suites_is_not_known() {
        let agreed = |version| {
            move |facts: &mut Facts| {
                session(facts, 0).tls = failed(FailureKind::TlsHandshake);
                session(facts, 0).anything_goes = Observed::Seen(Tls {
                    version,
                    cipher: "TLS_RSA_WITH_AES_128_CBC_SHA".into(),
                    key_exchange: None,
                });
            }
        };
        assert_refused(agreed(TlsVersion::Tls10), "nothing newer than TLS 1.0");
        assert_unknown(agreed(TlsVersion::Tls12), "TLS_RSA_WITH_AES_128_CBC_SHA");
    }

    #[test]
    fn one_bad_address_is_enough_and_one_unseen_address_is_not() {
        assert_refused(
            |facts| {
                add_address(facts, 0, "192.0.2.7").tls = failed(FailureKind::TlsTooOld);
            },
            "192.0.2.7",
        );
        let host = first(|facts| {
            add_address(facts, 0, "2001:db8::7").connected = failed(FailureKind::Unreachable);
        });
        assert_eq!(host.enforce.delivery, Delivery::Delivered);
        assert!(host.enforce.because.contains("2001:db8::7"), "{host:#?}");
    }

    #[test]
    fn without_a_report_record_nobody_is_told() {
        let host = first(|facts| {
            facts.tls_rpt = Observed::Seen(Answer::no_such_name());
            session(facts, 0).tls = failed(FailureKind::TlsTooOld);
        });
        assert_eq!(host.testing.delivery, Delivery::Delivered);
        assert!(host.testing.because.contains("You won’t hear about it"));
    }

    #[test]
    fn in_a_network_that_answers_for_others_nothing_is_known() {
        let greeting = Observed::Seen(Reply::new(220, &["gateway"]));
        assert_unknown(
            |facts| {
                seen(&mut session(facts, 0).tls).version = TlsVersion::Tls12;
                let host = |host: &str| ControlHost {
                    ip: None,
                    host: host.into(),
                    greeting: greeting.clone(),
                    ehlo: Observed::NotAsked,
                };
                facts.controls = Observed::Seen(Controls {
                    hosts: vec![host("a.example"), host("b.example")],
                    web: Observed::Seen(()),
                });
            },
            "instead of the mail servers",
        );
    }
}
