//! A stage of a plan: what to do, when, what must be seen first, and the way back.

use serde::Serialize;
use time::OffsetDateTime;

use crate::facts::MxRecord;
use crate::publication::artifacts::Setup;

/// A stage of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanStage {
    /// Its name for programs. With the domain and the change, it identifies the event in a calendar.
    pub id: &'static str,
    /// What to do, in one line.
    pub title: String,
    /// What it does and why.
    pub text: String,
    /// How far it is.
    pub status: StageStatus,
    /// When it can begin.
    pub earliest: Earliest,
    /// What must be seen before it begins.
    pub requirements: Vec<Requirement>,
    /// What to do, in this order.
    pub actions: Vec<Action>,
    /// What is seen once it is done. Completes the sentence “Done when …”.
    pub done_when: String,
    /// What to do if it goes wrong.
    pub way_back: String,
    /// What it publishes, if it publishes a policy of one’s own.
    #[serde(skip)]
    pub setup: Option<Setup>,
    /// Whether it is better done on an old check than later.
    #[serde(skip)]
    pub(super) is_urgent: bool,
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageStatus {
    /// What it does was seen.
    Done,
    /// It can begin now.
    Open,
    /// Its date hasn’t come.
    Waiting,
    /// Its date has come, but something must be seen first.
    Blocked,
    /// A stage before it isn’t done.
    Later,
}

/// When a stage can begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Earliest {
    /// The moment, if every stage before it is done as early as it can be.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Why not earlier.
    pub why: String,
}

/// What must be seen before a stage begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// What it is. Completes the sentence “It needs …”.
    pub text: String,
    /// Whether it was seen; `None` if that isn’t known.
    #[serde(rename = "met")]
    pub is_met: Option<bool>,
    /// What was seen. Safe to show.
    pub seen: String,
}

/// Something to publish or to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Action {
    /// Put this file at this address, in the place of what is there.
    ServeFile {
        /// The address.
        url: String,
        /// The file.
        text: String,
    },
    /// Publish this TXT record.
    PublishRecord {
        /// The full name.
        name: String,
        /// The value, without quotes.
        value: String,
        /// The value it replaces, if there is one.
        replaces: Option<String>,
    },
    /// Remove the TXT record.
    RemoveRecord {
        /// The full name.
        name: String,
        /// The value that is there.
        value: Option<String>,
    },
    /// Replace the MX records by these.
    ChangeMx {
        /// The records before.
        from: Vec<MxRecord>,
        /// The records after.
        to: Vec<MxRecord>,
    },
    /// Point the policy host to your own web host, in the place of its alias.
    PointPolicyHost {
        /// The name of the policy host.
        name: String,
        /// The name that it is an alias of.
        alias: String,
    },
    /// Remove the file, and the name of the policy host from the DNS.
    RemovePolicyHost {
        /// The address of the file.
        url: String,
        /// The name of the policy host.
        name: String,
    },
    /// Change the policy at the service that hosts it.
    ChangeAtService {
        /// Its name.
        service: String,
        /// Where, in words that follow “Change it”.
        place: String,
        /// What the policy should say.
        policy: String,
    },
    /// Run these commands.
    Run {
        /// Where.
        shell: String,
        /// The lines.
        lines: Vec<String>,
    },
}

impl PlanStage {
    /// A stage without requirements, actions and a way back.
    pub(super) fn new(id: &'static str, title: impl Into<String>, earliest: Earliest) -> Self {
        Self {
            id,
            title: title.into(),
            text: String::new(),
            status: StageStatus::Later,
            earliest,
            requirements: Vec::new(),
            actions: Vec::new(),
            done_when: String::new(),
            way_back: String::new(),
            setup: None,
            is_urgent: false,
        }
    }

    /// The status of a stage whose date has come.
    pub(super) fn begin(&self) -> StageStatus {
        let is_met = |it: &Requirement| it.is_met == Some(true);
        if self.requirements.iter().all(is_met) {
            StageStatus::Open
        } else {
            StageStatus::Blocked
        }
    }

    /// The requirements that weren’t seen.
    pub fn missing(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements
            .iter()
            .filter(|it| it.is_met != Some(true))
    }
}
