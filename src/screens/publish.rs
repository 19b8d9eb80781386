//! Step 3: adding records and file in the right order, and watching them arrive.

use eframe::egui::{CollapsingHeader, RichText, Ui};
use mta_sts_core::{Hosting, Progress, SenderVerdict, Setup, Sight, Stage};
use time::OffsetDateTime;

use crate::command::{Command, Published};
use crate::runtime::public_resolver_names;
use crate::state::{Mark, State};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, card, code_block, copy_field, icon_button, mark_color, mark_icon_alone, mark_label,
    muted_label, sender_card, text_row,
};

/// Draws the step.
pub(super) fn publish_ui(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Command>) {
    ui.label(theme::heading("Add these, in this order"));
    let Some(setup) = state.setup() else { return };
    muted_label(
        ui,
        "The announcement comes last, so that no sender looks for a file that is not there yet.",
    );
    ui.add_space(theme::SMALL_SPACE);
    let progress = state.publish.progress().cloned();
    let progress = progress.as_deref();
    overall(ui, state, progress, wishes);
    ui.add_space(theme::GRID);
    let cards = Cards {
        setup: &setup,
        hosting: state.draft.as_ref().and_then(|draft| draft.hosting),
        progress,
        senders: state.publish.senders(),
        practice: state.practice,
    };
    cards.tls_report(ui, wishes);
    cards.web_address(ui, wishes);
    cards.policy_file(ui, wishes);
    cards.announcement(ui, wishes);
}

fn overall(ui: &mut Ui, state: &State, progress: Option<&Progress>, wishes: &mut Vec<Command>) {
    card(ui, |ui| {
        let (mark, text) = summary(progress);
        ui.horizontal_wrapped(|ui| {
            mark_label(ui, mark, 20.0);
            let response = ui.label(theme::subheading(text));
            announced(&response);
        });
        ui.horizontal_wrapped(|ui| {
            ui.add_enabled_ui(!state.publish.running, |ui| {
                if icon_button(ui, icon::REPEAT, "Check now").clicked() {
                    wishes.push(Command::Look);
                }
            });
            let paused = state.publish.paused;
            let (glyph, words) = if paused {
                (icon::PLAY, "Resume")
            } else {
                (icon::PAUSE, "Pause")
            };
            if icon_button(ui, glyph, words).clicked() {
                wishes.push(Command::Pause(!paused));
            }
            muted_label(ui, next_look(state));
        });
        CollapsingHeader::new("Who is asked").show_unindented(ui, |ui| {
            muted_label(
                ui,
                "The name servers of the domain and the resolver of this computer, always. These \
                 public resolvers too, as other mail servers use them:",
            );
            ui.horizontal_wrapped(|ui| {
                for name in public_resolver_names(state.practice) {
                    let mut ask = state.publish.asks(&name);
                    if ui.checkbox(&mut ask, &name).changed() {
                        wishes.push(Command::AskResolver { name, ask });
                    }
                }
            });
        });
    });
}

fn next_look(state: &State) -> String {
    if state.publish.running {
        return "Asking the name servers and fetching the file…".into();
    }
    match state.publish.next_look {
        Some(due) => {
            let secs = (due - OffsetDateTime::now_utc()).whole_seconds().max(0);
            match secs {
                0 | 1 => "Checking again in a moment.".into(),
                secs => format!("Checking again in {secs} seconds."),
            }
        }
        None => "Not checking by itself.".into(),
    }
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
    setup: &'a Setup,
    hosting: Option<Hosting>,
    progress: Option<&'a Progress>,
    senders: &'a [SenderVerdict],
    practice: bool,
}

