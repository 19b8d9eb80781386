//! The state as a whole: steps, several domains in turn, what is saved.

use std::sync::Arc;
use std::time::SystemTime;

use mta_sts_core::Live;
use mta_sts_core::facts::{Answer, MailServer, MxRecord, Observed, PolicyFetch};
use mta_sts_core::{Fact, Facts, Hosting, Mode, Observer, ServerView, Sighting};
use time::macros::datetime;

use super::*;
use crate::event::{Event, FolderSeen, Loaded, OpenedFiles, Picked};

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

/// A state in step 2 for a domain with one MX host.
fn drafted(name: &str) -> State {
    let mut state = State::new(false);
    check(&mut state, name);
    state.update(NOW, |inputs| inputs.go(Step::Create, NOW));
    state
}

fn begin(state: &mut State, name: &str, now: OffsetDateTime) {
    state.update(now, |inputs| {
        inputs.open(&domain(name));
        inputs.begin_check(now);
    });
}

fn check(state: &mut State, name: &str) {
    begin(state, name, NOW);
    state.update(NOW, |inputs| {
        let exchange = format!("mx.{name}");
        inputs.fold_fact(Fact::MailServer(MailServer::named(exchange.clone(), 10)));
        let record = MxRecord {
            preference: 10,
            exchange,
        };
        inputs.fold_fact(Fact::Mx(Observed::Seen(Answer::of([record]))));
        inputs.end_check();
    });
}

fn change_draft(state: &mut State, now: OffsetDateTime, change: impl FnOnce(&mut Draft)) {
    state.update(now, |inputs| inputs.change_draft(now, change));
}

/// What the next start knows of this state.
fn restarted(state: &State) -> State {
    let json = serde_json::to_string(&state.inputs().settings()).unwrap();
    let works = state.inputs().domains().values();
    let works: Vec<String> = works.map(|it| serde_json::to_string(it).unwrap()).collect();
    let mut loaded = Loaded {
        domains: works
            .iter()
            .map(|it| serde_json::from_str(it).unwrap())
            .collect(),
        settings: serde_json::from_str(&json).unwrap(),
        ..Loaded::default()
    };
    let mut state = State::new(false);
    state.update(NOW, |inputs| inputs.restore(&mut loaded));
    state
}

#[test]
fn a_restart_goes_on_with_the_domain_and_the_step() {
    let mut state = drafted("example.com");
    check(&mut state, "example.org");
    state.update(NOW, |inputs| {
        inputs.open(&domain("example.com"));
        inputs.go(Step::Publish, NOW);
    });
    let restored = restarted(&state);
    assert_eq!(restored.domain(), Some(&domain("example.com")));
    assert_eq!(restored.inputs().screen(), Screen::Step(Step::Publish));
    assert_eq!(restored.inputs().domain_text, "example.com");
}

#[test]
fn a_start_shows_the_only_domain_or_all_of_several_or_the_question() {
    let nothing = restarted(&State::new(false));
    assert_eq!(nothing.inputs().screen(), Screen::Step(Step::Check));
    let mut state = State::new(false);
    state.update(NOW, |inputs| inputs.add(vec![domain("example.com")]));
    assert_eq!(restarted(&state).domain(), Some(&domain("example.com")));
    state.update(NOW, |inputs| inputs.add(vec![domain("example.org")]));
    assert_eq!(restarted(&state).inputs().screen(), Screen::Home);
}

#[test]
fn what_is_typed_before_the_saved_work_is_read_stays_in_the_field() {
    let mut loaded = Loaded::default();
    loaded.domains.push(Work::new(domain("example.com")));
    let mut state = State::new(false);
    state.update(NOW, |inputs| {
        inputs.domain_text = "exam".into();
        inputs.restore(&mut loaded);
    });
    assert_eq!(state.inputs().domain_text, "exam");
    assert_eq!(state.inputs().screen(), Screen::Step(Step::Check));
    assert_eq!(state.inputs().domains().len(), 1);
}

#[test]
fn nothing_of_one_domain_is_shown_or_changed_by_work_on_another() {
    let mut state = drafted("example.com");
    change_draft(&mut state, NOW, |draft| {
        draft.report_address = "me@example.net".into();
    });
    state.update(NOW, |inputs| {
        inputs.choose_folder(&on_disk("/tmp/a"));
        inputs.change_session(|session| session.finish.overwrite = true);
        inputs.ask_resolver("One".into(), false);
        inputs.pause(true, NOW);
    });
    let before = state.work().unwrap().clone();
    check(&mut state, "example.org");
    assert_eq!(state.draft(), None);
    assert_eq!(state.work().unwrap().folder_text, "");
    assert!(state.work().unwrap().left_out.is_empty());
    let session = state.inputs().session().unwrap();
    assert!(!session.finish.overwrite && !session.publish.is_paused());
    assert_eq!(state.derived().files, None);
    let mut state = restarted(&state);
    state.update(NOW, |inputs| inputs.open(&before.domain));
    assert_eq!(state.work(), Some(&before));
}

#[test]
fn the_folder_of_a_domain_is_proposed_and_another_domain_has_another() {
    let mut state = State::new(false);
    let documents = Some(on_disk("/home/me/Documents"));
    let mut loaded = Loaded {
        documents,
        ..Loaded::default()
    };
    state.update(NOW, |inputs| inputs.restore(&mut loaded));
    for name in ["example.com", "example.org"] {
        check(&mut state, name);
        let folder = on_disk("/home/me/Documents/MTA-STS").join(name);
        assert_eq!(state.inputs().folder(), Some(folder));
    }
}

