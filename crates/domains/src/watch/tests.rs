//! Runs that follow each other, each with what the check saw: which messages come, and that each comes
//! once.

use std::net::IpAddr;

use mta_sts_core::facts::{
    Answer, ControlHost, Controls, FailureKind, MailServer, MxRecord, ProbeFailure, Reply,
};
use mta_sts_core::{Observed, Observer, PolicyId, Served, ServerView, TlsReport, TlsReports};
use time::Duration;

use super::MessageKind::{Changed, FirstRun, New, NotChecked, WellAgain};
use super::*;

/// A domain with two mail servers and a policy in enforce mode, all of it right.
fn healthy() -> Facts {
    let recorded = include_str!("../../../core/tests/recorded/healthy.json");
    let mut facts = Facts::from_json(recorded).unwrap();
    // IPv6 addresses of the recorded domain were not in reach of every computer.
    facts.mail_servers.iter_mut().for_each(ipv4_only);
    facts
}

fn ipv4_only(server: &mut MailServer) {
    server.ipv6 = Observed::Seen(Answer::no_data());
    server.sessions.retain(|session| session.ip.is_ipv4());
}

/// The same with a third mail server, which the policy doesn’t list.
fn moved() -> Facts {
    let mut facts = healthy();
    let mut server = facts.mail_servers[1].clone();
    server.host = "mx3.healthy.example".into();
    for session in &mut server.sessions {
        if let Observed::Seen(chain) = &mut session.chain {
            chain.certificates[0].dns_names = vec![server.host.clone()];
        }
    }
    if let Observed::Seen(mx) = &mut facts.mx {
        mx.records.push(MxRecord {
            preference: server.preference,
            exchange: server.host.clone(),
        });
    }
    facts.mail_servers.push(server);
    facts
}

fn expired(mut facts: Facts) -> Facts {
    let at = facts.checked_at;
    if let Observed::Seen(chain) = &mut facts.mail_servers[0].sessions[0].chain {
        chain.certificates[0].not_after = at - Duration::DAY;
    }
    facts
}

fn failed<T>(kind: FailureKind) -> Observed<T> {
    Observed::Failed(ProbeFailure::new(kind, "8 s"))
}

/// The connections to a mail server as they are when nobody answers.
fn silent(mut facts: Facts, server: usize) -> Facts {
    for session in &mut facts.mail_servers[server].sessions {
        *session = mta_sts_core::facts::Session::to(session.ip);
        session.connected = failed(FailureKind::TimedOut);
    }
    facts
}

fn offline(mut facts: Facts) -> Facts {
    facts.mx = failed(FailureKind::TimedOut);
    facts.record = failed(FailureKind::TimedOut);
    facts.tls_rpt = failed(FailureKind::TimedOut);
    facts.policy_host = failed(FailureKind::TimedOut);
    facts.policy = Observed::NotAsked;
    facts.mail_servers.clear();
    facts
}

/// With other mail servers that answer: what is silent is so for everybody.
fn while_others_answer(mut facts: Facts) -> Facts {
    facts.controls = Observed::Seen(Controls {
        hosts: vec![ControlHost {
            host: "mx.other.example".into(),
            ip: Some([192, 0, 2, 99].into()),
            greeting: Observed::Seen(Reply::new(220, &["hello"])),
            ehlo: Observed::Seen(Reply::new(250, &["hello", "STARTTLS"])),
        }],
        web: Observed::Seen(()),
    });
    facts
}

fn set_policy(facts: &mut Facts, text: &str) {
    if let Observed::Seen(fetch) = &mut facts.policy
        && let Observed::Seen(response) = &mut fetch.response
    {
        response.body.0 = text.into();
    }
}

fn policy(facts: &Facts) -> String {
    facts.published().unwrap().text
}

fn set_id(facts: &mut Facts, id: &str) {
    facts.record = Observed::Seen(Answer::of([format!("v=STSv1; id={id};")]));
}

fn took(mut facts: Facts, millis: u64) -> Facts {
    if let Observed::Seen(fetch) = &mut facts.policy {
        fetch.millis = millis;
    }
    facts
}

