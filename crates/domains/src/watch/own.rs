//! Two faults that a single check can’t judge, or that no rule is about: they show only to who
//! watches.

use std::collections::BTreeMap;

use mta_sts_core::{Facts, Observer, Severity, escaped};

use super::{Found, MAX_NAME_CHARS};

/// The code of a policy that takes much longer to arrive than it did.
pub(super) const POLICY_SLOWER: &str = "policy-slower";
/// The code of name servers that give different MX records.
pub(super) const MX_ANSWERS_DIFFER: &str = "mx-answers-differ";

/// So many fetches are remembered.
const MAX_FETCHES: usize = 7;
/// With fewer fetches, nobody knows what is usual.
const MIN_FETCHES: usize = 3;
/// Slower than usual: so many times as long, and longer than this.
const SLOWER_TIMES: u64 = 4;
const SLOWER_MILLIS: u64 = 3_000;
/// Records of one answer that a sentence lists.
const MAX_RECORDS: usize = 10;

/// The fault in a few words.
pub(super) fn title(code: &str) -> Option<&'static str> {
    match code {
        POLICY_SLOWER => Some("the policy file takes much longer to arrive than usual"),
        MX_ANSWERS_DIFFER => Some("the name servers give different MX records"),
        _ => None,
    }
}

/// Whether the policy takes much longer than at the last runs.
pub(super) fn policy_slower(facts: &Facts, known: &[u64], is_known_slow: bool) -> Option<Found> {
    let now = fetch_millis(facts)?;
    let mut sorted = known.to_vec();
    sorted.sort_unstable();
    let usual = *sorted.get(sorted.len() / 2)?;
    let has_enough = is_known_slow || known.len() >= MIN_FETCHES;
    let is_slower = now > SLOWER_MILLIS && now > usual.saturating_mul(SLOWER_TIMES);
    (has_enough && is_slower).then(|| Found {
        code: POLICY_SLOWER,
        subject: facts.domain.policy_host(),
        severity: Severity::Attention,
        evidence: format!(
            "It took {}, and {} at the last runs. Some senders don’t wait that long.",
            seconds(now),
            seconds(usual)
        ),
        fix: format!(
            "Look at the load and the logs of the web server. Serve {} as a static file.",
            facts.domain.policy_url()
        ),
    })
}

/// The times to compare the next fetch with. Slow ones never become the usual.
pub(super) fn fetch_times(facts: &Facts, known: &[u64], is_slow: bool) -> Vec<u64> {
    let new = fetch_millis(facts).filter(|_| !is_slow);
    let all: Vec<u64> = known.iter().copied().chain(new).collect();
    all[all.len().saturating_sub(MAX_FETCHES)..].to_vec()
}

fn fetch_millis(facts: &Facts) -> Option<u64> {
    let fetch = facts.policy.seen()?;
    fetch.response.seen().map(|_| fetch.millis)
}

fn seconds(millis: u64) -> String {
    format!("{}.{} seconds", millis / 1000, millis % 1000 / 100)
}

/// Whether name servers of the zone give different MX records.
pub(super) fn mx_answers_differ(facts: &Facts) -> Option<Found> {
    let mut answers: BTreeMap<Vec<(u16, &str)>, Vec<String>> = BTreeMap::new();
    for view in &facts.name_servers {
        if let (Observer::NameServer { name, ip }, Some(answer)) = (&view.observer, view.mx.seen())
        {
            let mut records: Vec<(u16, &str)> = answer
                .records
                .iter()
                .map(|it| (it.preference, it.exchange.as_str()))
                .collect();
            records.sort_unstable();
            let server = format!("{} ({ip})", escaped(name, MAX_NAME_CHARS));
            answers.entry(records).or_default().push(server);
        }
    }
    if answers.len() < 2 {
        return None;
    }
    let given = answers.iter().map(|(records, servers)| {
        let give = if servers.len() == 1 { "gives" } else { "give" };
        format!("{} {give} {}", servers.join(", "), told(records))
    });
    let given: Vec<String> = given.collect();
    Some(Found {
        code: MX_ANSWERS_DIFFER,
        subject: facts.domain.to_string(),
        severity: Severity::Attention,
        evidence: format!("{}.", given.join("; ")),
        fix: "If you changed the MX records within the last hour, wait: the change takes time to \
              reach every name server. Otherwise make sure that all name servers have the same zone."
            .to_owned(),
    })
}

fn told(records: &[(u16, &str)]) -> String {
    if records.is_empty() {
        return "no MX record".to_owned();
    }
    let records = records.iter().take(MAX_RECORDS);
    let records =
        records.map(|(preference, host)| format!("{preference} {}", escaped(host, MAX_NAME_CHARS)));
    records.collect::<Vec<_>>().join(", ")
}