#[test]
fn a_name_that_does_not_exist_is_not_looked_after() {
    let mut state = drafted("example.com");
    begin(&mut state, "exmaple.com", NOW);
    state.update(NOW, |inputs| {
        let missing = Answer {
            name_exists: false,
            ..Answer::of([])
        };
        inputs.fold_fact(Fact::Mx(Observed::Seen(missing)));
        inputs.end_check();
    });
    assert_eq!(state.inputs().domains().len(), 2);
    check(&mut state, "example.org");
    let names: Vec<&str> = state
        .inputs()
        .domains()
        .keys()
        .map(Domain::as_str)
        .collect();
    assert_eq!(names, ["example.com", "example.org"]);
    let removed = state.update(NOW, Inputs::take_removed);
    assert_eq!(removed, [domain("exmaple.com")]);
}

#[test]
fn a_domain_that_is_only_looked_at_stays_on_the_list() {
    let mut state = State::new(false);
    let names = ["a.example", "b.example", "gone.example"].map(domain);
    state.update(NOW, |inputs| {
        inputs.add(names.to_vec());
        for name in &names {
            inputs.open(name);
        }
    });
    assert_eq!(state.inputs().domains().len(), 3);
    // Also one that does not exist any more.
    state.update(NOW, |inputs| {
        inputs.begin_check(NOW);
        let missing = Answer {
            name_exists: false,
            ..Answer::of([])
        };
        inputs.fold_fact(Fact::Mx(Observed::Seen(missing)));
        inputs.end_check();
        inputs.open(&names[0]);
    });
    assert_eq!(state.inputs().domains().len(), 3);
    assert!(state.update(NOW, Inputs::take_removed).is_empty());
}

#[test]
fn a_check_that_saw_nothing_leaves_the_earlier_result() {
    let mut state = drafted("example.com");
    let before = state.work().unwrap().facts.clone();
    begin(&mut state, "example.com", NOW + Duration::HOUR);
    let ended = Event::Ended(crate::event::Task::Check);
    state.update(NOW, |inputs| inputs.take(ended, None, NOW));
    assert!(!state.is_checking());
    assert_eq!(state.work().unwrap().facts, before);
}

#[test]
fn a_look_that_fails_is_tried_again_and_leaves_no_dead_button() {
    let mut state = drafted("example.com");
    state.update(NOW, |inputs| {
        inputs.begin_look(NOW);
        inputs.take(Event::Ended(crate::event::Task::Look), None, NOW);
    });
    let publish = &state.inputs().session().unwrap().publish;
    assert!(!publish.is_looking());
    assert_eq!(publish.next_look(), Some(NOW + Duration::MINUTE));
}

#[test]
fn what_was_saved_for_one_domain_leaves_the_consent_of_another() {
    let mut state = drafted("example.com");
    state.update(NOW, |inputs| {
        inputs.choose_folder(&on_disk("/tmp/a"));
        inputs.change_session(|session| session.finish.overwrite = true);
        let target = mta_sts_save::Target::Folder(on_disk("/tmp/b"));
        inputs.take(Event::Saved(target, Ok(Vec::new())), None, NOW);
    });
    assert!(state.inputs().session().unwrap().finish.overwrite);
}

#[test]
fn reports_that_could_not_be_read_do_not_stop_new_ones_from_being_saved() {
    let mut state = drafted("example.com");
    let of = state.update(NOW, Inputs::await_reports).unwrap();
    open_reports(&mut state, vec![report("example.com", NOW, 0)], NOW);
    assert!(state.update(NOW, Inputs::take_unsaved_reports).is_none());
    let failed = Event::ReportsLoaded(of, Err("damaged".into()));
    state.update(NOW, |inputs| inputs.take(failed, None, NOW));
    assert!(state.update(NOW, Inputs::take_unsaved_reports).is_some());
}

#[test]
fn removing_the_domain_on_the_screen_leaves_none_there() {
    let mut state = drafted("example.com");
    let gone = state.domain().unwrap().clone();
    state.update(NOW, |inputs| inputs.remove(std::slice::from_ref(&gone)));
    assert_eq!(state.domain(), None);
    assert_eq!(state.summary(&gone), None);
    assert!(state.derived().listed.is_empty());
}

#[test]
fn the_earlier_result_stays_until_a_check_is_whole() {
    let mut state = drafted("example.com");
    begin(&mut state, "example.com", NOW + Duration::HOUR);
    assert!(state.is_checking());
    assert_eq!(state.report().map(|_| ()), None);
    assert!(
        state.derived().setup.is_some(),
        "the draft rests on the last check"
    );
    assert_eq!(
        restarted(&state)
            .work()
            .unwrap()
            .facts
            .as_ref()
            .unwrap()
            .checked_at,
        NOW
    );
    state.update(NOW, Inputs::stop_check);
    assert!(!state.facts().unwrap().cut_short, "nothing was seen yet");
    begin(&mut state, "example.com", NOW + Duration::HOUR);
    state.update(NOW, |inputs| {
        inputs.fold_fact(Fact::Mx(Observed::Seen(Answer::of([]))));
        inputs.stop_check();
    });
    assert!(state.facts().unwrap().cut_short);
}