/// One domain over several days.
#[derive(Default)]
struct Days {
    known: Option<Watched>,
    work: Option<Work>,
    day: i64,
}

impl Days {
    /// A domain that was healthy yesterday.
    fn begun() -> Self {
        let mut days = Self::default();
        days.run(&healthy());
        days
    }

    /// The next day. What is known goes through its file.
    fn run(&mut self, facts: &Facts) -> Comparison {
        self.run_with(facts, None)
    }

    fn run_with(&mut self, facts: &Facts, reports: Option<Reported<'_>>) -> Comparison {
        let mut facts = facts.clone();
        facts.checked_at += Duration::minutes(10 * self.day);
        self.day += 1;
        let seen = Seen {
            facts: &facts,
            work: self.work.as_ref(),
            reports,
            proof: None,
        };
        let compared = compare(self.known.as_ref(), &seen);
        let file = serde_json::to_string(&compared.watched).unwrap();
        self.known = Some(serde_json::from_str(&file).unwrap());
        assert_eq!(self.known.as_ref(), Some(&compared.watched));
        compared
    }

    /// The kinds and codes of the messages of the next day.
    fn told(&mut self, facts: &Facts) -> Vec<(MessageKind, Option<&'static str>)> {
        let messages = self.run(facts).messages;
        messages.iter().map(|it| (it.kind, it.code)).collect()
    }
}

#[test]
fn the_first_run_says_where_the_domain_stands_and_the_next_says_nothing() {
    for (facts, line) in [
        (healthy(), "healthy.example"),
        (expired(healthy()), "Senders won’t deliver to one of the 2"),
    ] {
        let mut days = Days::default();
        let first = days.run(&facts);
        assert_eq!(first.messages.len(), 1);
        let message = &first.messages[0];
        assert_eq!((message.kind, message.worse), (FirstRun, false));
        assert!(message.text.contains(line), "{}", message.text);
        for _ in 0..3 {
            assert_eq!(days.told(&facts), []);
        }
    }
    let mut several = expired(healthy());
    several.tls_rpt = Observed::Seen(Answer::of([]));
    let first = Days::default().run(&several);
    let text = &first.messages[0].text;
    assert!(
        text.ends_with("2 things need attention: mta-sts check healthy.example lists them."),
        "{text}"
    );
}

#[test]
fn a_first_run_that_sees_nothing_leaves_the_first_word_to_the_next() {
    let mut days = Days::default();
    assert_eq!(days.told(&offline(healthy())), [(FirstRun, None)]);
    assert_eq!(days.told(&offline(healthy())), []);
    let seen = days.run(&expired(healthy())).messages;
    assert_eq!(
        (seen.len(), seen[0].kind, seen[0].worse),
        (1, FirstRun, false)
    );
    assert_eq!(days.told(&expired(healthy())), []);
    assert_eq!(days.told(&healthy()), [(WellAgain, Some("cert-expired"))]);
}

#[test]
fn a_mail_server_that_the_policy_does_not_list_is_told_once_and_once_when_it_is_well_again() {
    let mut days = Days::begun();
    let new = days.run(&moved());
    assert_eq!(new.messages.len(), 1, "{:?}", new.messages);
    let message = &new.messages[0];
    assert_eq!(message.code, Some("policy-mx-not-listed"));
    assert_eq!(message.subject.as_deref(), Some("mx3.healthy.example"));
    assert!(message.worse);
    assert!(
        message
            .text
            .starts_with("mx3.healthy.example: the policy doesn’t list")
    );
    assert!(message.fix.as_ref().is_some_and(|fix| !fix.is_empty()));
    assert_eq!(days.told(&moved()), []);
    let well = days.run(&healthy());
    assert_eq!(well.messages.len(), 1);
    let message = &well.messages[0];
    assert_eq!(
        (message.kind, message.code, message.worse),
        (WellAgain, Some("policy-mx-not-listed"), false)
    );
    assert_eq!(
        message.text,
        "Well again at mx3.healthy.example: it’s no longer true that the policy doesn’t list this \
         mail server."
    );
    assert_eq!(days.told(&healthy()), []);
}

