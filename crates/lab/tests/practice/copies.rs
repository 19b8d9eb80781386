//! Copies of scenarios under numbered names.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};
use mta_sts_lab::{Lab, LabError, Publication, Publishing, Scenario, scenarios};
use tokio::time::timeout;

use crate::client::{
    MailClient, addresses, ask, fetch, lab_of, lab_with, question, scenario, texts,
};
use crate::dns::name_servers;
use crate::publishing::lab_with_delays;

const PATH: &str = "/.well-known/mta-sts.txt";

/// A lab with these domains, each with this in its scenario file.
async fn lab_of_several(scenarios: &[(&str, &str)]) -> Lab {
    let parsed = scenarios.iter().map(|(domain, toml)| {
        let head = format!("story = \"A test.\"\ndomain = \"{domain}\"\nexpected = []\n");
        Scenario::parse("test", &format!("{head}{toml}")).unwrap()
    });
    Lab::start(&parsed.collect::<Vec<_>>()).await.unwrap()
}

async fn mail_hosts(server: SocketAddr, domain: &str) -> Vec<String> {
    let answer = ask(server, &question(domain, RecordType::MX)).await;
    let exchange = |data: &RData| match data {
        RData::MX(mx) => Some(format!("{} {}", mx.preference, mx.exchange)),
        _ => None,
    };
    let records = answer.answers.iter();
    records.filter_map(|it| exchange(&it.data)).collect()
}

async fn code(lab: &Lab, name: &str) -> ResponseCode {
    let answer = ask(lab.resolver(), &question(name, RecordType::TXT)).await;
    answer.metadata.response_code
}

async fn policy(lab: &Lab, domain: &str) -> String {
    let (_, body) = fetch(lab, &format!("mta-sts.{domain}"), PATH)
        .await
        .unwrap();
    String::from_utf8(body).unwrap()
}

#[tokio::test]
async fn a_copy_has_names_of_its_own_and_the_values_of_its_story() {
    let lab = lab_with("healthy").await;
    let [story, copy] = ["healthy.example", "healthy-17.example"];
    assert_eq!(code(&lab, copy).await, ResponseCode::NXDomain);
    assert!(lab.serve_copy(copy).unwrap());

    let mut servers = name_servers(&lab);
    servers.push(lab.resolver());
    for server in servers {
        for prefix in ["_mta-sts", "_smtp._tls"] {
            let found = texts(server, &format!("{prefix}.{copy}")).await;
            assert_eq!(found, texts(server, &format!("{prefix}.{story}")).await);
            assert_eq!(found.len(), 1);
        }
        assert_eq!(
            mail_hosts(server, copy).await,
            ["10 mx1.healthy.example.", "20 mx2.healthy.example."]
        );
        let answer = ask(server, &question(copy, RecordType::SOA)).await;
        let owner = answer.answers.first().unwrap().name.to_ascii();
        assert_eq!(owner, format!("{copy}."));
    }
    for host in ["mta-sts", "mx1", "mx2"] {
        let found = addresses(&lab, &format!("{host}.{copy}")).await;
        assert_eq!(found, addresses(&lab, &format!("{host}.{story}")).await);
        assert!(!found.is_empty(), "{host}");
    }
    assert_eq!(policy(&lab, copy).await, policy(&lab, story).await);
}

#[tokio::test]
async fn a_copy_brings_no_server_with_it() {
    let lab = lab_with("healthy").await;
    let routes = lab.routes();
    assert!(lab.serve_copy("healthy-2.example").unwrap());
    assert_eq!(lab.routes(), routes);
    let host = "mx1.healthy.example";
    let client = MailClient::connect_and_ask_for_tls(&lab, host).await;
    assert!(client.handshake(&lab, host).await.is_ok());
}

