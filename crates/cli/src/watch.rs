//! `mta-sts watch`: checks domains and says only what changed since the last run.
//!
//! What is known between runs is saved once the messages were delivered: whatever ends a run, a message
//! may come twice but is never lost.

mod install;
mod job;
mod notice;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use mta_sts_core::{Change, Domain, EnforceProof, Facts, Severity, TlsReports, escaped};
use mta_sts_domains::{
    Comparison, Message, MessageKind, Read, Reported, Seen, Store, StoreError, WatchFolder, Work,
    compare, data_folder, program_folder,
};
use mta_sts_probe::Checks;
use serde::Serialize;
use time::OffsetDateTime;

use crate::args::{Typed, WatchArgs};
use crate::batch::{self, Networks, bar, interrupt};
use crate::exit::{CliError, Exit};
use crate::text::{STRONG, safe, write_indented};
use crate::{open_files, output, report, source};

/// How many domains are checked at once, if the system allows.
const JOBS: usize = 16;
/// The longest text of a desktop notice. Desktops cut longer ones.
const MAX_NOTICE_CHARS: usize = 250;

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    format: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    checked_at: OffsetDateTime,
    domains: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    domain: &'a Domain,
    state: State<'a>,
    messages: &'a [Message],
}

#[derive(Serialize)]
struct State<'a> {
    text: &'a str,
    severity: Option<Severity>,
}

pub(crate) fn run(args: &WatchArgs, json: bool) -> anyhow::Result<Exit> {
    if args.install {
        return install::install(args, json);
    }
    if args.uninstall {
        return install::uninstall();
    }
    let saved_work = data_folder(args.network.practice);
    let read = saved_work.as_deref().map(Store::read).unwrap_or_default();
    let domains = domains(args, &read)?;
    let state = lock(&state_folder(args)?)?;
    let watch = Watch {
        state: &state,
        works: &read.domains,
        reports: Reports::read(&args.reports),
        saved_work: saved_work.as_deref(),
    };
    let checked_at = source::now();
    let round = source::runtime()?.block_on(async {
        let networks = Networks::enter(&args.network, &domains).await?;
        watch.check(&networks, &domains).await
    })?;
    let Some(round) = round else {
        return Ok(Exit::Interrupted);
    };
    round.deliver(json, checked_at)?;
    if args.notify
        && let Some(text) = round.notice()
        && let Err(reason) = notice::show("MTA-STS", &text)
    {
        output::warn(&format!(
            "No notice could be shown on a desktop: {}.\n",
            safe(&reason)
        ));
    }
    let is_saved = round.save(&state);
    let is_listed = !uses_window(args) || read.remarks.is_empty();
    Ok(match round.exit() {
        Exit::Fine if !(is_saved && is_listed) => Exit::NotChecked,
        exit => exit,
    })
}

/// Whether the domains are those of the window.
fn uses_window(args: &WatchArgs) -> bool {
    args.domains.is_empty() && args.file.is_none()
}

/// The domains to watch, each once.
fn domains(args: &WatchArgs, read: &Read) -> anyhow::Result<Vec<Domain>> {
    let typed = args.domains.iter().map(Typed::meant).cloned();
    let mut all: Vec<Domain> = typed.collect();
    if let Some(file) = &args.file {
        all.extend(batch::read(file)?);
    }
    if uses_window(args) {
        for remark in &read.remarks {
            output::warn(&format!("{}\n", safe(remark)));
        }
        all = read
            .domains
            .iter()
            .map(|work| work.domain.clone())
            .collect();
    }
    let mut known = BTreeSet::new();
    all.retain(|domain| known.insert(domain.clone()));
    if all.is_empty() {
        let reason = "there is no domain to watch. Name one, or check one in the window";
        return Err(CliError::usage(reason));
    }
    Ok(all)
}

/// Practice mode has a folder of its own, so that it never touches what is known of real domains.
fn state_folder(args: &WatchArgs) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &args.state {
        return Ok(folder.clone());
    }
    let folder = usual_folder(args.network.practice);
    folder.ok_or_else(|| CliError::usage("this system has no folder for saved work. Use --state"))
}

/// The folder for what is known between runs, unless another one is named.
pub(crate) fn usual_folder(practice: bool) -> Option<PathBuf> {
    let name = if practice { "watch-practice" } else { "watch" };
    program_folder().map(|folder| folder.join(name))
}

