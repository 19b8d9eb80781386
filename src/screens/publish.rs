//! Step 3: publishing records and file in the right order, and watching them arrive.

use eframe::egui::{
    Align2, Button, Id, RichText, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2,
};
use mta_sts_core::{
    Area, DnsHost, Evidence, Facts, Finding, Hosting, HttpsAddress, NameForm, Piece, Place,
    Progress, SenderVerdict, Setup, Sight, Stage, TxtRecord, sentence,
};
use time::OffsetDateTime;

use super::create::differences;
use crate::clock;
use crate::command::{Command, Published};
use crate::runtime::public_resolver_names;
use crate::state::{Publish, State, Status, count};
use crate::theme::{self, icon};
use crate::widgets::{
    announced, banner, card, code_block, command_button, copy_field, fold, icon_button, mark_color,
    mark_icon, mark_icon_alone, mark_label, muted_label, named, sender_card, steady, text_row,
    tick_box, unspoken,
};

/// Draws the step.
pub(super) fn publish_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.label(theme::heading("Publish these, in this order"));
    let derived = state.derived();
    let (Some(setup), Some(session)) = (&derived.setup, state.inputs().session()) else {
        return;
    };
    muted_label(
        ui,
        "The MTA-STS record comes last, so that senders never look for a file that isn’t there.",
    );
    ui.add_space(theme::SMALL_SPACE);
    let progress = derived.progress.as_ref();
    let facts = state.facts();
    let dns_provider = facts.and_then(|facts| facts.domain_connect.seen());
    let cards = Cards {
        host: derived.dns_host,
        dns_page: dns_provider.and_then(|provider| provider.control_panel.as_ref()),
        setup,
        hosting: state.draft().and_then(|draft| draft.hosting),
        facts,
        host_steps: derived.host_steps.as_deref(),
        progress,
        senders: &derived.senders_of_live,
        practice: state.inputs().practice,
    };
    overall(ui, &cards, &session.publish, commands);
    let current = cards.current();
    for (number, piece) in (1..).zip(Piece::ALL) {
        cards.card(ui, number, piece, current == Some(piece), commands);
    }
    who_is_checked(ui, state, commands);
}

