//! Makes the pictures in `screenshots/`: the real window, walked through its four steps against the
//! practice internet, light and dark. Needs a Vulkan or OpenGL driver, software is enough, and no
//! display.
//!
//! ```sh
//! cargo run --example screenshots
//! ```

#![expect(
    clippy::unwrap_used,
    reason = "a tool for developers fails by panicking"
)]

#[path = "../tests/walk/mod.rs"]
#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use std::path::Path;

use eframe::egui::Theme;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use mta_sts_core::{Domain, Progress, Stage};
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::State;
use time::OffsetDateTime;
use walk::{check, press, type_folder, type_into, until, wizard, wizard_of};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let picture = |harness: &mut Harness<'_, Wizard>, step: &str| {
            harness.set_render_cursor(false);
            harness.hover_at([5.0, 5.0].into());
            harness.run_steps(4);
            let path = folder.join(format!("{step}-{name}.png"));
            harness.render().unwrap().save(path).unwrap();
        };
        let mut harness = wizard([1040.0, 760.0], theme);
        check(&mut harness, "nothing-published.example");
        picture(&mut harness, "1-check");
        walk::to_the_policy(&mut harness);
        type_into(&mut harness, "Report address", "reports@healthy.example");
        harness.get_by_label("Your policy").scroll_to_me();
        picture(&mut harness, "2-create");
        press(&mut harness, "Next: publish");
        walk::publish_for_me(&mut harness);
        until(&mut harness, "one name server has the record", |wizard| {
            progress(wizard).is_some_and(|progress| {
                progress
                    .record
                    .iter()
                    .any(|sight| sight.stage == Stage::Correct)
            })
        });
        harness
            .get_by_label("Publish these, in this order")
            .scroll_to_me();
        picture(&mut harness, "3-publish");
        until(&mut harness, "all of it is visible", |wizard| {
            progress(wizard).is_some_and(Progress::is_complete)
        });
        press(&mut harness, "Next: save & finish");
        let home = std::env::temp_dir().join("example.com");
        type_folder(&mut harness, &home);
        picture(&mut harness, "4-finish");

        let mut harness = all_domains(theme);
        until(&mut harness, "all are checked", Wizard::is_at_rest);
        picture(&mut harness, "home");

        let mut harness = wizard([1040.0, 760.0], theme);
        check(&mut harness, "expired-certificate.example");
        picture(&mut harness, "problem");

        let mut harness = wizard([1040.0, 760.0], theme);
        check(&mut harness, "policy-content-type.example");
        harness
            .get_by_label("Some senders see it differently")
            .scroll_to_me();
        picture(&mut harness, "senders");

        let mut harness = wizard([1040.0, 900.0], theme);
        check(&mut harness, "port-25-blocked.example");
        picture(&mut harness, "port-25-blocked");
    }
}

/// The table of some practice domains, all of them being checked.
fn all_domains(theme: Theme) -> Harness<'static, Wizard> {
    let names = [
        "healthy",
        "healthy-testing",
        "expired-certificate",
        "one-of-two-bad",
        "policy-typo",
        "nothing-published",
        "null-mx",
    ];
    let names = names.map(|name| Domain::parse(&format!("{name}.example")).unwrap());
    let mut state = State::new(true);
    state.update(OffsetDateTime::now_utc(), |inputs| {
        inputs.add(names.to_vec());
        inputs.go_home();
    });
    let mut harness = wizard_of(state, [1040.0, 760.0], theme);
    press(&mut harness, "Check all");
    harness
}

fn progress(wizard: &Wizard) -> Option<&Progress> {
    wizard.state().derived().progress.as_ref()
}
