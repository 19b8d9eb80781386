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
    /// Whether the window is about to draw what was read.
    Starting(bool),
}

/// Names a file. A later write to the same file replaces an earlier one that is waiting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Starting,
    Settings,
    Work(Domain),
    Reports(Domain),
}

/// Writes to a [`Store`]. Dropping it waits until everything is on the disk.
#[derive(Debug)]
pub struct StateWriter {
    writes: Option<Sender<Write>>,
    failures: Receiver<String>,
    remarks: Receiver<String>,
    thread: Option<JoinHandle<()>>,
    behind: Arc<AtomicBool>,
}

impl StateWriter {
    /// A writer to this store. `wake` is called when something could not be written, or only in
    /// part.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn new(mut store: Store, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (writes, waiting) = channel();
        let (failed, failures) = channel();
        let (remarked, remarks) = channel();
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
                        match carry_out(&mut store, &write) {
                            Ok(None) => {}
                            Ok(Some(remark)) => {
                                let _ = remarked.send(remark);
                                wake();
                            }
                            Err(reason) => {
                                left.push(write);
                                let _ = failed.send(reason);
                                wake();
                            }
                        }
                    }
                    is_behind.store(!left.is_empty(), Ordering::Relaxed);
                }
            })?;
        Ok(Self {
            writes: Some(writes),
            failures,
            remarks,
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

    /// The window is about to draw what was read. If the program dies before
    /// [`StateWriter::started`], the next start sets the work aside.
    pub fn starting(&self) {
        self.send(Write::Starting(true));
    }

    /// The window has drawn what was read.
    pub fn started(&self) {
        self.send(Write::Starting(false));
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

    /// What was left out of something that was written, in a sentence; each is returned once.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        self.remarks.try_iter().last()
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
            Write::Starting(_) => Slot::Starting,
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

/// Writes one thing. Returns what had to be left out of it, in a sentence.
fn carry_out(store: &mut Store, write: &Write) -> Result<Option<String>, String> {
    match write {
        Write::Work(work) => store.write(work)?,
        Write::Reports(domain, reports) => {
            let left_out = store.write_reports(domain, reports)?;
            return Ok((left_out > 0).then(|| {
                format!(
                    "The TLS reports of {domain} are too large to save all of them. The oldest \
                     {left_out} were left out."
                )
            }));
        }
        Write::Settings(settings) => store.write_settings(settings)?,
        Write::Remove(domain) => store.remove(domain)?,
        Write::Starting(begins) => store.mark_start(*begins),
    }
    Ok(None)
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
    fn a_program_that_dies_before_its_first_frames_leaves_a_mark_and_any_other_none() {
        let folder = tempfile::tempdir().unwrap();
        let crashed = |calls: &dyn Fn(&StateWriter)| {
            let writer = StateWriter::new(Store::lock(folder.path()).unwrap(), || {}).unwrap();
            writer.save(Work::new(domain("a.example")));
            calls(&writer);
            drop(writer);
            let mut store = Store::lock(folder.path()).unwrap();
            store.set_aside_after_crash().is_some()
        };
        assert!(crashed(&StateWriter::starting));
        assert!(!crashed(&|_| ()));
        assert!(!crashed(&|writer| {
            writer.starting();
            writer.started();
        }));
    }

    #[test]
    fn reports_that_had_to_go_are_counted_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::lock(folder.path()).unwrap();
        let (woken, waits) = channel();
        let writer = StateWriter::new(store, move || woken.send(()).unwrap()).unwrap();
        let reports = crate::store::large_reports(9);
        writer.save_reports(domain("a.example"), reports.into());
        waits.recv().unwrap();
        let remark = writer.remark().unwrap();
        assert!(remark.contains("The oldest 2 were left out"), "{remark}");
        assert_eq!((writer.remark(), writer.failure()), (None, None));
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
