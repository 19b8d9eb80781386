//! Everything that a screen may ask for, with its words and its keys. Screens draw and ask; only
//! [`crate::app`] acts.

use std::path::PathBuf;

use eframe::egui::{Key, KeyboardShortcut, Modifiers};
use mta_sts_core::{Domain, Hosting, Mode};

use crate::state::{Display, Overlay, SaveForm, Step};

/// What a screen asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show all domains.
    Home,
    /// Show another step.
    Go(Step),
    /// Put a domain on the screen.
    Open(Domain),
    /// Use the practice internet, or the real one again.
    Practice(bool),
    /// Check the domain in the field.
    Check,
    /// Check a practice domain.
    CheckPractice(String),
    /// End the running check; what was seen stays.
    StopCheck,
    /// Open the system's dialog for a facts file that was saved elsewhere.
    PickFacts,
    /// Read a facts file and show it as if it had been seen here.
    OpenFacts(PathBuf),
    /// A text of no domain in particular was changed.
    TextEdited,
    /// A text of the domain on the screen was changed.
    Edited,
    /// Choose a mode.
    Choose(Mode),
    /// Choose enforce mode although something is open.
    AcceptEnforce(bool),
    /// Take the mail server in the field into the list.
    AddMx,
    /// Tick a mail server, or take its tick away.
    TickMx {
        /// The mx line.
        pattern: String,
        /// Whether it goes into the policy.
        ticked: bool,
    },
    /// Take a mail server out of the list that the person added.
    RemoveMx(String),
    /// How long senders remember the policy, in seconds.
    MaxAge(u32),
    /// Where the policy file will live.
    Hosting(Option<Hosting>),
    /// Which DNS host's words are used, by its short name.
    DnsHost(Option<String>),
    /// Look at the publication now.
    Look,
    /// Ask a public resolver at each look, or leave it out.
    AskResolver {
        /// Its name.
        name: String,
        /// Whether to ask it.
        ask: bool,
    },
    /// Stop or resume looks that nobody asked for.
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
    /// The folder field was changed.
    FolderEdited,
    /// In which form the files are saved.
    SaveForm(SaveForm),
    /// Let files be replaced that are different.
    Overwrite(bool),
    /// Show the saved files with the system's own program.
    OpenFolder,
    /// Write the files.
    Save,
    /// Write the files without leaving the step, to upload what is to be uploaded.
    SaveForUpload,
    /// Open the system's dialog for TLS reports.
    PickReports,
    /// Read TLS reports.
    OpenReports(Vec<PathBuf>),
    /// Let go of every TLS report of the domain on the screen.
    ForgetReports,
    /// Look after the domains in the field.
    AddDomains,
    /// Check all domains.
    CheckAll,
    /// End the check of all domains; what was seen stays.
    StopAll,
    /// Take domains off the list.
    Remove(Vec<Domain>),
    /// Save the table of all domains.
    SaveTable(TableFormat),
    /// Text a step larger or smaller.
    Zoom(Zoom),
    /// The window looks otherwise from now on.
    Display(Display),
    /// Explain something, show what this program is, or close what lies over the screen.
    Show(Option<Overlay>),
    /// Begin a change of what is live.
    Prepare(Change),
    /// Close the window although its work would be lost.
    CloseAnyway,
}

impl Command {
    /// The words of its button, where they are always the same.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Home => "Your domains",
            Self::Go(_) | Self::Open(_) => "Open",
            Self::StopCheck | Self::StopAll => "Stop",
            Self::AddMx | Self::AddDomains => "Add",
            Self::Look => "Check now",
            Self::Pause(true) => "Pause",
            Self::Pause(false) => "Resume",
            Self::PickFolder => "Browse",
            Self::OpenFolder => "Open folder",
            Self::Save => "Save all",
            Self::SaveForUpload => "Save the files for upload",
            Self::PickReports => "Open reports",
            Self::ForgetReports => "Remove all reports",
            Self::CheckAll => "Check all",
            Self::Remove(_) => "Remove",
            Self::SaveTable(TableFormat::Csv) => "Export CSV",
            Self::SaveTable(TableFormat::Json) => "Export JSON",
            Self::PickFacts => "Open a saved check…",
            Self::Practice(true) => "Try practice mode",
            Self::Practice(false) => "Leave practice",
            Self::Prepare(Change::Enforce) => "Switch to enforce mode",
            Self::Prepare(Change::Testing) => "Switch to testing mode",
            Self::Prepare(Change::MailServers) => "Prepare a mail-server change",
            Self::Prepare(Change::Off) => "Turn off safely",
            Self::CloseAnyway => "Close anyway",
            Self::Zoom(Zoom::In) => "Larger",
            Self::Zoom(Zoom::Out) => "Smaller",
            Self::Zoom(Zoom::Reset) => "100 %",
            _ => "",
        }
    }

    /// The keys that ask for it.
    #[must_use]
    pub fn keys(&self) -> &'static [KeyboardShortcut] {
        match self {
            Self::Home => &[HOME],
            Self::Go(Step::Check) => &[STEP_1],
            Self::Go(Step::Create) => &[STEP_2],
            Self::Go(Step::Publish) => &[STEP_3],
            Self::Go(Step::Finish) => &[STEP_4],
            Self::Check | Self::Look | Self::CheckAll => &[REFRESH],
            Self::Save => &[SAVE],
            Self::Zoom(Zoom::In) => &[LARGER, LARGER_TOO],
            Self::Zoom(Zoom::Out) => &[SMALLER],
            Self::Zoom(Zoom::Reset) => &[USUAL_SIZE],
            Self::Show(Some(Overlay::Help(_))) => &[HELP],
            Self::Show(None) | Self::StopCheck | Self::StopAll => &[ESCAPE],
            _ => &[],
        }
    }
}

const fn with_command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const HOME: KeyboardShortcut = with_command(Key::D);
const STEP_1: KeyboardShortcut = with_command(Key::Num1);
const STEP_2: KeyboardShortcut = with_command(Key::Num2);
const STEP_3: KeyboardShortcut = with_command(Key::Num3);
const STEP_4: KeyboardShortcut = with_command(Key::Num4);
const REFRESH: KeyboardShortcut = with_command(Key::R);
const SAVE: KeyboardShortcut = with_command(Key::S);
const LARGER: KeyboardShortcut = with_command(Key::Plus);
const LARGER_TOO: KeyboardShortcut = with_command(Key::Equals);
const SMALLER: KeyboardShortcut = with_command(Key::Minus);
const USUAL_SIZE: KeyboardShortcut = with_command(Key::Num0);
const HELP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F1);
const ESCAPE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Escape);

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
    /// Back to testing mode, as mail is refused.
    Testing,
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

/// The form in which the table of all domains is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// For a spreadsheet.
    Csv,
    /// For a program.
    Json,
}

impl TableFormat {
    /// The proposed name of the file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "mta-sts-domains.csv",
            Self::Json => "mta-sts-domains.json",
        }
    }
}