#[test]
fn a_text_that_is_no_domain_does_not_make_half_a_check_a_whole_one() {
    let mut state = drafted("example.com");
    begin(&mut state, "example.com", NOW);
    state.update(NOW, |inputs| {
        inputs.domain_text = "no domain".into();
        assert_eq!(inputs.typed_domain(), None);
    });
    assert!(state.is_checking());
    assert!(state.inputs().domain_error.is_some());
    assert!(!state.is_of_the_field());
}

#[test]
fn the_progress_of_a_check_never_goes_back() {
    let mut state = State::new(false);
    begin(&mut state, "example.com", NOW);
    let mut last = 0.0;
    for number in 0..5 {
        state.update(NOW, |inputs| {
            inputs.fold_fact(Fact::Record(Observed::Seen(Answer::of([]))));
            let server = MailServer::named(format!("mx{number}.example.com"), 10);
            inputs.fold_fact(Fact::MailServer(server));
        });
        let progress = state.inputs().session().unwrap().progress();
        assert!(progress >= last, "{progress} after {last}");
        last = progress;
    }
}

#[test]
fn a_check_of_another_day_wants_another_and_vouches_for_nothing() {
    let mut state = drafted("example.com");
    assert!(!state.inputs().wants_check(NOW + Duration::HOUR));
    let later = NOW + Duration::days(2);
    assert!(state.inputs().wants_check(later));
    begin(&mut state, "example.com", later);
    assert!(!state.inputs().wants_check(later), "it is running");
}

#[test]
fn what_was_published_at_the_last_check_goes_with_the_next() {
    let mut state = drafted("example.com");
    assert_eq!(state.facts().unwrap().earlier, None);
    begin(&mut state, "example.com", NOW);
    state.update(NOW, |inputs| {
        inputs.fold_fact(Fact::Policy(Observed::Seen(PolicyFetch::of_file(
            b"version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n",
        ))));
        inputs.end_check();
    });
    let known = state.facts().unwrap().published();
    assert!(known.is_some());
    check(&mut state, "example.com");
    assert_eq!(state.facts().unwrap().earlier, known);
    check(&mut state, "example.org");
    assert_eq!(state.facts().unwrap().earlier, None);
    let mut state = restarted(&state);
    check(&mut state, "example.com");
    assert_eq!(state.facts().unwrap().earlier, known);
}

/// A path from the root of a disk, as this system writes it.
fn on_disk(path: &str) -> std::path::PathBuf {
    let drive = if cfg!(windows) { "C:" } else { "" };
    format!("{drive}{path}").into()
}

fn paths(state: &State) -> Vec<&'static str> {
    let artifacts = &state.files().unwrap().artifacts;
    artifacts.iter().map(|artifact| artifact.path).collect()
}

#[test]
fn the_chosen_web_host_is_saved_and_its_files_are_planned() {
    let mut state = drafted("example.com");
    state.update(NOW, |inputs| {
        inputs.choose_folder(&on_disk("/tmp/a"));
    });
    let without = paths(&state);
    assert_eq!(
        without,
        [
            ".well-known/mta-sts.txt",
            "upload/mta-sts.txt",
            "dns-records.txt",
            "zone-snippet.txt",
            "report.json",
            "report.html"
        ]
    );
    change_draft(&mut state, NOW, |draft| {
        draft.hosting = Some(Hosting::Caddy);
    });
    let restored = restarted(&state);
    assert!(paths(&restored).contains(&"hosting/caddy/Caddyfile"));
    assert_eq!(paths(&restored).len(), without.len() + 3);
}

#[test]
fn a_folder_is_an_absolute_path() {
    let mut state = drafted("example.com");
    for text in ["", "~/files", "files", "./files"] {
        state.update(NOW, |inputs| {
            inputs.change_work(|work| work.folder_text = text.into());
        });
        assert_eq!(state.inputs().folder(), None, "{text}");
        assert_eq!(state.derived().files, None, "{text}");
    }
}

/// What a public resolver answers that keeps it for five minutes.
fn public_view(name: &str) -> ServerView {
    ServerView {
        observer: Observer::PublicResolver {
            name: name.into(),
            ip: [192, 0, 2, 9].into(),
        },
        asked_at: Some(NOW),
        record: Observed::Seen(Answer::of(["v=STSv1; id=1;".into()])),
        tls_rpt: Observed::Seen(Answer::of(["v=TLSRPTv1; rua=mailto:a@b.example".into()])),
        policy_host: Observed::Seen(Answer::of([[192, 0, 2, 80].into()])),
        mx: Observed::NotAsked,
    }
}

/// One look at which these public resolvers answered.
fn looked(state: &mut State, names: &[&str]) {
    let setup = state.derived().setup.clone();
    state.update(NOW, |inputs| {
        inputs.begin_look(NOW).unwrap();
        for name in names {
            inputs.fold_sighting(Sighting::View(Box::new(public_view(name))));
        }
        inputs.end_look(setup.as_ref(), NOW);
    });
}

fn progress(state: &State) -> &mta_sts_core::Progress {
    state.derived().progress.as_ref().unwrap()
}

