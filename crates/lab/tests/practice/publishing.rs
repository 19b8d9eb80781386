//! Publishing while the lab runs, and stopping it.

use hickory_proto::rr::RecordType;
use mta_sts_lab::{Lab, LabError, PublicResolver, Publication, Publishing};

use crate::client::{addresses, ask, fetch, lab_of, lab_with, question, scenario, texts};

const DOMAIN: &str = "nothing-published.example";
const PATH: &str = "/.well-known/mta-sts.txt";

fn everything() -> Publication {
    Publication {
        record: Some(vec!["v=STSv1; id=2".to_owned()]),
        tls_rpt: Some(vec!["v=TLSRPTv1; rua=mailto:a@b.example".to_owned()]),
        policy: Some(b"version: STSv1\r\n".to_vec()),
        ..Publication::default()
    }
}

/// A lab with one built-in scenario and these delays.
pub(crate) async fn lab_with_delays(name: &str, publishing: Publishing) -> Lab {
    let mut scenario = scenario(name);
    scenario.publishing = publishing;
    Lab::start(&[scenario]).await.unwrap()
}

#[tokio::test]
async fn a_publication_is_seen_by_everybody_at_once_without_delays() {
    let lab = lab_with_delays("nothing-published", Publishing::AT_ONCE).await;
    let record = format!("_mta-sts.{DOMAIN}");
    let tls_rpt = format!("_smtp._tls.{DOMAIN}");
    assert!(texts(lab.resolver(), &record).await.is_empty());
    lab.publish(DOMAIN, &everything()).unwrap();
    assert_eq!(texts(lab.resolver(), &record).await, ["v=STSv1; id=2"]);
    assert_eq!(
        texts(lab.resolver(), &tls_rpt).await,
        ["v=TLSRPTv1; rua=mailto:a@b.example"]
    );
    let (head, body) = fetch(&lab, &format!("mta-sts.{DOMAIN}"), PATH)
        .await
        .unwrap();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(body, b"version: STSv1\r\n");
}

#[tokio::test]
async fn a_part_that_is_not_published_stays_as_it_is() {
    let lab = lab_with_delays("healthy", Publishing::AT_ONCE).await;
    let record = vec!["v=STSv1; id=3".to_owned()];
    let publication = Publication {
        record: Some(record.clone()),
        ..Publication::default()
    };
    let before = fetch(&lab, "mta-sts.healthy.example", PATH)
        .await
        .unwrap()
        .1;
    lab.publish("Healthy.Example.", &publication).unwrap();
    assert_eq!(
        texts(lab.resolver(), "_mta-sts.healthy.example").await,
        record
    );
    assert_eq!(
        texts(lab.resolver(), "_smtp._tls.healthy.example")
            .await
            .len(),
        1
    );
    assert_eq!(
        fetch(&lab, "mta-sts.healthy.example", PATH)
            .await
            .unwrap()
            .1,
        before
    );
}

