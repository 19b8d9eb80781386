//! Plans of real situations, with their dates.

use mta_sts_core::facts::{MxRecord, PolicyFetch};
use mta_sts_core::{
    Action, Answer, Change, Domain, EnforceProof, Facts, History, Leave, Move, Observed, Plan,
    StageStatus, plan,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::follow::{file_lines, mx, stage};
use crate::model::{File, Internet, Timeline};

const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);
const OLD_NAME: &str = "example-com.mail.protection.outlook.com";
const NEW_NAME: &str = "example-com.o-v1.mx.microsoft";

/// A domain with these MX records (TTL an hour) and this policy under the id 1 (TTL five minutes).
fn facts(hosts: &[&str], mode: &str, lines: &[&str], max_age: u32) -> Facts {
    let lines = file_lines(lines);
    let text = format!("version: STSv1\nmode: {mode}\n{lines}max_age: {max_age}\n");
    internet(hosts, Some(&text)).facts(NOW, &mx(&[NEW_NAME, "mx.new.example"]))
}

fn internet(hosts: &[&str], policy: Option<&str>) -> Internet {
    Internet {
        domain: Domain::parse("example.com").unwrap(),
        mx: Timeline::new(NOW, mx(hosts)),
        mx_ttl: Duration::hours(1),
        file: Timeline::new(NOW, policy.map(File::new)),
        id: Timeline::new(NOW, policy.map(|_| "1".to_owned())),
        record_ttl: Duration::minutes(5),
    }
}

fn move_to(hosts: &[&str], facts: &Facts) -> Plan {
    let hosts: Vec<String> = hosts.iter().map(|it| (*it).to_owned()).collect();
    let change = Change::Move(Move::to_hosts(&hosts, facts));
    plan(&change, facts, &History::of(facts), NOW)
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.stages.iter().map(|stage| stage.id).collect()
}

/// Days and minutes from now.
fn after(at: OffsetDateTime) -> (i64, i64) {
    let wait = at - NOW;
    (wait.whole_days(), wait.whole_minutes() % (24 * 60))
}

fn records_after(plan: &Plan, id: &str) -> Vec<MxRecord> {
    let actions = &stage(plan, id).actions;
    let change = actions.iter().find_map(|action| match action {
        Action::ChangeMx { to, .. } => Some(to.clone()),
        _ => None,
    });
    change.unwrap()
}

#[test]
fn microsoft_from_the_old_name_to_the_new_waits_for_max_age_and_cuts_over_by_preference() {
    let facts = facts(
        &[OLD_NAME],
        "enforce",
        &["*.mail.protection.outlook.com"],
        604_800,
    );
    let plan = move_to(&[NEW_NAME], &facts);
    assert_eq!(
        ids(&plan),
        [
            "check-new",
            "list-both",
            "add-mx",
            "prefer-new-mx",
            "remove-old-mx",
            "drop-old"
        ]
    );
    let begins = |id| after(stage(&plan, id).earliest.at);
    assert_eq!(stage(&plan, "check-new").status, StageStatus::Done);
    assert_eq!(stage(&plan, "list-both").status, StageStatus::Open);
    assert_eq!(begins("add-mx"), (7, 0), "max_age");
    assert_eq!(
        begins("prefer-new-mx"),
        (7, 60),
        "and the TTL of the MX records"
    );
    assert_eq!(begins("remove-old-mx"), (7, 120));
    assert_eq!(begins("drop-old"), (14, 180), "and a week");

    let both = stage(&plan, "list-both").setup.clone().unwrap();
    assert!(both.policy.covers(OLD_NAME) && both.policy.covers(NEW_NAME));
    assert!(
        !both.policy.write().contains("*.mx.microsoft"),
        "the new name has two labels below it"
    );
    let preferred = |id| {
        let mut records = records_after(&plan, id);
        records.sort_by_key(|it| it.preference);
        records[0].exchange.clone()
    };
    assert_eq!(preferred("add-mx"), OLD_NAME);
    assert_eq!(preferred("prefer-new-mx"), NEW_NAME);
    assert_eq!(records_after(&plan, "remove-old-mx"), mx(&[NEW_NAME]));
    let shell = stage(&plan, "check-new").actions.first().unwrap();
    let Action::Run { lines, .. } = shell else {
        panic!("{shell:?}")
    };
    assert!(lines.contains(&"Enable-DnssecForVerifiedDomain -DomainName example.com".to_owned()));
}

