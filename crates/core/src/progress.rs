//! How far a publication is: a look ([`Propagation`]) compared with the setup that is meant to be
//! published.

use std::net::IpAddr;

use crate::facts::{Answer, Observed, PolicyFetch};
use crate::finding::{Area, Finding};
use crate::propagation::{Propagation, ServerView};
use crate::{Facts, PolicyReading, Setup, StsSelection, TlsRptSelection, escaped, judge};

/// How far each of the four things to publish is, observer by observer.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The TLS report record; empty where the setup has none.
    pub tls_report: Vec<Sight>,
    /// The web address `mta-sts.DOMAIN`.
    pub policy_host: Vec<Sight>,
    /// The policy file.
    pub policy_file: Sight,
    /// The announcement record.
    pub announcement: Vec<Sight>,
    /// What the rules say of the policy host and the file, with the mend.
    pub findings: Vec<Finding>,
}

/// What one observer sees of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Who looked, in words. Safe to show.
    pub who: String,
    /// How far it is there.
    pub stage: Stage,
    /// What was seen, in a sentence. Safe to show.
    pub saw: String,
}

/// How far one thing is at one observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// What is meant to be published.
    Correct,
    /// Nothing there yet. No fault.
    NotYet,
    /// Another version, valid in itself.
    Old,
    /// Something that senders would not take.
    Wrong,
    /// The observer did not answer.
    Unknown,
}

impl Progress {
    /// True when nobody could be asked.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        let unknown = |sight: &Sight| sight.stage == Stage::Unknown;
        let records = self
            .tls_report
            .iter()
            .chain(&self.policy_host)
            .chain(&self.announcement);
        records.clone().next().is_some() && records.clone().all(unknown)
    }

    /// Compares what was seen with what is meant. Total.
    #[must_use]
    pub fn of(propagation: &Propagation, setup: &Setup) -> Self {
        let mut views: Vec<&ServerView> = propagation.views.iter().collect();
        views.sort_by(|a, b| a.observer.cmp(&b.observer));
        let each = |sight: &dyn Fn(&ServerView) -> (Stage, String)| -> Vec<Sight> {
            views
                .iter()
                .map(|view| {
                    let (stage, saw) = sight(view);
                    Sight {
                        who: view.observer.to_string(),
                        stage,
                        saw,
                    }
                })
                .chain(no_name_servers(propagation))
                .collect()
        };
        let findings = findings(propagation, setup);
        Self {
            tls_report: match setup.tls_report_record() {
                Some(record) => each(&|view| tls_report(&view.tls_rpt, &record.value)),
                None => Vec::new(),
            },
            policy_host: each(&|view| policy_host(&view.policy_host)),
            policy_file: policy_file(propagation, setup, &findings),
            announcement: each(&|view| announcement(&view.record, setup)),
            findings,
        }
    }

    /// True when every observer that answered sees what is meant. A name server that could not be asked is no obstacle: many machines have no IPv6.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.announcement.is_empty()
            && self.policy_file.stage == Stage::Correct
            && [&self.tls_report, &self.policy_host, &self.announcement]
                .into_iter()
                .all(|sights| is_seen(sights))
    }

    /// Every sight, in the order in which the things are published.
    pub fn all(&self) -> impl Iterator<Item = &Sight> {
        self.tls_report
            .iter()
            .chain(&self.policy_host)
            .chain(std::iter::once(&self.policy_file))
            .chain(&self.announcement)
    }
}

/// Correct for everybody, or for two at least while nobody who answered says otherwise.
fn is_seen(sights: &[Sight]) -> bool {
    let count = |stage| sights.iter().filter(|sight| sight.stage == stage).count();
    let (correct, unknown) = (count(Stage::Correct), count(Stage::Unknown));
    correct + unknown == sights.len() && (unknown == 0 || correct >= 2)
}