#[tokio::test]
async fn publishing_to_a_copy_leaves_its_story_and_other_copies_as_they_were() {
    let lab = lab_with_delays("healthy", Publishing::AT_ONCE).await;
    let copy = "healthy-17.example";
    let others = ["healthy.example", "healthy-1.example", "healthy-18.example"];
    for domain in [copy, "healthy-1.example", "healthy-18.example"] {
        assert!(lab.serve_copy(domain).unwrap());
    }
    let texts_of = async |domain: &str| {
        let record = texts(lab.resolver(), &format!("_mta-sts.{domain}")).await;
        let tls_rpt = texts(lab.resolver(), &format!("_smtp._tls.{domain}")).await;
        [record, tls_rpt].concat()
    };
    let before = texts_of(copy).await;
    let policy_before = policy(&lab, copy).await;
    let publication = Publication {
        record: Some(vec!["v=STSv1; id=2".to_owned()]),
        tls_rpt: Some(vec!["v=TLSRPTv1; rua=mailto:a@b.example".to_owned()]),
        policy: Some(b"new".to_vec()),
        ..Publication::default()
    };
    lab.publish("Healthy-17.Example.", &publication).unwrap();
    assert_eq!(
        texts_of(copy).await,
        ["v=STSv1; id=2", "v=TLSRPTv1; rua=mailto:a@b.example"]
    );
    assert_eq!(policy(&lab, copy).await, "new");
    for other in others {
        assert_eq!(texts_of(other).await, before, "{other}");
        assert_eq!(policy(&lab, other).await, policy_before, "{other}");
    }
}

#[tokio::test]
async fn a_copy_begins_as_its_story_began() {
    let lab = lab_with_delays("nothing-published", Publishing::AT_ONCE).await;
    let publication = Publication {
        record: Some(vec!["v=STSv1; id=2".to_owned()]),
        policy: Some(b"new".to_vec()),
        ..Publication::default()
    };
    lab.publish("nothing-published.example", &publication)
        .unwrap();
    let copy = "nothing-published-1.example";
    assert!(lab.serve_copy(copy).unwrap());
    let record = format!("_mta-sts.{copy}");
    assert_eq!(code(&lab, &record).await, ResponseCode::NXDomain);
    lab.publish(copy, &publication).unwrap();
    assert_eq!(texts(lab.resolver(), &record).await, ["v=STSv1; id=2"]);
    assert_eq!(policy(&lab, copy).await, "new");
}

#[tokio::test]
async fn only_numbered_names_of_registered_stories_are_copies() {
    let some = ["healthy", "no-such-domain"].map(scenario);
    let lab = Lab::start(&some).await.unwrap();
    for domain in [
        "healthy-0.example",
        "healthy-01.example",
        "healthy-.example",
        "healthy-+1.example",
        "healthy-10000.example",
        "healthy-1-1.example",
        "healthy1.example",
        "healthy-1",
        "healthy-1.example.org",
        "mta-sts.healthy-1.example",
        "nosuch-1.example",
        "no-such-domain.example",
        "no-such-domain-1.example",
        "practice-dns-1.example",
        "-1.example",
        "",
    ] {
        assert!(!lab.serve_copy(domain).unwrap(), "{domain}");
        let error = lab.publish(domain, &Publication::default()).unwrap_err();
        assert!(matches!(error, LabError::UnknownDomain(_)), "{error}");
    }
    assert!(lab.serve_copy("healthy-1.example").unwrap());
    assert!(lab.serve_copy("healthy-9999.example").unwrap());
    assert!(!lab.serve_copy("healthy-1-1.example").unwrap());
}

#[tokio::test]
async fn a_name_that_is_taken_is_never_a_copy() {
    let lab = lab_of_several(&[
        ("d.example", ""),
        ("d-3.example", "[dns]\nmta_sts = [\"its own\"]\n"),
        ("d-4.example", "[dns]\nregistered = false\n"),
        ("e.example", "[[mx]]\nhost = \"d-5.example\"\n"),
    ])
    .await;
    assert!(lab.serve_copy("d.example").unwrap());
    assert!(lab.serve_copy("d-3.example").unwrap());
    let record = texts(lab.resolver(), "_mta-sts.d-3.example").await;
    assert_eq!(record, ["its own"]);
    assert!(lab.serve_copy("d-3-1.example").unwrap());
    let record = texts(lab.resolver(), "_mta-sts.d-3-1.example").await;
    assert_eq!(record, ["its own"]);
    assert!(!lab.serve_copy("d-4.example").unwrap());
    assert!(!lab.serve_copy("d-4-1.example").unwrap());
    let mail_host = addresses(&lab, "d-5.example").await;
    assert!(!lab.serve_copy("d-5.example").unwrap());
    assert_eq!(addresses(&lab, "d-5.example").await, mail_host);
}

#[tokio::test]
async fn a_name_that_is_too_long_for_the_dns_is_refused() {
    let longest = "d".repeat(63);
    let lab = lab_of_several(&[(&format!("{longest}.example"), "")]).await;
    let error = lab.serve_copy(&format!("{longest}-1.example")).unwrap_err();
    assert!(matches!(error, LabError::Name { .. }), "{error}");
}