#[test]
fn what_cannot_be_reached_makes_no_fault_and_ends_none() {
    type Harm = fn(&mut Facts);
    let harms: [(&str, Harm); 7] = [
        ("no MX answer", |facts| {
            facts.mx = failed(FailureKind::TimedOut);
        }),
        ("a silent mail server", |facts| {
            *facts = silent(facts.clone(), 0);
        }),
        ("silent mail servers", |facts| {
            *facts = silent(silent(facts.clone(), 0), 1);
        }),
        ("no addresses", |facts| {
            facts.mail_servers[0].ipv4 = failed(FailureKind::ServFail);
            facts.mail_servers[0].sessions.clear();
        }),
        ("stopped", |facts| facts.cut_short = true),
        ("half a session", |facts| {
            let session = &mut facts.mail_servers[0].sessions[0];
            session.tls = failed(FailureKind::TimedOut);
            session.chain = Observed::NotAsked;
            session.ehlo_in_tls = Observed::NotAsked;
        }),
        ("no DNS at all", |facts| *facts = offline(facts.clone())),
    ];
    for (name, harm) in harms {
        let mut faulty = Days::begun();
        assert_eq!(
            faulty.told(&expired(healthy())),
            [(New, Some("cert-expired"))]
        );
        let mut well = Days::begun();
        let mut out_of_reach = healthy();
        harm(&mut out_of_reach);
        for days in [&mut faulty, &mut well] {
            let compared = days.run(&out_of_reach);
            let kinds: Vec<_> = compared.messages.iter().map(|it| it.kind).collect();
            assert_eq!(kinds, [NotChecked], "{name}: {:?}", compared.messages);
            assert!(!compared.is_whole, "{name}");
            // Said once, and not each day again.
            assert_eq!(days.told(&out_of_reach), [], "{name}");
        }
        assert_eq!(faulty.told(&expired(healthy())), [], "{name}");
        assert_eq!(faulty.told(&healthy()), [(WellAgain, Some("cert-expired"))]);
        assert_eq!(well.told(&healthy()), [], "{name}");
        // After a run that saw everything, the next time is said again.
        assert_eq!(well.told(&out_of_reach).len(), 1, "{name}");
    }
}

