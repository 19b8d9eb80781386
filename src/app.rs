//! The wizard as an [`eframe::App`]: `logic` takes in what the background sent and acts on wishes,
//! `ui` draws the screens in their surroundings.

mod surroundings;

use std::io;
use std::time::Duration as StdDuration;

use eframe::egui::{self, Context, Ui};
use mta_sts_core::{Fact, Mode, Sighting};
use mta_sts_reports::Opened;
use mta_sts_save::Plan as SavePlan;
use poll_promise::Promise;
use time::OffsetDateTime;

use crate::clipboard;
use crate::command::{Change, Command, Published, Zoom};
use crate::job::Job;
use crate::kept::Keeper;
use crate::keyboard;
use crate::runtime::{Message, OpenedFacts, Runtime, Saved};
use crate::state::{Mark, Notice, Overlay, State, Step};
use crate::theme;
use crate::window::remembered;

/// The wizard.
pub struct Wizard {
    state: State,
    runtime: Runtime,
    check: Option<Job<Message<Fact>>>,
    look: Option<Job<Message<Sighting>>>,
    publishing: Option<Promise<Result<(), String>>>,
    picking: Option<Promise<Option<std::path::PathBuf>>>,
    opening: Option<Promise<Option<OpenedFacts>>>,
    /// Several, as files may be dropped one after the other.
    reading: Vec<Promise<Option<Opened>>>,
    planning: Option<Promise<Option<SavePlan>>>,
    saving: Option<Promise<Saved>>,
    showing: Option<Promise<Result<(), String>>>,
    keeper: Option<Keeper>,
    wishes: Vec<Command>,
    title: String,
    /// Whether work is remembered, where another window does not remember it already.
    remembers: bool,
    /// Whether there is something new to remember.
    changed: bool,
    /// Whether the person wants the window closed as soon as nothing is in the way.
    closing: bool,
    /// What was copied last.
    copied: String,
}