#[test]
fn microsoft_with_the_new_name_already_has_nothing_left() {
    let facts = facts(&[NEW_NAME], "enforce", &[NEW_NAME], 604_800);
    let plan = move_to(&[NEW_NAME], &facts);
    assert_eq!(plan.current(), None, "{plan:#?}");
}

#[test]
fn microsoft_with_both_names_in_policy_and_mx_goes_on_with_the_cut_over() {
    let both = ["*.mail.protection.outlook.com", NEW_NAME];
    let facts = facts(&[OLD_NAME, NEW_NAME], "enforce", &both, 604_800);
    let plan = move_to(&[NEW_NAME], &facts);
    assert_eq!(stage(&plan, "add-mx").status, StageStatus::Done);
    let next = plan.current().unwrap();
    assert_eq!(
        (next.id, after(next.earliest.at)),
        ("prefer-new-mx", (0, 60))
    );
}

#[test]
fn microsoft_with_the_wildcard_of_the_new_names_only_refuses_and_is_an_emergency() {
    let facts = facts(&[NEW_NAME], "enforce", &["*.mx.microsoft"], 604_800);
    let plan = move_to(&[NEW_NAME], &facts);
    let next = plan.current().unwrap();
    assert_eq!((next.id, next.status), ("testing-now", StageStatus::Open));
    let testing = next.setup.clone().unwrap();
    assert_eq!(testing.policy.mode(), mta_sts_core::Mode::Testing);
    assert!(testing.policy.covers(NEW_NAME));
    // Senders that don’t look at the record again hold mail back for max_age.
    assert!(next.text.contains("30 November 2026"), "{}", next.text);
    let last = plan.stages.last().unwrap();
    assert_eq!(last.id, "drop-old");
    let enforced = &last.setup.as_ref().unwrap().policy;
    assert_eq!(enforced.mode(), mta_sts_core::Mode::Enforce);
    assert_eq!(
        enforced.mx().len(),
        1,
        "without the wildcard that covers nothing"
    );
}

#[test]
fn microsoft_moved_under_enforce_goes_to_testing_first_even_on_an_old_check() {
    let facts = facts(
        &[NEW_NAME],
        "enforce",
        &["*.mail.protection.outlook.com"],
        31_536_000,
    );
    let change = Change::Move(Move::to_hosts(&[NEW_NAME.to_owned()], &facts));
    let later = NOW + Duration::days(3);
    let plan = plan(&change, &facts, &History::of(&facts), later);
    let next = plan.current().unwrap();
    assert_eq!((next.id, next.status), ("testing-now", StageStatus::Open));
    assert!(
        next.text.contains("26 November 2027"),
        "a year from then: {}",
        next.text
    );
}

#[test]
fn microsoft_with_a_hosted_policy_is_changed_at_the_service() {
    let mut facts = facts(
        &[OLD_NAME],
        "enforce",
        &["*.mail.protection.outlook.com"],
        86_400,
    );
    let Observed::Seen(record) = &mut facts.record else {
        panic!()
    };
    record.aliases = vec!["_mta-sts.example.easydmarc.pro".into()];
    let Observed::Seen(host) = &mut facts.policy_host else {
        panic!()
    };
    host.aliases = vec!["example.easydmarc.pro".into()];
    let plan = move_to(&[NEW_NAME], &facts);
    let both = stage(&plan, "list-both");
    assert_eq!(both.setup, None, "no file of one’s own takes part");
    let [
        Action::ChangeAtService {
            service, policy, ..
        },
    ] = &both.actions[..]
    else {
        panic!("{:?}", both.actions)
    };
    assert_eq!(service, "EasyDMARC");
    assert!(policy.contains(NEW_NAME));
    assert_eq!(after(stage(&plan, "add-mx").earliest.at), (1, 0));
}