/// Whatever was wrong with a domain: if one thing or all can’t be reached the next day, nothing is well
/// again, and the day after is as the first.
#[test]
fn no_fault_of_any_recorded_domain_ends_or_begins_because_something_is_out_of_reach() {
    type Harm = fn(&mut Facts);
    let harms: [(&str, Harm); 10] = [
        ("offline", |facts| *facts = offline(facts.clone())),
        ("mx", |facts| facts.mx = failed(FailureKind::TimedOut)),
        ("record", |facts| {
            facts.record = failed(FailureKind::TimedOut);
            // Those of the other record are looked at all the same.
            facts.near_misses.retain(|it| it.name.contains("tls"));
        }),
        ("wrong places", |facts| {
            for near_miss in &mut facts.near_misses {
                near_miss.texts = failed(FailureKind::TimedOut);
            }
            for stray in &mut facts.stray_policies {
                stray.fetch = failed(FailureKind::TimedOut);
            }
            facts.random_name = failed(FailureKind::TimedOut);
        }),
        ("tls-rpt", |facts| {
            facts.tls_rpt = failed(FailureKind::TimedOut);
        }),
        ("policy host", |facts| {
            facts.policy_host = failed(FailureKind::TimedOut);
            facts.policy = Observed::NotAsked;
            facts.policy_over_ipv6 = Observed::NotAsked;
        }),
        ("policy", |facts| {
            facts.policy = failed(FailureKind::Other);
            facts.policy_over_ipv6 = Observed::NotAsked;
        }),
        ("mail servers", |facts| {
            for place in 0..facts.mail_servers.len() {
                *facts = silent(facts.clone(), place);
            }
        }),
        ("name servers", |facts| {
            facts.zone = failed(FailureKind::TimedOut);
            facts.name_servers.clear();
        }),
        ("stopped", |facts| {
            *facts = Facts::new(facts.domain.clone(), facts.checked_at);
            facts.cut_short = true;
        }),
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/tests/recorded");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let recorded = Facts::from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for (name, harm) in harms {
            let mut days = Days::default();
            days.run(&recorded);
            let mut out_of_reach = recorded.clone();
            harm(&mut out_of_reach);
            let told = days.run(&out_of_reach).messages;
            let ended = told.iter().find(|it| it.kind == WellAgain);
            assert_eq!(ended, None, "{name}: {}", path.display());
            let told = days.run(&recorded).messages;
            let begun = told.iter().find(|it| it.worse);
            assert_eq!(begun, None, "{name}: {}", path.display());
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn a_policy_that_cannot_be_fetched_ends_no_fault_that_rests_on_it() {
    let mut days = Days::begun();
    days.run(&moved());
    let mut no_policy = healthy();
    no_policy.policy = failed(FailureKind::Other);
    let told = days.told(&no_policy);
    assert!(!told.iter().any(|(kind, _)| *kind == WellAgain), "{told:?}");
    let again = days.told(&moved());
    assert!(
        !again.contains(&(New, Some("policy-mx-not-listed"))),
        "{again:?}"
    );
    let well = days.told(&healthy());
    assert!(
        well.contains(&(WellAgain, Some("policy-mx-not-listed"))),
        "{well:?}"
    );
}

#[test]
fn a_fault_behind_a_worse_one_stays_known() {
    let mut days = Days::begun();
    assert_eq!(
        days.told(&expired(healthy())),
        [(New, Some("cert-expired"))]
    );
    let down = while_others_answer(silent(healthy(), 0));
    assert_eq!(days.told(&down), [(New, Some("mx-unreachable"))]);
    assert_eq!(days.told(&down), []);
    let up = expired(healthy());
    assert_eq!(days.told(&up), [(WellAgain, Some("mx-unreachable"))]);
    assert_eq!(days.told(&healthy()), [(WellAgain, Some("cert-expired"))]);
}

#[test]
fn an_address_that_shows_nothing_ends_no_fault_of_the_host() {
    let mut days = Days::begun();
    days.run(&expired(healthy()));
    // The host has another address, which doesn’t answer here.
    let mut elsewhere = silent(healthy(), 0);
    let ip = "192.0.2.77";
    elsewhere.mail_servers[0].ipv4 = Observed::Seen(Answer::of([ip.parse().unwrap()]));
    elsewhere.mail_servers[0].sessions[0].ip = ip.parse().unwrap();
    let told = days.told(&elsewhere);
    assert!(!told.iter().any(|(kind, _)| *kind == WellAgain), "{told:?}");
    let mut answering = healthy();
    answering.mail_servers[0].ipv4 = Observed::Seen(Answer::of([ip.parse().unwrap()]));
    answering.mail_servers[0].sessions[0].ip = ip.parse::<IpAddr>().unwrap();
    assert_eq!(days.told(&answering), [(WellAgain, Some("cert-expired"))]);
}

#[test]
fn the_faults_of_a_host_end_with_it() {
    let mut days = Days::begun();
    days.run(&expired(healthy()));
    let mut without = healthy();
    without.mail_servers.remove(0);
    if let Observed::Seen(mx) = &mut without.mx {
        mx.records.remove(0);
    }
    let told = days.told(&without);
    assert!(
        told.contains(&(WellAgain, Some("cert-expired"))),
        "{told:?}"
    );
}

#[test]
fn a_fault_that_becomes_a_problem_is_told_again() {
    let testing = |mut facts: Facts| {
        let text = policy(&facts).replace("enforce", "testing");
        set_policy(&mut facts, &text);
        facts
    };
    let mut days = Days::default();
    days.run(&testing(moved()));
    let mut enforced = moved();
    set_id(&mut enforced, "2");
    let worse = days.run(&enforced).messages;
    let message = worse
        .iter()
        .find(|it| it.code == Some("policy-mx-not-listed"));
    let message = message.unwrap_or_else(|| panic!("{worse:?}"));
    assert!(message.worse && message.text.starts_with("Now a problem: "));
}

#[test]
fn a_certificate_past_its_renewal_is_told_with_host_and_date() {
    let mut late = healthy();
    let at = late.checked_at;
    if let Observed::Seen(chain) = &mut late.mail_servers[0].sessions[0].chain {
        chain.certificates[0].not_before = at - Duration::days(77);
        chain.certificates[0].not_after = at + Duration::days(13);
    }
    let mut days = Days::begun();
    let told = days.run(&late).messages;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].code, Some("cert-expires-soon"));
    for part in [
        "mx1.healthy.example",
        "6 December 2026",
        "renewal seems to have failed",
    ] {
        assert!(told[0].text.contains(part), "{part}: {}", told[0].text);
    }
    assert_eq!(days.told(&late), []);
    assert_eq!(
        days.told(&healthy()),
        [(WellAgain, Some("cert-expires-soon"))]
    );
}

