//! The state as a whole: steps, drafts of several domains, what is kept.

use mta_sts_core::facts::{Answer, MailServer, MxRecord, Observed, PolicyFetch};
use mta_sts_core::{Hosting, Observer, ServerView, Sighting};
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

/// A state in step 2 for a domain with one MX host.
fn drafted(domain: &str) -> State {
    let mut state = State::new(false);
    check(&mut state, domain);
    state.go(Step::Create, NOW);
    state
}

fn check(state: &mut State, domain: &str) {
    state.check.domain_text = domain.into();
    state.begin_check(NOW).unwrap();
    let exchange = format!("mx.{domain}");
    state.fold_fact(Fact::MailServer(MailServer::named(exchange.clone(), 10)));
    let record = MxRecord {
        preference: 10,
        exchange,
    };
    state.fold_fact(Fact::Mx(Observed::Seen(Answer::of([record]))));
    state.end_check(NOW);
}

#[test]
fn the_publish_step_looks_at_once_after_a_restart() {
    let mut state = drafted("example.com");
    state.go(Step::Publish, NOW);
    let restored = State::restored(false, state.to_keep());
    assert_eq!(restored.step, Step::Publish);
    assert!(restored.publish.next_look.is_some_and(|due| due < NOW));
}

#[test]
fn a_step_that_cannot_be_entered_is_not_restored() {
    let mut state = drafted("example.com");
    state.go(Step::Publish, NOW);
    state.draft.as_mut().unwrap().report_address = "nonsense".into();
    assert_eq!(State::restored(false, state.to_keep()).step, Step::Check);
}

#[test]
fn another_domain_in_between_does_not_lose_the_draft() {
    let mut state = drafted("example.com");
    state.draft.as_mut().unwrap().report_address = "me@example.net".into();
    check(&mut state, "example.org");
    assert_eq!(state.draft, None);
    let mut state = State::restored(false, state.to_keep());
    check(&mut state, "example.com");
    assert_eq!(state.draft.unwrap().report_address, "me@example.net");
}

#[test]
fn a_check_that_was_closed_half_way_says_so_when_it_is_read_again() {
    let mut state = State::new(false);
    state.check.domain_text = "example.com".into();
    state.begin_check(NOW).unwrap();
    let restored = State::restored(false, state.to_keep());
    assert!(restored.check.facts().unwrap().cut_short);
    assert!(!restored.check.running);
}

#[test]
fn a_text_that_is_no_domain_ends_whatever_was_running() {
    let mut state = drafted("example.com");
    state.check.running = true;
    state.check.domain_text = "no domain".into();
    assert_eq!(state.begin_check(NOW), None);
    assert!(!state.check.running);
    assert_eq!(state.step, Step::Check);
    assert!(!state.check.is_of_the_field());
}

#[test]
fn what_was_published_at_the_last_check_goes_with_the_next() {
    let mut state = drafted("example.com");
    assert_eq!(state.check.facts().unwrap().earlier, None);
    state.fold_fact(Fact::Policy(Observed::Seen(PolicyFetch::of_file(
        b"version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n",
    ))));
    let known = state.check.facts().unwrap().published();
    assert!(known.is_some());
    check(&mut state, "example.com");
    assert_eq!(state.check.facts().unwrap().earlier, known);
    check(&mut state, "example.com");
    assert_eq!(state.check.facts().unwrap().earlier, known);
    check(&mut state, "example.org");
    assert_eq!(state.check.facts().unwrap().earlier, None);
    let mut state = State::restored(false, state.to_keep());
    check(&mut state, "example.com");
    assert_eq!(state.check.facts().unwrap().earlier, known);
}

