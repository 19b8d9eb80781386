//! Everything a screen may ask for. Screens draw and ask; only [`crate::app`] acts.

use std::path::PathBuf;

use mta_sts_core::Mode;

use crate::state::{Overlay, Step};

/// A wish of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show another step.
    Go(Step),
    /// Use the practice internet, or the real one again.
    Practice(bool),
    /// Check the domain in the field.
    Check,
    /// Put a practice domain into the field and check it.
    CheckPractice(String),
    /// End the running check; what was seen stays.
    StopCheck,
    /// Open the system's dialog for a facts file that was saved elsewhere.
    PickFacts,
    /// Read a facts file and show it as if it had been seen here.
    OpenFacts(PathBuf),
    /// A text that only waits to be used was changed.
    Edited,
    /// The draft was changed.
    DraftChanged,
    /// Choose a mode.
    Choose(Mode),
    /// Take the mail server in the field into the list.
    AddMx,
    /// Look at the publication now.
    Look,
    /// Ask a public resolver at each look, or leave it out.
    AskResolver {
        /// Its name.
        name: String,
        /// Whether to ask it.
        ask: bool,
    },
    /// Stop or resume looking of its own accord.
    Pause(bool),
    /// Let the practice hosts publish one thing.
    PublishForMe(Published),
    /// Put a text on the clipboard; the word names it in the notice.
    Copy {
        /// The text.
        text: String,
        /// What it is.
        what: &'static str,
    },
    /// Open the system's dialog for a folder.
    PickFolder,
    /// The folder field, or the form of saving, was changed.
    FolderChanged,
    /// Show the saved files with the system's own program.
    OpenFolder,
    /// Write the files.
    Save,
    /// Open the system's dialog for TLS reports.
    PickReports,
    /// Read TLS reports.
    OpenReports(Vec<PathBuf>),
    /// Let go of every TLS report.
    ForgetReports,
    /// Text a step larger or smaller.
    Zoom(Zoom),
    /// The window looks otherwise from now on.
    DisplayChanged,
    /// Explain something, show what this program is, or close what lies over the screen.
    Show(Option<Overlay>),
    /// Begin a change of what is live.
    Prepare(Change),
    /// Close the window although its work would be lost.
    CloseAnyway,
}

/// A part of the publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The TLS report record.
    TlsReport,
    /// The web address and the policy file on it.
    PolicyFile,
    /// The announcement record.
    Announcement,
}

/// A change of what is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// From testing to enforce mode.
    Enforce,
    /// Another mail server.
    MailServers,
    /// Turning it off.
    Off,
}

/// A change of text size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// Larger.
    In,
    /// Smaller.
    Out,
    /// As at the beginning.
    Reset,
}
