//! One window for one piece of work: a second start hands its files to the window that is open, and
//! ends. Whoever has the lock of the saved work listens.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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
/// How long either side waits before it tries again.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
/// The file that leads to the window: the socket, or the name of the pipe.
const ADDRESS: &str = "window";

/// What a second start asks of the window that is open.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "mta-sts-open/1")]
    files: Vec<OsString>,
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
    let files = files.map(|path| path.map(PathBuf::into_os_string));
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

/// The same for a window that has the lock of the work and may not listen yet.
pub(crate) async fn offer_to_starting(folder: &Path, files: &[PathBuf]) -> bool {
    let until = Instant::now() + PATIENCE;
    while offer_in(folder, files).await.is_err() {
        if Instant::now() > until {
            return false;
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
    true
}

/// Waits for further starts, and passes on what each of them brings. Ends only if the system gives
/// no address to listen at.
pub(crate) async fn listen(folder: &Path, take: impl Fn(Vec<PathBuf>)) -> io::Result<()> {
    let listener = ListenerOptions::new()
        .name(new_address(folder)?)
        .create_tokio()?;
    loop {
        let Ok(stream) = listener.accept().await else {
            // The other side is gone, or there is no room for its connection right now.
            tokio::time::sleep(BETWEEN_TRIES).await;
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
    Ok(request.files.into_iter().map(PathBuf::from).collect())
}

/// A socket in the folder, which only its owner can enter.
#[cfg(unix)]
fn new_address(folder: &Path) -> io::Result<Name<'static>> {
    // The lock is ours, so what stands here is from a window that is gone.
    let _ = std::fs::remove_file(folder.join(ADDRESS));
    address(folder)
}

#[cfg(unix)]
fn address(folder: &Path) -> io::Result<Name<'static>> {
    folder.join(ADDRESS).to_fs_name::<GenericFilePath>()
}

/// Pipes are seen by every user of the computer, who could take a name first. So the name is a new one
/// each time, and stands in a file in the folder.
#[cfg(windows)]
fn new_address(folder: &Path) -> io::Result<Name<'static>> {
    use std::hash::{BuildHasher as _, RandomState};

    let random = || RandomState::new().hash_one(0);
    let name = format!(
        r"\\.\pipe\mta-sts-wizard-{:016x}{:016x}",
        random(),
        random()
    );
    let written = mta_sts_save::write_private(&folder.join(ADDRESS), name.as_bytes());
    written.map_err(io::Error::other)?;
    address(folder)
}

#[cfg(windows)]
fn address(folder: &Path) -> io::Result<Name<'static>> {
    let name = mta_sts_domains::read_bounded(&folder.join(ADDRESS), 100);
    let name = name.map_err(|error| io::Error::other(error.reason()))?;
    let name = String::from_utf8(name).map_err(io::Error::other)?;
    PathBuf::from(name).to_fs_name::<GenericFilePath>()
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
            assert!(offer_to_starting(folder.path(), &files).await);
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
