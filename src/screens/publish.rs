//! Step 3: adding records and file in the right order, and watching them arrive.

use eframe::egui::{ProgressBar, RichText, Role, Ui, WidgetInfo};
use mta_sts_core::{
    Area, DnsHost, Evidence, Hosting, NameForm, Progress, SenderVerdict, Setup, Sight, Stage,
    TxtRecord,
};
use time::OffsetDateTime;

use crate::clock;
use crate::command::{Command, Published};
use crate::runtime::public_resolver_names;
use crate::state::{Mark, Publish, State};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, banner, card, code_block, command_button, copy_field, fold, icon_button, mark_color,
    mark_icon_alone, muted_label, sender_card, text_row, tick_box, unspoken,
};

/// Draws the step.
pub(super) fn publish_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.label(theme::heading("Add these, in this order"));
    let derived = state.derived();
    let (Some(setup), Some(session)) = (&derived.setup, state.inputs().session()) else {
        return;
    };
    muted_label(
        ui,
        "The announcement comes last, so that no sender looks for a file that is not there yet.",
    );
    ui.add_space(theme::SMALL_SPACE);
    let progress = derived.progress.as_ref();
    overall(ui, &session.publish, progress, commands);
    where_to_add(ui, derived.dns_host, setup);
    let cards = Cards {
        host: derived.dns_host,
        setup,
        hosting: state.draft().and_then(|draft| draft.hosting),
        progress,
        senders: &derived.senders_of_live,
        practice: state.inputs().practice,
    };
    cards.tls_report(ui, commands);
    cards.web_address(ui, commands);
    cards.policy_file(ui, commands);
    cards.announcement(ui, commands);
    who_is_asked(ui, state, commands);
}

fn who_is_asked(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        fold(ui, "Who is asked", |ui| {
            muted_label(
                ui,
                "The name servers of the domain and the resolver of this computer, always. These \
                 public resolvers too, as other mail servers use them:",
            );
            ui.horizontal_wrapped(|ui| {
                let left_out = state.work().map(|work| &work.left_out);
                for name in public_resolver_names(state.inputs().practice) {
                    let mut ask = left_out.is_none_or(|it| !it.contains(&name));
                    if tick_box(ui, &mut ask, name.as_str()) {
                        commands.push(Command::AskResolver { name, ask });
                    }
                }
            });
        });
    });
}

/// Where records are added, in the words of the DNS host.
fn where_to_add(ui: &mut Ui, host: Option<&DnsHost>, setup: &Setup) {
    card(ui, |ui| {
        let Some(host) = host else {
            ui.label(theme::subheading("At your DNS host"));
            ui.label(
                "Open the DNS settings at the company that runs your name servers, and add the \
                 records there. Its form may say Host or Alias for the name, and Content, Answer \
                 or Data for the value.",
            );
            muted_label(
                ui,
                "Step 2 has a list of DNS hosts; with a choice there, its words stand here.",
            );
            return;
        };
        ui.label(theme::subheading(format!("At {}", host.name)));
        ui.label(format!("Go to {}.", host.menu.join(" › ")));
        let labels = &host.labels;
        ui.label(match &labels.record_type {
            Some(word) => format!(
                "Press “{}”, choose TXT under “{word}”, fill in “{}” and “{}” as below, then \
                 press “{}”.",
                labels.add, labels.name, labels.value, labels.save
            ),
            None => format!(
                "Press “{}”, fill in “{}” and “{}” as below, then press “{}”.",
                labels.add, labels.name, labels.value, labels.save
            ),
        });
        if host.name_form == NameForm::Short {
            let record = setup.announcement_record();
            muted_label(
                ui,
                format!(
                    "It adds the domain to the name by itself: with the full name, the record \
                     would be at {}.{}.",
                    record.name, setup.zone
                ),
            );
        }
        for quirk in &host.quirks {
            ui.horizontal_top(|ui| {
                let color = theme::palette(ui).attention;
                unspoken(&ui.label(theme::glyph(icon::WARNING).color(color)));
                ui.vertical(|ui| ui.label(quirk));
            });
        }
        if host.evidence != Evidence::Doc {
            muted_label(
                ui,
                "These words are not from its documentation; its form may differ.",
            );
        }
    });
}

