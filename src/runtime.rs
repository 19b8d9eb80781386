//! Background tasks. Only this module uses tokio, the probe and the lab.

mod dialogs;
mod files;
mod practice;
mod storage;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use mta_sts_core::{Artifact, Domain, HttpsAddress};
use mta_sts_domains::{PracticePublication, PracticeWorld, Store};
use mta_sts_lab::Lab;
use mta_sts_probe::{CheckOptions, Checks, Endpoints, Probe};
use mta_sts_save::{PlannedFile, SavePlan, Target};
use poll_promise::Promise;
use time::OffsetDateTime;
use tokio::sync::OnceCell;
use tokio::task::AbortHandle;

use crate::command::TableFormat;
use crate::event::{Event, EventSender, FolderSeen, Sent, Storage, Task, Wake};
use crate::handover;
use crate::state::Skipped;
use practice::Clock;

pub use storage::SaveWork;

/// How many domains are checked at once.
const JOBS: usize = 16;

/// Starts and owns all background tasks.
pub struct Runtime {
    tokio: Option<tokio::runtime::Runtime>,
    wake: Wake,
    lab: Arc<OnceCell<Lab>>,
    /// The practice internet as the person left it.
    world: PracticeWorld,
    sender: Sender<Sent>,
    events: Receiver<Sent>,
    running: Vec<Running>,
    runs: u64,
}

/// A task that hasn’t ended. Dropping it cancels it and closes its sockets.
struct Running {
    task: Task,
    run: u64,
    work: Option<Work>,
}

/// A task either sends events while it runs, or gives one result.
enum Work {
    Stream(AbortHandle),
    OneShot(Promise<()>),
}

impl Drop for Running {
    fn drop(&mut self) {
        match self.work.take() {
            Some(Work::Stream(handle)) => handle.abort(),
            Some(Work::OneShot(promise)) => promise.abort(),
            None => {}
        }
    }
}

/// A domain of the practice internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PracticeDomain {
    /// The domain.
    pub domain: &'static str,
    /// Its story in one line.
    pub story: &'static str,
}

/// The domains of the practice internet: first the most instructive ones, then the others.
pub fn practice_domains() -> [impl Iterator<Item = PracticeDomain>; 2] {
    let first = mta_sts_lab::instructive();
    let rest = mta_sts_lab::scenarios()
        .get(first.len()..)
        .unwrap_or_default();
    [first, rest].map(|scenarios| {
        scenarios.iter().map(|scenario| PracticeDomain {
            domain: &scenario.domain,
            story: &scenario.story,
        })
    })
}

/// The names of the public resolvers, in order.
#[must_use]
pub(crate) fn public_resolver_names(practice: bool) -> Vec<String> {
    if practice {
        let names = mta_sts_lab::PUBLIC_RESOLVER_NAMES;
        return names.map(str::to_owned).to_vec();
    }
    let names = mta_sts_core::public_resolvers().iter();
    names.map(|resolver| resolver.name.clone()).collect()
}

