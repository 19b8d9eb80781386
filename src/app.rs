//! The wizard as an [`eframe::App`]: `logic` handles events from the background and acts on
//! commands, `ui` draws the screens in their shell.

mod act;
mod bar;
mod overlay;
mod plan;
mod pointer;
mod shell;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration as StdDuration;

use eframe::egui::mutex::Mutex;
use eframe::egui::{Context, RawInput, Ui, UserAttentionType, ViewportCommand};
use time::OffsetDateTime;

use crate::clipboard;
use crate::command::Command;
use crate::event::{Event, Picked, Storage, Task};
use crate::keyboard;
use crate::preferences::SystemPreferences;
use crate::runtime::{Runtime, SaveWork};
use crate::state::{Notice, Overlay, Screen, State, Status, Step};
use crate::theme;
use pointer::Pointer;
use shell::Shell;

/// So many frames of saved work have to be drawn before the next start may trust it.
const PROVEN_FRAMES: u8 = 2;

/// How far the window is.
#[derive(PartialEq)]
enum Stage {
    New,
    /// The first pass has begun.
    Begun,
    /// A frame was drawn.
    Drawn,
}

/// The wizard.
pub struct Wizard {
    state: State,
    runtime: Runtime,
    window: Window,
    preferences: Option<SystemPreferences>,
    /// Where work should be saved.
    save: SaveWork,
    /// Where work is saved. `None` until it has been read, or if another window has it open.
    storage: Option<Storage>,
    commands: Vec<Command>,
    /// Whether the window should close as soon as nothing is being saved.
    closing: bool,
    stage: Stage,
    /// Whether saved work was loaded before.
    has_loaded: bool,
    /// Frames drawn of the work that was read, until it has proven that it can be drawn.
    opening: Option<u8>,
    /// The last text that was copied.
    copied: String,
    pointer: Pointer,
    shell: Shell,
}

