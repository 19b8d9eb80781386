//! What was copied stays on the clipboard when the window closes. On X11 a copy is gone with the
//! program that made it, so a second process of this program keeps it until something else is
//! copied; elsewhere the system keeps it.

/// Reads a text from standard input and keeps it on the clipboard until another is there. For the
/// process that is started when a window with a copied text closes.
#[cfg(target_os = "linux")]
pub fn hold() {
    use std::io::Read as _;

    use arboard::SetExtLinux as _;

    let mut text = String::new();
    let read = std::io::stdin().take(MOST_BYTES).read_to_string(&mut text);
    if let (Ok(_), Ok(mut clipboard)) = (read, arboard::Clipboard::new()) {
        // Nobody is left to tell when it fails.
        let _ = clipboard.set().wait().text(text);
    }
}

/// Lets the text outlive this program, if it is still what is on the clipboard.
#[cfg(target_os = "linux")]
pub(crate) fn outlive(text: &str) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let is_ours = arboard::Clipboard::new()
        .and_then(|mut clipboard| clipboard.get_text())
        .is_ok_and(|now| now == text);
    let Some(program) = std::env::current_exe().ok().filter(|_| is_ours) else {
        return;
    };
    let started = Command::new(program)
        .arg(HOLD)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        Ok(mut process) => {
            if let Some(mut input) = process.stdin.take() {
                let _ = input.write_all(text.as_bytes());
            }
        }
        Err(error) => log::info!("the copied text is lost: {error}"),
    }
}

/// Elsewhere the system keeps it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn outlive(_text: &str) {}

/// The argument that makes this program keep a text on the clipboard, and do nothing else.
pub const HOLD: &str = "--hold-clipboard";

/// More than anything that can be copied here.
#[cfg(target_os = "linux")]
const MOST_BYTES: u64 = 1024 * 1024;
