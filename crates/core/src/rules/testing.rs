//! A healthy domain for the tests of the rules, and the three things each rule must show: that it
//! fires, that it stays silent, and that it says nothing about what was not seen.

use std::net::IpAddr;

use time::Duration;
use time::macros::datetime;

use super::finding::Rule;
use crate::facts::server_view::{Observer, ServerView};
use crate::facts::{
    Answer, Body, Certificate, Chain, ControlHost, Controls, Digests, Fact, Facts, FailureKind,
    HostView, KeyUsage, KnownPolicy, MailServer, MxRecord, NearMiss, Observed, PolicyFetch,
    ProbeFailure, RandomName, Reply, Response, Session, StrayPolicy, Tls, TlsVersion, Tlsa,
    TlsaAnswer, Trust, Zone, ZoneServer,
};
use crate::rules::case::Case;
use crate::rules::finding::{Finding, Findings};
use crate::text::domain::Domain;

/// The policy of the healthy domain.
pub(crate) const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: \
                                 mx2.example.com\r\nmax_age: 1209600\r\n";

/// A domain with two MX hosts and a policy in enforce mode, all of it right.
pub(crate) fn healthy() -> Facts {
    let domain = Domain::parse("example.com").unwrap();
    let mut facts = Facts::new(domain, datetime!(2026-11-23 12:00 UTC));
    facts.zone = Observed::Seen(Zone {
        apex: "example.com".into(),
        servers: vec![ZoneServer {
            name: "ns1.example.net".into(),
            addresses: vec!["192.0.2.53".parse().unwrap()],
        }],
    });
    facts.mx = Observed::Seen(Answer::of([
        MxRecord {
            preference: 10,
            exchange: "mx1.example.com".into(),
        },
        MxRecord {
            preference: 20,
            exchange: "mx2.example.com".into(),
        },
    ]));
    facts.mail_servers = vec![
        mail_server("mx1.example.com", 10, 1),
        mail_server("mx2.example.com", 20, 2),
    ];
    facts.record = Observed::Seen(Answer::of(["v=STSv1; id=20261123120000Z".to_owned()]));
    facts.tls_rpt = Observed::Seen(Answer::of([
        "v=TLSRPTv1; rua=mailto:reports@example.net".to_owned()
    ]));
    facts.policy_host = Observed::Seen(Answer::of(["192.0.2.80".parse().unwrap()]));
    facts.policy = Observed::Seen(PolicyFetch {
        ip: Some("192.0.2.80".parse().unwrap()),
        chain: Observed::Seen(chain("mta-sts.example.com")),
        response: Observed::Seen(Response {
            status: 200,
            content_type: Some("text/plain".into()),
            location: None,
            age_secs: None,
            cache_control: None,
            content_encoding: None,
            body: Body(POLICY.into()),
            too_large: false,
        }),
        millis: 40,
    });
    facts
}

fn mail_server(host: &str, preference: u16, last_octet: u8) -> MailServer {
    MailServer {
        ipv4: Observed::Seen(Answer::of([[192, 0, 2, last_octet].into()])),
        ipv6: Observed::Seen(Answer::no_data()),
        sessions: vec![Session {
            connected: Observed::Seen(20),
            greeting: Observed::Seen(Reply::new(220, &[host])),
            greeting_millis: Some(20),
            ehlo: Observed::Seen(Reply::new(250, &[host, "PIPELINING", "STARTTLS"])),
            starttls: Observed::Seen(Reply::new(220, &["go ahead"])),
            tls: Observed::Seen(Tls {
                version: TlsVersion::Tls13,
                cipher: "TLS13_AES_256_GCM_SHA384".into(),
                key_exchange: Some("X25519".into()),
            }),
            chain: Observed::Seen(chain(host)),
            ehlo_in_tls: Observed::Seen(Reply::new(250, &[host, "PIPELINING"])),
            ..Session::to([192, 0, 2, last_octet].into())
        }],
        ..MailServer::named(host, preference)
    }
}

