//! Every command that a screen can send, with its label and keys. Screens draw and send commands;
//! only [`crate::app`] acts on them.

use std::path::PathBuf;

use eframe::egui::{Key, KeyboardShortcut, Modifiers};
use mta_sts_core::{Domain, Hosting, HttpsAddress, Mode};

use crate::state::{Display, Overlay, SaveForm, Step};

/// A command from a screen or a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show all domains.
    Home,
    /// Show another step.
    Go(Step),
    /// Open a domain.
    Open(Domain),
    /// Switch practice mode on or off.
    Practice(bool),
    /// Check the domain in the field.
    Check,
    /// Check a practice domain.
    CheckPractice(String),
    /// Stop the running check. Its results so far stay.
    StopCheck,
    /// Open the system dialog for a saved check.
    PickFacts,
    /// Read saved checks and TLS reports. A saved check is shown as if it had run here.
    OpenFiles(Vec<PathBuf>),
    /// A text that belongs to no domain was changed.
    TextEdited,
    /// A text of the open domain was changed.
    Edited,
    /// Choose a mode.
    Choose(Mode),
    /// Accept the risk of enforce mode, or take that back.
    AcceptEnforce(bool),
    /// Add the mail server in the field to the list.
    AddMx,
    /// Tick or untick a mail server.
    TickMx {
        /// The mx line.
        pattern: String,
        /// Whether the policy lists it.
        ticked: bool,
    },
    /// Remove a mail server that the person added.
    RemoveMx(String),
    /// Set `max_age`, in seconds.
    MaxAge(u32),
    /// Choose the web host of the policy file.
    Hosting(Option<Hosting>),
    /// Choose the DNS provider, by its short name.
    DnsHost(Option<String>),
    /// Check what is published now.
    Look,
    /// Check a public resolver each time, or skip it.
    AskResolver {
        /// Its name.
        name: String,
        /// Whether to check it.
        ask: bool,
    },
    /// Pause or resume the automatic checks of step 3.
    Pause(bool),
    /// Publish one thing on the practice internet.
    PublishForMe(Published),
    /// Copy a text to the clipboard.
    Copy {
        /// The text.
        text: String,
        /// Its name in the notice.
        what: &'static str,
    },
    /// Open the system dialog for a folder.
    PickFolder,
    /// The folder field was changed.
    FolderEdited,
    /// Choose between a folder and a ZIP file.
    SaveForm(SaveForm),
    /// Allow existing files to be replaced.
    Overwrite(bool),
    /// Show the saved files in the system’s file manager.
    OpenFolder,
    /// Open a page in the browser. The screen has shown its host.
    OpenPage(HttpsAddress),
    /// Write the files.
    Save,
    /// Write the files without leaving step 3, so that they can be uploaded.
    SaveForUpload,
    /// Open the system dialog for TLS reports.
    PickReports,
    /// Stop reading files. What has been read so far isn’t used.
    StopOpening,
    /// Remove every TLS report of the open domain.
    ForgetReports,
    /// Add the domains in the field.
    AddDomains,
    /// Check all domains.
    CheckAll,
    /// Stop the check of all domains. Its results so far stay.
    StopAll,
    /// Remove domains from the list.
    Remove(Vec<Domain>),
    /// Save the table of all domains.
    SaveTable(TableFormat),
    /// Make the text larger or smaller.
    Zoom(Zoom),
    /// Change the display settings.
    Display(Display),
    /// Open an overlay, or close it.
    Show(Option<Overlay>),
    /// The text of the bounce was changed.
    BounceEdited,
    /// Start a change of the mode that is live.
    Prepare(Mode),
    /// Something about the plan of the open domain.
    Plan(PlanCommand),
    /// Set the daily check up, or take it away.
    KeepWatch(bool),
    /// Close the window although unsaved work will be lost.
    CloseAnyway,
}