fn lock(folder: &Path) -> anyhow::Result<WatchFolder> {
    WatchFolder::lock(folder).map_err(|error| match error {
        StoreError::InUse => CliError::not_checked("another run is at work"),
        StoreError::Refused(reason) => CliError::not_checked(reason),
    })
}

/// The TLS reports of `--reports`.
struct Reports {
    all: TlsReports,
    /// Whether every file could be read.
    is_whole: bool,
}

impl Reports {
    fn read(paths: &[PathBuf]) -> Option<Self> {
        let mut all = TlsReports::default();
        let mut is_whole = true;
        for path in paths {
            match report::open(path) {
                Ok(opened) => {
                    is_whole &= opened.more_remarks == 0
                        && opened.remarks.iter().all(|remark| remark.was_read);
                    for report in opened.reports {
                        all.add(report);
                    }
                }
                Err(error) => {
                    output::warn(&format!("{}.\n", safe(&error.to_string())));
                    is_whole = false;
                }
            }
        }
        (!paths.is_empty()).then_some(Self { all, is_whole })
    }
}

/// What a run compares with.
struct Watch<'a> {
    state: &'a WatchFolder,
    /// What the window saved.
    works: &'a [Work],
    reports: Option<Reports>,
    saved_work: Option<&'a Path>,
}