#[tokio::test]
async fn the_web_site_of_a_copy_shows_a_certificate_with_its_own_name() {
    let lab = lab_with("healthy").await;
    assert!(lab.serve_copy("healthy-17.example").unwrap());
    // The client looks whether the certificate is good for the name.
    let (head, _) = fetch(&lab, "mta-sts.healthy-17.example", PATH)
        .await
        .unwrap();
    assert!(head.starts_with("http/1.1 200"), "{head}");

    for (name, reason) in [
        ("policy-certificate-expired", "Expired"),
        ("policy-wrong-certificate", "NotValidForName"),
    ] {
        let lab = lab_with(name).await;
        let copy = format!("{name}-17.example");
        assert!(lab.serve_copy(&copy).unwrap());
        let host = format!("mta-sts.{copy}");
        let error = fetch(&lab, &host, PATH).await.unwrap_err();
        assert!(format!("{error:?}").contains(reason), "{name}: {error:?}");
        assert_eq!(
            format!("{error:?}").contains(&host),
            reason == "NotValidForName",
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn web_sites_answer_as_those_of_the_story() {
    let lab = lab_with("policy-at-www").await;
    assert!(lab.serve_copy("policy-at-www-2.example").unwrap());
    let (head, _) = fetch(&lab, "mta-sts.policy-at-www-2.example", PATH)
        .await
        .unwrap();
    assert!(head.starts_with("http/1.1 404"), "{head}");
    let found = addresses(&lab, "www.policy-at-www-2.example").await;
    assert_eq!(found.len(), 1);
    let (_, body) = fetch(&lab, "www.policy-at-www-2.example", PATH)
        .await
        .unwrap();
    assert!(body.starts_with(b"version: STSv1\r\n"));

    let lab = lab_with("redirecting-policy").await;
    let copy = "redirecting-policy-2.example";
    assert!(lab.serve_copy(copy).unwrap());
    let (head, _) = fetch(&lab, &format!("mta-sts.{copy}"), PATH).await.unwrap();
    let target = format!("location: https://www.{copy}{PATH}");
    assert!(head.contains(&target), "{head}");
}

#[tokio::test]
async fn what_is_wrong_with_a_zone_is_wrong_with_its_copy() {
    let toml = "[dns]\nservfail = [\"_mta-sts\"]\nsilent = [\"_smtp._tls\"]\n";
    let lab = lab_of(toml).await;
    assert!(lab.serve_copy("d-1.example").unwrap());
    let failing = code(&lab, "_mta-sts.d-1.example").await;
    assert_eq!(failing, ResponseCode::ServFail);
    assert_eq!(code(&lab, "d-1.example").await, ResponseCode::NoError);
    let patience = Duration::from_millis(300);
    let silent = timeout(patience, code(&lab, "_smtp._tls.d-1.example")).await;
    assert!(silent.is_err());

    let lab = lab_of("[dns]\nbogus = true\n").await;
    assert!(lab.serve_copy("d-1.example").unwrap());
    let bogus = code(&lab, "_mta-sts.d-1.example").await;
    assert_eq!(bogus, ResponseCode::ServFail);

    let lab = lab_of("[dns]\nsigned = true\n").await;
    assert!(lab.serve_copy("d-1.example").unwrap());
    let mut about_mail = question("d-1.example", RecordType::MX);
    about_mail.metadata.authentic_data = true;
    let answer = ask(lab.resolver(), &about_mail).await;
    assert!(answer.metadata.authentic_data);

    let lab = lab_with("half-propagated").await;
    assert!(lab.serve_copy("half-propagated-1.example").unwrap());
    let mut counts = Vec::new();
    for server in name_servers(&lab) {
        let found = texts(server, "_mta-sts.half-propagated-1.example").await;
        counts.push(found.len());
    }
    assert_eq!(counts, [1, 0]);
}

#[tokio::test]
async fn what_a_story_says_of_its_own_domain_a_copy_says_of_itself() {
    let some = ["record-alias", "tls-reports-at-home", "implicit-mx"].map(scenario);
    let lab = Lab::start(&some).await.unwrap();
    for scenario in &some {
        assert!(
            lab.serve_copy(&format!("{}-4.example", scenario.name))
                .unwrap()
        );
    }
    let record = question("_mta-sts.record-alias-4.example", RecordType::TXT);
    let answer = ask(lab.resolver(), &record).await;
    let [RData::CNAME(alias), RData::TXT(_)] = [&answer.answers[0].data, &answer.answers[1].data]
    else {
        panic!("{answer:?}")
    };
    assert_eq!(alias.0.to_ascii(), "policy.record-alias-4.example.");
    assert_eq!(
        texts(lab.resolver(), "_smtp._tls.tls-reports-at-home-4.example").await,
        ["v=TLSRPTv1; rua=mailto:tls-reports@tls-reports-at-home-4.example"]
    );
    let policy = policy(&lab, "implicit-mx-4.example").await;
    assert!(policy.contains("mx: implicit-mx-4.example\r\n"), "{policy}");
}

#[tokio::test]
async fn what_leads_to_others_does_so_from_a_copy_too() {
    let lab = lab_of(
        "[[mx]]\nhost = \"d.example\"\n[dns]\ntls_rpt = []\nrecords = [\n\
         { name = \"_smtp._tls\", type = \"CNAME\", value = \"reports.provider.example\" },\n]\n",
    )
    .await;
    let copy = "d-1.example";
    assert!(lab.serve_copy(copy).unwrap());
    assert_eq!(mail_hosts(lab.resolver(), copy).await, ["10 d.example."]);
    let policy = policy(&lab, copy).await;
    assert!(policy.contains("mx: d.example\r\n"), "{policy}");
    let name = format!("_smtp._tls.{copy}");
    let answer = ask(lab.resolver(), &question(&name, RecordType::CNAME)).await;
    let RData::CNAME(alias) = &answer.answers[0].data else {
        panic!("{answer:?}")
    };
    assert_eq!(alias.0.to_ascii(), "reports.provider.example.");
}

#[tokio::test]
async fn a_copy_shows_a_publication_after_the_delays_of_its_story() {
    let hour = 3600;
    let publishing = Publishing {
        name_server_delays_secs: [0, hour],
        web_delay_secs: hour,
        resolver_delay_secs: hour,
    };
    let lab = lab_with_delays("healthy", publishing).await;
    let copy = "healthy-9.example";
    assert!(lab.serve_copy(copy).unwrap());
    let old = policy(&lab, copy).await;
    let publication = Publication {
        record: Some(vec![]),
        policy: Some(b"new".to_vec()),
        ..Publication::default()
    };
    lab.publish(copy, &publication).unwrap();
    let mut counts = Vec::new();
    let servers = [name_servers(&lab), vec![lab.resolver()]].concat();
    for server in servers {
        counts.push(texts(server, &format!("_mta-sts.{copy}")).await.len());
    }
    assert_eq!(counts, [0, 1, 1]);
    assert_eq!(policy(&lab, copy).await, old);
}

#[tokio::test]
async fn serving_a_copy_again_changes_nothing() {
    let lab = lab_with_delays("healthy", Publishing::AT_ONCE).await;
    let copy = "healthy-17.example";
    assert!(lab.serve_copy(copy).unwrap());
    let publication = Publication {
        policy: Some(b"new".to_vec()),
        ..Publication::default()
    };
    lab.publish(copy, &publication).unwrap();
    assert!(lab.serve_copy("HEALTHY-17.example.").unwrap());
    assert_eq!(policy(&lab, copy).await, "new");
}

#[test]
fn copies_are_served_from_many_threads_at_once_outside_the_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lab = runtime.block_on(lab_with("healthy"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 1..=20 {
                    let copy = format!("healthy-{number}.example");
                    assert!(lab.serve_copy(&copy).unwrap());
                    lab.publish(&copy, &Publication::default()).unwrap();
                }
            });
        }
    });
    let policy = runtime.block_on(policy(&lab, "healthy-20.example"));
    assert!(policy.starts_with("version: STSv1\r\n"));
}

#[tokio::test]
async fn the_control_hosts_of_a_copy_are_those_of_its_story() {
    let lab = Lab::start(scenarios()).await.unwrap();
    for scenario in scenarios() {
        let copy = format!("{}-12.example", scenario.name);
        assert_eq!(
            lab.serve_copy(&copy).unwrap(),
            scenario.name != "no-such-domain"
        );
        assert_eq!(
            lab.control_hosts_for(&copy),
            lab.control_hosts_for(&scenario.domain),
            "{copy}"
        );
    }
    let blocked = lab.control_hosts_for("port-25-blocked-12.example");
    assert_ne!(blocked, lab.control_hosts());
}
