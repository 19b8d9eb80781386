//! The catalogue can be trusted, and each condition is met exactly where it should be.

use std::collections::BTreeSet;

use super::*;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{MaxAge, Policy};

const GOOD: &str = "version: STSv1\r\nmode: enforce\r\nmx: a.example\r\nmax_age: 604800\r\n";

/// The ids of the senders that a file brings out, with what they do.
fn brought_out(text: &str) -> Vec<(&'static str, Effect)> {
    let policy = PolicyReading::read(text.as_bytes());
    short(&sender_compatibility(&Publication::of_file(
        &policy,
        text.as_bytes(),
    )))
}

fn short(verdicts: &[SenderVerdict]) -> Vec<(&'static str, Effect)> {
    let pairs = verdicts
        .iter()
        .map(|verdict| (verdict.sender_id, verdict.effect));
    pairs.collect()
}

fn ignored_by(ids: &[&'static str]) -> Vec<(&'static str, Effect)> {
    ids.iter().map(|id| (*id, Effect::IgnoresPolicy)).collect()
}

/// What is found of a good file that is published in some way.
fn published(text: &str, change: impl Fn(&mut Publication<'_>)) -> Vec<SenderVerdict> {
    let policy = PolicyReading::read(text.as_bytes());
    let mut publication = Publication::of_file(&policy, text.as_bytes());
    change(&mut publication);
    sender_compatibility(&publication)
}

/// A new condition belongs here and into `every_condition_is_used`.
fn number_of(condition: Condition) -> usize {
    match condition {
        Condition::BlankLine => 0,
        Condition::Bom => 1,
        Condition::BomBeforeVersion => 2,
        Condition::MxTrailingDot => 3,
        Condition::MxIpAddress => 4,
        Condition::MxMissingInModeNone => 5,
        Condition::RepeatedField => 6,
        Condition::RepeatedFieldDiffers => 7,
        Condition::VersionNotFirst => 8,
        Condition::MaxAgeBelow(_) => 9,
        Condition::MaxAgeAbove(_) => 10,
        Condition::BodyOverBytes(_) => 11,
        Condition::ContentTypeNotTextPlain => 12,
        Condition::ContentTypeParameterMalformed => 13,
        Condition::NonAsciiWithoutCharset => 14,
        Condition::FetchOverMillis(_) => 15,
        Condition::RecordRepeatedId => 16,
        Condition::RecordSpaceBeforeSemicolon => 17,
    }
}

fn habits() -> impl Iterator<Item = &'static Habit> {
    known_senders().iter().flat_map(|sender| &sender.habits)
}

#[test]
fn the_built_in_catalogue_can_be_read() {
    let senders = read(BUILT_IN).unwrap();
    assert!(senders.len() >= 7, "{}", senders.len());
    assert_eq!(senders, known_senders());
}

#[test]
fn every_condition_is_used() {
    let used: BTreeSet<usize> = habits().map(|habit| number_of(habit.when)).collect();
    assert_eq!(used, (0..18).collect());
}

#[test]
fn every_row_is_well_formed() {
    let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ids: BTreeSet<_> = known_senders().iter().map(|sender| &sender.id).collect();
    assert_eq!(ids.len(), known_senders().len());
    for sender in known_senders() {
        let Sender {
            id,
            name,
            what,
            habits,
        } = sender;
        assert!(!id.is_empty() && id.chars().all(is_id), "{id}");
        assert!(
            !name.is_empty() && !what.is_empty() && !habits.is_empty(),
            "{id}"
        );
        for habit in habits {
            assert!(habit.source.starts_with("https://"), "{id}: {habit:?}");
            assert!(habit.checked.year() >= 2026, "{id}: {habit:?}");
            assert!(habit.because.starts_with(name), "{id}: {habit:?}");
            assert!(habit.because.ends_with('.'), "{id}: {habit:?}");
            assert!(habit.because.len() < 200, "{id}: {habit:?}");
            let same = habits.iter().filter(|other| other.when == habit.when);
            assert_eq!(same.count(), 1, "{id}: {habit:?}");
        }
    }
}

#[test]
fn an_entry_with_an_unknown_key_or_condition_is_refused() {
    let entry = "[[sender]]\nid = \"x\"\nname = \"X\"\nwhat = \"x\"\n[[sender.habit]]\n\
                 when = \"bom\"\neffect = \"ignores-policy\"\nbecause = \"X.\"\n\
                 source = \"https://x.example\"\nevidence = \"doc\"\nchecked = 2026-11-23\n";
    assert_eq!(read(entry).unwrap().len(), 1);
    for (old, new) in [
        ("\"bom\"", "\"boom\""),
        ("\"bom\"", "\"max-age-below\""),
        ("\"bom\"", "{ max-age-below = -1 }"),
        ("ignores-policy", "frowns"),
        ("checked = 2026-11-23", ""),
        ("source = \"https://x.example\"", ""),
        ("what = \"x\"", "colour = \"red\""),
    ] {
        assert!(entry.contains(old));
        assert!(read(&entry.replace(old, new)).is_err(), "{new}");
    }
}

#[test]
fn what_this_program_writes_brings_nobody_out() {
    let mx = vec![MxPattern::parse("*.example.com").unwrap()];
    for mode in [Mode::Enforce, Mode::Testing, Mode::None] {
        for secs in [
            86_400,
            604_800,
            1_209_600,
            2_592_000,
            MaxAge::LONGEST_WRITTEN.secs(),
        ] {
            let max_age = MaxAge::new(secs).unwrap();
            let text = Policy::new(mode, max_age, mx.clone()).unwrap().write();
            let verdicts = published(&text, |publication| {
                publication.content_type = Some("text/plain; charset=utf-8");
                publication.fetch_millis = Some(2_000);
                publication.record = Some("v=STSv1; id=20261123150000Z;");
            });
            assert_eq!(verdicts, [], "{text}");
        }
    }
}

#[test]
fn a_file_that_no_sender_goes_by_brings_nobody_out() {
    for broken in [
        "",
        "<html>",
        "\u{feff}version: STSv1\n\nmode: enforced\nmx: a.example.\nmax_age: 1\n",
        "version: STSv1\n\nmode: enforce\nmax_age: 1\n",
        "version: STSv1\n\nmode: enforce\nmx: a.example\nmax_age: 1 day\n",
    ] {
        assert_eq!(brought_out(broken), [], "{broken}");
    }
}

#[test]
fn faults_hidden_by_a_full_list_bring_nobody_out() {
    let dots = "mx: a.example.\n".repeat(PolicyReading::MAX_FAULTS);
    let text = format!("version: STSv1\nmode: enforce\n{dots}max_age: 604800\nmx = b\n");
    assert_eq!(brought_out(&text), []);
}

#[test]
fn a_blank_line() {
    let droppers = ignored_by(&["mox", "postfix-tlspol", "maddy"]);
    assert_eq!(brought_out(&format!("{GOOD}\r\n")), droppers);
    assert_eq!(
        brought_out(&GOOD.replace("\r\nmx", "\r\n \t\r\nmx")),
        droppers
    );
    assert_eq!(brought_out(GOOD.trim_end()), []);
    let policy =
        PolicyReading::read(b"\nversion: STSv1\nmode: none\nmx: a.example\nmax_age: 86400");
    let verdicts = sender_compatibility(&Publication::of_file(&policy, b""));
    assert!(
        verdicts[0]
            .reason
            .starts_with("Line 1 of the policy is empty. mox drops")
    );
    assert!(verdicts[0].fix.starts_with("Delete line 1 "));
}

#[test]
fn a_byte_order_mark() {
    let all = [
        "mox",
        "postfix-tlspol",
        "postfix-mta-sts-resolver",
        "chasquid",
        "kumomta",
        "maddy",
    ];
    assert_eq!(brought_out(&format!("\u{feff}{GOOD}")), ignored_by(&all));
    // Only a field of no importance is lost behind the mark.
    let before_extension = format!("\u{feff}x: 1\r\n{GOOD}");
    let mut expected = vec![("google", Effect::AsksOtherwise)];
    expected.extend(ignored_by(&all[..2]));
    assert_eq!(brought_out(&before_extension), expected);
    // Read as ASCII, the mark spoils the file wherever the version stands.
    let policy = PolicyReading::read(before_extension.as_bytes());
    let mut publication = Publication::of_file(&policy, before_extension.as_bytes());
    publication.content_type = Some("text/plain");
    expected.extend(ignored_by(&["postfix-mta-sts-resolver"]));
    assert_eq!(short(&sender_compatibility(&publication)), expected);
}

#[test]
fn a_name_that_ends_with_a_dot() {
    let dotted = GOOD.replace("a.example", "a.example.");
    let expected = [
        ("stalwart", Effect::RefusesMail),
        ("mox", Effect::IgnoresPolicy),
        ("postfix-tlspol", Effect::RefusesMail),
        ("postfix-mta-sts-resolver", Effect::RefusesMail),
        ("kumomta", Effect::RefusesMail),
    ];
    assert_eq!(brought_out(&dotted), expected);
    let verdicts = published(&dotted, |_| ());
    assert!(
        verdicts[0]
            .reason
            .starts_with("Line 3 is “mx: a.example.”. Stalwart")
    );
    assert!(verdicts[0].fix.starts_with("Write “mx: a.example”, "));
    let long = "b.".repeat(100) + "example";
    let verdicts = published(&GOOD.replace("a.example", &format!("{long}. \t")), |_| ());
    assert!(
        verdicts[0]
            .fix
            .starts_with(&format!("Write “mx: {long}”, "))
    );
    let testing = brought_out(&dotted.replace("enforce", "testing"));
    assert_eq!(testing[0], ("stalwart", Effect::MisreadsPolicy));
    assert_eq!(
        brought_out(&dotted.replace("enforce", "none")),
        ignored_by(&["mox"])
    );
}

#[test]
fn an_ip_address() {
    let droppers = ignored_by(&["mox", "postfix-tlspol"]);
    assert_eq!(
        brought_out(&GOOD.replace("a.example", "192.0.2.1")),
        droppers
    );
    assert_eq!(
        brought_out(&GOOD.replace("a.example", "192.0.2.example")),
        []
    );
}

#[test]
fn mode_none_without_a_mail_server() {
    let text = GOOD.replace("enforce", "none");
    assert_eq!(brought_out(&text), []);
    let without = text.replace("mx: a.example\r\n", "");
    assert_eq!(brought_out(&without), ignored_by(&["stalwart", "chasquid"]));
}

#[test]
fn a_field_that_comes_again() {
    let again = |line: &str| brought_out(&format!("{GOOD}{line}\r\n"));
    let strict = ("kumomta", Effect::IgnoresPolicy);
    let misread = |id| (id, Effect::MisreadsPolicy);
    let by_the_last = [
        misread("stalwart"),
        misread("postfix-mta-sts-resolver"),
        misread("chasquid"),
        strict,
        misread("maddy"),
        misread("mailauth"),
        misread("halon"),
    ];
    assert_eq!(again("mode: none"), by_the_last);
    assert_eq!(again("max_age: 86400"), by_the_last);
    for same in [
        "version: STSv1",
        "mode: enforce",
        "max_age: 0604800",
        "mode: off",
    ] {
        assert_eq!(again(same), [strict], "{same}");
    }
    for harmless in ["mx: b.example", "x: 1\r\nx: 2"] {
        assert_eq!(again(harmless), [], "{harmless}");
    }
    let verdicts = published(&format!("{GOOD}mode: none\r\n"), |_| ());
    let found = "Line 2 is “mode: enforce”, and line 5 is “mode: none”. Stalwart";
    assert!(
        verdicts[0].reason.starts_with(found),
        "{}",
        verdicts[0].reason
    );
}

#[test]
fn a_version_that_is_not_first() {
    let text = "mode: enforce\nversion: STSv1\nmx: a.example\nmax_age: 604800\n";
    assert_eq!(brought_out(text), [("google", Effect::AsksOtherwise)]);
}

#[test]
fn a_time_that_is_too_short_or_too_long() {
    let with = |secs: &str| brought_out(&GOOD.replace("604800", secs));
    let google = ("google", Effect::AsksOtherwise);
    let stalwart = ("stalwart", Effect::ChangesMaxAge);
    assert_eq!(with("86400"), []);
    assert_eq!(with("86399"), [google]);
    assert_eq!(with("3600"), [google]);
    assert_eq!(with("3599"), [google, stalwart]);
    assert_eq!(with("1"), [google, stalwart]);
    let mut none_at_all = vec![google, stalwart];
    none_at_all.extend(ignored_by(&["postfix-tlspol", "chasquid"]));
    assert_eq!(with("0"), none_at_all);
    assert_eq!(with("31557599"), []);
    assert_eq!(with("31557600"), [stalwart]);
    let too_long = |droppers: &[&'static str]| [vec![stalwart], ignored_by(droppers)].concat();
    let over_a_year = ["postfix-mta-sts-resolver", "chasquid", "mailauth"];
    assert_eq!(with("31557601"), too_long(&over_a_year));
    let over_31_bits = ["mox", "postfix-mta-sts-resolver", "chasquid", "mailauth"];
    assert_eq!(with("2147483647"), too_long(&over_a_year));
    assert_eq!(with("9999999999"), too_long(&over_31_bits));
}

#[test]
fn a_long_file() {
    let padded = |len: usize| {
        let padding = "y".repeat(len - GOOD.len() - "x: \r\n".len());
        let text = format!("{GOOD}x: {padding}\r\n");
        assert_eq!(text.len(), len);
        brought_out(&text)
    };
    assert_eq!(padded(10_240), []);
    assert_eq!(padded(10_241), [("chasquid", Effect::MisreadsPolicy)]);
}

#[test]
fn a_label() {
    let labelled = |text: &str, label: &str| {
        let policy = PolicyReading::read(text.as_bytes());
        let mut publication = Publication::of_file(&policy, text.as_bytes());
        publication.content_type = Some(label);
        short(&sender_compatibility(&publication))
    };
    let plain_only = ignored_by(&[
        "postfix-tlspol",
        "postfix-mta-sts-resolver",
        "chasquid",
        "kumomta",
        "maddy",
    ]);
    for other in [
        "",
        "application/octet-stream",
        "text/html",
        "text/plain charset=utf-8",
    ] {
        assert_eq!(labelled(GOOD, other), plain_only, "{other}");
    }
    for plain in [
        "text/plain",
        "TEXT/plain; charset=us-ascii",
        "text/plain; x=y;",
    ] {
        assert_eq!(labelled(GOOD, plain), [], "{plain}");
    }
    let strict = ignored_by(&["postfix-tlspol", "chasquid", "maddy"]);
    assert_eq!(labelled(GOOD, "text/plain; charset"), strict);

    let umlaut = format!("{GOOD}x: größe\r\n");
    let ascii_only = ignored_by(&["postfix-mta-sts-resolver"]);
    assert_eq!(labelled(&umlaut, "text/plain"), ascii_only);
    assert_eq!(
        labelled(&umlaut, "text/plain; charset=US-ASCII"),
        ascii_only
    );
    assert_eq!(labelled(&umlaut, "text/plain; charset=utf-8"), []);
    assert_eq!(brought_out(&umlaut), [], "the label is not known");
}

#[test]
fn a_slow_answer() {
    let after = |millis| {
        let verdicts = published(GOOD, |publication| publication.fetch_millis = Some(millis));
        short(&verdicts)
    };
    assert_eq!(after(2_000), []);
    assert_eq!(after(2_001), ignored_by(&["postfix-tlspol"]));
    assert_eq!(after(4_000), ignored_by(&["postfix-tlspol"]));
    let both = ["postfix-tlspol", "postfix-mta-sts-resolver"];
    assert_eq!(after(4_001), ignored_by(&both));
    assert_eq!(after(5_000), ignored_by(&both));
    let three = ["postfix-tlspol", "postfix-mta-sts-resolver", "halon"];
    assert_eq!(after(5_001), ignored_by(&three));
    let all = [
        "postfix-tlspol",
        "postfix-mta-sts-resolver",
        "kumomta",
        "halon",
    ];
    assert_eq!(after(20_001), ignored_by(&all));
}

#[test]
fn a_record() {
    let announced = |record: &str| {
        let policy = PolicyReading::read(GOOD.as_bytes());
        let mut publication = Publication::of_file(&policy, GOOD.as_bytes());
        publication.record = Some(record);
        sender_compatibility(&publication)
    };
    let twice = announced("v=STSv1; id=1; id=2");
    let by_the_last = [
        ("stalwart", Effect::MisreadsPolicy),
        ("mox", Effect::IgnoresPolicy),
        ("postfix-mta-sts-resolver", Effect::MisreadsPolicy),
        ("kumomta", Effect::MisreadsPolicy),
        ("maddy", Effect::MisreadsPolicy),
    ];
    assert_eq!(short(&twice), by_the_last);
    assert_eq!(
        twice[0].fix,
        "Keep only the first id in the record: “v=STSv1; id=1;”."
    );
    let spaced = announced("v=STSv1 ; id=1");
    assert_eq!(short(&spaced), ignored_by(&["chasquid", "halon"]));
    for other in [
        "v=STSv1; id=1; x=2; x=3",
        "v=STSv1;id=1 ; ",
        "v=STSv1; id=-; id=2",
        "",
    ] {
        assert_eq!(announced(other), [], "{other}");
    }
}

#[test]
fn hostile_text_is_escaped() {
    let header = "text/x\u{1b}[31m\u{202e}";
    let policy = PolicyReading::read(GOOD.as_bytes());
    let mut publication = Publication::of_file(&policy, GOOD.as_bytes());
    publication.content_type = Some(header);
    let verdicts = sender_compatibility(&publication);
    assert!(!verdicts.is_empty());
    for verdict in verdicts {
        let text = verdict.reason + &verdict.fix;
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}

#[test]
fn a_verdict_is_an_object_with_fixed_keys() {
    let verdicts = published(GOOD, |publication| publication.fetch_millis = Some(2_500));
    let json = serde_json::to_value(&verdicts).unwrap();
    assert_eq!(
        json,
        serde_json::json!([{
            "sender": "postfix-tlspol",
            "sender_id": "postfix-tlspol",
            "effect": "ignores-policy",
            "reason": "Fetching the policy took 2500 milliseconds from here. \
                       postfix-tlspol stops waiting for the policy after 2 seconds.",
            "fix": "Make the web server answer within 2000 milliseconds.",
            "source": habits().find(|habit| habit.when == Condition::FetchOverMillis(2_000)).unwrap().source,
            "versions": "1.13.0",
            "evidence": "doc",
            "checked": "2026-11-27",
        }])
    );
}
