//! Carries out the commands of screens and keys.

use std::fmt::Write as _;

use eframe::egui::{Context, Memory};
use mta_sts_core::Domain;
use mta_sts_domains::{PracticePublication, Summary, pasted_domains, table_csv, table_json};
use time::OffsetDateTime;

use super::Wizard;
use crate::command::{Command, PlanCommand, Published, TableFormat, Zoom};
use crate::event::Task;
use crate::state::{Batch, Display, Finish, Inputs, Notice, Overlay, Screen, State, Step};
use crate::{screens, theme};

impl Wizard {
    pub(super) fn act(&mut self, ctx: &Context, command: Command, now: OffsetDateTime) {
        if !is_quiet(&command) {
            self.state.update(now, |inputs| inputs.notice = None);
        }
        match command {
            Command::Home => self.go_home(ctx, now),
            Command::Go(step) => self.go(ctx, step, now),
            Command::Open(domain) => self.open(ctx, &domain, now),
            Command::Practice(practice) => self.switch_mode(ctx, practice, now),
            Command::Check => {
                if self.state.inputs().screen() == Screen::Plan {
                    self.begin_check(now);
                } else if let Some(domain) = self.state.update(now, Inputs::typed_domain) {
                    self.check(ctx, &domain, now);
                }
            }
            Command::CheckPractice(domain) => {
                self.state.update(now, |inputs| inputs.domain_text = domain);
                self.act(ctx, Command::Check, now);
            }
            Command::StopCheck => {
                self.runtime.cancel(Task::Check);
                self.state.update(now, Inputs::stop_check);
            }
            Command::PickFacts => {
                let opened = self.runtime.pick_facts();
                self.one_dialog(opened, now);
            }
            Command::Look => self.begin_look(now),
            Command::PublishForMe(what) => self.publish_for_me(what, now),
            Command::Copy { text, what } => {
                self.copied.clone_from(&text);
                ctx.copy_text(text);
                self.notice(Notice::ok(format!("Copied: {what}.")), now);
            }
            Command::PickFolder => {
                let opened = self.runtime.pick_folder();
                if opened {
                    self.shell.folder_of = self.state.domain().cloned();
                }
                self.one_dialog(opened, now);
            }
            Command::OpenFolder => {
                if let Some(folder) = self.state.inputs().folder() {
                    self.runtime.show(folder);
                }
            }
            Command::OpenPage(page) => self.runtime.open_page(page),
            Command::Save => self.save(ctx, now),
            Command::SaveForUpload => {
                if self.state.files().is_some() {
                    self.change_finish(now, |finish| finish.save_when_seen = true);
                } else {
                    self.go(ctx, Step::Finish, now);
                }
            }
            Command::PickReports => {
                let opened = self.runtime.pick_reports();
                self.one_dialog(opened, now);
            }
            Command::OpenFiles(paths) => {
                self.runtime.open_files(paths);
                self.state.update(now, Inputs::begin_reading_reports);
            }
            Command::StopOpening => {
                self.runtime.cancel(Task::Open);
                self.state.update(now, Inputs::stop_reading_reports);
            }
            Command::AddDomains => self.add_domains(now),
            Command::CheckAll => self.check_all(now),
            Command::StopAll => {
                self.runtime.cancel(Task::CheckAll);
                self.state.update(now, |inputs| inputs.home.batch = None);
            }
            Command::Remove(domains) => self.remove(&domains, now),
            Command::SaveTable(form) => self.save_table(form, now),
            Command::Zoom(zoom) => {
                let mut display = self.state.inputs().display;
                match zoom {
                    Zoom::In => display.resize_text(1.0),
                    Zoom::Out => display.resize_text(-1.0),
                    Zoom::Reset => display.text_size = 1.0,
                }
                self.display(ctx, display, now);
            }
            Command::Display(display) => self.display(ctx, display, now),
            Command::Show(overlay) => self.show(ctx, overlay, now),
            Command::KeepWatch(keep) => self.runtime.keep_watch(keep),
            Command::CloseAnyway => {
                self.state.update(now, |inputs| inputs.overlay = None);
                self.closing = true;
            }
            Command::Prepare(mode) => {
                self.state.update(now, |inputs| inputs.prepare(mode, now));
                self.shell.enter(ctx);
            }
            Command::Plan(command) => self.act_on_plan(ctx, command, now),
            choice => choose(&mut self.state, choice, now),
        }
    }