impl Wizard {
    /// A wizard that goes on from where the last one was left, and remembers its work.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn remembering(ctx: &Context, practice: bool) -> io::Result<Self> {
        let (state, keeper) = remembered(practice);
        let wizard = Self::new(ctx, state)?;
        Ok(Self {
            remembers: true,
            keeper,
            ..wizard
        })
    }

    /// A wizard over a state. Nothing of it is kept.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(ctx: &Context, state: State) -> io::Result<Self> {
        theme::apply_fonts(ctx);
        theme::apply(ctx, state.display);
        let wake = ctx.clone();
        let runtime = Runtime::new(move || wake.request_repaint())?;
        Ok(Self {
            state,
            runtime,
            check: None,
            look: None,
            publishing: None,
            picking: None,
            opening: None,
            reading: Vec::new(),
            planning: None,
            saving: None,
            showing: None,
            remembers: false,
            changed: false,
            closing: false,
            copied: String::new(),
            keeper: None,
            wishes: Vec::new(),
            title: String::new(),
        })
    }

    /// Begins with facts that were saved on another computer.
    pub fn open_facts(&mut self, path: std::path::PathBuf) {
        self.wishes.push(Command::OpenFacts(path));
    }

    /// What the wizard knows now.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    fn poll_check(&mut self, now: OffsetDateTime) {
        let Some(job) = &self.check else { return };
        let state = &mut self.state;
        let taken = job.take(|message| match message {
            Message::Seen(fact) => state.fold_fact(fact),
            Message::Broken(sentence) => state.notice = Some(wrong(sentence)),
        });
        self.changed |= taken.any || taken.ended;
        if taken.ended {
            self.check = None;
            self.state.end_check(now);
        } else if taken.any {
            self.state.judge_again();
        }
    }

    fn poll_look(&mut self, now: OffsetDateTime) {
        let Some(job) = &self.look else { return };
        let state = &mut self.state;
        let taken = job.take(|message| match message {
            Message::Seen(sighting) => state.fold_sighting(sighting),
            Message::Broken(sentence) => state.notice = Some(wrong(sentence)),
        });
        self.changed |= taken.ended;
        if taken.ended {
            self.look = None;
            self.state.end_look(now);
        } else if taken.any {
            self.state.compare_again();
        }
    }

    fn poll_promises(&mut self, now: OffsetDateTime) {
        if let Some(published) = take_ready(&mut self.publishing) {
            match published {
                Ok(()) => self.begin_look(now),
                Err(sentence) => self.state.notice = Some(wrong(sentence)),
            }
        }
        if let Some(picked) = take_ready(&mut self.picking) {
            match picked {
                Some(folder) => {
                    self.changed = true;
                    self.state.finish.folder_text = folder.display().to_string();
                    self.folder_changed();
                }
                None => {
                    self.state.notice = Some(Notice {
                        mark: Mark::NotChecked,
                        text: "No folder was chosen. You can also type its path.".into(),
                    });
                }
            }
        }
        if let Some(opened) = take_ready(&mut self.opening) {
            match opened {
                Some(Ok(facts)) => {
                    // A running check must not pour its answers into what was opened.
                    (self.check, self.look) = (None, None);
                    self.changed = true;
                    self.state.import(*facts, now);
                }
                Some(Err(sentence)) => self.state.notice = Some(wrong(sentence)),
                None => {
                    self.state.notice = Some(Notice {
                        mark: Mark::NotChecked,
                        text: "No file was chosen. You can also drop it on this window.".into(),
                    });
                }
            }
        }
        for reading in std::mem::take(&mut self.reading) {
            match reading.try_take() {
                Ok(Some(opened)) => {
                    self.changed = true;
                    self.state.take_reports(opened, now);
                }
                Ok(None) => {
                    self.state.notice = Some(Notice {
                        mark: Mark::NotChecked,
                        text: "No file was chosen. You can also drop reports on this window."
                            .into(),
                    });
                }
                Err(waiting) => self.reading.push(waiting),
            }
        }
        if let Some(seen) = take_ready(&mut self.planning) {
            if let Some(plan) = seen {
                self.state.folder_seen(plan, now);
            } else {
                self.state.folder_not_seen();
                self.state.notice = Some(wrong("The folder could not be looked at."));
            }
        }
        if let Some(Err(sentence)) = take_ready(&mut self.showing) {
            self.state.notice = Some(wrong(sentence));
        }
        if let Some(saved) = take_ready(&mut self.saving) {
            self.changed = true;
            self.state.notice = Some(match saved {
                Ok(files) => {
                    self.state.finish.saved = true;
                    self.state.finish.overwrite = false;
                    Notice {
                        mark: Mark::Ok,
                        text: match files.len() {
                            1 => "1 file saved.".into(),
                            count => format!("{count} files saved."),
                        },
                    }
                }
                Err(sentence) => {
                    self.closing = false;
                    wrong(format!("{sentence}."))
                }
            });
            self.state.plan_files();
        }
    }

    /// Lets somebody else look at the folder: a disk may be slow.
    fn look_at_folder(&mut self) {
        if let Some((target, artifacts)) = self.state.look_at_folder() {
            self.planning = Some(self.runtime.plan(target, artifacts));
        }
    }

    /// Holds the window open while files are written, and where work would be lost unasked.
    fn close_when_asked(&mut self, ctx: &Context) {
        let keep_open = || ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        if ctx.input(|input| input.viewport().close_requested()) {
            if self.saving.is_some() {
                self.closing = true;
                keep_open();
                self.state.notice = Some(Notice {
                    mark: Mark::Waiting,
                    text: "Writing the files. The window closes when they are on the disk.".into(),
                });
            } else if self.would_lose_work() && !self.closing {
                self.state.overlay = Some(Overlay::CloseUnsaved);
                keep_open();
            }
        } else if self.closing && self.saving.is_none() {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    /// Whether there is work that neither the state file nor a folder holds.
    fn would_lose_work(&self) -> bool {
        let is_work = self.state.draft.is_some() && !self.state.practice;
        self.keeper.is_none() && is_work && !self.state.finish.saved
    }

    /// Starts the look that is due, or says when to wake up for it.
    fn look_when_due(&mut self, ctx: &Context, now: OffsetDateTime) {
        let Some(due) = self.state.publish.next_look else {
            return;
        };
        if self.state.step != Step::Publish || self.look.is_some() {
            return;
        }
        if due <= now {
            self.begin_look(now);
        } else {
            // Once a second while a count-down is on the screen.
            let wait = StdDuration::try_from(due - now).unwrap_or_default();
            ctx.request_repaint_after(wait.min(StdDuration::from_secs(1)));
        }
    }

    fn begin_check(&mut self, now: OffsetDateTime) {
        self.check = None;
        self.look = None;
        if let Some(domain) = self.state.begin_check(now) {
            self.check = Some(self.runtime.check(self.state.practice, domain, now));
        }
    }

    fn begin_look(&mut self, now: OffsetDateTime) {
        if let Some((domain, whom)) = self.state.begin_look(now) {
            self.look = Some(self.runtime.look(self.state.practice, domain, whom));
        }
    }

    fn folder_changed(&mut self) {
        self.state.finish.saved = false;
        self.state.finish.overwrite = false;
        self.state.plan_files();
    }

    fn act(&mut self, ctx: &Context, command: Command, now: OffsetDateTime) {
        self.changed = true;
        if !matches!(
            command,
            Command::Zoom(_) | Command::Edited | Command::DisplayChanged | Command::Show(_)
        ) {
            self.state.notice = None;
        }
        match command {
            Command::Edited => {}
            Command::Go(step) => self.state.go(step, now),
            Command::Practice(practice) => self.change_world(practice),
            Command::Check => self.begin_check(now),
            Command::CheckPractice(domain) => {
                self.state.check.domain_text = domain;
                self.begin_check(now);
            }
            Command::StopCheck => {
                self.check = None;
                self.state.stop_check();
            }
            Command::PickFacts => self.opening = Some(self.runtime.pick_facts()),
            Command::OpenFacts(path) => self.opening = Some(self.runtime.open_facts(path)),
            Command::DraftChanged => self.state.draft_changed(now),
            Command::Choose(mode) => {
                if let Some(draft) = &mut self.state.draft {
                    draft.choose(mode);
                }
                self.state.draft_changed(now);
            }
            Command::AddMx => self.add_mx(now),
            Command::Look => self.begin_look(now),
            Command::AskResolver { name, ask } => self.state.publish.ask(name, ask),
            Command::Pause(paused) => self.state.pause(paused, now),
            Command::PublishForMe(what) => self.publish_for_me(what),
            Command::Copy { text, what } => {
                self.copied.clone_from(&text);
                ctx.copy_text(text);
                self.state.notice = Some(Notice {
                    mark: Mark::Ok,
                    text: format!("Copied: {what}."),
                });
            }
            Command::PickFolder => self.picking = Some(self.runtime.pick_folder()),
            Command::FolderChanged => self.folder_changed(),
            Command::OpenFolder => self.open_folder(),
            Command::Save => self.save(),
            Command::PickReports => self.reading.push(self.runtime.pick_reports()),
            Command::OpenReports(paths) => self.reading.push(self.runtime.open_reports(paths)),
            Command::ForgetReports => self.state.forget_reports(),
            Command::Zoom(zoom) => {
                match zoom {
                    Zoom::In => self.state.display.resize_text(1.0),
                    Zoom::Out => self.state.display.resize_text(-1.0),
                    Zoom::Reset => self.state.display.text_size = 1.0,
                }
                theme::apply(ctx, self.state.display);
            }
            Command::DisplayChanged => theme::apply(ctx, self.state.display),
            Command::Show(overlay) => self.state.overlay = overlay,
            Command::Prepare(change) => self.prepare(change, now),
            Command::CloseAnyway => {
                self.state.overlay = None;
                self.closing = true;
            }
        }
    }

    fn change_world(&mut self, practice: bool) {
        // Nothing that was begun in one world may end in the other.
        (self.check, self.look) = (None, None);
        (self.publishing, self.picking, self.saving) = (None, None, None);
        (self.opening, self.planning) = (None, None);
        self.reading.clear();
        let display = self.state.display;
        let (state, keeper) = if self.remembers {
            // The old keeper ends first, so that everything is on the disk before it is read.
            self.keep();
            self.keeper = None;
            remembered(practice)
        } else {
            (State::new(practice), None)
        };
        self.state = state;
        self.state.display = display;
        self.keeper = keeper;
    }

    fn add_mx(&mut self, now: OffsetDateTime) {
        let Some(draft) = &mut self.state.draft else {
            return;
        };
        match draft.add_mx() {
            Ok(()) => self.state.draft_changed(now),
            Err(sentence) => self.state.notice = Some(wrong(sentence)),
        }
    }

    fn publish_for_me(&mut self, what: Published) {
        if let Some(setup) = self.state.setup()
            && self.state.practice
        {
            self.publishing = Some(self.runtime.publish(&setup, what));
        }
    }

    fn prepare(&mut self, change: Change, now: OffsetDateTime) {
        let mode = match change {
            Change::Enforce => Some(Mode::Enforce),
            Change::Off => Some(Mode::None),
            Change::MailServers => None,
        };
        if let (Some(draft), Some(mode)) = (&mut self.state.draft, mode) {
            draft.choose(mode);
            self.state.draft_changed(now);
        }
        self.state.go(Step::Create, now);
        if change == Change::MailServers {
            self.state.notice = Some(Notice {
                mark: Mark::Attention,
                text: "Add the new mail server here first, publish, and change the MX records a \
                       day later."
                    .into(),
            });
        }
    }

    fn open_folder(&mut self) {
        let folder = self.state.folder();
        self.showing = folder.map(|folder| self.runtime.open(folder));
    }

    fn save(&mut self) {
        let (Some(target), Some(artifacts)) = (self.state.target(), self.state.artifacts()) else {
            return;
        };
        // Also asked by key, when the button cannot be pressed.
        let Some((shown, replaced)) = self.state.saving().filter(|_| self.state.finish.may_save())
        else {
            return;
        };
        match artifacts {
            Ok(artifacts) => {
                self.saving = Some(self.runtime.save(target, artifacts, shown, replaced));
            }
            Err(error) => self.state.notice = Some(wrong(format!("{error}."))),
        }
    }

    fn keep(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            if std::mem::take(&mut self.changed) {
                keeper.keep(&self.state);
            }
            if let Some(reason) = keeper.failure() {
                self.state.notice = Some(wrong(format!(
                    "Your work could not be remembered: {reason}."
                )));
            }
        }
    }

    fn window_title(&mut self, ctx: &Context) {
        let title = match self.state.domain() {
            Some(domain) => format!("Set up MTA-STS – {}", domain.to_unicode()),
            None => "Set up MTA-STS".to_owned(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl eframe::App for Wizard {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        let now = OffsetDateTime::now_utc();
        let checking = self.check.is_some();
        self.wishes
            .extend(keyboard::wishes(ctx, &self.state, checking));
        self.wishes.extend(dropped(ctx, self.state.step));
        for wish in std::mem::take(&mut self.wishes) {
            self.act(ctx, wish, now);
        }
        self.poll_check(now);
        self.poll_look(now);
        self.poll_promises(now);
        self.look_at_folder();
        self.look_when_due(ctx, now);
        self.close_when_asked(ctx);
        self.keep();
        self.window_title(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        // For `cargo bench --bench window`, which counts frames from outside.
        log::trace!(target: "frame", "drawn");
        self.surroundings(ui);
        if !self.wishes.is_empty() {
            // Wishes are acted on in `logic`, before the next frame.
            ui.ctx().request_repaint();
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if !self.copied.is_empty() {
            clipboard::outlive(&self.copied);
        }
    }
}

fn wrong(text: impl Into<String>) -> Notice {
    Notice {
        mark: Mark::Problem,
        text: text.into(),
    }
}

/// What was dropped on the window: the reports of senders in the last step, a check before it.
fn dropped(ctx: &Context, step: Step) -> Option<Command> {
    ctx.input(|input| {
        let files = input.raw.dropped_files.iter();
        let mut paths = files.map(|file| file.path().to_owned()).peekable();
        paths.peek()?;
        match step {
            Step::Finish => Some(Command::OpenReports(paths.collect())),
            _ => paths.next().map(Command::OpenFacts),
        }
    })
}

/// Takes the value out of a promise that is done.
fn take_ready<T: Send + 'static>(promise: &mut Option<Promise<T>>) -> Option<T> {
    match promise.take()?.try_take() {
        Ok(value) => Some(value),
        Err(waiting) => {
            *promise = Some(waiting);
            None
        }
    }
}
