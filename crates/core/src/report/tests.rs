//! The report as it is printed.

use serde_json::json;

use super::*;
use crate::facts::{Answer, FailureKind};
use crate::judge::judge;
use crate::rules::testing::{
    POLICY, failed, healthy, response, seen, session, set_policy, set_record,
};

#[test]
fn a_healthy_domain_is_ready_and_enforced() {
    let report = judge(&healthy());
    assert_eq!(report.findings, []);
    assert_eq!(
        report.readiness,
        Readiness {
            mail_servers: ReadyMailServers::Ready,
            published: Published::Ok,
            effective_mode: Some(Mode::Enforce),
        }
    );
    assert_eq!(report.worst(), None);
}

#[test]
fn keys_that_the_network_did_not_give_are_null_and_never_left_out() {
    let facts = crate::Facts::new(healthy().domain, healthy().checked_at);
    let json = serde_json::to_value(judge(&facts)).unwrap();
    assert_eq!(json["format"], "mta-sts-report/1");
    assert_eq!(json["checked_at"], "2026-11-23T12:00:00Z");
    assert_eq!(
        json["record"],
        json!({"texts": null, "id": null, "ttl_secs": null, "alias": null})
    );
    assert_eq!(json["tls_reporting"], json!({"texts": null, "rua": null}));
    assert_eq!(json["readiness"]["effective_mode"], json!(null));
    assert_eq!(json["readiness"]["mail_servers"], "undetermined");
    assert_eq!(json["policy"].as_object().unwrap().len(), 6);
}

#[test]
fn a_mail_server_that_was_not_reached_is_undetermined_and_not_broken() {
    let mut facts = healthy();
    let ip = session(&mut facts, 0).ip;
    *session(&mut facts, 0) = Session {
        connected: failed(FailureKind::TimedOut),
        ..Session::to(ip)
    };
    let report = judge(&facts);
    assert_eq!(
        report.readiness.mail_servers,
        ReadyMailServers::Undetermined
    );
    assert_eq!(report.findings, []);
}

#[test]
fn a_machine_without_ipv6_can_still_say_that_a_host_is_ready() {
    let mut facts = healthy();
    let unreachable = |facts: &mut crate::Facts| {
        let ip = "2001:db8::1".parse().unwrap();
        facts.mail_servers[0].ipv6 = Observed::Seen(Answer::of([ip]));
        let connected = failed(FailureKind::Unreachable);
        let session = Session {
            connected,
            ..Session::to(ip.into())
        };
        facts.mail_servers[0].sessions.push(session);
    };
    unreachable(&mut facts);
    let report = judge(&facts);
    assert_eq!(report.readiness.mail_servers, ReadyMailServers::Ready);
    assert!(
        report
            .not_checked
            .iter()
            .any(|entry| entry.subject == "mx1.example.com")
    );
    let ipv4 = session(&mut facts, 0).ip;
    *session(&mut facts, 0) = Session {
        connected: failed(FailureKind::TimedOut),
        ..Session::to(ipv4)
    };
    let doubtful = judge(&facts);
    assert_ne!(doubtful.readiness.mail_servers, ReadyMailServers::Ready);
}

#[test]
fn nothing_published_is_not_broken() {
    let mut facts = healthy();
    facts.record = Observed::Seen(Answer::no_such_name());
    facts.policy_host = Observed::Seen(Answer::no_such_name());
    facts.policy = Observed::NotAsked;
    let report = judge(&facts);
    assert_eq!(report.readiness.published, Published::None);
    assert_eq!(report.readiness.effective_mode, None);
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.severity != Severity::Problem)
    );
}

#[test]
fn a_wildcard_address_does_not_make_an_unpublished_policy_broken() {
    let mut facts = healthy();
    facts.record = Observed::Seen(Answer::no_such_name());
    response(&mut facts).status = 404;
    let report = judge(&facts);
    assert_eq!(report.readiness.published, Published::None);
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.severity != Severity::Problem)
    );
}

#[test]
fn a_mail_server_that_only_the_policy_speaks_of_has_not_been_seen() {
    let mut facts = healthy();
    let host = "mx9.example.com";
    seen(&mut facts.mx).records[1].exchange = host.into();
    facts.mail_servers[1].host = host.into();
    facts.mail_servers[1].sessions.clear();
    let report = judge(&facts);
    assert!(
        report
            .findings
            .iter()
            .any(|it| it.subject == "mx9.example.com")
    );
    assert_eq!(
        report.readiness.mail_servers,
        ReadyMailServers::Undetermined
    );
}

#[test]
fn a_policy_that_was_cut_has_no_effect() {
    let mut facts = healthy();
    response(&mut facts).too_large = true;
    assert_eq!(judge(&facts).readiness.effective_mode, None);
}

#[test]
fn a_policy_with_an_unknown_mode_is_broken_and_has_no_effect() {
    let mut facts = healthy();
    set_policy(
        &mut facts,
        "version: STSv1\r\nmode: enforced\r\nmax_age: 604800\r\n",
    );
    let report = judge(&facts);
    assert_eq!(report.readiness.published, Published::Broken);
    assert_eq!(report.readiness.effective_mode, None);
}

#[test]
fn two_records_take_the_effect_away() {
    let mut facts = healthy();
    set_record(&mut facts, &["v=STSv1; id=1", "v=STSv1; id=2"]);
    assert_eq!(judge(&facts).readiness.effective_mode, None);
}

#[test]
fn a_tls_fault_while_the_policy_does_not_enforce_names_who_refuses_mail() {
    let mut facts = healthy();
    let testing = POLICY.replace("enforce", "testing");
    set_policy(&mut facts, &testing);
    assert_eq!(judge(&facts).sender_compatibility, []);
    session(&mut facts, 1).tls = failed(FailureKind::TlsTooOld);
    let verdicts = judge(&facts).sender_compatibility;
    assert_eq!(verdicts.len(), 1, "{verdicts:?}");
    assert!(verdicts[0].reason.contains("mx2.example.com"));
    // That the policy leaves a host out is no fault of its encryption.
    set_policy(&mut facts, &testing.replace("mx: mx2.example.com\r\n", ""));
    assert_eq!(judge(&facts).sender_compatibility, []);
}

#[test]
fn of_several_texts_the_record_is_the_one_that_begins_as_a_record_must() {
    let mut facts = healthy();
    set_record(&mut facts, &["v=STSv10; id=9", "v=STSv1; id=1; id=2"]);
    let verdicts = judge(&facts).sender_compatibility;
    let read = "The record “v=STSv1; id=1; id=2” has more than one id.";
    assert!(verdicts.iter().any(|it| it.reason.starts_with(read)));
    let other = "There is another TXT text at the name of the MTA-STS record: “v=STSv10; id=9”.";
    assert!(verdicts.iter().any(|it| it.reason.starts_with(other)));
}
