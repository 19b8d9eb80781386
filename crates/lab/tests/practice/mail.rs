//! SMTP: greetings, STARTTLS and the handshakes behind it.

use std::io::ErrorKind;
use std::net::SocketAddr;

use rustls::{AlertDescription, Error, PeerIncompatible, ProtocolVersion};
use tokio::net::TcpStream;

use crate::client::{MailClient, addresses, lab_of, lab_with};

const HOST: &str = "mx1.d.example";

/// Why the handshake with the host of this scenario fails.
async fn handshake_error(toml: &str) -> Error {
    let lab = lab_of(toml).await;
    let client = MailClient::connect_and_ask_for_tls(&lab, HOST).await;
    let error = client.handshake(&lab, HOST).await.err().unwrap();
    error.downcast::<Error>().unwrap()
}

#[tokio::test]
async fn a_healthy_server_goes_all_the_way() {
    let lab = lab_with("healthy").await;
    let host = "mx2.healthy.example";
    let mut client = MailClient::connect(&lab, host).await;
    assert_eq!(client.reply().await, "220 mx2.healthy.example ESMTP");
    let introduction = client.command("EHLO probe.example").await;
    assert!(introduction.contains("|250-STARTTLS|"), "{introduction}");
    assert!(
        client
            .command("MAIL FROM:<a@b.example>")
            .await
            .starts_with("502")
    );
    assert!(client.command("starttls").await.starts_with("220"));
    let mut client = client.handshake(&lab, host).await.unwrap();
    assert_eq!(
        client.connection().protocol_version(),
        Some(ProtocolVersion::TLSv1_3)
    );
    let introduction = client.command("EHLO probe.example").await;
    assert!(!introduction.contains("STARTTLS"), "{introduction}");
    assert!(client.command("NOOP").await.starts_with("250"));
    assert!(client.command("STARTTLS").await.starts_with("502"));
    assert!(client.command("QUIT").await.starts_with("221"));
}

#[tokio::test]
async fn every_connection_is_counted_for_its_address() {
    let lab = lab_with("healthy").await;
    let found = addresses(&lab, "mx1.healthy.example").await;
    let [ipv4, ipv6] = found.as_slice() else {
        panic!("{found:?}")
    };
    let [ipv4, ipv6] = [ipv4, ipv6].map(|ip| SocketAddr::new(*ip, 25));
    assert_eq!(lab.connections(ipv4), 0);
    MailClient::connect(&lab, "mx1.healthy.example")
        .await
        .reply()
        .await;
    assert_eq!((lab.connections(ipv4), lab.connections(ipv6)), (1, 0));
}

#[tokio::test]
async fn mail_hosts_of_another_operator_are_played_too() {
    let lab = lab_of(
        "[[mx]]\nhost = \"mx.big.test\"\n\
         [[mx]]\nhost = \"alt.mx.big.test\"\nalias_of = \"box.big.test\"\n",
    )
    .await;
    for host in ["mx.big.test", "alt.mx.big.test"] {
        assert_eq!(addresses(&lab, host).await.len(), 1, "{host}");
        let client = MailClient::connect_and_ask_for_tls(&lab, host).await;
        client.handshake(&lab, host).await.unwrap();
    }
    assert!(addresses(&lab, "other.big.test").await.is_empty());
}

#[tokio::test]
async fn the_offer_of_encryption_has_its_faults() {
    let cases = [
        ("missing", false, false, "502"),
        ("masked", false, true, "502"),
        ("refused", true, false, "454"),
        ("injected", true, false, "220"),
    ];
    for (conduct, offered, masked, answer) in cases {
        let lab = lab_of(&format!("[[mx]]\nstarttls = \"{conduct}\"\n")).await;
        let mut client = MailClient::connect(&lab, HOST).await;
        client.reply().await;
        let introduction = client.command("EHLO probe.example").await;
        assert_eq!(introduction.contains("STARTTLS"), offered, "{conduct}");
        assert_eq!(introduction.contains("XXXXXXXA"), masked, "{conduct}");
        assert!(
            client.command("STARTTLS").await.starts_with(answer),
            "{conduct}"
        );
        let smuggled = client.already_received().starts_with(b"250");
        assert_eq!(smuggled, conduct == "injected");
    }
}