/// A good chain for a name.
pub(crate) fn chain(name: &str) -> Chain {
    let checked_at = datetime!(2026-11-23 12:00 UTC);
    let leaf = Certificate {
        subject: format!("CN={name}"),
        common_name: Some(name.into()),
        dns_names: vec![name.into()],
        names_cut: false,
        issuer: "CN=Example Intermediate".into(),
        not_before: checked_at - Duration::days(10),
        not_after: checked_at + Duration::days(80),
        key: "EC 256".into(),
        signature_algorithm: "1.2.840.10045.4.3.2".into(),
        key_usage: Some(KeyUsage {
            handshake: true,
            certificates: false,
        }),
        serial: "01".into(),
        digests: None,
    };
    let intermediate = Certificate {
        subject: "CN=Example Intermediate".into(),
        common_name: Some("Example Intermediate".into()),
        dns_names: Vec::new(),
        issuer: "CN=Example Root".into(),
        not_after: checked_at + Duration::days(1000),
        key_usage: Some(KeyUsage {
            handshake: false,
            certificates: true,
        }),
        ..leaf.clone()
    };
    Chain {
        certificates: vec![leaf, intermediate],
        certificates_cut: false,
        trust: Trust::Trusted {
            root: "CN=Example Root".into(),
        },
    }
}

/// The first session of a mail server.
pub(crate) fn session(facts: &mut Facts, server: usize) -> &mut Session {
    &mut facts.mail_servers[server].sessions[0]
}

/// The chain of a mail server.
pub(crate) fn served_chain(facts: &mut Facts, server: usize) -> &mut Chain {
    seen(&mut session(facts, server).chain)
}

/// The leaf certificate of a mail server.
pub(crate) fn leaf(facts: &mut Facts, server: usize) -> &mut Certificate {
    &mut served_chain(facts, server).certificates[0]
}

/// The policy fetch.
pub(crate) fn fetch(facts: &mut Facts) -> &mut PolicyFetch {
    seen(&mut facts.policy)
}

/// The chain of the policy host.
pub(crate) fn policy_chain(facts: &mut Facts) -> &mut Chain {
    seen(&mut fetch(facts).chain)
}

/// The HTTP answer of the policy host.
pub(crate) fn response(facts: &mut Facts) -> &mut Response {
    seen(&mut fetch(facts).response)
}

/// Replaces the policy file.
pub(crate) fn set_policy(facts: &mut Facts, body: &str) {
    response(facts).body = Body(body.into());
}

/// Replaces the texts of the MTA-STS record.
pub(crate) fn set_record(facts: &mut Facts, texts: &[&str]) {
    facts.record = Observed::Seen(Answer::of(texts.iter().map(|&text| text.to_owned())));
}

/// Replaces the texts of the TLS-RPT record.
pub(crate) fn set_tls_rpt(facts: &mut Facts, texts: &[&str]) {
    facts.tls_rpt = Observed::Seen(Answer::of(texts.iter().map(|&text| text.to_owned())));
}

/// A change to the healthy domain: this is its policy file.
pub(crate) fn policy_is(body: &str) -> impl FnOnce(&mut Facts) {
    move |facts| set_policy(facts, body)
}

/// A change to the healthy domain: these are the texts at `_mta-sts`.
pub(crate) fn record_is(texts: &[&str]) -> impl FnOnce(&mut Facts) {
    move |facts| set_record(facts, texts)
}

/// A change to the healthy domain: these are the texts at `_smtp._tls`.
pub(crate) fn tls_rpt_is(texts: &[&str]) -> impl FnOnce(&mut Facts) {
    move |facts| set_tls_rpt(facts, texts)
}

