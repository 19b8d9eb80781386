//! Every practice domain through the real command: the codes, the form, and the exit status.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jsonschema::Validator;
use mta_sts_lab::{Scenario, scenarios};
use serde_json::Value;

use crate::schema::{faults, validator};
use crate::{codes, mta_sts};

/// Practice domains that are played at the same time. Most of the time is spent waiting for
/// servers that are slow on purpose, so this is no matter of processors.
const AT_ONCE: usize = 4;

/// Seconds to wait for an answer: far beyond what an answer on this machine takes, and short of
/// what a server that never answers would cost.
const PATIENCE_SECS: &str = "5";

/// The same for a server that is slow on purpose.
const LONG_PATIENCE_SECS: &str = "15";

#[test]
fn every_practice_domain_is_judged_as_its_scenario_says() {
    let validator = validator("report-v1");
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(scenario) = scenarios().get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(difference) = check(scenario, &validator) {
                        wrong.lock().unwrap().push(difference);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(next.into_inner() > scenarios().len() && scenarios().len() > 20);
}

#[test]
fn a_doubt_alone_is_status_2_and_a_problem_beside_it_is_status_1() {
    for (domain, status) in [
        ("healthy.example", 0),
        ("healthy-testing.example", 0),
        ("short-policy.example", 1),
        ("two-records.example", 1),
        ("dns-servfail.example", 2),
    ] {
        let ran = mta_sts(&["check", "--practice", domain]);
        assert_eq!(ran.status, status, "{ran:?}");
    }
}

fn check(scenario: &Scenario, validator: &Validator) -> Result<(), String> {
    let domain = &scenario.domain;
    let is_slow = scenario.expected.iter().any(|code| code == "greeting-slow");
    let timeout = if is_slow {
        LONG_PATIENCE_SECS
    } else {
        PATIENCE_SECS
    };
    let ran = mta_sts(&[
        "check",
        "--practice",
        domain,
        "--json",
        "--legacy",
        "--timeout",
        timeout,
    ]);
    let report: Value =
        serde_json::from_str(&ran.stdout).map_err(|error| format!("{domain}: {error}: {ran:?}"))?;
    let form = faults(validator, &report);
    if !form.is_empty() {
        return Err(format!("{domain}: {form}"));
    }
    let mut found = codes(&report["findings"]);
    found.extend(codes(&report["not_checked"]));
    found.sort_unstable();
    found.dedup();
    if found != scenario.expected {
        return Err(format!(
            "{domain}: {found:?} instead of {:?}",
            scenario.expected
        ));
    }
    let status = status(&report);
    if ran.status != status {
        return Err(format!(
            "{domain}: status {} instead of {status}",
            ran.status
        ));
    }
    Ok(())
}

/// The exit status as the documentation tells it.
fn status(report: &Value) -> i32 {
    let found = |severity: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .any(|finding| finding["severity"] == severity)
    };
    let doubt = !report["not_checked"].as_array().unwrap().is_empty();
    if found("problem") {
        1
    } else if doubt {
        2
    } else {
        i32::from(found("attention"))
    }
}