#[test]
fn another_provider_gets_all_mail_at_once() {
    let facts = facts(
        &["aspmx.l.google.com", "alt1.aspmx.l.google.com"],
        "enforce",
        &["aspmx.l.google.com", "*.aspmx.l.google.com"],
        86_400,
    );
    let plan = move_to(&["mx.new.example"], &facts);
    assert_eq!(
        ids(&plan),
        ["check-new", "list-both", "change-mx", "drop-old"]
    );
    assert_eq!(records_after(&plan, "change-mx"), mx(&["mx.new.example"]));
}

#[test]
fn a_domain_without_a_policy_moves_at_once() {
    let facts = internet(&["mx.old.example"], None).facts(NOW, &mx(&["mx.new.example"]));
    let plan = move_to(&["mx.new.example"], &facts);
    assert_eq!(ids(&plan), ["check-new", "change-mx"]);
    assert_eq!(plan.current().unwrap().status, StageStatus::Open);
}

#[test]
fn new_mail_servers_that_nobody_checked_stop_the_plan_before_anything_is_published() {
    let mut facts = facts(&["mx.old.example"], "enforce", &["mx.old.example"], 86_400);
    facts.planned.clear();
    let hosts = ["mx.new.example".to_owned()];
    let to = Move::to_hosts(&hosts, &facts);
    let of = |to: Move| plan(&Change::Move(to), &facts, &History::of(&facts), NOW);
    assert_eq!(of(to.clone()).current().unwrap().id, "check-new");
    let vouched = of(Move {
        vouched: true,
        ..to
    });
    assert_eq!(vouched.current().unwrap().id, "list-both");
}

#[test]
fn enforce_waits_two_weeks_for_a_fresh_check_and_for_reports_without_failures() {
    let facts = facts(&["mx.old.example"], "testing", &["mx.old.example"], 86_400);
    let history = History::of(&facts);
    let of = |facts: &Facts, reports, now| plan(&Change::Enforce { reports }, facts, &history, now);
    let today = of(&facts, None, NOW);
    assert_eq!(stage(&today, "enforce").status, StageStatus::Waiting);
    assert_eq!(after(stage(&today, "enforce").earliest.at), (14, 0));

    let later = NOW + Duration::days(15);
    let old = of(&facts, None, later);
    let missing: Vec<_> = stage(&old, "enforce")
        .missing()
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(missing, ["a check from today"]);

    let mut checked = facts.clone();
    checked.checked_at = later;
    assert_eq!(
        stage(&of(&checked, None, later), "enforce").status,
        StageStatus::Open
    );
    let failing = of(&checked, Some(EnforceProof::Failing), later);
    assert_eq!(stage(&failing, "enforce").status, StageStatus::Blocked);
}

#[test]
fn off_waits_for_the_longest_policy_that_was_ever_served() {
    let year = facts(
        &["mx.old.example"],
        "enforce",
        &["mx.old.example"],
        31_536_000,
    );
    let mut history = History::of(&year);
    let later = NOW + Duration::days(100);
    let mut today = facts(&["mx.old.example"], "testing", &["mx.old.example"], 86_400);
    today.checked_at = later;
    history.note(&today);
    let plan = plan(&Change::Off, &today, &history, later);
    assert_eq!(ids(&plan), ["none", "remove-record", "remove-host"]);
    assert_eq!(
        stage(&plan, "remove-record").earliest.at,
        later + Duration::days(365)
    );
    assert_eq!(
        stage(&plan, "remove-host").earliest.at,
        later + Duration::days(365) + Duration::minutes(5)
    );
}

#[test]
fn a_policy_that_vanished_is_published_again_as_none_while_senders_may_hold_it() {
    let published = facts(&["mx.old.example"], "enforce", &["mx.old.example"], 604_800);
    let mut history = History::of(&published);
    let next_day = NOW + Duration::DAY;
    let mut internet = internet(&["mx.old.example"], None);
    internet.domain = published.domain.clone();
    let gone = internet.facts(next_day, &[]);
    history.note(&gone);
    let plan_at = |facts: &Facts, now| plan(&Change::Off, facts, &history, now);
    assert_eq!(plan_at(&gone, next_day).current().unwrap().id, "none");
    let much_later = NOW + Duration::days(9);
    assert_eq!(
        plan_at(&internet.facts(much_later, &[]), much_later).current(),
        None
    );
}

