//! What a look shows of a setup.

use time::macros::datetime;

use super::*;
use crate::facts::server_view::Observer;
use crate::facts::{FailureKind, NearMiss, PolicyFetch, ProbeFailure};
use crate::publication::propagation::Sighting;
use crate::rules::testing::{POLICY, fetch, healthy, set_policy};
use crate::text::domain::Domain;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{MaxAge, Mode, Policy};
use crate::text::sts_record::PolicyId;
use crate::text::tls_rpt_record::ReportUri;

fn setup() -> Setup {
    let mx = ["mx1.example.com", "mx2.example.com"]
        .map(|host| MxPattern::parse(host).unwrap())
        .to_vec();
    Setup {
        domain: Domain::parse("example.com").unwrap(),
        zone: Domain::parse("example.com").unwrap(),
        policy: Policy::new(Mode::Enforce, MaxAge::new(1_209_600).unwrap(), mx).unwrap(),
        id: PolicyId::parse("20261123120000Z").unwrap(),
        rua: vec![ReportUri::parse("mailto:reports@example.net").unwrap()],
    }
}

fn texts(text: &str) -> Observed<Answer<String>> {
    Observed::Seen(Answer::of([text.to_owned()]))
}

fn look(change: impl FnOnce(&mut ServerView, &mut PolicyFetch)) -> Progress {
    let mut propagation = Propagation::new(datetime!(2026-11-23 12:00 UTC));
    let mut facts = healthy();
    let mut view = ServerView {
        observer: Observer::SystemResolver,
        asked_at: Some(datetime!(2026-11-23 12:00 UTC)),
        record: texts("v=STSv1; id=20261123120000Z;"),
        tls_rpt: texts("v=TLSRPTv1; rua=mailto:reports@example.net"),
        policy_host: facts.policy_host.clone(),
        mx: Observed::NotAsked,
    };
    change(&mut view, fetch(&mut facts));
    propagation.fold(Sighting::View(Box::new(view)));
    propagation.fold(Sighting::Policy(facts.policy));
    Progress::of(&propagation, &setup())
}

#[test]
fn what_is_meant_and_seen_everywhere_is_complete() {
    let progress = look(|_, _| ());
    assert!(progress.is_complete(), "{progress:#?}");
    assert_eq!(setup().policy.write(), POLICY);
    assert!(
        progress.policy_file[0]
            .saw
            .contains("Exactly the right file.")
    );
}

/// A look with two name servers, of which the first one did not answer.
fn look_with_a_silent_first_server(record: Observed<Answer<String>>) -> Propagation {
    let mut seen = Propagation::new(datetime!(2026-11-23 12:00 UTC));
    let mut facts = healthy();
    set_policy(&mut facts, POLICY);
    let failure = ProbeFailure::new(FailureKind::TimedOut, "8 s");
    let silent: Observed<Answer<String>> = Observed::Failed(failure);
    let server = |number: u8, record: Observed<Answer<String>>| ServerView {
        observer: Observer::NameServer {
            name: format!("ns{number}.example.com"),
            ip: [192, 0, 2, number].into(),
        },
        asked_at: None,
        tls_rpt: match &record {
            Observed::Seen(_) => texts("v=TLSRPTv1; rua=mailto:reports@example.net"),
            other => other.clone(),
        },
        record,
        policy_host: facts.policy_host.clone(),
        mx: Observed::NotAsked,
    };
    for view in [server(1, silent), server(2, record)] {
        seen.fold(Sighting::View(Box::new(view)));
    }
    seen.fold(Sighting::Policy(facts.policy.clone()));
    seen
}

#[test]
fn what_is_published_is_what_the_first_name_server_that_answered_says() {
    let record = texts("v=STSv1; id=20261123120000Z;");
    let seen = look_with_a_silent_first_server(record);
    let published = seen.published(&setup().domain).unwrap();
    assert_eq!((published.id, published.rua), (setup().id, setup().rua));
    assert!(seen.is_determined());
}

#[test]
fn where_no_name_server_answered_nothing_is_said_of_what_is_published() {
    let failure = ProbeFailure::new(FailureKind::TimedOut, "8 s");
    let mut seen = look_with_a_silent_first_server(Observed::Failed(failure));
    seen.views.push(ServerView {
        observer: Observer::SystemResolver,
        record: texts("v=STSv1; id=20261123120000Z;"),
        ..seen.views[0].clone()
    });
    assert!(!seen.is_determined());
    assert_eq!(seen.published(&setup().domain), None);
    assert_eq!(Progress::of(&seen, &setup()).findings, []);
}