#[test]
fn a_cache_keeps_its_row_and_is_left_alone_until_its_answer_has_run_out() {
    let mut state = drafted("example.com");
    looked(&mut state, &["One"]);
    let look = |state: &mut State, minutes| {
        let now = NOW + Duration::minutes(minutes);
        state
            .update(now, |inputs| inputs.begin_look(now))
            .unwrap()
            .1
    };
    assert_eq!(look(&mut state, 4).known, [public_view("One")]);
    state.update(NOW, |inputs| inputs.end_look(None, NOW));
    assert!(progress(&state).record[0].who.starts_with("One"));
    assert!(look(&mut state, 5).known.is_empty());
}

#[test]
fn a_public_resolver_that_is_left_out_loses_its_row_at_once_and_stays_out_after_a_restart() {
    let mut state = drafted("example.com");
    looked(&mut state, &["One", "Two"]);
    state.update(NOW, |inputs| {
        inputs.pause(true, NOW);
        inputs.ask_resolver("Two".into(), false);
    });
    assert_eq!(progress(&state).record.len(), 1);
    let mut restored = restarted(&state);
    let (_, whom) = restored
        .update(NOW, |inputs| inputs.begin_look(NOW))
        .unwrap();
    assert_eq!(whom.left_out, ["Two".to_owned()].into());
    restored.update(NOW, |inputs| inputs.ask_resolver("Two".into(), true));
    assert!(restored.work().unwrap().left_out.is_empty());
}

#[test]
fn what_another_draft_made_correct_is_no_reason_to_call_this_one_worse() {
    let mut state = drafted("example.com");
    let setup = state.derived().setup.clone().unwrap();
    state.update(NOW, |inputs| {
        inputs.begin_look(NOW).unwrap();
        let mut view = public_view("One");
        view.record = Observed::Seen(Answer::of([format!("v=STSv1; id={};", setup.id)]));
        inputs.fold_sighting(Sighting::View(Box::new(view)));
        inputs.end_look(Some(&setup), NOW);
    });
    let saw = |state: &State| progress(state).record[0].saw.clone();
    assert!(saw(&state).starts_with("It has id"), "{}", saw(&state));
    change_draft(&mut state, NOW + Duration::HOUR, |draft| {
        draft.max_age_secs = 86_400;
    });
    assert!(
        saw(&state).starts_with("It has a different id"),
        "{}",
        saw(&state)
    );
    assert!(!saw(&state).contains("It was correct"), "{}", saw(&state));
}

#[test]
fn once_everything_is_visible_nobody_is_asked_any_more() {
    let recorded = include_str!("../../crates/core/tests/recorded/healthy.json");
    let recorded = Facts::from_json(recorded).unwrap();
    let mut state = drafted(recorded.domain.as_str());
    let setup = state.derived().setup.clone().unwrap();
    state.update(NOW, |inputs| {
        inputs.begin_look(NOW).unwrap();
        let mut view = public_view("One");
        view.record = Observed::Seen(Answer::of([format!("v=STSv1; id={};", setup.id)]));
        inputs.fold_sighting(Sighting::View(Box::new(view)));
        let mut fetch = recorded.policy.seen().unwrap().clone();
        let file = PolicyFetch::of_file(setup.policy.write().as_bytes());
        fetch.response = file.response;
        inputs.fold_sighting(Sighting::Policy(Observed::Seen(fetch)));
        inputs.end_look(Some(&setup), NOW);
    });
    assert!(progress(&state).is_complete(), "{:?}", progress(&state));
    let publish = &state.inputs().session().unwrap().publish;
    assert_eq!(publish.next_look(), None);
    assert!(state.work().unwrap().is_live());
}

#[test]
fn looks_are_soon_at_first_for_each_draft_anew() {
    let mut state = drafted("example.com");
    let wait = |state: &mut State| {
        looked(state, &["One"]);
        state
            .inputs()
            .session()
            .unwrap()
            .publish
            .next_look()
            .unwrap()
            - NOW
    };
    let first = wait(&mut state);
    for _ in 0..6 {
        wait(&mut state);
    }
    assert!(wait(&mut state) > first);
    change_draft(&mut state, NOW + Duration::HOUR, |draft| {
        draft.max_age_secs = 86_400;
    });
    assert_eq!(wait(&mut state), first);
}

#[test]
fn facts_of_the_same_domain_opened_during_a_look_leave_the_way_to_the_next_look_open() {
    let mut state = drafted("example.com");
    state.update(NOW, |inputs| {
        inputs.go(Step::Publish, NOW);
        inputs.pause(true, NOW);
        inputs.begin_look(NOW);
    });
    let facts = state.facts().unwrap().clone();
    let opened = OpenedFiles {
        checks: vec![facts],
        ..OpenedFiles::default()
    };
    state.update(NOW, |inputs| {
        inputs.take(Event::FilesOpened(opened), None, NOW);
    });
    let publish = &state.inputs().session().unwrap().publish;
    assert!(!publish.is_looking());
}

/// Looks at the folder, as the background would.
fn look_at_folder(state: &mut State) {
    let Files { target, artifacts } = state.files().unwrap().clone();
    let plan = mta_sts_save::plan(&target, &artifacts).unwrap();
    let seen = Box::new(FolderSeen {
        target,
        artifacts,
        plan,
    });
    state.update(NOW, |inputs| inputs.folder_seen(seen, NOW));
}

