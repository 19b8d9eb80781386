//! A notice on the desktop of the person, if there is one.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A desktop that is busy may take this long. One that hangs must not keep the run from its end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Shows a notice.
///
/// # Errors
/// Why not, as the rest of a sentence.
pub(super) fn show(title: &str, text: &str) -> Result<(), String> {
    let (sender, receiver) = mpsc::channel();
    let (title, text) = (title.to_owned(), text.to_owned());
    thread::spawn(move || sender.send(show_here(&title, &text)));
    receiver
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|_| Err("the desktop doesn’t answer".to_owned()))
}

#[cfg(not(target_os = "macos"))]
fn show_here(title: &str, text: &str) -> Result<(), String> {
    // Some desktops read marks in the text.
    let text = if cfg!(windows) {
        text.to_owned()
    } else {
        without_marks(text)
    };
    let shown = notify_rust::Notification::new()
        .appname("MTA-STS Wizard")
        .summary(title)
        .body(&text)
        .show();
    shown.map(drop).map_err(|error| {
        if cfg!(windows) {
            // The library has only numbers for it.
            "Windows refused it".to_owned()
        } else {
            error.to_string()
        }
    })
}

/// The text is an argument, and so never a part of the script.
#[cfg(target_os = "macos")]
fn show_here(title: &str, text: &str) -> Result<(), String> {
    let script = [
        "on run argv",
        "display notification (item 2 of argv) with title (item 1 of argv)",
        "end run",
    ];
    let lines = script.iter().flat_map(|line| ["-e", line]);
    let shown = std::process::Command::new("/usr/bin/osascript")
        .args(lines)
        .args([title, text])
        .output()
        .map_err(|error| mta_sts_save::not_read(&error))?;
    if shown.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&shown.stderr).trim().to_owned())
    }
}

/// The markup of the Desktop Notifications Specification, taken out.
#[cfg(not(target_os = "macos"))]
fn without_marks(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(all(test, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        assert_eq!(
            without_marks("<a href=\"https://example.com\">a & b</a>"),
            "&lt;a href=\"https://example.com\"&gt;a &amp; b&lt;/a&gt;"
        );
    }
}
