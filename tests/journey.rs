//! A person walks through all four steps against the practice internet, finding everything by the
//! name that assistive technology reads, and ends with the files on the disk.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod walk;

use std::path::Path;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mta_sts_core::Stage;
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::{Mark, Step};
use walk::{check, press, press_containing, type_into, until};

fn wizard() -> Harness<'static, Wizard> {
    walk::wizard([1000.0, 4000.0], egui::Theme::Light)
}

#[test]
fn from_an_empty_field_to_the_files_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = wizard();

    check(&mut harness, "https://nothing-published.example/");
    assert_eq!(harness.state().state().mark_of(Step::Check), Some(Mark::Ok));
    harness.get_by_label("Your mail servers are ready.");
    press(&mut harness, "Create my policy");

    assert_eq!(harness.state().state().step, Step::Create);
    type_into(&mut harness, "Report address", "reports@healthy.example");
    press(&mut harness, "2 weeks");
    press(&mut harness, "Publish it");

    assert_eq!(harness.state().state().step, Step::Publish);
    for button in [
        "Publish the TLS report record for me",
        "Publish the policy file for me",
        "Publish the announcement for me",
    ] {
        press(&mut harness, button);
    }
    until(&mut harness, "everything is visible", |wizard| {
        wizard
            .state()
            .publish
            .progress()
            .is_some_and(|progress| progress.is_complete())
    });
    harness.get_by_label("Everything is published and visible everywhere we looked.");
    press(&mut harness, "Save the files");

    assert_eq!(harness.state().state().step, Step::Finish);
    type_into(&mut harness, "Folder", folder.path().to_str().unwrap());
    press(&mut harness, "Save all");
    until(&mut harness, "the files are saved", |wizard| {
        wizard.state().finish.saved
    });

    let id = harness.state().state().setup().unwrap().id;
    assert_eq!(
        read(folder.path(), ".well-known/mta-sts.txt"),
        "version: STSv1\r\nmode: testing\r\nmx: mx1.nothing-published.example\r\nmax_age: \
         1209600\r\n"
    );
    let records = read(folder.path(), "dns-records.txt");
    for text in [
        "_mta-sts.nothing-published.example",
        &format!("v=STSv1; id={id};"),
        "_smtp._tls.nothing-published.example",
        "v=TLSRPTv1; rua=mailto:reports@healthy.example",
    ] {
        assert!(records.contains(text), "{text} is missing in:\n{records}");
    }

    // And the judge agrees with what was published.
    press(&mut harness, "Step 1 Check, OK");
    press(&mut harness, "Check again");
    until(&mut harness, "the second check has ended", |wizard| {
        wizard.state().check.readiness().is_some()
    });
    let report = harness.state().state().check.report().unwrap().clone();
    let codes: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.rule.code)
        .collect();
    assert_eq!(codes, ["policy-mode-testing"]);
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn a_record_arrives_at_one_observer_after_the_other() {
    let mut harness = wizard();
    check(&mut harness, "nothing-published.example");
    press(&mut harness, "Create my policy");
    press(&mut harness, "Publish it");
    press(&mut harness, "Publish the announcement for me");
    let stages = |wizard: &Wizard| -> Vec<Stage> {
        wizard
            .state()
            .publish
            .progress()
            .map(|progress| {
                progress
                    .announcement
                    .iter()
                    .map(|sight| sight.stage)
                    .collect()
            })
            .unwrap_or_default()
    };
    until(
        &mut harness,
        "the first name server has it and the resolver has not",
        |wizard| {
            let stages = stages(wizard);
            stages.first() == Some(&Stage::Correct) && stages.last() == Some(&Stage::NotYet)
        },
    );
    until(&mut harness, "all have it", |wizard| {
        stages(wizard).iter().all(|stage| *stage == Stage::Correct)
    });
}

#[test]
fn a_fault_is_told_with_what_was_seen_why_it_matters_and_the_fix() {
    let mut harness = wizard();
    check(&mut harness, "expired-certificate.example");
    assert_eq!(
        harness.state().state().mark_of(Step::Check),
        Some(Mark::Problem)
    );
    press_containing(&mut harness, "Certificate: Problem");
    harness.get_by_label("What we saw");
    harness.get_by_label("How to fix");
    harness.get_by_label("Continue");
}

#[test]
fn a_text_that_is_no_domain_is_answered_at_the_field() {
    let mut harness = wizard();
    type_into(&mut harness, "Domain name", "192.0.2.1");
    press(&mut harness, "Check");
    harness.get_by_label_contains("This is not a domain name");
    assert!(harness.state().state().check.facts().is_none());
}

#[test]
fn a_domain_that_takes_no_mail_stops_kindly() {
    let mut harness = wizard();
    check(&mut harness, "null-mx.example");
    harness.get_by_label("null-mx.example takes no mail, so there is nothing to protect.");
    assert!(!harness.state().state().may_enter(Step::Create));
}

#[test]
fn stopping_keeps_what_was_seen() {
    let mut harness = wizard();
    type_into(&mut harness, "Domain name", "port-25-blocked.example");
    press(&mut harness, "Check");
    until(&mut harness, "the MX records are known", |wizard| {
        wizard
            .state()
            .check
            .facts()
            .is_some_and(|facts| facts.mx.seen().is_some())
    });
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    let state = harness.state().state();
    assert!(!state.check.running);
    assert!(state.check.facts().unwrap().cut_short);
    assert!(state.check.facts().unwrap().mx.seen().is_some());
}

#[test]
fn another_file_in_the_way_is_shown_and_never_overwritten_silently() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dns-records.txt"), "mine").unwrap();
    let mut harness = wizard();
    check(&mut harness, "nothing-published.example");
    press(&mut harness, "Create my policy");
    press(&mut harness, "Publish it");
    press(&mut harness, "Save the files");
    type_into(&mut harness, "Folder", folder.path().to_str().unwrap());
    harness.get_by_label_contains("another file is there");
    let save = harness.get_by_label("Save all");
    assert!(save.accesskit_node().is_disabled());
    assert_eq!(read(folder.path(), "dns-records.txt"), "mine");
    press(&mut harness, "Replace the files that are different");
    press(&mut harness, "Save all");
    until(&mut harness, "the files are saved", |wizard| {
        wizard.state().finish.saved
    });
    assert!(read(folder.path(), "dns-records.txt").contains("_mta-sts"));
}