/// What the disk holds after the files of a draft were saved and looked at again.
fn saved_in(folder: &std::path::Path) -> State {
    let mut state = drafted("example.com");
    state.update(NOW, |inputs| inputs.choose_folder(folder));
    look_at_folder(&mut state);
    assert!(!state.is_saved());
    let (files, shown, replaced) = state.saving().unwrap();
    let may_replace = |file: &mta_sts_save::PlannedFile| replaced.contains(&file.path);
    let written = mta_sts_save::write(&files.target, &files.artifacts, Some(&shown), may_replace);
    let written = written.map_err(|error| error.to_string());
    let saved = Event::Saved(files.target, written);
    state.update(NOW, |inputs| inputs.take(saved, None, NOW));
    assert!(!state.may_save(), "what is there has to be seen first");
    look_at_folder(&mut state);
    state
}

fn standing_of(state: &State, name: &str) -> FileStatus {
    let (plan, _) = state.save_plan().unwrap();
    let mut files = plan.files.iter();
    let file = files.find(|file| file.path.ends_with(name)).unwrap();
    FileStatus::of(file, state.work().unwrap())
}

#[test]
fn an_own_earlier_version_needs_no_consent_and_somebody_elses_change_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = saved_in(folder.path());
    assert!(state.is_saved());
    assert_eq!(standing_of(&state, "mta-sts.txt"), FileStatus::Saved);

    change_draft(&mut state, NOW, |draft| draft.max_age_secs = 86_400);
    assert!(!state.is_saved() && !state.may_save());
    look_at_folder(&mut state);
    assert_eq!(standing_of(&state, "mta-sts.txt"), FileStatus::Earlier);
    assert!(state.may_save());

    let file = folder.path().join(".well-known/mta-sts.txt");
    let later = SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::write(&file, "of somebody else").unwrap();
    let changed = std::fs::File::options().append(true).open(&file).unwrap();
    changed.set_modified(later).unwrap();
    let mut state = restarted(&state);
    look_at_folder(&mut state);
    assert_eq!(standing_of(&state, "mta-sts.txt"), FileStatus::ChangedSince);
    assert!(state.needs_consent() && !state.may_save());
    state.update(NOW, |inputs| {
        inputs.change_session(|it| it.finish.overwrite = true);
    });
    assert!(state.may_save());
}

#[test]
fn a_path_that_names_a_zip_file_is_no_folder() {
    let mut state = drafted("example.com");
    for (form, path, zip) in [
        (SaveForm::Folder, "/tmp/out.zip", Some("/tmp/out.zip")),
        (SaveForm::Zip, "/tmp/out.ZIP", Some("/tmp/out.ZIP")),
        (
            SaveForm::Zip,
            "/tmp/out",
            Some("/tmp/out/mta-sts-example.com.zip"),
        ),
        (SaveForm::Folder, "/tmp/out", None),
    ] {
        state.update(NOW, |inputs| {
            inputs.choose_folder(&on_disk(path));
            inputs.change_work(|work| work.save_form = form);
        });
        let target = match zip {
            Some(zip) => mta_sts_save::Target::Zip(on_disk(zip)),
            None => mta_sts_save::Target::Folder(on_disk(path)),
        };
        assert_eq!(state.files().unwrap().target, target, "{path}");
    }
}

#[test]
fn a_file_of_a_time_that_cannot_be_saved_is_asked_about_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = saved_in(folder.path());
    let file = folder.path().join(".well-known/mta-sts.txt");
    let opened = std::fs::File::options().append(true).open(&file).unwrap();
    let old = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1);
    opened.set_modified(old).unwrap();
    look_at_folder(&mut state);
    let work = state.work().unwrap();
    assert!(serde_json::to_string(work).is_ok(), "{:?}", work.written);
}

#[test]
fn what_was_seen_in_one_folder_says_nothing_of_another_or_of_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = saved_in(folder.path());
    let other = folder.path().join("other");
    state.update(NOW, |inputs| inputs.choose_folder(&other));
    assert_eq!(state.save_plan().map(|_| ()), None);
    assert_eq!(state.shown_plan().map(|_| ()), None);
    state.update(NOW, |inputs| inputs.choose_folder(folder.path()));
    assert!(state.is_saved());
    // The dates to come back are among the files: they change when it goes live.
    let setup = state.derived().setup.clone().unwrap();
    state.update(NOW, |inputs| {
        inputs.change_work(|work| work.note_live(&setup, NOW));
    });
    assert!(!state.is_saved() && !state.may_save());
}

fn lock(state: &mut State, now: OffsetDateTime) -> EnforceLock {
    state.update(now, |_| {});
    state.derived().enforce_lock.clone()
}

fn reason(state: &mut State, now: OffsetDateTime) -> String {
    match lock(state, now) {
        EnforceLock::Locked(reason) => reason,
        EnforceLock::Open => "open".into(),
    }
}

fn live(state: &mut State, since: OffsetDateTime) {
    let setup = state.derived().setup.clone().unwrap();
    let (mode, id) = (Mode::Testing, setup.id);
    let live = Some(Live { mode, id, since });
    state.update(NOW, |inputs| {
        inputs.change_work(|work| work.history.live = live);
    });
}