/// The DNS of this network gives an MX host these addresses, to which nobody connects.
pub(crate) fn addresses_are(facts: &mut Facts, place: usize, ips: &[&str]) {
    let ips: Vec<IpAddr> = ips.iter().map(|ip| ip.parse().unwrap()).collect();
    let server = &mut facts.mail_servers[place];
    let ipv4 = ips.iter().filter_map(|ip| match ip {
        IpAddr::V4(ip) => Some(*ip),
        IpAddr::V6(_) => None,
    });
    let ipv6 = ips.iter().filter_map(|ip| match ip {
        IpAddr::V6(ip) => Some(*ip),
        IpAddr::V4(_) => None,
    });
    server.ipv4 = Observed::Seen(Answer::of(ipv4));
    server.ipv6 = Observed::Seen(Answer::of(ipv6));
    server.sessions.retain(|session| ips.contains(&session.ip));
    for ip in ips {
        if server.sessions.iter().all(|session| session.ip != ip) {
            server.sessions.push(Session {
                connected: failed(FailureKind::NotPublic),
                ..Session::to(ip)
            });
        }
    }
}

/// The name servers of a host's zone give it these addresses.
pub(crate) fn public_dns_says(facts: &mut Facts, host: &str, ips: &[&str]) {
    let addresses = Answer::of(ips.iter().map(|ip| ip.parse().unwrap()));
    facts.host_views.push(HostView {
        host: host.into(),
        addresses: Observed::Seen(addresses),
    });
}

/// The DNS has no such name.
pub(crate) fn no_name<T>() -> Observed<Answer<T>> {
    Observed::Seen(Answer::no_such_name())
}

/// A name other than the right one has this text.
pub(crate) fn stands_at(facts: &mut Facts, name: &str, text: &str) {
    facts.fold(Fact::NearMiss(NearMiss {
        name: name.into(),
        texts: Observed::Seen(Answer::of([text.to_owned()])),
    }));
}

/// A name that nobody can have created has these texts.
pub(crate) fn random_answers(facts: &mut Facts, texts: &[&str]) {
    facts.random_name = Observed::Seen(RandomName {
        name: "k7q2x.example.com".into(),
        texts: Answer::of(texts.iter().map(|&text| text.to_owned())),
    });
}

/// The name server `ns<last octet>` answers with these texts at `_mta-sts`.
pub(crate) fn name_server_says(facts: &mut Facts, last_octet: u8, texts: &[&str]) {
    let answer = Answer::of(texts.iter().map(|&text| text.to_owned()));
    name_server_answers(facts, last_octet, Observed::Seen(answer));
}

/// What the name server `ns<last octet>` answers at `_mta-sts`.
pub(crate) fn name_server_answers(
    facts: &mut Facts,
    last_octet: u8,
    record: Observed<Answer<String>>,
) {
    facts.fold(Fact::NameServer(Box::new(ServerView {
        asked_at: None,
        observer: Observer::NameServer {
            name: format!("ns{last_octet}.example.net"),
            ip: [192, 0, 2, last_octet].into(),
        },
        record,
        tls_rpt: Observed::NotAsked,
        policy_host: Observed::NotAsked,
        mx: Observed::NotAsked,
    })));
}

/// An address other than the right one answers with status 200 and this body.
pub(crate) fn stray_policy(facts: &mut Facts, url: &str, body: &str) {
    let mut fetch = fetch(&mut healthy()).clone();
    seen(&mut fetch.response).body = Body(body.into());
    facts.fold(Fact::StrayPolicy(StrayPolicy {
        url: url.into(),
        fetch: Observed::Seen(fetch),
    }));
}

/// A policy that was seen or written a week ago, with its id.
pub(crate) fn known_policy(id: &str, text: &str) -> KnownPolicy {
    KnownPolicy {
        at: datetime!(2026-11-16 12:00 UTC),
        id: Some(id.into()),
        text: text.into(),
    }
}

/// The connection to the policy host fails before any certificate is seen.
pub(crate) fn policy_fetch_fails(facts: &mut Facts, kind: FailureKind) {
    fetch(facts).chain = Observed::NotAsked;
    fetch(facts).response = failed(kind);
}

/// A change to the healthy domain: the policy host takes too long to answer.
pub(crate) fn not_fetched(facts: &mut Facts) {
    fetch(facts).response = failed(FailureKind::TimedOut);
}

