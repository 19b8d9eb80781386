//! The wizard as an [`eframe::App`]: `logic` takes in what the background sent and acts on wishes,
//! `ui` draws the frame around the screens.

use std::io;
use std::time::Duration as StdDuration;

use eframe::egui::{
    self, Align, CentralPanel, Context, Layout, Margin, Panel, RichText, ScrollArea, Ui,
};
use mta_sts_core::{Fact, Sighting};
use poll_promise::Promise;
use time::OffsetDateTime;

use crate::command::{Command, Published, Zoom};
use crate::job::Job;
use crate::kept::Keeper;
use crate::keyboard;
use crate::runtime::{Message, OpenedFacts, Runtime, Saved};
use crate::screens;
use crate::state::{Mark, Notice, State, Step};
use crate::theme::{self, icon};
use crate::widgets;

/// The wizard.
pub struct Wizard {
    state: State,
    runtime: Runtime,
    check: Option<Job<Message<Fact>>>,
    look: Option<Job<Message<Sighting>>>,
    publishing: Option<Promise<Result<(), String>>>,
    picking: Option<Promise<Option<std::path::PathBuf>>>,
    opening: Option<Promise<Option<OpenedFacts>>>,
    saving: Option<Promise<Saved>>,
    keeper: Option<Keeper>,
    wishes: Vec<Command>,
    title: String,
    /// Whether work is remembered at all.
    remembers: bool,
    /// Whether there is something new to remember.
    changed: bool,
}