    fn go_home(&mut self, ctx: &Context, now: OffsetDateTime) {
        self.state.update(now, Inputs::go_home);
        self.shell.enter(ctx);
    }

    pub(super) fn go(&mut self, ctx: &Context, step: Step, now: OffsetDateTime) {
        if self.state.may_enter(step) {
            self.state.update(now, |inputs| inputs.go(step, now));
            self.shell.enter(ctx);
        }
    }

    /// Opens a domain, and checks it again if its last check is out of date.
    fn open(&mut self, ctx: &Context, domain: &Domain, now: OffsetDateTime) {
        let was = self.state.domain() == Some(domain);
        self.state.update(now, |inputs| inputs.open(domain));
        self.shell.enter(ctx);
        if !was {
            self.domain_opened(now);
            self.resume(now);
        } else if self.state.inputs().wants_check(now) {
            self.begin_check(now);
        }
    }

    /// Cancels what was started for this domain, so that no result ends up at another one.
    fn domain_left(&mut self) {
        for task in [
            Task::Check,
            Task::Look,
            Task::Folder,
            Task::Publish,
            Task::Read,
        ] {
            self.runtime.cancel(task);
        }
        self.shell.looked_at = None;
    }

    /// Another domain was opened.
    pub(super) fn domain_opened(&mut self, now: OffsetDateTime) {
        self.domain_left();
        if let Some(storage) = &self.storage {
            let folder = storage.folder.clone();
            if let Some(domain) = self.state.update(now, Inputs::await_reports) {
                self.runtime.load_reports(folder, domain);
            }
        }
        if self.state.inputs().wants_check(now) {
            self.begin_check(now);
        }
    }

    /// Opens a domain and checks it.
    fn check(&mut self, ctx: &Context, domain: &Domain, now: OffsetDateTime) {
        self.open(ctx, domain, now);
        self.go(ctx, Step::Check, now);
        if !self.state.is_checking() {
            self.begin_check(now);
        }
    }

    pub(super) fn begin_check(&mut self, now: OffsetDateTime) {
        self.runtime.cancel(Task::Look);
        self.state.update(now, |inputs| {
            inputs.stop_look();
            inputs.begin_check(now);
        });
        if let Some(domain) = self.state.domain().cloned() {
            let practice = self.state.inputs().practice;
            let planned = self.state.inputs().planned_hosts();
            self.runtime.check(practice, domain, planned, now);
        }
    }

    pub(super) fn begin_look(&mut self, now: OffsetDateTime) {
        if let Some((domain, skipped)) = self.state.update(now, |inputs| inputs.begin_look(now)) {
            let practice = self.state.inputs().practice;
            self.runtime.look(practice, domain, skipped);
        }
    }

    fn switch_mode(&mut self, ctx: &Context, practice: bool, now: OffsetDateTime) {
        if self.runtime.is_busy(Task::Save) || self.would_lose_work() {
            let text = "You would lose your work. Save its files in step 4 first.";
            self.notice(Notice::attention(text), now);
            return;
        }
        // Nothing that was started in one mode may end in the other.
        self.runtime.cancel_all();
        self.save_work(now);
        let display = self.state.inputs().display;
        self.state = State::new(practice);
        self.state.update(now, |inputs| {
            inputs.display = display;
            inputs.keeps_display = true;
        });
        self.shell = super::Shell::default();
        self.shell.enter(ctx);
        self.opened();
        // Anything still unsaved is written before the work is read again.
        self.runtime
            .load(practice, self.save.clone(), self.storage.take());
    }