/// Gives a mail server one more address, with a session as good as that of its first.
pub(crate) fn add_address<'a>(facts: &'a mut Facts, server: usize, ip: &str) -> &'a mut Session {
    let server = &mut facts.mail_servers[server];
    let ip: IpAddr = ip.parse().unwrap();
    match ip {
        IpAddr::V4(ip) => seen(&mut server.ipv4).records.push(ip),
        IpAddr::V6(ip) => seen(&mut server.ipv6).records.push(ip),
    }
    server.sessions.push(Session {
        ip,
        ..server.sessions[0].clone()
    });
    server.sessions.last_mut().unwrap()
}

/// A mail server of another operator answers.
pub(crate) fn port_25_open(facts: &mut Facts) {
    controls(
        facts,
        Observed::Seen(Reply::new(220, &["in.control.example"])),
        Observed::Seen(()),
    );
}

/// No mail server of any operator answers, and the web works.
pub(crate) fn port_25_blocked(facts: &mut Facts) {
    controls(facts, failed(FailureKind::TimedOut), Observed::Seen(()));
}

/// Neither mail servers nor the web answer.
pub(crate) fn offline(facts: &mut Facts) {
    facts.policy = Observed::NotAsked;
    controls(
        facts,
        failed(FailureKind::Unreachable),
        failed(FailureKind::Unreachable),
    );
}

/// The control host at each address answers, or fails in this way; the web works.
pub(crate) fn controls_over(facts: &mut Facts, hosts: &[(&str, Option<FailureKind>)]) {
    let hosts = hosts.iter().map(|&(ip, failure)| ControlHost {
        host: "in.control.example".into(),
        ip: Some(ip.parse().unwrap()),
        greeting: failure.map_or_else(
            || Observed::Seen(Reply::new(220, &["in.control.example"])),
            failed,
        ),
        ehlo: Observed::NotAsked,
    });
    facts.controls = Observed::Seen(Controls {
        hosts: hosts.collect(),
        web: Observed::Seen(()),
    });
}

fn controls(facts: &mut Facts, greeting: Observed<Reply>, web: Observed<()>) {
    let hosts = vec![ControlHost {
        ehlo: Observed::NotAsked,
        host: "in.control.example".into(),
        ip: None,
        greeting,
    }];
    facts.controls = Observed::Seen(Controls { hosts, web });
}

/// Hashes of a certificate, distinguished by a mark: `k256aa` is that of the key.
pub(crate) fn digests(mark: &str) -> Digests {
    Digests {
        certificate_sha256: format!("c256{mark}"),
        certificate_sha512: format!("c512{mark}"),
        key_sha256: format!("k256{mark}"),
        key_sha512: format!("k512{mark}"),
    }
}

/// A change to the healthy domain: the first mail server has these TLSA records, signed. Its key
/// hashes to `k256aa`, that of its issuer to `k256issuer`.
pub(crate) fn tlsa_is(records: &[&str]) -> impl FnOnce(&mut Facts) {
    move |facts| {
        let certificates = &mut served_chain(facts, 0).certificates;
        certificates[0].digests = Some(digests("aa"));
        certificates[1].digests = Some(digests("issuer"));
        facts.mail_servers[0].tlsa = Observed::Seen(TlsaAnswer {
            authenticated: true,
            records: records.iter().map(|record| tlsa(record)).collect(),
        });
    }
}

fn tlsa(record: &str) -> Tlsa {
    let fields: Vec<&str> = record.split(' ').collect();
    Tlsa {
        usage: fields[0].parse().unwrap(),
        selector: fields[1].parse().unwrap(),
        matching: fields[2].parse().unwrap(),
        data: fields[3].into(),
    }
}

/// A handshake with this result.
pub(crate) fn agreed(version: TlsVersion, cipher: &str) -> Observed<Tls> {
    Observed::Seen(Tls {
        version,
        cipher: cipher.into(),
        key_exchange: None,
    })
}