#[test]
fn the_chosen_web_host_is_kept_and_its_files_are_planned() {
    let mut state = drafted("example.com");
    let paths = |state: &State| -> Vec<&str> {
        let artifacts = state.artifacts().unwrap().unwrap();
        artifacts.iter().map(|artifact| artifact.path).collect()
    };
    let without = paths(&state);
    assert_eq!(
        without,
        [
            ".well-known/mta-sts.txt",
            "dns-records.txt",
            "zone-snippet.txt",
            "report.json",
            "report.html"
        ]
    );
    state.draft.as_mut().unwrap().hosting = Some(Hosting::Caddy);
    let restored = State::restored(false, state.to_keep());
    assert!(paths(&restored).contains(&"hosting/caddy/Caddyfile"));
    assert_eq!(paths(&restored).len(), without.len() + 3);
}

#[test]
fn a_draft_of_an_earlier_version_has_no_web_host() {
    let mut kept = serde_json::to_value(drafted("example.com").to_keep()).unwrap();
    kept["draft"].as_object_mut().unwrap().remove("hosting");
    let kept = serde_json::from_value(kept).unwrap();
    assert_eq!(State::restored(false, kept).draft.unwrap().hosting, None);
}

#[test]
fn a_folder_is_a_whole_path() {
    let mut state = State::new(false);
    for text in ["", "~/files", "files", "./files"] {
        state.finish.folder_text = text.into();
        assert_eq!(state.folder(), None, "{text}");
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
    }
}

/// One look at which these public resolvers answered.
fn looked(state: &mut State, names: &[&str]) {
    state.begin_look(NOW).unwrap();
    for name in names {
        state.fold_sighting(Sighting::View(Box::new(public_view(name))));
    }
    state.end_look(NOW);
}

#[test]
fn a_cache_keeps_its_row_and_is_left_alone_until_its_answer_has_run_out() {
    let mut state = drafted("example.com");
    looked(&mut state, &["One"]);
    let (_, whom) = state.begin_look(NOW + time::Duration::minutes(4)).unwrap();
    assert_eq!(whom.known, [public_view("One").observer]);
    state.end_look(NOW);
    let progress = state.publish.progress().unwrap();
    assert!(
        progress.announcement[0].who.starts_with("One"),
        "{progress:?}"
    );
    let (_, whom) = state.begin_look(NOW + time::Duration::minutes(5)).unwrap();
    assert!(whom.known.is_empty());
}

#[test]
fn a_public_resolver_that_is_left_out_loses_its_row_and_stays_out_after_a_restart() {
    let mut state = drafted("example.com");
    looked(&mut state, &["One", "Two"]);
    state.publish.ask("Two".into(), false);
    state.compare_again();
    assert_eq!(state.publish.progress().unwrap().announcement.len(), 1);
    let mut restored = State::restored(false, state.to_keep());
    assert!(restored.publish.asks("One") && !restored.publish.asks("Two"));
    let (_, whom) = restored.begin_look(NOW).unwrap();
    assert_eq!(whom.left_out, ["Two".to_owned()].into());
    restored.publish.ask("Two".into(), true);
    assert!(restored.publish.asks("Two"));
}

#[test]
fn what_another_draft_made_correct_is_no_reason_to_call_this_one_worse() {
    let mut state = drafted("example.com");
    state.begin_look(NOW).unwrap();
    let mut view = public_view("One");
    let id = state.setup().unwrap().id;
    view.record = Observed::Seen(Answer::of([format!("v=STSv1; id={id};")]));
    state.fold_sighting(Sighting::View(Box::new(view)));
    state.end_look(NOW);
    let saw = |state: &State| {
        state.publish.progress().unwrap().announcement[0]
            .saw
            .clone()
    };
    assert!(saw(&state).starts_with("Announces id"), "{}", saw(&state));
    state.draft.as_mut().unwrap().max_age_secs = 86_400;
    state.draft_changed(NOW + time::Duration::hours(1));
    assert!(
        saw(&state).starts_with("Announces another id"),
        "{}",
        saw(&state)
    );
    assert!(!saw(&state).contains("It was correct"), "{}", saw(&state));
}

