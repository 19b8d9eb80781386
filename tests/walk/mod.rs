//! A person's hands and eyes: finding things by the name that assistive technology reads, pressing,
//! typing, and waiting until something is so.

use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use eframe::egui::{DroppedFile, Role, Theme, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use mta_sts_core::Piece;
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::runtime::SaveWork;
use mta_sts_wizard::state::State;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The longest that anything in the practice internet may take; a hang fails the test.
const PATIENCE: Duration = Duration::from_mins(1);

/// The wizard in practice mode, at its beginning.
pub(crate) fn wizard(size: impl Into<Vec2>, theme: Theme) -> Harness<'static, Wizard> {
    wizard_of(State::new(true), size, theme)
}

/// The wizard with what it already knows.
pub(crate) fn wizard_of(
    state: State,
    size: impl Into<Vec2>,
    theme: Theme,
) -> Harness<'static, Wizard> {
    Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .with_max_steps(20)
        .build_eframe(|creation| Wizard::new(&creation.egui_ctx, state).unwrap())
}

/// The wizard in practice mode as it is started again and again, with its work saved in this folder.
pub(crate) fn started(folder: &Path, size: impl Into<Vec2>) -> Harness<'static, Wizard> {
    let save = SaveWork::In(folder.to_owned());
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(20)
        .build_eframe(|creation| Wizard::saving(&creation.egui_ctx, true, save).unwrap());
    until(&mut harness, "the saved work is read", Wizard::is_at_rest);
    harness
}

/// Draws frames until something is so. A frame is drawn only when the window asked for one, as in the
/// real window: a wake-up that is lost fails the test.
#[track_caller]
pub(crate) fn until(harness: &mut Harness<'_, Wizard>, what: &str, so: impl Fn(&Wizard) -> bool) {
    let begun = Instant::now();
    let (asked, waits) = channel();
    let asked = Mutex::new(asked);
    harness.ctx.set_request_repaint_callback(move |info| {
        let _ = asked.lock().unwrap().send(Instant::now() + info.delay);
    });
    harness.step();
    while !so(harness.state()) {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        let due = waits.recv_timeout(left).ok();
        assert!(due.is_some(), "waited in vain until {what}");
        let mut due = due.unwrap();
        // A frame that is due later gives way to one that is asked for meanwhile.
        while let Ok(sooner) = waits.recv_timeout(due.saturating_duration_since(Instant::now())) {
            due = due.min(sooner);
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        harness.step();
    }
    harness.run_steps(2);
}

/// Presses what has this name, as assistive technology does: a pointer could miss what a fact that
/// comes in has just moved.
#[track_caller]
pub(crate) fn press(harness: &mut Harness<'_, Wizard>, name: &str) {
    harness.get_by_label(name).scroll_to_me();
    harness.run_steps(3);
    harness.get_by_label(name).click_accesskit();
    harness.run_steps(3);
}

/// Presses what has this in its name.
#[track_caller]
pub(crate) fn press_containing(harness: &mut Harness<'_, Wizard>, part: &str) {
    harness.get_by_label_contains(part).scroll_to_me();
    harness.run_steps(3);
    harness.get_by_label_contains(part).click_accesskit();
    harness.run_steps(20);
}

/// Types into the field with this name.
#[track_caller]
pub(crate) fn type_into(harness: &mut Harness<'_, Wizard>, field: &str, text: &str) {
    harness
        .get_by_role_and_label(Role::TextInput, field)
        .focus();
    harness.run_steps(2);
    harness
        .get_by_role_and_label(Role::TextInput, field)
        .type_text(text);
    harness.run_steps(2);
}

/// Checks a domain to the end.
pub(crate) fn check(harness: &mut Harness<'_, Wizard>, domain: &str) {
    type_into(harness, "Domain name", domain);
    press(harness, "Check");
    until(harness, "the check has ended", |wizard| {
        wizard.state().report().is_some()
    });
}

/// Types the folder of step 4 and waits until it has been looked at.
pub(crate) fn type_folder(harness: &mut Harness<'_, Wizard>, folder: &Path) {
    type_into(harness, "Folder", &folder.display().to_string());
    until(harness, "the folder has been looked at", |wizard| {
        wizard.state().save_plan().is_some()
    });
}

/// A file as the system drops it on a window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

/// Drops a file on the window.
pub(crate) fn drop_file(harness: &mut Harness<'_, Wizard>, file: &Path) {
    let dropped = Arc::new(Dropped(file.to_owned()));
    harness.input_mut().dropped_files.push(dropped);
}

/// A TLS report about yesterday or a day before it, with failed sessions of one kind or with none.
pub(crate) fn tls_report(domain: &str, days_ago: i64, failure: Option<&str>) -> String {
    let today = OffsetDateTime::now_utc().date().midnight().assume_utc();
    let at = |time: OffsetDateTime| time.format(&Rfc3339).unwrap();
    let begin = today - time::Duration::days(days_ago);
    let details = failure.map(|code| {
        serde_json::json!({
            "result-type": code,
            "receiving-mx-hostname": format!("mx1.{domain}"),
            "receiving-ip": "192.0.2.25",
            "failed-session-count": 3,
        })
    });
    serde_json::json!({
        "organization-name": "Sender Inc.",
        "date-range": {
            "start-datetime": at(begin),
            "end-datetime": at(begin + time::Duration::days(1) - time::Duration::SECOND),
        },
        "report-id": days_ago.to_string(),
        "policies": [{
            "policy": { "policy-type": "sts", "policy-domain": domain },
            "summary": {
                "total-successful-session-count": 118,
                "total-failure-session-count": if failure.is_some() { 3 } else { 0 },
            },
            "failure-details": details.into_iter().collect::<Vec<_>>(),
        }],
    })
    .to_string()
}

/// Lets the practice hosts publish all of it, each piece when its card opens: once those before it are
/// published.
#[track_caller]
pub(crate) fn publish_for_me(harness: &mut Harness<'_, Wizard>) {
    publish_each(harness, press);
}

/// The same with another way of pressing a button by its name.
#[track_caller]
pub(crate) fn publish_each<'a>(
    harness: &mut Harness<'a, Wizard>,
    press: impl Fn(&mut Harness<'a, Wizard>, &str),
) {
    for (number, (piece, name)) in [
        (Piece::TlsReport, "TLS-RPT record"),
        (Piece::PolicyHost, "policy host"),
        (Piece::Record, "MTA-STS record"),
    ]
    .into_iter()
    .enumerate()
    {
        let setup = harness.state().state().derived().setup.clone().unwrap();
        if piece == Piece::TlsReport && setup.tls_rpt_record().is_none() {
            continue;
        }
        let before = match number {
            0 => None,
            1 => Some(Piece::TlsReport),
            _ => Some(Piece::PolicyFile),
        };
        until(harness, "what comes before it is published", |wizard| {
            let progress = wizard.state().derived().progress.as_ref();
            progress.is_some_and(|progress| {
                before.is_none_or(|before| {
                    progress.of_piece(before).is_empty() || progress.is_published(before)
                })
            })
        });
        press(harness, &format!("Publish the {name} for me"));
    }
}

/// Goes on from step 1, however its button is called.
#[track_caller]
pub(crate) fn to_the_policy(harness: &mut Harness<'_, Wizard>) {
    let words = ["Create my policy", "Next: your policy", "Change something"];
    let there = |words: &&&str| harness.query_by_label(words).is_some();
    let words = *words.iter().find(there).unwrap();
    press(harness, words);
}