impl Cards<'_> {
    fn tls_report(&self, ui: &mut Ui, wishes: &mut Vec<Command>) {
        let Some(record) = self.setup.tls_report_record() else {
            card(ui, |ui| {
                ui.label(theme::subheading("1  TLS report record"));
                muted_label(ui, "Left out: there is no report address in step 2.");
            });
            return;
        };
        thing(ui, "1  TLS report record", |ui| {
            ui.label("Add a TXT record at your DNS host.");
            copy_record(
                ui,
                &record.short_name,
                &record.name,
                &record.value,
                "report",
                wishes,
            );
            self.publish_for_me(
                ui,
                "Publish the TLS report record for me",
                Published::TlsReport,
                wishes,
            );
            sights(
                ui,
                self.progress.map(|progress| progress.tls_report.as_slice()),
            );
        });
    }

    fn web_address(&self, ui: &mut Ui, wishes: &mut Vec<Command>) {
        thing(ui, "2  Web address", |ui| {
            ui.label(
                "Add an address for this name: an A record with the IP address of your web \
                 server, or a CNAME record if your web host gave you a name. It needs a \
                 certificate for this name.",
            );
            if copy_field(ui, "Name", "mta-sts", "web address name") {
                wishes.push(copy("mta-sts".into(), "name"));
            }
            muted_label(
                ui,
                format!("Full name: {}", self.setup.domain.policy_host()),
            );
            sights(
                ui,
                self.progress
                    .map(|progress| progress.policy_host.as_slice()),
            );
        });
    }

    fn policy_file(&self, ui: &mut Ui, wishes: &mut Vec<Command>) {
        thing(ui, "3  Policy file", |ui| {
            let url = self.setup.domain.policy_url();
            ui.label(
                "Put this file on that web host, so that it is found at exactly this address:",
            );
            if copy_field(ui, "Address", &url, "file address") {
                wishes.push(copy(url.clone(), "address"));
            }
            let text = self.setup.policy.write();
            code_block(ui, text.lines().map(|line| (line, "")));
            ui.horizontal_wrapped(|ui| {
                if icon_button(ui, icon::COPY, "Copy file text").clicked() {
                    wishes.push(copy(text.clone(), "file"));
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
                wishes,
            );
            let file = self
                .progress
                .map(|progress| progress.policy_file.as_slice());
            sights(ui, file);
            let wrong = self
                .progress
                .filter(|progress| !progress.policy_file_is_correct());
            for finding in wrong.iter().flat_map(|progress| &progress.findings) {
                ui.label(theme::semibold(format!(
                    "To do, as {}:",
                    finding.rule.title
                )));
                ui.label(&finding.fix);
            }
        });
        sender_card(ui, "About the file as it is fetched now.", self.senders);
    }

    fn announcement(&self, ui: &mut Ui, wishes: &mut Vec<Command>) {
        let record = self.setup.announcement_record();
        thing(ui, "4  Announcement record", |ui| {
            ui.label("When the file is there, add this TXT record. From then on senders look.");
            copy_record(
                ui,
                &record.short_name,
                &record.name,
                &record.value,
                "announcement",
                wishes,
            );
            self.publish_for_me(
                ui,
                "Publish the announcement for me",
                Published::Announcement,
                wishes,
            );
            sights(
                ui,
                self.progress
                    .map(|progress| progress.announcement.as_slice()),
            );
        });
    }

    fn publish_for_me(&self, ui: &mut Ui, words: &str, what: Published, wishes: &mut Vec<Command>) {
        if self.practice && icon_button(ui, icon::GRADUATION_CAP, words).clicked() {
            wishes.push(Command::PublishForMe(what));
        }
    }
}

/// The card of one thing to add.
fn thing(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    ui.add_space(theme::GRID);
    card(ui, |ui| {
        ui.label(theme::subheading(title));
        contents(ui);
    });
}

fn copy(text: String, what: &'static str) -> Command {
    Command::Copy { text, what }
}

fn copy_record(
    ui: &mut Ui,
    short_name: &str,
    full_name: &str,
    value: &str,
    which: &str,
    wishes: &mut Vec<Command>,
) {
    if copy_field(ui, "Name", short_name, &format!("{which} name")) {
        wishes.push(copy(short_name.to_owned(), "name"));
    }
    muted_label(
        ui,
        format!("Full name, if your DNS host asks for it: {full_name}"),
    );
    if copy_field(ui, "Value", value, &format!("{which} value")) {
        wishes.push(copy(value.to_owned(), "value"));
    }
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
            ui.label(sight.told(crate::clock::offset()));
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
