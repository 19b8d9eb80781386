//! DNS: header bits, kinds of no, sizes and transports.

use hickory_proto::op::{Edns, ResponseCode};
use hickory_proto::rr::{RData, RecordType};
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{Resolver, TokioResolver};
use mta_sts_lab::Lab;

use crate::client::{addresses, ask, lab_of, lab_with, question, texts};

fn stub_resolver(lab: &Lab) -> TokioResolver {
    let address = lab.resolver();
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    let server = NameServerConfig::new(address.ip(), true, connections.to_vec());
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let provider = TokioRuntimeProvider::default();
    Resolver::builder_with_config(config, provider)
        .build()
        .unwrap()
}

/// Whether an address is that of an authoritative name server.
pub(crate) fn is_name_server(lab: &Lab, address: &std::net::SocketAddr) -> bool {
    let public = lab.public_resolvers();
    address.port() == 53 && !public.iter().any(|known| known.address == *address)
}

/// The two authoritative name servers.
pub(crate) fn name_servers(lab: &Lab) -> Vec<std::net::SocketAddr> {
    let routes = lab.routes();
    routes
        .iter()
        .filter(|(name, _)| is_name_server(lab, name))
        .map(|(_, loopback)| *loopback)
        .collect()
}

#[tokio::test]
async fn a_stub_resolver_finds_mail_servers_and_records() {
    let lab = lab_with("healthy").await;
    let resolver = stub_resolver(&lab);
    let mail = resolver.mx_lookup("healthy.example.").await.unwrap();
    let mut hosts: Vec<String> = mail
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::MX(mx) => Some(format!("{} {}", mx.preference, mx.exchange)),
            _ => None,
        })
        .collect();
    hosts.sort();
    assert_eq!(
        hosts,
        ["10 mx1.healthy.example.", "20 mx2.healthy.example."]
    );
    let error = resolver
        .mx_lookup("no-such-domain.example.")
        .await
        .unwrap_err();
    assert!(error.is_nx_domain(), "{error}");
}

#[tokio::test]
async fn name_servers_have_authority_and_the_resolver_has_recursion() {
    let lab = lab_with("healthy").await;
    let about_mail = question("healthy.example", RecordType::MX);
    let servers = name_servers(&lab);
    assert_eq!(servers.len(), 2);
    for server in servers {
        let answer = ask(server, &about_mail).await;
        assert!(answer.metadata.authoritative && !answer.metadata.recursion_available);
        assert_eq!(answer.answers.len(), 2);
        let foreign = ask(server, &question("elsewhere.test", RecordType::A)).await;
        assert_eq!(foreign.metadata.response_code, ResponseCode::Refused);
        assert!(!foreign.metadata.authoritative);
    }
    let answer = ask(lab.resolver(), &about_mail).await;
    assert!(!answer.metadata.authoritative && answer.metadata.recursion_available);
    assert!(answer.edns.is_some(), "EDNS is answered with EDNS");
}

#[tokio::test]
async fn the_two_kinds_of_no_carry_the_soa() {
    let lab = lab_with("nothing-published").await;
    let cases = [
        (
            "_mta-sts.nothing-published.example",
            RecordType::TXT,
            ResponseCode::NXDomain,
        ),
        (
            "nothing-published.example",
            RecordType::TXT,
            ResponseCode::NoError,
        ),
    ];
    for (name, kind, code) in cases {
        let answer = ask(lab.resolver(), &question(name, kind)).await;
        assert_eq!(answer.metadata.response_code, code, "{name}");
        assert!(answer.answers.is_empty());
        let [soa] = answer.authorities.as_slice() else {
            panic!("{answer:?}")
        };
        assert_eq!(soa.record_type(), RecordType::SOA);
    }
}

#[tokio::test]
async fn a_long_text_is_split_and_comes_over_tcp_when_udp_is_too_small() {
    let long = "x".repeat(3000);
    let lab = lab_of(&format!("[dns]\nmta_sts = [\"{long}\"]\n")).await;
    let over_udp = ask(
        lab.resolver(),
        &question("_mta-sts.d.example", RecordType::TXT),
    )
    .await;
    assert!(over_udp.metadata.truncation);

    let answer = stub_resolver(&lab)
        .txt_lookup("_mta-sts.d.example.")
        .await
        .unwrap();
    let [record] = answer.answers() else {
        panic!("{answer:?}")
    };
    let RData::TXT(txt) = &record.data else {
        panic!("{record:?}")
    };
    assert_eq!(txt.txt_data.len(), 12);
    assert_eq!(txt.txt_data.concat(), long.as_bytes());
}