impl Watch<'_> {
    /// Checks all domains, some at once. `None` if the person stopped it.
    async fn check(
        &self,
        networks: &Networks,
        domains: &[Domain],
    ) -> anyhow::Result<Option<Round>> {
        let bar = bar(domains.len());
        let mut checks = Checks::new(open_files::jobs(JOBS, networks.files_of_a_domain()));
        let mut waiting = domains.iter().enumerate();
        let mut compared = BTreeMap::new();
        let mut is_whole = self.reports.as_ref().is_none_or(|it| it.is_whole);
        let mut interrupted = std::pin::pin!(interrupt());
        loop {
            while checks.has_room()
                && let Some((place, domain)) = waiting.next()
            {
                let (probe, mut options) = networks.question(domain, false)?;
                options.planned = self.planned(domain);
                checks.start(place, probe, options, source::now());
            }
            let done = tokio::select! {
                done = checks.next() => done,
                () = &mut interrupted => {
                    bar.abandon();
                    return Ok(None);
                }
            };
            let Some(done) = done else {
                break;
            };
            let (place, facts) = done?;
            bar.inc(1);
            match bar.suspend(|| self.compare(&facts)) {
                Ok(comparison) => {
                    is_whole &= comparison.is_whole;
                    compared.insert(place, comparison);
                }
                Err(reason) => {
                    is_whole = false;
                    bar.suspend(|| output::warn(&format!("{}.\n", safe(&reason))));
                }
            }
        }
        bar.finish_and_clear();
        Ok(Some(Round {
            compared: compared.into_values().collect(),
            is_whole,
        }))
    }

    fn compare(&self, facts: &Arc<Facts>) -> Result<Comparison, String> {
        let domain = &facts.domain;
        let (last, remark) = self.state.read(domain)?;
        if let Some(remark) = remark {
            output::warn(&format!("{}\n", safe(&remark)));
        }
        let reports = self.reports.as_ref();
        let sessions = reports.map(|it| it.all.sessions_of(domain.as_str(), facts.checked_at));
        let seen = Seen {
            facts,
            work: self.work(domain),
            reports: reports
                .zip(sessions.as_ref())
                .map(|(reports, sessions)| Reported {
                    sessions,
                    is_whole: reports.is_whole,
                }),
            proof: sessions
                .as_ref()
                .map(|it| it.proof)
                .or_else(|| self.proof_of_window(domain, facts.checked_at)),
        };
        Ok(compare(last.as_ref(), &seen))
    }

    fn work(&self, domain: &Domain) -> Option<&Work> {
        self.works.iter().find(|work| work.domain == *domain)
    }

    /// The mail servers to come, if the domain is about to move.
    fn planned(&self, domain: &Domain) -> Vec<String> {
        match self.work(domain).and_then(|work| work.plan.as_ref()) {
            Some(Change::Move(to)) => to.to.iter().map(|it| it.exchange.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// What the reports that the window saved say about enforce mode, if a plan waits for that.
    fn proof_of_window(&self, domain: &Domain, now: OffsetDateTime) -> Option<EnforceProof> {
        let Some(Change::Enforce { .. }) = self.work(domain)?.plan else {
            return None;
        };
        let reports = Store::read_reports(self.saved_work?, domain).ok()?;
        (!reports.is_empty()).then(|| reports.sessions_of(domain.as_str(), now).proof)
    }
}

/// What came of a run, in the order of the domains.
struct Round {
    compared: Vec<Comparison>,
    is_whole: bool,
}

impl Round {
    fn messages(&self) -> impl Iterator<Item = (&Domain, &Message)> {
        let compared = self.compared.iter();
        compared.flat_map(|it| {
            it.messages
                .iter()
                .map(|message| (&it.watched.domain, message))
        })
    }

    /// Something worse outweighs what couldn’t be checked.
    fn exit(&self) -> Exit {
        if self.messages().any(|(_, message)| message.worse) {
            Exit::Found
        } else if self.is_whole {
            Exit::Fine
        } else {
            Exit::NotChecked
        }
    }

    /// Writes the messages to standard output; nothing if there are none.
    fn deliver(&self, json: bool, checked_at: OffsetDateTime) -> anyhow::Result<()> {
        let text = if json {
            output::json(&Json {
                format: "mta-sts-watch/1",
                checked_at,
                domains: self.compared.iter().map(Entry::of).collect(),
            })?
        } else {
            self.text()
        };
        if text.is_empty() {
            return Ok(());
        }
        output::deliver(&text)
            .context("The messages couldn’t be written, so the next run will say them again")
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (domain, message) in self.messages() {
            let said = safe(&message.text);
            // The first line of a domain names it.
            let _ = match message.kind {
                MessageKind::FirstRun => writeln!(text, "{said}"),
                _ => writeln!(text, "{STRONG}{}{STRONG:#}: {said}", domain.to_unicode()),
            };
            write_indented(
                &mut text,
                "Fix: ",
                message.fix.as_deref().unwrap_or_default(),
            );
        }
        text
    }

    /// One notice for the whole run; `None` if nothing changed.
    fn notice(&self) -> Option<String> {
        let first = self.messages().find(|(_, message)| message.worse);
        let (domain, message) = first.or_else(|| self.messages().next())?;
        let text = match message.kind {
            MessageKind::FirstRun => message.text.clone(),
            _ => format!("{}: {}", domain.to_unicode(), message.text),
        };
        let text = escaped(&text, MAX_NOTICE_CHARS);
        Some(match self.messages().count() - 1 {
            0 => text,
            more => format!("{text}\nAnd {more} more."),
        })
    }

    /// Saves what is known now. Says whether all of it could be saved.
    fn save(&self, state: &WatchFolder) -> bool {
        let mut is_saved = true;
        for comparison in &self.compared {
            if let Err(reason) = state.write(&comparison.watched) {
                is_saved = false;
                output::warn(&format!(
                    "{}. The next run will say this again.\n",
                    safe(&reason)
                ));
            }
        }
        is_saved
    }
}

impl<'a> Entry<'a> {
    fn of(comparison: &'a Comparison) -> Self {
        Self {
            domain: &comparison.watched.domain,
            state: State {
                text: &comparison.headline.text,
                severity: comparison.headline.severity,
            },
            messages: &comparison.messages,
        }
    }
}

#[cfg(test)]
mod tests {
    use mta_sts_lab::Publication;

    use super::*;
    use crate::args::NetworkArgs;

    /// The practice internet and what is known of it between runs.
    struct World {
        networks: Networks,
        domains: Vec<Domain>,
        _place: tempfile::TempDir,
        state: WatchFolder,
    }

    impl World {
        async fn of(names: &[&str]) -> Self {
            let domains: Vec<Domain> = names.iter().map(|it| it.parse().unwrap()).collect();
            let args = NetworkArgs {
                practice: true,
                resolver: Vec::new(),
                trust_root: Vec::new(),
                internal: false,
                timeout: None,
            };
            let place = tempfile::tempdir().unwrap();
            Self {
                networks: Networks::enter(&args, &domains).await.unwrap(),
                domains: domains[..1].to_vec(),
                state: WatchFolder::lock(&place.path().join("watch")).unwrap(),
                _place: place,
            }
        }

        fn publish(&self, publication: &Publication) {
            let Networks::Practice(practice) = &self.networks else {
                panic!("not the practice internet")
            };
            let domain = self.domains[0].as_str();
            practice.lab.publish(domain, publication).unwrap();
            practice.lab.settle();
        }

        async fn run(&self) -> (String, Exit) {
            let watch = Watch {
                state: &self.state,
                works: &[],
                reports: None,
                saved_work: None,
            };
            let round = watch.check(&self.networks, &self.domains).await;
            let round = round.unwrap().unwrap();
            assert!(round.save(&self.state));
            let text = anstream::adapter::strip_str(&round.text()).to_string();
            (text, round.exit())
        }
    }

    fn mx(hosts: &[&str]) -> Publication {
        let mx = (1..)
            .zip(hosts)
            .map(|(place, host)| (10 * place, (*host).to_owned()));
        Publication {
            mx: Some(mx.collect()),
            ..Publication::default()
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn mail_servers_that_change_under_enforce_are_told_once_and_so_is_the_end_of_it() {
        let own = ["mx1.healthy.example", "mx2.healthy.example"];
        let other = "mx1.healthy-testing.example";
        let world = World::of(&["healthy.example", "healthy-testing.example"]).await;
        let (text, exit) = world.run().await;
        assert!(text.contains("healthy.example"), "{text}");
        assert_eq!((text.lines().count(), exit), (1, Exit::Fine), "{text}");
        assert_eq!(world.run().await, (String::new(), Exit::Fine));

        world.publish(&mx(&[own[0], own[1], other]));
        let (text, exit) = world.run().await;
        let lead = format!("healthy.example: {other}: the policy doesn’t list this mail server.");
        assert!(text.starts_with(&lead), "{text}");
        assert_eq!(text.matches("healthy.example: ").count(), 1, "{text}");
        assert!(text.contains("\n  Fix: "), "{text}");
        assert_eq!(exit, Exit::Found);
        assert_eq!(world.run().await, (String::new(), Exit::Fine));

        world.publish(&mx(&own));
        let (text, exit) = world.run().await;
        assert!(
            text.starts_with("healthy.example: Well again at "),
            "{text}"
        );
        assert_eq!((text.lines().count(), exit), (1, Exit::Fine), "{text}");
        assert_eq!(world.run().await, (String::new(), Exit::Fine));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_policy_host_that_is_gone_is_told_once_and_a_policy_of_a_stranger_too() {
        let world = World::of(&["healthy.example"]).await;
        world.run().await;
        world.publish(&Publication {
            no_policy_host: true,
            ..Publication::default()
        });
        let (text, exit) = world.run().await;
        assert!(text.contains("mta-sts.healthy.example"), "{text}");
        assert_eq!(exit, Exit::Found);
        assert_eq!(world.run().await, (String::new(), Exit::Fine));
        let policy =
            "version: STSv1\r\nmode: enforce\r\nmx: *.healthy.example\r\nmax_age: 1209600\r\n";
        world.publish(&Publication {
            policy: Some(policy.into()),
            record: Some(vec!["v=STSv1; id=stranger;".into()]),
            ..Publication::default()
        });
        let (text, exit) = world.run().await;
        assert!(
            text.contains("Well again at mta-sts.healthy.example"),
            "{text}"
        );
        assert!(
            text.contains("the policy now lists *.healthy.example"),
            "{text}"
        );
        assert_eq!(exit, Exit::Found);
        assert_eq!(world.run().await.0, "");
    }

    #[test]
    fn one_notice_has_the_worst_message_and_counts_the_others() {
        let message = |kind, worse, text: &str| Message {
            kind,
            code: None,
            subject: None,
            worse,
            text: text.into(),
            fix: None,
        };
        let recorded = include_str!("../../core/tests/recorded/healthy.json");
        let facts = Facts::from_json(recorded).unwrap();
        let seen = Seen {
            facts: &facts,
            work: None,
            reports: None,
            proof: None,
        };
        let round = |messages: Vec<Message>| Round {
            compared: vec![Comparison {
                messages,
                ..compare(None, &seen)
            }],
            is_whole: true,
        };
        assert_eq!(round(Vec::new()).notice(), None);
        let well = message(MessageKind::WellAgain, false, "Well again.");
        let new = message(MessageKind::New, true, "It\u{1b} broke.");
        let one = round(vec![well.clone()]).notice().unwrap();
        assert_eq!(one, "healthy.example: Well again.");
        let three = round(vec![well.clone(), new, well]);
        let notice = three.notice().unwrap();
        assert_eq!(notice, "healthy.example: It\\u{1b} broke.\nAnd 2 more.");
        assert_eq!(three.exit(), Exit::Found);
    }
}