#[test]
fn a_hosted_policy_is_left_by_serving_the_same_one() {
    let mut facts = facts(&["mx.old.example"], "enforce", &["mx.old.example"], 86_400);
    let Observed::Seen(host) = &mut facts.policy_host else {
        panic!()
    };
    host.aliases = vec!["example.easydmarc.pro".into()];
    let Observed::Seen(record) = &mut facts.record else {
        panic!()
    };
    record.aliases = vec!["_mta-sts.example.easydmarc.pro".into()];
    let from = Leave::of(&facts).unwrap();
    assert_eq!(from.service, "EasyDMARC");
    let change = Change::Leave(from);
    let mut history = History::of(&facts);
    let first = plan(&change, &facts, &history, NOW);
    assert_eq!(ids(&first), ["own-host", "own-record", "end-service"]);
    assert_eq!(first.current().unwrap().id, "own-host");
    let [
        Action::ServeFile { text, .. },
        Action::PointPolicyHost { alias, .. },
    ] = &first.stages[0].actions[..]
    else {
        panic!("{:?}", first.stages[0])
    };
    assert!(
        text.contains("mode: enforce\r\nmx: mx.old.example\r\n"),
        "the same policy: {text}"
    );
    assert_eq!(alias, "example.easydmarc.pro");

    let own = |answer: &mut Observed<Answer<_>>| {
        let Observed::Seen(answer) = answer else {
            panic!()
        };
        answer.aliases.clear();
    };
    own(&mut facts.policy_host);
    assert_eq!(
        plan(&change, &facts, &history, NOW).current().unwrap().id,
        "own-record"
    );
    let Observed::Seen(record) = &mut facts.record else {
        panic!()
    };
    record.aliases.clear();
    record.records = vec!["v=STSv1; id=2;".into()];
    history.note(&facts);
    let waiting = plan(&change, &facts, &history, NOW);
    let last = waiting.current().unwrap();
    assert_eq!((last.id, after(last.earliest.at)), ("end-service", (1, 0)));
    facts.checked_at = NOW + Duration::days(2);
    assert_eq!(
        plan(&change, &facts, &history, facts.checked_at).current(),
        None
    );
}

#[test]
fn a_fetch_that_failed_is_no_removal() {
    let mut facts = facts(&["mx.old.example"], "enforce", &["mx.old.example"], 604_800);
    let mut history = History::of(&facts);
    facts.checked_at = NOW + Duration::days(20);
    let failure = mta_sts_core::facts::ProbeFailure::new(mta_sts_core::FailureKind::TimedOut, "");
    facts.policy = Observed::<PolicyFetch>::Failed(failure);
    history.note(&facts);
    let held = history.held_until(facts.checked_at);
    assert_eq!(held, Some(facts.checked_at + Duration::days(7)));
}

#[test]
fn a_policy_that_couldn_t_be_fetched_stops_every_plan_and_is_no_end() {
    let mut facts = facts(&["mx.old.example"], "enforce", &["mx.old.example"], 604_800);
    let failure = mta_sts_core::facts::ProbeFailure::new(mta_sts_core::FailureKind::TimedOut, "");
    facts.policy = Observed::Failed(failure);
    let hosts = ["mx.new.example".to_owned()];
    for change in [
        Change::Move(Move::to_hosts(&hosts, &facts)),
        Change::Off,
        Change::Enforce { reports: None },
    ] {
        let plan = plan(&change, &facts, &History::of(&facts), NOW);
        assert_eq!(ids(&plan), ["look-first"]);
        assert_eq!(plan.current().unwrap().status, StageStatus::Blocked);
        assert!(!plan.is_done());
    }
}

