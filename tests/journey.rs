//! A person walks through all four steps against the practice internet, finding everything by the
//! name that assistive technology reads, and ends with the files on the disk.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other walks need the rest")]
mod walk;

use std::path::Path;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use mta_sts_core::facts::MailServer;
use mta_sts_core::{Domain, Fact, Facts, Mode, Piece, Progress, Stage};
use mta_sts_wizard::app::Wizard;
use mta_sts_wizard::state::{Screen, State, Status, Step};
use time::OffsetDateTime;
use walk::{check, press, press_containing, type_folder, type_into, until};

fn wizard() -> Harness<'static, Wizard> {
    walk::wizard([1000.0, 4000.0], egui::Theme::Light)
}

#[test]
fn from_an_empty_field_to_the_files_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = wizard();

    check(&mut harness, "https://nothing-published.example/");
    assert_eq!(
        harness.state().state().mark_of(Step::Check),
        Some(Status::Attention),
        "it isn’t set up"
    );
    harness.get_by_label_contains("Its mail servers are ready for it.");
    press(&mut harness, "Create my policy");

    assert_eq!(
        harness.state().state().inputs().screen(),
        Screen::Step(Step::Create)
    );
    type_into(&mut harness, "Report address", "reports@healthy.example");
    press(&mut harness, "Change: Senders rely on it for");
    press(&mut harness, "2 weeks");
    press(&mut harness, "Change: Web host");
    choose(&mut harness, "Web host", "GitHub Pages");
    press(&mut harness, "Next: publish");

    assert_eq!(
        harness.state().state().inputs().screen(),
        Screen::Step(Step::Publish)
    );
    walk::publish_for_me(&mut harness);
    until(&mut harness, "everything is visible", |wizard| {
        wizard
            .state()
            .derived()
            .progress
            .as_ref()
            .is_some_and(Progress::is_complete)
    });
    harness.get_by_label("Everything is published and visible everywhere we looked.");
    press(&mut harness, "Next: save & finish");

    assert_eq!(
        harness.state().state().inputs().screen(),
        Screen::Step(Step::Finish)
    );
    type_folder(&mut harness, folder.path());
    press(&mut harness, "Save all");
    until(&mut harness, "the files are saved", |wizard| {
        wizard.state().is_saved()
    });

    let id = harness.state().state().derived().setup.clone().unwrap().id;
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

    assert_eq!(
        read(
            folder.path(),
            "hosting/github-pages/site/.well-known/mta-sts.txt"
        ),
        read(folder.path(), ".well-known/mta-sts.txt")
    );
    assert_eq!(
        read(folder.path(), "hosting/github-pages/site/CNAME"),
        "mta-sts.nothing-published.example\n"
    );
    let report: serde_json::Value =
        serde_json::from_str(&read(folder.path(), "report.json")).unwrap();
    assert_eq!(report["domain"], "nothing-published.example");
    let page = read(folder.path(), "report.html");
    assert!(
        page.contains("Its mail servers are ready for it."),
        "{page}"
    );

    // And the judge agrees with what was published.
    press(&mut harness, "Step 1 Check, Attention");
    press(&mut harness, "Check again");
    until(&mut harness, "the second check has ended", |wizard| {
        wizard.state().report().is_some()
    });
    let report = harness.state().state().report().unwrap().clone();
    let codes: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.rule.code)
        .collect();
    assert_eq!(codes, ["policy-mode-testing"]);
}

/// Opens a list of choices and takes one.
fn choose(harness: &mut Harness<'_, Wizard>, list: &str, choice: &str) {
    let open = |harness: &Harness<'_, Wizard>| {
        harness
            .get_by_role_and_label(egui::Role::ComboBox, list)
            .click();
    };
    open(harness);
    harness.run_steps(3);
    press(harness, choice);
}

