//! Step 4 and the end: files are written where the person wants them, nothing of somebody else is
//! overwritten unseen, and the window closes when nothing is in the way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mta_sts_core::facts::MailServer;
use mta_sts_core::{Domain, Facts};
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::State;
use time::OffsetDateTime;
use walk::{check, press, type_folder, type_into, until};

/// The wizard in step 4, nothing published yet.
fn at_the_files() -> Harness<'static, Wizard> {
    let mut harness = walk::wizard([1000.0, 4000.0], egui::Theme::Light);
    check(&mut harness, "nothing-published.example");
    press(&mut harness, "Create my policy");
    press(&mut harness, "Next: publish");
    press(&mut harness, "Next: save & finish");
    harness
}

#[test]
fn another_file_in_the_way_is_shown_and_never_overwritten_silently() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dns-records.txt"), "mine").unwrap();
    let mut harness = at_the_files();
    type_folder(&mut harness, folder.path());
    harness.get_by_label_contains("a different file is already there");
    let save = harness.get_by_label("Save all");
    assert!(save.accesskit_node().is_disabled());
    let there = || std::fs::read_to_string(folder.path().join("dns-records.txt")).unwrap();
    assert_eq!(there(), "mine");
    assert!(harness.query_by_label_contains("yours is from").is_some());
    press(&mut harness, "Replace the existing files");
    press(&mut harness, "Save all");
    until(&mut harness, "the files are saved", |wizard| {
        wizard.state().is_saved()
    });
    assert!(there().contains("_mta-sts"));
}

#[test]
fn practice_work_that_is_saved_nowhere_is_no_reason_to_ask() {
    let mut harness = at_the_files();
    let commands = close(&mut harness);
    assert!(!commands.contains(&egui::ViewportCommand::CancelClose));
}

#[test]
fn everything_goes_into_one_zip_file_where_that_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = at_the_files();
    press(&mut harness, "One ZIP file");
    type_folder(&mut harness, folder.path());
    // What will be in it is told before.
    harness.get_by_label("zone-snippet.txt");
    press(&mut harness, "Save all");
    until(&mut harness, "the file is saved", |wizard| {
        wizard.state().is_saved()
    });
    harness.get_by_label("1 file saved.");
    let file = folder.path().join("mta-sts-nothing-published.example.zip");
    let bytes = std::fs::read(file).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds(".well-known/mta-sts.txt") && holds("version: STSv1\r\n"));
}

#[test]
fn saving_right_after_the_last_letter_of_the_folder_saves() {
    let place = tempfile::tempdir().unwrap();
    let mut harness = at_the_files();
    type_into(&mut harness, "Folder", place.path().to_str().unwrap());
    until(&mut harness, "the folder has been looked at", |wizard| {
        wizard.state().may_save()
    });
    // The last letters and the press arrive in one frame: nobody has looked at that folder yet.
    let field = harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Folder");
    field.type_text("/mine");
    harness.get_by_label("Save all").click_accesskit();
    until(&mut harness, "the files are there", |wizard| {
        wizard.state().is_saved()
    });
    let policy = place.path().join("mine/.well-known/mta-sts.txt");
    assert!(policy.exists());
}

/// Asks for the window to be closed, draws one frame, and says what the wizard made of it.
fn close(harness: &mut Harness<'_, Wizard>) -> Vec<egui::ViewportCommand> {
    let viewports = &mut harness.input_mut().viewports;
    let root = viewports.entry(egui::ViewportId::ROOT).or_default();
    root.events.push(egui::ViewportEvent::Close);
    let commands = commands_of_a_frame(harness);
    let viewports = &mut harness.input_mut().viewports;
    let root = viewports.entry(egui::ViewportId::ROOT).or_default();
    root.events.clear();
    commands
}

fn commands_of_a_frame(harness: &mut Harness<'_, Wizard>) -> Vec<egui::ViewportCommand> {
    harness.step();
    let viewports = &harness.output().viewport_output;
    let root = viewports.get(&egui::ViewportId::ROOT).unwrap();
    root.commands.clone()
}

#[test]
fn a_window_that_is_closed_while_files_are_written_closes_when_they_are_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = at_the_files();
    type_into(&mut harness, "Folder", folder.path().to_str().unwrap());
    until(&mut harness, "the folder has been looked at", |wizard| {
        wizard.state().may_save()
    });
    harness.get_by_label("Save all").click_accesskit();
    // The first frame takes the press in, the second acts on it, and is asked to close.
    harness.step();
    let commands = close(&mut harness);
    assert!(
        commands.contains(&egui::ViewportCommand::CancelClose),
        "{commands:?}"
    );
    let begun = std::time::Instant::now();
    while !commands_of_a_frame(&mut harness).contains(&egui::ViewportCommand::Close) {
        assert!(begun.elapsed().as_secs() < 60, "it never closes");
    }
    assert!(folder.path().join("report.html").exists());
    until(&mut harness, "they are seen there", |wizard| {
        wizard.state().is_saved()
    });
    // Asked again, nothing is in the way.
    let commands = close(&mut harness);
    assert!(!commands.contains(&egui::ViewportCommand::CancelClose));
}

