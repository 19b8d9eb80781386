//! `mta-sts plan`: the stages of a change, with their dates.

use std::fmt::Write as _;
use std::path::Path;

use mta_sts_core::facts::MxRecord;
use mta_sts_core::{
    Action, Change, Domain, Facts, History, Leave, Move, Plan, PlanStage, StageStatus, clock_time,
    day, plan,
};
use mta_sts_domains::{Store, WatchFolder, data_folder};
use serde::Serialize;
use time::{OffsetDateTime, Time};

use crate::args::{ChangeArg, PlanArgs};
use crate::exit::{CliError, Exit};
use crate::source::{self, Question};
use crate::text::{FAINT, STRONG, safe};
use crate::{output, watch};

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    format: &'static str,
    change: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    today: OffsetDateTime,
    /// How many versions of the policy the dates rest on.
    known_versions: usize,
    #[serde(flatten)]
    plan: &'a Plan,
}

pub(crate) fn run(args: &PlanArgs, json: bool) -> anyhow::Result<Exit> {
    let domain = args.domain.meant();
    let question = Question {
        domain,
        legacy: false,
        planned: &args.new_mx,
        enough: |_| false,
    };
    let facts = source::observe(&args.source, &question)?;
    let mut history = seen_before(domain, args.source.network.practice);
    history.note(&facts);
    let now = match args.today {
        Some(date) => date.with_time(Time::MIDNIGHT).assume_utc(),
        // Saved facts are judged as of then, so that they give the same plan on any day.
        None if args.source.facts.is_some() => facts.checked_at,
        None => source::now(),
    };
    let change = change(args, &facts)?;
    let plan = plan(&change, &facts, &history, now);
    if json {
        output::print_json(&Json {
            format: "mta-sts-plan/1",
            change: change.name(),
            today: now,
            known_versions: history.policies.len(),
            plan: &plan,
        })?;
    } else {
        output::print(&text(&plan, &history))?;
    }
    Ok(exit(&plan))
}

fn change(args: &PlanArgs, facts: &Facts) -> anyhow::Result<Change> {
    Ok(match args.change {
        ChangeArg::Enforce => Change::Enforce { reports: None },
        ChangeArg::Move => Change::Move(Move {
            vouched: args.new_mx_checked,
            ..Move::to_hosts(&args.new_mx, facts)
        }),
        ChangeArg::Off => Change::Off,
        ChangeArg::Leave => Change::Leave(Leave::of(facts).ok_or_else(|| {
            CliError::refused(format!(
                "neither {} nor the MTA-STS record is an alias (CNAME), so there is no service to leave",
                facts.domain.policy_host()
            ))
        })?),
    })
}

/// What the window and `mta-sts watch` saw of the domain. What can’t be read is as if nothing had been
/// seen.
fn seen_before(domain: &Domain, practice: bool) -> History {
    let read = data_folder(practice).map(|folder| Store::read(Path::new(&folder)));
    let works = read.into_iter().flat_map(|read| read.domains);
    let work = works.into_iter().find(|work| work.domain == *domain);
    let mut history = work.map(|work| work.history).unwrap_or_default();
    if let Some(folder) = watch::usual_folder(practice) {
        history.merge(&WatchFolder::history(&folder, domain));
    }
    history
}

/// A stage that can’t begin counts as found, or as not checked if that is why.
fn exit(plan: &Plan) -> Exit {
    let Some(stage) = plan
        .current()
        .filter(|it| it.status == StageStatus::Blocked)
    else {
        return Exit::Fine;
    };
    if stage.missing().any(|it| it.is_met == Some(false)) {
        Exit::Found
    } else {
        Exit::NotChecked
    }
}

fn text(plan: &Plan, history: &History) -> String {
    let mut text = format!("{STRONG}{}{STRONG:#}\n", safe(&plan.title));
    for (place, stage) in plan.stages.iter().enumerate() {
        let _ = writeln!(
            text,
            "\n{STRONG}{}. {}{STRONG:#}  {FAINT}{}{FAINT:#}",
            place + 1,
            safe(&stage.title),
            when(stage)
        );
        if stage.status != StageStatus::Done {
            write_stage(&mut text, stage);
        }
    }
    for remark in &plan.remarks {
        let _ = writeln!(text, "\n{}", safe(remark));
    }
    if !plan.stages.is_empty() {
        let _ = writeln!(text, "\n{FAINT}{}{FAINT:#}", premise(&plan.domain, history));
    }
    text
}