#[tokio::test]
async fn each_server_keeps_its_old_answer_until_its_delay_has_passed() {
    let hour = 3600;
    let publishing = Publishing {
        name_server_delays_secs: [0, hour],
        web_delay_secs: 0,
        resolver_delay_secs: hour,
    };
    let lab = lab_with_delays("nothing-published", publishing).await;
    lab.publish(DOMAIN, &everything()).unwrap();
    let mut seen = Vec::new();
    for (address, server) in lab
        .routes()
        .into_iter()
        .filter(|(address, _)| crate::dns::is_name_server(&lab, address))
    {
        seen.push((
            address.ip().to_string(),
            texts(server, &format!("_mta-sts.{DOMAIN}")).await.len(),
        ));
    }
    assert_eq!(
        seen,
        [
            ("198.51.100.53".to_owned(), 1),
            ("198.51.100.54".to_owned(), 0)
        ]
    );
    assert!(
        texts(lab.resolver(), &format!("_mta-sts.{DOMAIN}"))
            .await
            .is_empty()
    );
    for PublicResolver { name, address, .. } in lab.public_resolvers() {
        let texts = texts(lab.routes()[&address], &format!("_mta-sts.{DOMAIN}")).await;
        assert!(texts.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn before_its_delay_the_web_host_does_not_know_the_name() {
    let publishing = Publishing {
        web_delay_secs: 3600,
        ..Publishing::AT_ONCE
    };
    let lab = lab_with_delays("nothing-published", publishing).await;
    lab.publish(DOMAIN, &everything()).unwrap();
    let error = fetch(&lab, &format!("mta-sts.{DOMAIN}"), PATH)
        .await
        .unwrap_err();
    assert!(
        format!("{error:?}").contains("UnrecognisedName"),
        "{error:?}"
    );
}

#[tokio::test]
async fn publishing_a_policy_mends_the_web_host() {
    for name in [
        "redirecting-policy",
        "policy-host-down",
        "policy-wrong-certificate",
    ] {
        let lab = lab_with_delays(name, Publishing::AT_ONCE).await;
        let policy = Some(b"new".to_vec());
        let publication = Publication {
            policy,
            ..Publication::default()
        };
        lab.publish(&format!("{name}.example"), &publication)
            .unwrap();
        let (_, body) = fetch(&lab, &format!("mta-sts.{name}.example"), PATH)
            .await
            .unwrap();
        assert_eq!(body, b"new", "{name}");
    }
}

#[tokio::test]
async fn only_sensible_publications_for_practice_domains_are_taken() {
    let lab = lab_with("no-such-domain").await;
    for domain in [
        "no-such-domain.example",
        "practice-dns.example",
        "elsewhere.test",
    ] {
        let error = lab.publish(domain, &everything()).unwrap_err();
        assert!(
            matches!(error, LabError::UnknownDomain(_)),
            "{domain}: {error}"
        );
    }
    let lab = lab_of("").await;
    let policy = Some(vec![b'x'; 1 << 20]);
    let publication = Publication {
        policy,
        ..Publication::default()
    };
    let error = lab.publish("d.example", &publication).unwrap_err();
    assert!(matches!(error, LabError::TooLong { .. }), "{error}");
}

#[tokio::test]
async fn two_scenarios_cannot_share_a_domain() {
    let twice = [scenario("healthy"), scenario("healthy")];
    let error = Lab::start(&twice).await.err().unwrap();
    assert!(matches!(error, LabError::DuplicateDomain(_)), "{error}");
}

#[test]
fn publishing_works_outside_the_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lab = runtime.block_on(lab_with_delays("nothing-published", Publishing::AT_ONCE));
    lab.publish(DOMAIN, &everything()).unwrap();
    let seen = runtime.block_on(texts(lab.resolver(), &format!("_mta-sts.{DOMAIN}")));
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn mail_servers_move_and_a_policy_host_goes_away_for_everybody_once_time_has_passed() {
    let lab = lab_with("healthy").await;
    let publication = Publication {
        record: Some(Vec::new()),
        mx: Some(vec![(10, "mx9.healthy.example".into())]),
        no_policy_host: true,
        ..Publication::default()
    };
    lab.publish("healthy.example", &publication).unwrap();
    lab.settle();
    assert_eq!(
        texts(lab.resolver(), "_mta-sts.healthy.example")
            .await
            .len(),
        0
    );
    assert_eq!(addresses(&lab, "mta-sts.healthy.example").await.len(), 0);
    let answers = async |kind| {
        let answer = ask(lab.resolver(), &question("healthy.example", kind)).await;
        let found = answer.answers.iter().map(|it| it.data.to_string());
        found.collect::<Vec<String>>()
    };
    assert_eq!(answers(RecordType::MX).await, ["10 mx9.healthy.example."]);
    let name_servers = answers(RecordType::NS).await;
    assert_eq!(name_servers.len(), 2, "only the MX records were replaced");
}
