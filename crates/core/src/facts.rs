//! What a probe saw of a domain: observations only, no judgement.
//!
//! Facts arrive one by one as [`Fact`]s and are folded into [`Facts`], which can be saved as JSON
//! (`mta-sts-facts/1`) and judged again anywhere. Strings in here come from the network and are
//! kept as they came, bounded in length by the probe; whoever shows them escapes them.

mod answer;
mod certificate;
mod dane;
mod domain_connect;
mod elsewhere;
mod policy_fetch;
pub(crate) mod server_view;
mod smtp;

use std::net::IpAddr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::facts::server_view::ServerView;
use crate::text::address::Scope;
use crate::text::domain::Domain;
use crate::text::domain::is_at_or_below;
use crate::text::escape::{escaped, json_error};
use crate::text::moment;

pub use answer::{Answer, FailureKind, MxRecord, Observed, ProbeFailure, Zone, ZoneServer};
pub use certificate::{Certificate, CertificateError, Chain, ChainFault, KeyUsage, Trust};
pub use dane::{Digests, Tlsa, TlsaAnswer};
pub use domain_connect::{DomainConnect, DomainConnectError};
pub use elsewhere::{HostView, KnownPolicy, NearMiss, RandomName, StrayPolicy};
pub use policy_fetch::{Body, PolicyFetch, Response};
pub use smtp::{
    Block, ControlHost, Controls, DnsInterception, Family, Interception, MailServer, Reply,
    Session, SubmissionPort, Tls, TlsVersion,
};

/// The format name that every facts file carries.
pub const FACTS_FORMAT: &str = "mta-sts-facts/1";

/// Everything that was observed about one domain in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Facts {
    format: Format,
    /// The domain that was asked about.
    pub domain: Domain,
    /// When the run began, in UTC. The only clock the judge knows.
    #[serde(
        serialize_with = "time::serde::rfc3339::serialize",
        deserialize_with = "moment::read"
    )]
    pub checked_at: OffsetDateTime,
    /// Where the domain's zone begins and which name servers answer for it.
    pub zone: Observed<Zone>,
    /// The MX records of the domain.
    pub mx: Observed<Answer<MxRecord>>,
    /// The addresses of the domain itself; asked only where there is no MX record (RFC 5321 5.1).
    pub domain_addresses: Observed<Answer<IpAddr>>,
    /// One entry for each MX host, in order of preference.
    pub mail_servers: Vec<MailServer>,
    /// Whether mail servers of other operators can be reached from here; asked only in doubt.
    pub controls: Observed<Controls>,
    /// The TXT texts at `_mta-sts.DOMAIN`.
    pub record: Observed<Answer<String>>,
    /// The TXT texts at `_smtp._tls.DOMAIN`.
    pub tls_rpt: Observed<Answer<String>>,
    /// The addresses of `mta-sts.DOMAIN`.
    pub policy_host: Observed<Answer<IpAddr>>,
    /// What came of fetching the policy; not asked where the policy host has no address.
    pub policy: Observed<PolicyFetch>,
    /// What each authoritative name server says, where they were asked one by one.
    #[serde(default)]
    pub name_servers: Vec<ServerView>,
    /// What stands at names beside `_mta-sts` and `_smtp._tls`; asked only where the right name has
    /// no good record.
    #[serde(default)]
    pub near_misses: Vec<NearMiss>,
    /// What a name answers that nobody can have made.
    #[serde(default)]
    pub random_name: Observed<RandomName>,
    /// What came of fetching the policy over IPv6 alone, where its host has both families.
    #[serde(default)]
    pub policy_over_ipv6: Observed<PolicyFetch>,
    /// What stands at addresses beside the right one; asked only where the policy is not there.
    #[serde(default)]
    pub stray_policies: Vec<StrayPolicy>,
    /// The policy and id that an earlier look saw, told by whoever remembers it.
    #[serde(default)]
    pub earlier: Option<KnownPolicy>,
    /// The policy and id that were written for publication, told by whoever has the files.
    #[serde(default)]
    pub written: Option<KnownPolicy>,
    /// The name of the computer on which a saved check ran, told by whoever saved it.
    #[serde(default)]
    pub observed_on: Option<String>,
    /// What name servers say of hosts that have no public address here.
    #[serde(default)]
    pub host_views: Vec<HostView>,
    /// What the DNS provider says of itself; not asked where no TXT record names a host for that.
    #[serde(default)]
    pub domain_connect: Observed<DomainConnect>,
    /// Whether the mail system lives inside a network, so that private addresses are what its senders
    /// see.
    #[serde(default)]
    pub internal: bool,
    /// The hosts of a move that aren’t MX hosts now, where some were named for the check.
    #[serde(default)]
    pub planned: Vec<MailServer>,
    /// True when the run was stopped, or went wrong, before every question was answered.
    pub cut_short: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "mta-sts-facts/1")]
    V1,
}

