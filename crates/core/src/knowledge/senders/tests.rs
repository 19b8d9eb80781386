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
        Condition::WhiteSpaceLine => 1,
        Condition::SecondColon => 2,
        Condition::Bom => 3,
        Condition::BomBeforeVersion => 4,
        Condition::BomBeforeMode => 5,
        Condition::MxTrailingDot => 6,
        Condition::MxIpAddress => 7,
        Condition::MxMissingInModeNone => 8,
        Condition::MxHyphensThirdFourth => 9,
        Condition::MxUndecodableAce => 10,
        Condition::MxTooLong => 11,
        Condition::WildcardOverAceHost => 12,
        Condition::TlsFaultOutsideEnforce => 13,
        Condition::RepeatedField => 14,
        Condition::RepeatedFieldDiffers => 15,
        Condition::RepeatedModeInvalid => 16,
        Condition::RepeatedMaxAgeInvalid => 17,
        Condition::VersionNotFirst => 18,
        Condition::MaxAgeBelow(_) => 19,
        Condition::MaxAgeAbove(_) => 20,
        Condition::MaxAgeAfterBytes(_) => 21,
        Condition::BodyOverBytes(_) => 22,
        Condition::ContentTypeNotTextPlain => 23,
        Condition::ContentTypeParameterMalformed => 24,
        Condition::NonAsciiWithoutCharset => 25,
        Condition::FetchOverMillis(_) => 26,
        Condition::RecordRepeatedId => 27,
        Condition::RecordRepeatedVersionDiffers => 28,
        Condition::RecordSpaceBeforeSemicolon => 29,
        Condition::RecordSpaceAtEnd => 30,
        Condition::RecordBesideSpaced => 31,
        Condition::RecordBesideLongerVersion => 32,
        Condition::RecordBesideOtherText => 33,
    }
}

fn habits() -> impl Iterator<Item = &'static Habit> {
    known_senders().iter().flat_map(|sender| &sender.habits)
}

#[test]
fn the_built_in_catalogue_can_be_read() {
    let senders = read(BUILT_IN).unwrap();
    assert!(senders.len() >= 10, "{}", senders.len());
    assert_eq!(senders, known_senders());
}