#[cfg(target_os = "linux")]
#[test]
fn a_window_that_is_closed_while_files_cannot_be_written_stays_and_says_why() {
    let mut harness = at_the_files();
    type_into(&mut harness, "Folder", "/proc/nobody/can/write/here");
    until(&mut harness, "the folder has been looked at", |wizard| {
        wizard.state().may_save()
    });
    harness.get_by_label("Save all").click_accesskit();
    harness.step();
    let commands = close(&mut harness);
    assert!(commands.contains(&egui::ViewportCommand::CancelClose));
    until(&mut harness, "it is refused", |wizard| {
        let notice = wizard.state().inputs().notice.as_ref();
        notice.is_some_and(|notice| notice.text.contains("/proc/nobody"))
    });
    for _ in 0..5 {
        let commands = commands_of_a_frame(&mut harness);
        assert!(!commands.contains(&egui::ViewportCommand::Close));
    }
    // And it is looked at again, so that it can be saved elsewhere or once more.
    until(
        &mut harness,
        "the folder has been looked at again",
        |wizard| wizard.state().may_save(),
    );
}

#[test]
fn work_that_would_be_lost_is_asked_about_before_the_window_closes() {
    let domain = Domain::parse("example.com").unwrap();
    let mut facts = Facts::new(domain, OffsetDateTime::now_utc());
    facts.mail_servers = vec![MailServer::named("mx1.example.com", 10)];
    let mut state = State::new(false);
    state.update(OffsetDateTime::now_utc(), |inputs| inputs.import(facts));
    // Nothing keeps the state here, as where its folder cannot be written to.
    let mut harness = walk::wizard_of(state, [1000.0, 2000.0], egui::Theme::Light);
    assert!(!close(&mut harness).contains(&egui::ViewportCommand::CancelClose));

    walk::to_the_policy(&mut harness);
    assert!(close(&mut harness).contains(&egui::ViewportCommand::CancelClose));
    harness.run_steps(3);
    press(&mut harness, "Stay");
    assert!(harness.query_by_label("Close anyway").is_none());
    assert!(close(&mut harness).contains(&egui::ViewportCommand::CancelClose));
    harness.run_steps(3);
    harness.get_by_label("Close anyway").click_accesskit();
    harness.step();
    assert!(commands_of_a_frame(&mut harness).contains(&egui::ViewportCommand::Close));
}

#[test]
fn reports_that_are_dropped_in_step_4_tell_what_failed_and_keep_enforce_mode_locked() {
    let folder = tempfile::tempdir().unwrap();
    let domain = "nothing-published.example";
    let mut harness = at_the_files();
    let drop = |harness: &mut Harness<'static, Wizard>, days_ago, failure| {
        let file = folder.path().join(format!("{days_ago}.json"));
        std::fs::write(&file, walk::tls_report(domain, days_ago, failure)).unwrap();
        walk::drop_file(harness, &file);
    };
    for days_ago in 1..=14 {
        drop(&mut harness, days_ago, None);
    }
    until(&mut harness, "the reports are read", |wizard| {
        wizard.state().reported().is_some()
    });
    harness.get_by_label("14 reports read.");
    harness
        .get_by_label("14 days without a failure. Enforce mode would not have held back any mail.");
    harness.get_by_label_contains("1652 connections encrypted, 0 failed.");

    drop(&mut harness, 0, Some("certificate-expired"));
    until(&mut harness, "the failure is read", |wizard| {
        wizard
            .state()
            .reported()
            .is_some_and(|told| told.failed > 0)
    });
    let failing = "Some connections failed in the last two weeks of reports.";
    harness.get_by_label_contains(failing);
    harness.get_by_label("The certificate had expired: mx1.nothing-published.example");
    harness.get_by_label_contains("3 connections with mx1.nothing-published.example (192.0.2.25)");
    harness.get_by_label_contains("Renew it");

    press(&mut harness, "Remove all reports");
    assert!(harness.query_by_label_contains(failing).is_none());
}

#[test]
fn a_file_that_is_no_report_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("photo.jpg");
    std::fs::write(&file, b"\xff\xd8\xff\xe0").unwrap();
    let mut harness = at_the_files();
    walk::drop_file(&mut harness, &file);
    until(&mut harness, "it was looked at", |wizard| {
        !wizard
            .state()
            .inputs()
            .session()
            .is_none_or(|session| session.remarks().is_empty())
    });
    harness.get_by_label("photo.jpg: this isn’t a TLS report, an e-mail or an archive.");
    harness.get_by_label("There are no new reports.");
}

#[test]
fn reports_that_are_dropped_one_after_the_other_are_all_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = at_the_files();
    for days_ago in 1..=5 {
        let file = folder.path().join(format!("{days_ago}.json"));
        let report = walk::tls_report("nothing-published.example", days_ago, None);
        std::fs::write(&file, report).unwrap();
        walk::drop_file(&mut harness, &file);
        harness.step();
    }
    until(&mut harness, "all five are read", |wizard| {
        let told = wizard.state().reported();
        told.is_some_and(|told| told.successful == 5 * 118)
    });
}
