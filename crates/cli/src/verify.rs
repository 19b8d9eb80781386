//! `mta-sts verify`: checks whether everything is published, and can wait until it is.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use mta_sts_core::facts::Observed;
use mta_sts_core::{
    Domain, Finding, Piece, Place, Progress, Propagation, SenderVerdict, Setup, Severity, Sight,
    Stage, public_resolvers, sentence, wait_before_look,
};
use mta_sts_lab::{Lab, Publication};
use mta_sts_probe::{CheckOptions, Probe};
use serde::Serialize;
use time::{OffsetDateTime, UtcOffset};

use crate::args::{Typed, VerifyArgs};
use crate::exit::{CliError, Exit};
use crate::source::{self, Network, now};
use crate::text::{FAINT, STRONG, safe, style, write_finding, write_sender};
use crate::{expected, output, practice};

/// Practice servers take seconds, real ones minutes.
const PRACTICE_WAIT: Duration = Duration::from_secs(2);

/// Where somebody has to answer before anything counts as visible everywhere.
const NEEDED: [(Place, &str); 2] = [
    (Place::NameServers, "the domain’s name servers"),
    (Place::PublicResolvers, "the public resolvers"),
];

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
    let Some(domain) = args.domain.as_ref().map(Typed::meant) else {
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
            options: network.options(domain),
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
        record: Some(vec![setup.mta_sts_record().value]),
        tls_rpt: setup.tls_rpt_record().map(|record| vec![record.value]),
        policy: Some(setup.policy.write().into_bytes()),
        ..Publication::default()
    };
    Ok(lab.publish(setup.domain.as_str(), &publication)?)
}

/// Checks once, or until everything is visible.
struct Watch {
    probe: Probe,
    options: CheckOptions,
    /// The time between two checks, if not the usual one.
    wait: Option<Duration>,
    until_complete: bool,
    json: bool,
    offset: UtcOffset,
}

impl Watch {
    async fn run(&self, expected: Option<Setup>) -> anyhow::Result<Exit> {
        let domain = &self.options.domain;
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
                for (place, who) in NEEDED {
                    if progress.is_silent(place) {
                        output::warn(&format!(
                            "None of {who} answered, so this check is incomplete.\n"
                        ));
                    }
                }
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
        let known = begun.views.clone();
        let seen = Mutex::new(begun);
        let fold = |sighting| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.fold(sighting);
        };
        self.probe.look(&self.options, &known, fold).await;
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
            let told = written(setup, progress, earlier, &senders, self.offset);
            return output::print(&told);
        }
        let rows = |piece| {
            let sights = progress.of_piece(piece).iter();
            sights.map(move |sight| Row {
                thing: id(piece),
                sight,
            })
        };
        let look = Look {
            format: "mta-sts-verify/1",
            domain: &setup.domain,
            asked_at: seen.asked_at,
            complete: progress.is_complete(),
            expected: Expected {
                id: setup.id.as_str(),
                policy: setup.policy.write(),
                tls_report: setup.tls_rpt_record().map(|record| record.value),
            },
            rows: Piece::ALL.into_iter().flat_map(rows).collect(),
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

/// What programs call a thing.
fn id(piece: Piece) -> &'static str {
    match piece {
        Piece::TlsReport => "tls-report",
        Piece::PolicyHost => "policy-host",
        Piece::PolicyFile => "policy-file",
        Piece::Record => "announcement",
    }
}