/// Another policy with an id of its own.
fn republished(id: &str) -> Facts {
    let mut facts = healthy();
    let text = policy(&facts).replace("1209600", "604800");
    set_policy(&mut facts, &text);
    set_id(&mut facts, id);
    facts
}

#[test]
fn a_policy_that_somebody_else_published_is_worse_and_told_once() {
    for work in [None, Some(Work::new(healthy().domain))] {
        let mut days = Days::begun();
        days.work = work;
        let told = days.run(&republished("2")).messages;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].kind, told[0].worse), (Changed, true));
        for part in [
            "doesn’t come from the window",
            "the max_age was 1209600 and is 604800",
            "and is 2.",
        ] {
            assert!(told[0].text.contains(part), "{part}: {}", told[0].text);
        }
        assert!(told[0].fix.is_some());
        assert_eq!(days.told(&republished("2")), []);
        // A lookup that fails is no change of the id.
        let mut no_record = republished("2");
        no_record.record = failed(FailureKind::TimedOut);
        assert_eq!(days.told(&no_record)[0].0, NotChecked);
        assert_eq!(days.told(&republished("2")), []);
    }
}

#[test]
fn what_the_window_published_is_information() {
    let facts = republished("20261124000000Z");
    let published = facts.published().unwrap();
    let mut live = Work::new(facts.domain.clone());
    live.history.policies = vec![Served {
        text: published.text.clone(),
        id: published.id.clone(),
        max_age_secs: 604_800,
        first_seen: facts.checked_at,
        last_seen: facts.checked_at,
        everywhere_since: Some(facts.checked_at),
    }];
    let mut drafted = Work::new(facts.domain.clone());
    let mut draft = crate::Draft::new(&facts, &judge(&facts), facts.checked_at);
    draft.id = PolicyId::parse("20261124000000Z").unwrap();
    drafted.draft = Some(draft);
    for work in [live.clone(), drafted] {
        let mut days = Days::begun();
        days.work = Some(work);
        let told = days.run(&facts).messages;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].kind, told[0].worse), (Changed, false));
        assert!(told[0].text.contains("made in the window"), "{told:?}");
    }
    // What the window only saw is not what it published.
    live.history.policies[0].everywhere_since = None;
    let mut days = Days::begun();
    days.work = Some(live);
    assert!(days.run(&facts).messages[0].worse);
}

#[test]
fn a_policy_that_changes_under_its_old_id_is_one_fault() {
    let mut facts = healthy();
    let text = policy(&facts).replace("1209600", "604800");
    set_policy(&mut facts, &text);
    let mut days = Days::begun();
    assert_eq!(days.told(&facts), [(New, Some("record-id-not-bumped"))]);
    assert_eq!(days.told(&facts), []);
    set_id(&mut facts, "2");
    assert_eq!(
        days.told(&facts),
        [(Changed, None), (WellAgain, Some("record-id-not-bumped"))]
    );
}

