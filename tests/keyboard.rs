//! The whole wizard without a pointer: by keyboard alone, with everything named and the focus
//! always to be seen.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "walk/mod.rs"]
#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mta_sts_core::facts::MailServer;
use mta_sts_core::{Domain, Facts, Progress};
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::{Overlay, Screen, State, Step};
use time::OffsetDateTime;
use walk::{check, until, wizard, wizard_of};

type Window = Harness<'static, Wizard>;

/// What has the focus, by its name.
fn focused(window: &Window) -> Option<String> {
    let root = window.root();
    let mut nodes = root.children_recursive();
    let node = nodes.find(|node| node.accesskit_node().is_focused())?;
    let node = node.accesskit_node();
    // A field is named by the label beside it.
    node.label().or_else(|| {
        let label = node.labelled_by().next()?;
        label.label().or_else(|| label.value())
    })
}

/// Presses Tab until this has the focus. What has the focus is always in sight.
#[track_caller]
fn tab_to(window: &mut Window, name: &str) {
    let mut passed = Vec::new();
    for _ in 0..300 {
        focus_is_in_sight(window);
        if focused(window).is_some_and(|it| it == name || it.starts_with(&format!("{name}:"))) {
            return;
        }
        passed.extend(focused(window));
        window.key_press(Key::Tab);
        window.run_steps(2);
    }
    panic!("Tab never came to {name}, only to {passed:?}");
}

#[track_caller]
fn focus_is_in_sight(window: &Window) {
    let root = window.root();
    let mut nodes = root.children_recursive();
    let node = nodes.find(|node| node.accesskit_node().is_focused());
    let Some(rect) = node.map(|node| node.rect()) else {
        return;
    };
    let screen = window.ctx.content_rect();
    let name = focused(window);
    assert!(screen.contains_rect(rect), "{name:?} is at {rect}");
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(3);
}

fn command(window: &mut Window, key: Key) {
    window.key_press_modifiers(Modifiers::COMMAND, key);
    window.run_steps(3);
}

fn write(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.run_steps(3);
}

fn step(window: &Window) -> Step {
    let Screen::Step(step) = window.state().state().inputs().screen() else {
        panic!("at home")
    };
    step
}

#[test]
fn from_an_empty_field_to_the_files_on_the_disk_by_keyboard_alone() {
    let place = tempfile::tempdir().unwrap();
    let mut window = wizard([1040.0, 760.0], Theme::Light);

    // The field has the focus at the start.
    write(&mut window, "nothing-published.example");
    key(&mut window, Key::Enter);
    until(&mut window, "the check has ended", |wizard| {
        wizard.state().report().is_some()
    });
    tab_to(&mut window, "Everything we checked");
    key(&mut window, Key::Enter);
    window.run_steps(20);
    tab_to(&mut window, "Certificate");
    key(&mut window, Key::Enter);
    window.run_steps(20);
    window.get_by_label("Raw");
    key(&mut window, Key::F1);
    window.get_by_label_contains("A certificate proves who a server is.");
    key(&mut window, Key::Escape);
    assert_eq!(window.state().state().inputs().overlay.clone(), None);

    tab_to(&mut window, "Create my policy");
    key(&mut window, Key::Enter);
    assert_eq!(step(&window), Step::Create);
    tab_to(&mut window, "Report address");
    write(&mut window, "reports@healthy.example");
    tab_to(&mut window, "Change: Senders rely on it for");
    key(&mut window, Key::Space);
    tab_to(&mut window, "2 weeks");
    key(&mut window, Key::Space);
    command(&mut window, Key::Num3);
    assert_eq!(step(&window), Step::Publish);
    walk::publish_each(&mut window, |window, button| {
        tab_to(window, button);
        key(window, Key::Space);
    });
    until(&mut window, "everything is visible", |wizard| {
        let progress = wizard.state().derived().progress.as_ref();
        progress.is_some_and(Progress::is_complete)
    });

    command(&mut window, Key::S);
    assert_eq!(step(&window), Step::Finish);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
    window.run_steps(3);
    assert_eq!(step(&window), Step::Publish);
    command(&mut window, Key::Num4);
    tab_to(&mut window, "Folder");
    write(&mut window, place.path().to_str().unwrap());
    until(&mut window, "the folder has been looked at", |wizard| {
        wizard.state().save_plan().is_some()
    });
    command(&mut window, Key::S);
    until(&mut window, "the files are saved", |wizard| {
        wizard.state().is_saved()
    });
    let policy = std::fs::read_to_string(place.path().join(".well-known/mta-sts.txt")).unwrap();
    assert!(policy.contains("max_age: 1209600\r\n"), "{policy}");
    let calendar = std::fs::read_to_string(place.path().join("next-steps.ics")).unwrap();
    assert!(calendar.contains("to enforce mode"), "{calendar}");
}

