//! Several domains: each has its own work, which a restart finds again; and the table of all of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mta_sts_core::{Domain, Progress};
use mta_sts_domains::Standing;
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::{Screen, State, Step};
use time::OffsetDateTime;
use walk::{check, press, started, type_into, until};

type Window = Harness<'static, Wizard>;

const SIZE: [f32; 2] = [1000.0, 4000.0];

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

fn key(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

fn go_home(window: &mut Window) {
    key(window, Modifiers::COMMAND, Key::D);
    assert_eq!(window.state().state().inputs().screen(), Screen::Home);
}

/// Opens a domain from the table.
fn open(window: &mut Window, name: &str) {
    go_home(window);
    row(window, name).click_accesskit();
    window.run_steps(4);
    assert_eq!(window.state().state().domain(), Some(&domain(name)));
}

fn row<'a>(window: &'a Window, name: &str) -> egui_kittest::Node<'a> {
    window
        .get_all_by_role(egui::Role::Row)
        .find(|node| {
            let label = node.accesskit_node().label().unwrap_or_default();
            label.starts_with(&format!("{name}: "))
        })
        .unwrap()
}

fn check_another(window: &mut Window, name: &str) {
    key(window, Modifiers::COMMAND, Key::Num1);
    type_into(window, "Domain name", "");
    key(window, Modifiers::COMMAND, Key::A);
    check(window, name);
}

fn work(window: &Window) -> mta_sts_domains::Work {
    window.state().state().work().unwrap().clone()
}

#[test]
fn three_domains_worked_on_in_turn_keep_their_own_over_two_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "nothing-published.example");
    press(&mut window, "Create my policy");
    type_into(&mut window, "Report address", "a@healthy.example");
    press(&mut window, "Next: publish");
    walk::publish_for_me(&mut window);
    until(&mut window, "all of it is visible", |wizard| {
        let progress = wizard.state().derived().progress.as_ref();
        progress.is_some_and(Progress::is_complete)
    });
    let first = work(&window);
    let live = first.history.live.clone().unwrap();

    check_another(&mut window, "healthy-testing.example");
    walk::to_the_policy(&mut window);
    press(&mut window, "Change: Senders rely on it for");
    press(&mut window, "30 days");
    check_another(&mut window, "one-of-two-bad.example");
    press(&mut window, "Next: your policy");
    type_into(&mut window, "Another mail server", "mx9.example.net");
    press(&mut window, "Add");
    let third = work(&window);
    drop(window);

    let mut window = started(folder.path(), SIZE);
    assert_eq!(
        work(&window),
        third,
        "the domain and the step as they were left"
    );
    assert_eq!(
        window.state().state().inputs().screen(),
        Screen::Step(Step::Create)
    );
    open(&mut window, "nothing-published.example");
    until(&mut window, "it has been looked at", Wizard::is_at_rest);
    let again = work(&window);
    assert_eq!(again.draft, first.draft);
    assert_eq!(again.history.live.as_ref(), Some(&live));
    open(&mut window, "healthy-testing.example");
    let draft = work(&window).draft.unwrap();
    assert_eq!(draft.max_age_secs, 2_592_000);
    assert_ne!(draft.report_address, "a@healthy.example");
    go_home(&mut window);
    drop(window);

    let window = started(folder.path(), SIZE);
    assert_eq!(window.state().state().inputs().screen(), Screen::Home);
    let summary = window
        .state()
        .state()
        .summary(&domain("nothing-published.example"));
    // The last check was before anything was published.
    assert_eq!(summary.unwrap().standing, Standing::NotSetUp);
    for name in [
        "nothing-published.example",
        "healthy-testing.example",
        "one-of-two-bad.example",
    ] {
        row(&window, name);
    }
}

#[test]
fn work_with_which_the_last_start_crashed_is_set_aside_and_comes_back_when_it_is_moved_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("practice");
    let mut first = started(folder.path(), SIZE);
    check(&mut first, "healthy.example");
    drop(first);
    let count = |window: &Window| window.state().state().inputs().domains().len();
    let second = started(folder.path(), SIZE);
    assert_eq!(count(&second), 1, "a start that went well leaves no mark");
    drop(second);

    std::fs::write(place.join("starting"), "").unwrap();
    let third = started(folder.path(), SIZE);
    third.get_by_label_contains("crashed while it opened your saved work");
    assert_eq!(count(&third), 0);
    drop(third);

    std::fs::rename(place.join("domains.crashed"), place.join("domains")).unwrap();
    let fourth = started(folder.path(), SIZE);
    assert_eq!(count(&fourth), 1);
}

#[test]
fn a_second_window_saves_nothing_and_so_destroys_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = started(folder.path(), SIZE);
    check(&mut first, "healthy.example");
    let mut second = started(folder.path(), SIZE);
    second.get_by_label_contains("Your work won’t be saved. Another window");
    check_another(&mut second, "null-mx.example");
    drop(second);
    walk::to_the_policy(&mut first);
    drop(first);
    let third = started(folder.path(), SIZE);
    assert_eq!(work(&third).step, Step::Create);
    assert_eq!(third.state().state().inputs().domains().len(), 1);
}

