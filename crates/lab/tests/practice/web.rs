//! HTTPS: the policy, and what comes instead of it.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{addresses, fetch, fetch_from, lab_of, lab_with};

const HOST: &str = "mta-sts.d.example";
const PATH: &str = "/.well-known/mta-sts.txt";

#[tokio::test]
async fn a_healthy_policy_is_served_whole_with_crlf() {
    let lab = lab_with("healthy").await;
    let (head, body) = fetch(&lab, "mta-sts.healthy.example", PATH).await.unwrap();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/plain\r\n"), "{head}");
    let policy = "version: STSv1\r\nmode: enforce\r\nmx: mx1.healthy.example\r\n\
                  mx: mx2.healthy.example\r\nmax_age: 1209600\r\n";
    assert_eq!(String::from_utf8(body).unwrap(), policy);
    let (head, _) = fetch(&lab, "mta-sts.healthy.example", "/").await.unwrap();
    assert!(head.starts_with("http/1.1 404"), "{head}");
}

#[tokio::test]
async fn other_answers_come_as_the_scenario_has_them() {
    let cases = [
        (
            "answer = \"redirect\"",
            "301",
            "location: https://www.d.example/.well-known/",
        ),
        ("answer = \"html\"", "200", "content-type: text/html"),
        ("answer = \"empty\"", "200", "content-length: 0"),
        (
            "answer = \"challenge\"\nstatus = 403",
            "403",
            "content-type: text/html",
        ),
        ("status = 503", "503", "content-type: text/plain"),
        (
            "content_type = \"text/markdown\"",
            "200",
            "content-type: text/markdown",
        ),
    ];
    for (toml, status, header) in cases {
        let lab = lab_of(&format!("[web]\n{toml}\n")).await;
        let (head, _) = fetch(&lab, HOST, PATH).await.unwrap();
        assert!(
            head.starts_with(&format!("http/1.1 {status}")),
            "{toml}: {head}"
        );
        assert!(head.contains(header), "{toml}: {head}");
    }
}

#[tokio::test]
async fn texts_are_served_as_written() {
    let lab = lab_of("[policy]\ntext = \"a\\nb\"\n").await;
    assert_eq!(fetch(&lab, HOST, PATH).await.unwrap().1, b"a\r\nb");
    let lab = lab_of("[policy]\nraw = \"a\\nb\"\n").await;
    assert_eq!(fetch(&lab, HOST, PATH).await.unwrap().1, b"a\nb");
    let lab = lab_with("policy-too-large").await;
    let (_, body) = fetch(&lab, "mta-sts.policy-too-large.example", PATH)
        .await
        .unwrap();
    assert!(body.len() > 64 * 1024);
}

#[tokio::test]
async fn a_policy_in_drops_arrives_in_the_end() {
    let lab = lab_of("[web]\nanswer = \"drip\"\n[policy]\nraw = \"ab\"\n").await;
    let (head, body) = fetch(&lab, HOST, PATH).await.unwrap();
    assert!(head.contains("content-length: 2"), "{head}");
    assert_eq!(body, b"ab");
}

#[tokio::test]
async fn a_hanging_server_takes_the_question_and_says_nothing() {
    let lab = lab_of("[web]\nanswer = \"hang\"\n").await;
    let patience = Duration::from_millis(300);
    assert!(timeout(patience, fetch(&lab, HOST, PATH)).await.is_err());
    let (head, _) = fetch(&lab, HOST, "/").await.unwrap();
    assert!(head.starts_with("http/1.1 404"), "{head}");
}

#[tokio::test]
async fn bad_certificates_and_bad_tls_are_shown_as_they_are() {
    for (toml, reason) in [
        ("certificate = { kind = \"expired\" }", "expired"),
        ("certificate = { kind = \"unknown-root\" }", "UnknownIssuer"),
        ("tls = \"too-old\"", "TLS 1.2"),
        ("tls = \"handshake-failure\"", "HandshakeFailure"),
    ] {
        let lab = lab_of(&format!("[web]\n{toml}\n")).await;
        let error = format!("{:?}", fetch(&lab, HOST, PATH).await.unwrap_err());
        let error = error.replace("ServerDoesNotSupportTls12Or13", "TLS 1.2");
        assert!(
            error.to_lowercase().contains(&reason.to_lowercase()),
            "{toml}: {error}"
        );
    }
}

#[tokio::test]
async fn a_refused_web_host_refuses_and_a_silent_one_has_no_route() {
    let lab = lab_with("policy-host-down").await;
    let address = addresses(&lab, "mta-sts.policy-host-down.example").await;
    let route = lab.routes()[&SocketAddr::new(*address.first().unwrap(), 443)];
    let error = TcpStream::connect(route).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);

    let lab = lab_of("[web]\nipv4 = [\"silent\"]\n").await;
    let address = addresses(&lab, HOST).await;
    let silent = SocketAddr::new(*address.first().unwrap(), 443);
    assert!(!lab.routes().contains_key(&silent));
}

#[tokio::test]
async fn the_control_web_host_is_there_for_every_path() {
    let lab = lab_of("").await;
    for path in ["/", PATH, "/anything"] {
        let (head, _) = fetch(&lab, &lab.control_web_host(), path).await.unwrap();
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
    }
}

#[tokio::test]
async fn a_policy_at_another_place_is_served_there() {
    let lab = lab_of(
        "[web]\nstatus = 404\nstrays = [\n\
         { host = \"@\", path = \"/.well-known/mta-sts.txt\" },\n\
         { host = \"mta-sts\", path = \"/mta-sts.txt\" },\n]\n",
    )
    .await;
    let (head, policy) = fetch(&lab, "d.example", PATH).await.unwrap();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(policy.starts_with(b"version: STSv1\r\n"));
    let (head, body) = fetch(&lab, HOST, "/mta-sts.txt").await.unwrap();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(body, policy);
    for (host, path) in [(HOST, PATH), ("d.example", "/mta-sts.txt")] {
        let (head, _) = fetch(&lab, host, path).await.unwrap();
        assert!(head.starts_with("http/1.1 404"), "{host}{path}: {head}");
    }
}

#[tokio::test]
async fn over_ipv6_another_answer_may_come() {
    let lab = lab_of("[web]\nipv6 = [\"serve\"]\nanswer_over_ipv6 = \"html\"\n").await;
    let found = addresses(&lab, HOST).await;
    let [ipv4, ipv6] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(ipv4.is_ipv4() && ipv6.is_ipv6());
    for (address, beginning) in [(ipv4, &b"version: "[..]), (ipv6, b"<!DOCTYPE ")] {
        let (_, body) = fetch_from(&lab, *address, HOST, PATH).await.unwrap();
        assert!(body.starts_with(beginning), "{address}");
    }
}