#[test]
fn the_result_of_a_check_on_a_server_is_dropped_on_the_window_and_shown_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = include_str!("../crates/core/tests/recorded/dane-matches.json");
    let mut facts = Facts::from_json(recorded).unwrap();
    facts.observed_on = Some("mail.server.example".into());
    let file = folder.path().join("facts.json");
    std::fs::write(&file, facts.to_json().unwrap()).unwrap();

    let mut harness = wizard();
    walk::drop_file(&mut harness, &file);
    until(&mut harness, "the facts are shown", |wizard| {
        wizard.state().domain() == Some(&facts.domain)
    });
    harness.get_by_label_contains("Seen by mail.server.example on ");
    harness.get_by_label_contains("is protected: MTA-STS is enforced.");
    assert_eq!(
        harness.state().state().mark_of(Step::Check),
        Some(Status::Ok)
    );
    press(&mut harness, "Change something");
    assert_eq!(
        harness.state().state().inputs().screen(),
        Screen::Step(Step::Create)
    );
}

#[test]
fn a_file_that_holds_no_facts_is_refused_with_its_name_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("holiday.json");
    for (text, status, parts) in [
        (
            "{\n  \"format\": \"holiday\"\n}",
            Status::Attention,
            ["it isn’t a saved check", "isn’t a TLS report"],
        ),
        (
            "{\n  \"format\": \"mta-sts-facts/1\",\n  \"domain\": 7\n}",
            Status::Problem,
            ["holiday.json: ", "line 3"],
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let mut harness = wizard();
        harness.state_mut().open_files(vec![file.clone()]);
        until(&mut harness, "the refusal is shown", |wizard| {
            wizard.state().inputs().notice.is_some()
        });
        let notice = harness.state().state().inputs().notice.clone().unwrap();
        assert_eq!(notice.status, status);
        for part in ["holiday.json", parts[0], parts[1]] {
            assert!(notice.text.contains(part), "{}", notice.text);
        }
        assert!(harness.state().state().domain().is_none());
    }
}