#[tokio::test]
async fn without_edns_an_answer_stays_under_512_bytes() {
    let text = "x".repeat(600);
    let lab = lab_of(&format!("[dns]\nmta_sts = [\"{text}\"]\n")).await;
    let mut plain = question("_mta-sts.d.example", RecordType::TXT);
    plain.edns = None;
    assert!(ask(lab.resolver(), &plain).await.metadata.truncation);
    let with_edns = question("_mta-sts.d.example", RecordType::TXT);
    assert!(!ask(lab.resolver(), &with_edns).await.metadata.truncation);
}

#[tokio::test]
async fn an_unknown_edns_version_is_told_so() {
    let lab = lab_with("healthy").await;
    let mut future = question("healthy.example", RecordType::MX);
    let mut edns = Edns::new();
    edns.set_version(1);
    future.set_edns(edns);
    let answer = ask(lab.resolver(), &future).await;
    // BADVERS (RFC 6891 9) shares its number with BADSIG.
    let code = u16::from(answer.metadata.response_code);
    assert_eq!(code, u16::from(ResponseCode::BADVERS));
}

#[tokio::test]
async fn a_failing_zone_fails_for_every_name() {
    let lab = lab_with("dns-servfail").await;
    for name in ["dns-servfail.example", "_mta-sts.dns-servfail.example"] {
        let answer = ask(lab.resolver(), &question(name, RecordType::TXT)).await;
        assert_eq!(answer.metadata.response_code, ResponseCode::ServFail);
    }
}

#[tokio::test]
async fn a_silent_name_leaves_the_server_talking_about_others() {
    let lab = lab_of("[dns]\nsilent = [\"_mta-sts\"]\n").await;
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for name in ["_mta-sts.d.example", "d.example"] {
        let message = question(name, RecordType::TXT).to_vec().unwrap();
        socket.send_to(&message, lab.resolver()).await.unwrap();
    }
    let mut buffer = [0; 2048];
    let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
    let first = hickory_proto::op::Message::from_vec(&buffer[..length]).unwrap();
    assert_eq!(
        first.queries.first().unwrap().name().to_ascii(),
        "d.example."
    );
}

#[tokio::test]
async fn the_second_name_server_may_lag_behind() {
    let lab = lab_with("half-propagated").await;
    let mut counts = Vec::new();
    for server in name_servers(&lab) {
        counts.push(
            texts(server, "_mta-sts.half-propagated.example")
                .await
                .len(),
        );
    }
    assert_eq!(counts, [1, 0]);
}

#[tokio::test]
async fn signed_answers_are_authentic_for_those_who_ask() {
    let lab = lab_of("[dns]\nsigned = true\n[[mx]]\ntlsa = \"matching\"\n").await;
    let mut about_tlsa = question("_25._tcp.mx1.d.example", RecordType::TLSA);
    about_tlsa.metadata.authentic_data = true;
    let answer = ask(lab.resolver(), &about_tlsa).await;
    assert_eq!(answer.answers.len(), 1);
    assert!(answer.metadata.authentic_data);
    about_tlsa.metadata.authentic_data = false;
    assert!(
        !ask(lab.resolver(), &about_tlsa)
            .await
            .metadata
            .authentic_data
    );
}

#[tokio::test]
async fn names_lead_to_documentation_addresses() {
    let all = Lab::start(mta_sts_lab::scenarios()).await.unwrap();
    let documentation = |ip: &std::net::IpAddr| match ip {
        std::net::IpAddr::V4(ip) => ip.is_documentation(),
        std::net::IpAddr::V6(ip) => ip.segments().starts_with(&[0x2001, 0xdb8]),
    };
    for (address, loopback) in all.routes() {
        assert!(documentation(&address.ip()), "{address}");
        assert!(loopback.ip().is_loopback());
    }
    assert_eq!(addresses(&all, "mx1.healthy.example").await.len(), 2);
}