#[tokio::test]
async fn greetings_come_as_the_scenario_has_them() {
    let lab = lab_of("[[mx]]\ngreeting = \"220-one\\n220 two\"\n").await;
    assert_eq!(
        MailClient::connect(&lab, HOST).await.reply().await,
        "220-one|220 two"
    );

    let lab = lab_with("not-a-mail-server").await;
    let mut client = MailClient::connect(&lab, "mx1.not-a-mail-server.example").await;
    assert_eq!(client.line().await, "HTTP/1.1 400 Bad Request");

    let lab = lab_with("endless-greeting").await;
    let mut client = MailClient::connect(&lab, "mx1.endless-greeting.example").await;
    for _ in 0..10_000 {
        assert!(client.line().await.starts_with("220-"));
    }
}

#[tokio::test]
async fn a_refusing_greeting_is_followed_by_manners() {
    let lab = lab_of("[[mx]]\ngreeting = \"554 no\"\n").await;
    let mut client = MailClient::connect(&lab, HOST).await;
    assert_eq!(client.reply().await, "554 no");
    assert!(
        client
            .command("EHLO probe.example")
            .await
            .starts_with("503")
    );
    assert!(client.command("QUIT").await.starts_with("221"));

    let lab = lab_of("[[mx]]\ngreeting = \"421 too busy\"\n").await;
    let mut client = MailClient::connect(&lab, HOST).await;
    assert_eq!(client.reply().await, "421 too busy");
    assert_eq!(client.line().await, "", "the server closes");
}

#[tokio::test]
async fn an_endless_line_is_cut_off() {
    let lab = lab_of("").await;
    let mut client = MailClient::connect(&lab, HOST).await;
    client.reply().await;
    assert!(client.command(&"x".repeat(5000)).await.starts_with("500"));
}

#[tokio::test]
async fn old_and_broken_handshakes_fail_each_in_its_own_way() {
    let tls = async |behaviour| handshake_error(&format!("[[mx]]\ntls = \"{behaviour}\"\n")).await;
    let too_old = PeerIncompatible::ServerDoesNotSupportTls12Or13;
    assert_eq!(tls("too-old").await, Error::PeerIncompatible(too_old));
    let alert = AlertDescription::ProtocolVersion;
    assert_eq!(tls("too-old-alert").await, Error::AlertReceived(alert));
    let alert = AlertDescription::HandshakeFailure;
    assert_eq!(tls("handshake-failure").await, Error::AlertReceived(alert));

    let lab = lab_of("[[mx]]\ntls = \"close\"\n").await;
    let client = MailClient::connect_and_ask_for_tls(&lab, HOST).await;
    let error = client.handshake(&lab, HOST).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn the_versions_are_those_of_the_scenario() {
    let cases = [
        ("tls12-only", ProtocolVersion::TLSv1_2),
        ("tls13-only", ProtocolVersion::TLSv1_3),
        ("legacy-too", ProtocolVersion::TLSv1_3),
    ];
    for (behaviour, version) in cases {
        let lab = lab_of(&format!("[[mx]]\ntls = \"{behaviour}\"\n")).await;
        let client = MailClient::connect_and_ask_for_tls(&lab, HOST).await;
        let client = client.handshake(&lab, HOST).await.unwrap();
        assert_eq!(client.connection().protocol_version(), Some(version));
    }
}

#[tokio::test]
async fn a_bad_certificate_is_shown_as_it_is() {
    for (kind, reason) in [
        ("expired", "Expired"),
        ("wrong-name", "NotValidForName"),
        ("self-signed", "UnknownIssuer"),
    ] {
        let toml = format!("[[mx]]\ncertificate = {{ kind = \"{kind}\" }}\n");
        let error = format!("{:?}", handshake_error(&toml).await);
        assert!(error.contains(reason), "{kind}: {error}");
    }
}

#[tokio::test]
async fn without_a_server_name_another_certificate_is_shown() {
    let lab = lab_with("needs-sni").await;
    let host = "mx1.needs-sni.example";
    let client = MailClient::connect_and_ask_for_tls(&lab, host).await;
    assert!(client.handshake(&lab, host).await.is_ok());
    let client = MailClient::connect_and_ask_for_tls(&lab, host).await;
    // A client that connects to an address sends no server name (RFC 6066 3).
    let error = client
        .handshake(&lab, "192.0.2.1")
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("default.practice-hosting.example"),
        "{error}"
    );
}