#[test]
fn behind_a_blocked_port_25_the_ways_on_stand_in_order() {
    let mut harness = wizard();
    check(&mut harness, "port-25-blocked.example");
    let state = harness.state().state();
    assert_eq!(state.mark_of(Step::Check), Some(Status::NotChecked));
    let ways = state.report().unwrap().fallbacks.clone();
    let tops: Vec<f32> = ways
        .iter()
        .map(|way| harness.get_by_label(way.title).rect().top())
        .collect();
    assert!(tops.len() >= 3 && tops.is_sorted(), "{tops:?}");
    harness.get_by_label_contains("At port 465, mx1.port-25-blocked.example has a certificate");
    harness.get_by_label("Open a saved check…");
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

#[test]
fn a_record_arrives_at_one_observer_after_the_other() {
    let mut harness = wizard();
    check(&mut harness, "nothing-published.example");
    press(&mut harness, "Create my policy");
    press(&mut harness, "Next: publish");
    press(&mut harness, "4. MTA-STS record, Not done yet");
    press(&mut harness, "Publish the MTA-STS record for me");
    let stages = |wizard: &Wizard| -> Vec<Stage> {
        wizard
            .state()
            .derived()
            .progress
            .as_ref()
            .map(|progress| progress.record.iter().map(|sight| sight.stage).collect())
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
fn nobody_is_asked_while_another_step_is_on_the_screen() {
    let mut harness = wizard();
    check(&mut harness, "nothing-published.example");
    press(&mut harness, "Create my policy");
    press(&mut harness, "Next: publish");
    let next_look = |wizard: &Wizard| {
        let session = wizard.state().inputs().session();
        session.and_then(|session| session.publish.next_look())
    };
    until(&mut harness, "the next look is set", |wizard| {
        next_look(wizard).is_some()
    });
    press(&mut harness, "Next: save & finish");
    let due = next_look(harness.state()).unwrap();
    while OffsetDateTime::now_utc() <= due {
        harness.step();
    }
    harness.run_steps(5);
    assert!(harness.state().is_at_rest());
    assert_eq!(next_look(harness.state()), Some(due), "it waits for step 3");
    press(&mut harness, "Back");
    until(&mut harness, "another look has ended", |wizard| {
        next_look(wizard).is_some_and(|next| next > due)
    });
}

#[test]
fn a_fault_is_told_with_what_was_seen_why_it_matters_and_the_fix() {
    let mut harness = wizard();
    check(&mut harness, "expired-certificate.example");
    assert_eq!(
        harness.state().state().mark_of(Step::Check),
        Some(Status::Problem)
    );
    // It is open, and says first what stops the damage.
    harness.get_by_label_contains("is being refused right now: mx1.expired-certificate.example");
    harness.get_by_label("What we saw");
    harness.get_by_label("How to fix it");
    press(&mut harness, "Switch to testing mode");
    let state = harness.state().state();
    assert_eq!(state.inputs().screen(), Screen::Step(Step::Create));
    assert_eq!(state.draft().unwrap().mode, Mode::Testing);
    harness.get_by_label("Testing is selected because mail is being refused right now.");
}

#[test]
fn what_is_under_the_pointer_stays_there_when_rows_above_it_go() {
    let mut harness = walk::wizard([1000.0, 700.0], egui::Theme::Light);
    check(&mut harness, "nothing-published.example");
    press(&mut harness, "Create my policy");
    press(&mut harness, "Next: publish");
    until(&mut harness, "all were asked", |wizard| {
        wizard.state().derived().progress.is_some()
    });
    press(&mut harness, "Pause");
    press(&mut harness, "Who is checked");
    harness.get_by_label("Resolver 1").scroll_to_me();
    harness.run_steps(10);
    let at = |harness: &Harness<'_, Wizard>| harness.get_by_label("Resolver 1").rect().center();
    let before = at(&harness);
    let rows =
        |harness: &Harness<'_, Wizard>| harness.query_all_by_label_contains("Resolver 1 (").count();
    assert!(rows(&harness) > 0);
    // The pointer takes the tick away, and with it a row in each of the cards above.
    harness.get_by_label("Resolver 1").click();
    harness.run_steps(10);
    assert_eq!(rows(&harness), 0);
    let after = at(&harness);
    assert!(before.distance(after) < 3.0, "from {before} to {after}");
    harness.get_by_label("Resolver 1").click();
    harness.run_steps(10);
    assert!(before.distance(at(&harness)) < 3.0);
}

#[test]
fn a_pointer_beside_the_page_leaves_it_where_it_is_scrolled() {
    let mut harness = walk::wizard([1000.0, 700.0], egui::Theme::Light);
    check(&mut harness, "nothing-published.example");
    for beside in ["Help and display", "Create my policy"] {
        let place = harness.get_by_label(beside).rect().center();
        harness.hover_at(place);
        harness.get_by_label("Everything we checked").scroll_to_me();
        harness.run_steps(4);
        let top = |harness: &Harness<'_, Wizard>| {
            harness
                .get_by_label("Which domain do you want to protect?")
                .rect()
                .top()
        };
        let scrolled = top(&harness);
        harness.run_steps(20);
        assert!((top(&harness) - scrolled).abs() < 1.0, "beside {beside}");
    }
}

#[test]
fn a_row_that_was_opened_is_closed_at_the_next_domain() {
    let mut harness = wizard();
    check(&mut harness, "expired-certificate.example");
    press(&mut harness, "Everything we checked");
    press_containing(&mut harness, "Certificate: Problem");
    harness.get_by_label("Raw");
    check_in_field(&mut harness, "self-signed.example");
    press(&mut harness, "Everything we checked");
    harness.get_by_label_contains("Certificate: Problem");
    assert!(harness.query_by_label("Raw").is_none());
}

#[test]
fn typing_another_name_says_that_the_result_is_about_the_old_one() {
    let mut harness = wizard();
    check(&mut harness, "healthy.example");
    harness.get_by_label_contains("Checked today ");
    type_into(&mut harness, "Domain name", "x");
    harness.get_by_label("This is the result for healthy.example.");
    assert!(harness.query_by_label("Change something").is_none());
}

#[test]
fn a_field_is_judged_when_it_is_left_and_under_it() {
    let mut harness = wizard();
    check(&mut harness, "nothing-published.example");
    press(&mut harness, "Create my policy");
    type_into(&mut harness, "Report address", "nonsense");
    assert!(harness.query_by_label_contains("can’t be used").is_none());
    harness.get_by_label("The report address isn’t complete.");
    harness.key_press(egui::Key::Tab);
    harness.run_steps(3);
    harness.get_by_label_contains("“nonsense” can’t be used");

    type_into(&mut harness, "Another mail server", "mail");
    press(&mut harness, "Add");
    harness.get_by_label_contains("“mail” has no dot.");
    type_into(&mut harness, "Another mail server", ".example.net");
    press(&mut harness, "Add");
    press(&mut harness, "Remove mail.example.net");
    assert!(harness.query_by_label("mail.example.net").is_none());
}

#[test]
fn a_text_that_is_no_domain_is_answered_at_the_field() {
    let mut harness = wizard();
    type_into(&mut harness, "Domain name", "192.0.2.1");
    press(&mut harness, "Check");
    harness.get_by_label_contains("This is not a domain name");
    assert!(harness.state().state().facts().is_none());
}

#[test]
fn a_domain_that_takes_no_mail_stops_kindly() {
    let mut harness = wizard();
    check(&mut harness, "null-mx.example");
    harness.get_by_label("null-mx.example doesn’t receive mail, so there is nothing to protect.");
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
            .facts()
            .is_some_and(|facts| facts.mx.seen().is_some())
    });
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    let state = harness.state().state();
    assert!(!state.is_checking());
    assert!(state.facts().unwrap().cut_short);
    assert!(state.facts().unwrap().mx.seen().is_some());
}