#[test]
fn enforce_mode_opens_two_weeks_after_testing_went_live_and_only_when_a_check_of_today_passed() {
    let mut state = drafted("example.com");
    state.update(NOW, |inputs| {
        inputs.choose_folder(&on_disk("/tmp/a"));
    });
    assert!(reason(&mut state, NOW).contains("isn’t live everywhere"));
    live(&mut state, NOW);
    assert!(reason(&mut state, NOW).contains("until 7 December 2026"));
    let later = NOW + Duration::weeks(2);
    let old = reason(&mut state, later);
    assert!(old.contains("from 23 November 2026. Check again"), "{old}");
    begin(&mut state, "example.com", later);
    state.update(later, |inputs| {
        inputs.fold_fact(Fact::MailServer(MailServer::named("mx.example.com", 10)));
        inputs.end_check();
    });
    assert!(reason(&mut state, later).contains("couldn’t tell"));
    assert_eq!(state.derived().next_steps[0].on, Some(later.date()));
    assert!(paths(&state).contains(&"next-steps.ics"));
}

#[test]
fn the_words_of_the_dns_host_are_those_of_the_name_servers_unless_another_is_chosen() {
    let mut state = drafted("example.com");
    assert_eq!(state.derived().dns_host, None);
    begin(&mut state, "example.com", NOW);
    state.update(NOW, |inputs| {
        inputs.fold_fact(Fact::Zone(Observed::Seen(mta_sts_core::facts::Zone {
            apex: "example.com".into(),
            servers: vec![mta_sts_core::facts::ZoneServer {
                name: "ada.ns.cloudflare.com".into(),
                addresses: Vec::new(),
            }],
        })));
        inputs.end_check();
    });
    let named = |state: &State| state.derived().dns_host.map(|host| host.name.as_str());
    assert_eq!(named(&state), Some("Cloudflare"));
    change_draft(&mut state, NOW, |draft| {
        draft.dns_host = Some("godaddy".into());
    });
    assert_eq!(named(&state), Some("GoDaddy"));
    change_draft(&mut state, NOW, |draft| {
        draft.dns_host = Some("another".into());
    });
    assert_eq!(named(&state), None);
}

/// A report of one day without a failure.
fn report(domain: &str, day: OffsetDateTime, failed: u64) -> mta_sts_core::TlsReport {
    mta_sts_core::TlsReport {
        organization: "Sender".into(),
        report_id: day.date().to_string(),
        contact: None,
        begin: Some(day),
        end: Some(day + Duration::DAY - Duration::SECOND),
        policies: vec![mta_sts_core::ReportedPolicy {
            policy_type: mta_sts_core::PolicyType::Sts,
            domain: domain.into(),
            policy_string: Vec::new(),
            mx_host: Vec::new(),
            successful_sessions: 9,
            failed_sessions: failed,
            failures: Vec::new(),
        }],
    }
}

fn open_reports(state: &mut State, reports: Vec<mta_sts_core::TlsReport>, now: OffsetDateTime) {
    let opened = mta_sts_reports::Opened {
        reports,
        ..mta_sts_reports::Opened::default()
    };
    state.update(now, |inputs| inputs.take_reports(opened));
}

#[test]
fn reports_are_being_read_until_every_group_has_ended_or_the_person_stops() {
    let mut state = drafted("example.com");
    for _ in 0..2 {
        state.update(NOW, Inputs::begin_reading_reports);
    }
    let ended = |state: &mut State| {
        state.update(NOW, |inputs| {
            inputs.take(Event::Ended(crate::event::Task::Open), None, NOW);
        });
        state.is_reading_reports()
    };
    assert!(ended(&mut state), "the other one");
    assert!(!ended(&mut state));
    state.update(NOW, Inputs::begin_reading_reports);
    state.update(NOW, Inputs::stop_reading_reports);
    assert!(!state.is_reading_reports());
}

#[test]
fn two_weeks_of_reports_open_enforce_mode_where_no_check_could_and_a_failure_closes_it() {
    let mut state = drafted("example.com");
    live(&mut state, NOW - Duration::weeks(2));
    assert_ne!(lock(&mut state, NOW), EnforceLock::Open);
    let day = |ago| NOW.replace_time(time::Time::MIDNIGHT) - Duration::days(ago);
    let clean = (1..=14).map(|ago| report("example.com", day(ago), 0));
    open_reports(&mut state, clean.collect(), NOW);
    assert_eq!(lock(&mut state, NOW), EnforceLock::Open);
    assert_ne!(
        lock(&mut state, NOW + Duration::weeks(2)),
        EnforceLock::Open
    );

    let (of, saved) = state.update(NOW, Inputs::take_unsaved_reports).unwrap();
    let mut restored = restarted(&state);
    restored.update(NOW, |inputs| {
        inputs.await_reports();
        inputs.restore_reports(&of, Arc::unwrap_or_clone(saved));
    });
    assert_eq!(lock(&mut restored, NOW), EnforceLock::Open);

    open_reports(&mut state, vec![report("example.com", day(0), 1)], NOW);
    let reason = reason(&mut state, NOW);
    assert!(reason.contains("Some connections failed"), "{reason}");
    change_draft(&mut state, NOW, |draft| draft.choose(Mode::Enforce));
    let mut guards = state.derived().guards.iter();
    assert!(guards.any(|guard| guard.text.starts_with("TLS reports: ")));
    state.update(NOW, Inputs::forget_reports);
    let mut guards = state.derived().guards.iter();
    assert!(!guards.any(|guard| guard.text.starts_with("TLS reports: ")));
}

