//! How far the two records and the address of the policy host are at one observer.

use std::net::IpAddr;

use super::Stage;
use crate::facts::{Answer, Observed};
use crate::publication::artifacts::Setup;
use crate::text::escape::escaped;
use crate::text::sts_record::StsSelection;
use crate::text::tls_rpt_record::TlsRptSelection;

pub(super) fn record(answer: &Observed<Answer<String>>, setup: &Setup) -> (Stage, String) {
    let answer = match looked_up(answer) {
        Ok(answer) => answer,
        Err(unknown) => return unknown,
    };
    match StsSelection::of(&answer.records) {
        StsSelection::None => match near_miss(&answer.records, crate::looks_like_sts) {
            Some(text) => (Stage::Wrong, format!("This record isn’t valid: {text}")),
            None => (Stage::NotYet, "No MTA-STS record yet.".into()),
        },
        StsSelection::Several(texts) => (
            Stage::Wrong,
            format!(
                "There are {} MTA-STS records, but there must be exactly one.",
                texts.len()
            ),
        ),
        StsSelection::One(reading) => match reading.record {
            None => (
                Stage::Wrong,
                format!("This record isn’t valid: {}", quoted(&answer.records)),
            ),
            Some(record) if record.id == setup.id => {
                (Stage::Correct, format!("It has id {}.", record.id))
            }
            Some(record) => (Stage::Old, format!("It has a different id: {}.", record.id)),
        },
    }
}

pub(super) fn tls_report(answer: &Observed<Answer<String>>, expected: &str) -> (Stage, String) {
    let answer = match looked_up(answer) {
        Ok(answer) => answer,
        Err(unknown) => return unknown,
    };
    match TlsRptSelection::of(&answer.records) {
        TlsRptSelection::None => match near_miss(&answer.records, crate::looks_like_tls_rpt) {
            Some(text) => (Stage::Wrong, format!("This record isn’t valid: {text}")),
            None => (Stage::NotYet, "No TLS-RPT record yet.".into()),
        },
        TlsRptSelection::Several(texts) => (
            Stage::Wrong,
            format!(
                "There are {} TLS-RPT records, but there must be exactly one.",
                texts.len()
            ),
        ),
        TlsRptSelection::One(reading) => match reading.record {
            None => (
                Stage::Wrong,
                format!("This record isn’t valid: {}", quoted(&answer.records)),
            ),
            Some(record) => {
                let addresses: Vec<String> = record.rua.iter().map(ToString::to_string).collect();
                let saw = format!("Reports go to {}", escaped(&addresses.join(", "), 200));
                if record.write() == expected {
                    (Stage::Correct, saw + ".")
                } else {
                    (Stage::Old, saw + ".")
                }
            }
        },
    }
}

pub(super) fn policy_host(answer: &Observed<Answer<IpAddr>>) -> (Stage, String) {
    let answer = match looked_up(answer) {
        Ok(answer) => answer,
        Err(unknown) => return unknown,
    };
    if answer.records.is_empty() {
        return (Stage::NotYet, "No address yet.".into());
    }
    let addresses: Vec<String> = answer.records.iter().map(ToString::to_string).collect();
    (
        Stage::Correct,
        format!("It resolves to {}.", addresses.join(", ")),
    )
}

fn looked_up<T>(answer: &Observed<Answer<T>>) -> Result<&Answer<T>, (Stage, String)> {
    match answer {
        Observed::Seen(answer) => Ok(answer),
        Observed::Failed(failure) => {
            Err((Stage::Unknown, format!("The lookup failed: {failure}.")))
        }
        Observed::NotAsked => Err((
            Stage::NotYet,
            "We’ll check here once the name servers have it, so that this resolver doesn’t cache \
             “no record”."
                .into(),
        )),
    }
}

fn near_miss(texts: &[String], looks_like: impl Fn(&str) -> bool) -> Option<String> {
    texts
        .iter()
        .find(|text| looks_like(text))
        .map(|text| escaped(text, 120))
}

fn quoted(texts: &[String]) -> String {
    escaped(&texts.join(" | "), 160)
}