/// One observation, sent by the probe as soon as it has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The zone and its name servers.
    Zone(Observed<Zone>),
    /// The MX records; known before any mail server is asked.
    Mx(Observed<Answer<MxRecord>>),
    /// The addresses of the domain itself.
    DomainAddresses(Observed<Answer<IpAddr>>),
    /// An MX host, named for the first time or with its addresses known.
    MailServer(MailServer),
    /// The state of the one connection to one address of an MX host. Sent again as it goes on.
    Session {
        /// The MX host, as in [`MailServer::host`].
        host: String,
        /// What is known so far.
        session: Box<Session>,
    },
    /// The control hosts.
    Controls(Observed<Controls>),
    /// A port of an MX host on which users hand in mail.
    Submission {
        /// The MX host, as in [`MailServer::host`].
        host: String,
        /// What was seen there.
        port: SubmissionPort,
    },
    /// The TXT texts at `_mta-sts.DOMAIN`.
    Record(Observed<Answer<String>>),
    /// The TXT texts at `_smtp._tls.DOMAIN`.
    TlsRpt(Observed<Answer<String>>),
    /// The addresses of the policy host.
    PolicyHost(Observed<Answer<IpAddr>>),
    /// The policy fetch.
    Policy(Observed<PolicyFetch>),
    /// The TLSA records of an MX host.
    Tlsa {
        /// The MX host, as in [`MailServer::host`].
        host: String,
        /// What the DNS answered.
        tlsa: Observed<TlsaAnswer>,
    },
    /// What one authoritative name server says.
    NameServer(Box<ServerView>),
    /// What stands at a name beside the right one.
    NearMiss(NearMiss),
    /// What a name answers that nobody can have made.
    RandomName(Observed<RandomName>),
    /// The policy fetch over IPv6 alone.
    PolicyOverIpv6(Observed<PolicyFetch>),
    /// What stands at an address beside the right one.
    StrayPolicy(StrayPolicy),
    /// What a name server says of a host's addresses.
    HostView(HostView),
    /// What the DNS provider says of itself.
    DomainConnect(Observed<DomainConnect>),
    /// A host of a move that isn’t an MX host now, with all that was seen of it.
    Planned(Box<MailServer>),
    /// The check has run out of its time as a whole; what is missing was not answered.
    OutOfTime,
}

/// A facts file that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// A format that only a newer version knows.
    #[error(
        "it was written by a newer version of this program, in the format {}. Update this one to \
         read it",
        escaped(.0, 40)
    )]
    Newer(String),
    /// Not JSON, or not this format; the message names line and column.
    #[error(
        "this isn’t a facts file of the format {FACTS_FORMAT}: {}, at line {}, column {}",
        json_error(.0),
        .0.line(),
        .0.column()
    )]
    Unreadable(#[from] serde_json::Error),
    /// More of something than any check sees; judging it would take for ever.
    #[error("it has {count} {what}, but a check looks at {max} at most")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
}

/// The most entries of any list in a facts file: mail servers, where a check stops at twenty, records
/// of one name, connections to one server.
const MAX_ENTRIES: usize = 1_000;

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, to)
    }
}

/// Wherever facts are read from, they are bounded.
impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let facts = Self::deserialize(from)?;
        facts.check_bounds().map_err(D::Error::custom)?;
        Ok(facts)
    }
}

