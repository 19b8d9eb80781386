//! The report: what the judge says, in the form that `--json` prints (`mta-sts-report/1`).

pub(crate) mod bounce;
pub(crate) mod delivery;
pub(crate) mod fallback;
pub(crate) mod headline;
mod html;
pub(crate) mod mail_path;

use std::net::IpAddr;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use crate::facts::{Chain, DomainConnect, Facts, MailServer, Observed, Session, TlsVersion, Trust};
use crate::knowledge::hosted_policy::{HostedPolicy, hosted_policy};
use crate::knowledge::senders::{Publication, SenderVerdict, sender_compatibility};
use crate::report::delivery::{Delivery, HostDelivery, simulate};
use crate::report::fallback::{Fallback, fallbacks};
use crate::rules::case::Case;
use crate::rules::certificate::chain::{Server, Verdict, verdict};
use crate::rules::coverage::covered::{mx_hosts, policy_in_use};
use crate::rules::finding::{Finding, NotChecked, Severity};
use crate::text::date_style::{clock_time, day};
use crate::text::domain::Domain;
use crate::text::escape::escaped;
use crate::text::moment::in_utc;
use crate::text::policy::{Mode, Policy};
use crate::text::sts_record::{StsRecord, StsSelection};
use crate::text::tls_rpt_record::TlsRptSelection;
use crate::text::txt_record::begins_right;

/// The judgement of one domain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    format: &'static str,
    /// The domain.
    pub domain: Domain,
    /// Where the domain stands, in one line.
    #[serde(skip)]
    pub headline: Headline,
    /// When the facts were gathered, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub checked_at: OffsetDateTime,
    /// The computer on which a saved check ran; `None` where it ran here.
    pub observed_on: Option<String>,
    /// The verdict in three words.
    pub readiness: Readiness,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub not_checked: Vec<NotChecked>,
    /// What to do where the network of this computer is in the way, the most useful first.
    pub fallbacks: Vec<Fallback>,
    /// What a sender does with mail to each MX host, under the policy that is published; while there
    /// is none in use, under one that lists every MX host.
    pub delivery: Vec<HostDelivery>,
    /// Which known sending systems would ignore the published policy, or refuse mail because of it.
    pub sender_compatibility: Vec<SenderVerdict>,
    /// The MX hosts as seen.
    pub mail_servers: Vec<MailServerView>,
    /// The MTA-STS record as seen.
    pub record: RecordView,
    /// The policy as fetched.
    pub policy: PolicyView,
    /// The service that hosts the policy, where the names in the DNS tell one.
    #[serde(skip)]
    pub hosted_policy: Option<&'static HostedPolicy>,
    /// Where the DNS of the domain is managed, where the provider says so.
    #[serde(skip)]
    pub domain_connect: Option<DomainConnect>,
    /// The TLS-RPT record as seen.
    pub tls_reporting: TlsReportingView,
}

/// Where a domain stands, in one line, and how bad it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headline {
    /// How bad it is; `None` where all is well.
    pub severity: Option<Severity>,
    /// A sentence or two that name the domain. Escaped.
    pub text: String,
}

/// The verdict: mail servers, publication, and what a sender would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The MX half alone.
    pub mail_servers: ReadyMailServers,
    /// Record, policy, and their fit with the live MX hosts.
    pub published: Published,
    /// What a sender without a cached policy would apply; `None` where it would ignore the policy.
    pub effective_mode: Option<Mode>,
}

impl Readiness {
    /// Whether one of the halves could not be judged, or was never looked at, as in a check that was
    /// stopped.
    #[must_use]
    pub fn is_undetermined(self) -> bool {
        self.mail_servers == ReadyMailServers::Undetermined
            || self.published == Published::Undetermined
    }

    /// Whether senders go by the mx lines of the policy that is published.
    #[must_use]
    pub(crate) fn has_a_policy_in_force(self) -> bool {
        matches!(self.effective_mode, Some(Mode::Testing | Mode::Enforce))
    }
}