#[test]
fn a_file_that_is_opened_at_the_start_comes_on_top_of_what_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "nothing-published.example");
    press(&mut window, "Create my policy");
    type_into(&mut window, "Report address", "a@healthy.example");
    let saved = work(&window);
    drop(window);
    let mut facts = (**saved.facts.as_ref().unwrap()).clone();
    facts.observed_on = Some("server.example".into());
    let file = folder.path().join("facts.json");
    std::fs::write(&file, facts.to_json().unwrap()).unwrap();

    let save = mta_sts_wizard::runtime::SaveWork::In(folder.path().to_owned());
    let mut window = Harness::builder().with_size(SIZE).build_eframe(|creation| {
        let mut wizard = Wizard::saving(&creation.egui_ctx, true, save).unwrap();
        wizard.open_files(vec![file.clone()]);
        wizard
    });
    until(&mut window, "the facts are shown", |wizard| {
        let facts = wizard.state().facts();
        facts.is_some_and(|facts| facts.observed_on.is_some())
    });
    let now = work(&window);
    assert_eq!(now.draft.unwrap().report_address, "a@healthy.example");
}

#[test]
fn a_folder_that_was_typed_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "nothing-published.example");
    press(&mut window, "Create my policy");
    press(&mut window, "Next: publish");
    press(&mut window, "Next: save & finish");
    // Nothing else is changed afterwards.
    type_into(&mut window, "Folder", "/tmp/typed");
    drop(window);
    let window = started(folder.path(), SIZE);
    assert_eq!(work(&window).folder_text, "/tmp/typed");
}

#[test]
fn undoing_in_a_field_does_not_bring_back_the_text_of_another_domain() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "nothing-published.example");
    press(&mut window, "Create my policy");
    type_into(&mut window, "Report address", "a@healthy.example");
    check_another(&mut window, "one-of-two-bad.example");
    press(&mut window, "Next: your policy");
    let before = work(&window).draft.unwrap().report_address;
    window
        .get_by_role_and_label(egui::Role::TextInput, "Report address")
        .focus();
    window.run_steps(2);
    key(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(work(&window).draft.unwrap().report_address, before);
}

#[test]
fn practice_and_real_work_are_apart_and_each_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = started(folder.path(), SIZE);
    check(&mut window, "healthy.example");
    press(&mut window, "Help and display");
    press(&mut window, "High contrast");
    key(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, "Leave practice");
    until(&mut window, "the real work is read", Wizard::is_at_rest);
    let inputs = window.state().state().inputs();
    assert!(!inputs.practice && inputs.domains().is_empty());
    assert_eq!(inputs.screen(), Screen::Step(Step::Check));
    assert!(inputs.display.high_contrast, "the window looks as before");
    press(&mut window, "Try practice mode");
    until(&mut window, "the practice work is read", Wizard::is_at_rest);
    let state = window.state().state();
    assert!(state.inputs().practice);
    assert_eq!(state.domain(), Some(&domain("healthy.example")));
    assert!(state.inputs().display.high_contrast);
}

/// A window at the table of these domains, of which nothing is known.
fn at_home(names: &[&str], size: [f32; 2]) -> Window {
    let mut state = State::new(true);
    state.update(OffsetDateTime::now_utc(), |inputs| {
        inputs.add(names.iter().map(|name| domain(name)).collect());
        inputs.go_home();
    });
    let mut window = walk::wizard_of(state, size, egui::Theme::Light);
    window.run_steps(4);
    window
}

fn focused(window: &Window) -> String {
    let root = window.root();
    let mut nodes = root.children_recursive();
    let node = nodes.find(|node| node.accesskit_node().is_focused());
    let label = node.and_then(|node| node.accesskit_node().label());
    label.unwrap_or_default()
}