/// Without its name servers, nobody can say that all of them have a record.
fn no_name_servers(propagation: &Propagation) -> Option<Sight> {
    let saw = match &propagation.zone {
        Observed::Failed(failure) => format!("Could not be found: {failure}."),
        Observed::Seen(zone)
            if zone
                .servers
                .iter()
                .all(|server| server.addresses.is_empty()) =>
        {
            "None of them has an address that could be found.".to_owned()
        }
        Observed::Seen(_) | Observed::NotAsked => return None,
    };
    Some(Sight {
        who: "the name servers".into(),
        stage: Stage::Unknown,
        saw,
    })
}

fn announcement(answer: &Observed<Answer<String>>, setup: &Setup) -> (Stage, String) {
    let answer = match looked_up(answer) {
        Ok(answer) => answer,
        Err(unknown) => return unknown,
    };
    match StsSelection::of(&answer.records) {
        StsSelection::None => match near_miss(&answer.records, crate::looks_like_sts) {
            Some(text) => (Stage::Wrong, format!("The record cannot be used: {text}")),
            None => (Stage::NotYet, "No announcement record yet.".into()),
        },
        StsSelection::Several(texts) => (
            Stage::Wrong,
            format!(
                "{} announcement records. There must be exactly one.",
                texts.len()
            ),
        ),
        StsSelection::One(reading) => match reading.record {
            None => (
                Stage::Wrong,
                format!("The record cannot be used: {}", quoted(&answer.records)),
            ),
            Some(record) if record.id == setup.id => {
                (Stage::Correct, format!("Announces id {}.", record.id))
            }
            Some(record) => (
                Stage::Old,
                format!("Announces another id {}{}.", record.id, ttl(answer)),
            ),
        },
    }
}

fn tls_report(answer: &Observed<Answer<String>>, expected: &str) -> (Stage, String) {
    let answer = match looked_up(answer) {
        Ok(answer) => answer,
        Err(unknown) => return unknown,
    };
    match TlsRptSelection::of(&answer.records) {
        TlsRptSelection::None => match near_miss(&answer.records, crate::looks_like_tls_rpt) {
            Some(text) => (Stage::Wrong, format!("The record cannot be used: {text}")),
            None => (Stage::NotYet, "No TLS report record yet.".into()),
        },
        TlsRptSelection::Several(texts) => (
            Stage::Wrong,
            format!(
                "{} TLS report records. There must be exactly one.",
                texts.len()
            ),
        ),
        TlsRptSelection::One(reading) => match reading.record {
            None => (
                Stage::Wrong,
                format!("The record cannot be used: {}", quoted(&answer.records)),
            ),
            Some(record) => {
                let addresses: Vec<String> = record.rua.iter().map(ToString::to_string).collect();
                let saw = format!("Reports go to {}", escaped(&addresses.join(", "), 200));
                if record.write() == expected {
                    (Stage::Correct, saw + ".")
                } else {
                    (Stage::Old, saw + &ttl(answer) + ".")
                }
            }
        },
    }
}

fn policy_host(answer: &Observed<Answer<IpAddr>>) -> (Stage, String) {
    let answer = match looked_up(answer) {
        Ok(answer) => answer,
        Err(unknown) => return unknown,
    };
    if answer.records.is_empty() {
        return (Stage::NotYet, "No address yet.".into());
    }
    let addresses: Vec<String> = answer.records.iter().map(ToString::to_string).collect();
    (
        Stage::Correct,
        format!("Leads to {}.", addresses.join(", ")),
    )
}

fn policy_file(propagation: &Propagation, setup: &Setup, findings: &[Finding]) -> Sight {
    let (stage, saw) = match &propagation.policy {
        Observed::NotAsked => (
            Stage::NotYet,
            "Not asked: the web address has no entry yet.".to_owned(),
        ),
        Observed::Failed(failure) => (Stage::Unknown, failure.to_string()),
        Observed::Seen(fetch) => fetched(fetch, setup, findings, is_announced(propagation)),
    };
    Sight {
        who: "the file".into(),
        stage,
        saw,
    }
}