/// Whether the mail servers are ready for a policy in enforce mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadyMailServers {
    /// Every address of every MX host is right.
    Ready,
    /// It works, but something needs attention.
    Attention,
    /// Mail would be refused.
    NotReady,
    /// Something could not be checked.
    Undetermined,
    /// The domain doesn't receive mail.
    NoMail,
}

/// How far the publication is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Published {
    /// Nothing is published yet.
    None,
    /// Everything is right.
    Ok,
    /// It works, but something needs attention.
    Attention,
    /// Senders ignore it, or refuse mail because of it.
    Broken,
    /// Something could not be checked.
    Undetermined,
}

/// One MX host of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailServerView {
    /// Its name.
    pub host: String,
    /// The preference of its MX record.
    pub preference: u16,
    /// Whether a line of the policy covers it; `None` without a policy.
    pub listed_in_policy: Option<bool>,
    /// Its addresses.
    pub addresses: Vec<AddressView>,
}

/// One address of an MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressView {
    /// The address.
    pub ip: IpAddr,
    /// Whether port 25 accepted a connection; `None` where it is not known.
    pub reachable: Option<bool>,
    /// Whether STARTTLS was offered.
    pub starttls: Option<bool>,
    /// The TLS version agreed on.
    pub tls: Option<TlsVersion>,
    /// The cipher suite agreed on.
    pub cipher: Option<String>,
    /// The key exchange group agreed on, where it is known.
    #[serde(skip)]
    pub key_exchange: Option<String>,
    /// The certificate as served.
    pub certificate: Option<CertificateView>,
}

/// A certificate of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateView {
    /// The subject.
    pub subject: String,
    /// The DNS names.
    pub names: Vec<String>,
    /// The issuer.
    pub issuer: String,
    /// Start of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// End of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// Whether it leads to a trusted root.
    pub trusted: bool,
    /// Whether it names the MX host.
    pub name_matches: bool,
    /// What senders make of it and of the certificates that were sent with it.
    #[serde(skip)]
    pub acceptance: Acceptance,
}

/// What senders make of a certificate and its chain (RFC 8461 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// They accept it.
    Accepted,
    /// They refuse it. Why, in words that follow the name of the host. Escaped.
    Refused(String),
    /// This check couldn’t verify it. Why, in a sentence without its full stop. Escaped.
    Unclear(String),
}

/// The MTA-STS record of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordView {
    /// Every TXT text at the name; `None` where the lookup failed.
    pub texts: Option<Vec<String>>,
    /// The id, where the record is valid.
    pub id: Option<String>,
    /// The TTL in seconds.
    pub ttl_secs: Option<u32>,
    /// The last name that an alias led to.
    pub alias: Option<String>,
}

/// The policy of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyView {
    /// The file as text, as it came; `None` where none came with status 200.
    pub text: Option<String>,
    /// The mode.
    pub mode: Option<Mode>,
    /// The lifetime in seconds.
    pub max_age_secs: Option<u32>,
    /// The mx lines.
    pub mx: Option<Vec<String>>,
    /// The HTTP status.
    pub http_status: Option<u16>,
    /// The Content-Type header.
    pub content_type: Option<String>,
}

/// The TLS-RPT record of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TlsReportingView {
    /// Every TXT text at the name; `None` where the lookup failed.
    pub texts: Option<Vec<String>>,
    /// Where reports go, where the record is valid.
    pub rua: Option<Vec<String>>,
}

impl Report {
    /// Where and when a saved check ran, in a sentence; `None` where it ran here. `now` is the moment
    /// at which it is read.
    #[must_use]
    pub fn provenance(&self, now: OffsetDateTime) -> Option<String> {
        let host = escaped(self.observed_on.as_deref()?, 100);
        let at = in_utc(self.checked_at);
        let age = now - self.checked_at;
        let ago = match (age.whole_minutes(), age.whole_hours(), age.whole_days()) {
            (..0, _, _) => "which is later than the clock of this computer says".to_owned(),
            (0..2, _, _) => "just now".to_owned(),
            (minutes, ..2, _) => format!("{minutes} minutes ago"),
            (_, hours, ..2) => format!("{hours} hours ago"),
            (_, _, days) => format!("{days} days ago. It may have changed since"),
        };
        Some(format!(
            "Seen by {host} on {} at {} UTC, {ago}.",
            day(at),
            clock_time(at.time())
        ))
    }