    fn publish_for_me(&mut self, what: Published, now: OffsetDateTime) {
        let setup = self.state.derived().setup.clone();
        let Some(setup) = setup.filter(|_| self.state.inputs().practice) else {
            return;
        };
        let mut publication = PracticePublication::default();
        match what {
            Published::TlsReport => {
                publication.tls_rpt = setup.tls_rpt_record().map(|record| record.value);
            }
            Published::PolicyFile => publication.policy = Some(setup.policy.write()),
            Published::Record => publication.record = Some(setup.mta_sts_record().value),
        }
        self.practise(publication, false, now);
    }

    /// Writes the files, or goes to step 4 first. If the folder is still being read, the files are
    /// written afterwards.
    fn save(&mut self, ctx: &Context, now: OffsetDateTime) {
        if self.state.inputs().screen() != Screen::Step(Step::Finish) {
            self.go(ctx, Step::Finish, now);
        } else if self.state.awaits_folder() {
            self.change_finish(now, |finish| finish.save_when_seen = true);
        } else {
            self.write_files();
        }
    }

    /// Writes the files for which the person pressed Save while the folder was still being read.
    pub(super) fn save_when_seen(&mut self, ctx: &Context, now: OffsetDateTime) {
        let session = self.state.inputs().session();
        let is_asked = session.is_some_and(|session| session.finish.save_when_seen);
        if is_asked && !self.state.awaits_folder() && !self.runtime.is_busy(Task::Save) {
            self.change_finish(now, |finish| finish.save_when_seen = false);
            if self.state.may_save() {
                self.write_files();
            } else {
                // Step 4 shows what is in the way.
                self.go(ctx, Step::Finish, now);
            }
        }
    }

    fn write_files(&mut self) {
        if let Some((files, shown, replaced)) = self.state.saving() {
            self.runtime
                .save(files.target, files.artifacts, shown, replaced);
            self.shell.looked_at = None;
        }
    }

    fn change_finish(&mut self, now: OffsetDateTime, change: impl FnOnce(&mut Finish)) {
        self.state.update(now, |inputs| {
            inputs.change_session(|session| change(&mut session.finish));
        });
    }

    fn one_dialog(&mut self, opened: bool, now: OffsetDateTime) {
        if !opened {
            let text = "A dialog is already open. It may be behind this window.";
            self.notice(Notice::attention(text), now);
        }
    }

    fn add_domains(&mut self, now: OffsetDateTime) {
        let pasted = pasted_domains(&self.state.inputs().home.add_text);
        let given = pasted.domains.len();
        let new = self.state.update(now, |inputs| {
            // Invalid entries stay in the field, so that they can be corrected.
            inputs.home.add_text = pasted.left.join("\n");
            inputs.add(pasted.domains)
        });
        let mut text = match new {
            0 if given == 0 => "No domain was added.".to_owned(),
            0 if given == 1 => "This domain is already on the list.".to_owned(),
            0 => "These domains are already on the list.".to_owned(),
            1 => "1 domain added.".to_owned(),
            count => format!("{count} domains added."),
        };
        if let Some(first) = pasted.invalid.first() {
            let _ = write!(text, " Skipped {first}.");
            let more = pasted.invalid.len() - 1;
            if more > 0 {
                let _ = write!(text, " And {more} more.");
            }
        }
        let notice = if pasted.invalid.is_empty() {
            Notice::ok(text)
        } else {
            Notice::attention(text)
        };
        self.notice(notice, now);
    }

    fn check_all(&mut self, now: OffsetDateTime) {
        // A check from another computer isn’t repeated here: this network may block port 25.
        let is_own = |domain: &&Domain| {
            let work = self.state.inputs().domains().get(*domain);
            let facts = work.and_then(|work| work.facts.as_ref());
            facts.is_none_or(|facts| facts.observed_on.is_none())
        };
        let domains: Vec<Domain> = self
            .state
            .derived()
            .order
            .iter()
            .filter(is_own)
            .cloned()
            .collect();
        if domains.is_empty() || self.runtime.is_busy(Task::CheckAll) {
            return;
        }
        let (done, all) = (0, domains.len());
        self.state
            .update(now, |inputs| inputs.home.batch = Some(Batch { done, all }));
        let practice = self.state.inputs().practice;
        self.runtime.check_all(practice, domains);
    }