/// What the disk holds after the files of a draft were saved and looked at again.
fn saved_in(folder: &std::path::Path) -> State {
    let mut state = drafted("example.com");
    state.go(Step::Finish, NOW);
    state.finish.folder_text = folder.display().to_string();
    look_at_folder(&mut state);
    let (shown, replaced) = state.saving().unwrap();
    let target = state.target().unwrap();
    let artifacts = state.artifacts().unwrap().unwrap();
    let may_replace = |file: &mta_sts_save::PlannedFile| replaced.contains(&file.path);
    mta_sts_save::write(&target, &artifacts, Some(&shown), may_replace).unwrap();
    look_at_folder(&mut state);
    state
}

fn look_at_folder(state: &mut State) {
    state.plan_files();
    let (target, artifacts) = state.look_at_folder().unwrap();
    state.folder_seen(mta_sts_save::plan(&target, &artifacts), NOW);
}

fn standing_of(state: &State, name: &str) -> Standing {
    let plan = state.finish.plan().unwrap();
    let mut files = plan.files.iter();
    state
        .finish
        .standing(files.find(|file| file.path.ends_with(name)).unwrap())
}

#[test]
fn an_own_earlier_version_needs_no_consent_and_somebody_elses_change_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = saved_in(folder.path());
    assert_eq!(standing_of(&state, "mta-sts.txt"), Standing::Saved);

    state.draft.as_mut().unwrap().max_age_secs = 86_400;
    state.draft_changed(NOW);
    look_at_folder(&mut state);
    assert_eq!(standing_of(&state, "mta-sts.txt"), Standing::Earlier);
    assert!(state.finish.may_save());

    let file = folder.path().join(".well-known/mta-sts.txt");
    let later = SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::write(&file, "of somebody else").unwrap();
    std::fs::File::options()
        .append(true)
        .open(&file)
        .unwrap()
        .set_modified(later)
        .unwrap();
    let mut state = State::restored(false, state.to_keep());
    state.go(Step::Finish, NOW);
    look_at_folder(&mut state);
    assert_eq!(standing_of(&state, "mta-sts.txt"), Standing::ChangedSince);
    assert!(!state.finish.may_save());
    state.finish.overwrite = true;
    assert!(state.finish.may_save());
}

#[test]
fn a_folder_is_looked_at_in_step_4_only_and_once_for_each_change() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = drafted("example.com");
    state.finish.folder_text = folder.path().display().to_string();
    state.plan_files();
    assert!(state.look_at_folder().is_none());
    state.go(Step::Finish, NOW);
    let (target, artifacts) = state.look_at_folder().unwrap();
    assert!(state.look_at_folder().is_none());
    // What was typed meanwhile is another folder: what was seen is not about it.
    state.finish.folder_text.push_str("/other");
    state.plan_files();
    state.folder_seen(mta_sts_save::plan(&target, &artifacts), NOW);
    assert!(state.finish.plan().is_none());
}

#[test]
fn enforce_mode_opens_two_weeks_after_testing_went_live_and_only_when_the_check_passed() {
    let mut state = drafted("example.com");
    let reason = |state: &State, now| match state.enforce_lock(now) {
        EnforceLock::Locked(reason) => reason,
        EnforceLock::Open => "open".into(),
    };
    assert!(reason(&state, NOW).contains("not been seen live"));
    let setup = state.setup().unwrap();
    state.publish.live = Some(publish::Live::new(setup.domain, setup.id, NOW));
    assert!(reason(&state, NOW).contains("until 7 December 2026"));
    let later = NOW + time::Duration::weeks(2);
    assert!(reason(&state, later).contains("could not see"));
    let steps = state.next_steps();
    assert_eq!(steps[0].on, Some(later.date()));
    let names = |state: &State| -> Vec<&str> {
        let artifacts = state.artifacts().unwrap().unwrap();
        artifacts.iter().map(|artifact| artifact.path).collect()
    };
    assert!(names(&state).contains(&"next-steps.ics"));
}