#[test]
fn a_policy_that_is_much_slower_than_usual_is_told_once() {
    let mut days = Days::default();
    days.run(&took(healthy(), 900));
    for millis in [800, 1_000, 700, 3_500] {
        // Long, but not four times as long.
        assert_eq!(days.told(&took(healthy(), millis)), [], "{millis}");
    }
    let slow = took(healthy(), 5_000);
    let told = days.run(&slow).messages;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0].kind, told[0].code, told[0].worse),
        (New, None, true)
    );
    assert!(
        told[0]
            .text
            .contains("It took 5.0 seconds, and 0.9 seconds at the last runs."),
        "{}",
        told[0].text
    );
    for _ in 0..20 {
        assert_eq!(days.told(&slow), [], "slow never becomes usual");
    }
    let mut unreachable = healthy();
    unreachable.policy = failed(FailureKind::Other);
    assert!(!days.told(&unreachable).iter().any(|it| it.0 == WellAgain));
    assert_eq!(days.told(&took(healthy(), 900)), [(WellAgain, None)]);
}

#[test]
fn two_runs_do_not_tell_what_is_usual_and_three_seconds_are_never_slow() {
    let mut days = Days::begun();
    days.run(&took(healthy(), 10));
    assert_eq!(days.told(&took(healthy(), 4_000)), []);
    let mut days = Days::begun();
    for _ in 0..4 {
        days.run(&took(healthy(), 10));
    }
    assert_eq!(days.told(&took(healthy(), 3_000)), []);
}

fn with_name_servers(answers: &[&str]) -> Facts {
    let mut facts = healthy();
    let record = facts.record.clone();
    let views = (1..)
        .zip(answers)
        .map(|(number, host): (u8, _)| ServerView {
            observer: Observer::NameServer {
                name: format!("ns{number}.example.net"),
                ip: [192, 0, 2, 50 + number].into(),
            },
            asked_at: None,
            record: record.clone(),
            tls_rpt: facts.tls_rpt.clone(),
            policy_host: facts.policy_host.clone(),
            mx: match *host {
                "" => failed(FailureKind::TimedOut),
                host => Observed::Seen(Answer::of([MxRecord {
                    preference: 10,
                    exchange: host.into(),
                }])),
            },
        });
    facts.name_servers = views.collect();
    facts
}

#[test]
fn name_servers_that_give_different_mx_records_are_told_once() {
    let (one, other) = ("mx1.healthy.example", "mx.old.example");
    let mut days = Days::default();
    days.run(&with_name_servers(&[one, one]));
    let differ = with_name_servers(&[one, other]);
    let told = days.run(&differ).messages;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].worse && told[0].code.is_none());
    assert!(told[0].text.contains("gives 10 mx.old.example"), "{told:?}");
    assert_eq!(days.told(&differ), []);
    // One that is silent has not agreed.
    assert!(
        !days
            .told(&with_name_servers(&[one, ""]))
            .contains(&(WellAgain, None))
    );
    assert_eq!(
        days.told(&with_name_servers(&[one, one])),
        [(WellAgain, None)]
    );
}

#[test]
fn a_stage_of_a_plan_that_is_due_is_told_once() {
    let mut work = Work::new(healthy().domain);
    work.plan = Some(Change::Off);
    work.take_facts(healthy());
    let mut days = Days::begun();
    days.work = Some(work);
    let told = days.run(&healthy()).messages;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].kind, told[0].worse), (MessageKind::Due, false));
    assert!(told[0].text.starts_with("Due: "), "{told:?}");
    assert_eq!(days.told(&healthy()), []);
    // What can’t be checked moves no plan.
    let mut stopped = healthy();
    stopped.cut_short = true;
    assert_eq!(days.told(&stopped), [(NotChecked, None)]);
    assert_eq!(days.told(&offline(healthy())).len(), 1);
    assert_eq!(days.told(&healthy()), []);
    days.work.as_mut().unwrap().plan = None;
    assert_eq!(days.told(&healthy()), []);
    days.work.as_mut().unwrap().plan = Some(Change::Off);
    assert_eq!(days.told(&healthy()), [(MessageKind::Due, None)]);
}

