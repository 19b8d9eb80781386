//! A bounce in the window: pasted, or dropped as the e-mail that it came in.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use eframe::egui;
use egui_kittest::kittest::Queryable as _;
use mta_sts_wizard::state::Overlay;
use walk::{check, drop_file, press, until};

const LINE: &str = "Nov 28 09:12:13 a postfix/smtp[7]: 4F: to=<ann@healthy.example>, \
                    relay=mx1.healthy.example[192.0.2.1]:25, dsn=4.7.4, status=deferred (TLS is \
                    required, but was not offered by host mx1.healthy.example[192.0.2.1])";

#[test]
fn a_pasted_line_is_explained_and_leads_to_a_check_of_its_domain() {
    let mut window = walk::wizard([1000.0, 1400.0], egui::Theme::Light);
    check(&mut window, "nothing-published.example");
    press(&mut window, "Your domains");
    press(&mut window, "Read a bounce");
    let role = egui::Role::MultilineTextInput;
    let name = "Paste the bounce, or a line of a mail log";
    window.get_by_role_and_label(role, name).focus();
    window.run_steps(2);
    window.get_by_role_and_label(role, name).type_text(LINE);
    window.run_steps(4);
    window.get_by_label(
        "Postfix didn’t deliver to mx1.healthy.example (required TLS): STARTTLS is not offered.",
    );
    window.get_by_label("How to fix it");
    press(&mut window, "Check healthy.example");
    until(&mut window, "the domain is checked", |wizard| {
        wizard
            .state()
            .report()
            .is_some_and(|it| it.domain.as_str() == "healthy.example")
    });
    assert_eq!(window.state().state().inputs().overlay, None);
}

#[test]
fn a_dropped_bounce_is_no_report_and_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bounce.eml");
    let mail = "From: mailer-daemon@a.example\r\nSubject: Undelivered\r\n\r\n550 5.2.2 <ann@b.example>: no room\r\n";
    std::fs::write(&file, mail).unwrap();
    let mut window = walk::wizard([1000.0, 1400.0], egui::Theme::Light);
    check(&mut window, "healthy.example");
    drop_file(&mut window, &file);
    until(&mut window, "the bounce is shown", |wizard| {
        wizard.state().inputs().overlay == Some(Overlay::Bounce)
    });
    window.get_by_label("This bounce is about a full mailbox, not about MTA-STS, DANE or TLS.");
}