fn overall(
    ui: &mut Ui,
    publish: &Publish,
    progress: Option<&Progress>,
    commands: &mut Vec<Command>,
) {
    let (mark, text) = summary(progress);
    banner(ui, mark, |ui| {
        let response = ui.label(theme::subheading(text).size(18.0));
        announced(&response);
        if let Some(progress) = progress {
            let bar = ui.add(ProgressBar::new(share_correct(progress)).desired_height(6.0));
            bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Visible"));
        }
        ui.horizontal_wrapped(|ui| {
            ui.add_enabled_ui(!publish.is_looking(), |ui| {
                command_button(ui, icon::REPEAT, Command::Look, commands);
            });
            let paused = publish.is_paused();
            let glyph = if paused { icon::PLAY } else { icon::PAUSE };
            command_button(ui, glyph, Command::Pause(!paused), commands);
            muted_label(ui, next_look(publish));
        });
    });
    ui.add_space(theme::GRID);
}

/// When the next look is due: by the clock, as a count-down would draw a frame each second.
fn next_look(publish: &Publish) -> String {
    if publish.is_looking() {
        return "Asking the name servers and fetching the file…".into();
    }
    match publish.next_look() {
        Some(due) => format!("Checking again at {}.", clock::time(due)),
        None if publish.is_paused() => "Automatic checks are paused.".into(),
        None => "Nothing more to wait for.".into(),
    }
}

/// How much of it is visible, from 0 to 1.
fn share_correct(progress: &Progress) -> f32 {
    let count = |sights: usize| f32::from(u16::try_from(sights).unwrap_or(u16::MAX));
    let correct = progress.all().filter(|sight| sight.stage == Stage::Correct);
    count(correct.count()) / count(progress.all().count()).max(1.0)
}

/// The whole in a sentence.
fn summary(progress: Option<&Progress>) -> (Mark, String) {
    let Some(progress) = progress else {
        return (Mark::Waiting, "Looking…".into());
    };
    let summary = progress.summary();
    let mark = match summary.stage {
        Stage::Correct => Mark::Ok,
        Stage::Wrong => Mark::Problem,
        Stage::Unknown => Mark::NotChecked,
        Stage::NotYet | Stage::Old => Mark::Waiting,
    };
    (mark, summary.text)
}

struct Cards<'a> {
    host: Option<&'a DnsHost>,
    setup: &'a Setup,
    hosting: Option<Hosting>,
    progress: Option<&'a Progress>,
    senders: &'a [SenderVerdict],
    practice: bool,
}