#[test]
fn a_record_at_the_wrong_name_is_told_although_the_first_name_server_is_silent() {
    let nothing = Observed::Seen(Answer::no_such_name());
    let mut seen = look_with_a_silent_first_server(nothing);
    seen.fold(Sighting::NearMiss(NearMiss {
        name: "mta-sts.example.com".into(),
        texts: texts("v=STSv1; id=20261123120000Z;"),
    }));
    let progress = Progress::of(&seen, &setup());
    let codes: Vec<&str> = progress.findings.iter().map(|it| it.rule.code).collect();
    assert_eq!(codes, ["record-wrong-place"]);
}

#[test]
fn a_name_that_does_not_exist_is_not_yet_and_no_fault() {
    let progress = look(|view, _| view.record = Observed::Seen(Answer::no_such_name()));
    assert_eq!(progress.record[0].stage, Stage::NotYet);
    assert!(!progress.is_complete());
}

#[test]
fn an_earlier_id_is_old_and_says_when_it_leaves_the_cache() {
    let progress = look(|view, _| view.record = texts("v=STSv1; id=1"));
    let sight = &progress.record[0];
    assert_eq!(sight.stage, Stage::Old);
    assert_eq!(
        sight.told(UtcOffset::UTC),
        "It has a different id: 1. This resolver will fetch the new version at 12:05 UTC."
    );
    let later = UtcOffset::from_hms(5, 30, 0).unwrap();
    assert!(sight.told(later).ends_with("at 17:35."), "{sight:?}");
}

#[test]
fn a_name_server_says_how_long_caches_may_keep_an_earlier_id() {
    let progress = look(|view, _| {
        view.record = texts("v=STSv1; id=1");
        view.observer = Observer::NameServer {
            name: "ns1.example.com".into(),
            ip: [192, 0, 2, 53].into(),
        };
    });
    let saw = progress.record[0].told(UtcOffset::UTC);
    assert!(
        saw.ends_with("Resolvers may cache it for another 5 minutes."),
        "{saw}"
    );
}

#[test]
fn a_cache_says_until_when_it_remembers_that_there_is_nothing() {
    let progress = look(|view, _| {
        view.record = Observed::Seen(Answer {
            negative_ttl_secs: Some(1_200),
            ..Answer::no_such_name()
        });
    });
    let saw = progress.record[0].told(UtcOffset::UTC);
    assert!(
        saw.ends_with("This resolver still has “no record” cached until 12:20 UTC."),
        "{saw}"
    );
}

#[test]
fn the_whole_says_how_many_could_not_be_asked() {
    let mut progress = look(|_, _| ());
    assert!(progress.summary().text.ends_with("everywhere we looked."));
    let silent = |who: &str| Sight {
        place: Place::NameServers,
        who: who.into(),
        stage: Stage::Unknown,
        saw: String::new(),
        until: None,
    };
    // Two that are right stand beside them, so that they are no obstacle.
    for sights in [
        &mut progress.tls_report,
        &mut progress.policy_host,
        &mut progress.record,
    ] {
        sights.push(sights[0].clone());
        sights.extend([silent("one"), silent("other")]);
    }
    assert_eq!(progress.summary().stage, Stage::Correct);
    let text = progress.summary().text;
    assert!(
        text.ends_with("we looked. 2 servers didn’t answer."),
        "{text}"
    );
}

#[test]
fn what_was_correct_and_is_not_any_more_says_why() {
    let right = look(|_, _| ());
    let wrong = || look(|view, _| view.record = texts("v=STSv1; id=1"));
    let once = wrong().after(&right);
    assert!(once.record[0].saw.contains("Several machines"));
    assert!(!once.tls_report[0].saw.contains("Several machines"));
    let twice = wrong().after(&once);
    assert_eq!(twice.record, once.record);
    assert_eq!(right.clone().after(&once), right);
}

/// A look at a web host with both families, of which IPv6 answers so.
fn over_ipv6(change: impl FnOnce(&mut PolicyFetch)) -> Progress {
    let mut facts = healthy();
    let mut propagation = Propagation::new(datetime!(2026-11-23 12:00 UTC));
    propagation.fold(Sighting::Policy(facts.policy.clone()));
    change(fetch(&mut facts));
    propagation.fold(Sighting::PolicyOverIpv6(facts.policy));
    Progress::of(&propagation, &setup())
}