impl Facts {
    /// Facts about which nothing has been asked yet.
    #[must_use]
    pub fn new(domain: Domain, checked_at: OffsetDateTime) -> Self {
        Self {
            format: Format::V1,
            domain,
            checked_at,
            zone: Observed::NotAsked,
            mx: Observed::NotAsked,
            domain_addresses: Observed::NotAsked,
            mail_servers: Vec::new(),
            controls: Observed::NotAsked,
            record: Observed::NotAsked,
            tls_rpt: Observed::NotAsked,
            policy_host: Observed::NotAsked,
            policy: Observed::NotAsked,
            name_servers: Vec::new(),
            near_misses: Vec::new(),
            random_name: Observed::NotAsked,
            policy_over_ipv6: Observed::NotAsked,
            stray_policies: Vec::new(),
            earlier: None,
            written: None,
            observed_on: None,
            host_views: Vec::new(),
            domain_connect: Observed::NotAsked,
            internal: false,
            planned: Vec::new(),
            cut_short: false,
        }
    }

    /// Takes in one observation. A later one about the same thing replaces the earlier.
    pub fn fold(&mut self, fact: Fact) {
        match fact {
            Fact::Zone(zone) => self.zone = zone,
            Fact::Mx(mx) => self.mx = mx,
            Fact::DomainAddresses(addresses) => self.domain_addresses = addresses,
            Fact::MailServer(server) => self.fold_mail_server(server),
            Fact::Session { host, session } => self.fold_session(&host, *session),
            Fact::Controls(controls) => self.controls = controls,
            Fact::Submission { host, port } => {
                if let Some(server) = self.server_mut(&host) {
                    replace_or_push(&mut server.submission, port, |port| port.port);
                }
            }
            Fact::Record(record) => self.record = record,
            Fact::TlsRpt(tls_rpt) => self.tls_rpt = tls_rpt,
            Fact::PolicyHost(addresses) => self.policy_host = addresses,
            Fact::Policy(policy) => self.policy = policy,
            Fact::Tlsa { host, tlsa } => {
                if let Some(server) = self.server_mut(&host) {
                    server.tlsa = tlsa;
                }
            }
            Fact::NameServer(view) => {
                replace_or_push(&mut self.name_servers, *view, |view| view.observer.clone());
            }
            Fact::NearMiss(near_miss) => {
                replace_or_push(&mut self.near_misses, near_miss, |near_miss| {
                    near_miss.name.clone()
                });
            }
            Fact::Planned(server) => {
                replace_or_push(&mut self.planned, *server, |server| server.host.clone());
            }
            Fact::OutOfTime => self.cut_short = true,
            Fact::RandomName(random_name) => self.random_name = random_name,
            Fact::PolicyOverIpv6(policy) => self.policy_over_ipv6 = policy,
            Fact::StrayPolicy(stray) => {
                replace_or_push(&mut self.stray_policies, stray, |stray| stray.url.clone());
            }
            Fact::HostView(view) => {
                replace_or_push(&mut self.host_views, view, |view| view.host.clone());
            }
            Fact::DomainConnect(provider) => self.domain_connect = provider,
        }
    }

    /// Whether senders get to an address: to public ones, and to private ones where the mail system
    /// lives inside a network.
    #[must_use]
    pub(crate) fn is_in_reach(&self, ip: IpAddr) -> bool {
        match Scope::of(ip) {
            Scope::Public => true,
            Scope::Internal => self.internal,
            Scope::Nowhere => false,
        }
    }

    fn server_mut(&mut self, host: &str) -> Option<&mut MailServer> {
        self.mail_servers
            .iter_mut()
            .find(|known| known.host == host)
    }

    fn fold_mail_server(&mut self, server: MailServer) {
        if let Some(known) = self.server_mut(&server.host) {
            let earlier = std::mem::replace(known, server);
            if known.sessions.is_empty() {
                known.sessions = earlier.sessions;
            }
            if known.tlsa.is_not_asked() {
                known.tlsa = earlier.tlsa;
            }
            if known.submission.is_empty() {
                known.submission = earlier.submission;
            }
        } else {
            self.mail_servers.push(server);
            self.mail_servers
                .sort_by(|a, b| (a.preference, &a.host).cmp(&(b.preference, &b.host)));
        }
    }

    fn fold_session(&mut self, host: &str, session: Session) {
        let Some(server) = self.server_mut(host) else {
            return;
        };
        let known = server
            .sessions
            .iter_mut()
            .find(|known| known.ip == session.ip);
        if let Some(known) = known {
            *known = session;
        } else {
            server.sessions.push(session);
            server.sessions.sort_by_key(|session| session.ip);
        }
    }