fn who_is_checked(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    card(ui, |ui| {
        fold(ui, "Who is checked", |ui| {
            muted_label(
                ui,
                "Always the name servers of the domain, and this computer’s resolver. These public \
                 resolvers too, because many senders use them:",
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

/// How far all of it is: a line, and which piece has arrived at which places.
fn overall(ui: &mut Ui, cards: &Cards<'_>, publish: &Publish, commands: &mut Vec<Command>) {
    let (status, text) = cards.summary();
    banner(ui, status, |ui| {
        let response = ui.label(theme::subheading(text).size(18.0));
        announced(&response);
        if let Some(progress) = cards.progress {
            matrix(ui, progress);
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
        return "Checking the name servers and the file…".into();
    }
    match publish.next_look() {
        Some(due) => format!("Checking again at {}.", clock::time(due)),
        None if publish.is_paused() => "Automatic checks are paused.".into(),
        None => "Nothing more to wait for.".into(),
    }
}

const ROW_HEIGHT: f32 = 24.0;
const MAX_COLUMN_WIDTH: f32 = 132.0;

/// The pieces by the kinds of places: a mark in each cell, its words on hover.
fn matrix(ui: &mut Ui, progress: &Progress) {
    let has_both = progress.of_piece(Piece::PolicyFile).len() > 1;
    let is_shown = |place: &Place| *place != Place::WebOverIpv6 || has_both;
    let places = Place::ALL.into_iter().filter(is_shown);
    let places: Vec<(Place, [&str; 2])> = places
        .map(|place| match place {
            Place::Web if has_both => (place, ["Web over IPv4", "IPv4"]),
            _ => (place, place_name(place)),
        })
        .collect();
    let small = TextStyle::Small.resolve(ui.style());
    let palette = theme::palette(ui);
    let title_widths = Piece::ALL.map(|piece| {
        let name = sentence(piece.name());
        let painter = ui.painter();
        let laid_out = painter.layout_no_wrap(name, small.clone(), palette.text);
        laid_out.size().x
    });
    let widest = title_widths.into_iter().fold(0.0, f32::max) + theme::SMALL_SPACE;
    let title_width = (ui.available_width() * 0.28).min(150.0).max(widest);
    let columns = count(places.len());
    let column = ((ui.available_width() - title_width) / columns).min(MAX_COLUMN_WIDTH);
    let width = title_width + column * columns;
    let (header, _) = ui.allocate_exact_size(vec2(width, ROW_HEIGHT), Sense::hover());
    let at = |left: f32, index: usize| left + title_width + column * count(index);
    for (index, (_, name)) in places.iter().enumerate() {
        let place = pos2(at(header.left(), index), header.center().y);
        let words = if column < 112.0 { name[1] } else { name[0] };
        let painter = ui.painter();
        painter.text(
            place,
            Align2::LEFT_CENTER,
            words,
            small.clone(),
            palette.text,
        );
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    for piece in Piece::ALL {
        if progress.of_piece(piece).is_empty() {
            continue;
        }
        let (row, response) = ui.allocate_exact_size(vec2(width, ROW_HEIGHT), Sense::hover());
        let cells = places.iter();
        let cells: Vec<(Option<Stage>, &str)> = cells
            .map(|(place, name)| (progress.stage_at(piece, *place), name[0]))
            .collect();
        let spoken: Vec<String> = cells
            .iter()
            .filter_map(|(it, name)| Some(format!("{name}: {}", stage((*it)?).1)))
            .collect();
        let spoken = format!("{}. {}", sentence(piece.name()), spoken.join(", "));
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
        let painter = ui.painter();
        painter.hline(row.x_range(), row.top(), (1.0, palette.line));
        let title = pos2(row.left(), row.center().y);
        let name = sentence(piece.name());
        painter.text(
            title,
            Align2::LEFT_CENTER,
            name,
            small.clone(),
            palette.text,
        );
        for (index, (cell, _)) in cells.iter().enumerate() {
            let Some(cell) = *cell else { continue };
            let (status, word) = stage(cell);
            let place = pos2(at(row.left(), index), row.center().y);
            let font = theme::icon_font(16.0);
            let color = mark_color(ui, status);
            let sign =
                ui.painter()
                    .text(place, Align2::LEFT_CENTER, mark_icon(status), font, color);
            let id = ui.scope_id().with((piece, index));
            ui.interact(sign.expand(4.0), id, Sense::hover())
                .on_hover_text(word);
        }
    }
    ui.add_space(theme::SMALL_SPACE);
}

/// The name of a kind of place, and a shorter one.
fn place_name(place: Place) -> [&'static str; 2] {
    match place {
        Place::NameServers => ["Name servers", "Servers"],
        Place::ThisResolver => ["This computer", "Here"],
        Place::PublicResolvers => ["Public resolvers", "Public"],
        Place::Web => ["Web", "Web"],
        Place::WebOverIpv6 => ["Web over IPv6", "IPv6"],
    }
}

struct Cards<'a> {
    host: Option<&'a DnsHost>,
    /// The page of the domain at its DNS provider, where the provider names it.
    dns_page: Option<&'a HttpsAddress>,
    setup: &'a Setup,
    hosting: Option<Hosting>,
    facts: Option<&'a Facts>,
    host_steps: Option<&'a str>,
    progress: Option<&'a Progress>,
    senders: &'a [SenderVerdict],
    practice: bool,
}

impl Cards<'_> {
    fn is_left_out(&self, piece: Piece) -> bool {
        piece == Piece::TlsReport && self.setup.tls_rpt_record().is_none()
    }

    fn is_done(&self, piece: Piece) -> bool {
        self.progress
            .is_some_and(|progress| progress.is_done(piece))
    }

    /// Whether its owner has done what is to be done.
    fn is_published(&self, piece: Piece) -> bool {
        self.progress
            .is_some_and(|progress| progress.is_published(piece))
    }

    /// The first that is not published.
    fn current(&self) -> Option<Piece> {
        let mut pieces = Piece::ALL.into_iter();
        pieces.find(|piece| !self.is_left_out(*piece) && !self.is_published(*piece))
    }

    /// The whole in a sentence.
    fn summary(&self) -> (Status, String) {
        let Some(progress) = self.progress else {
            return (Status::Waiting, "Checking what is published…".into());
        };
        let summary = progress.summary();
        let pieces = Piece::ALL
            .into_iter()
            .filter(|piece| !self.is_left_out(*piece));
        let (all, done) = pieces.fold((0, 0), |(all, done), piece| {
            (all + 1, done + u8::from(self.is_published(piece)))
        });
        match (summary.stage, self.current()) {
            (Stage::NotYet | Stage::Old, Some(next)) => {
                let next = next.name();
                let text = format!("{done} of {all} done. Next: the {next}.");
                (Status::Waiting, text)
            }
            (stage, _) => (self::stage(stage).0, summary.text),
        }
    }

    /// The card of one piece: open while it is the next one to publish, else as the person wants it.
    fn card(
        &self,
        ui: &mut Ui,
        number: usize,
        piece: Piece,
        is_current: bool,
        commands: &mut Vec<Command>,
    ) {
        let name = sentence(piece.name());
        if self.is_left_out(piece) {
            card(ui, |ui| {
                text_row(ui, |ui| {
                    ui.label(theme::subheading(format!("{number}. {name}")));
                    muted_label(ui, "Left out: step 2 has no report address.");
                });
            });
            return;
        }
        // When it becomes the next one, is wrong or is done, it opens or folds automatically.
        let opens = is_current || self.is_wrong(piece);
        let id = Id::unique(("piece", self.setup.domain.as_str(), piece, opens));
        let mut open = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(opens);
        let contents = |ui: &mut Ui| {
            if self.header(ui, number, piece, open) {
                open = !open;
                ui.data_mut(|data| data.insert_temp(id, open));
            }
            if open {
                self.faults(ui, piece);
                match piece {
                    Piece::TlsReport => self.tls_report(ui, commands),
                    Piece::PolicyHost => self.policy_host(ui, commands),
                    Piece::PolicyFile => self.policy_file(ui, commands),
                    Piece::Record => self.record(ui, commands),
                }
                self.publish_for_me(ui, piece, commands);
                sights(ui, self.progress.map(|progress| progress.of_piece(piece)));
            }
        };
        // Two open cards have folds of the same name.
        ui.push_id(piece, |ui| card(ui, contents));
        if open && piece == Piece::PolicyFile {
            sender_card(ui, "About the file as it is fetched now.", self.senders);
        }
    }

    /// The line that is always there; true when it was pressed.
    fn header(&self, ui: &mut Ui, number: usize, piece: Piece, open: bool) -> bool {
        let name = sentence(piece.name());
        let (status, word) = if self.is_done(piece) {
            (Status::Ok, "Done")
        } else if self.is_wrong(piece) {
            (Status::Problem, "Wrong")
        } else if self.is_published(piece) {
            (Status::Waiting, "Published, not everywhere yet")
        } else {
            (Status::Waiting, "Not done yet")
        };
        ui.horizontal(|ui| {
            let caret = if open {
                icon::CARET_DOWN
            } else {
                icon::CARET_RIGHT
            };
            let title = format!("{number}. {name}");
            let words = (theme::glyph(caret).size(12.0), theme::subheading(&title));
            let response = ui.add(Button::new(words).frame(false));
            let spoken = format!("{title}, {word}");
            response.widget_info(|| {
                WidgetInfo::selected(Role::DisclosureTriangle, true, open, &spoken)
            });
            mark_label(ui, status, 18.0);
            let color = mark_color(ui, status);
            unspoken(&ui.label(RichText::new(word).color(color)));
            response.clicked()
        })
        .inner
    }

    fn is_wrong(&self, piece: Piece) -> bool {
        let sights = self.progress.map(|progress| progress.of_piece(piece));
        sights.is_some_and(|sights| sights.iter().any(|it| it.stage == Stage::Wrong))
    }

    /// What is wrong with what is published, first of all. What to publish in its place is what the
    /// card has anyway, so that no fix can differ from the draft.
    fn faults(&self, ui: &mut Ui, piece: Piece) {
        let Some(progress) = self.progress.filter(|_| self.is_wrong(piece)) else {
            return;
        };
        let areas: &[Area] = match piece {
            Piece::TlsReport => &[Area::TlsRpt],
            Piece::PolicyHost => &[],
            Piece::PolicyFile => &[Area::PolicyHost, Area::PolicyFile],
            Piece::Record => &[Area::Record],
        };
        let findings = areas.iter().flat_map(|area| progress.findings_of(*area));
        for finding in findings {
            fault(ui, finding);
        }
        ui.label(theme::semibold("Publish this instead:"));
    }

    fn tls_report(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(record) = self.setup.tls_rpt_record() else {
            return;
        };
        self.where_to_add(ui, "report", commands);
        self.copy_record(ui, &record, "report", commands);
    }

    fn policy_host(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        self.where_to_add(ui, "policy host", commands);
        let target = self.hosting.and_then(Hosting::alias_target);
        match (self.hosting, target) {
            (Some(hosting), Some(target)) => {
                ui.label(format!(
                    "Add a CNAME record for this name. {} gives you the value; it ends with \
                     {target}.",
                    hosting.name()
                ));
            }
            _ => {
                ui.label(
                    "Add an A record with the IP address of your web server for this name, or a \
                     CNAME record if your web host gave you a name. The web server needs a \
                     certificate for it.",
                );
            }
        }
        let (short, full) = (
            self.setup.short_policy_host(),
            self.setup.domain.policy_host(),
        );
        self.copy_name(ui, &short, &full, "policy host", commands);
        self.steps(ui);
    }

    fn policy_file(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let url = self.setup.domain.policy_url();
        ui.label("Upload this file so that it opens at exactly this address:");
        if copy_field(ui, "Address", &url, "file address") {
            commands.push(copy(url, "address"));
        }
        let text = self.setup.policy.write();
        code_block(ui, text.lines().map(|line| (line, "")));
        differences(ui, self.facts, &text);
        ui.horizontal_wrapped(|ui| {
            if icon_button(ui, icon::COPY, "Copy file text").clicked() {
                commands.push(copy(text.clone(), "file"));
            }
            command_button(ui, icon::DOWNLOAD, Command::SaveForUpload, commands);
        });
        self.steps(ui);
    }

    /// What the chosen web host wants.
    fn steps(&self, ui: &mut Ui) {
        if let (Some(hosting), Some(steps)) = (self.hosting, self.host_steps) {
            fold(ui, &format!("Steps for {}", hosting.name()), |ui| {
                ui.label(steps);
            });
        }
    }

    fn record(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let record = self.setup.mta_sts_record();
        let old = self.facts.and_then(|facts| facts.record.seen());
        let old = old.and_then(|answer| answer.records.iter().find(|it| it.starts_with("v=STSv1")));
        if let Some(old) = old.filter(|old| **old != record.value) {
            let old = mta_sts_core::escaped(old, 200);
            ui.label(
                "Once the file is online, change the value of the TXT record to the one below.",
            );
            muted_label(ui, format!("It is now: {old}"));
        } else {
            ui.label("Once the file is online, add this TXT record. It switches MTA-STS on.");
        }
        self.where_to_add(ui, "MTA-STS record", commands);
        self.copy_record(ui, &record, "MTA-STS record", commands);
    }

    /// The page of the domain at its DNS provider. Its address comes from the network, so a person
    /// sees the host before anything is opened.
    fn dns_page(&self, ui: &mut Ui, which: &str, commands: &mut Vec<Command>) {
        let Some(page) = self.dns_page else { return };
        let name = format!("Open the DNS page of {}", self.setup.domain);
        // Several cards may be open, each with this button.
        let button = steady(ui, &format!("{name}: {which}"), |ui| {
            let words = (theme::glyph(icon::GLOBE), RichText::new(&name));
            ui.add_enabled(!self.practice, Button::new(words))
        });
        named(&button, &name);
        let button = button.on_hover_text(page.as_str());
        if button.clicked() {
            commands.push(Command::OpenPage(page.clone()));
        }
        let host = page.host();
        muted_label(
            ui,
            if self.practice {
                format!("It would lead to {host}. The practice internet has no such page.")
            } else {
                format!("It leads to {host}.")
            },
        );
    }

    /// Where records are added, with the field names of the DNS provider.
    fn where_to_add(&self, ui: &mut Ui, which: &str, commands: &mut Vec<Command>) {
        self.dns_page(ui, which, commands);
        let Some(host) = self.host else {
            ui.label(
                "Open the DNS settings at the company that runs your name servers. Its form may say \
                 Host or Alias for the name, and Content, Answer or Data for the value.",
            );
            muted_label(
                ui,
                "Choose your DNS provider in step 2 to see its own field names here.",
            );
            return;
        };
        let labels = &host.labels;
        ui.label(format!(
            "At {}, go to {} and press “{}”.",
            host.name,
            host.menu.join(" › "),
            labels.add
        ));
        fold(ui, &format!("More about {}", host.name), |ui| {
            if let Some(word) = &labels.record_type {
                ui.label(format!("Choose TXT under “{word}”."));
            }
            ui.label(format!(
                "Fill in “{}” and “{}” as below, then press “{}”.",
                labels.name, labels.value, labels.save
            ));
            if host.name_form == NameForm::Short {
                let record = self.setup.mta_sts_record();
                muted_label(
                    ui,
                    format!(
                        "It appends your domain automatically: with the full name, the record would \
                         be at {}.{}.",
                        record.name, self.setup.zone
                    ),
                );
            }
            if host.evidence != Evidence::Doc {
                muted_label(
                    ui,
                    "We haven’t confirmed these names; the form may look different.",
                );
            }
        });
        for quirk in &host.quirks {
            ui.horizontal_top(|ui| {
                let color = theme::palette(ui).attention;
                unspoken(&ui.label(theme::glyph(icon::WARNING).color(color)));
                ui.vertical(|ui| ui.label(quirk));
            });
        }
    }

    /// Name and value of a record, with the field names of the DNS provider.
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
                format!("{ttl}: 300 seconds, or the shortest available."),
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
                format!("Full name, if your DNS provider asks for it: {full}")
            }
        };
        muted_label(ui, other);
    }

    fn publish_for_me(&self, ui: &mut Ui, piece: Piece, commands: &mut Vec<Command>) {
        let what = match piece {
            Piece::TlsReport => Published::TlsReport,
            // The web host of the practice internet comes with its file.
            Piece::PolicyHost | Piece::PolicyFile => Published::PolicyFile,
            Piece::Record => Published::Record,
        };
        let words = format!("Publish the {} for me", piece.name());
        if self.practice && icon_button(ui, icon::GRADUATION_CAP, &words).clicked() {
            commands.push(Command::PublishForMe(what));
        }
    }
}

/// What is wrong. Of a file, the right text is in the card; of a host or a name, only the fix says it.
fn fault(ui: &mut Ui, finding: &Finding) {
    ui.horizontal_top(|ui| {
        mark_label(ui, Status::of(Some(finding.severity)), 16.0);
        ui.vertical(|ui| {
            ui.label(theme::semibold(sentence(finding.rule.title)));
            ui.label(&finding.evidence);
            if finding.rule.area != Area::PolicyFile {
                ui.label(&finding.fix);
            }
        });
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
            let (status, word) = stage(sight.stage);
            mark_icon_alone(ui, status);
            ui.label(RichText::new(word).color(mark_color(ui, status)));
            ui.label(theme::semibold(format!("{}:", sight.who)));
            ui.label(sight.told(clock::offset(OffsetDateTime::now_utc())));
        });
    }
}

fn stage(stage: Stage) -> (Status, &'static str) {
    match stage {
        Stage::Correct => (Status::Ok, "Correct"),
        Stage::NotYet => (Status::Waiting, "Not there yet"),
        Stage::Old => (Status::Waiting, "Old version"),
        Stage::Wrong => (Status::Problem, "Wrong"),
        Stage::Unknown => (Status::NotChecked, "Couldn’t check"),
    }
}
