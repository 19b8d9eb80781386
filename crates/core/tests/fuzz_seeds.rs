//! Replays the seeds of the fuzz targets, `fuzz/seeds/TARGET/`, with the stable compiler. An input
//! that once broke a property is kept there.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from the disk"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a seed that cannot be read fails the test"
)]

mod properties;

use std::fs;
use std::path::Path;

/// Every seed holds, and the property sees both what is accepted and what is refused.
#[track_caller]
fn replay(target: &str, holds: fn(&[u8]) -> bool) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(target);
    let accepted: Vec<bool> = fs::read_dir(seeds)
        .unwrap()
        .map(|seed| holds(&fs::read(seed.unwrap().path()).unwrap()))
        .collect();
    assert!(accepted.contains(&true), "{target}: no seed is accepted");
    assert!(accepted.contains(&false), "{target}: no seed is refused");
}

#[test]
fn policies_hold() {
    replay("policy", properties::policy::holds);
}

#[test]
fn announcement_records_hold() {
    replay("sts_record", properties::sts_record::holds);
}

#[test]
fn tls_report_records_hold() {
    replay("tls_rpt_record", properties::tls_rpt_record::holds);
}

#[test]
fn tls_reports_hold() {
    replay("tls_report", properties::tls_report::holds);
}

#[test]
fn report_addresses_hold() {
    replay("rua", properties::rua::holds);
}

#[test]
fn facts_hold() {
    replay("facts", properties::facts::holds);
}

#[test]
fn html_reports_hold() {
    replay("html_report", properties::html_report::holds);
    replay("facts", properties::html_report::holds);
}