    /// Reads a saved facts file. A byte order mark is skipped.
    ///
    /// # Errors
    /// [`FactsError`], with line and column where there is a mistake in the text.
    pub fn from_json(text: &str) -> Result<Self, FactsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut json = serde_json::Deserializer::from_str(text);
        let read = Self::deserialize(&mut json).and_then(|facts| json.end().map(|()| facts));
        let facts = read.map_err(|error| match newer_format(text) {
            Some(format) => FactsError::Newer(format),
            None => FactsError::Unreadable(error),
        })?;
        facts.check_bounds()?;
        Ok(facts)
    }

    /// Facts of a check are bounded by the check; those of a file are anybody's.
    fn check_bounds(&self) -> Result<(), FactsError> {
        fn records<T>(answer: &Observed<Answer<T>>) -> usize {
            answer.seen().map_or(0, |answer| answer.records.len())
        }
        fn certificates(chain: &Observed<Chain>) -> usize {
            chain.seen().map_or(0, |chain| chain.certificates.len())
        }
        let servers = || self.mail_servers.iter().chain(&self.planned);
        let sessions = || servers().flat_map(|it| &it.sessions);
        let fetches = [&self.policy, &self.policy_over_ipv6].into_iter();
        let fetches = fetches.chain(self.stray_policies.iter().map(|it| &it.fetch));
        let chains = fetches.filter_map(|it| it.seen()).map(|it| &it.chain);
        let chains = chains.chain(sessions().flat_map(|it| [&it.chain, &it.chain_without_sni]));
        let near_misses = self.near_misses.iter().map(|it| records(&it.texts));
        let random_name = self.random_name.seen();
        let zone = self.zone.seen().map_or(0, |zone| zone.servers.len());
        let views = self.name_servers.iter();
        let of_views = views.flat_map(|it| [records(&it.record), records(&it.tls_rpt)]);
        let mx_of_views = self.name_servers.iter().map(|it| records(&it.mx));
        let texts = near_misses
            .chain(of_views)
            .chain(random_name.map(|it| it.texts.records.len()))
            .chain([records(&self.record), records(&self.tls_rpt)]);
        let addresses = servers().map(|it| records(&it.ipv4).saturating_add(records(&it.ipv6)));
        let dns_provider = self.domain_connect.seen();
        let connections = servers().map(|it| it.sessions.len().max(it.submission.len()));
        for (what, count) in [
            ("mail servers", servers().count()),
            (
                "MX records",
                mx_of_views.chain([records(&self.mx)]).max().unwrap_or(0),
            ),
            ("addresses", records(&self.domain_addresses)),
            ("TXT records at one name", texts.max().unwrap_or(0)),
            ("addresses of the policy host", records(&self.policy_host)),
            ("addresses of one mail server", addresses.max().unwrap_or(0)),
            (
                "connections to one mail server",
                connections.max().unwrap_or(0),
            ),
            (
                "certificates in one chain",
                chains.map(certificates).max().unwrap_or(0),
            ),
            ("name servers", self.name_servers.len().max(zone)),
            ("misplaced records", self.near_misses.len()),
            ("answers about hosts", self.host_views.len()),
            ("misplaced policies", self.stray_policies.len()),
            (
                "characters in the name of the DNS provider",
                dns_provider.map_or(0, |it| it.provider.chars().count()),
            ),
        ] {
            if count > MAX_ENTRIES {
                let max = MAX_ENTRIES;
                return Err(FactsError::TooMany { what, count, max });
            }
        }
        Ok(())
    }

    /// The facts as a file, one value a line, ending with a line break.
    ///
    /// # Errors
    /// Only when serialization itself fails, which these types do not do.
    pub fn to_json(&self) -> Result<String, FactsError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Where the zone of the domain begins in the DNS, as far as it was seen; else the domain.
    #[must_use]
    pub fn zone_or_domain(&self) -> Domain {
        let apex = self
            .zone
            .seen()
            .and_then(|zone| Domain::parse(&zone.apex).ok());
        apex.filter(|apex| is_at_or_below(self.domain.as_str(), apex.as_str()))
            .unwrap_or_else(|| self.domain.clone())
    }

    /// True when the domain says, by a single null MX (RFC 7505), that it receives no mail.
    #[must_use]
    pub fn takes_no_mail(&self) -> bool {
        self.mx
            .seen()
            .is_some_and(|mx| mx.records.len() == 1 && mx.records[0].is_null())
    }

    /// True when the domain does not exist, or says it receives no mail: then nothing needs to be
    /// published, and nothing is missing.
    #[must_use]
    pub fn has_no_use_for_a_policy(&self) -> bool {
        self.takes_no_mail() || self.mx.seen().is_some_and(|answer| !answer.name_exists)
    }

    /// True when there is no MTA-STS record and no policy: nothing is published yet. That a
    /// policy host exists proves nothing, since a wildcard answers for it too.
    #[must_use]
    pub fn nothing_published(&self) -> bool {
        let Some(record) = self.record.seen() else {
            return false;
        };
        if record
            .records
            .iter()
            .any(|text| crate::looks_like_sts(text))
        {
            return false;
        }
        match (&self.policy_host, &self.policy) {
            (Observed::Seen(host), _) if host.records.is_empty() => true,
            (Observed::Seen(_), Observed::Seen(fetch)) => {
                fetch.response.seen().is_none_or(|response| {
                    response.status != 200
                        || crate::PolicyReading::read(&response.body.0)
                            .fields
                            .is_empty()
                })
            }
            _ => false,
        }
    }
}