impl Runtime {
    /// A runtime that calls `wake` whenever there is an event to take.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("network")
            .enable_all()
            .build()?;
        let (sender, events) = channel();
        Ok(Self {
            tokio: Some(tokio),
            wake: Arc::new(wake),
            lab: Arc::new(OnceCell::new()),
            world: PracticeWorld::default(),
            sender,
            events,
            running: Vec::new(),
            runs: 0,
        })
    }

    /// Every event since the last call, without waiting. Events of cancelled runs are dropped.
    pub fn take(&mut self) -> Vec<Event> {
        let mut taken = Vec::new();
        for Sent { task, run, event } in self.events.try_iter() {
            let place = self
                .running
                .iter()
                .position(|it| (it.task, it.run) == (task, run));
            let Some(place) = place else { continue };
            if matches!(event, Event::Ended(_)) {
                self.running.swap_remove(place);
            }
            taken.push(event);
        }
        taken
    }

    /// Whether a task of this kind is running.
    #[must_use]
    pub(crate) fn is_busy(&self, task: Task) -> bool {
        self.running.iter().any(|running| running.task == task)
    }

    /// Whether any task is running that will end.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        let mut running = self.running.iter();
        running.any(|running| running.task != Task::Listen)
    }

    /// Cancels every task of this kind. It sends no more events.
    pub(crate) fn cancel(&mut self, task: Task) {
        self.running.retain(|running| running.task != task);
    }

    /// Cancels every task.
    pub(crate) fn cancel_all(&mut self) {
        self.running.clear();
    }

    /// Follows what the person does to the practice internet. Every cache catches up with it.
    pub(crate) fn follow(&mut self, world: &PracticeWorld) {
        if self.world.ahead() != world.ahead()
            && let Some(lab) = self.lab.get()
        {
            lab.settle();
        }
        self.world.clone_from(world);
    }

    /// Checks a domain, and the hosts that its mail is to move to, and sends each fact as it is seen.
    /// Cancels an earlier check.
    pub fn check(
        &mut self,
        practice: bool,
        domain: Domain,
        planned: Vec<String>,
        at: OffsetDateTime,
    ) {
        self.cancel(Task::Check);
        let clock = self.clock(practice);
        self.ask(
            Task::Check,
            practice,
            domain,
            move |probe, mut options, sender| async move {
                options.planned = planned;
                let send = |fact| sender.send(Event::Fact(clock.fact(fact)));
                probe.check(&options, at - clock.ahead, send).await;
                sender.send(Event::Checked);
            },
        );
    }

    /// The clock of the internet, or of the practice internet.
    fn clock(&self, practice: bool) -> Clock {
        if practice {
            Clock::of(&self.world)
        } else {
            Clock::default()
        }
    }

    /// Checks what is published and sends each sighting as it is seen. Skips caches whose answer
    /// hasn’t expired, and public resolvers that the person left out.
    pub fn look(&mut self, practice: bool, domain: Domain, skipped: Skipped) {
        self.cancel(Task::Look);
        let clock = self.clock(practice);
        self.ask(
            Task::Look,
            practice,
            domain,
            move |probe, options, sender| async move {
                let Skipped { known, left_out } = skipped;
                let probe = probe.without_public_resolvers(&left_out);
                let send = |sighting| sender.send(Event::Sighting(clock.sighting(sighting)));
                probe.look(&options, &known, send).await;
                sender.send(Event::Looked);
            },
        );
    }

    /// Checks many domains, several at a time, and sends the facts of each.
    pub(crate) fn check_all(&mut self, practice: bool, domains: Vec<Domain>) {
        if self.is_busy(Task::CheckAll) {
            return;
        }
        let (lab, world) = (Arc::clone(&self.lab), self.world.clone());
        self.stream(Task::CheckAll, move |sender| async move {
            if let Err(sentence) = check_all(practice, &lab, &world, domains, &sender).await {
                sender.send(Event::Failed(sentence));
            }
        });
    }

    /// Runs a task with a probe for the internet or the practice internet.
    fn ask<Question, Answer>(
        &mut self,
        task: Task,
        practice: bool,
        domain: Domain,
        question: Question,
    ) where
        Question: FnOnce(Probe, CheckOptions, EventSender) -> Answer + Send + 'static,
        Answer: Future<Output = ()> + Send + 'static,
    {
        let (lab, world) = (Arc::clone(&self.lab), self.world.clone());
        self.stream(task, move |sender| async move {
            let probe = if practice {
                practice_probe(&lab, &world, &domain).await
            } else {
                internet_probe()
            };
            match probe {
                Ok(probe) => question(probe, CheckOptions::new(domain), sender).await,
                Err(sentence) => sender.send(Event::Failed(sentence)),
            }
        });
    }

    /// Publishes on the practice internet. What is done there as one stage of a plan shows at once.
    pub fn publish(&mut self, domain: Domain, publication: PracticePublication, at_once: bool) {
        let (lab, world) = (Arc::clone(&self.lab), self.world.clone());
        self.one_shot(Task::Publish, async move {
            let published = match running_lab(&lab, &world).await {
                Ok(lab) => practice::publish(lab, &domain, &publication)
                    .map(|()| {
                        if at_once {
                            lab.settle();
                        }
                    })
                    .map_err(|error| format!("Nothing was published: {error}.")),
                Err(sentence) => Err(sentence),
            };
            Event::Published(published)
        });
    }

    /// Opens the system dialog for a folder. Returns false if another dialog is open.
    pub(crate) fn pick_folder(&mut self) -> bool {
        self.dialog(async { Event::FolderPicked(dialogs::folder().await) })
    }

    /// Opens the system dialog for a saved check. Returns false if another dialog is open.
    pub(crate) fn pick_facts(&mut self) -> bool {
        self.dialog(async { Event::FilesPicked(dialogs::facts_file().await) })
    }

    /// Opens the system dialog for TLS reports. Returns false if another dialog is open.
    pub(crate) fn pick_reports(&mut self) -> bool {
        self.dialog(async { Event::FilesPicked(dialogs::report_files().await) })
    }

    /// Asks where to save the table of all domains, and writes it. Returns false if another dialog
    /// is open.
    pub(crate) fn save_table(&mut self, form: TableFormat, table: String) -> bool {
        self.dialog(async move {
            let picked = dialogs::table_file(form.file_name()).await;
            Event::TableSaved(picked.and_then(|path| write_table(path, table)).await)
        })
    }

    fn dialog(&mut self, work: impl Future<Output = Event> + Send + 'static) -> bool {
        let free = !self.is_busy(Task::Dialog);
        if free {
            self.one_shot(Task::Dialog, work);
        }
        free
    }

    /// Reads saved checks and TLS reports, in files and folders. Several groups may be read at the
    /// same time.
    pub(crate) fn open_files(&mut self, paths: Vec<PathBuf>) {
        self.one_shot(Task::Open, async {
            Event::FilesOpened(files::open(paths).await)
        });
    }

    /// Finds out what saving would do. Cancels an earlier such task.
    pub fn plan(&mut self, target: Target, artifacts: Arc<Vec<Artifact>>) {
        self.cancel(Task::Folder);
        self.blocking(Task::Folder, move || {
            match mta_sts_save::plan(&target, &artifacts) {
                Ok(plan) => Event::FolderSeen(Box::new(FolderSeen {
                    target,
                    artifacts,
                    plan,
                })),
                Err(error) => Event::Failed(format!("{error}.")),
            }
        });
    }

    /// Shows a file or a folder in the system’s own program.
    pub fn show(&mut self, path: PathBuf) {
        self.cancel(Task::Show);
        self.blocking(Task::Show, move || {
            let name = path.display().to_string();
            Event::Shown(opener::open(path).map_err(|error| not_opened(&name, &error)))
        });
    }

    /// Opens a page in the browser.
    pub(crate) fn open_page(&mut self, page: HttpsAddress) {
        self.cancel(Task::Show);
        self.blocking(Task::Show, move || {
            let shown = opener::open_browser(page.as_str());
            Event::Shown(shown.map_err(|error| not_opened(page.as_str(), &error)))
        });
    }

    /// Sets the daily check up, or takes it away, with the command that comes with this program.
    pub(crate) fn keep_watch(&mut self, keep: bool) {
        if !self.is_busy(Task::Watch) {
            self.blocking(Task::Watch, move || Event::Watch(watch::set(keep)));
        }
    }

    /// Writes the files, unless the folder has changed since it was shown. Replaces only the listed
    /// files. Does nothing while files are being written.
    pub fn save(
        &mut self,
        target: Target,
        artifacts: Arc<Vec<Artifact>>,
        shown: SavePlan,
        replaced: Vec<PathBuf>,
    ) {
        if self.is_busy(Task::Save) {
            return;
        }
        self.blocking(Task::Save, move || {
            let may_replace = |file: &PlannedFile| replaced.contains(&file.path);
            let written = mta_sts_save::write(&target, &artifacts, Some(&shown), may_replace);
            let written = written.map_err(|error| error.to_string());
            Event::Saved(target, written)
        });
    }

    /// Reads the work that an earlier run saved, after `before` has written what it still has.
    pub fn load(&mut self, practice: bool, save: SaveWork, before: Option<Storage>) {
        self.cancel(Task::Load);
        let wake = Arc::clone(&self.wake);
        self.blocking(Task::Load, move || {
            drop(before);
            Event::Loaded(Box::new(storage::load(practice, save, wake)))
        });
    }

    /// Waits for a second start, as long as the work in this folder is ours.
    pub(crate) fn listen(&mut self, folder: PathBuf) {
        self.cancel(Task::Listen);
        self.stream(Task::Listen, |sender| async move {
            let take = |files| sender.send(Event::HandedOver(files));
            if let Err(error) = handover::listen(&folder, take).await {
                log::info!("a second start opens a window of its own: {error}");
            }
        });
    }

    /// Offers files to the window that has the work in this folder.
    pub(crate) fn offer(&mut self, folder: PathBuf, files: Vec<PathBuf>) {
        self.one_shot(Task::Offer, async move {
            Event::Offered(handover::offer_to_starting(&folder, &files).await)
        });
    }

    /// Reads the saved TLS reports of a domain.
    pub(crate) fn load_reports(&mut self, folder: PathBuf, domain: Domain) {
        self.blocking(Task::Read, move || {
            let reports = Store::read_reports(&folder, &domain);
            Event::ReportsLoaded(domain, reports)
        });
    }

    fn sender(&mut self, task: Task) -> EventSender {
        self.runs += 1;
        EventSender {
            task,
            run: self.runs,
            events: self.sender.clone(),
            wake: Arc::clone(&self.wake),
        }
    }

    /// Runs a task that sends events while it runs.
    fn stream<Stream>(&mut self, task: Task, stream: impl FnOnce(EventSender) -> Stream)
    where
        Stream: Future<Output = ()> + Send + 'static,
    {
        let sender = self.sender(task);
        let run = sender.run;
        let Some(tokio) = &self.tokio else { return };
        let work = Some(Work::Stream(tokio.spawn(stream(sender)).abort_handle()));
        self.running.push(Running { task, run, work });
    }

    /// Runs a task that gives one event.
    fn one_shot(&mut self, task: Task, work: impl Future<Output = Event> + Send + 'static) {
        let sender = self.sender(task);
        let run = sender.run;
        let Some(tokio) = &self.tokio else { return };
        let _guard = tokio.enter();
        let promise = Promise::spawn_async(async move {
            let event = work.await;
            sender.send(event);
        });
        let work = Some(Work::OneShot(promise));
        self.running.push(Running { task, run, work });
    }

    /// Runs a task that may wait for a disk and gives one event.
    fn blocking(&mut self, task: Task, work: impl FnOnce() -> Event + Send + 'static) {
        self.one_shot(task, async {
            match tokio::task::spawn_blocking(work).await {
                Ok(event) => event,
                Err(error) => {
                    Event::Failed(format!("Something went wrong in this program: {error}."))
                }
            }
        });
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.running.clear();
        // A dialog or a DNS lookup that hangs must not keep the program running.
        if let Some(tokio) = self.tokio.take() {
            tokio.shutdown_timeout(std::time::Duration::from_millis(200));
        }
    }
}