/// Whether anybody sees an announcement, and so may already look for the file.
fn is_announced(propagation: &Propagation) -> bool {
    let texts = propagation
        .views
        .iter()
        .filter_map(|view| view.record.seen());
    texts
        .flat_map(|answer| &answer.records)
        .any(|text| crate::looks_like_sts(text))
}

fn fetched(
    fetch: &PolicyFetch,
    setup: &Setup,
    findings: &[Finding],
    announced: bool,
) -> (Stage, String) {
    if let Some(finding) = findings.iter().find(|finding| {
        finding.rule.area == Area::PolicyHost && finding.severity == crate::Severity::Problem
    }) {
        // A web address that is there before its site, certificate or file is the normal way.
        let stage = if announced {
            Stage::Wrong
        } else {
            Stage::NotYet
        };
        return (stage, finding.evidence.clone());
    }
    let Some(response) = fetch.response.seen() else {
        let reason = fetch
            .response
            .failed()
            .map_or("no answer".into(), ToString::to_string);
        return (Stage::Unknown, format!("Could not be fetched: {reason}."));
    };
    let expected = setup.policy.write();
    if response.body.0 == expected.as_bytes() {
        return (Stage::Correct, "Byte for byte the file of step 2.".into());
    }
    let reading = PolicyReading::read(&response.body.0);
    match reading.policy {
        Some(policy) if policy == setup.policy => (
            Stage::Correct,
            "Means the same as the file of step 2, written differently.".into(),
        ),
        Some(policy) => {
            let lines: Vec<&str> = policy.mx().iter().map(crate::MxPattern::as_str).collect();
            let saw = format!(
                "Another version: mode {}, {}, remembered for {}.",
                policy.mode(),
                escaped(&lines.join(" "), 160),
                duration(policy.max_age().secs())
            );
            (Stage::Old, saw)
        }
        None => {
            let cause = reading.faults.first().map_or_else(String::new, |fault| {
                format!(" Line {}: {}.", fault.line, fault.kind)
            });
            (Stage::Wrong, format!("Not a valid policy.{cause}"))
        }
    }
}

/// The rules judge what the system's resolver and the fetch saw, so that step 3 names a mistake in
/// the same words as step 1.
fn findings(propagation: &Propagation, setup: &Setup) -> Vec<Finding> {
    let mut facts = Facts::new(setup.domain.clone(), propagation.asked_at);
    facts.policy = propagation.policy.clone();
    judge(&facts)
        .findings
        .into_iter()
        .filter(|finding| matches!(finding.rule.area, Area::PolicyHost | Area::PolicyFile))
        .filter(|finding| finding.severity <= crate::Severity::Attention)
        .filter(|finding| finding.rule.code != "policy-mode-none")
        .collect()
}

fn looked_up<T>(answer: &Observed<Answer<T>>) -> Result<&Answer<T>, (Stage, String)> {
    match answer {
        Observed::Seen(answer) => Ok(answer),
        Observed::Failed(failure) => Err((Stage::Unknown, format!("Could not ask: {failure}."))),
        Observed::NotAsked => Err((Stage::Unknown, "Not asked yet.".into())),
    }
}

fn near_miss(texts: &[String], looks_like: impl Fn(&str) -> bool) -> Option<String> {
    texts
        .iter()
        .find(|text| looks_like(text))
        .map(|text| escaped(text, 120))
}

fn quoted(texts: &[String]) -> String {
    escaped(&texts.join(" | "), 160)
}

fn ttl(answer: &Answer<String>) -> String {
    answer.ttl_secs.map_or_else(String::new, |secs| {
        format!("; caches may keep it for another {}", duration(secs))
    })
}

