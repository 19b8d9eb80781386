//! The plans, played to the end in practice mode: every stage is pressed, and every wait is skipped.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use mta_sts_core::{Mode, Piece, Progress, StageStatus};
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::{Screen, Step};
use walk::{check, press, started, until};

type Window = Harness<'static, Wizard>;

const SIZE: [f32; 2] = [1000.0, 4000.0];

/// The stage that is next, and how far it is; `None` once all is done.
fn current(window: &Window) -> Option<(&'static str, StageStatus)> {
    let plan = window.state().state().derived().plan.as_ref().unwrap();
    plan.current().map(|stage| (stage.id, stage.status))
}

/// Waits until the check behind the plan has ended.
fn settle(window: &mut Window) {
    until(window, "the plan is checked", |wizard| {
        wizard.is_at_rest() && !wizard.state().is_checking()
    });
}

/// Does every stage and skips every wait. Gives the stages in the order in which they were done.
fn play(window: &mut Window) -> Vec<&'static str> {
    let mut done = Vec::new();
    for _ in 0..30 {
        settle(window);
        match current(window) {
            None => return done,
            Some((_, StageStatus::Waiting)) => press(window, "Skip to that day"),
            Some((id, StageStatus::Open)) => {
                done.push(id);
                press(window, "Do it for me");
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("no end after {done:?}");
}

/// Puts a text in the place of what is in the field for new mail servers.
fn type_hosts(window: &mut Window, text: &str) {
    let field = |window: &Window| {
        let role = eframe::egui::Role::MultilineTextInput;
        window
            .get_by_role_and_label(role, "New mail servers")
            .focus();
    };
    field(window);
    window.run_steps(2);
    window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, eframe::egui::Key::A);
    window.run_steps(1);
    let role = eframe::egui::Role::MultilineTextInput;
    window
        .get_by_role_and_label(role, "New mail servers")
        .type_text(text);
    window.run_steps(2);
}

fn mode(window: &Window) -> Option<Mode> {
    let facts = window
        .state()
        .state()
        .work()
        .unwrap()
        .facts
        .clone()
        .unwrap();
    facts.published_policy().map(|policy| policy.mode())
}

fn is_refused(window: &Window) -> bool {
    window.state().state().derived().is_refused
}

#[test]
fn mail_moves_under_enforce_and_then_mta_sts_is_switched_off_over_a_restart_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "healthy.example");
    press(&mut window, "Move to other mail servers");
    type_hosts(&mut window, "10 mx");
    press(&mut window, "Make the plan");
    window.get_by_label_contains("has no dot");
    type_hosts(&mut window, "mx1.healthy-testing.example");
    press(&mut window, "Make the plan");
    settle(&mut window);
    assert_eq!(current(&window), Some(("list-both", StageStatus::Open)));

    // The first stage by the steps of the wizard, as outside practice.
    press(&mut window, "Next: publish");
    assert_eq!(
        window.state().state().inputs().screen(),
        Screen::Step(Step::Publish)
    );
    let progress = |wizard: &Wizard, piece| {
        let progress = wizard.state().derived().progress.as_ref();
        progress.is_some_and(|it| it.is_published(piece))
    };
    until(&mut window, "it has been looked at", |wizard| {
        progress(wizard, Piece::PolicyHost)
    });
    press(&mut window, "Publish the policy file for me");
    until(&mut window, "the file is there", |wizard| {
        progress(wizard, Piece::PolicyFile)
    });
    press(&mut window, "Publish the MTA-STS record for me");
    until(&mut window, "everything is visible", |wizard| {
        let progress = wizard.state().derived().progress.as_ref();
        progress.is_some_and(Progress::is_complete)
    });
    press(&mut window, "Back to the plan");
    settle(&mut window);
    assert_eq!(current(&window), Some(("change-mx", StageStatus::Waiting)));
    press(&mut window, "Skip to that day");
    settle(&mut window);
    assert_eq!(current(&window), Some(("change-mx", StageStatus::Open)));
    drop(window);

    let mut window = started(folder.path(), SIZE);
    settle(&mut window);
    assert_eq!(window.state().state().inputs().screen(), Screen::Plan);
    assert_eq!(current(&window), Some(("change-mx", StageStatus::Open)));
    assert_eq!(play(&mut window), ["change-mx", "drop-old"]);
    window.get_by_label("All of it is done.");
    assert!(!is_refused(&window));
    let facts = window
        .state()
        .state()
        .work()
        .unwrap()
        .facts
        .clone()
        .unwrap();
    assert_eq!(facts.mail_servers.len(), 1);
    assert_eq!(
        facts.published_policy().unwrap().mx().len(),
        1,
        "without the old mail servers"
    );
    press(&mut window, "Finish the plan");

    press(&mut window, "Turn off safely");
    assert_eq!(play(&mut window), ["none", "remove-record", "remove-host"]);
    assert_eq!(mode(&window), None);
    let facts = window
        .state()
        .state()
        .work()
        .unwrap()
        .facts
        .clone()
        .unwrap();
    assert!(facts.nothing_published());
}

#[test]
fn enforce_comes_after_two_weeks_of_testing() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "healthy-testing.example");
    press(&mut window, "Plan enforce mode");
    assert_eq!(current(&window), Some(("enforce", StageStatus::Waiting)));
    // The dates are those of the calendar file, and of the line of the domain at home.
    let next = &window.state().state().derived().next_steps[0];
    assert_eq!(next.kind.slug(), "enforce-enforce");
    let days = next.on.unwrap() - time::OffsetDateTime::now_utc().date();
    assert!((13..=15).contains(&days.whole_days()), "{days}");
    assert_eq!(play(&mut window), ["enforce"]);
    assert_eq!(mode(&window), Some(Mode::Enforce));
}

#[test]
fn what_breaks_in_practice_is_refused_under_enforce_and_can_be_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "healthy.example");
    press(&mut window, "Turn off safely");
    settle(&mut window);
    press(&mut window, "Let the certificates expire");
    settle(&mut window);
    assert!(is_refused(&window), "the certificates have expired");
    press(&mut window, "Repair it");
    settle(&mut window);
    assert!(!is_refused(&window));
    press(&mut window, "Move mail without telling the policy");
    settle(&mut window);
    let state = window.state().state();
    // The practice host is already one of this domain’s, so only the other is gone.
    assert_eq!(state.facts().unwrap().mail_servers.len(), 1);
    press(&mut window, "Give up this plan");
    let state = window.state().state();
    assert_eq!(state.inputs().screen(), Screen::Step(Step::Check));
    assert_eq!(state.derived().plan, None);
}
