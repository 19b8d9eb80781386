//! Step 4: where the files are saved, and what saving would do.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use mta_sts_core::Artifact;
use mta_sts_domains::{SaveForm, Work};
use mta_sts_save::{Existing, PlannedFile, SavePlan, Target};
use time::OffsetDateTime;

use super::State;
use super::inputs::Inputs;
use crate::event::FolderSeen;

/// Step 4: what the person allowed, and what the folder contains.
#[derive(Debug, Default)]
pub struct Finish {
    /// True if the person allowed existing files to be replaced.
    pub overwrite: bool,
    /// True if the person pressed Save before the folder had been read.
    pub save_when_seen: bool,
    seen: Option<(Box<FolderSeen>, OffsetDateTime)>,
}

/// The files to save, and the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    /// The folder or ZIP file.
    pub target: Target,
    /// The files.
    pub artifacts: Arc<Vec<Artifact>>,
}

/// How a file to be saved compares with the existing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// There is no such file yet.
    New,
    /// The same file is already saved.
    Saved,
    /// An earlier version that we saved, unchanged since.
    Earlier,
    /// We saved it, and it was changed since.
    ChangedSince,
    /// A file that we didn’t save.
    Foreign,
}

impl FileStatus {
    /// Compares a file to be saved with the existing one.
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

    /// Whether the person has to agree before the file is replaced.
    #[must_use]
    pub(crate) fn needs_consent(self) -> bool {
        matches!(self, Self::Foreign | Self::ChangedSince)
    }
}

/// Where the files of a domain are saved. A path that ends in .zip is a ZIP file, not a folder.
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
    /// Takes in what a folder contains.
    pub(crate) fn folder_seen(&mut self, seen: Box<FolderSeen>, now: OffsetDateTime) {
        let Some((session, work)) = self.open_work() else {
            return;
        };
        for file in &seen.plan.files {
            if let Existing::Same {
                modified: Some(modified),
            } = file.existing
                // An earlier time can’t be stored, so the person is asked about such a file again.
                && modified >= SystemTime::UNIX_EPOCH
            {
                work.written.insert(file.path.clone(), modified);
            }
        }
        session.finish.seen = Some((seen, now));
    }

    /// Forgets what the folder contained, because files were saved there.
    pub(crate) fn folder_written(&mut self, target: &Target) {
        self.change_session(|session| {
            let seen = session.finish.seen.as_ref();
            if seen.is_some_and(|(seen, _)| seen.target == *target) {
                session.finish = Finish::default();
            }
        });
    }
}

impl State {
    /// The files to save, and the target; `None` without a folder or while the draft is invalid.
    #[must_use]
    pub fn files(&self) -> Option<&Files> {
        self.derived.files.as_ref()?.as_ref().ok()
    }

    /// What saving would do, and when the folder was read, if that is about these files and this
    /// folder.
    #[must_use]
    pub fn save_plan(&self) -> Option<(&SavePlan, OffsetDateTime)> {
        let files = self.files()?;
        let (seen, at) = self.inputs.session()?.finish.seen.as_ref()?;
        let holds = seen.target == files.target && seen.artifacts == files.artifacts;
        holds.then_some((&seen.plan, *at))
    }

    /// The last plan for the same folder. It is shown until the new one arrives.
    #[must_use]
    pub(crate) fn shown_plan(&self) -> Option<(&SavePlan, OffsetDateTime)> {
        let files = self.files()?;
        let (seen, at) = self.inputs.session()?.finish.seen.as_ref()?;
        (seen.target == files.target).then_some((&seen.plan, *at))
    }

    /// Whether the files on the disk are the same as the ones to save.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        let is_there = |file: &PlannedFile| matches!(file.existing, Existing::Same { .. });
        self.save_plan()
            .is_some_and(|(plan, _)| !plan.files.is_empty() && plan.files.iter().all(is_there))
    }

    /// Whether the person has to agree before some file is replaced.
    #[must_use]
    pub(crate) fn needs_consent(&self) -> bool {
        let (Some((plan, _)), Some(work)) = (self.save_plan(), self.work()) else {
            return false;
        };
        let mut files = plan.files.iter();
        files.any(|file| FileStatus::of(file, work).needs_consent())
    }

    /// Whether the folder is still being read. The files can be saved only afterwards.
    #[must_use]
    pub(crate) fn awaits_folder(&self) -> bool {
        self.files().is_some() && self.save_plan().is_none()
    }

    /// Whether the files can be saved now.
    #[must_use]
    pub fn may_save(&self) -> bool {
        let overwrite = self.inputs.session().is_some_and(|it| it.finish.overwrite);
        self.save_plan().is_some() && (overwrite || !self.needs_consent())
    }

    /// What to save: the files, the plan that was shown, and the files that may be replaced.
    #[must_use]
    pub fn saving(&self) -> Option<(Files, SavePlan, Vec<PathBuf>)> {
        let (plan, _) = self.save_plan().filter(|_| self.may_save())?;
        let overwrite = self.inputs.session()?.finish.overwrite;
        let work = self.work()?;
        let may_be_replaced =
            |file: &&PlannedFile| overwrite || !FileStatus::of(file, work).needs_consent();
        let replaced = plan.files.iter().filter(may_be_replaced);
        let replaced = replaced.map(|file| file.path.clone()).collect();
        Some((self.files()?.clone(), plan.clone(), replaced))
    }
}
