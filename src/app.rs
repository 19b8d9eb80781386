//! The wizard as an [`eframe::App`]: `logic` takes in what the background sent and acts on commands,
//! `ui` draws the screens in their shell.

mod act;
mod bar;
mod overlay;
mod shell;

use std::io;
use std::path::PathBuf;
use std::time::Duration as StdDuration;

use eframe::egui::{Context, Ui, ViewportCommand};
use time::OffsetDateTime;

use crate::clipboard;
use crate::command::Command;
use crate::event::{Event, Picked, Storage, Task};
use crate::keyboard;
use crate::runtime::{Runtime, SaveWork};
use crate::state::{Mark, Notice, Overlay, Screen, State, Step};
use crate::theme;
use shell::Shell;

/// The wizard.
pub struct Wizard {
    state: State,
    runtime: Runtime,
    /// Where work is to be saved.
    save: SaveWork,
    /// Where it is saved, once that has been read, and where no other window has it.
    storage: Option<Storage>,
    commands: Vec<Command>,
    /// Whether the person wants the window closed as soon as nothing is in the way.
    closing: bool,
    /// What was copied last.
    copied: String,
    shell: Shell,
}

impl Wizard {
    /// A wizard that goes on from where the last one was left, and saves its work.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn saving(ctx: &Context, practice: bool, save: SaveWork) -> io::Result<Self> {
        let mut wizard = Self::new(ctx, State::new(practice))?;
        wizard.save = save.clone();
        wizard.runtime.load(practice, save, None);
        Ok(wizard)
    }

    /// A wizard over a state. Nothing of it is saved.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(ctx: &Context, state: State) -> io::Result<Self> {
        theme::apply_fonts(ctx);
        theme::apply(ctx, state.inputs().display);
        let wake = ctx.clone();
        let runtime = Runtime::new(move || wake.request_repaint())?;
        Ok(Self {
            state,
            runtime,
            save: SaveWork::No,
            storage: None,
            commands: Vec::new(),
            closing: false,
            copied: String::new(),
            shell: Shell::default(),
        })
    }

    /// Begins with facts that were saved on another computer.
    pub fn open_facts(&mut self, path: PathBuf) {
        self.commands.push(Command::OpenFacts(path));
    }

    /// What the wizard knows now.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether nothing goes on in the background.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        !self.runtime.is_running()
    }

    /// Takes in what happened in the background, all of it at once.
    fn take_events(&mut self, ctx: &Context, now: OffsetDateTime) {
        let mut events = self.runtime.take();
        if events.is_empty() {
            return;
        }
        let (mut published, mut loaded) = (false, false);
        for event in &mut events {
            match event {
                Event::Published(Ok(())) => published = true,
                Event::Loaded(found) => {
                    self.storage = found.store.take();
                    loaded = true;
                }
                Event::FactsOpened(Picked::This(Ok(_))) => {
                    self.runtime.cancel(Task::Check);
                    self.runtime.cancel(Task::Look);
                }
                Event::Saved(_, result) => {
                    self.shell.looked_at = None;
                    self.closing &= result.is_ok();
                }
                Event::Failed(_) => self.closing = false,
                // Chosen for a domain that is no longer on the screen.
                Event::FolderPicked(Picked::This(folder))
                    if self.shell.folder_of.as_ref() != self.state.domain() =>
                {
                    let text = format!("{} was chosen for another domain.", folder.display());
                    *event = Event::Failed(text);
                }
                _ => {}
            }
        }
        let setup = self.state.derived().setup.clone();
        let before = self.state.domain().cloned();
        self.state.update(now, |inputs| {
            for event in events {
                inputs.take(event, setup.as_ref(), now);
            }
        });
        if loaded {
            if self.state.domain().is_some() || self.state.inputs().at_home {
                self.shell.enter(ctx);
            }
            self.resume(now);
            theme::apply(ctx, self.state.inputs().display);
        }
        if self.state.domain() != before.as_ref() {
            self.domain_opened(now);
        }
        if published {
            self.begin_look(now);
        }
    }

    /// Goes on in the step in which the domain was left, or in the first where that cannot be entered.
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
        });
    }

    /// Starts the look that is due, or wakes up for it.
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

    /// Lets somebody else look at the folder, as often as what would be written there changes: a disk
    /// may be slow.
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

    /// Holds the window open while files are written, and where work would be lost unasked.
    fn close_when_asked(&mut self, ctx: &Context, now: OffsetDateTime) {
        let keep_open = || ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        // Loading may still write what was worked on in the other mode.
        let saving = self.runtime.is_busy(Task::Save) || self.runtime.is_busy(Task::Load);
        if ctx.input(|input| input.viewport().close_requested()) {
            if saving {
                self.closing = true;
                keep_open();
                let text = "Writing the files. The window closes when they are on the disk.";
                let (mark, text) = (Mark::Waiting, text.to_owned());
                self.notice(Notice { mark, text }, now);
            } else if self.would_lose_work() && !self.closing {
                self.state
                    .update(now, |inputs| inputs.overlay = Some(Overlay::CloseUnsaved));
                keep_open();
            }
        } else if self.closing && !saving {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// Whether there is work that may be saved neither on this computer nor in a folder.
    fn would_lose_work(&self) -> bool {
        let inputs = self.state.inputs();
        let is_saved = |domain| self.state.domain() == Some(domain) && self.state.is_saved();
        let mut works = inputs.domains().values();
        let is_behind = self.storage.as_ref().is_none_or(|it| it.writer.is_behind());
        is_behind
            && !inputs.practice
            && works.any(|work| work.draft.is_some() && !is_saved(&work.domain))
    }

    /// Hands what changed to the writer.
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
            let text = format!("Your work could not be saved: {reason}.");
            self.notice(Notice::wrong(text), now);
        }
    }

    fn notice(&mut self, notice: Notice, now: OffsetDateTime) {
        self.state
            .update(now, |inputs| inputs.notice = Some(notice));
    }
}

impl eframe::App for Wizard {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        let now = OffsetDateTime::now_utc();
        self.commands.extend(keyboard::commands(ctx, &self.state));
        let screen = self.state.inputs().screen();
        self.commands.extend(dropped(ctx, screen));
        self.take_events(ctx, now);
        if !self.runtime.is_busy(Task::Load) {
            // What is asked for before is done when the saved work is there.
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
        // For `cargo bench --bench window`, which counts frames from outside.
        log::trace!(target: "frame", "drawn");
        self.draw(ui);
        if !self.commands.is_empty() && !self.runtime.is_busy(Task::Load) {
            // Commands are acted on in `logic`, before the next frame.
            ui.ctx().request_repaint();
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if !self.copied.is_empty() {
            clipboard::outlive(&self.copied);
        }
    }
}

/// What was dropped on the window: the reports of senders in the last step, a check before it.
fn dropped(ctx: &Context, screen: Screen) -> Option<Command> {
    ctx.input(|input| {
        let files = input.raw.dropped_files.iter();
        let mut paths = files.map(|file| file.path().to_owned()).peekable();
        paths.peek()?;
        match screen {
            Screen::Step(Step::Finish) => Some(Command::OpenReports(paths.collect())),
            _ => paths.next().map(Command::OpenFacts),
        }
    })
}