impl Command {
    /// The label of its button; empty if the label varies.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Home => "Your domains",
            Self::Go(_) | Self::Open(_) => "Open",
            Self::StopCheck | Self::StopAll | Self::StopOpening => "Stop",
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
            Self::Prepare(Mode::Enforce) => "Switch to enforce mode",
            Self::Prepare(Mode::Testing) => "Switch to testing mode",
            Self::Plan(command) => command.words(),
            Self::Show(Some(Overlay::Bounce)) => "Read a bounce",
            Self::KeepWatch(true) => "Check every day",
            Self::KeepWatch(false) => "Stop the daily check",
            Self::CloseAnyway => "Close anyway",
            Self::Zoom(Zoom::In) => "Larger",
            Self::Zoom(Zoom::Out) => "Smaller",
            Self::Zoom(Zoom::Reset) => "100 %",
            _ => "",
        }
    }

    /// The files that it opens.
    pub(crate) fn files(&self) -> Option<&Vec<PathBuf>> {
        match self {
            Self::OpenFiles(paths) => Some(paths),
            _ => None,
        }
    }

    /// Its keyboard shortcuts.
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
            Self::Show(None) | Self::StopCheck | Self::StopAll | Self::StopOpening => &[ESCAPE],
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
    /// The TLS-RPT record.
    TlsReport,
    /// The policy host and its policy file.
    PolicyFile,
    /// The MTA-STS record.
    Record,
}

/// What can be done with the plan of the open domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanCommand {
    /// Show it.
    Show,
    /// Begin one. A move first asks for the new mail servers.
    Begin(PlanKind),
    /// The field for the new mail servers was changed.
    HostsEdited,
    /// Make the plan for the mail servers in the field.
    Make,
    /// Say that the new mail servers were checked in another way, or take that back.
    Vouch(bool),
    /// Put what the current stage publishes into step 2, and go to step 3.
    Publish,
    /// Give the plan up.
    GiveUp,
    /// Clear the plan away once it is done.
    Finish,
    /// Do the current stage on the practice internet.
    DoForMe,
    /// Move the clock of the practice internet forward to the date of the current stage.
    SkipToThatDay,
    /// Break something on the practice internet, to see what senders do.
    Break(Breakage),
}

impl PlanCommand {
    fn words(self) -> &'static str {
        match self {
            Self::Show => "Open the plan",
            Self::Begin(PlanKind::Enforce) => "Plan enforce mode",
            Self::Begin(PlanKind::Move) => "Move to other mail servers",
            Self::Begin(PlanKind::Off) => "Turn off safely",
            Self::Begin(PlanKind::Leave) => "Host the policy yourself",
            Self::Make => "Make the plan",
            Self::Publish => "Next: publish",
            Self::GiveUp => "Give up this plan",
            Self::Finish => "Finish the plan",
            Self::DoForMe => "Do it for me",
            Self::SkipToThatDay => "Skip to that day",
            Self::Break(Breakage::Certificates) => "Let the certificates expire",
            Self::Break(Breakage::MailServers) => "Move mail without telling the policy",
            Self::Break(Breakage::Nothing) => "Repair it",
            Self::HostsEdited | Self::Vouch(_) => "",
        }
    }
}

/// A change that takes days or weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanKind {
    /// From testing to enforce mode.
    Enforce,
    /// To other mail servers.
    Move,
    /// To no MTA-STS.
    Off,
    /// From a hosted policy to one on an own web host.
    Leave,
}

/// What breaks on the practice internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breakage {
    /// No certificate is renewed, and the clock goes on until they expire.
    Certificates,
    /// The MX records name a mail server that the policy doesn’t list.
    MailServers,
    /// What broke is repaired.
    Nothing,
}

/// A change of text size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// Larger.
    In,
    /// Smaller.
    Out,
    /// The default size.
    Reset,
}

/// The file format of the exported table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// For a spreadsheet.
    Csv,
    /// For a program.
    Json,
}

impl TableFormat {
    /// The suggested file name.
    #[must_use]
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "mta-sts-domains.csv",
            Self::Json => "mta-sts-domains.json",
        }
    }
}
