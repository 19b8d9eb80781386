//! How far the policy file is, as it was fetched over each family of addresses.

use super::{Place, Sight, Stage};
use crate::code;
use crate::facts::{Chain, Facts, FailureKind, Observed, PolicyFetch};
use crate::judge;
use crate::publication::artifacts::Setup;
use crate::publication::propagation::Propagation;
use crate::rules::finding::{Area, Finding, Rule, Severity};
use crate::text::date_style::day;
use crate::text::escape::escaped;
use crate::text::policy::PolicyReading;
use crate::text::wording::duration;

/// The file over each family that its host has, and what the rules say of it.
pub(super) fn sights(propagation: &Propagation, setup: &Setup) -> (Vec<Sight>, Vec<Finding>) {
    let announced = is_announced(propagation);
    let sight = |place: Place, who: &str, seen: (Stage, String)| Sight {
        place,
        who: who.to_owned(),
        stage: seen.0,
        saw: seen.1,
        until: None,
    };
    let both = !propagation.policy_over_ipv6.is_not_asked();
    let who = if both {
        "the file over IPv4"
    } else {
        "the file"
    };
    let found = findings(propagation, &propagation.policy, setup);
    let mut sights = vec![sight(
        Place::Web,
        who,
        over_one_family(&propagation.policy, setup, &found, announced),
    )];
    let mut all_found = found;
    if both {
        let fetch = &propagation.policy_over_ipv6;
        let seen = if cannot_be_reached_from_here(fetch) {
            let why = "This computer couldn’t fetch it over IPv6. It may not have IPv6.";
            (Stage::Unknown, why.to_owned())
        } else {
            let found = findings(propagation, fetch, setup);
            let seen = over_one_family(fetch, setup, &found, announced);
            let is_new = |it: &Finding| !all_found.iter().any(|known| known.rule == it.rule);
            let new: Vec<Finding> = found.into_iter().filter(is_new).collect();
            all_found.extend(new);
            seen
        };
        sights.push(sight(Place::WebOverIpv6, "the file over IPv6", seen));
    }
    (sights, all_found)
}

/// A machine without IPv6 reaches nobody over it.
fn cannot_be_reached_from_here(fetch: &Observed<PolicyFetch>) -> bool {
    let failure = fetch.seen().and_then(|fetch| fetch.response.failed());
    failure.is_some_and(|failure| {
        matches!(
            failure.kind,
            FailureKind::Unreachable | FailureKind::Forbidden
        )
    })
}

fn over_one_family(
    fetch: &Observed<PolicyFetch>,
    setup: &Setup,
    findings: &[Finding],
    announced: bool,
) -> (Stage, String) {
    match fetch {
        Observed::NotAsked => (
            Stage::NotYet,
            "Skipped, because the policy host isn’t in the DNS yet.".to_owned(),
        ),
        Observed::Failed(failure) => (Stage::Unknown, failure.to_string()),
        Observed::Seen(fetch) => {
            let (stage, saw) = fetched(fetch, setup, findings, announced);
            (
                stage,
                [
                    saw,
                    kept_by_a_cache(fetch, stage),
                    certificate(fetch, setup),
                ]
                .concat(),
            )
        }
    }
}

/// A cache in front of the web host, where it shows something else than what is meant.
fn kept_by_a_cache(fetch: &PolicyFetch, stage: Stage) -> String {
    let response = fetch.response.seen().filter(|_| stage != Stage::Correct);
    let age_secs = response.and_then(|response| response.age_secs);
    age_secs
        .filter(|&secs| secs > 0)
        .map_or_else(String::new, |secs| {
            format!(
                " It came from a cache and is {} old (Age header). Empty that cache.",
                duration(u32::try_from(secs).unwrap_or(u32::MAX))
            )
        })
}

fn certificate(fetch: &PolicyFetch, setup: &Setup) -> String {
    let leaf = fetch.chain.seen().and_then(Chain::leaf);
    leaf.filter(|leaf| leaf.names(&setup.domain.policy_host()))
        .map_or_else(String::new, |leaf| {
            format!(" Its certificate is valid until {}.", day(leaf.not_after))
        })
}

/// Whether anybody sees an MTA-STS record, and so may already look for the file.
fn is_announced(propagation: &Propagation) -> bool {
    let texts = propagation
        .views
        .iter()
        .filter_map(|view| view.record.seen());
    texts
        .flat_map(|answer| &answer.records)
        .any(|text| crate::looks_like_sts(text))
}

fn fetched(
    fetch: &PolicyFetch,
    setup: &Setup,
    findings: &[Finding],
    announced: bool,
) -> (Stage, String) {
    if let Some(finding) = findings.iter().find(|finding| {
        finding.rule.area == Area::PolicyHost && finding.severity == crate::Severity::Problem
    }) {
        // A policy host that is there before its site, certificate or file is the normal way.
        let stage = if announced {
            Stage::Wrong
        } else {
            Stage::NotYet
        };
        return (stage, finding.evidence.clone());
    }
    let Some(response) = fetch.response.seen() else {
        let reason = fetch
            .response
            .failed()
            .map_or("no answer".into(), ToString::to_string);
        return (Stage::Unknown, format!("We couldn’t fetch it: {reason}."));
    };
    let expected = setup.policy.write();
    if response.body.0 == expected.as_bytes() {
        return (Stage::Correct, "Exactly the right file.".into());
    }
    let reading = PolicyReading::read(&response.body.0);
    match reading.policy {
        Some(policy) if policy == setup.policy => (
            Stage::Correct,
            "It means the same as your file, but is written differently.".into(),
        ),
        Some(policy) => {
            let lines: Vec<&str> = policy.mx().iter().map(crate::MxPattern::as_str).collect();
            let saw = format!(
                "Old version: mode {}, {}, max_age {}.",
                policy.mode(),
                escaped(&lines.join(" "), 160),
                duration(policy.max_age().secs())
            );
            (Stage::Old, saw)
        }
        None => {
            let cause = reading.faults.first().map_or_else(String::new, |fault| {
                format!(" Line {}: {}.", fault.line, fault.kind)
            });
            (Stage::Wrong, format!("This isn’t a valid policy.{cause}"))
        }
    }
}

/// The rules judge what the system's resolver and the fetch saw, so that step 3 names a mistake in
/// the same words as step 1.
fn findings(
    propagation: &Propagation,
    fetch: &Observed<PolicyFetch>,
    setup: &Setup,
) -> Vec<Finding> {
    let mut facts = Facts::new(setup.domain.clone(), propagation.asked_at);
    facts.policy = fetch.clone();
    let of_the_file = |rule: &Rule| {
        matches!(rule.area, Area::PolicyHost | Area::PolicyFile)
            && rule.code != code::POLICY_MODE_NONE
    };
    let mut findings = judge::run(&facts, of_the_file);
    findings.retain(|finding| finding.severity <= Severity::Attention);
    findings
}
