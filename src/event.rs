//! Everything that the background tells the window, on one channel.
//!
//! Each run of a task has a number of its own, so an answer to an old question is told from one to
//! the present question, and is let go.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use mta_sts_core::{Artifact, Domain, Fact, Facts, Sighting, TlsReports};
use mta_sts_domains::{Settings, StateWriter, Work};
use mta_sts_reports::Opened;
use mta_sts_save::{Plan as SavePlan, Target};

/// Something that happened in the background.
#[derive(Debug)]
pub enum Event {
    /// The running check saw something.
    Fact(Fact),
    /// The running check has seen everything that it can see.
    Checked,
    /// The running look at the publication saw something.
    Sighting(Sighting),
    /// The running look has seen everything that it can see.
    Looked,
    /// One of many domains was checked; `None` where that went wrong in this program.
    DomainChecked(Option<Arc<Facts>>),
    /// The practice hosts published something.
    Published(Result<(), String>),
    /// The person chose a folder, or did not.
    FolderPicked(Picked<PathBuf>),
    /// A facts file was chosen and read.
    FactsOpened(Picked<Result<Box<Facts>, String>>),
    /// TLS reports were chosen and read.
    ReportsOpened(Picked<Opened>),
    /// The table of all domains was written.
    TableSaved(Picked<Result<PathBuf, String>>),
    /// What saving would do.
    FolderSeen(Box<FolderSeen>),
    /// What came of saving, and where to.
    Saved(Target, Result<Vec<PathBuf>, String>),
    /// What came of opening a folder in the system's own program.
    Shown(Result<(), String>),
    /// What was saved by an earlier run.
    Loaded(Box<Loaded>),
    /// The TLS reports of a domain that were saved by an earlier run.
    ReportsLoaded(Domain, Result<TlsReports, String>),
    /// A task could not do its work; the sentence is for the person.
    Failed(String),
    /// The task has come to its end, however that was. The last event of each run.
    Ended(Task),
}

/// The answer of a dialog.
#[derive(Debug)]
pub enum Picked<T> {
    /// The person chose this.
    This(T),
    /// The person chose nothing.
    Nothing,
    /// This system has no dialog to choose with.
    NoDialog,
}

/// What a folder holds beside what would be written there.
#[derive(Debug)]
pub struct FolderSeen {
    /// Where to.
    pub target: Target,
    /// What.
    pub artifacts: Arc<Vec<Artifact>>,
    /// What saving would do.
    pub plan: SavePlan,
}

/// What was saved by an earlier run.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The domains.
    pub domains: Vec<Work>,
    /// What belongs to no domain.
    pub settings: Settings,
    /// The TLS reports of the domain that will be on the screen: what it may do can rest on them.
    pub reports: Option<(Domain, TlsReports)>,
    /// What could not be read, and why work is not saved where it is not.
    pub remarks: Vec<String>,
    /// Where work is saved from now on.
    pub store: Option<Storage>,
    /// The folder for documents, where the system names one.
    pub documents: Option<PathBuf>,
}

impl Loaded {
    /// The domain to go on with: the one that was on the screen, else the only one.
    #[must_use]
    pub fn resumed(&self) -> Option<&Domain> {
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
    /// A look at the publication.
    Look,
    /// A check of many domains.
    CheckAll,
    /// The practice hosts publish something.
    Publish,
    /// A dialog of the system is open.
    Dialog,
    /// A file is read.
    Read,
    /// A folder is looked at.
    Folder,
    /// Files are written.
    Save,
    /// A folder is opened in the system's own program.
    Show,
    /// Saved work is read.
    Load,
}

/// An event, and which run of which task sent it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) task: Task,
    pub(crate) run: u64,
    pub(crate) event: Event,
}

/// Wakes the window.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// Sends the events of one run, and wakes the window after each. When it is dropped, however the
/// task ended, it sends [`Event::Ended`]: the window learns of an end that nobody else tells.
pub(crate) struct EventSender {
    pub(crate) task: Task,
    pub(crate) run: u64,
    pub(crate) events: Sender<Sent>,
    pub(crate) wake: Wake,
}

impl EventSender {
    pub(crate) fn send(&self, event: Event) {
        let (task, run) = (self.task, self.run);
        // Nobody listens any more once the window is gone; then nothing is lost.
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