#[test]
fn the_words_of_the_dns_host_are_those_of_the_name_servers_unless_another_is_chosen() {
    let mut state = drafted("example.com");
    assert_eq!(state.dns_host(), None);
    state.fold_fact(Fact::Zone(Observed::Seen(mta_sts_core::facts::Zone {
        apex: "example.com".into(),
        servers: vec![mta_sts_core::facts::ZoneServer {
            name: "ada.ns.cloudflare.com".into(),
            addresses: Vec::new(),
        }],
    })));
    assert_eq!(state.dns_host().unwrap().name, "Cloudflare");
    state.draft.as_mut().unwrap().dns_host = Some("godaddy".into());
    assert_eq!(state.dns_host().unwrap().name, "GoDaddy");
    state.draft.as_mut().unwrap().dns_host = Some("another".into());
    assert_eq!(state.dns_host(), None);
}

/// A report of one day without a failure.
fn report(domain: &str, day: OffsetDateTime, failed: u64) -> mta_sts_core::TlsReport {
    mta_sts_core::TlsReport {
        organization: "Sender".into(),
        report_id: day.date().to_string(),
        contact: None,
        begin: Some(day),
        end: Some(day + time::Duration::DAY - time::Duration::SECOND),
        policies: vec![mta_sts_core::ReportedPolicy {
            policy_type: mta_sts_core::PolicyType::Sts,
            domain: domain.into(),
            successful_sessions: 9,
            failed_sessions: failed,
            failures: Vec::new(),
        }],
    }
}

#[test]
fn two_weeks_of_reports_open_enforce_mode_where_no_check_could_and_a_failure_closes_it() {
    let mut state = drafted("example.com");
    let setup = state.setup().unwrap();
    state.publish.live = Some(publish::Live::new(setup.domain, setup.id, NOW));
    let later = NOW + time::Duration::weeks(2);
    assert_ne!(state.enforce_lock(later), EnforceLock::Open);
    let day = |ago| later.replace_time(time::Time::MIDNIGHT) - time::Duration::days(ago);
    let opened = |reports: Vec<_>| mta_sts_reports::Opened {
        reports,
        remarks: Vec::new(),
    };
    let clean = (1..=14).map(|ago| report("example.com", day(ago), 0));
    state.take_reports(opened(clean.collect()), later);
    assert_eq!(state.enforce_lock(later), EnforceLock::Open);

    // They are kept, and judged by the day.
    let mut restored = State::restored(false, state.to_keep());
    restored.judge_reports(later);
    assert_eq!(restored.enforce_lock(later), EnforceLock::Open);
    let much_later = later + time::Duration::weeks(2);
    restored.judge_reports(much_later);
    assert_ne!(restored.enforce_lock(much_later), EnforceLock::Open);

    state.take_reports(opened(vec![report("example.com", day(0), 1)]), later);
    let EnforceLock::Locked(reason) = state.enforce_lock(later) else {
        panic!("open")
    };
    assert!(reason.contains("Encryption failed"), "{reason}");
    state
        .draft
        .as_mut()
        .unwrap()
        .choose(mta_sts_core::Mode::Enforce);
    let mut guards = state.guards().into_iter();
    assert!(guards.any(|guard| guard.text.starts_with("TLS reports: ")));
}

#[test]
fn reports_of_one_domain_say_nothing_of_another() {
    let mut state = drafted("example.com");
    let reports = vec![report("example.org", NOW, 1)];
    let opened = mta_sts_reports::Opened {
        reports: [reports.clone(), reports].concat(),
        remarks: Vec::new(),
    };
    state.take_reports(opened, NOW);
    assert_eq!(state.reported().unwrap().failed, 0);
    assert_eq!(
        state.notice.as_ref().unwrap().text,
        "1 report read. 1 was here already."
    );
    check(&mut state, "example.org");
    assert_eq!(state.reported().unwrap().failed, 1);
}