fn nothing_to_compare(domain: &Domain, seen: &Propagation) -> anyhow::Error {
    if !seen.is_determined() || matches!(seen.zone, Observed::Failed(_)) {
        return CliError::not_checked(format!(
            "couldn’t look up what {domain} publishes because no name server answered"
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
        if NEEDED.iter().any(|(place, _)| progress.is_silent(*place)) {
            Exit::NotChecked
        } else {
            Exit::Fine
        }
    } else if has(Stage::Wrong) || has(Stage::Old) || has(Stage::NotYet) {
        Exit::Found
    } else {
        Exit::NotChecked
    }
}

/// The progress of a publication: everything at first, later only the changes.
fn written(
    setup: &Setup,
    progress: &Progress,
    earlier: Option<&Progress>,
    senders: &[SenderVerdict],
    offset: UtcOffset,
) -> String {
    let mut rows = String::new();
    for piece in Piece::ALL {
        let before = earlier.map_or(&[][..], |earlier| earlier.of_piece(piece));
        let is_new = |sight: &&Sight| {
            let known = before.iter().find(|known| known.who == sight.who);
            known.is_none_or(|known| known.stage != sight.stage)
        };
        let new: Vec<&Sight> = progress.of_piece(piece).iter().filter(is_new).collect();
        if !new.is_empty() {
            let _ = writeln!(rows, "\n{STRONG}{}{STRONG:#}", sentence(piece.name()));
            write_sights(&mut rows, &new, offset);
        }
    }
    if rows.is_empty() {
        return rows;
    }
    let domain = setup.domain.to_unicode();
    let summary = progress.summary().text;
    let mut text = format!("{STRONG}{domain}: {summary}{STRONG:#}\n{rows}");
    if earlier.is_some() {
        return text;
    }
    for finding in &progress.findings {
        write_finding(&mut text, finding);
    }
    if !senders.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Some senders see it differently{STRONG:#}");
        for verdict in senders {
            write_sender(&mut text, verdict);
        }
    }
    text
}

/// One line for all observers that show the same.
fn write_sights(text: &mut String, sights: &[&Sight], offset: UtcOffset) {
    let mut alike: Vec<(Stage, String, Vec<String>)> = Vec::new();
    for sight in sights {
        let (stage, told, who) = (sight.stage, sight.told(offset), safe(&sight.who));
        let same = |known: &&mut (Stage, String, Vec<String>)| known.0 == stage && known.1 == told;
        match alike.iter_mut().find(same) {
            Some((_, _, observers)) => observers.push(who),
            None => alike.push((stage, told, vec![who])),
        }
    }
    for (stage, told, observers) in alike {
        let style = match stage {
            Stage::Correct => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Stage::Wrong => style(Severity::Problem),
            Stage::NotYet | Stage::Old | Stage::Unknown => FAINT,
        };
        let _ = writeln!(
            text,
            "  {style}{}{style:#}: {}\n    {FAINT}{}{FAINT:#}",
            stage.in_words(),
            safe(&told),
            observers.join(", ")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sights(places: &[Place], silent: Option<Place>) -> Vec<Sight> {
        let sight = |&place: &Place| Sight {
            place,
            who: format!("{place:?}"),
            stage: if silent == Some(place) {
                Stage::Unknown
            } else {
                Stage::Correct
            },
            saw: String::new(),
            until: None,
        };
        places.iter().map(sight).collect()
    }

    fn progress(silent: Option<Place>) -> Progress {
        let of_records = [
            Place::NameServers,
            Place::ThisResolver,
            Place::PublicResolvers,
        ];
        Progress {
            tls_report: Vec::new(),
            policy_host: sights(&of_records, silent),
            policy_file: sights(&[Place::Web], None),
            record: sights(&of_records, silent),
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_kind_of_servers_of_which_none_answered_leaves_the_check_incomplete() {
        assert_eq!(exit(&progress(None)), Exit::Fine);
        for (silent, status) in [
            (Place::PublicResolvers, Exit::NotChecked),
            (Place::NameServers, Exit::NotChecked),
            // The others show the same, and people have one resolver only.
            (Place::ThisResolver, Exit::Fine),
        ] {
            let progress = progress(Some(silent));
            assert!(progress.is_complete());
            assert_eq!(exit(&progress), status, "{silent:?}");
        }
    }

    #[test]
    fn one_public_resolver_of_two_is_enough() {
        let mut progress = progress(None);
        progress.record.extend(sights(
            &[Place::PublicResolvers],
            Some(Place::PublicResolvers),
        ));
        assert_eq!(exit(&progress), Exit::Fine);
    }
}