#[test]
fn a_step_that_rests_on_reports_can_be_entered_again_after_a_restart() {
    let mut state = drafted("example.com");
    live(&mut state, NOW - Duration::weeks(2));
    let day = |ago| NOW.replace_time(time::Time::MIDNIGHT) - Duration::days(ago);
    let clean = (1..=14).map(|ago| report("example.com", day(ago), 0));
    open_reports(&mut state, clean.collect(), NOW);
    change_draft(&mut state, NOW, |draft| {
        draft.report_address = "tls@example.net".into();
        draft.choose(Mode::Enforce);
    });
    assert!(state.may_enter(Step::Publish));
    let (_, saved) = state.update(NOW, Inputs::take_unsaved_reports).unwrap();
    let again = |reports| {
        let mut loaded = Loaded {
            domains: vec![state.work().unwrap().clone()],
            reports,
            ..Loaded::default()
        };
        let mut state = State::new(false);
        state.update(NOW, |inputs| inputs.restore(&mut loaded));
        state.may_enter(Step::Publish)
    };
    let reports = Some((domain("example.com"), Arc::unwrap_or_clone(saved)));
    assert!(again(reports));
    assert!(!again(None), "nothing else vouches for enforce mode");
}

#[test]
fn reports_of_one_domain_are_not_filed_under_another() {
    let mut state = drafted("example.com");
    let mixed = vec![
        report("example.org", NOW, 1),
        report("example.com", NOW, 0),
        report("example.com", NOW, 0),
    ];
    open_reports(&mut state, mixed, NOW);
    assert_eq!(state.reported().unwrap().failed, 0);
    let notice = &state.inputs().notice.as_ref().unwrap().text;
    for part in ["1 report read. 1 was already here.", "about example.org"] {
        assert!(notice.contains(part), "{notice}");
    }
    check(&mut state, "example.org");
    assert_eq!(state.reported(), None);
}

#[test]
fn reports_that_are_opened_before_the_saved_ones_are_read_are_added_to_them() {
    let mut state = drafted("example.com");
    let mut saved = mta_sts_core::TlsReports::default();
    saved.add(report("example.com", NOW - Duration::DAY, 0));
    let of = state.update(NOW, Inputs::await_reports).unwrap();
    open_reports(&mut state, vec![report("example.com", NOW, 0)], NOW);
    state.update(NOW, |inputs| inputs.restore_reports(&of, saved));
    assert_eq!(state.reported().unwrap().successful, 18);
    let (_, unsaved) = state.update(NOW, Inputs::take_unsaved_reports).unwrap();
    assert_eq!(unsaved.len(), 2);
}