#[test]
fn after_going_back_the_dates_count_from_the_second_try() {
    let old = facts(&["mx.old.example"], "enforce", &["mx.old.example"], 604_800);
    let mut history = History::of(&old);
    let mut seen = |days, text: &str, id: &str| {
        let mut internet = internet(&["mx.old.example"], Some(text));
        internet.id = Timeline::new(NOW, Some(id.into()));
        let facts = internet.facts(NOW + Duration::days(days), &mx(&["mx.new.example"]));
        history.note(&facts);
        facts
    };
    let old_text = "version: STSv1\nmode: enforce\nmx: mx.old.example\nmax_age: 604800\n";
    let both =
        "version: STSv1\nmode: enforce\nmx: mx.old.example\nmx: mx.new.example\nmax_age: 604800\n";
    seen(1, both, "2");
    seen(2, old_text, "3");
    seen(59, old_text, "3");
    let again = seen(60, both, "4");
    let change = Change::Move(Move::to_hosts(&["mx.new.example".to_owned()], &again));
    let plan = plan(&change, &again, &history, again.checked_at);
    assert_eq!(after(stage(&plan, "change-mx").earliest.at), (67, 0));
}

#[test]
fn a_policy_that_was_there_at_the_first_look_may_have_had_another_before_it() {
    let both = ["mx.old.example", "mx.new.example"];
    let facts = facts(&["mx.old.example"], "enforce", &both, 86_400);
    let plan = move_to(&["mx.new.example"], &facts);
    assert_eq!(after(stage(&plan, "change-mx").earliest.at), (1, 0));
}

#[test]
fn a_mail_server_more_is_a_move_that_ends_when_it_is_there() {
    let facts = facts(&["mx.old.example"], "testing", &["mx.old.example"], 86_400);
    let plan = move_to(&["mx.old.example", "mx.new.example"], &facts);
    assert_ne!(stage(&plan, "change-mx").status, StageStatus::Done);
    assert!(!plan.is_done());
}

#[test]
fn a_backup_server_that_the_policy_forgot_is_no_reason_to_leave_enforce_mode() {
    let facts = facts(
        &["mx.old.example", "backup.example"],
        "enforce",
        &["mx.old.example"],
        86_400,
    );
    let plan = move_to(&["mx.new.example"], &facts);
    assert_eq!(plan.current().unwrap().id, "list-both");
}

#[test]
fn a_service_that_hosts_the_file_alone_leaves_the_record_to_its_owner() {
    let mut facts = facts(
        &[OLD_NAME],
        "enforce",
        &["*.mail.protection.outlook.com"],
        86_400,
    );
    let Observed::Seen(host) = &mut facts.policy_host else {
        panic!()
    };
    host.aliases = vec!["example.easydmarc.pro".into()];
    let plan = move_to(&[NEW_NAME], &facts);
    let [
        Action::ChangeAtService { .. },
        Action::PublishRecord { value, .. },
    ] = &stage(&plan, "list-both").actions[..]
    else {
        panic!("{:?}", stage(&plan, "list-both").actions)
    };
    assert!(!value.contains("id=1;"), "a new id: {value}");
}

#[test]
fn the_alias_to_remove_is_the_own_one_and_not_what_is_behind_it() {
    let mut facts = facts(&["mx.old.example"], "enforce", &["mx.old.example"], 86_400);
    let Observed::Seen(host) = &mut facts.policy_host else {
        panic!()
    };
    host.aliases = vec!["example.easydmarc.pro".into(), "edge.cdn.example".into()];
    let from = Leave::of(&facts).unwrap();
    assert_eq!(from.policy_host.as_deref(), Some("example.easydmarc.pro"));
}

#[test]
fn what_two_programs_saw_adds_up() {
    let early = facts(
        &["mx.old.example"],
        "enforce",
        &["mx.old.example"],
        31_536_000,
    );
    let mut late = facts(&["mx.new.example"], "enforce", &["mx.new.example"], 86_400);
    late.checked_at = NOW + Duration::days(10);
    let (mut window, watch) = (History::of(&late), History::of(&early));
    window.merge(&watch);
    let held = window.held_until(late.checked_at);
    assert_eq!(held, Some(late.checked_at + Duration::days(365)));
    let is_new = |records: &[MxRecord]| records.iter().all(|it| it.exchange == "mx.new.example");
    assert_eq!(window.mx_since(is_new), Some(late.checked_at));
}
