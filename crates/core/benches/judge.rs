//! How long the judgement of a domain takes: every rule over facts with 10 and 50 MX hosts.

use std::net::IpAddr;

use divan::Bencher;
use mta_sts_core::facts::{
    Answer, Body, Certificate, Chain, MailServer, MxRecord, PolicyFetch, Reply, Response, Session,
    Tls, TlsVersion, Trust,
};
use mta_sts_core::{Domain, DomainError, Facts, Observed, judge};
use time::macros::datetime;

const MX_HOSTS: [u8; 2] = [10, 50];

fn main() {
    divan::main();
}

#[divan::bench(args = MX_HOSTS)]
fn judge_domain(bencher: Bencher<'_, '_>, mx_hosts: u8) {
    let facts = facts(mx_hosts).ok();
    bencher.bench(|| divan::black_box(&facts).as_ref().map(judge));
}

/// A domain whose MX hosts and publication are all right, so that no rule stops early.
fn facts(mx_hosts: u8) -> Result<Facts, DomainError> {
    let domain = Domain::parse("example.com")?;
    let mut facts = Facts::new(domain, datetime!(2026-11-23 12:00 UTC));
    let hosts: Vec<String> = (1..=mx_hosts)
        .map(|number| format!("mx{number}.example.com"))
        .collect();
    facts.mx = Observed::Seen(Answer::of(hosts.iter().map(|host| MxRecord {
        preference: 10,
        exchange: host.clone(),
    })));
    facts.mail_servers = (1..)
        .zip(&hosts)
        .map(|(octet, host)| mail_server(host, octet))
        .collect();
    facts.record = Observed::Seen(Answer::of(["v=STSv1; id=20261123120000Z;".to_owned()]));
    facts.tls_rpt = Observed::Seen(Answer::of([
        "v=TLSRPTv1; rua=mailto:reports@example.net".to_owned()
    ]));
    facts.policy_host = Observed::Seen(Answer::of([IpAddr::from([192, 0, 2, 80])]));
    facts.policy = Observed::Seen(fetch(&hosts));
    Ok(facts)
}

fn mail_server(host: &str, octet: u8) -> MailServer {
    let address = [192, 0, 2, octet];
    let mut server = MailServer::named(host, 10);
    server.ipv4 = Observed::Seen(Answer::of([address.into()]));
    server.ipv6 = Observed::Seen(Answer::no_data());
    server.sessions = vec![Session {
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
        ..Session::to(address.into())
    }];
    server
}

fn chain(name: &str) -> Chain {
    let leaf = Certificate {
        subject: format!("CN={name}"),
        common_name: Some(name.into()),
        dns_names: vec![name.into()],
        names_cut: false,
        issuer: "CN=Example Intermediate".into(),
        not_before: datetime!(2026-11-01 12:00 UTC),
        not_after: datetime!(2027-02-01 12:00 UTC),
        key: "EC 256".into(),
        signature_algorithm: "1.2.840.10045.4.3.2".into(),
        key_usage: None,
        serial: "01".into(),
        digests: None,
    };
    let trust = Trust::Trusted {
        root: "CN=Example Root".into(),
    };
    Chain {
        certificates: vec![leaf],
        certificates_cut: false,
        trust,
    }
}

fn fetch(hosts: &[String]) -> PolicyFetch {
    let lines = hosts
        .iter()
        .map(|host| format!("mx: {host}"))
        .collect::<Vec<_>>()
        .join("\r\n");
    let body = format!("version: STSv1\r\nmode: enforce\r\n{lines}\r\nmax_age: 1209600\r\n");
    PolicyFetch {
        ip: Some([192, 0, 2, 80].into()),
        chain: Observed::Seen(chain("mta-sts.example.com")),
        response: Observed::Seen(Response {
            status: 200,
            content_type: Some("text/plain".into()),
            location: None,
            age_secs: None,
            cache_control: None,
            content_encoding: None,
            body: Body(body.into_bytes()),
            too_large: false,
        }),
        millis: 40,
    }
}
