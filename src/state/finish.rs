//! Step 4: where the files go, what saving would do, and what comes after.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use mta_sts_core::Artifact;
use mta_sts_save::{Existing, Plan, PlannedFile, Target};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{State, Step};

/// Step 4: where to save.
#[derive(Debug, Default)]
pub struct Finish {
    /// What is in the folder field.
    pub folder_text: String,
    /// As files in the folder, or as one.
    pub form: SaveForm,
    /// True when the person allowed other files to be replaced.
    pub overwrite: bool,
    /// True once the files of the present draft are saved in the present folder.
    pub saved: bool,
    plan: Option<Planned>,
    looking: Looking,
    /// The files that were saved here, with the time that the disk gave them.
    pub(super) written: BTreeMap<PathBuf, SystemTime>,
}

/// What saving would do, and when that was found out.
#[derive(Debug)]
struct Planned {
    plan: Plan,
    at: OffsetDateTime,
}

/// Whether what is known of the folder still holds.
#[derive(Debug, Default, PartialEq, Eq)]
enum Looking {
    /// It holds.
    #[default]
    No,
    /// It has to be looked at again.
    Due,
    /// It is being looked at.
    Now,
}

/// In which form the files are saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SaveForm {
    /// Each by itself, in a folder.
    #[default]
    Folder,
    /// All in one ZIP file, to send on.
    Zip,
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

impl State {
    /// The folder of the folder field, if it is a whole path. Any other would lead somewhere that
    /// depends on how the program was started.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let folder = PathBuf::from(self.finish.folder_text.trim());
        folder.is_absolute().then_some(folder)
    }

    /// Where the files go.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        let folder = self.folder()?;
        Some(match self.finish.form {
            SaveForm::Folder => Target::Folder(folder),
            SaveForm::Zip => Target::Zip(folder.join(format!("mta-sts-{}.zip", self.domain()?))),
        })
    }

    /// What is known of the folder holds no longer.
    pub fn plan_files(&mut self) {
        self.finish.looking = Looking::Due;
        if self.target().is_none() || self.setup().is_none() {
            self.finish.plan = None;
        }
    }

    /// What to look at in the folder, if it is time to do so. The disk may be slow, so others look.
    pub fn look_at_folder(&mut self) -> Option<(Target, Vec<Artifact>)> {
        if self.step != Step::Finish || self.finish.looking != Looking::Due {
            return None;
        }
        self.finish.looking = Looking::No;
        let target = self.target()?;
        let artifacts = self.artifacts()?.ok()?;
        self.finish.looking = Looking::Now;
        Some((target, artifacts))
    }

    /// Takes over what was found in the folder.
    pub fn folder_seen(&mut self, plan: Plan, now: OffsetDateTime) {
        let finish = &mut self.finish;
        if finish.looking != Looking::Now {
            return;
        }
        finish.looking = Looking::No;
        for file in &plan.files {
            if let Existing::Same {
                modified: Some(modified),
            } = file.existing
            {
                finish.written.insert(file.path.clone(), modified);
            }
        }
        finish.plan = Some(Planned { plan, at: now });
    }

    /// Nobody could say what is in the folder.
    pub fn folder_not_seen(&mut self) {
        self.finish.looking = Looking::No;
        self.finish.plan = None;
    }

    /// Begins to save: where to, what, what was shown, and which files may be replaced.
    #[must_use]
    pub fn saving(&self) -> Option<(Plan, Vec<PathBuf>)> {
        let plan = self.finish.plan()?.clone();
        let may_be_replaced = |file: &&PlannedFile| {
            self.finish.overwrite || !self.finish.standing(file).needs_consent()
        };
        let replaced = plan.files.iter().filter(may_be_replaced);
        let replaced = replaced.map(|file| file.path.clone()).collect();
        Some((plan, replaced))
    }
}

impl Finish {
    /// What saving would do, as far as it is known.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref().map(|planned| &planned.plan)
    }

    /// When the folder was looked at.
    #[must_use]
    pub fn planned_at(&self) -> Option<OffsetDateTime> {
        self.plan.as_ref().map(|planned| planned.at)
    }

    /// Whether the files can be saved now.
    #[must_use]
    pub fn may_save(&self) -> bool {
        let Some(plan) = self.plan().filter(|_| self.looking == Looking::No) else {
            return false;
        };
        let mut files = plan.files.iter();
        self.overwrite || !files.any(|file| self.standing(file).needs_consent())
    }

    /// What a planned file means for what is there.
    #[must_use]
    pub fn standing(&self, file: &PlannedFile) -> Standing {
        match &file.existing {
            Existing::None => Standing::New,
            Existing::Same { .. } => Standing::Saved,
            Existing::Other { modified } => match (self.written.get(&file.path), modified) {
                (None, _) => Standing::Foreign,
                (Some(written), Some(modified)) if written == modified => Standing::Earlier,
                (Some(_), _) => Standing::ChangedSince,
            },
        }
    }
}

impl Standing {
    /// Whether the person has to agree before it is replaced.
    #[must_use]
    pub fn needs_consent(self) -> bool {
        matches!(self, Self::Foreign | Self::ChangedSince)
    }
}
