//! Writes changes on its own thread, so that a slow disk never blocks the window. Only the newest
//! state of each file matters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use mta_sts_core::{Domain, TlsReports};

use crate::store::{Settings, Store};
use crate::work::Work;

/// How long to wait before the next try after a failure, if nothing else is to be written.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// What should be on the disk.
#[derive(Debug)]
enum Write {
    Work(Box<Work>),
    Reports(Domain, Arc<TlsReports>),
    Settings(Settings),
    Remove(Domain),
}

/// Names a file. A later write to the same file replaces an earlier one that is waiting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Settings,
    Work(Domain),
    Reports(Domain),
}

/// Writes to a [`Store`]. Dropping it waits until everything is on the disk.
#[derive(Debug)]
pub struct StateWriter {
    writes: Option<Sender<Write>>,
    failures: Receiver<String>,
    thread: Option<JoinHandle<()>>,
    behind: Arc<AtomicBool>,
}

impl StateWriter {
    /// A writer to this store. `wake` is called when something could not be written.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn new(mut store: Store, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (writes, waiting) = channel();
        let (failed, failures) = channel();
        let behind = Arc::new(AtomicBool::new(false));
        let is_behind = Arc::clone(&behind);
        let thread = std::thread::Builder::new()
            .name("state writer".into())
            .spawn(move || {
                let mut left: Vec<Write> = Vec::new();
                while let Ok(first) = wait(&waiting, !left.is_empty()) {
                    let tried_again = std::mem::take(&mut left).into_iter();
                    let all = tried_again.chain(first).chain(waiting.try_iter());
                    for write in newest(all) {
                        if let Err(reason) = carry_out(&mut store, &write) {
                            left.push(write);
                            let _ = failed.send(reason);
                            wake();
                        }
                    }
                    is_behind.store(!left.is_empty(), Ordering::Relaxed);
                }
            })?;
        Ok(Self {
            writes: Some(writes),
            failures,
            thread: Some(thread),
            behind,
        })
    }

    /// Whether something could not be written. The writer tries again every half minute, and once
    /// more at the end.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed)
    }

    /// Saves the work on one domain.
    pub fn save(&self, work: Work) {
        self.send(Write::Work(Box::new(work)));
    }

    /// Saves the reports of one domain.
    pub fn save_reports(&self, domain: Domain, reports: Arc<TlsReports>) {
        self.send(Write::Reports(domain, reports));
    }

    /// Saves what belongs to no domain.
    pub fn save_settings(&self, settings: Settings) {
        self.send(Write::Settings(settings));
    }

    /// Deletes what was saved of one domain.
    pub fn remove(&self, domain: Domain) {
        self.send(Write::Remove(domain));
    }

    fn send(&self, write: Write) {
        if let Some(writes) = &self.writes {
            let _ = writes.send(write);
        }
    }

    /// Why something could not be written; each failure is returned once.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failures.try_iter().last()
    }
}

/// The next thing to write, or `None` when it is time to try again.
fn wait(waiting: &Receiver<Write>, try_again: bool) -> Result<Option<Write>, RecvError> {
    if !try_again {
        return waiting.recv().map(Some);
    }
    match waiting.recv_timeout(TRY_AGAIN_AFTER) {
        Ok(write) => Ok(Some(write)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Err(RecvError),
    }
}

/// The newest waiting write for each file. Removals come first.
fn newest(all: impl Iterator<Item = Write>) -> impl Iterator<Item = Write> {
    let mut removed = Vec::new();
    let mut writes = BTreeMap::new();
    for write in all {
        let slot = match &write {
            Write::Settings(_) => Slot::Settings,
            Write::Work(work) => Slot::Work(work.domain.clone()),
            Write::Reports(domain, _) => Slot::Reports(domain.clone()),
            Write::Remove(domain) => {
                writes.remove(&Slot::Work(domain.clone()));
                writes.remove(&Slot::Reports(domain.clone()));
                removed.push(write);
                continue;
            }
        };
        writes.insert(slot, write);
    }
    removed.into_iter().chain(writes.into_values())
}

fn carry_out(store: &mut Store, write: &Write) -> Result<(), String> {
    match write {
        Write::Work(work) => store.write(work),
        Write::Reports(domain, reports) => store.write_reports(domain, reports),
        Write::Settings(settings) => store.write_settings(settings),
        Write::Remove(domain) => store.remove(domain),
    }
}

impl Drop for StateWriter {
    fn drop(&mut self) {
        self.writes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str) -> Domain {
        Domain::parse(name).unwrap()
    }

    #[test]
    fn everything_is_on_the_disk_when_the_writer_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let writer = StateWriter::new(Store::lock(folder.path()).unwrap(), || {}).unwrap();
        for name in ["a.example", "b.example", "c.example"] {
            writer.save(Work::new(domain(name)));
        }
        writer.remove(domain("b.example"));
        let mut later = Work::new(domain("a.example"));
        later.folder_text = "later".into();
        writer.save(later.clone());
        drop(writer);
        let read = Store::read(folder.path());
        assert_eq!(read.domains, [later, Work::new(domain("c.example"))]);
        assert!(Store::lock(folder.path()).is_ok(), "the lock is free again");
    }

    #[test]
    fn a_domain_that_was_removed_and_added_again_is_there() {
        let removed = Write::Remove(domain("a.example"));
        let again = Write::Work(Box::new(Work::new(domain("a.example"))));
        let old = Write::Work(Box::new(Work::new(domain("a.example"))));
        let writes: Vec<Write> = newest([old, removed, again].into_iter()).collect();
        assert!(matches!(writes[..], [Write::Remove(_), Write::Work(_)]));
    }

    #[test]
    fn what_cannot_be_written_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::lock(folder.path()).unwrap();
        std::fs::write(folder.path().join("domains"), "in the way").unwrap();
        let (woken, waits) = channel();
        let writer = StateWriter::new(store, move || woken.send(()).unwrap()).unwrap();
        writer.save(Work::new(domain("a.example")));
        waits.recv().unwrap();
        assert!(writer.failure().unwrap().contains("domains"));
        assert_eq!(writer.failure(), None);
    }

    #[test]
    fn what_could_not_be_written_is_written_once_nothing_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::lock(folder.path()).unwrap();
        std::fs::write(folder.path().join("domains"), "in the way").unwrap();
        let (woken, waits) = channel();
        let writer = StateWriter::new(store, move || woken.send(()).unwrap()).unwrap();
        writer.save(Work::new(domain("a.example")));
        waits.recv().unwrap();
        std::fs::remove_file(folder.path().join("domains")).unwrap();
        writer.save(Work::new(domain("b.example")));
        while Store::read(folder.path()).domains.len() < 2 {
            std::thread::yield_now();
        }
        drop(writer);
    }
}
