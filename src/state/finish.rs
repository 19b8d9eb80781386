//! Step 4: where the files go, and what saving would do.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use mta_sts_core::Artifact;
use mta_sts_domains::{SaveForm, Work};
use mta_sts_save::{Existing, Plan, PlannedFile, Target};
use time::OffsetDateTime;

use super::State;
use super::inputs::Inputs;
use crate::event::FolderSeen;

/// Step 4: what the person allowed, and what was seen in the folder.
#[derive(Debug, Default)]
pub struct Finish {
    /// True when the person allowed other files to be replaced.
    pub overwrite: bool,
    /// True when the person asked to save before the folder had been looked at.
    pub save_when_seen: bool,
    seen: Option<(Box<FolderSeen>, OffsetDateTime)>,
}

/// What saving writes, and where to.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    /// Where to.
    pub target: Target,
    /// What.
    pub artifacts: Arc<Vec<Artifact>>,
}

/// What a planned file means for what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is there.
    New,
    /// It is saved already.
    Saved,
    /// An earlier version that was saved here, and that nobody has touched since.
    Earlier,
    /// It was saved here, and somebody has changed it since.
    ChangedSince,
    /// A file of somebody else.
    Foreign,
}

impl Standing {
    /// What a planned file means for what is there.
    #[must_use]
    pub fn of(file: &PlannedFile, work: &Work) -> Self {
        match &file.existing {
            Existing::None => Self::New,
            Existing::Same { .. } => Self::Saved,
            Existing::Other { modified } => match (work.written.get(&file.path), modified) {
                (None, _) => Self::Foreign,
                (Some(written), Some(modified)) if written == modified => Self::Earlier,
                (Some(_), _) => Self::ChangedSince,
            },
        }
    }

    /// Whether the person has to agree before it is replaced.
    #[must_use]
    pub fn needs_consent(self) -> bool {
        matches!(self, Self::Foreign | Self::ChangedSince)
    }
}

/// Where the files of a domain go. A path that names a ZIP file is one, and no folder.
pub(super) fn target(work: &Work, path: PathBuf) -> Target {
    let names_a_zip = path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("zip"));
    match work.save_form {
        _ if names_a_zip => Target::Zip(path),
        SaveForm::Folder => Target::Folder(path),
        SaveForm::Zip => Target::Zip(path.join(format!("mta-sts-{}.zip", work.domain))),
    }
}

impl Inputs {
    /// Takes over what was found in a folder.
    pub fn folder_seen(&mut self, seen: Box<FolderSeen>, now: OffsetDateTime) {
        let Some((session, work)) = self.open_work() else {
            return;
        };
        for file in &seen.plan.files {
            if let Existing::Same {
                modified: Some(modified),
            } = file.existing
                // An earlier time cannot be saved; such a file is asked about again.
                && modified >= SystemTime::UNIX_EPOCH
            {
                work.written.insert(file.path.clone(), modified);
            }
        }
        session.finish.seen = Some((seen, now));
    }

    /// What was seen there holds no longer: something was written.
    pub fn folder_written(&mut self, target: &Target) {
        self.change_session(|session| {
            let seen = session.finish.seen.as_ref();
            if seen.is_some_and(|(seen, _)| seen.target == *target) {
                session.finish = Finish::default();
            }
        });
    }
}

impl State {
    /// What saving writes, and where to; `None` while there is no folder, or something in the draft
    /// is in the way.
    #[must_use]
    pub fn files(&self) -> Option<&Files> {
        self.derived.files.as_ref()?.as_ref().ok()
    }

    /// What saving would do and when that was found out, if it is about these files and this folder.
    #[must_use]
    pub fn save_plan(&self) -> Option<(&Plan, OffsetDateTime)> {
        let files = self.files()?;
        let (seen, at) = self.inputs.session()?.finish.seen.as_ref()?;
        let holds = seen.target == files.target && seen.artifacts == files.artifacts;
        holds.then_some((&seen.plan, *at))
    }

    /// The last plan for the same folder, to be shown until the new one is there.
    #[must_use]
    pub fn shown_plan(&self) -> Option<(&Plan, OffsetDateTime)> {
        let files = self.files()?;
        let (seen, at) = self.inputs.session()?.finish.seen.as_ref()?;
        (seen.target == files.target).then_some((&seen.plan, *at))
    }

    /// Whether the files are on the disk as they would be written now.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        let is_there = |file: &PlannedFile| matches!(file.existing, Existing::Same { .. });
        self.save_plan()
            .is_some_and(|(plan, _)| !plan.files.is_empty() && plan.files.iter().all(is_there))
    }

    /// Whether a file is in the way that the person has to agree about.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        let (Some((plan, _)), Some(work)) = (self.save_plan(), self.work()) else {
            return false;
        };
        let mut files = plan.files.iter();
        files.any(|file| Standing::of(file, work).needs_consent())
    }

    /// Whether the folder is still being looked at, after which the files may be saved.
    #[must_use]
    pub fn awaits_folder(&self) -> bool {
        self.files().is_some() && self.save_plan().is_none()
    }

    /// Whether the files can be saved now.
    #[must_use]
    pub fn may_save(&self) -> bool {
        let overwrite = self.inputs.session().is_some_and(|it| it.finish.overwrite);
        self.save_plan().is_some() && (overwrite || !self.needs_consent())
    }

    /// What to save: what was shown, and which files may be replaced.
    #[must_use]
    pub fn saving(&self) -> Option<(Files, Plan, Vec<PathBuf>)> {
        let (plan, _) = self.save_plan().filter(|_| self.may_save())?;
        let overwrite = self.inputs.session()?.finish.overwrite;
        let work = self.work()?;
        let may_be_replaced =
            |file: &&PlannedFile| overwrite || !Standing::of(file, work).needs_consent();
        let replaced = plan.files.iter().filter(may_be_replaced);
        let replaced = replaced.map(|file| file.path.clone()).collect();
        Some((self.files()?.clone(), plan.clone(), replaced))
    }
}
