//! Background work: the only tokio of the window, and the only file that names the probe or the
//! lab.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use mta_sts_core::{Artifact, Domain, Fact, Facts, Setup, Sighting};
use mta_sts_lab::{Lab, Publication};
use mta_sts_probe::{Endpoints, OpenResolver, Plan, Probe};
use mta_sts_reports::{MOST_FILE_BYTES, Opened};
use mta_sts_save::{Plan as SavePlan, PlannedFile, Target};
use poll_promise::Promise;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;

use crate::command::Published;
use crate::job::Job;
use crate::state::Whom;

/// Starts and owns everything that runs beside the window.
pub struct Runtime {
    handle: Handle,
    tokio: Option<tokio::runtime::Runtime>,
    wake: Arc<dyn Fn() + Send + Sync>,
    practice: Arc<OnceCell<Lab>>,
}

/// What a running task sends.
#[derive(Debug)]
pub enum Message<T> {
    /// A piece of what was asked for.
    Seen(T),
    /// The task could not be started; the sentence is for the person.
    Broken(String),
}

/// What came of saving: the paths, or a sentence.
pub type Saved = Result<Vec<PathBuf>, String>;

/// A facts file that was read, or a sentence.
pub type OpenedFacts = Result<Box<Facts>, String>;

/// A domain of the practice internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PracticeDomain {
    /// The domain.
    pub domain: &'static str,
    /// Its story in a line.
    pub story: &'static str,
}

/// The domains of the practice internet: those that teach most, and all others.
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

/// The public resolvers that can be asked, in order.
#[must_use]
pub fn public_resolver_names(practice: bool) -> Vec<String> {
    if practice {
        let names = mta_sts_lab::PUBLIC_RESOLVER_NAMES;
        return names.map(str::to_owned).to_vec();
    }
    let names = mta_sts_core::public_resolvers().iter();
    names.map(|resolver| resolver.name.clone()).collect()
}

/// Where the practice internet of a running lab is found, as one of its domains sees it.
#[must_use]
pub fn practice_endpoints(lab: &Lab, domain: &str) -> Endpoints {
    let public = lab.public_resolvers().into_iter();
    let public =
        public.map(|it| OpenResolver::new(it.name, it.address, it.https_host, it.https_path));
    Endpoints::practice(
        lab.resolver(),
        lab.routes(),
        lab.trust_root_der(),
        lab.control_hosts_for(domain),
        lab.control_web_host(),
    )
    .with_public_resolvers(public.collect())
}