#[test]
fn the_file_is_compared_over_both_families() {
    let stages = |progress: &Progress| -> Vec<Stage> {
        progress
            .policy_file
            .iter()
            .map(|sight| sight.stage)
            .collect()
    };
    let same = over_ipv6(|_| ());
    assert_eq!(stages(&same), [Stage::Correct, Stage::Correct]);
    assert_eq!(same.policy_file[1].who, "the file over IPv6");
    let unreachable = ProbeFailure::new(FailureKind::Unreachable, "");
    let none_here = over_ipv6(|fetch| fetch.response = Observed::Failed(unreachable));
    assert_eq!(stages(&none_here), [Stage::Correct, Stage::Unknown]);
    assert!(none_here.findings.is_empty());
}

#[test]
fn an_old_file_out_of_a_cache_names_the_cache_and_its_age() {
    let progress = look(|_, fetch| {
        let Observed::Seen(response) = &mut fetch.response else {
            panic!("not seen")
        };
        response.body.0 = POLICY.replace("enforce", "testing").into_bytes();
        response.age_secs = Some(1_200);
    });
    let saw = &progress.policy_file[0].saw;
    assert!(saw.contains("is 20 minutes old (Age header)"), "{saw}");
    assert!(saw.contains("Its certificate is valid until "), "{saw}");
}

#[test]
fn a_record_that_senders_would_not_take_is_wrong() {
    for text in ["v=STSv1; id=2026-11-23", "v=stsv1; id=1"] {
        let progress = look(|view, _| view.record = texts(text));
        assert_eq!(progress.record[0].stage, Stage::Wrong, "{text}");
        assert!(progress.record[0].saw.contains(text));
    }
    let two = ["v=STSv1; id=1".to_owned(), "v=STSv1; id=2".to_owned()];
    let progress = look(|view, _| view.record = Observed::Seen(Answer::of(two)));
    assert_eq!(progress.record[0].stage, Stage::Wrong);
}

#[test]
fn a_server_that_did_not_answer_is_unknown_and_not_called_empty() {
    let failure = ProbeFailure::new(FailureKind::ServFail, "");
    let progress = look(|view, _| view.tls_rpt = Observed::Failed(failure));
    assert_eq!(progress.tls_report[0].stage, Stage::Unknown);
}

#[test]
fn a_file_with_other_line_ends_means_the_same_and_one_with_another_mode_is_old() {
    let mut facts = healthy();
    for (body, stage) in [
        (POLICY.replace("\r\n", "\n"), Stage::Correct),
        (POLICY.replace("enforce", "testing"), Stage::Old),
        (POLICY.replace("enforce", "enforced"), Stage::Wrong),
        ("<!doctype html><html></html>".to_owned(), Stage::Wrong),
    ] {
        set_policy(&mut facts, &body);
        let answer = fetch(&mut facts).clone();
        let progress = look(|_, fetched| *fetched = answer);
        assert_eq!(progress.policy_file[0].stage, stage, "{body}");
    }
}

#[test]
fn a_web_host_that_is_not_finished_is_no_fault_before_the_announcement() {
    let unfinished = |view: &mut ServerView, fetch: &mut PolicyFetch| {
        let Observed::Seen(response) = &mut fetch.response else {
            panic!("not seen")
        };
        response.status = 404;
        view.record = Observed::Seen(Answer::no_such_name());
    };
    assert_eq!(look(unfinished).policy_file[0].stage, Stage::NotYet);
}

#[test]
fn without_its_name_servers_nothing_is_complete() {
    let mut propagation = Propagation::new(datetime!(2026-11-23 12:00 UTC));
    let facts = healthy();
    propagation.fold(Sighting::View(Box::new(ServerView {
        observer: Observer::SystemResolver,
        asked_at: Some(datetime!(2026-11-23 12:00 UTC)),
        record: texts("v=STSv1; id=20261123120000Z;"),
        tls_rpt: texts("v=TLSRPTv1; rua=mailto:reports@example.net"),
        policy_host: facts.policy_host,
        mx: Observed::NotAsked,
    })));
    propagation.fold(Sighting::Policy(facts.policy));
    assert!(Progress::of(&propagation, &setup()).is_complete());
    let failure = ProbeFailure::new(FailureKind::TimedOut, "");
    propagation.fold(Sighting::Zone(Observed::Failed(failure)));
    let progress = Progress::of(&propagation, &setup());
    assert!(!progress.is_complete());
    assert_eq!(progress.record[1].stage, Stage::Unknown);
}