#[test]
fn each_mail_server_has_a_line_and_the_way_of_the_mail_shows_the_break() {
    let mut harness = wizard();
    check(&mut harness, "one-of-two-bad.example");
    harness.get_by_label_contains("Senders won’t deliver to one of the 2 mail servers");
    harness.get_by_label_contains("Mail servers: Problem, 1 of 2 fail. ");
    harness.get_by_label_contains("mx1.one-of-two-bad.example: Reachable OK, Encrypted OK, ");
    harness.get_by_label_contains("Right name Problem, In the policy OK");
    check_in_field(&mut harness, "null-mx.example");
    assert!(harness.query_by_label_contains("Reachable").is_none());
}

/// Checks another domain than the one in the field.
fn check_in_field(harness: &mut Harness<'_, Wizard>, domain: &str) {
    harness
        .get_by_role_and_label(egui::Role::TextInput, "Domain name")
        .focus();
    harness.run_steps(2);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(harness, "Domain name", domain);
    press(harness, "Check");
    until(harness, "the check has ended", |wizard| {
        wizard.state().report().is_some()
    });
}

#[test]
fn of_many_mail_servers_each_that_is_not_fine_has_a_line() {
    let mut state = State::new(false);
    let now = OffsetDateTime::now_utc();
    state.update(now, |inputs| {
        inputs.open(&Domain::parse("example.com").unwrap());
        inputs.begin_check(now);
        for number in 10..60 {
            let host = format!("mx{number}.example.com");
            inputs.fold_fact(Fact::MailServer(MailServer::named(host, 10)));
        }
        inputs.end_check();
    });
    let mut harness = walk::wizard_of(state, [800.0, 600.0], egui::Theme::Dark);
    harness.run_steps(3);
    let lines = harness.query_all_by_label_contains("Reachable Not checked");
    assert_eq!(lines.count(), 50);
}

