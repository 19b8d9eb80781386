//! The reader against the grammar, each known mistake, and combinations of pieces.

use time::macros::datetime;

use super::*;
use crate::text::txt_record::{RecordFault, RecordFaultKind};

fn kinds(text: &str) -> Vec<RecordFaultKind<StsRecord>> {
    StsRecordReading::read(text)
        .faults
        .into_iter()
        .map(|fault| fault.kind)
        .collect()
}

/// Section 3.1 once more, as plainly as it can be.
fn fits_rfc(text: &str) -> bool {
    let is_alnum = |c: char| c.is_ascii_alphanumeric();
    let wsp = [' ', '\t'];
    let Some((version, fields)) = text.split_once(';') else {
        return false;
    };
    // The closing delimiter is optional; white space at the end is only allowed as part of it.
    let trimmed = fields.trim_end_matches(wsp);
    let fields = match trimmed.strip_suffix(';') {
        Some(body) => body,
        None => fields,
    };
    let last = fields.split(';').count() - 1;
    let is_closed = trimmed.ends_with(';');
    let mut id = None;
    for (at, field) in fields.split(';').enumerate() {
        let field = field.trim_start_matches(wsp);
        let ends_free = at < last || is_closed;
        let field = if ends_free {
            field.trim_end_matches(wsp)
        } else {
            field
        };
        let Some((key, value)) = field.split_once('=') else {
            return false;
        };
        let is_first_id = key == "id" && id.is_none();
        let fits = if is_first_id {
            id = Some(value);
            (1..=32).contains(&value.len()) && value.chars().all(is_alnum)
        } else {
            (1..=32).contains(&key.len())
                && key.starts_with(is_alnum)
                && key.chars().all(|c| is_alnum(c) || "_-.".contains(c))
                && !value.is_empty()
                && value
                    .chars()
                    .all(|c| ('!'..='~').contains(&c) && c != ';' && c != '=')
        };
        if !fits {
            return false;
        }
    }
    version.trim_end_matches(wsp) == "v=STSv1" && id.is_some()
}

#[test]
fn what_the_grammar_allows_is_a_record() {
    for text in [
        "v=STSv1; id=1",
        "v=STSv1;id=1",
        "v=STSv1; id=1;",
        "v=STSv1; id=1 ; \t",
        "v=STSv1;\tid=1",
        "v=STSv1; id=abcdefghijklmnopqrstuvwxyz012345;",
    ] {
        let reading = StsRecordReading::read(text);
        assert!(reading.is_valid() && reading.faults.is_empty(), "{text:?}");
    }
    let longer = "v=STSv1; note=a\"b\\c; id=1; id=a-b; v=2; note=x;";
    let key = |name: &str| name.to_owned();
    assert_eq!(
        kinds(longer),
        [
            RecordFaultKind::UnknownField { key: key("note") },
            RecordFaultKind::DuplicateField { key: key("id") },
            RecordFaultKind::DuplicateField { key: key("v") },
            RecordFaultKind::DuplicateField { key: key("note") },
        ]
    );
    let id = StsRecordReading::read(longer).record.unwrap().id;
    assert_eq!(id.as_str(), "1");
}