/// The format of a facts file that only a newer version can read.
fn newer_format(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: String,
    }
    let found = serde_json::from_str::<FormatOnly>(text).ok()?.format;
    let version_of = |format: &str| {
        let (name, version) = format.rsplit_once('/')?;
        Some((name.to_owned(), version.parse::<u32>().ok()?))
    };
    let (ours, theirs) = (version_of(FACTS_FORMAT)?, version_of(&found)?);
    (theirs.0 == ours.0 && theirs.1 > ours.1).then_some(found)
}

/// Puts an entry in the place of the one with the same key, or sorts it in by its key, so that the
/// order does not depend on who answered first.
pub(crate) fn replace_or_push<T, K: Ord>(entries: &mut Vec<T>, entry: T, key: impl Fn(&T) -> K) {
    match entries.binary_search_by_key(&key(&entry), &key) {
        Ok(place) => entries[place] = entry,
        Err(place) => entries.insert(place, entry),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use time::macros::datetime;

    use super::*;
    use crate::text::https_address::HttpsAddress;

    fn facts() -> Facts {
        Facts::new(
            Domain::parse("example.com").unwrap(),
            datetime!(2026-11-23 12:00 UTC),
        )
    }

    #[test]
    fn facts_survive_being_saved() {
        let mut facts = facts();
        facts.fold(Fact::Mx(Observed::Seen(Answer::of([MxRecord {
            preference: 10,
            exchange: "mx.example.com".into(),
        }]))));
        facts.fold(Fact::MailServer(MailServer::named("mx.example.com", 10)));
        facts.fold(Fact::TlsRpt(Observed::Failed(ProbeFailure::new(
            FailureKind::TimedOut,
            "8 s",
        ))));
        let text = facts.to_json().unwrap();
        assert!(text.contains("\"mta-sts-facts/1\""));
        assert_eq!(Facts::from_json(&text).unwrap(), facts);
    }

    #[test]
    fn a_facts_file_of_another_format_is_refused_with_its_place() {
        for other in ["facts/x", "facts/0", "holiday/2", "facts/\\u001b[31m"] {
            let text = facts().to_json().unwrap().replace("facts/1", other);
            let error = Facts::from_json(&text).unwrap_err().to_string();
            assert!(
                error.contains("mta-sts-facts/1") && error.contains("line 2"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_facts_file_of_a_newer_version_says_so_whatever_is_in_it() {
        for text in [
            facts().to_json().unwrap().replace("facts/1", "facts/2"),
            "{\"format\":\"mta-sts-facts/10\",\"new\":[1]}".to_owned(),
        ] {
            let error = Facts::from_json(&text).unwrap_err().to_string();
            assert!(
                error.starts_with("it was written by a newer version of this program"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let text = format!("\u{feff}{}", facts().to_json().unwrap());
        assert_eq!(Facts::from_json(&text).unwrap(), facts());
    }

    #[test]
    fn what_comes_after_the_facts_is_not_ignored() {
        let text = facts().to_json().unwrap() + "{}";
        assert!(Facts::from_json(&text).is_err());
    }

    #[test]
    fn an_error_repeats_little_of_the_file_and_stays_on_one_line() {
        let long = "\\u001b[31m\\n".repeat(100_000);
        let text = facts().to_json().unwrap();
        let whole = text.replace("\"not-asked\"", &format!("\"{long}\""));
        for text in [
            whole,
            text.replace("example.com", &long),
            text.replace("2026-11-23T12:00:00Z", &long),
            text.replace("mta-sts-facts/1", &long),
            text.replace("\"mx\"", &format!("\"{long}\"")),
        ] {
            let error = Facts::from_json(&text).unwrap_err().to_string();
            assert!(error.len() < 500, "{} bytes", error.len());
            assert!(!error.contains(char::is_control), "{error:?}");
        }
    }

    #[test]
    fn a_facts_file_with_more_than_any_check_sees_is_refused() {
        let mut facts = facts();
        let record = |number: u16| MxRecord {
            preference: number,
            exchange: format!("mx{number}.example.com"),
        };
        facts.mx = Observed::Seen(Answer::of((0..50_000).map(record)));
        let error = Facts::from_json(&facts.to_json().unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it has 50000 MX records, but a check looks at 1000 at most"
        );
        facts.mx = Observed::NotAsked;
        let server = |number| MailServer::named(format!("mx{number}.example.com"), 10);
        facts.mail_servers = (0..1_001).map(server).collect();
        let error = Facts::from_json(&facts.to_json().unwrap()).unwrap_err();
        assert!(error.to_string().contains("1001 mail servers"), "{error}");
        let inside = format!("[{}]", facts.to_json().unwrap());
        let error = serde_json::from_str::<Vec<Facts>>(&inside).unwrap_err();
        assert!(error.to_string().contains("1001 mail servers"), "{error}");

        facts.mail_servers.truncate(1);
        let addresses = (0..1_001_u32).map(Ipv4Addr::from);
        facts.mail_servers[0].ipv4 = Observed::Seen(Answer::of(addresses));
        let error = Facts::from_json(&facts.to_json().unwrap()).unwrap_err();
        assert!(error.to_string().contains("addresses of one mail server"));
    }

    #[test]
    fn a_long_name_or_another_address_of_the_dns_provider_is_refused() {
        let mut facts = facts();
        let provider = DomainConnect {
            provider: "Practice DNS".into(),
            control_panel: HttpsAddress::parse("https://dns.example/").ok(),
        };
        facts.fold(Fact::DomainConnect(Observed::Seen(provider)));
        let text = facts.to_json().unwrap();
        assert_eq!(Facts::from_json(&text).unwrap(), facts);
        let long = "a".repeat(1_001);
        for (good, bad) in [
            ("https://dns.example/", "http://dns.example/"),
            ("Practice DNS", long.as_str()),
        ] {
            assert!(
                Facts::from_json(&text.replace(good, bad)).is_err(),
                "{good}"
            );
        }
    }

    #[test]
    fn a_session_that_goes_on_replaces_its_earlier_state() {
        let mut facts = facts();
        facts.fold(Fact::MailServer(MailServer::named("mx.example.com", 10)));
        let ip = IpAddr::from([192, 0, 2, 1]);
        for greeting in [
            Observed::NotAsked,
            Observed::Seen(Reply::new(220, &["hello"])),
        ] {
            let session = Session {
                greeting,
                ..Session::to(ip)
            };
            facts.fold(Fact::Session {
                host: "mx.example.com".into(),
                session: session.into(),
            });
        }
        let sessions = &facts.mail_servers[0].sessions;
        assert_eq!(sessions.len(), 1);
        assert!(sessions[0].greeting.seen().is_some());
    }

    #[test]
    fn addresses_that_arrive_late_keep_the_sessions() {
        let mut facts = facts();
        facts.fold(Fact::MailServer(MailServer::named("mx.example.com", 10)));
        let session = Session::to(IpAddr::from([192, 0, 2, 1]));
        facts.fold(Fact::Session {
            host: "mx.example.com".into(),
            session: session.into(),
        });
        let mut server = MailServer::named("mx.example.com", 10);
        server.ipv6 = Observed::Seen(Answer::no_data());
        facts.fold(Fact::MailServer(server));
        assert_eq!(facts.mail_servers[0].sessions.len(), 1);
    }
}