#[test]
fn the_table_is_a_table_by_keyboard_and_for_a_screen_reader() {
    let names: Vec<String> = (100..400).map(|it| format!("d{it}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut window = at_home(&names, [1040.0, 760.0]);
    let table = window.get_by_role_and_label(egui::Role::Table, "Your domains");
    assert_eq!(table.accesskit_node().data().row_count(), Some(300));
    assert!(focused(&window).starts_with("d100.example: Not checked yet."));
    for _ in 0..40 {
        key(&mut window, Modifiers::NONE, Key::ArrowDown);
        let node = row(&window, focused(&window).split(':').next().unwrap());
        assert!(window.ctx.content_rect().contains_rect(node.rect()));
    }
    assert!(
        focused(&window).starts_with("d140.example: "),
        "{}",
        focused(&window)
    );
    key(&mut window, Modifiers::NONE, Key::End);
    assert!(
        focused(&window).starts_with("d399.example: "),
        "{}",
        focused(&window)
    );
    key(&mut window, Modifiers::NONE, Key::Delete);
    window.get_by_label("Remove d399.example from the list?");
    press(&mut window, "Keep");
    assert_eq!(window.state().state().inputs().domains().len(), 300);
    key(&mut window, Modifiers::NONE, Key::Delete);
    press(&mut window, "Remove");
    window.run_steps(4);
    assert_eq!(window.state().state().inputs().domains().len(), 299);
    // The keyboard goes on at the row beside it.
    assert!(
        focused(&window).starts_with("d398.example: "),
        "{}",
        focused(&window)
    );
    key(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(
        window.state().state().domain(),
        Some(&domain("d398.example"))
    );
}

#[test]
fn a_pasted_list_is_added_and_what_is_wrong_in_it_is_told() {
    let mut window = at_home(&[], SIZE);
    let list: Vec<String> = (1..=500).map(|it| format!("d{it}.example")).collect();
    window
        .get_by_role_and_label(egui::Role::MultilineTextInput, "Add domains")
        .focus();
    window.run_steps(2);
    window.event(egui::Event::Paste(list.join("\n") + "\nlocalhost"));
    window.run_steps(3);
    press(&mut window, "Add");
    assert_eq!(window.state().state().inputs().domains().len(), 500);
    window.get_by_label_contains("500 domains added. Skipped line 501: “localhost”");
    // Skipped entries stay in the field.
    assert_eq!(window.state().state().inputs().home.add_text, "localhost");
    press(&mut window, "Add");
    window.get_by_label_contains("No domain was added. Skipped line 1: “localhost”");
    window
        .get_by_role_and_label(egui::Role::MultilineTextInput, "Add domains")
        .focus();
    window.run_steps(2);
    key(&mut window, Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Paste("d7.example".to_owned()));
    window.run_steps(3);
    press(&mut window, "Add");
    window.get_by_label("This domain is already on the list.");
    type_into(&mut window, "Filter", "d50");
    assert_eq!(window.state().state().derived().listed.len(), 2);
    window.get_by_label("2 of 500 domains");
}

#[test]
fn all_are_checked_with_a_bar_that_never_goes_back_and_the_worst_comes_first() {
    let names = [
        "healthy.example",
        "expired-certificate.example",
        "null-mx.example",
    ];
    let mut window = at_home(&names, SIZE);
    press(&mut window, "Check all");
    let last = std::cell::Cell::new(0.0);
    until(&mut window, "all are checked", |wizard| {
        let batch = wizard.state().inputs().home.batch;
        let share = batch.map_or(1.0, mta_sts_wizard::state::Batch::share);
        assert!(share >= last.get(), "{share} after {}", last.get());
        last.set(share);
        batch.is_none()
    });
    let listed = &window.state().state().derived().listed;
    assert_eq!(listed[0], domain("expired-certificate.example"));
    let label = row(&window, "expired-certificate.example");
    let label = label.accesskit_node().label().unwrap();
    assert!(
        label.contains("Mail is being refused. Problem. Next: Fix it now."),
        "{label}"
    );
    row(&window, "healthy.example");
}

#[test]
fn the_practice_internet_has_copies_of_its_stories_under_numbered_names() {
    let mut window = at_home(&["healthy-17.example", "wrong-name-3.example"], SIZE);
    press(&mut window, "Check all");
    until(&mut window, "all are checked", |wizard| {
        wizard.state().inputs().home.batch.is_none()
    });
    let standing = |name: &str| {
        let summary = window.state().state().summary(&domain(name));
        summary.unwrap().standing
    };
    let enforced = Standing::Enforced { since: None };
    assert_eq!(standing("healthy-17.example"), enforced);
    assert_eq!(standing("wrong-name-3.example"), Standing::Refused);
}

#[test]
fn a_check_of_all_is_stopped_and_what_was_seen_stays() {
    let mut window = at_home(&["healthy.example", "tarpit.example"], SIZE);
    press(&mut window, "Check all");
    until(&mut window, "one is checked", |wizard| {
        let batch = wizard.state().inputs().home.batch;
        batch.is_some_and(|batch| batch.done == 1)
    });
    press(&mut window, "Stop");
    until(&mut window, "it has ended", Wizard::is_at_rest);
    let state = window.state().state();
    assert!(
        state
            .summary(&domain("healthy.example"))
            .unwrap()
            .checked_at
            .is_some()
    );
    assert!(
        state
            .summary(&domain("tarpit.example"))
            .unwrap()
            .checked_at
            .is_none()
    );
}

#[test]
fn the_dead_end_of_no_match_is_told() {
    let mut window = at_home(&["healthy.example"], SIZE);
    type_into(&mut window, "Filter", "zz");
    window.get_by_label("No domain matches this filter.");
    assert!(window.query_by_role(egui::Role::Table).is_none());
}
