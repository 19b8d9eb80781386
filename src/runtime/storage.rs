//! Reads the work that an earlier run saved. Runs on a thread that may wait for a disk.

use std::path::PathBuf;

use directories::UserDirs;
use mta_sts_core::sentence;
use mta_sts_domains::{StateWriter, Store, StoreError, data_folder, legacy_file, migrate};

use crate::event::{Loaded, Storage, Wake};

/// Where work is saved.
#[derive(Clone, Debug, Default)]
pub enum SaveWork {
    /// Nowhere: the work is lost when the window closes.
    #[default]
    No,
    /// In the application data folder of the system.
    Platform,
    /// In this folder, next to the files of versions before 0.2. For tests.
    In(PathBuf),
}

pub(super) fn load(practice: bool, save: SaveWork, wake: Wake) -> Loaded {
    let mut loaded = Loaded::default();
    let (folder, legacy) = match save {
        SaveWork::No => return loaded,
        SaveWork::In(folder) => {
            let name = if practice { "practice" } else { "work" };
            let legacy = folder.join(if practice {
                "practice.json"
            } else {
                "wizard.json"
            });
            (Some(folder.join(name)), Some(legacy))
        }
        SaveWork::Platform => {
            loaded.documents = documents();
            (data_folder(practice), legacy_file(practice))
        }
    };
    let Some(folder) = folder else {
        loaded
            .remarks
            .push(not_saved("This system has no folder for application data."));
        return loaded;
    };
    let mut store = match Store::lock(&folder) {
        Ok(store) => Some(store),
        Err(StoreError::InUse) => {
            let reason = "Another window already has this work open.";
            loaded.remarks.push(not_saved(reason));
            loaded.in_use = Some(folder.clone());
            None
        }
        Err(StoreError::Refused(reason)) => {
            loaded
                .remarks
                .push(not_saved(&format!("{}.", sentence(&reason))));
            None
        }
    };
    if let Some(store) = &mut store {
        loaded.remarks.extend(store.set_aside_after_crash());
    }
    if let (Some(store), Some(legacy)) = (&mut store, legacy)
        && let Err(reason) = migrate(store, &legacy)
    {
        let text = format!("Your work from an earlier version couldn’t be imported. {reason}.");
        loaded.remarks.push(text);
    }
    let read = match &mut store {
        Some(store) => store.read_all(),
        None => Store::read(&folder),
    };
    loaded.domains = read.domains;
    loaded.settings = read.settings;
    loaded.remarks.extend(read.remarks);
    if let Some(domain) = loaded.resumed().cloned() {
        match Store::read_reports(&folder, &domain) {
            Ok(reports) => loaded.reports = Some((domain, reports)),
            Err(reason) => loaded.remarks.push(reason),
        }
    }
    let writer = store.map(|store| StateWriter::new(store, move || wake()));
    match writer {
        Some(Ok(writer)) => loaded.store = Some(Storage { folder, writer }),
        Some(Err(error)) => {
            let reason = mta_sts_save::not_written(&error);
            loaded
                .remarks
                .push(not_saved(&format!("{}.", sentence(&reason))));
        }
        None => {}
    }
    loaded
}

fn not_saved(reason: &str) -> String {
    format!("Your work won’t be saved. {reason}")
}

fn documents() -> Option<PathBuf> {
    let users = UserDirs::new()?;
    let folder = users.document_dir().unwrap_or(users.home_dir());
    Some(folder.to_owned())
}
