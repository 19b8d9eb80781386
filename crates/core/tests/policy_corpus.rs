//! The policy reader against real policy files and an independent opinion of each.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]

use std::fs;
use std::path::Path;

use mta_sts_core::{MxPatternError, PolicyFaultKind, PolicyReading, SyntaxCause};

#[test]
fn the_verdict_on_real_files_is_that_of_the_independent_reading() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let labels: serde_json::Value =
        serde_json::from_slice(&fs::read(corpus.join("labels.json")).unwrap()).unwrap();
    let labels = labels.as_object().unwrap();
    assert_eq!(labels.len(), 59);
    for (file, label) in labels {
        let reading = PolicyReading::read(&fs::read(corpus.join(file)).unwrap());
        assert_eq!(
            Some(reading.valid),
            label["abnf_ok"].as_bool(),
            "{file}: {reading:?}"
        );
        // Files that only carry a warning are policies to senders, also with an empty line.
        assert_eq!(
            reading.policy.is_some(),
            label["verdict"] != "invalid",
            "{file}"
        );
    }
}

#[test]
fn each_broken_file_is_told_its_one_cause() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let expected = [
        (
            "021.txt",
            3,
            PolicyFaultKind::MxInvalid(MxPatternError::TrailingDot),
        ),
        (
            "051.txt",
            1,
            PolicyFaultKind::Syntax(SyntaxCause::FrontMatter),
        ),
        ("069.txt", 5, PolicyFaultKind::BlankLine),
        (
            "078.txt",
            3,
            PolicyFaultKind::MxInvalid(MxPatternError::Url),
        ),
        ("105.txt", 6, PolicyFaultKind::BlankLine),
        (
            "120.txt",
            1,
            PolicyFaultKind::Syntax(SyntaxCause::PastedTxtRecord),
        ),
        ("177.txt", 3, PolicyFaultKind::Syntax(SyntaxCause::YamlList)),
    ];
    for (file, line, kind) in expected {
        let reading = PolicyReading::read(&fs::read(corpus.join(file)).unwrap());
        let found: Vec<_> = reading
            .faults
            .iter()
            .map(|f| (f.line, f.kind.clone()))
            .collect();
        assert_eq!(found, [(line, kind)], "{file}");
    }
}