    /// Under which policy [`Report::delivery`] holds, in a sentence to show above it.
    #[must_use]
    pub fn delivery_premise(&self) -> &'static str {
        if self.readiness.has_a_policy_in_force() {
            "What happens to mail for each server when the sender supports MTA-STS."
        } else {
            "Senders that follow the standard see no valid policy now. This is what would happen to \
             mail for each server under a policy that lists them all."
        }
    }

    pub(crate) fn new(
        case: &Case<'_>,
        readiness: Readiness,
        findings: Vec<Finding>,
        not_checked: Vec<NotChecked>,
    ) -> Self {
        Self {
            format: "mta-sts-report/1",
            headline: Headline::default(),
            domain: case.facts.domain.clone(),
            checked_at: case.facts.checked_at,
            observed_on: case.facts.observed_on.clone(),
            readiness,
            fallbacks: fallbacks(case, &findings, &not_checked),
            findings,
            not_checked,
            delivery: simulate(
                policy_in_use(case).filter(|_| readiness.has_a_policy_in_force()),
                case.facts,
            ),
            sender_compatibility: senders(case),
            mail_servers: case
                .mail_servers()
                .map(|server| mail_server(case, server))
                .collect(),
            record: record(case),
            policy: policy(case),
            hosted_policy: hosted_policy(case.facts),
            domain_connect: case.facts.domain_connect.seen().cloned(),
            tls_reporting: tls_reporting(case),
        }
    }

    /// The worst that was found; [`Severity::NotChecked`] counts only where nothing else was found.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        let doubt = (!self.not_checked.is_empty()).then_some(Severity::NotChecked);
        self.findings
            .iter()
            .map(|finding| finding.severity)
            .min()
            .or(doubt)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 7)?;
        object.serialize_field("code", self.rule.code)?;
        object.serialize_field("severity", &self.severity)?;
        object.serialize_field("subject", &self.subject)?;
        object.serialize_field("title", self.rule.title)?;
        object.serialize_field("evidence", &self.evidence)?;
        object.serialize_field("fix", &self.fix)?;
        object.serialize_field("help", &format!("docs/findings.md#{}", self.rule.code))?;
        object.end()
    }
}

impl Serialize for NotChecked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("NotChecked", 3)?;
        object.serialize_field("code", self.rule.code)?;
        object.serialize_field("subject", &self.subject)?;
        object.serialize_field("reason", &self.reason)?;
        object.end()
    }
}

/// What known senders make of the policy as it was fetched; nothing where it was not.
pub(crate) fn senders(case: &Case<'_>) -> Vec<SenderVerdict> {
    let (Some(policy), Some(response)) = (&case.policy, case.response()) else {
        return Vec::new();
    };
    let answer = case.facts.record.seen();
    let texts = answer.map_or(&[][..], |answer| answer.records.as_slice());
    let record = match &case.record {
        Some(StsSelection::One(_)) => texts.iter().find(|text| begins_right::<StsRecord>(text)),
        _ => None,
    };
    let mx_hosts = mx_hosts(case);
    let readable = policy.policy.as_ref();
    let refused_host = readable.and_then(|policy| refused_host(policy, case.facts));
    sender_compatibility(&Publication {
        policy,
        body: &response.body.0,
        content_type: Some(response.content_type.as_deref().unwrap_or_default()),
        fetch_millis: case.facts.policy.seen().map(|fetch| fetch.millis),
        record: record.map(String::as_str),
        texts,
        mx_hosts: &mx_hosts,
        refused_host: refused_host.as_deref(),
    })
}

/// The first MX host that the policy names and that an enforcing sender would refuse (RFC 8461 5).
fn refused_host(policy: &Policy, facts: &Facts) -> Option<String> {
    let is_refused = |host: &HostDelivery| {
        policy.covers(&host.host) && host.enforce.delivery == Delivery::Refused
    };
    let mut hosts = simulate(Some(policy), facts).into_iter();
    hosts.find(is_refused).map(|host| host.host)
}