impl Runtime {
    /// A runtime that calls `wake` whenever there is something to draw.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("network")
            .enable_all()
            .build()?;
        Ok(Self {
            handle: tokio.handle().clone(),
            tokio: Some(tokio),
            wake: Arc::new(wake),
            practice: Arc::new(OnceCell::new()),
        })
    }

    /// Checks a domain; sends each fact when it is seen.
    #[must_use]
    pub fn check(&self, practice: bool, domain: Domain, at: OffsetDateTime) -> Job<Message<Fact>> {
        self.ask(practice, domain, move |probe, plan, teller| async move {
            probe
                .check(&plan, at, |fact| teller.tell(Message::Seen(fact)))
                .await;
        })
    }

    /// Looks at the publication; sends each sighting when it is seen. Leaves those observers alone
    /// that are known, and those public resolvers that the person left out.
    #[must_use]
    pub fn look(&self, practice: bool, domain: Domain, whom: Whom) -> Job<Message<Sighting>> {
        self.ask(practice, domain, |probe, plan, teller| async move {
            let Whom { known, left_out } = whom;
            let probe = probe.without_public_resolvers(&left_out);
            let tell = |sighting| teller.tell(Message::Seen(sighting));
            probe.look(&plan, &known, tell).await;
        })
    }

    /// Runs one question to the network as a job.
    fn ask<T, Question, Answer>(
        &self,
        practice: bool,
        domain: Domain,
        question: Question,
    ) -> Job<Message<T>>
    where
        T: Send + 'static,
        Question: FnOnce(Probe, Plan, Teller<T>) -> Answer + Send + 'static,
        Answer: Future<Output = ()> + Send + 'static,
    {
        let (sender, receiver) = channel();
        let teller = Teller {
            sender,
            wake: Arc::clone(&self.wake),
        };
        let lab = Arc::clone(&self.practice);
        let task = async move {
            let probe = if practice {
                practice_probe(&lab, &domain).await
            } else {
                internet_probe()
            };
            match probe {
                Ok(probe) => question(probe, Plan::new(domain), teller).await,
                Err(sentence) => teller.tell(Message::Broken(sentence)),
            }
        };
        Job::new(receiver, self.handle.spawn(task).abort_handle())
    }

    /// Lets the practice hosts publish one thing of a setup.
    pub fn publish(&self, setup: &Setup, what: Published) -> Promise<Result<(), String>> {
        let domain = setup.domain.as_str().to_owned();
        let nothing = Publication {
            record: None,
            tls_rpt: None,
            policy: None,
        };
        let publication = match what {
            Published::TlsReport => Publication {
                tls_rpt: setup.tls_report_record().map(|record| vec![record.value]),
                ..nothing
            },
            Published::PolicyFile => Publication {
                policy: Some(setup.policy.write().into_bytes()),
                ..nothing
            },
            Published::Announcement => Publication {
                record: Some(vec![setup.announcement_record().value]),
                ..nothing
            },
        };
        let lab = Arc::clone(&self.practice);
        self.promise(async move {
            let lab = running_lab(&lab).await?;
            lab.publish(&domain, &publication)
                .map_err(|error| error.to_string())
        })
    }

    /// Opens the system's dialog for a folder. `None` where the person chose none, or where the
    /// system has no dialog; the two cannot be told apart.
    pub fn pick_folder(&self) -> Promise<Option<PathBuf>> {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Folder for the files")
            .pick_folder();
        self.promise(async move { dialog.await.map(|folder| folder.path().to_owned()) })
    }

    /// Opens the system's dialog for a facts file and reads it. `None` as for a folder.
    pub fn pick_facts(&self) -> Promise<Option<OpenedFacts>> {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Result of a check on another computer")
            .add_filter("Facts of a check", &["json"])
            .pick_file();
        self.promise(async move {
            let file = dialog.await?;
            Some(read_facts(file.path().to_owned()).await)
        })
    }

    /// Reads a facts file.
    pub fn open_facts(&self, path: PathBuf) -> Promise<Option<OpenedFacts>> {
        self.promise(async move { Some(read_facts(path).await) })
    }

    /// Opens the system's dialog for TLS reports and reads them. `None` as for a folder.
    pub fn pick_reports(&self) -> Promise<Option<Opened>> {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("TLS reports")
            .add_filter("TLS reports and mails", &["json", "gz", "zip", "eml"])
            .add_filter("All files", &["*"])
            .pick_files();
        self.promise(async move {
            let files = dialog.await?.into_iter();
            Some(read_reports(files.map(|file| file.path().to_owned()).collect()).await)
        })
    }

    /// Reads TLS reports.
    pub fn open_reports(&self, paths: Vec<PathBuf>) -> Promise<Option<Opened>> {
        self.promise(async move { Some(read_reports(paths).await) })
    }

    /// Says what saving would do.
    pub fn plan(&self, target: Target, artifacts: Vec<Artifact>) -> Promise<Option<SavePlan>> {
        self.promise(async move {
            let plan = move || mta_sts_save::plan(&target, &artifacts);
            tokio::task::spawn_blocking(plan).await.ok()
        })
    }

    /// Shows a file or a folder with the system's own program.
    pub fn open(&self, path: PathBuf) -> Promise<Result<(), String>> {
        self.promise(async move {
            let name = path.display().to_string();
            let failed = |reason: String| format!("{name} could not be opened: {reason}.");
            match tokio::task::spawn_blocking(move || opener::open(path)).await {
                Ok(opened) => opened.map_err(|error| failed(error.to_string())),
                Err(error) => Err(failed(error.to_string())),
            }
        })
    }

    /// Writes the files, if all is as it was shown. Only those may be replaced that are listed.
    pub fn save(
        &self,
        target: Target,
        artifacts: Vec<Artifact>,
        shown: SavePlan,
        replaced: Vec<PathBuf>,
    ) -> Promise<Saved> {
        self.promise(async move {
            let write = move || {
                let may_replace = |file: &PlannedFile| replaced.contains(&file.path);
                mta_sts_save::write(&target, &artifacts, Some(&shown), may_replace)
            };
            match tokio::task::spawn_blocking(write).await {
                Ok(written) => written.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        })
    }

    fn promise<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Promise<T> {
        let _guard = self.handle.enter();
        let wake = Arc::clone(&self.wake);
        Promise::spawn_async(async move {
            let done = work.await;
            wake();
            done
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // A dialog or a look-up that hangs must not keep the program alive.
        if let Some(tokio) = self.tokio.take() {
            tokio.shutdown_timeout(std::time::Duration::from_millis(200));
        }
    }
}

/// Sends messages to the window and wakes it.
pub(crate) struct Teller<T> {
    sender: Sender<Message<T>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl<T> Teller<T> {
    fn tell(&self, message: Message<T>) {
        // Nobody listens any more once the job was dropped; then nothing is lost.
        if self.sender.send(message).is_ok() {
            (self.wake)();
        }
    }
}

/// The largest facts file that is read. Every bound of a check used up stays far below this.
const MOST_FACTS_BYTES: usize = 16 * 1024 * 1024;

async fn read_facts(path: PathBuf) -> OpenedFacts {
    let name = path.display().to_string();
    let read = move || read_at_most(&path, MOST_FACTS_BYTES);
    let bytes = match tokio::task::spawn_blocking(read).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return Err(format!("{name} could not be read: {error}.")),
        Err(error) => return Err(format!("{name} could not be read: {error}.")),
    };
    if bytes.len() > MOST_FACTS_BYTES {
        return Err(format!("{name} is too large to be the facts of a check."));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| format!("{name} could not be read: it is not text in UTF-8."))?;
    Facts::from_json(&text)
        .map(Box::new)
        .map_err(|error| format!("{name}: {error}."))
}

async fn read_reports(paths: Vec<PathBuf>) -> Opened {
    let read = move || {
        let mut opened = Opened::default();
        for path in paths {
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = name.to_string_lossy();
            opened.append(match read_at_most(&path, MOST_FILE_BYTES) {
                Ok(bytes) => mta_sts_reports::open(&name, &bytes),
                Err(error) => Opened::not_read(&name, &error.to_string()),
            });
        }
        opened
    };
    let done = tokio::task::spawn_blocking(read).await;
    done.unwrap_or_else(|error| Opened::not_read("The files", &error.to_string()))
}

/// One byte more may come back, which tells that there was more.
fn read_at_most(path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Made anew for each question: the network, and its resolver, may have changed meanwhile.
fn internet_probe() -> Result<Probe, String> {
    Probe::new(Endpoints::internet()).map_err(|error| error.to_string())
}

async fn running_lab(lab: &OnceCell<Lab>) -> Result<&Lab, String> {
    lab.get_or_try_init(async || Lab::start(mta_sts_lab::scenarios()).await)
        .await
        .map_err(|error| format!("The practice internet could not start: {error}"))
}

async fn practice_probe(lab: &OnceCell<Lab>, domain: &Domain) -> Result<Probe, String> {
    let endpoints = practice_endpoints(running_lab(lab).await?, domain.as_str());
    Probe::new(endpoints).map_err(|error| error.to_string())
}
