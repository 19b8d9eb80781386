//! `mta-sts verify`: checks whether everything is published, and can wait until it is.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mta_sts_core::facts::Observed;
use mta_sts_core::{
    Domain, Finding, Progress, Propagation, SenderVerdict, Setup, Sight, Stage, public_resolvers,
    wait_before_look,
};
use mta_sts_lab::{Lab, Publication};
use mta_sts_probe::{Plan, Probe};
use serde::Serialize;
use time::{OffsetDateTime, UtcOffset};

use crate::args::VerifyArgs;
use crate::exit::{CliError, Exit};
use crate::source::{self, Network, now};
use crate::{expected, output, practice, text};

/// Practice servers take seconds, real ones minutes.
const PRACTICE_WAIT: Duration = Duration::from_secs(2);

/// One round of checks as `--json` prints it; with `--watch`, one per line.
#[derive(Serialize)]
struct Look<'a> {
    format: &'static str,
    domain: &'a Domain,
    #[serde(with = "time::serde::rfc3339")]
    asked_at: OffsetDateTime,
    complete: bool,
    expected: Expected<'a>,
    rows: Vec<Row<'a>>,
    findings: &'a [Finding],
    sender_compatibility: &'a [SenderVerdict],
}

/// What should be published.
#[derive(Serialize)]
struct Expected<'a> {
    id: &'a str,
    policy: String,
    tls_report: Option<String>,
}

/// What one observer shows for one thing.
#[derive(Serialize)]
struct Row<'a> {
    thing: &'static str,
    #[serde(flatten)]
    sight: &'a Sight,
}

pub(crate) fn run(args: &VerifyArgs, json: bool, offset: UtcOffset) -> anyhow::Result<Exit> {
    let Some(domain) = &args.domain else {
        return practice::list(json);
    };
    // Before the check, so that a wrong folder costs no time.
    let expected = match &args.expect {
        Some(folder) => Some(expected::setup(folder, domain)?),
        None => None,
    };
    source::runtime()?.block_on(async {
        let network = Network::enter(&args.network, domain).await?;
        if let (Some(lab), Some(setup)) = (&network.lab, &expected) {
            publish(lab, setup)?;
        }
        let left_out = public_resolvers().iter();
        let left_out = left_out.filter(|resolver| args.without.contains(&resolver.id));
        let left_out: BTreeSet<String> = left_out.map(|it| it.name.clone()).collect();
        let watch = Watch {
            probe: network.probe.without_public_resolvers(&left_out),
            plan: network.plan(domain),
            wait: network.lab.is_some().then_some(PRACTICE_WAIT),
            until_complete: args.watch,
            json,
            offset,
        };
        watch.run(expected).await
    })
}

/// Plays the DNS provider and the web host, which publish the files.
fn publish(lab: &Lab, setup: &Setup) -> anyhow::Result<()> {
    let publication = Publication {
        record: Some(vec![setup.announcement_record().value]),
        tls_rpt: setup.tls_report_record().map(|record| vec![record.value]),
        policy: Some(setup.policy.write().into_bytes()),
    };
    Ok(lab.publish(setup.domain.as_str(), &publication)?)
}

/// Checks once, or until everything is visible.
struct Watch {
    probe: Probe,
    plan: Plan,
    /// The time between two checks, if not the usual one.
    wait: Option<Duration>,
    until_complete: bool,
    json: bool,
    offset: UtcOffset,
}

impl Watch {
    async fn run(&self, expected: Option<Setup>) -> anyhow::Result<Exit> {
        let domain = &self.plan.domain;
        let mut seen = Propagation::new(now());
        let mut earlier: Option<Progress> = None;
        let mut setup = expected;
        let mut looks_taken = 0_u32;
        loop {
            looks_taken = looks_taken.saturating_add(1);
            seen = self.look(seen.again(now())).await;
            if setup.is_none() {
                setup = seen.published(domain);
            }
            let Some(setup) = &setup else {
                return Err(nothing_to_compare(domain, &seen));
            };
            let mut progress = Progress::of(&seen, setup);
            if let Some(earlier) = &earlier {
                progress = progress.after(earlier);
            }
            self.show(&seen, setup, &progress, earlier.as_ref())?;
            if progress.is_complete() || !self.until_complete {
                return Ok(exit(&progress));
            }
            let wait = self.wait.unwrap_or_else(|| {
                Duration::try_from(wait_before_look(looks_taken)).unwrap_or_default()
            });
            if !self.json {
                let again = format!("Checking again in {} seconds.\n", wait.as_secs());
                output::warn(&again);
            }
            earlier = Some(progress);
            tokio::time::sleep(wait).await;
        }
    }

    async fn look(&self, begun: Propagation) -> Propagation {
        let known = begun.observers();
        let seen = Mutex::new(begun);
        let fold = |sighting| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.fold(sighting);
        };
        self.probe.look(&self.plan, &known, fold).await;
        seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(
        &self,
        seen: &Propagation,
        setup: &Setup,
        progress: &Progress,
        earlier: Option<&Progress>,
    ) -> anyhow::Result<()> {
        let senders = seen.sender_compatibility(&setup.domain);
        if !self.json {
            let told = text::progress(setup, progress, earlier, &senders, self.offset);
            return output::print(&told);
        }
        let look = Look {
            format: "mta-sts-verify/1",
            domain: &setup.domain,
            asked_at: seen.asked_at,
            complete: progress.is_complete(),
            expected: Expected {
                id: setup.id.as_str(),
                policy: setup.policy.write(),
                tls_report: setup.tls_report_record().map(|record| record.value),
            },
            rows: things(progress)
                .flat_map(|(_, thing, sights)| sights.iter().map(move |sight| Row { thing, sight }))
                .collect(),
            findings: &progress.findings,
            sender_compatibility: &senders,
        };
        if self.until_complete {
            output::print_json_line(&look)
        } else {
            output::print_json(&look)
        }
    }
}

/// The four things with their names for people and for programs.
pub(crate) fn things(
    progress: &Progress,
) -> impl Iterator<Item = (&'static str, &'static str, &[Sight])> {
    [
        ("TLS-RPT record", "tls-report", &progress.tls_report),
        ("Policy host", "policy-host", &progress.policy_host),
        ("Policy file", "policy-file", &progress.policy_file),
        ("MTA-STS record", "announcement", &progress.announcement),
    ]
    .into_iter()
    .map(|(name, id, sights)| (name, id, sights.as_slice()))
}

fn nothing_to_compare(domain: &Domain, seen: &Propagation) -> anyhow::Error {
    let answered = seen.views.iter().any(|view| view.record.seen().is_some());
    if !answered || matches!(seen.zone, Observed::Failed(_)) {
        return CliError::not_checked(format!(
            "couldn’t look up what {domain} publishes because no server answered"
        ));
    }
    CliError::refused(format!(
        "{domain} doesn’t publish both a valid MTA-STS record and a valid policy, so there is \
         nothing to compare with. Name your files with --expect, or run mta-sts check {domain} \
         to see what is wrong"
    ))
}

fn exit(progress: &Progress) -> Exit {
    let has = |stage| progress.all().any(|sight| sight.stage == stage);
    if progress.is_complete() {
        Exit::Fine
    } else if has(Stage::Wrong) || has(Stage::Old) || has(Stage::NotYet) {
        Exit::Found
    } else {
        Exit::NotChecked
    }
}