fn mail_server(case: &Case<'_>, server: &MailServer) -> MailServerView {
    let policy = case
        .policy
        .as_ref()
        .and_then(|reading| reading.policy.as_ref());
    MailServerView {
        host: server.host.clone(),
        preference: server.preference,
        listed_in_policy: policy.map(|policy| policy.covers(&server.host)),
        addresses: server
            .addresses()
            .map(|ip| {
                let session = server.sessions.iter().find(|session| session.ip == ip);
                address(ip, session, &server.host, case.facts.checked_at)
            })
            .collect(),
    }
}

fn address(
    ip: IpAddr,
    session: Option<&Session>,
    host: &str,
    checked_at: OffsetDateTime,
) -> AddressView {
    let tls = session.and_then(|session| session.tls.seen());
    AddressView {
        ip,
        reachable: session.and_then(|session| match session.connected {
            Observed::Seen(_) => Some(true),
            Observed::Failed(_) => Some(false),
            Observed::NotAsked => None,
        }),
        starttls: session.and_then(Session::offers_starttls),
        tls: tls.map(|tls| tls.version),
        cipher: tls.map(|tls| tls.cipher.clone()),
        key_exchange: tls.and_then(|tls| tls.key_exchange.clone()),
        certificate: session.and_then(|session| certificate(&session.chain, host, checked_at)),
    }
}

fn certificate(
    chain: &Observed<Chain>,
    host: &str,
    checked_at: OffsetDateTime,
) -> Option<CertificateView> {
    let acceptance = match verdict(host, Server::Mail, chain, checked_at) {
        Verdict::Accepted => Acceptance::Accepted,
        Verdict::Refused(fault) => Acceptance::Refused(fault.brief),
        Verdict::Unclear(why) => Acceptance::Unclear(why),
    };
    let chain = chain.seen()?;
    let leaf = chain.leaf()?;
    Some(CertificateView {
        subject: leaf.subject.clone(),
        names: leaf.dns_names.clone(),
        issuer: leaf.issuer.clone(),
        not_before: leaf.not_before,
        not_after: leaf.not_after,
        trusted: matches!(chain.trust, Trust::Trusted { .. }),
        name_matches: leaf.names(host),
        acceptance,
    })
}

fn record(case: &Case<'_>) -> RecordView {
    let answer = case.facts.record.seen();
    RecordView {
        texts: answer.map(|answer| answer.records.clone()),
        id: match &case.record {
            Some(StsSelection::One(reading)) => {
                reading.record.as_ref().map(|record| record.id.to_string())
            }
            _ => None,
        },
        ttl_secs: answer.and_then(|answer| answer.ttl_secs),
        alias: answer.and_then(|answer| answer.aliases.last().cloned()),
    }
}

fn policy(case: &Case<'_>) -> PolicyView {
    let response = case.response();
    let policy = case
        .policy
        .as_ref()
        .and_then(|reading| reading.policy.as_ref());
    PolicyView {
        text: response
            .filter(|response| response.status == 200)
            .map(|response| String::from_utf8_lossy(&response.body.0).into_owned()),
        mode: policy.map(Policy::mode),
        max_age_secs: policy.map(|policy| policy.max_age().secs()),
        mx: policy.map(|policy| policy.mx().iter().map(ToString::to_string).collect()),
        http_status: response.map(|response| response.status),
        content_type: response.and_then(|response| response.content_type.clone()),
    }
}

fn tls_reporting(case: &Case<'_>) -> TlsReportingView {
    TlsReportingView {
        texts: case
            .facts
            .tls_rpt
            .seen()
            .map(|answer| answer.records.clone()),
        rua: match &case.tls_rpt {
            Some(TlsRptSelection::One(reading)) => reading
                .record
                .as_ref()
                .map(|record| record.rua.iter().map(ToString::to_string).collect()),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests;