/// What the dates rest on.
fn premise(domain: &Domain, history: &History) -> String {
    let first = history.policies.iter().map(|it| it.first_seen).min();
    let rest = match first {
        Some(first) => format!(
            "The dates rest on what this computer has seen since {}.",
            day(first)
        ),
        None => "No policy has been seen on this computer.".to_owned(),
    };
    format!(
        "{rest} If another policy was published before, wait for its max_age from the day on which it \
         was replaced. Run mta-sts watch {domain} after each stage, or open the domain in the window, \
         so that the dates count from then."
    )
}

fn when(stage: &PlanStage) -> String {
    let at = stage.earliest.at;
    match stage.status {
        StageStatus::Done => "done".to_owned(),
        StageStatus::Open => "now".to_owned(),
        StageStatus::Blocked => "not yet".to_owned(),
        StageStatus::Waiting | StageStatus::Later => {
            format!("from {}, {} UTC", day(at), clock_time(at.time()))
        }
    }
}

fn write_stage(text: &mut String, stage: &PlanStage) {
    write_lines(text, &stage.text);
    if matches!(stage.status, StageStatus::Waiting | StageStatus::Later) {
        write_lines(text, &stage.earliest.why);
    }
    for missing in stage.missing() {
        write_lines(
            text,
            &format!("It needs {}. {}", missing.text, missing.seen),
        );
    }
    for action in &stage.actions {
        write_action(text, action);
    }
    write_lines(text, &format!("Done when {}.", stage.done_when));
    write_lines(text, &format!("If it goes wrong: {}", stage.way_back));
}

fn write_action(text: &mut String, action: &Action) {
    match action {
        Action::ServeFile { url, text: file } => {
            write_lines(text, &format!("Put this file at {url}:"));
            write_copy(text, file);
        }
        Action::PublishRecord {
            name,
            value,
            replaces,
        } => {
            let after = match replaces {
                Some(old) => format!(", in the place of “{old}”:"),
                None => ":".to_owned(),
            };
            write_lines(
                text,
                &format!("Then publish this TXT record at {name}{after}"),
            );
            write_copy(text, value);
        }
        Action::RemoveRecord { name, value } => {
            write_lines(text, &format!("Remove this record at {name}:"));
            write_copy(text, value.as_deref().unwrap_or("the TXT record"));
        }
        Action::ChangeMx { from, to } => {
            write_lines(text, "MX records now:");
            write_copy(text, &mx_lines(from));
            write_lines(text, "MX records after:");
            write_copy(text, &mx_lines(to));
        }
        Action::PointPolicyHost { name, alias } => write_lines(
            text,
            &format!(
                "Then remove the CNAME from {name} to {alias}, and point {name} to your web host."
            ),
        ),
        Action::RemovePolicyHost { url, name } => {
            write_lines(
                text,
                &format!("Remove {url}, and the name {name} from the DNS."),
            );
        }
        Action::ChangeAtService {
            service,
            place,
            policy,
        } => {
            write_lines(
                text,
                &format!("The policy is hosted by {service}. Change it {place}, to this:"),
            );
            write_copy(text, policy);
        }
        Action::Run { shell, lines } => {
            write_lines(text, &format!("In {shell}:"));
            write_copy(text, &lines.join("\n"));
        }
    }
}

fn mx_lines(records: &[MxRecord]) -> String {
    let lines: Vec<String> = records
        .iter()
        .map(|it| format!("{} {}", it.preference, it.exchange))
        .collect();
    if lines.is_empty() {
        "none".to_owned()
    } else {
        lines.join("\n")
    }
}

fn write_lines(text: &mut String, lines: &str) {
    for line in safe(lines).lines() {
        let _ = writeln!(text, "   {line}");
    }
}

/// Text to be copied, set off.
fn write_copy(text: &mut String, lines: &str) {
    for line in safe(lines).lines() {
        let _ = writeln!(text, "       {line}");
    }
}