fn duration(secs: u32) -> String {
    match secs {
        0..=119 => format!("{secs} seconds"),
        120..=7_199 => format!("{} minutes", secs / 60),
        7_200..=172_799 => format!("{} hours", secs / 3_600),
        _ => format!("{} days", secs / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::facts::{FailureKind, ProbeFailure};
    use crate::rules::testing::{POLICY, fetch, healthy, set_policy};
    use crate::{Domain, MaxAge, Mode, MxPattern, Observer, Policy, PolicyId, ReportUri, Sighting};

    fn setup() -> Setup {
        let mx = ["mx1.example.com", "mx2.example.com"]
            .map(|host| MxPattern::parse(host).unwrap())
            .to_vec();
        Setup {
            domain: Domain::parse("example.com").unwrap(),
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
            record: texts("v=STSv1; id=20261123120000Z;"),
            tls_rpt: texts("v=TLSRPTv1; rua=mailto:reports@example.net"),
            policy_host: facts.policy_host.clone(),
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
        assert!(progress.policy_file.saw.contains("Byte for byte"));
    }

    #[test]
    fn a_name_that_does_not_exist_is_not_yet_and_no_fault() {
        let progress = look(|view, _| view.record = Observed::Seen(Answer::no_such_name()));
        assert_eq!(progress.announcement[0].stage, Stage::NotYet);
        assert!(!progress.is_complete());
    }

    #[test]
    fn an_earlier_id_is_old_and_says_how_long_caches_keep_it() {
        let progress = look(|view, _| view.record = texts("v=STSv1; id=1"));
        let sight = &progress.announcement[0];
        assert_eq!(sight.stage, Stage::Old);
        assert!(
            sight.saw.contains("id 1") && sight.saw.contains("5 minutes"),
            "{}",
            sight.saw
        );
    }

    #[test]
    fn a_record_that_senders_would_not_take_is_wrong() {
        for text in ["v=STSv1; id=2026-11-23", "v=stsv1; id=1"] {
            let progress = look(|view, _| view.record = texts(text));
            assert_eq!(progress.announcement[0].stage, Stage::Wrong, "{text}");
            assert!(progress.announcement[0].saw.contains(text));
        }
        let two = ["v=STSv1; id=1".to_owned(), "v=STSv1; id=2".to_owned()];
        let progress = look(|view, _| view.record = Observed::Seen(Answer::of(two)));
        assert_eq!(progress.announcement[0].stage, Stage::Wrong);
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
            assert_eq!(progress.policy_file.stage, stage, "{body}");
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
        assert_eq!(look(unfinished).policy_file.stage, Stage::NotYet);
    }

    #[test]
    fn without_its_name_servers_nothing_is_complete() {
        let mut propagation = Propagation::new(datetime!(2026-11-23 12:00 UTC));
        let facts = healthy();
        propagation.fold(Sighting::View(Box::new(ServerView {
            observer: Observer::SystemResolver,
            record: texts("v=STSv1; id=20261123120000Z;"),
            tls_rpt: texts("v=TLSRPTv1; rua=mailto:reports@example.net"),
            policy_host: facts.policy_host,
        })));
        propagation.fold(Sighting::Policy(facts.policy));
        assert!(Progress::of(&propagation, &setup()).is_complete());
        let failure = ProbeFailure::new(FailureKind::TimedOut, "");
        propagation.fold(Sighting::Zone(Observed::Failed(failure)));
        let progress = Progress::of(&propagation, &setup());
        assert!(!progress.is_complete());
        assert_eq!(progress.announcement[1].stage, Stage::Unknown);
    }

    #[test]
    fn a_name_server_that_cannot_be_asked_from_here_does_not_hold_everything_up() {
        let stages = |stages: &[Stage]| -> Vec<Sight> {
            let sight = |&stage| Sight {
                who: String::new(),
                stage,
                saw: String::new(),
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
        assert_eq!(progress.policy_file.stage, Stage::Wrong);
        assert_eq!(progress.findings[0].rule.code, "policy-redirect");
    }
}