#[test]
fn senders_that_differ_are_named_where_the_policy_is_read_drafted_and_fetched() {
    let title = "Some senders see it differently";
    let mut harness = wizard();
    check(&mut harness, "policy-content-type.example");
    harness.get_by_label(title);
    harness.get_by_label_contains("postfix-tlspol accepts a policy only as text/plain");

    // The drafted file is on no server yet, so no type is held against it.
    press(&mut harness, "Next: your policy");
    assert!(harness.query_by_label(title).is_none());
    press(&mut harness, "Next: publish");
    until(&mut harness, "the file has been fetched", |wizard| {
        !wizard.state().derived().senders_of_live.is_empty()
    });
    press_containing(&mut harness, "3. Policy file");
    harness.get_by_label(title);
    harness.get_by_label("About the file as it is fetched now.");

    press(&mut harness, "Back");
    press(&mut harness, "Off");
    press_mail_servers(&mut harness);
    harness.get_by_label("About the file as it would be published.");
    harness.get_by_label_contains("Stalwart needs an mx line even in mode none");
}

/// Takes the tick from each mail server.
fn press_mail_servers(harness: &mut Harness<'_, Wizard>) {
    let draft = harness.state().state().draft().unwrap().clone();
    for line in draft.mx.iter().filter(|line| line.ticked) {
        press(harness, &line.pattern);
    }
}

#[test]
fn a_record_that_was_added_at_a_doubled_name_is_told_where_it_was_added() {
    let mut harness = wizard();
    check(&mut harness, "misplaced-record.example");
    walk::to_the_policy(&mut harness);
    press(&mut harness, "Next: publish");
    until(&mut harness, "it is found", |wizard| {
        let progress = wizard.state().derived().progress.as_ref();
        progress.is_some_and(|progress| progress.summary().stage == Stage::Wrong)
    });
    harness.run_steps(2);
    harness.get_by_label_contains("enter just _mta-sts as the name.");
}

#[test]
fn step_3_names_the_host_of_the_dns_page_before_anyone_opens_it() {
    let mut harness = wizard();
    check(&mut harness, "domain-connect.example");
    walk::to_the_policy(&mut harness);
    press(&mut harness, "Next: publish");
    until(&mut harness, "what is published was seen", |wizard| {
        let progress = wizard.state().derived().progress.as_ref();
        progress.is_some_and(|progress| progress.is_published(Piece::PolicyHost))
    });
    harness.run_steps(2);
    press_containing(&mut harness, "2. Policy host");
    let hosts = harness.get_all_by_label_contains("It would lead to panel.practice-dns.example.");
    assert!(hosts.count() > 0);
    let buttons = harness.get_all_by_label("Open the DNS page of domain-connect.example");
    assert!(buttons.count() > 0);
}

#[test]
fn step_3_speaks_the_language_of_the_dns_host() {
    let mut harness = wizard();
    check(&mut harness, "nothing-published.example");
    harness.get_by_label("Practice DNS");
    press(&mut harness, "Create my policy");
    press(&mut harness, "Next: publish");
    harness.get_by_label_contains("At Practice DNS, go to My domains");
    press(&mut harness, "More about Practice DNS");
    harness
        .get_by_label_contains("would be at _mta-sts.nothing-published.example.nothing-published");
    press(&mut harness, "Back");
    press(&mut harness, "Change: DNS provider");
    choose(
        &mut harness,
        "Where are your DNS records?",
        "Akamai Edge DNS",
    );
    press(&mut harness, "Next: publish");
    harness.get_by_label_contains("At Akamai Edge DNS, go to ");
    press_containing(&mut harness, "4. MTA-STS record");
    // Its form wants the whole name.
    harness.get_by_label("_mta-sts.nothing-published.example");
}