#[test]
fn every_condition_is_used() {
    let used: BTreeSet<usize> = habits().map(|habit| number_of(habit.when)).collect();
    assert_eq!(used, (0..34).collect());
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
    let white_space = GOOD.replace("\r\nmx", "\r\n \t\r\nmx");
    let all = ["mox", "postfix-tlspol", "kumomta", "maddy"];
    assert_eq!(brought_out(&white_space), ignored_by(&all));
    let verdicts = published(&white_space, |_| ());
    assert!(
        verdicts[2]
            .reason
            .starts_with("Line 3 of the policy consists of white space. KumoMTA")
    );
    assert!(verdicts[2].fix.starts_with("Delete line 3 "));
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
fn a_second_colon() {
    let text = format!("{GOOD}x: https://a.example\r\n");
    assert_eq!(brought_out(&text), ignored_by(&["maddy"]));
    let verdicts = published(&text, |_| ());
    let found = "Line 5 of the policy has a second colon. maddy";
    assert!(verdicts[0].reason.starts_with(found));
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
    let before_mode = "\u{feff}mode: enforce\nversion: STSv1\nmx: a.example\nmax_age: 604800\n";
    let mut by_the_mode = vec![
        ("google", Effect::AsksOtherwise),
        ("stalwart", Effect::MisreadsPolicy),
    ];
    let droppers = ["mox", "postfix-tlspol", "chasquid", "kumomta", "maddy"];
    by_the_mode.extend(ignored_by(&droppers));
    assert_eq!(brought_out(before_mode), by_the_mode);
    // Read as ASCII, the mark spoils the file wherever the version is.
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
fn a_name_with_hyphens_in_third_and_fourth_place() {
    let with = |name: &str| brought_out(&GOOD.replace("a.example", name));
    for name in ["ab--c.example", "*.AB--c.example", "mx.12--3.example"] {
        assert_eq!(with(name), ignored_by(&["mox"]), "{name}");
    }
    for name in ["a--b.example", "abc--d.example", "xn--bcher-kva.example"] {
        assert_eq!(with(name), [], "{name}");
    }
    let verdicts = published(&GOOD.replace("a.example", "mx.ab--c.example"), |_| ());
    let found = "Line 3 is “mx: mx.ab--c.example”, and its part “ab--c” has hyphens";
    assert!(verdicts[0].reason.starts_with(found));
}

#[test]
fn an_international_name_that_cannot_be_decoded() {
    let with = |name: &str| GOOD.replace("a.example", name);
    let expected = [
        ("mox", Effect::IgnoresPolicy),
        ("chasquid", Effect::RefusesMail),
        ("maddy", Effect::RefusesMail),
    ];
    for name in ["xn--9.example", "*.XN--9.example", "mx.xn--9.example"] {
        assert_eq!(brought_out(&with(name)), expected, "{name}");
    }
    assert_eq!(brought_out(&with("xn--bcher-kva.example")), []);
    let verdicts = published(&with("xn--9.example"), |_| ());
    assert_eq!(
        verdicts[0].fix,
        "Correct “xn--9” on line 3, and upload the file again."
    );
    let testing = brought_out(&with("xn--9.example").replace("enforce", "testing"));
    assert_eq!(testing[1], ("chasquid", Effect::MisreadsPolicy));
}

#[test]
fn a_name_that_is_too_long() {
    let with = |name: &str| brought_out(&GOOD.replace("a.example", name));
    let droppers = ignored_by(&["postfix-tlspol"]);
    let label = "a".repeat(63);
    assert_eq!(with(&format!("{label}.example")), []);
    assert_eq!(with(&format!("*.{label}a.example")), droppers);
    let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert_eq!(longest.len(), 253);
    assert_eq!(with(&format!("*.{longest}")), []);
    assert_eq!(with(&format!("{longest}b")), droppers);
}

#[test]
fn a_wildcard_over_an_international_name() {
    let with = |lines: &str| {
        let text = GOOD.replace("mx: a.example", lines);
        let verdicts = published(&text, |publication| {
            publication.mx_hosts = &["a.example", "xn--bcher-kva.example"];
        });
        short(&verdicts)
    };
    let expected = [("maddy", Effect::RefusesMail)];
    assert_eq!(with("mx: a.example\r\nmx: *.example"), expected);
    let both = "mx: *.example\r\nmx: xn--bcher-kva.example";
    assert_eq!(with(both), []);
    assert_eq!(with("mx: a.example"), [], "no line matches the host");
    assert_eq!(brought_out(&GOOD.replace("a.example", "*.example")), []);
}

#[test]
fn a_tls_fault_while_the_policy_does_not_enforce() {
    let with = |text: &str| {
        published(text, |publication| {
            publication.refused_host = Some("a.example");
        })
    };
    assert_eq!(with(GOOD), []);
    let refuses = [("stalwart", Effect::RefusesMail)];
    let testing = with(&GOOD.replace("enforce", "testing"));
    assert_eq!(short(&testing), refuses);
    let found = "The mode is testing, and the encryption of a.example has a problem. Stalwart";
    assert!(testing[0].reason.starts_with(found));
    let none = GOOD.replace("enforce", "none");
    assert_eq!(short(&with(&none)), refuses);
    let without_hosts = none.replace("mx: a.example\r\n", "");
    assert_eq!(
        short(&with(&without_hosts)),
        ignored_by(&["stalwart", "chasquid"])
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
    for same in ["version: STSv1", "mode: enforce", "max_age: 0604800"] {
        assert_eq!(again(same), [strict], "{same}");
    }
    let by_a_bad_mode = [
        "stalwart",
        "mox",
        "postfix-mta-sts-resolver",
        "chasquid",
        "kumomta",
        "maddy",
        "mailauth",
    ];
    for bad in ["mode: off", "version: STSv2", "mode: none\r\nmode: None"] {
        assert_eq!(again(bad), ignored_by(&by_a_bad_mode), "{bad}");
    }
    for bad in ["max_age: 1d", "max_age: +5", "max_age: 12345678901"] {
        assert_eq!(again(bad), ignored_by(&by_a_bad_mode[1..]), "{bad}");
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
fn a_max_age_far_down() {
    let ending_at = |end: usize| {
        let before = "version: STSv1\r\nmode: enforce\r\nmx: a.example\r\nx: ";
        let line = "\r\nmax_age: 604800";
        let padding = "y".repeat(end - before.len() - line.len());
        format!("{before}{padding}{line}\r\n")
    };
    let inside = brought_out(&ending_at(10_240));
    assert_eq!(inside, [("chasquid", Effect::MisreadsPolicy)]);
    let outside = published(&ending_at(10_241), |_| ());
    assert_eq!(short(&outside), ignored_by(&["chasquid"]));
    assert_eq!(
        outside[0].fix,
        "Move the max_age line up, before the mx lines, and upload the file again."
    );
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
    let version = announced("v=STSv1; id=1; v=STSv2");
    let by_the_last_version = ["stalwart", "postfix-mta-sts-resolver", "kumomta", "maddy"];
    assert_eq!(short(&version), ignored_by(&by_the_last_version));
    assert_eq!(
        version[0].fix,
        "Keep only the first v in the record: “v=STSv1; id=1;”."
    );
    for spaced in ["v=STSv1; id=1; ", "v=STSv1;id=1 ;\t"] {
        let at_end = short(&announced(spaced));
        assert_eq!(at_end, ignored_by(&["kumomta"]), "{spaced:?}");
    }
    for other in [
        "v=STSv1; id=1;",
        "v=STSv1; id=1; x=2; x=3",
        "v=STSv1; id=1; v=STSv1",
        "v=STSv1; id=-; id=2",
        "v=STSv1; id=-; v=STSv2; ",
        "",
    ] {
        assert_eq!(announced(other), [], "{other}");
    }
}

#[test]
fn another_text_at_the_name_of_the_record() {
    let with = |record: &str, other: &str| {
        let policy = PolicyReading::read(GOOD.as_bytes());
        let texts = [other.to_owned(), record.to_owned()];
        let mut publication = Publication::of_file(&policy, GOOD.as_bytes());
        publication.record = Some(&texts[1]);
        publication.texts = &texts;
        sender_compatibility(&publication)
    };
    let joins = ("kumomta", Effect::MisreadsPolicy);
    let ignores = |id| (id, Effect::IgnoresPolicy);
    for spaced in ["v=STSv1 ; id=2", "v=STSv1\t;"] {
        let expected = [
            ignores("mox"),
            ignores("postfix-tlspol"),
            ignores("postfix-mta-sts-resolver"),
            joins,
            ignores("maddy"),
        ];
        assert_eq!(short(&with("v=STSv1; id=1", spaced)), expected, "{spaced}");
    }
    for longer in ["v=STSv10; id=2", "v=STSv1, id=2", "v=STSv1"] {
        let expected = [ignores("postfix-mta-sts-resolver"), joins, ignores("maddy")];
        assert_eq!(short(&with("v=STSv1; id=1", longer)), expected, "{longer}");
    }
    for unlike in ["v=spf1 -all", "v=STSv1 id=2", "V=STSv1; id=2", ""] {
        let expected = [joins, ignores("maddy")];
        assert_eq!(short(&with("v=STSv1; id=1", unlike)), expected, "{unlike}");
    }
    let verdicts = with("v=STSv1; id=1", "v=spf1 -all");
    assert!(
        verdicts[0]
            .reason
            .contains("record: “v=spf1 -all”. KumoMTA")
    );
    let fix = "Delete that text, and keep only “v=STSv1; id=1;”.";
    assert_eq!(verdicts[0].fix, fix);
    assert_eq!(with("v=STSv1; id=-", "v=spf1 -all"), [], "no record");
    assert_eq!(with("v=STSv1; id=1", "v=STSv1; id=2"), [], "not one record");
}

#[test]
fn hostile_text_is_escaped() {
    let header = "text/x\u{1b}[31m\u{202e}";
    let policy = PolicyReading::read(GOOD.as_bytes());
    let mut publication = Publication::of_file(&policy, GOOD.as_bytes());
    publication.content_type = Some(header);
    let texts = [header.to_owned()];
    publication.texts = &texts;
    publication.record = Some("v=STSv1; id=1");
    let verdicts = sender_compatibility(&publication);
    assert!(verdicts.iter().any(|it| it.reason.contains("text/plain")));
    assert!(verdicts.iter().any(|it| it.reason.contains("TXT text")));
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
