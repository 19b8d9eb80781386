//! Takes events from the background into the inputs.

use std::sync::Arc;

use mta_sts_core::{Setup, TlsReports};
use mta_sts_reports::Opened;
use time::OffsetDateTime;

use super::inputs::{Inputs, Notice, Overlay};
use crate::event::{Event, OpenedFiles, Picked, Task};

impl Inputs {
    /// Takes in an event. `setup` is the setup of the current draft.
    pub fn take(&mut self, event: Event, setup: Option<&Setup>, now: OffsetDateTime) {
        match event {
            Event::Fact(fact) => self.fold_fact(fact),
            Event::Checked => self.end_check(),
            Event::Looked => self.end_look(setup, now),
            Event::Sighting(sighting) => self.fold_sighting(sighting),
            Event::DomainChecked(facts) => {
                if let Some(batch) = &mut self.home.batch {
                    batch.done += 1;
                }
                if let Some(facts) = facts {
                    self.take_checked(Arc::unwrap_or_clone(facts));
                }
            }
            Event::FolderPicked(Picked::This(folder)) => self.choose_folder(&folder),
            Event::FilesOpened(files) => self.take_files(files),
            Event::FolderSeen(seen) => self.folder_seen(seen, now),
            Event::ReportsLoaded(domain, Ok(reports)) => self.restore_reports(&domain, reports),
            Event::ReportsLoaded(domain, Err(reason)) => {
                self.restore_reports(&domain, TlsReports::default());
                self.notice = Some(Notice::wrong(reason));
            }
            Event::Loaded(mut loaded) => self.restore(&mut loaded),
            Event::Saved(target, saved) => {
                self.folder_written(&target);
                self.notice = Some(match saved {
                    Ok(files) if files.len() == 1 => Notice::ok("1 file saved."),
                    Ok(files) => Notice::ok(format!("{} files saved.", files.len())),
                    Err(sentence) => Notice::wrong(format!("{sentence}.")),
                });
            }
            // The task ended without a result: it couldn’t start, or this program failed.
            Event::Ended(Task::Check) => self.stop_check(),
            Event::Ended(Task::Look) => self.break_look_off(now),
            Event::Ended(Task::Open) => self.end_reading_reports(),
            Event::Ended(Task::CheckAll) => self.home.batch = None,
            other => {
                if let Some(notice) = notice(other) {
                    self.notice = Some(notice);
                }
            }
        }
    }

    /// Takes in the saved checks and the reports of opened files. The last check is shown.
    fn take_files(&mut self, files: OpenedFiles) {
        let OpenedFiles {
            checks,
            refused,
            bounce,
            reports,
        } = files;
        if let Some(text) = bounce {
            self.bounce = text;
            self.overlay = Some(Overlay::Bounce);
        }
        for facts in checks {
            // The answers of a running look must not end up in the opened facts.
            self.stop_look();
            self.import(facts);
        }
        if reports != Opened::default() {
            self.take_reports(reports);
        }
        if !refused.is_empty() {
            let also = self.notice.take().map(|notice| notice.text);
            let sentences: Vec<String> = refused.into_iter().chain(also).collect();
            self.notice = Some(Notice::wrong(sentences.join(" ")));
        }
    }
}

/// The notice for an event that changes nothing else.
fn notice(event: Event) -> Option<Notice> {
    Some(match event {
        Event::FolderPicked(Picked::Nothing) => {
            Notice::nothing("No folder chosen. You can also type a path.")
        }
        Event::FilesPicked(Picked::Nothing) => {
            Notice::nothing("No file chosen. You can also drop files on this window.")
        }
        Event::FolderPicked(Picked::NoDialog) => Notice::attention(
            "This system can’t show a folder dialog. Type the path into the field.",
        ),
        Event::FilesPicked(Picked::NoDialog) => Notice::attention(
            "This system can’t show a file dialog. Drop the file on this window instead.",
        ),
        Event::TableSaved(Picked::NoDialog) => Notice::attention(
            "This system can’t show a file dialog. In a terminal, “mta-sts domains” prints the \
             table.",
        ),
        Event::Watch(Ok(text)) => Notice::ok(text),
        Event::Watch(Err(text)) => Notice::wrong(text),
        Event::TableSaved(Picked::This(Ok(path))) => {
            Notice::ok(format!("Saved as {}.", path.display()))
        }
        Event::TableSaved(Picked::This(Err(text))) => Notice::wrong(format!("{text}.")),
        Event::Failed(text) | Event::Published(Err(text)) | Event::Shown(Err(text)) => {
            Notice::wrong(text)
        }
        _ => return None,
    })
}