async fn write_table(path: PathBuf, table: String) -> Result<PathBuf, String> {
    let write = move || {
        let written = mta_sts_save::write_whole(&path, table.as_bytes());
        written.map(|()| path).map_err(|error| error.to_string())
    };
    let done = tokio::task::spawn_blocking(write).await;
    done.unwrap_or_else(|error| Err(error.to_string()))
}

/// Checks every domain and sends its facts.
async fn check_all(
    practice: bool,
    lab: &OnceCell<Lab>,
    world: &PracticeWorld,
    domains: Vec<Domain>,
    sender: &EventSender,
) -> Result<(), String> {
    let internet = if practice {
        None
    } else {
        Some(internet_probe()?)
    };
    let clock = if practice {
        Clock::of(world)
    } else {
        Clock::default()
    };
    let mut checks = Checks::new(JOBS);
    let mut waiting = domains.into_iter().enumerate();
    loop {
        while checks.has_room() {
            let Some((place, domain)) = waiting.next() else {
                break;
            };
            let probe = match &internet {
                Some(probe) => probe.clone(),
                None => practice_probe(lab, world, &domain).await?,
            };
            let now = OffsetDateTime::now_utc();
            checks.start(place, probe, CheckOptions::new(domain), now);
        }
        let Some(done) = checks.next().await else {
            return Ok(());
        };
        let seen = done.ok().map(|(_, facts)| Arc::unwrap_or_clone(facts));
        let by_clock = |facts| Arc::new(clock.facts(facts));
        sender.send(Event::DomainChecked(seen.map(by_clock)));
    }
}

