//! Copied text stays on the clipboard after the window closes. On X11 it would disappear with the
//! program that copied it, so a second process of this program holds it until something else is
//! copied. On other systems the clipboard does that.

/// Reads a text from standard input and holds it on the clipboard until something else is copied.
/// Runs in the process that is started when the window closes.
#[cfg(target_os = "linux")]
pub fn hold() {
    use std::io::Read as _;

    use arboard::SetExtLinux as _;

    let mut text = String::new();
    let read = std::io::stdin().take(MAX_BYTES).read_to_string(&mut text);
    if let (Ok(_), Ok(mut clipboard)) = (read, arboard::Clipboard::new()) {
        // If this fails, there is no window left to show it.
        let _ = clipboard.set().wait().text(text);
    }
}

/// Keeps the text on the clipboard after this program ends, if it is still there.
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

/// On other systems the clipboard keeps the text.
#[cfg(not(target_os = "linux"))]
pub(crate) fn outlive(_text: &str) {}

/// The argument that makes this program hold a text on the clipboard and do nothing else.
pub const HOLD: &str = "--hold-clipboard";

/// More than any text that can be copied in the window.
#[cfg(target_os = "linux")]
const MAX_BYTES: u64 = 1024 * 1024;
