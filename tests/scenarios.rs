//! Every scenario of the lab through probe and core: what the judge says is what the scenario
//! expects, whole and exact.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use mta_sts_core::{Domain, Facts, Finding, Report, Severity, judge, rules};
use mta_sts_lab::{Lab, Scenario, scenarios};
use mta_sts_probe::{CheckOptions, Probe, Timeouts};
use time::OffsetDateTime;

/// Long enough for loopback, short enough for the scenarios in which nobody ever answers.
fn impatient() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(4),
        greeting: Duration::from_secs(10),
        reply: Duration::from_secs(4),
        handshake: Duration::from_secs(4),
        conversation: Duration::from_secs(20),
        dns: Duration::from_secs(4),
        policy: Duration::from_secs(5),
        check: Duration::from_mins(1),
    }
}

async fn facts(lab: &Lab, scenario: &Scenario) -> Facts {
    let domain = Domain::parse(&scenario.domain).unwrap();
    let endpoints = mta_sts_practice::endpoints(lab, &scenario.domain).unwrap();
    let probe = Probe::new(endpoints).unwrap();
    let options = CheckOptions {
        timeouts: impatient(),
        legacy: true,
        ..CheckOptions::new(domain.clone())
    };
    let now = OffsetDateTime::now_utc();
    let facts = Mutex::new(Facts::new(domain, now));
    probe
        .check(&options, now, |fact| facts.lock().unwrap().fold(fact))
        .await;
    facts.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_scenario_is_judged_as_it_expects() {
    let lab = Lab::start(scenarios()).await.unwrap();
    let lab = std::sync::Arc::new(lab);
    // A few at a time, so that what is late is late for its own reasons.
    let places = std::sync::Arc::new(tokio::sync::Semaphore::new(6));
    let mut running = tokio::task::JoinSet::new();
    for scenario in scenarios() {
        let (lab, places) = (std::sync::Arc::clone(&lab), std::sync::Arc::clone(&places));
        running.spawn(async move {
            let _place = places.acquire().await.unwrap();
            (scenario, facts(&lab, scenario).await)
        });
    }
    let mut wrong = Vec::new();
    let mut fired = BTreeSet::new();
    let mut headlines = BTreeSet::new();
    while let Some(done) = running.join_next().await {
        let (scenario, facts) = done.unwrap();
        let report = judge(&facts);
        let found = report.findings.iter().map(|finding| finding.rule.code);
        let doubts = report.not_checked.iter().map(|entry| entry.rule.code);
        let codes: BTreeSet<&str> = found.chain(doubts).collect();
        let expected: BTreeSet<&str> = scenario.expected.iter().map(String::as_str).collect();
        fired.extend(codes.iter().copied());
        headlines.insert(first_lines(&report));
        if codes != expected {
            wrong.push(format!(
                "{}: expected {expected:?}, found {codes:?}\n    {}\n    {}",
                scenario.domain,
                report
                    .findings
                    .iter()
                    .map(|finding| format!("{}: {}", finding.subject.name(), finding.evidence))
                    .collect::<Vec<_>>()
                    .join("\n    "),
                report
                    .not_checked
                    .iter()
                    .map(|entry| format!("{}: {}", entry.subject.name(), entry.reason))
                    .collect::<Vec<_>>()
                    .join("\n    "),
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let silent: Vec<&str> = rules::all()
        .map(|rule| rule.code)
        .filter(|code| !fired.contains(code))
        .collect();
    let headlines: Vec<String> = headlines.into_iter().collect();
    let table = headlines.join("\n") + "\n";
    let expected = include_str!("headlines.tsv");
    if table != expected {
        let place = std::env::temp_dir().join("headlines.tsv");
        std::fs::write(&place, &table).unwrap();
        let lines: BTreeSet<&str> = expected.lines().collect();
        let new = table.lines().filter(|line| !lines.contains(line));
        let new: Vec<&str> = new.collect();
        panic!(
            "other than in tests/headlines.tsv ({}):\n{}",
            place.display(),
            new.join("\n")
        );
    }
    assert_eq!(
        silent, NO_SCENARIO,
        "the list of rules without a scenario is out of date"
    );
}

/// What a person reads first of a domain: the colour of the headline, the headline and the first thing
/// to do. Dates and addresses, which are others each day, are left out.
fn first_lines(report: &Report) -> String {
    let worth = |finding: &&Finding| finding.severity <= Severity::Attention;
    let first = report.findings.iter().find(worth).map(|finding| {
        let (subject, title) = (finding.subject.name(), finding.rule.title);
        format!("{subject}: {title}")
    });
    let colour = match report.headline.severity {
        None | Some(Severity::Note) => "green",
        Some(Severity::Attention) => "yellow",
        Some(Severity::Problem) => "red",
        Some(Severity::NotChecked) => "grey",
    };
    let text = without_dates(&report.headline.text);
    let first = first.unwrap_or_else(|| "–".to_owned());
    format!("{}\t{colour}\t{text}\t{first}", report.domain)
}

/// The text with a D in the place of each date, and an A in that of each address.
fn without_dates(text: &str) -> String {
    let is_address = |word: &str| {
        word.trim_end_matches(['.', ',', ':'])
            .parse::<IpAddr>()
            .is_ok()
    };
    let mut words: Vec<&str> = Vec::new();
    for word in text.split(' ') {
        let is_year = word
            .trim_end_matches('.')
            .parse::<u16>()
            .is_ok_and(|it| it > 2000);
        if is_year && words.len() >= 2 {
            words.truncate(words.len() - 2);
            words.push(if word.ends_with('.') { "D." } else { "D" });
        } else {
            words.push(match word {
                _ if !is_address(word) => word,
                _ if word.ends_with('.') => "A.",
                _ => "A",
            });
        }
    }
    words.join(" ")
}

/// Rules that fire in no scenario of the lab, only on facts of their own. Keep it short.
const NO_SCENARIO: [&str; 6] = [
    // Needs a network that answers for the whole DNS, control hosts included.
    "dns-intercepted-here",
    // Needs an RSA key shorter than the lab can make.
    "cert-weak-key",
    // Needs a policy that an earlier look has seen.
    "record-id-not-bumped",
    // Takes more than ten seconds, longer than the patience of this test.
    "policy-slow",
    // As for a mail server.
    "policy-cert-weak-key",
    // Needs the files that were written for publication.
    "policy-differs",
];