#[tokio::test]
async fn a_dead_address_refuses_and_a_blocked_one_has_no_route() {
    let lab = lab_with("one-address-dead").await;
    let found = addresses(&lab, "mx1.one-address-dead.example").await;
    let [_, dead] = found.as_slice() else {
        panic!("{found:?}")
    };
    let error = TcpStream::connect(lab.routes()[&SocketAddr::new(*dead, 25)])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);

    let lab = lab_with("port-25-blocked").await;
    let domain = "port-25-blocked.example";
    let mut hosts = lab.control_hosts_for(domain);
    assert_ne!(hosts, lab.control_hosts());
    hosts.push(format!("mx1.{domain}"));
    for host in hosts {
        let address = *addresses(&lab, &host).await.first().unwrap();
        assert!(
            !lab.routes().contains_key(&SocketAddr::new(address, 25)),
            "{host}"
        );
    }
}

#[tokio::test]
async fn the_control_hosts_offer_encryption_with_greetings_of_their_own() {
    let lab = lab_with("healthy").await;
    assert_eq!(
        lab.control_hosts(),
        lab.control_hosts_for("healthy.example")
    );
    let mut greetings = std::collections::BTreeSet::new();
    for host in lab.control_hosts() {
        let mut client = MailClient::connect(&lab, &host).await;
        greetings.insert(client.reply().await);
        assert!(
            client
                .command("EHLO probe.example")
                .await
                .contains("STARTTLS")
        );
        assert!(client.command("STARTTLS").await.starts_with("220"));
        assert!(client.handshake(&lab, &host).await.is_ok());
    }
    assert_eq!(greetings.len(), 3);
}

#[tokio::test]
async fn a_device_on_the_way_shows_at_every_mail_server() {
    for (name, greetings) in [("mail-answered-here", 1), ("encryption-stripped-here", 4)] {
        let lab = lab_with(name).await;
        let domain = format!("{name}.example");
        let mut hosts = lab.control_hosts_for(&domain);
        hosts.push(format!("mx1.{domain}"));
        let mut heard = std::collections::BTreeSet::new();
        for host in hosts {
            let mut client = MailClient::connect(&lab, &host).await;
            heard.insert(client.reply().await);
            let ehlo = client.command("EHLO probe.example").await;
            assert!(!ehlo.contains("STARTTLS"), "{ehlo}");
        }
        assert_eq!(heard.len(), greetings, "{heard:?}");
    }
}

#[tokio::test]
async fn a_client_of_long_ago_is_answered_by_a_server_that_takes_it_too() {
    // A ClientHello for TLS 1.0 with one cipher suite (RFC 2246 7.4.1.2).
    let mut hello = vec![0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    let lab = lab_of("[[mx]]\ntls = \"legacy-too\"\n").await;
    let client = MailClient::connect_and_ask_for_tls(&lab, HOST).await;
    let answer = client.exchange_raw(&hello).await;
    assert!(answer.starts_with(&[0x16, 3, 1]), "{answer:?}");
}
