//! Renders every state of every screen into `target/gallery`, each in a small window, in a large
//! one, and with text at 200 %, to be looked at. Needs a Vulkan or OpenGL driver, software is
//! enough, and no display.
//!
//! ```sh
//! cargo run --example gallery            # all of them
//! cargo run --example gallery -- publish # those with this in their name
//! ```

#![expect(
    clippy::unwrap_used,
    reason = "a tool for developers fails by panicking"
)]

#[path = "../tests/walk/mod.rs"]
#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use std::path::{Path, PathBuf};

use eframe::egui::{Key, Modifiers, Theme, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use mta_sts_core::facts::{MailServer, MxRecord};
use mta_sts_core::{Answer, Domain, Facts, FailureKind, Observed, Progress, Stage};
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::State;
use time::OffsetDateTime;
use walk::{check, press, press_containing, type_folder, type_into, until, wizard, wizard_of};

type Window = Harness<'static, Wizard>;

/// A state by its name, and how to get there.
struct Picture {
    name: &'static str,
    make: fn() -> Window,
}

const PICTURES: &[Picture] = &[
    picture("check-empty", || window(State::new(false))),
    picture("check-empty-practice", || window(State::new(true))),
    picture("check-no-domain", || {
        let mut window = window(State::new(true));
        type_into(&mut window, "Domain name", "not a domain");
        press(&mut window, "Check");
        window
    }),
    picture("check-running", || {
        let mut window = window(State::new(true));
        begin_check(&mut window, "port-25-blocked.example");
        window
    }),
    picture("check-stopped", || {
        let mut window = window(State::new(true));
        begin_check(&mut window, "port-25-blocked.example");
        press(&mut window, "Stop");
        window
    }),
    picture("check-healthy", || checked("healthy.example")),
    picture("check-nothing-published", || {
        checked("nothing-published.example")
    }),
    picture("check-refused", || checked("expired-certificate.example")),
    picture("check-half-propagated", || {
        checked("half-propagated.example")
    }),
    picture("check-no-starttls", || checked("no-starttls.example")),
    picture("check-two-records", || checked("two-records.example")),
    picture("check-one-of-two-bad", || checked("one-of-two-bad.example")),
    picture("check-problem-open", || {
        let mut window = checked("wrong-name.example");
        press(&mut window, "Everything we checked");
        press_containing(&mut window, "Name: Problem");
        window
    }),
    picture("check-null-mx", || checked("null-mx.example")),
    picture("check-unknown-domain", || checked("no-such-domain.example")),
    picture("check-port-25-blocked", || {
        checked("port-25-blocked.example")
    }),
    picture("check-dns-silent", || checked("dns-silent.example")),
    picture("check-senders-differ", || {
        checked("policy-content-type.example")
    }),
    picture("check-imported", || {
        let mut facts = many_servers("example.com", 1);
        facts.observed_on = Some("server.example.com".into());
        imported(facts)
    }),
    picture("check-50-servers", || {
        imported(many_servers("example.com", 50))
    }),
    picture("check-40-findings", || {
        let window = checked("wrong-name.example");
        let mut facts = window.state().state().facts().unwrap().clone();
        let server = facts.mail_servers[0].clone();
        facts.mail_servers = (1..=40)
            .map(|number| MailServer {
                host: format!("mx{number}.wrong-name.example"),
                ..server.clone()
            })
            .collect();
        imported(facts)
    }),
    picture("check-focus", || {
        let mut window = checked("healthy.example");
        for _ in 0..9 {
            window.key_press(Key::Tab);
            window.run_steps(2);
        }
        window
    }),
    picture("check-long-names", || {
        let label = "a-very-long-label-that-somebody-thought-was-a-good-idea-once";
        imported(many_servers(&format!("{label}.{label}.example.com"), 2))
    }),
    picture("check-idn", || {
        imported(many_servers("b\u{fc}cher.example", 2))
    }),
    picture("check-no-internet", || {
        let mut facts = many_servers("example.com", 0);
        let offline = || {
            mta_sts_core::facts::ProbeFailure::new(
                FailureKind::Unreachable,
                "network is unreachable",
            )
        };
        facts.mx = Observed::Failed(offline());
        facts.zone = Observed::Failed(offline());
        facts.record = Observed::Failed(offline());
        facts.tls_rpt = Observed::Failed(offline());
        facts.policy_host = Observed::Failed(offline());
        imported(facts)
    }),
    picture("create-usual", || created("nothing-published.example")),
    picture("create-published-before", || {
        let mut window = created("healthy.example");
        press(&mut window, "Change: Senders rely on it for");
        press(&mut window, "1 day");
        window
    }),
    picture("create-enforce-unproven", || {
        let mut window = created("wrong-name.example");
        press(&mut window, "Enforce");
        window
    }),
    picture("create-off", || {
        let mut window = created("healthy.example");
        press(&mut window, "Off");
        window
    }),
    picture("create-wrong-address", || {
        let mut window = created("nothing-published.example");
        type_into(&mut window, "Report address", "nonsense");
        window
    }),
    picture("create-50-servers", || {
        let mut window = imported(many_servers("example.com", 50));
        walk::to_the_policy(&mut window);
        window
    }),
    picture("create-emergency", || {
        let mut window = checked("expired-certificate.example");
        press(&mut window, "Switch to testing mode");
        window
    }),
    picture("publish-emergency", || {
        let mut window = checked("expired-certificate.example");
        press(&mut window, "Switch to testing mode");
        press(&mut window, "Next: publish");
        until(&mut window, "it was looked at", |wizard| {
            progress(wizard).is_some()
        });
        press(&mut window, "Pause");
        until(&mut window, "all was looked at", |wizard| {
            wizard.is_at_rest()
        });
        window
    }),
    picture("check-software", || checked("starttls-refused.example")),
    picture("publish-nothing-yet", || {
        let mut window = published("nothing-published.example");
        until(&mut window, "all were asked", |wizard| {
            progress(wizard).is_some()
        });
        window
    }),
    picture("publish-paused", || {
        let mut window = published("nothing-published.example");
        press(&mut window, "Pause");
        window
    }),
    picture("publish-half", || {
        let mut window = published("half-propagated.example");
        until(&mut window, "some show it", |wizard| {
            progress(wizard).is_some_and(|progress| {
                progress
                    .record
                    .iter()
                    .any(|sight| sight.stage == Stage::Correct)
            })
        });
        window
    }),
    picture("publish-wrong", || {
        let mut window = published("misplaced-record.example");
        until(&mut window, "the mistake is found", |wizard| {
            progress(wizard).is_some_and(|progress| progress.summary().stage == Stage::Wrong)
        });
        window.get_by_label_contains("enter just").scroll_to_me();
        window
    }),
    picture("publish-complete", || {
        let window = everything_published();
        window
            .get_by_label("Publish these, in this order")
            .scroll_to_me();
        window
    }),
    picture("finish-not-live", || {
        let mut window = published("nothing-published.example");
        press(&mut window, "Next: save & finish");
        window
    }),
    picture("finish-live", || {
        let mut window = everything_published();
        press(&mut window, "Next: save & finish");
        type_folder(&mut window, &new_folder());
        window
    }),
    picture("finish-zip", || {
        let mut window = published("nothing-published.example");
        press(&mut window, "Next: save & finish");
        press(&mut window, "One ZIP file");
        type_folder(&mut window, &new_folder());
        window
    }),
    picture("finish-file-in-the-way", || {
        let place = new_folder();
        std::fs::write(place.join("dns-records.txt"), "of somebody else").unwrap();
        let mut window = published("nothing-published.example");
        press(&mut window, "Next: save & finish");
        type_folder(&mut window, &place);
        window
    }),
    picture("finish-reports-safe", || {
        reports(&(1..=14).map(|ago| (ago, None)).collect::<Vec<_>>())
    }),
    picture("finish-reports-failing", || {
        reports(&[
            (1, Some("certificate-expired")),
            (2, Some("sts-policy-fetch-error")),
            (3, None),
        ])
    }),
    picture("finish-reports-unreadable", || {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("photo.jpg");
        std::fs::write(&file, b"\xff\xd8\xff\xe0").unwrap();
        let mut window = everything_published();
        press(&mut window, "Next: save & finish");
        walk::drop_file(&mut window, &file);
        until(&mut window, "it was looked at", |wizard| {
            wizard
                .state()
                .inputs()
                .session()
                .is_some_and(|session| !session.remarks().is_empty())
        });
        window.get_by_label("Open reports").scroll_to_me();
        window.run_steps(5);
        window
    }),
    picture("finish-saved", || {
        let mut window = published("nothing-published.example");
        press(&mut window, "Next: save & finish");
        type_folder(&mut window, &new_folder());
        press(&mut window, "Save all");
        until(&mut window, "the files are saved", |wizard| {
            wizard.state().is_saved()
        });
        window
    }),
    picture("finish-refused", || {
        let mut window = published("nothing-published.example");
        press(&mut window, "Next: save & finish");
        type_folder(&mut window, Path::new("/proc/nobody/can/write/here"));
        press(&mut window, "Save all");
        until(&mut window, "it was refused", |wizard| {
            wizard.state().inputs().notice.is_some()
        });
        window
    }),
    picture("home-one", || home(&["example.com"])),
    picture("home-500", || {
        let names: Vec<String> = (1..=500).map(|it| format!("domain-{it}.example")).collect();
        home(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }),
    picture("home-practice", || {
        let mut window = window(State::new(true));
        for domain in [
            "healthy.example",
            "expired-certificate.example",
            "healthy-testing.example",
            "policy-typo.example",
            "null-mx.example",
            "switched-off.example",
            "port-25-blocked.example",
        ] {
            check_in_field(&mut window, domain);
        }
        window.key_press_modifiers(Modifiers::COMMAND, Key::D);
        window
    }),
    picture("home-checking", || {
        let mut window = home_in_practice();
        press(&mut window, "Check all");
        window
    }),
    picture("home-checked", || {
        let mut window = home_in_practice();
        press(&mut window, "Check all");
        until(&mut window, "all are checked", |wizard| {
            wizard.state().inputs().home.batch.is_none()
        });
        window
    }),
    picture("home-remove", || {
        let mut window = home(&["example.com", "example.net"]);
        press(&mut window, "Remove example.com");
        window
    }),
    picture("home-nothing-found", || {
        let mut window = home(&["example.com", "example.net"]);
        type_into(&mut window, "Filter", "zz");
        window
    }),
    picture("over-help", || {
        let window = checked("healthy.example");
        window.key_press(Key::F1);
        window
    }),
    picture("over-what-is-it", || {
        let mut window = window(State::new(false));
        press(&mut window, "What is MTA-STS, and do I need it?");
        window
    }),
    picture("over-about", || {
        let mut window = window(State::new(true));
        press(&mut window, "Help and display");
        press(&mut window, "About this program");
        window
    }),
    picture("over-menu", || {
        let mut window = window(State::new(true));
        press(&mut window, "Help and display");
        window
    }),
    picture("high-contrast", || {
        let mut window = checked("one-of-two-bad.example");
        press(&mut window, "Help and display");
        press(&mut window, "High contrast");
        window.key_press(Key::Escape);
        window
    }),
];

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    std::fs::create_dir_all(&folder).unwrap();
    for Picture { name, make } in PICTURES.iter().filter(|it| it.name.contains(&wanted)) {
        let mut window = make();
        for (size, theme, zoom, label) in [
            ([800.0, 600.0], Theme::Light, 1.0, "800x600"),
            ([1280.0, 800.0], Theme::Dark, 1.0, "1280x800"),
            ([1280.0, 800.0], Theme::Light, 2.0, "200-percent"),
        ] {
            window.set_size(Vec2::from(size));
            window.ctx.set_theme(theme);
            window.ctx.set_zoom_factor(zoom);
            window.set_render_cursor(false);
            window.hover_at([5.0, 5.0].into());
            window.run_steps(6);
            let path = folder.join(format!("{name}-{label}.png"));
            window.render().unwrap().save(path).unwrap();
        }
    }
}

/// The table of these domains, of which nothing is known.
fn home(names: &[&str]) -> Window {
    let mut state = State::new(false);
    state.update(OffsetDateTime::now_utc(), |inputs| {
        inputs.add(
            names
                .iter()
                .map(|name| Domain::parse(name).unwrap())
                .collect(),
        );
        inputs.go_home();
    });
    window(state)
}

/// The table of every practice domain that teaches most.
fn home_in_practice() -> Window {
    let [first, _] = mta_sts_wizard::runtime::practice_domains();
    let mut state = State::new(true);
    state.update(OffsetDateTime::now_utc(), |inputs| {
        inputs.add(first.map(|it| Domain::parse(it.domain).unwrap()).collect());
        inputs.go_home();
    });
    wizard_of(state, [1280.0, 800.0], Theme::Light)
}

/// Checks another domain than the one in the field.
fn check_in_field(window: &mut Window, domain: &str) {
    window
        .get_by_role_and_label(eframe::egui::Role::TextInput, "Domain name")
        .focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    check(window, domain);
}

const fn picture(name: &'static str, make: fn() -> Window) -> Picture {
    Picture { name, make }
}

fn window(state: State) -> Window {
    if state.inputs().practice {
        wizard([1280.0, 800.0], Theme::Light)
    } else {
        wizard_of(state, [1280.0, 800.0], Theme::Light)
    }
}

fn checked(domain: &str) -> Window {
    let mut window = window(State::new(true));
    check(&mut window, domain);
    window
}

/// Begins a check and waits until it has got as far as the mail servers.
fn begin_check(window: &mut Window, domain: &str) {
    type_into(window, "Domain name", domain);
    press(window, "Check");
    until(window, "the mail servers are known", |wizard| {
        let facts = wizard.state().facts();
        facts.is_some_and(|facts| !facts.mail_servers.is_empty())
    });
}

fn imported(facts: Facts) -> Window {
    let mut state = State::new(false);
    state.update(OffsetDateTime::now_utc(), |inputs| inputs.import(facts));
    window(state)
}

fn created(domain: &str) -> Window {
    let mut window = checked(domain);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(4);
    window
}

fn published(domain: &str) -> Window {
    let mut window = created(domain);
    let draft = window.state().state().draft().unwrap();
    if draft.report_address.is_empty() {
        type_into(&mut window, "Report address", "reports@healthy.example");
    }
    press(&mut window, "Next: publish");
    window
}

fn everything_published() -> Window {
    let mut window = published("nothing-published.example");
    walk::publish_for_me(&mut window);
    until(&mut window, "all of it is visible", |wizard| {
        progress(wizard).is_some_and(Progress::is_complete)
    });
    window
}

fn new_folder() -> PathBuf {
    tempfile::tempdir().unwrap().keep()
}

fn progress(wizard: &Wizard) -> Option<&Progress> {
    wizard.state().derived().progress.as_ref()
}

/// Facts of a domain with this many MX hosts, none of which could be reached.
fn many_servers(domain: &str, count: u16) -> Facts {
    let domain = Domain::parse(domain).unwrap();
    let mut facts = Facts::new(domain.clone(), OffsetDateTime::now_utc());
    let host = |number: u16| format!("mx{number}.{domain}");
    facts.mail_servers = (1..=count)
        .map(|number| MailServer::named(host(number), number))
        .collect();
    let record = |number: u16| MxRecord {
        preference: number,
        exchange: host(number),
    };
    facts.mx = Observed::Seen(Answer::of((1..=count).map(record)));
    facts
}

/// The last step with reports of so many days before today.
fn reports(days: &[(i64, Option<&str>)]) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let mut window = everything_published();
    press(&mut window, "Next: save & finish");
    let domain = window.state().state().domain().unwrap().to_string();
    for &(ago, failure) in days {
        let file = folder.path().join(format!("{ago}.json"));
        std::fs::write(&file, walk::tls_report(&domain, ago, failure)).unwrap();
        walk::drop_file(&mut window, &file);
    }
    until(&mut window, "the reports are read", |wizard| {
        wizard.state().reported().is_some()
    });
    window.get_by_label("Open reports").scroll_to_me();
    window.run_steps(5);
    window
}
