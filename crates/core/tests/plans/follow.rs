//! A person who follows a plan: waits for its dates, checks, and does what it says, never earlier and
//! often later.

use mta_sts_core::facts::MxRecord;
use mta_sts_core::{Action, Change, History, PlanStage, StageStatus, plan};
use time::{Duration, OffsetDateTime};

use crate::model::{File, Internet};

/// Follows a plan to its end. Gives the stages in the order in which they were done, each with the
/// moment at which it began.
pub(crate) fn follow(
    internet: &mut Internet,
    history: &mut History,
    change: &Change,
    from: OffsetDateTime,
    mut delay: impl FnMut() -> Duration,
) -> Result<Vec<(&'static str, OffsetDateTime)>, String> {
    let planned = match change {
        Change::Move(to) => to.to.clone(),
        _ => Vec::new(),
    };
    let mut now = from;
    let mut done = Vec::new();
    for _ in 0..80 {
        let facts = internet.facts(now, &planned);
        history.note(&facts);
        let plan = plan(change, &facts, history, now);
        let Some(stage) = plan.current() else {
            return Ok(done);
        };
        match stage.status {
            StageStatus::Waiting => now = stage.earliest.at + delay(),
            StageStatus::Open => {
                done.push((stage.id, now));
                for action in &stage.actions {
                    act(internet, action, now);
                    now += Duration::seconds(1) + delay() / 1_000;
                }
                now += delay();
                if let Some(setup) = &stage.setup {
                    history.note(&internet.facts(now, &planned));
                    history.note_live(setup, now);
                }
            }
            StageStatus::Blocked | StageStatus::Done | StageStatus::Later => {
                return Err(format!("stuck after {done:?} in {stage:#?}"));
            }
        }
    }
    let facts = internet.facts(now, &planned);
    let plan = plan(change, &facts, history, now);
    Err(format!("no end after {done:?}: {:#?}", plan.current()))
}

fn act(internet: &mut Internet, action: &Action, now: OffsetDateTime) {
    match action {
        Action::ServeFile { text, .. } => internet.file.set(now, Some(File::new(text.as_str()))),
        Action::PublishRecord { value, .. } => {
            let id = value
                .strip_prefix("v=STSv1; id=")
                .unwrap()
                .strip_suffix(';')
                .unwrap();
            internet.id.set(now, Some(id.to_owned()));
        }
        Action::RemoveRecord { .. } => internet.id.set(now, None),
        Action::ChangeMx { to, .. } => internet.mx.set(now, to.clone()),
        Action::RemovePolicyHost { .. } => internet.file.set(now, None),
        Action::PointPolicyHost { .. } | Action::ChangeAtService { .. } | Action::Run { .. } => {}
    }
}

/// MX records with the preferences 10, 20, …
pub(crate) fn mx(hosts: &[&str]) -> Vec<MxRecord> {
    let preferences = (1..).map(|place| place * 10);
    let record = |(preference, host): (u16, &&str)| MxRecord {
        preference,
        exchange: (*host).to_owned(),
    };
    preferences.zip(hosts).map(record).collect()
}

/// The stage with this name.
pub(crate) fn stage<'a>(plan: &'a mta_sts_core::Plan, id: &str) -> &'a PlanStage {
    let found = plan.stages.iter().find(|stage| stage.id == id);
    found.unwrap_or_else(|| panic!("no {id} in {:?}", plan.stages))
}

/// The mx lines of a policy file.
pub(crate) fn file_lines(patterns: &[&str]) -> String {
    let lines: Vec<String> = patterns.iter().map(|it| format!("mx: {it}\n")).collect();
    lines.concat()
}
