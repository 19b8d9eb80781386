//! Events from background tasks to the window, on one channel.
//!
//! Each run of a task has its own number, so that late events of an earlier run can be dropped.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use mta_sts_core::{Artifact, Domain, Fact, Facts, Sighting, TlsReports};
use mta_sts_domains::{Settings, StateWriter, Work};
use mta_sts_reports::Opened;
use mta_sts_save::{SavePlan, Target};

/// Something that happened in the background.
#[derive(Debug)]
pub enum Event {
    /// The running check saw something.
    Fact(Fact),
    /// The running check is complete.
    Checked,
    /// The running check of step 3 saw something.
    Sighting(Sighting),
    /// The running check of step 3 is complete.
    Looked,
    /// One of many domains was checked; `None` if this program failed.
    DomainChecked(Option<Arc<Facts>>),
    /// Something was published on the practice internet, or couldn’t be.
    Published(Result<(), String>),
    /// The folder dialog was closed.
    FolderPicked(Picked<PathBuf>),
    /// Saved checks or TLS reports were chosen.
    FilesPicked(Picked<Vec<PathBuf>>),
    /// Files were read.
    FilesOpened(OpenedFiles),
    /// The table of all domains was written.
    TableSaved(Picked<Result<PathBuf, String>>),
    /// What saving would do.
    FolderSeen(Box<FolderSeen>),
    /// The result of saving, and the target.
    Saved(Target, Result<Vec<PathBuf>, String>),
    /// The result of opening a folder in the system’s file manager, or a page in the browser.
    Shown(Result<(), String>),
    /// What became of the daily job.
    Watch(Result<String, String>),
    /// A second start handed its files over, if it had any.
    HandedOver(Vec<PathBuf>),
    /// Whether the window that has the work took our files.
    Offered(bool),
    /// The work that an earlier run saved.
    Loaded(Box<Loaded>),
    /// The TLS reports of a domain that an earlier run saved.
    ReportsLoaded(Domain, Result<TlsReports, String>),
    /// A task failed. The sentence is for the person.
    Failed(String),
    /// The task has ended, with or without a result. This is the last event of each run.
    Ended(Task),
}

/// The answer of a dialog.
#[derive(Debug)]
pub enum Picked<T> {
    /// The person chose this.
    This(T),
    /// The person chose nothing.
    Nothing,
    /// This system can’t show a dialog.
    NoDialog,
}

/// What was in opened files.
#[derive(Debug, Default)]
pub struct OpenedFiles {
    /// The saved checks.
    pub checks: Vec<Facts>,
    /// A sentence for each saved check that couldn’t be read.
    pub refused: Vec<String>,
    /// A bounce.
    pub bounce: Option<String>,
    /// The TLS reports, and what is nothing of all that.
    pub reports: Opened,
}

/// What a folder contains, compared with the files to save.
#[derive(Debug)]
pub struct FolderSeen {
    /// The folder or ZIP file.
    pub target: Target,
    /// The files to save.
    pub artifacts: Arc<Vec<Artifact>>,
    /// What saving would do.
    pub plan: SavePlan,
}

/// The work that an earlier run saved.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The domains.
    pub domains: Vec<Work>,
    /// The settings, which belong to no domain.
    pub settings: Settings,
    /// The TLS reports of the domain that will be opened. Its next steps can depend on them.
    pub reports: Option<(Domain, TlsReports)>,
    /// What could not be read, and why work can’t be saved, if so.
    pub remarks: Vec<String>,
    /// Where work is saved from now on.
    pub store: Option<Storage>,
    /// The folder of the work, if another window has it.
    pub in_use: Option<PathBuf>,
    /// The documents folder, if the system has one.
    pub documents: Option<PathBuf>,
}

impl Loaded {
    /// The domain to resume: the one that was open, or the only one.
    #[must_use]
    pub(crate) fn resumed(&self) -> Option<&Domain> {
        let known = |wanted: &&Domain| self.domains.iter().any(|work| work.domain == **wanted);
        let only = match &self.domains[..] {
            [work] => Some(&work.domain),
            _ => None,
        };
        self.settings.open.as_ref().filter(known).or(only)
    }
}

/// Where work is saved.
#[derive(Debug)]
pub struct Storage {
    /// The folder.
    pub folder: PathBuf,
    /// Writes to it.
    pub writer: StateWriter,
}

/// The kinds of work in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// A check of one domain.
    Check,
    /// A check of what is published, in step 3.
    Look,
    /// A check of many domains.
    CheckAll,
    /// Something is published on the practice internet.
    Publish,
    /// A system dialog is open.
    Dialog,
    /// The saved TLS reports of a domain are read.
    Read,
    /// Files that the person opened are read.
    Open,
    /// A folder is read.
    Folder,
    /// Files are written.
    Save,
    /// A folder is opened in the system’s file manager.
    Show,
    /// Setting up the daily job.
    Watch,
    /// Saved work is read.
    Load,
    /// The window waits for a second start.
    Listen,
    /// Our files are offered to the window that has the work.
    Offer,
}

/// An event with the task and the run that sent it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) task: Task,
    pub(crate) run: u64,
    pub(crate) event: Event,
}

/// Wakes the window.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// Sends the events of one run and wakes the window after each. When dropped, it sends
/// [`Event::Ended`], so the window also learns of a task that was cancelled or panicked.
pub(crate) struct EventSender {
    pub(crate) task: Task,
    pub(crate) run: u64,
    pub(crate) events: Sender<Sent>,
    pub(crate) wake: Wake,
}

impl EventSender {
    pub(crate) fn send(&self, event: Event) {
        let (task, run) = (self.task, self.run);
        // Sending fails only after the window has closed, when no one needs the event.
        if self.events.send(Sent { task, run, event }).is_ok() {
            (self.wake)();
        }
    }
}

impl Drop for EventSender {
    fn drop(&mut self) {
        self.send(Event::Ended(self.task));
    }
}