#[test]
fn a_name_server_that_cannot_be_asked_from_here_does_not_hold_everything_up() {
    let stages = |stages: &[Stage]| -> Vec<Sight> {
        let sight = |&stage| Sight {
            place: Place::NameServers,
            who: String::new(),
            stage,
            saw: String::new(),
            until: None,
        };
        stages.iter().map(sight).collect()
    };
    assert!(is_seen(&stages(&[
        Stage::Correct,
        Stage::Unknown,
        Stage::Correct
    ])));
    assert!(!is_seen(&stages(&[Stage::Correct, Stage::Unknown])));
    assert!(!is_seen(&stages(&[
        Stage::Correct,
        Stage::Correct,
        Stage::Unknown,
        Stage::NotYet
    ])));
}

#[test]
fn where_nobody_answers_nothing_is_said_to_be_missing() {
    let failed = || Observed::Failed(ProbeFailure::new(FailureKind::TimedOut, ""));
    let progress = look(|view, _| {
        (view.record, view.tls_rpt) = (failed(), failed());
        view.policy_host = Observed::Failed(ProbeFailure::new(FailureKind::TimedOut, ""));
    });
    assert!(progress.is_unknown());
}

#[test]
fn a_redirect_is_named_with_its_mend() {
    let progress = look(|_, fetch| {
        let Observed::Seen(response) = &mut fetch.response else {
            panic!("not seen")
        };
        response.status = 301;
        response.location = Some("https://www.example.com/".into());
    });
    assert_eq!(progress.policy_file[0].stage, Stage::Wrong);
    assert_eq!(progress.findings[0].rule.code, "policy-redirect");
}

/// A look at one name server, which has neither record, and this text at another name.
fn look_with(near_misses: &[(&str, &str)], record: Observed<Answer<String>>) -> Progress {
    let mut propagation = Propagation::new(datetime!(2026-11-23 12:00 UTC));
    propagation.fold(Sighting::View(Box::new(ServerView {
        observer: Observer::NameServer {
            name: "ns1.example.net".into(),
            ip: "192.0.2.53".parse().unwrap(),
        },
        asked_at: None,
        record,
        tls_rpt: Observed::Seen(Answer::no_such_name()),
        policy_host: Observed::Seen(Answer::no_such_name()),
        mx: Observed::NotAsked,
    })));
    for (name, text) in near_misses {
        propagation.fold(Sighting::NearMiss(NearMiss {
            name: (*name).into(),
            texts: texts(text),
        }));
    }
    Progress::of(&propagation, &setup())
}

#[test]
fn a_record_at_a_doubled_name_is_wrong_and_says_what_the_name_box_takes() {
    let near_misses = [("_mta-sts.example.com.example.com", "v=STSv1; id=7;")];
    let progress = look_with(&near_misses, Observed::Seen(Answer::no_such_name()));
    let stages: Vec<Stage> = progress.record.iter().map(|it| it.stage).collect();
    assert_eq!(stages, [Stage::NotYet, Stage::Wrong]);
    assert!(
        progress.record[1]
            .saw
            .contains("_mta-sts.example.com.example.com")
    );
    let summary = progress.summary();
    assert_eq!(summary.stage, Stage::Wrong);
    assert!(
        summary.text.starts_with("The MTA-STS record"),
        "{summary:?}"
    );
    let fix = &progress.findings_of(Area::Record).next().unwrap().fix;
    assert!(fix.contains("enter just _mta-sts as the name."), "{fix}");
    assert!(fix.ends_with("v=STSv1; id=20261123120000Z;"), "{fix}");
    assert!(
        progress
            .tls_report
            .iter()
            .all(|it| it.stage == Stage::NotYet)
    );
}

#[test]
fn a_report_record_at_the_name_of_a_well_known_article_is_wrong() {
    let text = "v=TLSRPTv1; rua=mailto:reports@example.net";
    let near_misses = [("_smtp.tls.example.com", text)];
    let progress = look_with(&near_misses, Observed::Seen(Answer::no_such_name()));
    assert_eq!(progress.tls_report[1].stage, Stage::Wrong);
    let fix = &progress.findings_of(Area::TlsRpt).next().unwrap().fix;
    assert!(fix.contains("_smtp._tls"), "{fix}");
}

#[test]
fn beside_a_record_in_its_place_another_is_not_told() {
    let near_misses = [("example.com", "v=STSv1; id=7;")];
    let progress = look_with(&near_misses, texts("v=STSv1; id=20261123120000Z;"));
    assert_eq!(progress.record.len(), 1);
    assert!(progress.findings_of(Area::Record).next().is_none());
}