/// A failure of a kind, for facts that were requested but not answered.
pub(crate) fn failed<T>(kind: FailureKind) -> Observed<T> {
    Observed::Failed(ProbeFailure::new(kind, "in a test"))
}

/// What is inside a fact of the healthy domain.
pub(crate) fn seen<T>(observed: &mut Observed<T>) -> &mut T {
    match observed {
        Observed::Seen(inside) => inside,
        Observed::NotAsked | Observed::Failed(_) => panic!("not seen"),
    }
}

/// Runs one rule over the healthy domain, changed.
pub(crate) fn run(rule: &'static Rule, change: impl FnOnce(&mut Facts)) -> Findings {
    let mut facts = healthy();
    change(&mut facts);
    let mut findings = Findings::of(rule);
    (rule.check)(&Case::of(&facts), &mut findings);
    findings
}

/// The rule reports exactly one fault, with evidence and a fix.
#[track_caller]
pub(crate) fn fires(rule: &'static Rule, change: impl FnOnce(&mut Facts)) -> Finding {
    let Findings {
        mut found,
        not_checked,
        ..
    } = run(rule, change);
    assert_eq!(not_checked, []);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = found.remove(0);
    assert!(
        !finding.subject.name().is_empty() && !finding.evidence.is_empty(),
        "{finding:?}"
    );
    assert!(!finding.fix.is_empty(), "{finding:?}");
    finding
}

/// The rule reports a fault in the policy file; what the evidence and the fix must contain.
#[track_caller]
pub(crate) fn fires_on_policy(rule: &'static Rule, body: &str, evidence: &str, fix: &str) {
    let finding = fires(rule, policy_is(body));
    assert_eq!(finding.subject, "mta-sts.example.com");
    assert_has(&finding.evidence, evidence);
    assert_has(&finding.fix, fix);
}

/// The rule reports a fault in the MTA-STS record, and gives the right value to paste.
#[track_caller]
pub(crate) fn fires_on_record(rule: &'static Rule, text: &str, evidence: &str) {
    let finding = fires(rule, record_is(&[text]));
    assert_eq!(finding.subject, "_mta-sts.example.com");
    assert_has(&finding.evidence, evidence);
    let right = "_mta-sts.example.com this value: v=STSv1; id=20261123120000Z;";
    assert_has(&finding.fix, right);
}

/// The text contains this part; if it does not, the failure shows the text.
#[track_caller]
pub(crate) fn assert_has(text: &str, part: &str) {
    assert!(text.contains(part), "no {part:?} in {text:?}");
}

/// The text begins like this; if it does not, the failure shows the text.
#[track_caller]
pub(crate) fn assert_starts(text: &str, start: &str) {
    assert!(text.starts_with(start), "no {start:?} begins {text:?}");
}

/// The text ends like this; if it does not, the failure shows the text.
#[track_caller]
pub(crate) fn assert_ends(text: &str, end: &str) {
    assert!(text.ends_with(end), "no {end:?} ends {text:?}");
}

/// The rule reports neither a fault nor a doubt.
#[track_caller]
pub(crate) fn silent(rule: &'static Rule, change: impl FnOnce(&mut Facts)) {
    let findings = run(rule, change);
    assert_eq!(findings.found, []);
    assert_eq!(findings.not_checked, []);
}

/// Facts that were not seen are not called a fault; the rule may say that it could not decide.
#[track_caller]
pub(crate) fn unseen(rule: &'static Rule, change: impl FnOnce(&mut Facts)) -> Findings {
    let findings = run(rule, change);
    assert_eq!(findings.found, []);
    findings
}

/// The rule says once that it could not decide, and why.
#[track_caller]
pub(crate) fn not_checked(rule: &'static Rule, change: impl FnOnce(&mut Facts)) -> String {
    let Findings {
        mut not_checked,
        found,
        ..
    } = run(rule, change);
    assert_eq!(found, []);
    assert_eq!(not_checked.len(), 1, "{not_checked:#?}");
    not_checked.remove(0).reason
}