#[test]
fn escape_ends_a_check_and_the_text_grows_and_shrinks_by_key() {
    let mut window = wizard([1040.0, 760.0], Theme::Light);
    tab_to(&mut window, "Domain name");
    write(&mut window, "port-25-blocked.example");
    key(&mut window, Key::Enter);
    assert!(window.state().state().is_checking());
    key(&mut window, Key::Escape);
    assert!(!window.state().state().is_checking());
    let size =
        |window: &Window| (window.state().state().inputs().display.text_size * 100.0).round();
    command(&mut window, Key::Plus);
    assert!((size(&window) - 110.0).abs() < 0.1);
    for _ in 0..9 {
        command(&mut window, Key::Minus);
    }
    assert!((size(&window) - 80.0).abs() < 0.1);
    command(&mut window, Key::Num0);
    assert!((size(&window) - 100.0).abs() < 0.1);
}

#[test]
fn help_explains_what_has_the_focus_and_gives_it_back_and_else_the_step() {
    let mut window = wizard([1040.0, 760.0], Theme::Light);
    assert_eq!(focused(&window).as_deref(), Some("Domain name"));
    key(&mut window, Key::F1);
    window.get_by_label_contains("This is the part of your e-mail address");
    key(&mut window, Key::Escape);
    assert_eq!(focused(&window).as_deref(), Some("Domain name"));
    write(&mut window, "still typing");
    assert_eq!(window.state().state().inputs().domain_text, "still typing");
    // Escape in a field leaves it.
    key(&mut window, Key::Escape);
    key(&mut window, Key::F1);
    let overlay = window.state().state().inputs().overlay.clone();
    let Some(Overlay::Help(topic)) = overlay else {
        panic!("{overlay:?}")
    };
    assert_eq!(topic.title(), "Step 1: check");
    // The keys of the screen below do nothing meanwhile.
    command(&mut window, Key::R);
    assert!(!window.state().state().is_checking());
    key(&mut window, Key::Enter);
    assert_eq!(window.state().state().inputs().overlay.clone(), None);
}

#[test]
fn tab_goes_through_the_screen_then_the_footer_then_the_rail() {
    let mut window = wizard([1040.0, 760.0], Theme::Light);
    check(&mut window, "nothing-published.example");
    command(&mut window, Key::Num2);
    let mut passed = Vec::new();
    for _ in 0..60 {
        key(&mut window, Key::Tab);
        passed.extend(focused(&window));
    }
    let place = |name: &str| {
        let mut names = passed.iter();
        let place = names.position(|it| it.starts_with(name));
        place.unwrap_or_else(|| panic!("{name} is not among {passed:?}"))
    };
    let order = [
        "Report address",
        "Another mail server",
        "Testing",
        "Change: DNS provider",
        "Back",
        "Next: publish",
        "Leave practice",
        "Your domains",
        "Step 1 Check",
        "Help and display",
    ];
    let places = order.map(place);
    assert!(places.is_sorted(), "{passed:?}");
}

#[test]
fn a_step_opens_at_its_top_however_far_it_was_scrolled_the_last_time() {
    let mut window = wizard([800.0, 600.0], Theme::Light);
    check(&mut window, "nothing-published.example");
    command(&mut window, Key::Num2);
    let top = window.get_by_label("Your policy").rect().top();
    tab_to(&mut window, "Change: DNS provider");
    assert!(window.get_by_label("Your policy").rect().top() < top - 100.0);
    command(&mut window, Key::Num1);
    command(&mut window, Key::Num2);
    assert!((window.get_by_label("Your policy").rect().top() - top).abs() < 1.0);
}

#[test]
fn everything_that_can_have_the_focus_has_a_name_on_every_screen() {
    let mut window = wizard([1040.0, 3000.0], Theme::Light);
    everything_is_named(&window);
    check(&mut window, "healthy.example");
    command(&mut window, Key::D);
    everything_is_named(&window);
    command(&mut window, Key::Num1);
    everything_is_named(&window);
    for number in [Key::Num2, Key::Num3, Key::Num4] {
        command(&mut window, number);
        everything_is_named(&window);
    }
}

fn everything_is_named(window: &Window) {
    let step = window.state().state().inputs().screen();
    let mut count = 0;
    for node in window.root().children_recursive() {
        let node = node.accesskit_node();
        let role = node.role();
        let is_control = matches!(
            role,
            Role::Button
                | Role::CheckBox
                | Role::RadioButton
                | Role::TextInput
                | Role::ComboBox
                | Role::DisclosureTriangle
                | Role::Link
        );
        if is_control {
            let named = node.label().is_some_and(|label| !label.trim().is_empty())
                || node.labelled_by().next().is_some();
            assert!(
                named,
                "{role:?} without a name in {step:?}: {:?}",
                node.bounding_box()
            );
            count += 1;
        }
    }
    assert!(count > 5, "only {count} controls in {step:?}");
}

#[test]
fn of_fifty_mail_servers_the_last_is_there_for_a_screen_reader_though_out_of_sight() {
    let domain = Domain::parse("example.com").unwrap();
    let mut facts = Facts::new(domain, OffsetDateTime::now_utc());
    facts.mail_servers = (1..=50)
        .map(|number| MailServer::named(format!("mx{number}.example.com"), number))
        .collect();
    let mut state = State::new(false);
    state.update(OffsetDateTime::now_utc(), |inputs| inputs.import(facts));
    let mut window = wizard_of(state, [1040.0, 760.0], Theme::Light);
    window.run_steps(5);
    window.get_by_label_contains("mx50.example.com: Reachable ");
}