fn reported(failed: &[(&str, u64)]) -> ReportedSessions {
    let details: Vec<String> = failed
        .iter()
        .map(|(mx, count)| {
            format!(
                r#"{{ "result-type": "certificate-expired", "receiving-mx-hostname": "{mx}",
                     "failed-session-count": {count} }}"#
            )
        })
        .collect();
    let sum: u64 = failed.iter().map(|(_, count)| count).sum();
    let json = format!(
        r#"{{ "organization-name": "Sender", "report-id": "{sum}",
            "date-range": {{ "start-datetime": "2026-11-23T00:00:00Z",
                             "end-datetime": "2026-11-23T23:59:59Z" }},
            "policies": [ {{ "policy": {{ "policy-type": "sts", "policy-domain": "healthy.example" }},
              "summary": {{ "total-successful-session-count": 1,
                            "total-failure-session-count": {sum} }},
              "failure-details": [ {} ] }} ] }}"#,
        details.join(",")
    );
    let mut reports = TlsReports::default();
    reports.add(TlsReport::read(json.as_bytes()).unwrap());
    reports.sessions_of("healthy.example", healthy().checked_at)
}

#[test]
fn failures_that_senders_report_are_told_when_they_grow() {
    let (one, other) = ("mx1.healthy.example", "mx2.healthy.example");
    let mut days = Days::default();
    let mut run = |failed: &[(&str, u64)], is_whole| {
        let sessions = reported(failed);
        let reports = Reported {
            sessions: &sessions,
            is_whole,
        };
        days.run_with(&healthy(), Some(reports)).messages
    };
    assert_eq!(run(&[(one, 5)], true)[0].kind, FirstRun);
    assert_eq!(run(&[(one, 5)], true), []);
    let grown = run(&[(one, 8), (other, 1)], true);
    assert_eq!(grown.len(), 2, "{grown:?}");
    assert!(
        grown
            .iter()
            .all(|it| it.kind == MessageKind::Reports && it.worse)
    );
    assert!(
        grown[0].text.starts_with(
            "Senders report 3 more connections that failed with mx1.healthy.example. The certificate \
             had expired."
        ),
        "{}",
        grown[0].text
    );
    assert_eq!(run(&[(one, 8), (other, 1)], true), []);
    // Half of a folder says nothing of the other half.
    assert_eq!(run(&[(one, 2)], false), []);
    assert_eq!(run(&[(one, 8), (other, 1)], true), []);
    // Reports that were tidied away count from there.
    assert_eq!(run(&[(one, 2)], true), []);
    assert_eq!(run(&[(one, 3)], true).len(), 1);
}

#[test]
fn one_file_a_domain_survives_and_a_damaged_one_is_set_aside() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("watch");
    let state = WatchFolder::lock(&folder).unwrap();
    let domain = healthy().domain;
    assert_eq!(state.read(&domain), Ok((None, None)));
    let watched = Days::begun().known.unwrap();
    state.write(&watched).unwrap();
    assert_eq!(state.read(&domain), Ok((Some(watched.clone()), None)));
    assert!(matches!(
        WatchFolder::lock(&folder),
        Err(crate::StoreError::InUse)
    ));
    let file = folder.join("d-healthy.example.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let other = serde_json::to_string(&watched)
        .unwrap()
        .replace("healthy.example", "other.example");
    let foreign = format!("{{\"format\":\"mta-sts-watch-state/1\",{}", &other[1..]);
    for damaged in ["{", "", "[1]", foreign.as_str()] {
        std::fs::write(&file, damaged).unwrap();
        let (known, remark) = state.read(&domain).unwrap();
        assert_eq!(known, None, "{damaged}");
        let remark = remark.unwrap();
        assert!(
            remark.contains("d-healthy.example.json.damaged"),
            "{remark}"
        );
        assert!(!file.exists());
    }
    let aside = folder.join("d-healthy.example.json.damaged");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "{");
    drop(state);
    assert!(WatchFolder::lock(&folder).is_ok());
}