impl Cards<'_> {
    fn tls_report(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(record) = self.setup.tls_report_record() else {
            card(ui, |ui| {
                ui.label(theme::subheading("1  TLS report record"));
                muted_label(ui, "Left out: there is no report address in step 2.");
            });
            return;
        };
        thing(ui, "1  TLS report record", |ui| {
            ui.label("Add a TXT record at your DNS host.");
            self.copy_record(ui, &record, "report", commands);
            self.publish_for_me(
                ui,
                "Publish the TLS report record for me",
                Published::TlsReport,
                commands,
            );
            sights(
                ui,
                self.progress.map(|progress| progress.tls_report.as_slice()),
            );
            to_do(ui, self.progress, Area::TlsRpt);
        });
    }

    fn web_address(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        thing(ui, "2  Web address", |ui| {
            ui.label(
                "Add an address for this name: an A record with the IP address of your web \
                 server, or a CNAME record if your web host gave you a name. It needs a \
                 certificate for this name.",
            );
            let (short, full) = (
                self.setup.short_policy_host(),
                self.setup.domain.policy_host(),
            );
            self.copy_name(ui, &short, &full, "web address", commands);
            sights(
                ui,
                self.progress
                    .map(|progress| progress.policy_host.as_slice()),
            );
        });
    }

    fn policy_file(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        thing(ui, "3  Policy file", |ui| {
            let url = self.setup.domain.policy_url();
            ui.label(
                "Put this file on that web host, so that it is found at exactly this address:",
            );
            if copy_field(ui, "Address", &url, "file address") {
                commands.push(copy(url.clone(), "address"));
            }
            let text = self.setup.policy.write();
            code_block(ui, text.lines().map(|line| (line, "")));
            ui.horizontal_wrapped(|ui| {
                if icon_button(ui, icon::COPY, "Copy file text").clicked() {
                    commands.push(copy(text.clone(), "file"));
                }
                muted_label(ui, "Step 4 saves it ready for upload.");
            });
            if let Some(hosting) = self.hosting {
                ui.label(format!(
                    "For {}, step 4 saves all files together in the folder hosting/{hosting}. \
                     Begin with hosting/{hosting}/README.txt.",
                    hosting.name()
                ));
            }
            self.publish_for_me(
                ui,
                "Publish the policy file for me",
                Published::PolicyFile,
                commands,
            );
            let file = self
                .progress
                .map(|progress| progress.policy_file.as_slice());
            sights(ui, file);
            let is_wrong = |progress: &&Progress| !progress.policy_file_is_correct();
            let wrong = self.progress.filter(is_wrong);
            to_do(ui, wrong, Area::PolicyHost);
            to_do(ui, wrong, Area::PolicyFile);
        });
        sender_card(ui, "About the file as it is fetched now.", self.senders);
    }

    fn announcement(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let record = self.setup.announcement_record();
        thing(ui, "4  Announcement record", |ui| {
            ui.label("When the file is there, add this TXT record. From then on senders look.");
            self.copy_record(ui, &record, "announcement", commands);
            self.publish_for_me(
                ui,
                "Publish the announcement for me",
                Published::Announcement,
                commands,
            );
            sights(
                ui,
                self.progress
                    .map(|progress| progress.announcement.as_slice()),
            );
            to_do(ui, self.progress, Area::Record);
        });
    }

    /// Name and value of a record, under the words of the DNS host.
    fn copy_record(
        &self,
        ui: &mut Ui,
        record: &TxtRecord,
        which: &str,
        commands: &mut Vec<Command>,
    ) {
        self.copy_name(ui, &record.short_name, &record.name, which, commands);
        let label = self.host.map_or("Value", |host| &host.labels.value);
        if copy_field(ui, label, &record.value, &format!("{which} value")) {
            commands.push(copy(record.value.clone(), "value"));
        }
        if let Some(ttl) = self.host.and_then(|host| host.labels.ttl.as_ref()) {
            muted_label(
                ui,
                format!("{ttl}: 300 seconds, or the shortest that is offered."),
            );
        }
    }

    /// The name that the form wants, and below it the other form.
    fn copy_name(
        &self,
        ui: &mut Ui,
        short: &str,
        full: &str,
        which: &str,
        commands: &mut Vec<Command>,
    ) {
        let label = self.host.map_or("Name", |host| &host.labels.name);
        let wants_full = self
            .host
            .is_some_and(|host| host.name_form == NameForm::Full);
        let name = if wants_full { full } else { short };
        if copy_field(ui, label, name, &format!("{which} name")) {
            commands.push(copy(name.to_owned(), "name"));
        }
        let other = match self.host.map(|host| host.name_form) {
            Some(NameForm::Short) => format!("Full name, as others see it: {full}"),
            Some(NameForm::Full) => format!("Without the domain: {short}"),
            Some(NameForm::Either) | None => {
                format!("Full name, if your DNS host asks for it: {full}")
            }
        };
        muted_label(ui, other);
    }

    fn publish_for_me(
        &self,
        ui: &mut Ui,
        words: &str,
        what: Published,
        commands: &mut Vec<Command>,
    ) {
        if self.practice && icon_button(ui, icon::GRADUATION_CAP, words).clicked() {
            commands.push(Command::PublishForMe(what));
        }
    }
}

/// How to mend what the rules say of one of the things.
fn to_do(ui: &mut Ui, progress: Option<&Progress>, area: Area) {
    for finding in progress
        .iter()
        .flat_map(|progress| progress.findings_of(area))
    {
        let title = format!("To do, as {}:", finding.rule.title);
        ui.label(theme::semibold(title));
        ui.label(&finding.fix);
    }
}

/// The card of one thing to add.
fn thing(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    card(ui, |ui| {
        ui.label(theme::subheading(title));
        contents(ui);
    });
}

fn copy(text: String, what: &'static str) -> Command {
    Command::Copy { text, what }
}

/// One row for each observer.
fn sights(ui: &mut Ui, sights: Option<&[Sight]>) {
    let Some(sights) = sights.filter(|sights| !sights.is_empty()) else {
        return;
    };
    ui.add_space(theme::GRID);
    for sight in sights {
        text_row(ui, |ui| {
            let (mark, word) = stage(sight.stage);
            mark_icon_alone(ui, mark);
            ui.label(RichText::new(word).color(mark_color(ui, mark)));
            ui.label(theme::semibold(format!("{}:", sight.who)));
            ui.label(sight.told(clock::offset(OffsetDateTime::now_utc())));
        });
    }
}

fn stage(stage: Stage) -> (Mark, &'static str) {
    match stage {
        Stage::Correct => (Mark::Ok, "Correct"),
        Stage::NotYet => (Mark::Waiting, "Not added yet"),
        Stage::Old => (Mark::Waiting, "Another version"),
        Stage::Wrong => (Mark::Problem, "Wrong"),
        Stage::Unknown => (Mark::NotChecked, "Could not check"),
    }
}
