//! One window for one piece of work: a second start hands its files to the window that is open, and
//! ends. Whoever has the lock of the saved work listens.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, Name};
use mta_sts_domains::data_folder;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::time::timeout;

/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(3);
/// The largest request, in bytes. The longest command line of any system is smaller.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
const TAKEN: &str = "taken";

/// What a second start asks of the window that is open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "mta-sts-open/1")]
    files: Vec<PathBuf>,
}

/// Hands the files to the window that is open. Without files, that window comes to the front.
/// Returns false if there is none, or it doesn’t answer.
#[must_use]
pub fn offer(practice: bool, files: &[PathBuf]) -> bool {
    let Some(folder) = data_folder(practice) else {
        return false;
    };
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let offered = tokio.and_then(|tokio| tokio.block_on(offer_in(&folder, files)));
    if let Err(error) = &offered {
        log::info!("no open window took the files: {error}");
    }
    offered.is_ok()
}

async fn offer_in(folder: &Path, files: &[PathBuf]) -> io::Result<()> {
    let files = files.iter().map(std::path::absolute);
    let request = Request {
        files: files.collect::<io::Result<_>>()?,
    };
    let mut line = serde_json::to_vec(&request)?;
    line.push(b'\n');
    let exchange = async {
        let mut stream = LocalSocketStream::connect(address(folder)?).await?;
        stream.write_all(&line).await?;
        let mut answer = String::new();
        BufReader::new(stream.take(64))
            .read_line(&mut answer)
            .await?;
        if answer.trim_end() == TAKEN {
            Ok(())
        } else {
            Err(io::Error::other("it refused them"))
        }
    };
    timeout(PATIENCE, exchange).await?
}

/// Waits for further starts, and passes on what each of them brings. Ends only if the system gives
/// no address to listen at.
pub(crate) async fn listen(folder: &Path, take: impl Fn(Vec<PathBuf>)) -> io::Result<()> {
    // The lock is ours, so what stands here is from a window that is gone.
    #[cfg(unix)]
    let _ = std::fs::remove_file(address_path(folder));
    let listener = ListenerOptions::new()
        .name(address(folder)?)
        .create_tokio()?;
    loop {
        let Ok(stream) = listener.accept().await else {
            // The other side is gone, or there is no room for its connection right now.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        match timeout(PATIENCE, receive(stream)).await {
            Ok(Ok(files)) => take(files),
            Ok(Err(error)) => log::info!("a second start wasn’t understood: {error}"),
            Err(late) => log::info!("a second start said nothing: {late}"),
        }
    }
}

async fn receive(mut stream: LocalSocketStream) -> io::Result<Vec<PathBuf>> {
    let mut line = Vec::new();
    let mut reader = BufReader::new((&mut stream).take(MAX_BYTES));
    reader.read_until(b'\n', &mut line).await?;
    let request: Request = serde_json::from_slice(&line)?;
    stream.write_all(format!("{TAKEN}\n").as_bytes()).await?;
    Ok(request.files)
}

fn address(folder: &Path) -> io::Result<Name<'static>> {
    address_path(folder).to_fs_name::<GenericFilePath>()
}

/// A socket in the folder, which only its owner can enter.
#[cfg(unix)]
fn address_path(folder: &Path) -> PathBuf {
    folder.join("window")
}

/// A pipe with the name of the folder, which is in the user’s own profile.
#[cfg(windows)]
fn address_path(folder: &Path) -> PathBuf {
    let folder = folder.display().to_string().replace(['\\', '/', ':'], "-");
    PathBuf::from(format!(r"\\.\pipe\mta-sts-wizard-{folder}"))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn the_files_of_a_second_start_arrive_with_whole_paths() {
        let folder = tempfile::tempdir().unwrap();
        let (sender, taken) = channel();
        // What a window that was killed leaves behind.
        std::fs::write(folder.path().join("window"), "").unwrap();
        let listening = listen(folder.path(), move |files| sender.send(files).unwrap());
        let starts = async {
            let files = [PathBuf::from("a report.json"), PathBuf::from("/tmp/check")];
            while offer_in(folder.path(), &files).await.is_err() {
                tokio::task::yield_now().await;
            }
            offer_in(folder.path(), &[]).await.unwrap();
            files
        };
        let files = tokio::select! {
            ended = listening => panic!("{ended:?}"),
            files = starts => files,
        };
        let whole = files.map(|file| std::path::absolute(file).unwrap());
        assert_eq!(taken.recv().unwrap(), whole);
        assert_eq!(taken.recv().unwrap(), Vec::<PathBuf>::new());
    }

    #[tokio::test]
    async fn without_a_window_nothing_takes_the_files() {
        let folder = tempfile::tempdir().unwrap();
        assert!(offer_in(folder.path(), &[]).await.is_err());
    }

    #[tokio::test]
    async fn what_is_no_request_is_left_alone_and_the_next_one_is_served() {
        let folder = tempfile::tempdir().unwrap();
        let (sender, taken) = channel();
        let listening = listen(folder.path(), move |files| sender.send(files).unwrap());
        let starts = async {
            for nonsense in ["\n", "{\"mta-sts-open/1\":7}\n", "GET / HTTP/1.1\n", ""] {
                let mut stream = loop {
                    let name = address(folder.path()).unwrap();
                    if let Ok(stream) = LocalSocketStream::connect(name).await {
                        break stream;
                    }
                    tokio::task::yield_now().await;
                };
                stream.write_all(nonsense.as_bytes()).await.unwrap();
            }
            offer_in(folder.path(), &[]).await.unwrap();
        };
        tokio::select! {
            ended = listening => panic!("{ended:?}"),
            () = starts => {}
        }
        assert_eq!(taken.try_iter().count(), 1);
    }
}