impl Wizard {
    /// A wizard that resumes the saved work, and saves its own.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn saving(ctx: &Context, practice: bool, save: SaveWork) -> io::Result<Self> {
        let mut wizard = Self::new(ctx, State::new(practice))?;
        wizard.save = save.clone();
        wizard.runtime.load(practice, save, None);
        Ok(wizard)
    }

    /// A wizard with a given state. It saves nothing.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(ctx: &Context, state: State) -> io::Result<Self> {
        theme::apply_fonts(ctx);
        theme::apply(ctx, state.inputs().shown_display());
        let window = Window::new(ctx.clone());
        let wake = window.clone();
        let runtime = Runtime::new(move || wake.repaint())?;
        Ok(Self {
            state,
            runtime,
            window,
            preferences: None,
            save: SaveWork::No,
            storage: None,
            commands: Vec::new(),
            closing: false,
            stage: Stage::New,
            has_loaded: false,
            opening: None,
            copied: String::new(),
            pointer: Pointer::default(),
            shell: Shell::default(),
        })
    }

    /// Opens saved checks and TLS reports as soon as the saved work has been loaded.
    pub fn open_files(&mut self, paths: Vec<PathBuf>) {
        if !paths.is_empty() {
            self.commands.push(Command::OpenFiles(paths));
        }
    }

    /// Follows what the system says about colours, contrast and motion. Call this on the main
    /// thread.
    pub(crate) fn follow_system(&mut self) {
        let window = self.window.clone();
        self.preferences = Some(SystemPreferences::follow(move || window.repaint()));
    }

    /// Takes in what the system says.
    fn take_preferences(&mut self, ctx: &Context, now: OffsetDateTime) {
        if let Some(system) = self.preferences.as_ref().and_then(SystemPreferences::take) {
            self.state.update(now, |inputs| inputs.system = system);
            theme::apply(ctx, self.state.inputs().shown_display());
        }
    }

    /// Goes on in another window, after the renderer of the first one failed.
    pub(crate) fn move_to(&mut self, ctx: &Context) {
        let old = self.window.replace(ctx.clone());
        // The focus, the scroll positions and what is unfolded.
        let memory = old.memory(Clone::clone);
        ctx.memory_mut(|new| *new = memory);
        theme::apply_fonts(ctx);
        theme::apply(ctx, self.state.inputs().shown_display());
        self.pointer = Pointer::default();
        let text = "The graphics driver failed, so another renderer draws this window now. \
                    Nothing is lost.";
        self.notice(Notice::attention(text), self.now());
    }

    /// The time, which in practice mode may be ahead.
    fn now(&self) -> OffsetDateTime {
        let now = OffsetDateTime::now_utc();
        let inputs = self.state.inputs();
        let ahead = inputs.practice.then(|| inputs.world.ahead());
        now.saturating_add(ahead.unwrap_or_default())
    }

    /// The current state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether no background task is running.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        !self.runtime.is_running()
    }

    /// Whether it isn’t known yet which work this window has.
    fn is_waiting(&self) -> bool {
        self.runtime.is_busy(Task::Load) || self.runtime.is_busy(Task::Offer)
    }

    /// Handles all waiting events from the background at once.
    fn take_events(&mut self, ctx: &Context, now: OffsetDateTime) {
        let mut events = self.runtime.take();
        if events.is_empty() {
            return;
        }
        let (mut published, mut loaded) = (false, false);
        let mut picked = Vec::new();
        for event in &mut events {
            match event {
                Event::Published(Ok(())) => published = true,
                Event::Loaded(found) => {
                    self.storage = found.store.take();
                    match (&self.storage, found.in_use.take()) {
                        (Some(storage), _) => self.runtime.listen(storage.folder.clone()),
                        (None, Some(folder)) if !self.has_loaded => {
                            // Both programs were started at nearly the same time.
                            let files = self.commands.iter().filter_map(Command::files);
                            self.runtime
                                .offer(folder, files.flatten().cloned().collect());
                        }
                        (None, _) => self.runtime.cancel(Task::Listen),
                    }
                    self.has_loaded = true;
                    self.begin_opening(ctx);
                    loaded = true;
                }
                Event::FilesOpened(files) if !files.checks.is_empty() => {
                    self.runtime.cancel(Task::Check);
                    self.runtime.cancel(Task::Look);
                }
                Event::Saved(_, result) => {
                    self.shell.looked_at = None;
                    self.closing &= result.is_ok();
                }
                Event::FilesPicked(Picked::This(paths)) => picked.append(paths),
                Event::HandedOver(paths) => {
                    picked.append(paths);
                    self.closing = false;
                    come_to_front(ctx);
                }
                Event::Offered(true) => {
                    self.commands.clear();
                    self.closing = true;
                }
                Event::Failed(_) => self.closing = false,
                // The folder was chosen for a domain that is no longer open.
                Event::FolderPicked(Picked::This(folder))
                    if self.shell.folder_of.as_ref() != self.state.domain() =>
                {
                    let folder = folder.display();
                    let text = format!("{folder} was chosen for another domain, so it isn’t used.");
                    *event = Event::Failed(text);
                }
                _ => {}
            }
        }
        self.open_files(picked);
        let setup = self.state.derived().setup.clone();
        let before = self.state.domain().cloned();
        self.state.update(now, |inputs| {
            for event in events {
                inputs.take(event, setup.as_ref(), now);
            }
        });
        if loaded {
            self.runtime.follow(&self.state.inputs().world);
            if self.state.domain().is_some() || self.state.inputs().at_home {
                self.shell.enter(ctx);
            }
            self.resume(now);
            theme::apply(ctx, self.state.inputs().shown_display());
        }
        if self.state.domain() != before.as_ref() {
            self.domain_opened(now);
        }
        if published && self.state.inputs().screen() == Screen::Plan {
            self.begin_check(self.now());
        } else if published {
            self.begin_look(now);
        }
        let (inputs, _) = self.state.parts();
        if inputs.take_reported().is_some() {
            self.show_reports(ctx, now);
        }
    }

    /// Shows step 4, where the reports are, or says why that is not possible yet.
    fn show_reports(&mut self, ctx: &Context, now: OffsetDateTime) {
        if self.state.inputs().screen() == Screen::Step(Step::Finish) {
            return;
        }
        let notice = self.state.inputs().notice.clone();
        if self.state.may_enter(Step::Finish) {
            self.act(ctx, Command::Go(Step::Finish), now);
        }
        let is_there = self.state.inputs().screen() == Screen::Step(Step::Finish);
        if let Some(mut notice) = notice {
            if !is_there {
                notice
                    .text
                    .push_str(" Step 4 shows them once there is a policy in step 2.");
            }
            self.notice(notice, now);
        }
    }

    /// Leaves a mark on the disk until the saved work has been drawn. A program that dies before
    /// would die at each start; so the next one finds the mark and sets the work aside. A window
    /// that could not draw at all says nothing about the work.
    fn begin_opening(&mut self, ctx: &Context) {
        if let Some(storage) = self.storage.as_ref().filter(|_| self.stage == Stage::Drawn) {
            storage.writer.starting();
            self.opening = Some(0);
            ctx.request_repaint();
        }
    }

    /// Counts the frames. Removes the mark as soon as there were enough.
    fn frame_drawn(&mut self, ctx: &Context) {
        self.stage = Stage::Drawn;
        let Some(drawn) = self.opening.map(|drawn| drawn + 1) else {
            return;
        };
        if drawn < PROVEN_FRAMES {
            self.opening = Some(drawn);
            ctx.request_repaint();
        } else {
            self.opened();
        }
    }

    /// Removes the mark.
    fn opened(&mut self) {
        if let (Some(_), Some(storage)) = (self.opening.take(), &self.storage) {
            storage.writer.started();
        }
    }

    /// Resumes the step in which the domain was left, or step 1 if that step is closed.
    fn resume(&mut self, now: OffsetDateTime) {
        let Some(step) = self.state.work().map(|work| work.step) else {
            return;
        };
        let step = if self.state.may_enter(step) {
            step
        } else {
            Step::Check
        };
        let at_home = self.state.inputs().at_home;
        self.state.update(now, |inputs| {
            inputs.go(step, now);
            inputs.at_home = at_home;
            // Whoever follows a plan comes back for its next stage.
            if inputs.work().is_some_and(|work| work.plan.is_some()) {
                inputs.change_session(|session| session.at_plan = true);
            }
        });
    }

    /// Starts the look that is due, or schedules a repaint for it.
    fn look_when_due(&mut self, ctx: &Context, now: OffsetDateTime) {
        let inputs = self.state.inputs();
        let Some(publish) = inputs.session().map(|session| &session.publish) else {
            return;
        };
        let Some(due) = publish.next_look() else {
            return;
        };
        if inputs.screen() != Screen::Step(Step::Publish) || self.runtime.is_busy(Task::Look) {
            return;
        }
        if due <= now {
            self.begin_look(now);
        } else {
            ctx.request_repaint_after(StdDuration::try_from(due - now).unwrap_or_default());
        }
    }

    /// Reads the folder in the background, because a disk may be slow, whenever the files to save
    /// change.
    fn look_at_folder(&mut self) {
        let session = self.state.inputs().session();
        let is_here = self.state.inputs().screen() == Screen::Step(Step::Finish)
            || session.is_some_and(|session| session.finish.save_when_seen);
        let Some(files) = self.state.files().filter(|_| is_here) else {
            return;
        };
        if self.state.save_plan().is_none() && self.shell.looked_at.as_ref() != Some(files) {
            self.shell.looked_at = Some(files.clone());
            self.runtime
                .plan(files.target.clone(), files.artifacts.clone());
        }
    }

    /// Keeps the window open while files are being saved, and asks first if work would be lost.
    fn close_when_asked(&mut self, ctx: &Context, now: OffsetDateTime) {
        let keep_open = || ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        // Loading first saves what is left from the other mode.
        let saving = self.runtime.is_busy(Task::Save) || self.runtime.is_busy(Task::Load);
        if ctx.input(|input| input.viewport().close_requested()) {
            if saving {
                self.closing = true;
                keep_open();
                let text = "Saving the files. The window will close when they are saved.";
                let (status, text) = (Status::Waiting, text.to_owned());
                self.notice(Notice { status, text }, now);
            } else if self.would_lose_work() && !self.closing {
                self.state
                    .update(now, |inputs| inputs.overlay = Some(Overlay::CloseUnsaved));
                keep_open();
            }
        } else if self.closing && !saving {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// Whether there is work that is saved neither on this computer nor in a folder.
    fn would_lose_work(&self) -> bool {
        let inputs = self.state.inputs();
        let is_saved = |domain| self.state.domain() == Some(domain) && self.state.is_saved();
        let mut works = inputs.domains().values();
        let is_behind = self.storage.as_ref().is_none_or(|it| it.writer.is_behind());
        is_behind
            && !inputs.practice
            && works.any(|work| work.draft.is_some() && !is_saved(&work.domain))
    }

    /// Passes changes to the writer.
    fn save_work(&mut self, now: OffsetDateTime) {
        let Some(storage) = &self.storage else { return };
        let (inputs, _) = self.state.parts();
        let writer = &storage.writer;
        for domain in inputs.take_removed() {
            writer.remove(domain);
        }
        for work in inputs.take_unsaved() {
            writer.save(work);
        }
        if let Some((domain, reports)) = inputs.take_unsaved_reports() {
            writer.save_reports(domain, reports);
        }
        let settings = inputs.settings();
        if self.shell.settings.as_ref() != Some(&settings) {
            writer.save_settings(settings.clone());
            self.shell.settings = Some(settings);
        }
        if let Some(reason) = writer.failure() {
            let text = format!("Your work couldn’t be saved: {reason}.");
            self.notice(Notice::wrong(text), now);
        } else if let Some(remark) = writer.remark() {
            self.notice(Notice::attention(remark), now);
        }
    }

    fn notice(&mut self, notice: Notice, now: OffsetDateTime) {
        self.state
            .update(now, |inputs| inputs.notice = Some(notice));
    }
}

impl Drop for Wizard {
    fn drop(&mut self) {
        // Closed before there were enough frames, which is no crash.
        if !std::thread::panicking() {
            self.opened();
        }
    }
}

impl eframe::App for Wizard {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        self.pointer
            .correct(&mut input.events, ctx.pixels_per_point());
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        let now = self.now();
        self.take_preferences(ctx, now);
        self.commands.extend(keyboard::commands(ctx, &self.state));
        self.open_files(dropped(ctx));
        // One frame is drawn before the saved work is: see `begin_opening`.
        if self.stage == Stage::New {
            self.stage = Stage::Begun;
            ctx.request_repaint();
        } else {
            self.take_events(ctx, now);
        }
        if !self.is_waiting() {
            // Commands wait until the saved work has been loaded.
            for command in std::mem::take(&mut self.commands) {
                self.act(ctx, command, now);
            }
        }
        if self.state.is_stale(now) {
            self.state.update(now, |_| {});
        }
        self.look_at_folder();
        self.save_when_seen(ctx, now);
        self.look_when_due(ctx, now);
        self.close_when_asked(ctx, now);
        self.save_work(now);
        self.window_title(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        // `cargo bench --bench window` counts frames by this line.
        log::trace!(target: "frame", "drawn");
        self.draw(ui);
        self.frame_drawn(ui.ctx());
        if !self.commands.is_empty() && !self.is_waiting() {
            // `logic` handles commands before the next frame.
            ui.ctx().request_repaint();
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if !self.copied.is_empty() {
            clipboard::outlive(&self.copied);
        }
    }
}

/// Where the system doesn’t allow that, it marks the window instead.
fn come_to_front(ctx: &Context) {
    ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
    ctx.send_viewport_cmd(ViewportCommand::Focus);
    let informational = UserAttentionType::Informational;
    ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(informational));
}

/// The files and folders that were dropped on the window.
fn dropped(ctx: &Context) -> Vec<PathBuf> {
    ctx.input(|input| {
        let files = input.raw.dropped_files.iter();
        files.map(|file| file.path().to_owned()).collect()
    })
}

/// The window that the wizard is in now.
#[derive(Clone)]
struct Window(Arc<Mutex<Context>>);

impl Window {
    fn new(ctx: Context) -> Self {
        Self(Arc::new(Mutex::new(ctx)))
    }

    fn repaint(&self) {
        self.0.lock().request_repaint();
    }

    /// Returns the window before.
    fn replace(&self, ctx: Context) -> Context {
        std::mem::replace(&mut *self.0.lock(), ctx)
    }
}
