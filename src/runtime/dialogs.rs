//! System dialogs. On Linux they need a portal or zenity. Without either, the library behaves as if
//! the person had chosen nothing, so we check for them first.

use std::path::PathBuf;

use rfd::{AsyncFileDialog, FileHandle};

use crate::event::Picked;

impl<T> Picked<T> {
    /// Continues with what was chosen.
    pub(super) async fn and_then<U, Next: Future<Output = U>>(
        self,
        next: impl FnOnce(T) -> Next,
    ) -> Picked<U> {
        match self {
            Self::This(value) => Picked::This(next(value).await),
            Self::Nothing => Picked::Nothing,
            Self::NoDialog => Picked::NoDialog,
        }
    }
}

pub(super) async fn folder() -> Picked<PathBuf> {
    let dialog = AsyncFileDialog::new().set_title("Folder for the files");
    one(dialog.pick_folder()).await
}

pub(super) async fn facts_file() -> Picked<Vec<PathBuf>> {
    let dialog = AsyncFileDialog::new()
        .set_title("Open a saved check")
        .add_filter("Saved checks", &["json"]);
    files(dialog).await
}

pub(super) async fn report_files() -> Picked<Vec<PathBuf>> {
    let dialog = AsyncFileDialog::new()
        .set_title("Open TLS reports")
        .add_filter(
            "TLS reports and e-mails",
            &["json", "gz", "zip", "eml", "mbox"],
        )
        .add_filter("All files", &["*"]);
    files(dialog).await
}

async fn files(dialog: AsyncFileDialog) -> Picked<Vec<PathBuf>> {
    if !is_there().await {
        return Picked::NoDialog;
    }
    match dialog.pick_files().await {
        Some(files) => {
            let paths = files.into_iter().map(|file| file.path().to_owned());
            Picked::This(paths.collect())
        }
        None => Picked::Nothing,
    }
}

pub(super) async fn table_file(name: &str) -> Picked<PathBuf> {
    let dialog = AsyncFileDialog::new()
        .set_title("Export the table")
        .set_file_name(name);
    one(dialog.save_file()).await
}

async fn one(dialog: impl Future<Output = Option<FileHandle>>) -> Picked<PathBuf> {
    if !is_there().await {
        return Picked::NoDialog;
    }
    match dialog.await {
        Some(file) => Picked::This(file.path().to_owned()),
        None => Picked::Nothing,
    }
}

/// Whether the system can show a dialog.
#[cfg(target_os = "linux")]
async fn is_there() -> bool {
    has_zenity() || has_portal().await.unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
async fn is_there() -> bool {
    true
}

#[cfg(target_os = "linux")]
fn has_zenity() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file())
}

/// Whether the portal is on the session bus, or can be started there.
#[cfg(target_os = "linux")]
async fn has_portal() -> zbus::Result<bool> {
    let bus = zbus::Connection::session().await?;
    let bus = zbus::fdo::DBusProxy::new(&bus).await?;
    let names = [bus.list_activatable_names().await?, bus.list_names().await?];
    let portal = "org.freedesktop.portal.Desktop";
    Ok(names.iter().flatten().any(|name| name.as_str() == portal))
}
