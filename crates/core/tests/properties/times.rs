//! Facts whose times are anything that the calendar has: judged, shown, compared, and no panic.

use mta_sts_core::facts::{Certificate, Chain, KnownPolicy};
use mta_sts_core::{Facts, Observed, Observer, Progress, Propagation, ServerView, in_utc, judge};
use time::OffsetDateTime;

/// Gives every time in the facts a value of its own and looks at all that follows.
pub(crate) fn hold(mut facts: Facts, times: &[OffsetDateTime]) {
    let mut times = times.iter().copied().cycle();
    let mut next = || times.next().unwrap_or(OffsetDateTime::UNIX_EPOCH);
    facts.checked_at = next();
    let known = facts.published();
    let at = next();
    facts.earlier = known.clone().map(|it| KnownPolicy { at, ..it });
    let at = next();
    facts.written = known.map(|it| KnownPolicy { at, ..it });
    let name_server = Observer::NameServer {
        name: "ns1.example.com".into(),
        ip: [192, 0, 2, 53].into(),
    };
    facts.name_servers = [name_server, Observer::SystemResolver]
        .map(|observer| view(observer, &facts, next()))
        .into();
    for certificate in certificates(&mut facts) {
        (certificate.not_before, certificate.not_after) = (next(), next());
    }

    facts.observed_on = Some("mail.example.com".into());
    let report = judge(&facts);
    assert!(report.to_html().ends_with("</html>"));
    assert!(report.provenance(next()).is_some());
    // RFC 3339 ends with the years 0 and 9999. Beyond, writing is refused.
    let _ = serde_json::to_string(&report);
    if let Ok(saved) = facts.to_json() {
        let again = Facts::from_json(&saved).map(|it| it.checked_at);
        assert_eq!(again.ok(), Some(in_utc(facts.checked_at)), "{saved}");
    }

    let mut seen = Propagation::new(next());
    seen.views.clone_from(&facts.name_servers);
    seen.policy = facts.policy.clone();
    seen = seen.again(next());
    if let Some(setup) = seen.published(&facts.domain) {
        for sight in Progress::of(&seen, &setup).all() {
            assert!(!sight.told(next().offset()).is_empty());
        }
    }
}

fn view(observer: Observer, facts: &Facts, asked_at: OffsetDateTime) -> ServerView {
    ServerView {
        observer,
        asked_at: Some(asked_at),
        record: facts.record.clone(),
        tls_rpt: facts.tls_rpt.clone(),
        policy_host: facts.policy_host.clone(),
        mx: Observed::NotAsked,
    }
}

/// Every certificate in the facts.
fn certificates(facts: &mut Facts) -> impl Iterator<Item = &mut Certificate> {
    fn of_chain(chain: &mut Observed<Chain>) -> &mut [Certificate] {
        match chain {
            Observed::Seen(chain) => &mut chain.certificates,
            _ => &mut [],
        }
    }
    let policy = match &mut facts.policy {
        Observed::Seen(fetch) => of_chain(&mut fetch.chain),
        _ => &mut [],
    };
    let sessions = facts
        .mail_servers
        .iter_mut()
        .flat_map(|it| &mut it.sessions);
    sessions
        .flat_map(|it| of_chain(&mut it.chain))
        .chain(policy)
}