    fn remove(&mut self, domains: &[Domain], now: OffsetDateTime) {
        // The focus moves to the row that takes the place of the first removed one.
        let listed = &self.state.derived().listed;
        let place = listed.iter().position(|it| domains.contains(it));
        let mut left = listed.iter().filter(|it| !domains.contains(it));
        let next = place.and_then(|place| left.clone().nth(place).or_else(|| left.next_back()));
        self.shell.had_focus = next.map(screens::home_row);
        let open = self.state.domain();
        if open.is_some_and(|open| domains.contains(open)) {
            self.domain_left();
        }
        self.state.update(now, |inputs| {
            inputs.overlay = None;
            inputs.remove(domains);
            if inputs.domains().is_empty() {
                inputs.at_home = false;
            }
        });
    }

    fn save_table(&mut self, form: TableFormat, now: OffsetDateTime) {
        let derived = self.state.derived();
        let lines: Vec<Summary> = derived
            .order
            .iter()
            .filter_map(|domain| derived.summaries.get(domain).cloned())
            .collect();
        let table = match form {
            TableFormat::Csv => table_csv(&lines),
            TableFormat::Json => table_json(&lines),
        };
        let opened = self.runtime.save_table(form, table);
        self.one_dialog(opened, now);
    }

    fn display(&mut self, ctx: &Context, display: Display, now: OffsetDateTime) {
        self.state.update(now, |inputs| inputs.display = display);
        theme::apply(ctx, self.state.inputs().shown_display());
    }

    /// Opens or closes an overlay.
    fn show(&mut self, ctx: &Context, overlay: Option<Overlay>, now: OffsetDateTime) {
        if overlay.is_some() {
            let had = ctx.memory(Memory::focused);
            self.shell.had_focus = self.shell.had_focus.or(had);
        }
        self.state.update(now, |inputs| inputs.overlay = overlay);
    }
}

/// Whether a command leaves the notice about the last action in place.
fn is_quiet(command: &Command) -> bool {
    matches!(
        command,
        Command::Zoom(_)
            | Command::TextEdited
            | Command::Edited
            | Command::FolderEdited
            | Command::Plan(PlanCommand::HostsEdited)
            | Command::Display(_)
            | Command::Show(_)
            | Command::BounceEdited
    )
}

/// Commands that change only the inputs.
fn choose(state: &mut State, choice: Command, now: OffsetDateTime) {
    state.update(now, |inputs| match choice {
        Command::TextEdited => inputs.domain_error = None,
        Command::Edited => {
            inputs.change_session(|session| session.mx_error = None);
            inputs.edited(now);
        }
        Command::Choose(mode) => inputs.change_draft(now, |draft| draft.choose(mode)),
        Command::AcceptEnforce(accepted) => {
            inputs.change_draft(now, |draft| draft.enforce_accepted = accepted);
        }
        Command::AddMx => inputs.add_mx(now),
        Command::TickMx { pattern, ticked } => {
            inputs.change_draft(now, |draft| draft.tick_mx(&pattern, ticked));
        }
        Command::RemoveMx(pattern) => {
            inputs.change_draft(now, |draft| draft.remove_mx(&pattern));
        }
        Command::MaxAge(secs) => inputs.change_draft(now, |draft| draft.max_age_secs = secs),
        Command::Hosting(hosting) => inputs.change_draft(now, |draft| draft.hosting = hosting),
        Command::DnsHost(host) => inputs.change_draft(now, |draft| draft.dns_host = host),
        Command::AskResolver { name, ask } => inputs.ask_resolver(name, ask),
        Command::Pause(paused) => inputs.pause(paused, now),
        Command::FolderEdited => inputs.folder_changed(),
        Command::SaveForm(form) => {
            inputs.change_work(|work| work.save_form = form);
            inputs.folder_changed();
        }
        Command::Overwrite(overwrite) => {
            inputs.change_session(|session| session.finish.overwrite = overwrite);
        }
        Command::ForgetReports => inputs.forget_reports(),
        _ => {}
    });
}