#[test]
fn each_mistake_has_a_name_and_a_place() {
    use RecordFaultKind::*;
    let id = |found: &str| {
        let found = found.to_owned();
        Field(IdFault::Invalid { found })
    };
    let syntax = |found: &str| Syntax {
        found: found.to_owned(),
    };
    let long = "a".repeat(33);
    let cases = [
        (
            "v=stsv1; id=1".to_owned(),
            1,
            VersionInvalid { meant: true },
        ),
        (
            " v=STSv1; id=1".to_owned(),
            1,
            VersionInvalid { meant: true },
        ),
        (
            "v=STSv2; id=1".to_owned(),
            1,
            VersionInvalid { meant: true },
        ),
        (
            "v=STSv10; id=1".to_owned(),
            1,
            VersionInvalid { meant: true },
        ),
        ("id=1; v=STSv1".to_owned(), 7, VersionNotFirst),
        (
            "v=STSv1; ID=1".to_owned(),
            10,
            KeyInCapitals { found: "ID".into() },
        ),
        ("v=STSv1; id=1 ".to_owned(), 10, Field(IdFault::Space)),
        (
            format!("v=STSv1; id={}", "1".repeat(33)),
            10,
            Field(IdFault::TooLong { length: 33 }),
        ),
        ("v=spf1 -all".to_owned(), 1, VersionInvalid { meant: false }),
        ("v=STSv1".to_owned(), 8, Field(IdFault::Missing)),
        ("v=STSv1;".to_owned(), 9, Field(IdFault::Missing)),
        ("v=STSv1; id=".to_owned(), 10, id("")),
        ("v=STSv1; id=2026-11-23".to_owned(), 10, id("2026-11-23")),
        ("v=STSv1; id=1 2".to_owned(), 10, Field(IdFault::Space)),
        (
            format!("v=STSv1; id={long};"),
            10,
            Field(IdFault::TooLong { length: long.len() }),
        ),
        ("\"v=STSv1; id=1;\"".to_owned(), 1, Quoted),
        ("v=STSv1; id=“1”;".to_owned(), 13, Quoted),
        ("v=STSv1\\; id=1\\;".to_owned(), 8, Backslash),
        ("v=STSv1 id=1".to_owned(), 8, syntax(" id=1")),
        ("v=STSv1, id=1".to_owned(), 8, syntax(", id=1")),
        ("v=STSv1;; id=1".to_owned(), 9, syntax(";")),
        ("v=STSv1; id=1;;".to_owned(), 15, syntax(";")),
        ("v=STSv1; id=1; note".to_owned(), 16, syntax("note")),
        ("v=STSv1; id=1; größe=x".to_owned(), 16, syntax("größe=x")),
        ("v=STSv1; id = 1".to_owned(), 10, syntax("id = 1")),
    ];
    for (text, column, kind) in cases {
        let reading = StsRecordReading::read(&text);
        let fault = reading
            .faults
            .iter()
            .find(|fault| fault.kind.breaks_rfc())
            .unwrap();
        assert_eq!((fault.column, &fault.kind), (column, &kind), "{text:?}");
        assert!(reading.record.is_none() && !fits_rfc(&text), "{text:?}");
    }
    let space = StsRecordReading::read("v=STSv1 ; id=1");
    assert_eq!(
        space.faults,
        [RecordFault {
            column: 8,
            kind: SpaceBeforeSemicolon
        }]
    );
    assert!(space.is_valid());
}

#[test]
fn the_one_record_is_chosen_before_it_is_read() {
    let one = StsSelection::of(&["v=spf1 -all", "v=STSv1; id=1", "v=STSv1 ; id=2"]);
    assert_eq!(
        one,
        StsSelection::One(StsRecordReading::read("v=STSv1; id=1"))
    );
    assert_eq!(
        StsSelection::of(&["v=stsv1; id=1", "v=STSv1"]),
        StsSelection::None
    );
    let two = ["v=STSv1; id=1".to_owned(), "v=STSv1; broken".to_owned()];
    assert_eq!(StsSelection::of(&two), StsSelection::Several(two.to_vec()));
    for near in [
        "v=stsv1;",
        " v=STSv1;",
        "\"v=STSv1; id=1\"",
        "v=STSv1 ;",
        "v = STSv1",
        "id=1; v=STSv1",
    ] {
        assert!(looks_like_sts(near), "{near}");
    }
    for other in [
        "v=spf1 -all",
        "v=TLSRPTv1; rua=mailto:a@b.example",
        "",
        "hosts=1",
    ] {
        assert!(!looks_like_sts(other), "{other}");
    }
}

#[test]
fn an_id_is_a_time_stamp_in_utc() {
    let id = PolicyId::from_utc(datetime!(2026-11-24 00:30:05 +9));
    assert_eq!(id.as_str(), "20261123153005Z");
    for moment in [
        datetime!(-9999-01-01 0:00 +23),
        datetime!(9999-12-31 23:59:59 -23),
    ] {
        assert!(PolicyId::parse(PolicyId::from_utc(moment).as_str()).is_ok());
    }
    assert!(serde_json::from_str::<PolicyId>("\"a-b\"").is_err());
}

#[test]
fn no_combination_of_pieces_is_misjudged() {
    let pieces = [
        "v=STSv1", ";", " ", "\t", "id=1", "id=", "a=b", "=", "\"", "\\", "ü", "v=stsv1", "id=a-b",
    ];
    let mut texts = vec![String::new()];
    for _ in 0..5 {
        texts = texts
            .iter()
            .flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}")))
            .collect();
        if texts.len() > 400 {
            // Only what begins rightly is worth going deeper into.
            texts.retain(|text| text.starts_with("v=STSv1"));
        }
        for text in &texts {
            let reading = StsRecordReading::read(text);
            assert_eq!(reading.is_valid(), fits_rfc(text), "{text:?} {reading:?}");
            let breaks = reading.faults.iter().any(|fault| fault.kind.breaks_rfc());
            assert_eq!(reading.is_valid(), !breaks, "{text:?} {reading:?}");
        }
    }
}