#[test]
fn only_what_changed_is_saved() {
    let mut state = drafted("example.com");
    check(&mut state, "example.org");
    let unsaved = |state: &mut State| {
        let works = state.update(NOW, Inputs::take_unsaved);
        works
            .into_iter()
            .map(|work| work.domain.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(unsaved(&mut state), ["example.com", "example.org"]);
    assert!(unsaved(&mut state).is_empty());
    state.update(NOW, |inputs| inputs.edited(NOW));
    assert_eq!(unsaved(&mut state), ["example.org"]);
    // What was read from the disk is not written again.
    let mut restored = restarted(&state);
    assert!(unsaved(&mut restored).len() <= 1);
}

#[test]
fn the_table_keeps_its_order_while_all_are_checked() {
    let mut state = State::new(false);
    let names = ["a.example", "b.example", "c.example"].map(domain);
    state.update(NOW, |inputs| {
        inputs.add(names.to_vec());
        inputs.home.batch = Some(Batch { done: 0, all: 3 });
    });
    assert_eq!(state.derived().listed, names);
    let mut facts = Facts::new(names[2].clone(), NOW);
    facts.mx = Observed::Seen(Answer {
        name_exists: false,
        ..Answer::of([])
    });
    state.update(NOW, |inputs| {
        inputs.take(Event::DomainChecked(Some(Arc::new(facts))), None, NOW);
    });
    assert_eq!(state.derived().listed, names);
    assert_eq!(state.inputs().home.batch.unwrap().done, 1);
    state.update(NOW, |inputs| {
        inputs.take(Event::Ended(crate::event::Task::CheckAll), None, NOW);
    });
    assert_eq!(state.derived().listed[0], names[2], "the worst comes first");
    state.update(NOW, |inputs| inputs.home.filter = "B.".into());
    assert_eq!(state.derived().listed, names[1..2]);
    // A filter that is cleared during a check of all brings every row back, new ones last.
    state.update(NOW, |inputs| {
        inputs.home.batch = Some(Batch { done: 0, all: 3 });
        inputs.home.filter.clear();
        inputs.add(vec![domain("0.new.example")]);
    });
    assert_eq!(state.derived().listed.len(), 4);
    assert_eq!(state.derived().listed[3], domain("0.new.example"));
}

#[test]
fn what_follows_is_worked_out_anew_after_an_hour() {
    let mut state = State::new(false);
    assert!(state.is_stale(NOW), "nothing was worked out yet");
    state.update(NOW, |_| {});
    assert!(!state.is_stale(NOW + Duration::HOUR));
    assert!(state.is_stale(NOW + Duration::HOUR + Duration::SECOND));
}

#[test]
fn only_what_is_new_counts_as_added() {
    let mut state = drafted("example.com");
    let names = ["example.com", "example.net", "example.org"].map(domain);
    let added = state.update(NOW, |inputs| inputs.add(names.to_vec()));
    assert_eq!(added, 2);
    assert!(
        state
            .inputs()
            .domains()
            .contains_key(&domain("example.net"))
    );
}

#[test]
fn a_policy_that_was_switched_off_does_not_vouch_for_enforce_mode() {
    let mut state = drafted("example.com");
    let publish = |state: &mut State, mode: &str| {
        let text = format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: 604800\n");
        let mut facts = state.facts().unwrap().clone();
        facts.policy = Observed::Seen(PolicyFetch::of_file(text.as_bytes()));
        state.update(NOW, |inputs| inputs.import(facts));
        change_draft(state, NOW, |draft| {
            draft.report_address = "tls@example.net".into();
            draft.choose(Mode::Enforce);
        });
        let guards = &state.derived().guards;
        let texts = guards.iter().map(|guard| guard.text.as_str());
        texts
            .filter(|text| text.contains("haven’t passed the check"))
            .count()
    };
    assert_eq!(publish(&mut state, "none"), 1);
    assert_eq!(publish(&mut state, "testing"), 0);
}

#[test]
fn the_summary_is_the_sheet_of_records_and_the_policy() {
    let state = drafted("example.com");
    let summary = state.derived().summary().unwrap();
    for part in [
        "Next: Finish step 3.",
        "Add these in this order",
        "_mta-sts.example.com",
        "Policy file:\nversion: STSv1",
    ] {
        assert!(summary.contains(part), "{part} is missing in {summary}");
    }
}

#[test]
fn a_domain_that_was_only_typed_stays_once_it_was_added() {
    let nowhere = |state: &mut State, name: &str| {
        begin(state, name, NOW);
        state.update(NOW, |inputs| {
            inputs.fold_fact(Fact::Mx(Observed::Seen(Answer {
                name_exists: false,
                ..Answer::of([])
            })));
            inputs.end_check();
        });
    };
    let mut state = State::new(false);
    nowhere(&mut state, "slip.example");
    nowhere(&mut state, "added.example");
    assert!(
        !state
            .inputs()
            .domains()
            .contains_key(&domain("slip.example"))
    );
    state.update(NOW, |inputs| inputs.add(vec![domain("added.example")]));
    begin(&mut state, "example.com", NOW);
    assert!(
        state
            .inputs()
            .domains()
            .contains_key(&domain("added.example"))
    );
}

#[test]
fn reports_about_others_are_counted_in_the_right_number() {
    let text = |count: usize| {
        let mut state = drafted("example.com");
        state.update(NOW, |inputs| inputs.go(Step::Finish, NOW));
        let others = vec![report("example.org", NOW, 1); count];
        open_reports(&mut state, others, NOW);
        state.inputs().notice.as_ref().unwrap().text.clone()
    };
    assert!(text(1).contains("1 is not about this domain, but about example.org."));
    assert!(text(2).contains("2 are not about this domain, but about example.org."));
}

#[test]
fn a_report_opened_anywhere_but_in_step_4_opens_its_domain_if_that_is_on_the_list() {
    let mut state = State::new(false);
    let opened_domain = |state: &State| state.domain().unwrap().as_str().to_owned();
    open_reports(&mut state, vec![report("example.org", NOW, 1)], NOW);
    assert_eq!(state.domain(), None, "a stranger’s report starts no check");
    let notice = &state.inputs().notice.as_ref().unwrap().text;
    assert!(notice.contains("about example.org"), "{notice}");
    begin(&mut state, "example.org", NOW);
    begin(&mut state, "example.com", NOW);
    let both = vec![report("example.org", NOW, 1), report("example.com", NOW, 1)];
    open_reports(&mut state, both, NOW);
    assert_eq!(opened_domain(&state), "example.com", "the open one first");
    let known = vec![report("new.example", NOW, 1), report("example.org", NOW, 1)];
    open_reports(&mut state, known, NOW);
    assert_eq!(opened_domain(&state), "example.org", "then one on the list");
}

#[test]
fn a_file_that_is_neither_is_told_where_no_domain_is_open() {
    let mut state = State::new(false);
    let files = OpenedFiles {
        reports: mta_sts_reports::open("photo.jpg", b"\xff\xd8\xff"),
        ..OpenedFiles::default()
    };
    state.update(NOW, |inputs| {
        inputs.take(Event::FilesOpened(files), None, NOW);
    });
    let notice = state.inputs().notice.as_ref().unwrap();
    assert!(notice.text.starts_with("photo.jpg: "), "{notice:?}");
}

#[test]
fn without_a_dialog_the_other_way_is_told() {
    let told = |event| {
        let mut state = State::new(false);
        state.update(NOW, |inputs| inputs.take(event, None, NOW));
        state.inputs().notice.as_ref().unwrap().text.clone()
    };
    assert!(told(Event::FilesPicked(Picked::NoDialog)).contains("Drop the file"));
    assert!(told(Event::FolderPicked(Picked::NoDialog)).contains("Type the path"));
}