/// A new probe for each task, because the network and its resolver may have changed.
fn internet_probe() -> Result<Probe, String> {
    Probe::new(Endpoints::internet()).map_err(|error| no_check(&error))
}

fn no_check(error: &impl std::fmt::Display) -> String {
    format!("The check couldn’t start: {error}.")
}

async fn running_lab<'a>(lab: &'a OnceCell<Lab>, world: &PracticeWorld) -> Result<&'a Lab, String> {
    lab.get_or_try_init(async || practice::start(world).await)
        .await
        .map_err(|error| format!("The practice internet couldn’t start: {error}."))
}

async fn practice_probe(
    lab: &OnceCell<Lab>,
    world: &PracticeWorld,
    domain: &Domain,
) -> Result<Probe, String> {
    let lab = running_lab(lab, world).await?;
    let endpoints = mta_sts_practice::endpoints(lab, domain.as_str());
    let endpoints = endpoints.map_err(|error| no_check(&error))?;
    Probe::new(endpoints).map_err(|error| no_check(&error))
}

fn not_opened(name: &str, error: &opener::OpenError) -> String {
    let reason = match error {
        opener::OpenError::Io(source) => mta_sts_save::not_read(source),
        other => other.to_string(),
    };
    format!("{name} couldn’t be opened: {reason}.")
}

#[cfg(test)]
mod tests;