impl Wizard {
    /// A wizard over a state; `keeper` remembers the work, without one nothing is kept.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(ctx: &Context, state: State, keeper: Option<Keeper>) -> io::Result<Self> {
        theme::apply(ctx);
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
            saving: None,
            remembers: keeper.is_some(),
            changed: false,
            keeper,
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
        if let Some(saved) = take_ready(&mut self.saving) {
            self.changed = true;
            self.state.notice = Some(match saved {
                Ok(files) => {
                    self.state.finish.saved = true;
                    self.state.finish.overwrite = false;
                    Notice {
                        mark: Mark::Ok,
                        text: format!("{} files saved.", files.len()),
                    }
                }
                Err(sentence) => wrong(format!("{sentence}.")),
            });
            self.state.plan_files();
        }
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
        if !matches!(command, Command::Zoom(_) | Command::Edited) {
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
                ctx.copy_text(text);
                self.state.notice = Some(Notice {
                    mark: Mark::Ok,
                    text: format!("Copied: {what}."),
                });
            }
            Command::PickFolder => self.picking = Some(self.runtime.pick_folder()),
            Command::FolderChanged => self.folder_changed(),
            Command::Save => self.save(),
            Command::Zoom(zoom) => change_zoom(ctx, zoom),
        }
    }

    fn change_world(&mut self, practice: bool) {
        // Nothing that was begun in one world may end in the other.
        (self.check, self.look) = (None, None);
        (self.publishing, self.picking, self.saving) = (None, None, None);
        self.opening = None;
        let (state, keeper) = if self.remembers {
            // The old keeper ends first, so that everything is on the disk before it is read.
            self.keep();
            self.keeper = None;
            crate::window::remembered(practice)
        } else {
            (State::new(practice), None)
        };
        self.state = state;
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

    fn save(&mut self) {
        let (Some(folder), Some(artifacts)) = (self.state.folder(), self.state.artifacts()) else {
            return;
        };
        match artifacts {
            Ok(artifacts) => {
                let overwrite = self.state.finish.overwrite;
                self.saving = Some(self.runtime.save(folder, artifacts, overwrite));
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

    fn rail(&mut self, ui: &mut Ui, upright: bool) {
        let entries = Step::ALL.map(|step| widgets::Entry {
            step,
            mark: self.state.mark_of(step),
            enabled: self.state.may_enter(step),
            here: self.state.step == step,
        });
        if let Some(step) = widgets::stepper(ui, &entries, upright) {
            self.wishes.push(Command::Go(step));
        }
    }

    fn footer(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.set_min_height(theme::ACTION_SIZE.y);
            if let Some(back) = self.state.step.back() {
                let button = ui.button((theme::glyph(icon::ARROW_LEFT), RichText::new("Back")));
                widgets::named(&button, "Back");
                if button.clicked() {
                    self.wishes.push(Command::Go(back));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(action) = screens::action(&self.state) {
                    let response = widgets::action_button(ui, action.enabled, action.label);
                    if response.clicked() {
                        self.wishes.push(action.command);
                    }
                }
                if let Some(notice) = &self.state.notice {
                    ui.with_layout(
                        Layout::left_to_right(Align::Center).with_main_wrap(true),
                        |ui| {
                            let color = widgets::mark_color(ui, notice.mark);
                            widgets::mark_label(ui, notice.mark, 15.0);
                            let response = ui.label(RichText::new(&notice.text).color(color));
                            widgets::announced(&response);
                        },
                    );
                }
            });
        });
    }

    fn practice_banner(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            let color = theme::palette(ui).attention;
            ui.label(theme::glyph(icon::GRADUATION_CAP).color(color).size(17.0));
            ui.label(RichText::new("Practice mode: a small internet inside this program. Nothing leaves this computer.").color(color));
            if ui.button("Leave practice").clicked() {
                self.wishes.push(Command::Practice(false));
            }
        });
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
        self.wishes.extend(dropped(ctx));
        for wish in std::mem::take(&mut self.wishes) {
            self.act(ctx, wish, now);
        }
        self.poll_check(now);
        self.poll_look(now);
        self.poll_promises(now);
        self.look_when_due(ctx, now);
        self.keep();
        self.window_title(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            widgets::drop_hint(ui, "Drop the result of a check here to open it");
        }
        // Large text in a small window: what is above the screen scrolls with it, so that enough
        // of the screen itself can be seen.
        let low = ui.available_height() < theme::LOW;
        let narrow = ui.available_width() < theme::NARROW;
        let page = theme::palette(ui).page;
        let frame = egui::Frame::NONE
            .fill(page)
            .inner_margin(Margin::symmetric(16, 10));
        if self.state.practice && !low {
            Panel::top("practice")
                .frame(frame)
                .show(ui, |ui| self.practice_banner(ui));
        }
        Panel::bottom("footer")
            .frame(frame)
            .show(ui, |ui| self.footer(ui));
        if narrow && !low {
            Panel::top("rail")
                .frame(frame)
                .show(ui, |ui| self.rail(ui, false));
        } else if !narrow {
            Panel::left("rail")
                .frame(frame)
                .resizable(false)
                .exact_size(theme::RAIL_WIDTH)
                .show(ui, |ui| {
                    ui.add_space(theme::SMALL_SPACE);
                    self.rail(ui, true);
                });
        }
        CentralPanel::default().frame(frame).show(ui, |ui| {
            // Each step scrolls for itself and stays where it was left.
            ScrollArea::vertical()
                .id_salt(self.state.step.name())
                .auto_shrink(false)
                .show(ui, |ui| {
                    ui.set_max_width(ui.available_width().min(theme::READABLE_WIDTH));
                    ui.take_available_width();
                    if self.state.practice && low {
                        self.practice_banner(ui);
                    }
                    if narrow && low {
                        self.rail(ui, false);
                    }
                    screens::screen_ui(ui, &mut self.state, &mut self.wishes);
                    ui.add_space(theme::SPACE);
                });
        });
        if !self.wishes.is_empty() {
            // Wishes are acted on in `logic`, before the next frame.
            ui.ctx().request_repaint();
        }
    }
}

fn wrong(text: impl Into<String>) -> Notice {
    Notice {
        mark: Mark::Problem,
        text: text.into(),
    }
}

/// The first file that was dropped on the window.
fn dropped(ctx: &Context) -> Option<Command> {
    ctx.input(|input| {
        let file = input.raw.dropped_files.first()?;
        Some(Command::OpenFacts(file.path().to_owned()))
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

fn change_zoom(ctx: &Context, zoom: Zoom) {
    let factor = match zoom {
        Zoom::In => ctx.zoom_factor() + 0.1,
        Zoom::Out => ctx.zoom_factor() - 0.1,
        Zoom::Reset => 1.0,
    };
    ctx.set_zoom_factor(factor.clamp(*theme::ZOOM.start(), *theme::ZOOM.end()));
}
